"""The `commands:` section of the configuration."""

from __future__ import annotations

import re
from typing import Annotated, Final

from pydantic import AfterValidator, Field

from appservice.language import _
from appservice.school.settings import Section

_USER_ID: Final = re.compile(r"@[^:\s]{1,200}:\S{1,200}")


def _user_id(text: str) -> str:
    if not _USER_ID.fullmatch(text):
        raise ValueError(_("a user id is needed here: @anna:school.example"))
    return text


class CommandsSettings(Section):
    """Who may tell the bot what to do, beside those whom the roster names."""

    # Whole user ids. They may do everything, in every school of the deployment.
    administrators: tuple[Annotated[str, AfterValidator(_user_id)], ...] = ()
    # How long a dangerous command waits for its confirmation.
    confirm_minutes: int = Field(default=10, ge=1, le=60)
