"""The `page:` section of the configuration: where the diary page is, and in which clients."""

from __future__ import annotations

from typing import Final

from pydantic import Field, IPvAnyAddress

from appservice.school.settings import Section
from appservice.web.addresses import HttpAddress, Origin

_THIS_MACHINE: Final = ("127.0.0.1", "::1")


class PageSettings(Section):
    """The diary page; off without an address."""

    # What people's browsers open, the reverse proxy's address of /diary-page/ here.
    address: HttpAddress | None = None
    # Matrix clients in whose rooms the page may stand as a widget. Without them: by link alone.
    clients: tuple[Origin, ...] = ()
    # Reverse proxies whose X-Forwarded-For we believe.
    proxies: tuple[IPvAnyAddress, ...] = Field(default=_THIS_MACHINE, validate_default=True)

    @property
    def widget(self) -> str:
        """What the rooms' widgets open; "" where there are none."""
        return f"{self.address}/" if self.address and self.clients else ""

    def link(self, secret: str) -> str:
        """What the bot sends to one person: the secret stands where no server sees it."""
        return f"{self.address}/#link={secret}"
