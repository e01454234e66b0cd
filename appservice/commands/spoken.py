"""What is typed at a terminal, as it is said in a room. Pure.

Refusals and notes come from parts that serve both; here they tell their reader what to do here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from appservice.commands.vocabulary import PREFIXES, STEPS, WORDS, Step, Verb
from appservice.language import current_language

_TYPED: Final = re.compile(r"`school-spaces ([a-z ]+?)((?: [0-9a-f]{6,})?)`")

_SAID: Final[Mapping[str, tuple[Verb, Step | None]]] = MappingProxyType(
    {
        **{
            verb.value: (verb, None)
            for verb in (Verb.STATUS, Verb.PLAN, Verb.APPLY, Verb.DRIFT, Verb.DOCTOR)
        },
        **{f"{Verb.ROLLOVER.value} {step.value}": (Verb.ROLLOVER, step) for step in Step},
    }
)
"""Only what is the same in both places: `audit` reads the homeserver there, and the log here."""


def spoken(text: str) -> str:
    """The text, with what can be said in the room instead of what is typed on the server. What can
    only be typed stays.
    """
    return _TYPED.sub(_instead, text)


def _instead(found: re.Match[str]) -> str:
    said = _SAID.get(found[1])
    if said is None:
        return found[0]
    verb, step = said
    russian = current_language() == "ru"
    words = [PREFIXES[russian], WORDS[verb][russian]]
    if step is not None:
        words.append(STEPS[step][russian])
    return f"`{' '.join(words)}{found[2]}`"
