"""The registration file: how Synapse knows us."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from appservice.config.model import Config
from appservice.embedded.registration import Registration
from appservice.errors import Refused
from appservice.language import _


def registration_of(config: Config) -> Registration:
    """What Synapse must be told about us. Real people stay out of its namespaces."""
    return Registration(
        id=config.appservice.id,
        url=config.appservice.address,
        sender_localpart=config.appservice.bot,
        alias_prefix=f"{config.rooms.alias_prefix}.",
        as_token=config.appservice.as_token.get_secret_value(),
        hs_token=config.appservice.hs_token.get_secret_value(),
    )


def read_registration(path: Path) -> Mapping[str, object] | None:
    """What the file says; None when there is none. Raises Refused when it cannot be read."""
    try:
        content: object = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(
            _("The registration {path} cannot be read: {reason}.").format(path=path, reason=error)
        ) from error
    except YAMLError as error:
        raise Refused(_("The registration {path} is not valid YAML.").format(path=path)) from error
    return {str(key): value for key, value in content.items()} if isinstance(content, dict) else {}
