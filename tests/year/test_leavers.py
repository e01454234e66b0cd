"""Who is a graduate, and when the grace of an account is over."""

from datetime import date

import pytest

from appservice.school.model import MemberRole, Membership, Roster, SchoolClass
from appservice.year.leavers import (
    Leavers,
    LeaversSettings,
    Past,
    graduates,
    last_administrator_of,
)

SCHOOL = Roster(
    classes={
        "10a": SchoolClass("10a", "17", "10А", 10),
        "11a": SchoolClass("11a", "17", "11А", 11),
        "4a": SchoolClass("4a", "primary", "4А", 4),
        "club": SchoolClass("club", "evening", "Вечерний класс"),
    },
    memberships=(
        Membership("tenth", "10a", MemberRole.STUDENT),
        Membership("now", "11a", MemberRole.STUDENT),
        Membership("over", "11a", MemberRole.STUDENT, end=date(2026, 6, 1)),
        Membership("teacher", "11a", MemberRole.CLASS_TEACHER),
        Membership("fourth", "4a", MemberRole.STUDENT),
        Membership("evening", "club", MemberRole.STUDENT),
    ),
)


def test_graduates_are_the_students_of_the_highest_grade_of_each_school() -> None:
    assert graduates(SCHOOL) == {"now", "over", "fourth"}


@pytest.mark.parametrize(
    ("user", "past", "today", "over"),
    [
        ("@anna:x", Past(date(2026, 6, 1)), date(2026, 6, 14), False),
        ("@anna:x", Past(date(2026, 6, 1)), date(2026, 6, 15), True),
        ("@anna:x", Past(date(2026, 6, 1), graduate=True), date(2026, 8, 29), False),
        ("@anna:x", Past(date(2026, 6, 1), graduate=True), date(2026, 8, 30), True),
        ("@boris:x", Past(date(2026, 6, 1)), date(2026, 8, 29), False),
        ("@anna:x", Past(), date(2030, 1, 1), False),
    ],
)
def test_two_weeks_after_leaving_grace_is_over_and_for_graduates_after_the_summer(
    user: str, past: Past, today: date, over: bool
) -> None:
    leavers = Leavers(today, "mark", LeaversSettings(), graduates=frozenset({"@boris:x"}))
    assert leavers.is_over(user, past) == over


def test_who_leaves_a_school_with_an_administrator_is_not_the_last_one() -> None:
    past = Past(administered=("17", "closed", "42"))
    assert last_administrator_of(past, {"17": (), "42": ("@anna:x",)}) == ("17",)
