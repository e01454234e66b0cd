"""What a request says of its sender: an address to count by, and a language."""

from __future__ import annotations

from collections.abc import Collection
from ipaddress import IPv4Address, IPv6Address, ip_address

from aiohttp import web

from appservice.language import Language

IpAddress = IPv4Address | IPv6Address


class Callers:
    def __init__(self, proxies: Collection[IpAddress]) -> None:
        self._proxies = frozenset(proxies)

    def of(self, request: web.Request) -> str:
        """The address of whoever called; behind proxies of ours, the last that is none of them."""
        hops = [*request.headers.get("X-Forwarded-For", "").split(","), request.remote or ""]
        while len(hops) > 1 and _address(hops[-1]) in self._proxies and _address(hops[-2]):
            hops.pop()
        found = _address(hops[-1])
        if isinstance(found, IPv6Address):  # one household has a whole network
            return f"{found.exploded[:19]}::/64"
        return str(found)


def _address(text: str) -> IpAddress | None:
    try:
        found = ip_address(text.strip())
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found


def accepted_language(request: web.Request) -> Language | None:
    """The first of ours that the browser names, in its order; None when it names neither."""
    for part in request.headers.get("Accept-Language", "")[:200].split(","):
        tag = part.split(";")[0].strip()[:2].lower()
        if tag == "ru":
            return "ru"
        if tag == "en":
            return "en"
    return None
