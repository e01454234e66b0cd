"""The module's part of homeserver.yaml."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from synapse.module_api.errors import ConfigError

from .community.texts import LANGUAGES

_LOCALPART = re.compile(r"[a-z0-9._=/+-]+")
_KEYS = frozenset({"bot", "make_bot_admin", "force_one_by_one", "language"})


@dataclass(frozen=True)
class Settings:
    """`bots` are user ids or localparts; the others are explained in docs/synapse-module.md."""

    bots: tuple[str, ...]
    make_bot_admin: bool = False
    force_one_by_one: bool = False
    language: str = "en"


def parse_settings(config: object) -> Settings:
    """Read the `config` of the module. Raises ConfigError, which stops Synapse with its text."""
    if not isinstance(config, Mapping):
        raise ConfigError("School Spaces: the module needs a `config` with at least `bot`")
    unknown = sorted(str(key) for key in config if key not in _KEYS)
    if unknown:
        raise ConfigError(
            f"School Spaces: unknown key {', '.join(unknown)}; known are {', '.join(sorted(_KEYS))}"
        )
    bot = config.get("bot")
    named = bot if isinstance(bot, list) else [bot]
    bots = tuple(one for one in named if isinstance(one, str) and _is_user(one))
    if not bots or len(bots) < len(named):
        raise ConfigError(
            "School Spaces: `bot` must be the bot's user id or localpart, the sender_localpart of"
            " the application service's registration, or a list of such"
        )
    language = config.get("language", "en")
    if language not in LANGUAGES:
        raise ConfigError(f"School Spaces: `language` must be one of {', '.join(LANGUAGES)}")
    return Settings(
        bots=bots,
        make_bot_admin=_switch(config, "make_bot_admin"),
        force_one_by_one=_switch(config, "force_one_by_one"),
        language=str(language),
    )


def _is_user(bot: str) -> bool:
    localpart, separator, domain = bot.removeprefix("@").partition(":")
    whole = bool(separator and domain) if bot.startswith("@") else not separator
    return whole and _LOCALPART.fullmatch(localpart) is not None


def _switch(config: Mapping[str, object], key: str) -> bool:
    value = config.get(key, False)
    if not isinstance(value, bool):
        raise ConfigError(f"School Spaces: `{key}` must be true or false")
    return value
