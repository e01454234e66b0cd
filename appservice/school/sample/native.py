"""A roster as a folder in the native layout (docs/roster.md)."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ruamel.yaml import YAML

from appservice.school.model import Roster
from appservice.school.sample.csv_tables import Cells, empty_folder, text, write_table

_HEADERS = {
    "people.csv": "person_id family_name given_name patronymic birth_date email phone external_ids"
    " status",
    "roles.csv": "person_id role begin end",
    "classes.csv": "class_id label grade year",
    "groups.csv": "group_id class_ids subject title",
    "memberships.csv": "person_id class_or_group_id role begin end",
    "guardians.csv": "student_id guardian_id relation legal may_view_diary",
    "consents.csv": "person_id kind document given_by given_at withdrawn_at",
}


def write_native(roster: Roster, directory: Path) -> None:
    """Raises Refused when the folder holds other files, ValueError for more than one school."""
    (school,) = roster.schools
    empty_folder(directory, ["school.yaml", *_HEADERS])
    with (directory / "school.yaml").open("w", encoding="utf-8") as file:
        YAML().dump(
            {
                "id": school.school_id,
                "name": school.name,
                "time_zone": school.time_zone,
                "locale": school.language,
                "year": school.year,
            },
            file,
        )
    for name, header in _HEADERS.items():
        write_table(directory / name, header.split(), _rows(roster, name))


def _rows(roster: Roster, file: str) -> Iterable[Cells]:
    match file:
        case "people.csv":
            return (
                (
                    person.person_id,
                    text(person.family_name),
                    text(person.given_name),
                    text(person.patronymic),
                    person.birth_date,
                    text(person.email),
                    person.phone,
                    "|".join(f"{provider}:{name}" for provider, name in person.external_ids),
                    "active" if person.active else "inactive",
                )
                for person in roster.people.values()
            )
        case "roles.csv":
            return ((one.person_id, one.role, one.begin, one.end) for one in roster.roles)
        case "classes.csv":
            return (
                (one.class_id, text(one.label), one.grade, one.year)
                for one in roster.classes.values()
            )
        case "groups.csv":
            return (
                (group.group_id, "|".join(group.class_ids), text(group.subject), text(group.title))
                for group in roster.groups.values()
            )
        case "memberships.csv":
            return (
                (one.person_id, one.target_id, one.role, one.begin, one.end)
                for one in roster.memberships
            )
        case "guardians.csv":
            return (
                (
                    one.student_id,
                    one.guardian_id,
                    text(one.relation),
                    _true_or_false(one.legal),
                    _true_or_false(one.may_view_diary),
                )
                for one in roster.guardianships
            )
        case _:
            return (
                (
                    one.person_id,
                    text(one.kind),
                    text(one.document),
                    one.given_by,
                    one.given_at,
                    one.withdrawn_at,
                )
                for one in roster.consents
            )


def _true_or_false(value: bool) -> str:
    return "true" if value else "false"
