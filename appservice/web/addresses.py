"""Addresses of the web as a configuration names them."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator

from appservice.language import _


def _http_address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(_("an address like https://matrix.school.example is needed here."))
    if parts.username or parts.password:
        raise ValueError(_("an address may not hold a name or password."))
    if parts.query or parts.fragment:
        raise ValueError(_("an address may not hold `?` or `#`."))
    return text.rstrip("/")


def _origin(text: str) -> str:
    text = _http_address(text)
    parts = urlsplit(text)
    # What stands here goes into a header: nothing but a host and a port may.
    if parts.path or not parts.netloc.replace("[", "").replace("]", "").isascii():
        raise ValueError(_("the origin alone is needed here: https://chat.school.example."))
    if any(each in parts.netloc for each in " ;,'\"*\\"):
        raise ValueError(_("the origin alone is needed here: https://chat.school.example."))
    return f"{parts.scheme}://{parts.netloc.lower()}"


HttpAddress = Annotated[str, AfterValidator(_http_address)]
Origin = Annotated[str, AfterValidator(_origin)]
