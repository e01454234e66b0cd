"""A few errors may be tolerated: whoever they concern stays as they were, the rest goes on."""

from __future__ import annotations

from pathlib import Path

import pytest

from appservice.school.problem import Delivery
from tests.school.sources.tiny_deliveries import (
    Change,
    Format,
    both,
    cell,
    laid_out,
    line,
    read,
    removed,
    swap,
    tiny,
)

# Another class beside the tiny one, whose people no error concerns.
_OTHERS = both(
    line("people.csv", "s2,Ким,Олег,,2016-04-03,,,,"),
    line("people.csv", "g2,Ким,Яна,,1990-04-03,,,,"),
    line("people.csv", "t2,Белова,Ольга,,,,,,"),
    line("roles.csv", "s2,student,,"),
    line("roles.csv", "g2,guardian,,"),
    line("roles.csv", "t2,teacher,,"),
    line("classes.csv", "4b,4Б,4,"),
    line("memberships.csv", "s2,4b,student,,"),
    line("memberships.csv", "t2,4b,class_teacher,,"),
    line("guardians.csv", "s2,g2,mother,true,true"),
    line("consents.csv", "s2,data_processing,1,g2,2026-08-20,"),
)


def tolerated(tmp_path: Path, errors: int, *changes: Change, form: Format = "native") -> Delivery:
    files = tiny(form)
    if form == "native":
        _OTHERS(files)
    both(*changes)(files)
    return read(laid_out(files, tmp_path / "delivery"), form, tolerate_errors=errors)


def remaining(delivery: Delivery) -> tuple[object, ...]:
    roster = delivery.roster
    assert roster is not None
    return (
        sorted(delivery.held),
        list(roster.people),
        [role.person_id for role in roster.roles],
        list(roster.classes),
        list(roster.groups),
        [(one.person_id, one.target_id) for one in roster.memberships],
        [(one.student_id, one.guardian_id) for one in roster.guardianships],
        [one.person_id for one in roster.consents],
    )


def test_without_errors_nothing_is_held(tmp_path: Path) -> None:
    assert remaining(tolerated(tmp_path, 5))[0] == []


def test_a_person_with_a_wrong_cell_is_held_and_everything_about_them(tmp_path: Path) -> None:
    delivery = tolerated(tmp_path, 1, cell("people.csv", 4, "given_name", "=1"))
    assert delivery.counts == {"formula_in_name": 1}
    assert remaining(delivery) == (
        ["t1"],
        ["g1", "g2", "s1", "s2", "t2"],
        ["g1", "g2", "s1", "s2", "t2"],
        ["4b", "5a"],
        ["alg"],
        [("s1", "5a"), ("s1", "alg"), ("s2", "4b"), ("t2", "4b")],
        [("s1", "g1"), ("s2", "g2")],
        ["s1", "s2"],
    )


def test_with_a_student_their_guardians_are_held(tmp_path: Path) -> None:
    delivery = tolerated(tmp_path, 1, cell("people.csv", 2, "birth_date", "tomorrow"))
    assert remaining(delivery) == (
        ["g1", "s1"],
        ["g2", "s2", "t1", "t2"],
        ["g2", "s2", "t1", "t2"],
        ["4b", "5a"],
        ["alg"],
        [("s2", "4b"), ("t1", "5a"), ("t1", "alg"), ("t2", "4b")],
        [("s2", "g2")],
        ["s2"],
    )


def test_with_a_class_its_groups_are_held(tmp_path: Path) -> None:
    delivery = tolerated(tmp_path, 1, cell("classes.csv", 2, "grade", "fifth"))
    assert remaining(delivery) == (
        ["5a", "alg"],
        ["g1", "g2", "s1", "s2", "t1", "t2"],
        ["g1", "g2", "s1", "s2", "t1", "t2"],
        ["4b"],
        [],
        [("s2", "4b"), ("t2", "4b")],
        [("s1", "g1"), ("s2", "g2")],
        ["s1", "s2"],
    )


def test_a_class_whose_row_cannot_be_read_is_held_too(tmp_path: Path) -> None:
    delivery = tolerated(tmp_path, 1, swap("classes.csv", "5А,5,", "5А,5"))
    assert delivery.counts == {"row_width": 1}
    held, *_rest, memberships, _guardianships, _consents = remaining(delivery)
    assert held == ["5a", "alg", "g1", "s1", "t1"]  # who belongs to it stays as they were
    assert memberships == [("s2", "4b"), ("t2", "4b")]


def test_what_the_rules_about_people_forbid_is_held(tmp_path: Path) -> None:
    delivery = tolerated(tmp_path, 1, swap("guardians.csv", "s1,g1,father,true,true\n", ""))
    assert delivery.counts == {"student_without_guardian": 1}
    assert remaining(delivery)[0] == ["s1"]


def test_a_class_without_a_teacher_is_held(tmp_path: Path) -> None:
    delivery = tolerated(tmp_path, 1, swap("memberships.csv", "t1,5a,class_teacher,,\n", ""))
    assert delivery.counts == {"class_without_teacher": 1}
    assert remaining(delivery)[0] == ["5a", "alg"]


def test_one_error_more_than_tolerated_stops_everything(tmp_path: Path) -> None:
    delivery = tolerated(
        tmp_path,
        1,
        cell("people.csv", 4, "given_name", "=1"),
        cell("classes.csv", 2, "grade", "fifth"),
    )
    assert delivery.roster is None
    assert delivery.held == frozenset()


@pytest.mark.parametrize(
    ("form", "change"),
    [
        pytest.param("native", removed("groups.csv"), id="a file that is missing"),
        pytest.param(
            "native", swap("school.yaml", "'17'", "'1 7'"), id="an error of the school itself"
        ),
        pytest.param(
            "1.2", cell("orgs.csv", 2, "parentSourcedId", "17"), id="an error of an organisation"
        ),
        pytest.param(
            "1.2", cell("courses.csv", 3, "orgSourcedId", "x9"), id="an error of a course"
        ),
    ],
)
def test_what_concerns_nobody_in_particular_is_never_tolerated(
    form: Format, change: Change, tmp_path: Path
) -> None:
    delivery = tolerated(tmp_path, 100, change, form=form)
    assert delivery.roster is None
    assert delivery.held == frozenset()


@pytest.mark.parametrize("form", ["1.1", "1.2"])
def test_a_guardian_who_does_not_name_the_student_holds_both(form: Format, tmp_path: Path) -> None:
    delivery = tolerated(
        tmp_path, 1, swap("users.csv", "+79990000001,,s1,", "+79990000001,,,"), form=form
    )
    assert delivery.counts == {"agent_not_reciprocal": 1}
    assert delivery.held == {"g1", "s1"}
    assert delivery.roster is not None
    assert list(delivery.roster.people) == ["t1"]


def test_an_enrolment_in_a_class_that_there_is_not_holds_the_person(tmp_path: Path) -> None:
    delivery = tolerated(
        tmp_path, 1, cell("enrollments.csv", 5, "classSourcedId", "x9"), form="1.2"
    )
    assert delivery.counts == {"dangling_ref": 1}
    assert delivery.held == {"t1"}
