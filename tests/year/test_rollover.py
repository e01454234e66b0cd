"""From one school year to the next: which class is which, and under which ids its rooms go on."""

from dataclasses import replace
from datetime import date

import pytest

from appservice.school.model import MemberRole, Membership
from appservice.school.problem import Delivery
from appservice.year.cohorts import begins_with, cohorts, has_begun, stood_last
from appservice.year.rollover import ClassTurn, Fate, Turn, Turnover, turn_between, turned
from tests.year.two_years import Classes, year

TODAY, ON = date(2027, 8, 1), date(2027, 9, 1)


def continued(old: Classes, new: Classes) -> dict[str, str]:
    return dict(
        cohorts(year("2026/2027", old), year("2027/2028", new), today=TODAY, on=ON).continues
    )


@pytest.mark.parametrize(
    ("old", "new", "continues"),
    [
        pytest.param(
            {"a": ("5А", 5, "abcd"), "b": ("5Б", 5, "efgh")},
            {"a": ("6А", 6, "abcd"), "b": ("6Б", 6, "efgx")},
            {"a": "a", "b": "b"},
            id="ids that are stable",
        ),
        pytest.param(
            {"5А": ("5А", 5, "abcd"), "5Б": ("5Б", 5, "efgh")},
            {"27-1": ("6А", 6, "abcx"), "27-2": ("6Б", 6, "defgh")},
            {"27-1": "5А", "27-2": "5Б"},
            id="ids that are new every year",
        ),
        pytest.param(
            {"4А": ("4А", 4, "abcd"), "5А": ("5А", 5, "efgh"), "11А": ("11А", 11, "ijkl")},
            {"5А": ("5А", 5, "abcdh"), "6А": ("6А", 6, "efg"), "11А": ("11А", 11, "")},
            {"5А": "4А", "6А": "5А"},
            id="ids that are labels, with a repeater",
        ),
        pytest.param(
            {"10А": ("10А", 10, "abcd"), "11А": ("11А", 11, "efgh")},
            {"11А": ("11А", 11, "abcd"), "1А": ("1А", 1, "uvwx")},
            {"11А": "10А"},
            id="labels where the last class has left",
        ),
        pytest.param(
            {"a": ("5А", 5, "abcdefgh")},
            {"x": ("6А", 6, "abcde"), "y": ("6Б", 6, "fgh")},
            {"x": "a"},
            id="a split: the larger part goes on",
        ),
        pytest.param(
            {"a": ("5А", 5, "abcd")},
            {"x": ("6Б", 6, "ab"), "y": ("6А", 6, "cd")},
            {"y": "a"},
            id="an even split: the same letter goes on",
        ),
        pytest.param(
            {"a": ("5А", 5, "abcde"), "b": ("5Б", 5, "fgh")},
            {"x": ("6А", 6, "abcdefgh")},
            {"x": "a"},
            id="a merge: the larger class goes on",
        ),
        pytest.param(
            {"a": ("9А", 9, "abc"), "b": ("9Б", 9, "def"), "c": ("9В", 9, "ghi")},
            {"x": ("10А", 10, "adgx"), "y": ("10Б", 10, "behy")},
            {},
            id="mixed anew: nobody's class",
        ),
        pytest.param(
            {"a": ("9А", 9, "abcd")},
            {"x": ("10А", 10, "avwxyz")},
            {},
            id="one old student among new ones brings no history along",
        ),
        pytest.param(
            {"a": ("5А", 5, "")},
            {"a": ("6А", 6, "")},
            {"a": "a"},
            id="nothing speaks against the id",
        ),
    ],
)
def test_a_class_is_known_again(old: Classes, new: Classes, continues: dict[str, str]) -> None:
    assert continued(old, new) == continues


def test_no_class_continues_one_of_another_school() -> None:
    old = year("2026/2027", {"a": ("5А", 5, "abcd")})
    new = year("2027/2028", {"a": ("6А", 6, "abcd")})
    new = replace(
        new, classes={name: one._replace(school_id="18") for name, one in new.classes.items()}
    )
    assert cohorts(old, new, today=TODAY, on=ON).continues == {}


def test_a_class_is_taken_as_it_stood_on_its_last_day_and_on_its_first() -> None:
    may, june = date(2027, 5, 1), date(2027, 6, 1)
    empty = year("2026/2027", {"a": ("5А", 5, "")})
    old = replace(
        empty,
        memberships=(
            Membership("early", "a", MemberRole.STUDENT, end=may),
            Membership("stayed", "a", MemberRole.STUDENT, end=june),
        ),
    )
    late = date(2027, 9, 3)
    new = replace(empty, memberships=(Membership("comes", "a", MemberRole.STUDENT, begin=late),))
    assert stood_last(old, TODAY) == {"a": {"stayed"}}
    assert begins_with(new, ON) == {"a": {"comes"}}
    assert (has_begun(new, ON), has_begun(new, late)) == (False, True)


