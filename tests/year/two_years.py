"""Schools of two years, a few letters each."""

from collections.abc import Mapping

from appservice.school.model import (
    MemberRole,
    Membership,
    Roster,
    School,
    SchoolClass,
    TeachingGroup,
)

Classes = Mapping[str, tuple[str, int | None, str]]
"""Class id → label, grade, students by a letter each."""


def year(
    name: str, classes: Classes, groups: Mapping[str, tuple[str, str]] | None = None
) -> Roster:
    """`groups`: group id → class id, subject (without one: a club)."""
    return Roster(
        schools=(School("17", "Школа № 17", year=name),),
        classes={
            class_id: SchoolClass(class_id, "17", label, grade, name)
            for class_id, (label, grade, _students) in classes.items()
        },
        groups={
            group_id: TeachingGroup(
                group_id, "17", (class_id,) if class_id else (), subject, group_id
            )
            for group_id, (class_id, subject) in (groups or {}).items()
        },
        memberships=tuple(
            Membership(student, class_id, MemberRole.STUDENT)
            for class_id, (_label, _grade, students) in classes.items()
            for student in students
        ),
    )
