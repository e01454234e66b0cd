"""The section as an administrator writes it."""

from __future__ import annotations

from datetime import date, time
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from appservice.diary.payloads import Kind
from appservice.diary.preferences import Pace, Preferences, QuietWish
from appservice.diary.quiet_hours import Quiet
from appservice.diary.settings import DiarySettings
from appservice.rooms.kinds.default_kinds import DEFAULT_KINDS
from appservice.school.model import Role

TOKEN = "t" * 32


def test_without_a_word_a_school_sleeps_at_night_on_sundays_and_in_holidays() -> None:
    settings = DiarySettings()
    assert settings.quiet_for(Role.STUDENT, QuietWish()) == Quiet(
        time(21), time(7), frozenset({7}), holidays=True
    )
    assert settings.paces == dict.fromkeys(Kind, Pace.IMMEDIATE)
    assert not any(settings.hides(kind) for kind in Kind)


def test_every_audience_is_told_in_a_kind_of_room_that_is_built_in() -> None:
    rooms = DiarySettings().rooms.model_dump()
    groups = rooms.pop("groups")
    assert {*rooms.values(), *groups} <= set(DEFAULT_KINDS)


def test_a_school_writes_what_is_different() -> None:
    settings = DiarySettings.model_validate(
        {
            "sources": {"journal": {"token": TOKEN, "schools": ["17"]}},
            "settle": {"grade": 30},
            "quiet": {"begin": "22:00", "end": "7:30", "weekend": [], "holidays": False},
            "quiet_by_role": {"teacher": {"begin": "19:00"}},
            "holidays": [{"from": "2026-10-26", "to": "2026-11-03"}],
            "digest": {"at": "17:30", "weekly_on": 6},
            "paces": {"homework": "off"},
            "hidden_values": ["grade"],
        }
    )
    assert settings.settle.delay(Kind.GRADE).total_seconds() == 1800
    assert settings.quiet_for(Role.TEACHER, QuietWish()) == Quiet(time(19), time(7, 30))
    assert settings.quiet_for(None, QuietWish()) == Quiet(time(22), time(7, 30))
    assert [settings.is_holiday(date(2026, 10, day)) for day in (25, 26)] == [False, True]
    assert (settings.paces[Kind.HOMEWORK], settings.paces[Kind.GRADE]) == (
        Pace.OFF,
        Pace.IMMEDIATE,
    )
    assert (settings.hides(Kind.GRADE), settings.hides(Kind.RESULT)) == (True, False)
    assert TOKEN not in repr(settings)


def test_each_of_several_schools_may_have_hours_holidays_and_secrets_of_its_own() -> None:
    settings = DiarySettings.model_validate(
        {
            "quiet": {"begin": "22:00"},
            "quiet_by_role": {"teacher": {"begin": "19:00", "end": "08:00"}},
            "holidays": [{"from": "2026-10-26", "to": "2026-11-03"}],
            "schools": {
                "lyceum": {
                    "quiet": {"end": "06:30", "weekend": []},
                    "quiet_by_role": {"teacher": {"end": "09:00"}},
                    "holidays": [],
                    "hidden_values": ["grade"],
                }
            },
        }
    )
    own, other = settings.in_school("lyceum"), settings.in_school("17")
    assert other == settings
    assert own.quiet_for(Role.STUDENT, QuietWish()) == Quiet(time(22), time(6, 30), holidays=True)
    assert own.quiet_for(Role.TEACHER, QuietWish()) == Quiet(time(19), time(9), holidays=True)
    assert own.quiet_for(Role.TEACHER, QuietWish(begin=time(23))).begin == time(23)
    assert [each.is_holiday(date(2026, 10, 27)) for each in (own, other)] == [False, True]
    assert [each.hides(Kind.GRADE) for each in (own, other)] == [True, False]


def test_what_a_person_wishes_can_be_kept_as_json() -> None:
    wishes = Preferences(
        paces={Kind.GRADE: Pace.DAILY},
        quiet=QuietWish(begin=time(23), weekend=frozenset({6, 7})),
        hide_values=True,
        language="en",
    )
    kept = TypeAdapter(Preferences)
    assert kept.validate_json(kept.dump_json(wishes)) == wishes


@pytest.mark.parametrize(
    ("section", "text"),
    [
        ({"sources": {"journal": {}}}, "either `token` or `hmac_secret`"),
        ({"sources": {"journal": {"token": TOKEN, "hmac_secret": TOKEN}}}, "not both"),
        ({"sources": {"journal": {"token": "short"}}}, "at least 32 characters"),
        ({"sources": {"The Journal": {"token": TOKEN}}}, "name of the source"),
        ({"quiet": {"begin": "nine"}}, "a time of day is needed"),
        ({"quiet": {"weekend": [1, 2, 3, 4, 5, 6, 7]}}, "one day of the week"),
        ({"holidays": [{"from": "2026-11-03", "to": "2026-10-26"}]}, "is before the first"),
        ({"holidays": [{"from": "2026-01-01", "to": "2026-12-31"}]}, "at most 120 days"),
        ({"paces": {"grade": "hourly"}}, "'immediate', 'daily', 'weekly' or 'off'"),
        ({"keep_days": 1}, "greater than or equal to 30"),
        ({"settel": {}}, "Extra inputs"),
    ],
)
def test_mistakes_are_told(section: dict[str, Any], text: str) -> None:
    with pytest.raises(ValidationError, match=text):
        DiarySettings.model_validate(section)
