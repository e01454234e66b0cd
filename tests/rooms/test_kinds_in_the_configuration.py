"""How a school renames, drops and adds kinds of room, and what it is told when that goes wrong."""

from collections.abc import Mapping

import pytest
from pydantic import ValidationError

from appservice.language import speaking
from appservice.rooms.kinds.settings import RoomsSettings
from appservice.rooms.kinds.template import Audience, Scope

CLUB_SPACE = {"for": "school", "space": True, "name": "Кружки", "members": {"student": 0}}


def kinds(own: Mapping[str, object]) -> RoomsSettings:
    return RoomsSettings.model_validate({"kinds": own})


def mistakes(own: object) -> list[tuple[str, str]]:
    with speaking("en"), pytest.raises(ValidationError) as caught:
        RoomsSettings.model_validate({"kinds": own})
    return [(".".join(map(str, each["loc"])), each["msg"]) for each in caught.value.errors()]


def test_these_kinds_are_built_in_with_these_levels() -> None:
    found = {
        name: (kind.scope.value, kind.parent, kind.post, kind.call_level, dict(kind.members))
        for name, kind in RoomsSettings().kinds.items()
    }
    everyone = {
        "school_admin": 75,
        "class_teacher": 0,
        "teacher": 0,
        "staff": 0,
        "guardian": 0,
        "student": 0,
        "observer": 0,
    }
    whole_class = {**everyone, "class_teacher": 50, "teacher": 25}
    lesson = {
        "school_admin": 75,
        "class_teacher": 50,
        "teacher": 50,
        "staff": 0,
        "student": 0,
        "observer": -1,
    }
    assert found == {
        "school_space": ("school", "", 100, 100, everyone),
        "announcements": ("school", "school_space", 50, 50, everyone),
        "school_guardians": (
            "school",
            "school_space",
            50,
            50,
            {"school_admin": 75, "guardian": 0},
        ),
        "school_students": ("school", "school_space", 50, 50, {"school_admin": 75, "student": 0}),
        "staff_room": (
            "school",
            "school_space",
            0,
            0,
            {"school_admin": 75, "class_teacher": 50, "teacher": 50, "staff": 0},
        ),
        "class_space": ("class", "school_space", 100, 100, whole_class),
        "class_announcements": ("class", "class_space", 25, 50, whole_class),
        "class_chat": ("class", "class_space", 0, 50, {**lesson, "teacher": 25}),
        "guardians_with_teacher": (
            "class",
            "class_space",
            0,
            0,
            {"school_admin": 75, "class_teacher": 50, "guardian": 0},
        ),
        "guardians_only": ("class", "class_space", 0, 0, {"guardian": 0, "moderator": 50}),
        "subject_room": ("subject", "class_space", 0, 50, lesson),
        "mixed_group": ("mixed_group", "school_space", 0, 50, lesson),
        "club": (
            "club",
            "school_space",
            0,
            50,
            {
                "school_admin": 75,
                "teacher": 50,
                "staff": 50,
                "moderator": 50,
                "guardian_member": 0,
                "student": 0,
                "observer": -1,
            },
        ),
    }


def test_a_school_that_renames_a_kind_keeps_the_rest_of_it() -> None:
    built_in = RoomsSettings().kinds["class_chat"]
    own = kinds({"class_chat": {"name": {"ru": "{label} болтает"}}}).kinds["class_chat"]
    assert own.name == {"ru": "{label} болтает", "en": "{label}: class chat"}
    assert own.model_copy(update={"name": built_in.name}) == built_in


def test_one_text_serves_every_language() -> None:
    own = kinds({"staff_room": {"name": "Lehrerzimmer"}}).kinds["staff_room"]
    assert own.name == {"ru": "Lehrerzimmer", "en": "Lehrerzimmer"}


@pytest.mark.parametrize("dropped", [None, False, "off"])
def test_a_school_drops_a_kind(dropped: object) -> None:
    left = kinds({"guardians_only": dropped}).kinds
    assert set(RoomsSettings().kinds) - set(left) == {"guardians_only"}


def test_a_school_takes_an_audience_out_of_a_kind() -> None:
    own = kinds({"class_chat": {"members": {"school_admin": None, "student": 5}}})
    assert own.kinds["class_chat"].members == {
        Audience.CLASS_TEACHER: 50,
        Audience.TEACHER: 25,
        Audience.STAFF: 0,
        Audience.STUDENT: 5,
        Audience.OBSERVER: -1,
    }


def test_a_school_adds_a_space_and_moves_kinds_into_it() -> None:
    own = kinds({"clubs": CLUB_SPACE, "club": {"parent": "clubs"}})
    assert own.kinds["club"].parent == "clubs"
    assert own.kinds["clubs"].scope is Scope.SCHOOL
    assert own.depth(own.kinds["club"]) == 1


