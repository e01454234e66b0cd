"""The sections that belong to no part of the house: where the others are, and where we are."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, model_validator

from appservice.language import _
from appservice.school.settings import Section
from appservice.web.addresses import HttpAddress

GENERATE: Final = "generate"
"""Stands for a secret that `school-spaces registration -g` is to make."""

_SHORTEST_SECRET = 16
_SERVER_NAME = re.compile(r"(?:[A-Za-z0-9.-]{1,255}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")
_LOCALPART = re.compile(r"[a-z0-9._=/+-]{1,100}")


def _server_name(text: str) -> str:
    if "//" in text:
        raise ValueError(
            _("the domain alone is needed here, the part of @user:domain after the colon.")
        )
    if not _SERVER_NAME.fullmatch(text):
        raise ValueError(_("this is no domain: school.example, or host:port."))
    return text


def _localpart(text: str) -> str:
    if not _LOCALPART.fullmatch(text):
        raise ValueError(
            _(
                "the part of a user id between @ and : is needed here: small Latin letters,"
                " digits, and . _ = - / +."
            )
        )
    return text


def _secret(value: SecretStr) -> SecretStr:
    text = value.get_secret_value()
    if text != GENERATE and len(text) < _SHORTEST_SECRET:
        raise ValueError(
            _(
                "this secret is too short: at least 16 characters. Write `generate` and run"
                " `school-spaces registration -g`."
            )
        )
    return value


def _database_url(value: SecretStr) -> SecretStr:
    parts = urlsplit(value.get_secret_value())
    if parts.scheme not in ("postgresql", "postgres") or len(parts.path) < 2:
        raise ValueError(
            _("an address like postgresql://user:password@host/school_spaces is needed here.")
        )
    return value


Secret = Annotated[SecretStr, AfterValidator(_secret)]


class HomeserverSection(Section):
    """Where Synapse is."""

    url: HttpAddress
    server_name: Annotated[str, AfterValidator(_server_name)]
    # How long a request is tried again before it counts as failed, in seconds.
    patience: float = Field(default=60.0, ge=1, le=3600)


class AppserviceSection(Section):
    """Where we are, and who we are to Synapse."""

    id: Annotated[str, AfterValidator(_localpart)] = "school-spaces"
    address: HttpAddress = "http://localhost:29380"
    hostname: str = "127.0.0.1"
    port: int = Field(default=29380, ge=1, le=65535)
    bot: Annotated[str, AfterValidator(_localpart)] = "school"
    as_token: Secret = SecretStr(GENERATE)
    hs_token: Secret = SecretStr(GENERATE)
    registration: Path = Path("registration.yaml")


class DatabaseSection(Section):
    """Which PostgreSQL: a given one, or our own in a folder."""

    url: Annotated[SecretStr, AfterValidator(_database_url)] | None = None
    folder: Path = Path("postgres")

    @model_validator(mode="after")
    def _one_of_two(self) -> DatabaseSection:
        if self.url is not None and "folder" in self.model_fields_set:
            raise ValueError(_("either `url` or `folder` may stand here, not both."))
        return self


class LoggingSection(Section):
    """How much we say while we run."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    # plain: lines for people. json: an object a line, for a collector.
    format: Literal["plain", "json"] = "plain"
