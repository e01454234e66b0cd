"""What people type, and what the bot takes it for."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appservice.commands.command import Slot
from appservice.commands.deeds import Take, deed_digest
from appservice.commands.paper import PAGE_CHARACTERS, Answer, Bullets, Page, Paragraph, pages, said
from appservice.commands.parsing import (
    BadTime,
    Incomplete,
    Parsed,
    Request,
    UnknownWord,
    is_command,
    parsed,
)
from appservice.commands.pending import code_of, read, written
from appservice.commands.registry import COMMANDS
from appservice.commands.vocabulary import WORDS, Verb
from appservice.language import LANGUAGES, speaking
from appservice.rooms.measures import MeasureKind


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("!school", Request(Verb.HELP)),
        ("!Школа ПЛАН", Request(Verb.PLAN)),
        ("!school sync now", Request(Verb.SYNC)),
        ("!school apply 0123456789ab", Request(Verb.APPLY, text="0123456789ab")),
        ("!school who Anna Petrova", Request(Verb.WHO, person="Anna Petrova")),
        (
            '!school mute "Anna" in 5A chat for 2 hours because of spam in class',
            Request(
                Verb.MUTE,
                person="Anna",
                room="5A chat",
                length=timedelta(hours=2),
                reason="of spam in class",
            ),
        ),
        (
            "!школа забанить Петров Пётр в «Чат на выходные» до 01.12.2026",
            Request(
                Verb.BAN, person="Петров Пётр", room="Чат на выходные", until=date(2026, 12, 1)
            ),
        ),
        (
            "!школа закрыть Математика 5А на 30мин",
            Request(Verb.LOCK, room="Математика 5А", length=timedelta(minutes=30)),
        ),
        ("!школа комната Кружок на выезде", Request(Verb.ROOM, room="Кружок на выезде")),
        ("!school rollover", Request(Verb.ROLLOVER)),
        (
            "!школа переход черновик Следующий год с 01.09.2027",
            Request(Verb.ROLLOVER, text="черновик Следующий год", on=date(2027, 9, 1)),
        ),
        ("!school rollover back", Request(Verb.ROLLOVER, text="back")),
        ("!school rollover bakc", Incomplete(Verb.ROLLOVER)),
        ("!school rollover draft next on monday", BadTime(Verb.ROLLOVER)),
        ("!school drift", Request(Verb.DRIFT)),
        (
            "!школа отклонения Чат 5А за 3 дня",
            Request(Verb.DRIFT, room="Чат 5А", length=timedelta(days=3)),
        ),
        ("!school drift for 12h", Request(Verb.DRIFT, length=timedelta(hours=12))),
        ("!school drift over ages", BadTime(Verb.DRIFT)),
        ("!school drfit", UnknownWord("drfit", (Verb.DRIFT, Verb.AUDIT))),
        ("!school plna", UnknownWord("plna", (Verb.PLAN,))),
        ("!школа заглушит Анна", UnknownWord("заглушит", (Verb.MUTE, Verb.UNMUTE))),
        ("!school mute", Incomplete(Verb.MUTE)),
        ("!school mute Anna for ages", BadTime(Verb.MUTE)),
        ("!school mute Anna for 9000 days", BadTime(Verb.MUTE)),
        ("!school ban Anna until 2026-02-31", BadTime(Verb.BAN)),
    ],
)
def test_what_is_typed_is_understood(typed: str, meant: Parsed) -> None:
    assert is_command(typed)
    assert parsed(typed) == meant


@pytest.mark.parametrize("typed", ["", "school plan", "!schoolplan", "look: !school plan", "!"])
def test_what_is_said_to_others_is_left_alone(typed: str) -> None:
    assert not is_command(typed)


@given(st.text(max_size=80))
def test_no_text_breaks_the_parser(text: str) -> None:
    for word in WORDS[Verb.MUTE]:
        parsed(f"!school {word} {text}")
    assert parsed(f"!school {text}") is not None


def test_a_request_that_waits_is_read_back_as_it_was() -> None:
    request = Request(
        Verb.BAN, "@u:s", "17/chat/5a", "", timedelta(minutes=5), date(2026, 12, 1), "«спам»"
    )
    assert read(written(request)) == request
    assert (code_of("$a"), len(code_of("$a"))) == (code_of("$a"), 6)
    assert code_of("$a") != code_of("$b")


def test_no_word_means_two_things_and_every_command_has_help_in_both_languages() -> None:
    words = [word for all_of_it in WORDS.values() for word in all_of_it]
    assert len(words) == len(set(words))
    assert set(COMMANDS) == set(Verb) == set(WORDS)
    for language in LANGUAGES:
        with speaking(language):
            for verb, command in COMMANDS.items():
                argument = "" if command.first is Slot.STEP else "x"
                asked = parsed(" ".join([*command.usage().split()[:2], argument]))
                assert isinstance(asked, Request)
                assert asked.verb is verb
                assert command.usage().split()[1] in WORDS[verb]


def test_another_deed_has_another_digest() -> None:
    def take(room: str, reason: str = "") -> str:
        places = (("17", room),)
        return deed_digest(Take(Verb.BAN, MeasureKind.BAN, places, "@u:s", None, None, reason))

    assert take("17/a") == take("17/a")
    assert len({take("17/a"), take("17/b"), take("17/a", "spam")}) == 3


def test_names_cannot_bring_markup_into_an_answer() -> None:
    assert pages(said("<b>@room</b> `x`")) == (
        Page("<b>@room</b> `x`", "<p>&lt;b&gt;@room&lt;/b&gt; <code>x</code></p>"),
    )


def test_what_a_text_has_typed_at_a_terminal_is_said_in_the_room() -> None:
    typed = (
        "Look at `school-spaces plan`, then `school-spaces apply 0123456789ab` or"
        " `school-spaces rollover back`; `school-spaces apply --anyway` and `school-spaces audit`"
        " are for the server."
    )
    left = "`school-spaces apply --anyway` and `school-spaces audit` are for the server."
    said_there = {}
    for language in LANGUAGES:
        with speaking(language):
            (page,) = pages(said(typed))
            said_there[language] = page.plain
    assert said_there == {
        "en": "Look at `!school plan`, then `!school apply 0123456789ab` or"
        f" `!school rollover back`; {left}",
        "ru": "Look at `!школа план`, then `!школа применить 0123456789ab` or"
        f" `!школа переход назад`; {left}",
    }


def test_a_very_long_answer_comes_in_several_messages_with_nothing_lost() -> None:
    lines = tuple(f"line {number} " + "x" * 90 for number in range(400))
    made = pages(Answer((Paragraph("first"), Bullets(lines))))
    assert len(made) > 1
    assert all(len(page.plain) <= PAGE_CHARACTERS + PAGE_CHARACTERS // 2 for page in made)
    told = "\n".join(page.plain for page in made).splitlines()
    assert told == ["first", *(f"• {line}" for line in lines)]