def test_the_table_tells_what_becomes_of_everybody() -> None:
    old = year(
        "2026/2027",
        {
            "a": ("5А", 5, "abcdef"),
            "b": ("5Б", 5, "gh"),
            "c": ("6А", 6, "ijkl"),
            "z": ("11А", 11, "mn"),
        },
    )
    new = year(
        "2027/2028",
        {
            "a": ("6А", 6, "abcdghi"),
            "c": ("7А", 7, "jk"),
            "d": ("6Б", 6, "efuv"),
            "e": ("1А", 1, "xy"),
        },
    )
    _turn, turnover = turn_between(old, new, today=TODAY, on=ON)
    assert turnover == Turnover(
        classes=(
            ClassTurn(
                "17",
                Fate.CONTINUES,
                "5А",
                "6А",
                stay=4,
                come=3,
                go=2,
                origins=("5Б",),
                heirs=("6Б",),
            ),
            ClassTurn("17", Fate.ENDS, "5Б", "", stay=0, come=0, go=2, heirs=("6А",)),
            ClassTurn("17", Fate.CONTINUES, "6А", "7А", stay=2, come=0, go=2, heirs=("6А",)),
            ClassTurn("17", Fate.GRADUATES, "11А", "", stay=0, come=0, go=2),
            ClassTurn("17", Fate.BEGINS, "", "6Б", stay=0, come=4, go=0, origins=("5А",)),
            ClassTurn("17", Fate.BEGINS, "", "1А", stay=0, come=2, go=0),
        ),
        repeaters=("i",),
        graduates=("m", "n"),
        leavers=("l",),
        newcomers=("u", "v", "x", "y"),
    )


GROUPS = {"math": ("a", "Математика"), "choir": ("", "")}


def test_classes_and_clubs_go_on_and_subjects_start_afresh() -> None:
    old = year("2026/2027", {"a": ("5А", 5, "abcd")}, GROUPS)
    new = year("2027/2028", {"a": ("6А", 6, "abcd")}, GROUPS)
    turn, _turnover = turn_between(old, new, today=TODAY, on=ON)
    roster = turned(Delivery(new), turn).roster
    assert roster is not None
    assert set(roster.classes) == {"a"}
    assert roster.groups.keys() == {"math@2027", "choir"}
    assert roster.groups["math@2027"].class_ids == ("a",)


def test_where_ids_are_labels_every_class_keeps_its_rooms_for_years() -> None:
    years = [
        year("2026/2027", {"1А": ("1А", 1, "abc"), "2А": ("2А", 2, "def")}),
        year("2027/2028", {"1А": ("1А", 1, "ghi"), "2А": ("2А", 2, "abc")}),
        year("2028/2029", {"1А": ("1А", 1, "jkl"), "2А": ("2А", 2, "ghi")}),
    ]
    first, second, third = years
    turn, _table = turn_between(first, second, today=TODAY, on=ON)
    standing = turned(Delivery(second), turn).roster
    assert standing is not None
    assert {name: one.label for name, one in standing.classes.items()} == {
        "1А@2027": "1А",
        "1А": "2А",
    }
    later, _table = turn_between(
        standing, third, today=date(2028, 8, 1), on=date(2028, 9, 1), last=turn
    )
    again = turned(Delivery(third), later).roster
    assert again is not None
    assert {name: one.label for name, one in again.classes.items()} == {
        "1А@2028": "1А",
        "1А@2027": "2А",
    }
    assert {one.target_id for one in again.memberships if one.person_id in "ghi"} == {"1А@2027"}


def test_a_class_that_comes_in_the_middle_of_the_year_takes_no_other_ones_rooms() -> None:
    turn = Turn("2027", {"6А": "5А"}, taken=frozenset({"5А", "4А"}))
    assert [turn.class_key(name) for name in ("6А", "5А", "7Г")] == ["5А", "5А@2027", "7Г"]


def test_two_turns_in_one_year_have_marks_of_their_own() -> None:
    old, new = year("", {"a": ("5А", 5, "ab")}), year("", {"a": ("6А", 6, "ab")})
    turn, _table = turn_between(old, new, today=TODAY, on=ON)
    again, _table = turn_between(old, new, today=TODAY, on=ON, last=turn)
    assert (turn.mark, again.mark) == ("2027", "2027+")


def test_what_is_held_is_held_whatever_it_names() -> None:
    turn = Turn("2027", {"6А": "5А"})
    held = turned(Delivery(None, held=frozenset({"6А", "petya"})), turn).held
    assert held == {"6А", "5А", "6А@2027", "petya", "petya@2027"}
