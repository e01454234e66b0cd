"""The registration of an application service, as the homeserver reads it."""

import re
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from ruamel.yaml import YAML


@dataclass(frozen=True, slots=True)
class Registration:
    """One application service that holds its bot and its aliases, and nobody else.

    `url` is where it takes transactions. `alias_prefix` begins every alias it keeps for itself,
    without the `#` ("school-7." for #school-7.5a:school.example). Source: Matrix application
    service specification, "Registration".
    """

    id: str
    url: str
    sender_localpart: str
    alias_prefix: str
    as_token: str = field(repr=False)
    hs_token: str = field(repr=False)

    @classmethod
    def with_new_tokens(
        cls, id: str, url: str, sender_localpart: str, alias_prefix: str
    ) -> "Registration":
        """A registration with fresh random tokens."""
        return cls(
            id=id,
            url=url,
            sender_localpart=sender_localpart,
            alias_prefix=alias_prefix,
            as_token=secrets.token_hex(32),
            hs_token=secrets.token_hex(32),
        )

    def content(self, server_name: str) -> dict[str, object]:
        """What the registration file says."""
        server = re.escape(server_name)
        bot = re.escape(self.sender_localpart)
        return {
            "id": self.id,
            "url": self.url,
            "as_token": self.as_token,
            "hs_token": self.hs_token,
            "sender_localpart": self.sender_localpart,
            "rate_limited": False,
            "receive_ephemeral": False,
            "namespaces": {
                "users": [{"exclusive": True, "regex": f"@{bot}:{server}"}],
                "aliases": [
                    {"exclusive": True, "regex": f"#{re.escape(self.alias_prefix)}.*:{server}"}
                ],
                "rooms": [],
            },
        }

    def write(self, path: Path, server_name: str) -> None:
        """Write the registration file, readable by its owner alone."""
        path.touch(mode=0o600)
        with path.open("w", encoding="utf-8") as file:
            YAML(typ="safe").dump(self.content(server_name), file)