def test_a_kind_without_a_parent_stands_at_the_top() -> None:
    assert kinds({"club": {"parent": None}}).kinds["club"].parent == ""


def test_calls_follow_who_is_in_the_room_unless_told() -> None:
    own = kinds(
        {
            "class_chat": {"calls": 0},
            "guardians_with_teacher": {"members": {"student": 0}},
            "announcements": {"post": 60},
        }
    ).kinds
    assert own["class_chat"].call_level == 0
    assert own["guardians_with_teacher"].call_level == 50
    assert own["announcements"].call_level == 60


@pytest.mark.parametrize(
    ("own", "place", "message"),
    [
        (
            {"class_chat": {"name": {"ru": "{teacher}"}}},
            "kinds.class_chat.name.ru",
            "there is no placeholder {teacher} here; there are {label}, {school}, {year}",
        ),
        (
            {"announcements": {"topic": {"en": "{label}"}}},
            "kinds.announcements.topic.en",
            "there is no placeholder {label} here; there are {school}, {year}",
        ),
        (
            {"class_chat": {"name": {"ru": "{label!r}"}}},
            "kinds.class_chat.name.ru",
            "there is no placeholder {label} here; there are {label}, {school}, {year}",
        ),
        (
            {"club": {"name": {"ru": "Клуб {title"}}},
            "kinds.club.name.ru",
            "a brace stands alone; placeholders are {label}, {school}, {subject}, {title}, {year},"
            " a real brace is doubled",
        ),
        (
            {"club": {"name": {"ru": None, "en": None}}},
            "kinds.club.name",
            "a name is needed, in at least one language",
        ),
        (
            {"class_chat": {"members": {"parent": 0}}},
            "kinds.class_chat.members.parent.[key]",
            "Input should be 'school_admin', 'class_teacher', 'teacher', 'staff', 'guardian',"
            " 'guardian_member', 'student', 'observer' or 'moderator'",
        ),
        (
            {"class_chat": {"members": {"teacher": 100}}},
            "kinds.class_chat.members.teacher",
            "level 100 is too high: nobody but the bot reaches 100, use 99 or less",
        ),
        (
            {"class_chat": {"post": 101}},
            "kinds.class_chat.post",
            "Input should be less than or equal to 100",
        ),
        (
            {"class_chat": {"post": True}},
            "kinds.class_chat.post",
            "Input should be a valid integer",
        ),
        (
            {"class_chat": {"parent": "class_rooms"}},
            "kinds.class_chat.parent",
            'there is no kind "class_rooms": name another parent, or null, or drop "class_chat"'
            " too",
        ),
        (
            {"class_chat": {"parent": "class_announcements"}},
            "kinds.class_chat.parent",
            '"class_announcements" is no space, so nothing can hang in it',
        ),
        (
            {"announcements": {"parent": "class_space"}},
            "kinds.announcements.parent",
            'a room for "school" cannot hang in "class_space", which is for "class"',
        ),
        (
            {"school_space": {"parent": "school_space"}},
            "kinds.school_space.parent",
            "the parents go round in a circle: school_space → school_space",
        ),
        (
            {"class_chat": {"events": {"m.room.encryption": 50}}},
            "kinds.class_chat.events.m.room.encryption",
            "the level of this type is fixed: it belongs to the bot alone",
        ),
        (
            {"class_chat": {"order": "5А"}},
            "kinds.class_chat.order",
            "String should match pattern '^[ -~]{1,16}$'",
        ),
        (
            {"Class Chat": {**CLUB_SPACE, "space": False}},
            "kinds.Class Chat",
            "the name of a kind is small Latin letters, digits and _, at most 40",
        ),
        (
            {"class_chat": {"colour": "red"}},
            "kinds.class_chat.colour",
            "Extra inputs are not permitted",
        ),
    ],
)
def test_a_mistake_is_told_at_its_place(own: object, place: str, message: str) -> None:
    assert mistakes(own) == [(place, message)]


def test_all_mistakes_about_parents_are_told_at_once() -> None:
    found = mistakes(
        {
            "class_space": None,
            "a": {**CLUB_SPACE, "parent": "b"},
            "b": {**CLUB_SPACE, "parent": "a"},
        }
    )
    assert [place for place, _message in found] == [
        "kinds.class_announcements.parent",
        "kinds.class_chat.parent",
        "kinds.guardians_with_teacher.parent",
        "kinds.guardians_only.parent",
        "kinds.subject_room.parent",
        "kinds.a.parent",
        "kinds.b.parent",
    ]


def test_a_mistake_is_told_in_russian() -> None:
    with speaking("ru"), pytest.raises(ValidationError) as caught:
        kinds({"class_chat": {"members": {"teacher": 100}}})
    assert caught.value.errors()[0]["msg"] == (
        "уровень 100 слишком высок: до 100 доходит только бот, укажите не больше 99"
    )
