"""Requests that wait for a confirmation or a choice, as text for the database; and their code.
Pure.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, timedelta
from hashlib import blake2b
from typing import Final

from appservice.commands.parsing import Request
from appservice.commands.vocabulary import Verb

_LETTERS: Final = "23456789abcdefghjkmnpqrstuvwxyz"  # none that is taken for another
_CODE_LENGTH: Final = 6


def code_of(event_id: str) -> str:
    """The code of the command in this message: the same whenever it is asked for."""
    number = int.from_bytes(blake2b(event_id.encode(), digest_size=8).digest())
    digits = []
    for _place in range(_CODE_LENGTH):
        number, digit = divmod(number, len(_LETTERS))
        digits.append(_LETTERS[digit])
    return "".join(digits)


def written(request: Request) -> str:
    """JSON."""
    return json.dumps(
        {
            "verb": request.verb,
            "person": request.person,
            "room": request.room,
            "text": request.text,
            "length": None if request.length is None else request.length.total_seconds(),
            "until": None if request.until is None else request.until.isoformat(),
            "reason": request.reason,
            "on": None if request.on is None else request.on.isoformat(),
        },
        ensure_ascii=False,
    )


def read(text: str) -> Request:
    """What `written` wrote."""
    kept = json.loads(text)
    return Request(
        Verb(kept["verb"]),
        person=kept["person"],
        room=kept["room"],
        text=kept["text"],
        length=None if kept["length"] is None else timedelta(seconds=kept["length"]),
        until=None if kept["until"] is None else date.fromisoformat(kept["until"]),
        reason=kept["reason"],
        on=date.fromisoformat(kept["on"]) if kept.get("on") else None,
    )


def written_choices(requests: Iterable[Request]) -> str:
    """JSON: a list to choose from."""
    return json.dumps([written(request) for request in requests], ensure_ascii=False)


def read_choices(text: str) -> tuple[Request, ...]:
    """What `written_choices` wrote."""
    return tuple(read(one) for one in json.loads(text))
