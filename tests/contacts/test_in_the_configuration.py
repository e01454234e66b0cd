"""The section as an administrator writes it, and what is said of mistakes in it."""

from pathlib import Path
from typing import get_args

import pytest

from appservice.config.load import load_config
from appservice.config.problem import ConfigRefused
from appservice.contacts.policy import Side
from appservice.contacts.settings import (
    AcrossWord,
    ColleagueWord,
    ContactsSettings,
    GuardianWord,
    StudentWord,
    TeacherWord,
)
from appservice.contacts.words import ACROSS, WORDS

REST = """\
homeserver:
  url: http://localhost:8008
  server_name: school.example
roster:
  path: roster
"""


def test_every_word_that_may_be_written_means_something() -> None:
    written = {
        Side.STUDENT: get_args(StudentWord),
        Side.GUARDIAN: get_args(GuardianWord),
        Side.TEACHER: get_args(TeacherWord),
        Side.STAFF: get_args(ColleagueWord),
        Side.SCHOOL_ADMIN: get_args(ColleagueWord),
        Side.OBSERVER: get_args(ColleagueWord),
    }
    assert {side: set(words) for side, words in written.items()} == {
        side: set(words) for side, words in WORDS.items()
    }
    assert set(get_args(AcrossWord)) == set(ACROSS)


def test_what_is_not_written_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(
        REST + "contacts:\n  may_write_to:\n    guardian: [teachers]\n"
        "  may_create:\n    student:\n      rooms: none\n",
        encoding="utf-8",
    )
    assert load_config(path, {}).contacts == ContactsSettings.model_validate(
        {
            "may_write_to": {
                "student": ["classmates", "teachers", "guardians"],
                "guardian": ["teachers"],
            },
            "may_create": {"student": {"rooms": "none"}, "teacher": {"rooms": "group"}},
        }
    )


def test_every_mistake_is_told_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(
        REST
        + """\
contacts:
  may_write_to:
    student: [classmates, parents]
    teachers: [everyone]
    staff: everyone
  across_schools:
    student: true
  may_create:
    guardian: {rooms: many, publik_rooms: true}
  federation: sometimes
""",
        encoding="utf-8",
    )
    with pytest.raises(ConfigRefused) as refused:
        load_config(path, {})
    assert [line.strip() for line in refused.value.reasons[1:]] == [
        "config.yaml:8:27: contacts.may_write_to.student[1]: “parents”: one of these is needed"
        " here: `classmates`, `groupmates`, `schoolmates`, `teachers`, `guardians`,"
        " `class_guardians`, `staff`, `administrators`.",
        "config.yaml:9:5: contacts.may_write_to.teachers: There is no such key. Did you mean"
        " `teacher`?",
        "config.yaml:10:12: contacts.may_write_to.staff: “everyone”: a list is needed here: `[one,"
        " two]`, or lines that begin with `- `.",
        "config.yaml:12:14: contacts.across_schools.student: “true”: a list is needed here: `[one,"
        " two]`, or lines that begin with `- `.",
        "config.yaml:14:23: contacts.may_create.guardian.rooms: “many”: one of these is needed"
        " here: `none`, `direct`, `group`.",
        "config.yaml:14:29: contacts.may_create.guardian.publik_rooms: There is no such key. Did"
        " you mean `public_rooms`?",
        "config.yaml:15:15: contacts.federation: “sometimes”: `true` or `false` is needed here.",
    ]
