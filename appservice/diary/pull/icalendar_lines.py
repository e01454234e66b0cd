"""The lines of an iCalendar file (RFC 5545), looked at before anything else reads them: encoding,
size, and which component begins where.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from appservice.language import _

MOST_BYTES: Final = 16 << 20
MOST_EVENTS: Final = 20_000
LONGEST_LINE: Final = 65_536  # characters, unfolded lines being put together
DEEPEST: Final = 5


class BrokenCalendar(Exception):
    """Nothing can be read of this file. `row` counts lines from 1; 0: the whole file."""

    def __init__(self, code: str, row: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.row = row
        self.message = message


class Block(NamedTuple):
    """A VEVENT: the number of its first line, and its text."""

    row: int
    text: str


class Lines(NamedTuple):
    """`frame` is the calendar without its events: head and time zones."""

    frame: str
    events: tuple[Block, ...]


def lines_of(raw: bytes) -> Lines:
    """Raises BrokenCalendar."""
    if len(raw) > MOST_BYTES:
        raise BrokenCalendar(
            "too_large",
            0,
            _(
                "The calendar is larger than {size} MiB. Export fewer weeks or fewer classes."
            ).format(size=MOST_BYTES >> 20),
        )
    text = _decoded(raw)
    open_now: list[tuple[str, int]] = []
    frame: list[str] = []
    events: list[Block] = []
    event: list[str] = []
    length = 0
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for number, line in enumerate(lines, 1):
        length = length + len(line) if line[:1] in (" ", "\t") else len(line)
        if length > LONGEST_LINE:
            raise BrokenCalendar(
                "row_too_long", number, _("This line is longer than any calendar needs.")
            )
        word = line.rstrip().upper()
        if word.startswith("BEGIN:"):
            open_now.append((word[6:], number))
            if len(open_now) > DEEPEST:
                raise BrokenCalendar("too_deep", number, _("Components are nested too deep."))
        in_event = any(name == "VEVENT" for name, _row in open_now)
        if not open_now and line.strip():
            raise BrokenCalendar(
                "not_a_calendar",
                number,
                _("This is no iCalendar file: it begins with BEGIN:VCALENDAR."),
            )
        (event if in_event else frame).append(line)
        if word.startswith("END:"):
            if open_now[-1][0] != word[4:]:
                raise _unclosed(*open_now[-1])
            name, row = open_now.pop()
            if name == "VEVENT" and in_event:
                events.append(Block(row, "\r\n".join(event) + "\r\n"))
                event = []
                if len(events) > MOST_EVENTS:
                    raise BrokenCalendar(
                        "too_large",
                        row,
                        _("The calendar has more than {count} events. Export fewer weeks.").format(
                            count=MOST_EVENTS
                        ),
                    )
    if open_now:
        raise _unclosed(*open_now[-1])
    if not frame or frame[0].strip().upper() != "BEGIN:VCALENDAR":
        raise BrokenCalendar(
            "not_a_calendar", 1, _("This is no iCalendar file: it begins with BEGIN:VCALENDAR.")
        )
    return Lines("\r\n".join(frame) + "\r\n", tuple(events))


def _decoded(raw: bytes) -> str:
    if b"\0" in raw:
        row = raw[: raw.index(b"\0")].count(b"\n") + 1
        raise BrokenCalendar(
            "nul_byte",
            row,
            _("A NUL byte stands here: the file is damaged, or in UTF-16. Export it in UTF-8."),
        )
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BrokenCalendar(
            "not_utf8",
            raw[: error.start].count(b"\n") + 1,
            _("The file is not in UTF-8. iCalendar is always in UTF-8: export it anew."),
        ) from None


def _unclosed(name: str, row: int) -> BrokenCalendar:
    return BrokenCalendar(
        "cut_off",
        row,
        _(
            "{name} begins here and never ends: the file is cut off or damaged. Move finished files"
            " into the folder."
        ).format(name=name[:40]),
    )
