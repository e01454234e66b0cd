"""The `accounts:` section of the configuration."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from string import Formatter
from types import MappingProxyType
from typing import Annotated, Final, Literal, Self

from pydantic import Field, SecretStr, StringConstraints, field_validator, model_validator

from appservice.language import _
from appservice.school.model import Role
from appservice.school.settings import Section
from appservice.year.leavers import LeaversSettings

TO_BE_GENERATED: Final = "generate"
"""Stands in a new configuration where a secret belongs that nobody has made yet."""

MARK_PROVIDER: Final = "org.schoolspaces"
"""The auth provider of the external id by which we know the accounts that we made."""

NAME_PARTS: Final = frozenset({"family_name", "given_name", "patronymic", "badge"})

_BADGES: Final[Mapping[Role, str]] = MappingProxyType(
    {Role.SCHOOL_ADMIN: "🎓", Role.CLASS_TEACHER: "🎓", Role.TEACHER: "🎓"}
)

LocalpartPrefix = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9._=/-]{0,31}$")]
Provider = Annotated[str, StringConstraints(min_length=1, max_length=255)]


class InitialPasswords(Section):
    """Whether new accounts get a password, and into which file (readable by its owner alone) it
    goes.
    """

    mode: Literal["off", "generate"] = "off"
    file: Path = Path("initial-passwords.csv")


class AccountsSettings(Section):
    """How people become accounts."""

    # synapse: we make the accounts. external: somebody else does, and the roster says which they
    # are.
    backend: Literal["synapse", "external"] = "synapse"
    localpart_prefix: LocalpartPrefix = "u"
    # Account names are computed with it: whoever changes it gives everybody a new account.
    localpart_secret: SecretStr = SecretStr(TO_BE_GENERATED)
    # From {family_name}, {given_name}, {patronymic}, {badge}; the badge ends the name where it is
    # not placed.
    display_name: str = "{family_name} {given_name} {patronymic}"
    # The first of these roles that a person holds gives the badge.
    badges: Mapping[Role, str] = Field(default_factory=lambda: dict(_BADGES))
    # For sign-in through an identity provider: provider in the roster → auth provider of the
    # homeserver.
    external_ids: Mapping[Provider, Provider] = Field(default_factory=dict)
    initial_passwords: InitialPasswords = Field(default_factory=InitialPasswords)
    # synapse only: when the accounts of those who left are closed.
    leavers: LeaversSettings = Field(default_factory=LeaversSettings)
    # external only: which of the roster's external ids is the Matrix account (a whole user id or a
    # localpart).
    external_provider: Provider = "matrix"

    @field_validator("display_name")
    @classmethod
    def _name_of_known_parts(cls, template: str) -> str:
        try:
            parts = {
                name
                for _text, name, _spec, _conversion in Formatter().parse(template)
                if name is not None
            }
        except ValueError as error:
            raise ValueError(_("This is not a template: {error}").format(error=error)) from error
        if unknown := sorted(parts - NAME_PARTS):
            raise ValueError(
                _("A name has no part called {unknown}; there are {known}.").format(
                    unknown=", ".join(f"{{{name}}}" for name in unknown),
                    known=", ".join(f"{{{name}}}" for name in sorted(NAME_PARTS)),
                )
            )
        if not parts & {"family_name", "given_name"}:
            raise ValueError(_("A name needs {family_name} or {given_name}."))
        return template

    @model_validator(mode="after")
    def _our_mark_is_ours(self) -> Self:
        if MARK_PROVIDER in self.external_ids.values():
            raise ValueError(
                _("The auth provider {provider} is kept for our own use.").format(
                    provider=MARK_PROVIDER
                )
            )
        return self
