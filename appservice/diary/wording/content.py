"""The content of an m.room.message: whether it rings, what it replaces or answers.

m.notice notifies nobody, so what is to ring is m.text and names whom; `m.mentions` always stands,
empty where nobody is meant, so that no client guesses from the text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from appservice.language import _
from appservice.rooms.state import JsonObject

MOST_BYTES: Final = 12_000
"""Of the HTML of one message in UTF-8: an edit holds it twice, beside the plain text, and an event
may have 64 KiB.
"""

_FORMAT: Final = "org.matrix.custom.html"


@dataclass(frozen=True, slots=True)
class Ring:
    """Whom a message calls: one person (user id), everybody in the room, or nobody."""

    user_id: str = ""
    room: bool = False

    @property
    def mentions(self) -> JsonObject:
        if self.room:
            return {"room": True}
        return {"user_ids": [self.user_id]} if self.user_id else {}


SILENT: Final = Ring()


@dataclass(frozen=True, slots=True)
class Part:
    """A heading with sentences below it; in HTML it is bold, sentences keep their line breaks."""

    heading: str
    lines: tuple[str, ...] = ()
    listed: bool = False


def message(parts: Sequence[Part], ring: Ring = SILENT) -> JsonObject:
    """A message that stands by itself."""
    plain, html = _fitting(parts)
    return {
        "msgtype": "m.notice" if ring == SILENT else "m.text",
        "body": plain,
        "format": _FORMAT,
        "formatted_body": html,
        "m.mentions": ring.mentions,
    }


def edit(parts: Sequence[Part], *, of: str) -> JsonObject:
    """The same message with other words. Rings nowhere."""
    new = message(parts)
    return {
        **new,
        "body": f"* {new['body']}",
        "formatted_body": f"* {new['formatted_body']}",
        "m.new_content": new,
        "m.relates_to": {"rel_type": "m.replace", "event_id": of},
    }


def correction(parts: Sequence[Part], *, of: str, ring: Ring = SILENT) -> JsonObject:
    """A reply to what was said too long ago to be edited."""
    said = message((Part(_("Correction")), *parts), ring)
    return {**said, "m.relates_to": {"m.in_reply_to": {"event_id": of}}}


def silenced(content: JsonObject) -> JsonObject:
    """The same words without a ring: for a message that was held up until nobody wants to be
    called any more.
    """
    return {**content, "msgtype": "m.notice", "m.mentions": {}}


def _fitting(parts: Sequence[Part]) -> tuple[str, str]:
    limit = 4000
    while True:
        plain = "\n".join(_plain(part, limit) for part in parts)
        html = "".join(_html(part, limit) for part in parts)
        if len(html.encode()) <= MOST_BYTES:
            return plain, html
        limit = limit * 2 // 3


def shortened(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def _plain(part: Part, limit: int) -> str:
    sign = "• " if part.listed else ""
    heading = [part.heading] if part.heading else []
    return "\n".join([*heading, *(sign + shortened(line, limit) for line in part.lines)])


def _html(part: Part, limit: int) -> str:
    lines = [_escaped(shortened(line, limit)) for line in part.lines]
    heading = f"<strong>{_escaped(part.heading)}</strong>" if part.heading else ""
    if part.listed and lines:
        above = f"<p>{heading}</p>" if heading else ""
        return f"{above}<ul>{''.join(f'<li>{line}</li>' for line in lines)}</ul>"
    return f"<p>{'<br>'.join([heading, *lines] if heading else lines)}</p>"


def _escaped(text: str) -> str:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "<br>".join(escape(line) for line in lines)
