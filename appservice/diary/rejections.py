"""Why an event was not taken: a code for programs, the place, and what to do for people.

No text repeats a value: what is wrong may be personal.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from appservice.language import _

MOST: Final = 20
"""Rejections of one event; more would help nobody."""

_LONGEST_STEP: Final = 80
_UNPRINTABLE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\ud800-\udfff]")


class Rejection(NamedTuple):
    """`pointer` is a JSON pointer (RFC 6901) into the event, "" for all of it."""

    code: str
    pointer: str
    text: str


def pointer_to(*steps: str | int) -> str:
    """The JSON pointer of these keys and indices; of a key that is too long, its beginning."""
    return "".join(f"/{_step(str(step))}" for step in steps)


def _step(key: str) -> str:
    shown = _UNPRINTABLE.sub("\ufffd", key[:_LONGEST_STEP])
    return shown.replace("~", "~0").replace("/", "~1")


def rejections_of(
    error: ValidationError, above: str = "", *, in_union: bool = False
) -> tuple[Rejection, ...]:
    """What pydantic found in a part of an event that stands at `above`; the first MOST.

    `in_union`: the part is one of several shapes, told apart by a key of it.
    """
    found = []
    for details in error.errors(include_url=False, include_input=False)[:MOST]:
        code, steps, text = _said(details, _without_tags(details["loc"], in_union=in_union))
        found.append(Rejection(code, above + pointer_to(*steps), text))
    return tuple(found)


def _said(
    details: ErrorDetails, steps: tuple[str | int, ...]
) -> tuple[str, tuple[str | int, ...], str]:
    context: Mapping[str, object] = details.get("ctx", {})
    if "text" in context:
        return details["type"], steps, str(context["text"])  # said by our own fields
    match details["type"]:
        case "missing":
            return "missing_key", steps, _("This key is needed. Add it.")
        case "unexpected_keyword_argument" | "extra_forbidden":
            return "unknown_key", steps, _("There is no such key here. Leave it out.")
        case "literal_error" | "enum":
            return (
                "not_allowed",
                steps,
                _("Write one of these: {expected}.").format(expected=context["expected"]),
            )
        case "union_tag_invalid":
            return (
                "not_allowed",
                (*steps, _tag(context)),
                _("Write one of these: {expected}.").format(expected=context["expected_tags"]),
            )
        case "union_tag_not_found":
            return "missing_key", (*steps, _tag(context)), _("This key is needed. Add it.")
        case "too_long":
            return (
                "too_many",
                steps,
                _("At most {count} may stand here.").format(count=context["max_length"]),
            )
        case "too_short":
            return "too_few", steps, _("At least one must stand here.")
        case "tuple_type":
            return "wrong_type", steps, _("A list is needed here.")
        case "dataclass_type" | "model_attributes_type" | "dataclass_exact_type":
            return "wrong_type", steps, _("An object is needed here: keys with their values.")
        case "string_unicode":
            return "control_character", steps, _("This text is no Unicode. Write it anew.")
        case code:
            return code, steps, _("This does not fit. Look at the schema.")


def _tag(context: Mapping[str, object]) -> str:
    return str(context["discriminator"]).strip("'")


def _without_tags(steps: tuple[str | int, ...], *, in_union: bool) -> tuple[str | int, ...]:
    """Where it is in the document: pydantic steps into the chosen member of a union as well, at the
    top where all is one, and right behind an index (the lists of objects here are unions).
    """
    begin = 1 if in_union else 0
    return tuple(
        step
        for place, step in enumerate(steps)
        if place >= begin
        and not (isinstance(step, str) and place and isinstance(steps[place - 1], int))
    )
