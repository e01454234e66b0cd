"""From what a person typed to what they ask for. Pure; the text is hostile."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from difflib import get_close_matches
from typing import Final

from appservice.commands.command import Command, Slot
from appservice.commands.registry import COMMANDS
from appservice.commands.vocabulary import (
    KEYWORDS,
    NOISE,
    PREFIXES,
    STEPS,
    UNITS,
    WORDS,
    Keyword,
    Step,
    Verb,
)

LONGEST: Final = 2000  # characters of a message that are looked at
LONGEST_TIME: Final = timedelta(days=366)

_TOKEN: Final = re.compile(r'"([^"]*)"?|«([^»]*)»?|“([^”]*)”?|(\S+)')
_LENGTH: Final = re.compile(r"(\d{1,4})([a-zа-я]*)")
_NUMBER: Final = re.compile(r"([0-9]{1,2})[.)]?")
_DATE: Final = re.compile(r"(\d{4})-(\d{2})-(\d{2})|(\d{1,2})\.(\d{1,2})\.(\d{4})")
_STEPS: Final = {word: step for step, words in STEPS.items() for word in words}
_VERBS: Final = {word: verb for verb, words in WORDS.items() for word in words}


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked, names as they were typed. `text` is a digest, a code or a topic.

    `room` is "" where none was named. `until` is a day that is no longer included, `on` the day of
    the turn of the year.
    """

    verb: Verb
    person: str = ""
    room: str = ""
    text: str = ""
    length: timedelta | None = None
    until: date | None = None
    reason: str = ""
    on: date | None = None

    @property
    def command(self) -> Command:
        return COMMANDS[self.verb]


@dataclass(frozen=True, slots=True)
class UnknownWord:
    """`nearest` are the commands that were probably meant, best first."""

    word: str
    nearest: tuple[Verb, ...] = ()


@dataclass(frozen=True, slots=True)
class Incomplete:
    """What the command needs is missing."""

    verb: Verb


@dataclass(frozen=True, slots=True)
class BadTime:
    """Behind "for" or "until" stands no time we understand, or one that is too long."""

    verb: Verb


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a list that was shown."""

    number: int


Parsed = Request | UnknownWord | Incomplete | BadTime | Choice


def is_command(body: str) -> bool:
    """Whether a message speaks to the bot."""
    first = body[: LONGEST // 10].split(maxsplit=1)[:1]
    return bool(first) and first[0].casefold() in PREFIXES


def number_said(body: str) -> int | None:
    """The number that is all that a reply says; None for any other message."""
    lines = [line for line in body[:LONGEST].splitlines() if not line.startswith(">")]
    match = _NUMBER.fullmatch("\n".join(lines).strip())
    return int(match[1]) if match else None


def parsed(body: str) -> Parsed:
    """What a message for which `is_command` holds asks for."""
    tokens = _tokens(body[:LONGEST])[1:]
    if not tokens:
        return Request(Verb.HELP)
    word = tokens[0].text.casefold()
    if len(tokens) == 1 and (match := _NUMBER.fullmatch(word)):
        return Choice(int(match[1]))
    verb = _VERBS.get(word)
    if verb is None:
        return UnknownWord(tokens[0].text, _nearest(word))
    return _argued(COMMANDS[verb], tokens[1:])


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    quoted: bool = False


def _tokens(body: str) -> list[_Token]:
    found = []
    for match in _TOKEN.finditer(body):
        plain = match.group(4)
        if plain is not None:
            found.append(_Token(plain))
        else:
            found.append(_Token(next(text for text in match.groups() if text is not None), True))
    return found


def _nearest(word: str) -> tuple[Verb, ...]:
    close = get_close_matches(word, _VERBS, n=3, cutoff=0.6)
    return tuple(dict.fromkeys(_VERBS[one] for one in close))


def _argued(command: Command, tokens: Sequence[_Token]) -> Parsed:
    parts: dict[Keyword | None, list[_Token]] = {None: []}
    now: Keyword | None = None
    for token in tokens:
        keyword = None if token.quoted else KEYWORDS.get(token.text.casefold())
        if now is Keyword.BECAUSE or keyword is None or not _takes(command, keyword):
            parts[now].append(token)
        elif keyword in parts and now is not keyword:
            return Incomplete(command.verb)
        else:
            now = keyword
            parts.setdefault(now, [])
    request = Request(command.verb, room=_said(parts.get(Keyword.IN, ())))
    request = replace(request, reason=_said(parts.get(Keyword.BECAUSE, ())))
    first = _said(token for token in parts[None] if token.quoted or not _is_noise(token))
    match command.first:
        case Slot.PERSON | Slot.TARGET:
            request = replace(request, person=first)
        case Slot.ROOM:
            request = replace(request, room=first or request.room)
        case _:
            request = replace(request, text=first)
    if (command.needed and not first) or (command.first is Slot.STEP and step_said(first) is None):
        return Incomplete(command.verb)
    return _timed(request, parts)


def step_said(text: str) -> tuple[Step, str] | None:
    """The step of the turn of the year, and what stands behind it: a name or a digest. None where
    there is no such step.
    """
    word, _space, rest = text.partition(" ")
    step = _STEPS.get(word.casefold()) if word else Step.SHOW
    return None if step is None else (step, rest)


def _timed(request: Request, parts: dict[Keyword | None, list[_Token]]) -> Parsed:
    for keyword in parts.keys() & {Keyword.FOR, Keyword.OVER}:
        length = _length(parts[keyword])
        if length is None or not timedelta() < length <= LONGEST_TIME:
            return BadTime(request.verb)
        request = replace(request, length=length)
    if Keyword.UNTIL in parts:
        day = _day(parts[Keyword.UNTIL])
        if day is None or request.length is not None:
            return BadTime(request.verb)
        request = replace(request, until=day)
    if Keyword.ON in parts:
        day = _day(parts[Keyword.ON])
        if day is None:
            return BadTime(request.verb)
        request = replace(request, on=day)
    return request


def _takes(command: Command, keyword: Keyword) -> bool:
    match keyword:
        case Keyword.IN:
            return Slot.ROOM in command.more
        case Keyword.FOR:
            return not {Slot.LENGTH, Slot.SPAN}.isdisjoint(command.more)
        case Keyword.UNTIL:
            return Slot.LENGTH in command.more
        case Keyword.ON:
            return Slot.DAY in command.more
        case Keyword.OVER:
            return Slot.SPAN in command.more
        case Keyword.BECAUSE:
            return Slot.REASON in command.more


def _is_noise(token: _Token) -> bool:
    return token.text.casefold() in NOISE


def _said(tokens: Iterable[_Token]) -> str:
    return " ".join(token.text for token in tokens).strip()


def _length(tokens: Sequence[_Token]) -> timedelta | None:
    """ "2h", "2 hours", "час"; None for anything else."""
    words = " ".join(token.text for token in tokens).casefold().split()
    number, unit = "1", "".join(words)
    if match := _LENGTH.fullmatch(unit):
        number, unit = match.groups()
    return UNITS[unit] * int(number) if unit in UNITS else None


def _day(tokens: Sequence[_Token]) -> date | None:
    match = _DATE.fullmatch("".join(token.text for token in tokens))
    if match is None:
        return None
    year, month, day, day2, month2, year2 = match.groups()
    try:
        return date(int(year or year2), int(month or month2), int(day or day2))
    except ValueError:
        return None
