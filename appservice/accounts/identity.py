"""Which account belongs to a person: computed from the person's id, so there is nothing to remember
and nothing to lose.

The localpart is opaque (no name, no roster id can be read out of it) and the same on every run,
after a crash, and over an emptied database, as long as the secret and the name space stay.
"""

from __future__ import annotations

import hmac
import re
from base64 import b32encode
from typing import Final, Protocol

from appservice.accounts.settings import MARK_PROVIDER, TO_BE_GENERATED, AccountsSettings
from appservice.errors import Refused
from appservice.language import _
from appservice.school.model import Person

# Of 5 bits each: that two of 100,000 people come out alike has a chance of 1 in 200 million.
LOCALPART_DIGITS: Final = 12
MARK_DIGITS: Final = 32  # hexadecimal
TAG_DIGITS: Final = 8

_USER_ID: Final = re.compile(r"@(?P<localpart>[^:\s]+):(?P<server>\S+)")


class Identities(Protocol):
    """Person → account. `user_id` is None for somebody who cannot have one (unknown to the external
    backend).
    """

    def user_id(self, person: Person) -> str | None: ...

    def user_id_of(self, person_id: str) -> str | None:
        """Of a person whose row is not in the roster; None where the id alone does not tell."""
        ...

    def external_ids(self, person: Person) -> tuple[tuple[str, str], ...]:
        """(auth provider, id) pairs that the account must carry, sorted."""
        ...


class ComputedIdentities:
    """Accounts that we make: "@" + prefix + 12 base32 digits of HMAC-SHA256(secret, name space,
    NUL, person id).
    """

    def __init__(self, settings: AccountsSettings, *, namespace: str, server_name: str) -> None:
        secret = settings.localpart_secret.get_secret_value()
        if secret in ("", TO_BE_GENERATED):
            raise Refused(
                _(
                    "accounts.localpart_secret is not set: account names are computed with it."
                    " Let the registration be generated, or write a long random text there, once"
                    " and for ever."
                )
            )
        self._key = secret.encode()
        self._salt = namespace.encode() + b"\0"
        self._tag = hmac.digest(self._key, b"mark", "sha256").hex()[:TAG_DIGITS] + "."
        self._prefix = f"@{settings.localpart_prefix}"
        self._server = f":{server_name}"
        self._providers = settings.external_ids

    def user_id(self, person: Person) -> str:
        return self.user_id_of(person.person_id)

    def user_id_of(self, person_id: str) -> str:
        digits = b32encode(self._digest(person_id)[:10]).decode().lower()
        return f"{self._prefix}{digits[:LOCALPART_DIGITS]}{self._server}"

    def mark(self, person_id: str) -> str:
        """The external id (auth provider "org.schoolspaces") that says: this account is ours, and
        whose it is.

        It begins with a tag of the secret, so that two deployments on one homeserver never take
        each other's people.
        """
        return self._tag + self._digest(person_id).hex()[:MARK_DIGITS]

    def is_our_mark(self, mark: str) -> bool:
        return mark.startswith(self._tag) and len(mark) == len(self._tag) + MARK_DIGITS

    def external_ids(self, person: Person) -> tuple[tuple[str, str], ...]:
        mark = (MARK_PROVIDER, self.mark(person.person_id))
        bound = [
            (self._providers[name], value)
            for name, value in person.external_ids
            if name in self._providers
        ]
        return tuple(sorted([mark, *bound])) if bound else (mark,)

    def could_be_ours(self, user_id: str) -> bool:
        """Whether the name has the shape of those that we compute; the mark decides."""
        return (
            user_id.startswith(self._prefix)
            and user_id.endswith(self._server)
            and len(user_id) == len(self._prefix) + LOCALPART_DIGITS + len(self._server)
        )

    def _digest(self, person_id: str) -> bytes:
        return hmac.digest(self._key, self._salt + person_id.encode(), "sha256")


class RosterIdentities:
    """Accounts that others made: an external id in the roster names them, whole
    ("@anna:example.org") or the localpart.
    """

    def __init__(self, settings: AccountsSettings, *, server_name: str) -> None:
        self._provider = settings.external_provider
        self._server_name = server_name

    def user_id(self, person: Person) -> str | None:
        for provider, value in person.external_ids:
            if provider == self._provider:
                return self._whole(value)
        return None

    def user_id_of(self, person_id: str) -> None:
        return None

    def external_ids(self, person: Person) -> tuple[tuple[str, str], ...]:
        return ()  # not ours to set

    def _whole(self, value: str) -> str | None:
        if not value.startswith("@"):
            value = f"@{value}:{self._server_name}"
        match = _USER_ID.fullmatch(value)
        # Only this homeserver's own users can be joined without being asked.
        return value if match is not None and match["server"] == self._server_name else None


def identities(settings: AccountsSettings, *, namespace: str, server_name: str) -> Identities:
    """Those of the backend that the settings name."""
    if settings.backend == "external":
        return RosterIdentities(settings, server_name=server_name)
    return ComputedIdentities(settings, namespace=namespace, server_name=server_name)
