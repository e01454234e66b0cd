"""From the rows of the native tables to a roster: ids that are unique, references that lead
somewhere.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from datetime import date
from typing import Any

from appservice.language import _
from appservice.school.masking import masked
from appservice.school.model import (
    Consent,
    Guardianship,
    Membership,
    Person,
    RoleAssignment,
    Roster,
    School,
    SchoolClass,
    TeachingGroup,
)
from appservice.school.sources.assembling import assembled
from appservice.school.sources.findings import Findings
from appservice.school.sources.native_layout import KIND_OF, LAYOUT, NativeName
from appservice.school.sources.rows import Table, checked

_HOMES: Mapping[str, tuple[NativeName, ...]] = {
    "class_ids": ("classes",),
    "class_or_group_id": ("classes", "groups"),
}

NativeTables = Mapping[NativeName, Table]


def build_native(tables: NativeTables, school: School, findings: Findings) -> Roster:
    return _Building(tables, school, findings).roster()


class _Building:
    def __init__(self, tables: NativeTables, school: School, findings: Findings) -> None:
        self._tables = tables
        self._school = school
        self._findings = findings
        self._people: dict[str, Person] = {}
        self._classes: dict[str, SchoolClass] = {}
        self._groups: dict[str, TeachingGroup] = {}

    def roster(self) -> Roster:
        self._read_people()
        self._read_classes()
        self._read_groups()
        return assembled(
            schools=(self._school,),
            people=self._people,
            roles=self._roles(),
            classes=self._classes,
            groups=self._groups,
            memberships=self._memberships(),
            guardianships=self._guardianships(),
            consents=self._consents(),
            files={"schools": "school.yaml"}
            | {KIND_OF[name]: table.file for name, table in self._tables.items()},
            columns={("memberships", "target_id"): "class_or_group_id"},
        )

    def _read_people(self) -> None:
        people = self._people
        for number, values in self._rows("people"):
            person_id, family, given, patronymic, birth, email, phone, external, active = values
            if self._is_new("people", person_id, number, people):
                people[person_id] = Person(
                    person_id,
                    family,
                    given,
                    patronymic,
                    birth,
                    email,
                    phone,
                    tuple(sorted(external)),
                    active,
                    number,
                )

    def _read_classes(self) -> None:
        for number, (class_id, label, grade, year) in self._rows("classes"):
            if self._is_new("classes", class_id, number, self._classes):
                self._classes[class_id] = SchoolClass(
                    class_id,
                    self._school.school_id,
                    label,
                    grade,
                    year or self._school.year,
                    number,
                )

    def _read_groups(self) -> None:
        classes = self._classes
        for number, (group_id, class_ids, subject, title) in self._rows("groups"):
            if not self._is_new("groups", group_id, number, self._groups):
                continue
            if group_id in classes:
                self._findings.add(
                    "duplicate_id",
                    self._tables["groups"].file,
                    number,
                    "group_id",
                    _("{value} is the id of a class already. Give the group another id.").format(
                        value=masked(group_id)
                    ),
                    holds=(group_id,),
                )
                continue
            if not subject and not title:
                self._findings.add(
                    "missing_value",
                    self._tables["groups"].file,
                    number,
                    "title",
                    _("A group needs a subject or a title. Fill in one of them."),
                    holds=(group_id,),
                )
            found = [
                class_id
                for class_id in dict.fromkeys(class_ids)
                if self._leads("groups", "class_ids", number, class_id, classes, (group_id,))
            ]
            self._groups[group_id] = TeachingGroup(
                group_id, self._school.school_id, tuple(sorted(found)), subject, title, number
            )

    def _roles(self) -> list[RoleAssignment]:
        roles: list[RoleAssignment] = []
        for number, (person_id, role, begin, end) in self._rows("roles"):
            if self._is_person("roles", "person_id", number, person_id, (person_id,)):
                self._in_time("roles", "end", number, begin, end, person_id)
                roles.append(
                    RoleAssignment(
                        self._people[person_id].person_id,
                        self._school.school_id,
                        role,
                        begin,
                        end,
                        number,
                    )
                )
        return roles

    def _memberships(self) -> list[Membership]:
        memberships: list[Membership] = []
        people, classes, groups = self._people, self._classes, self._groups
        for number, (person_id, target_id, role, begin, end) in self._rows("memberships"):
            known = self._is_person("memberships", "person_id", number, person_id, (person_id,))
            if target_id in classes:
                target_id = classes[target_id].class_id
            elif target_id in groups:
                target_id = groups[target_id].group_id
            else:
                self._dangling("memberships", "class_or_group_id", number, target_id, (person_id,))
                continue
            if not known:
                self._findings.touched.add(target_id)
                continue
            self._in_time("memberships", "end", number, begin, end, person_id)
            memberships.append(
                Membership(people[person_id].person_id, target_id, role, begin, end, number)
            )
        return memberships

    def _guardianships(self) -> list[Guardianship]:
        found: list[Guardianship] = []
        for number, values in self._rows("guardians"):
            student_id, guardian_id, relation, legal, may_view = values
            both = (student_id, guardian_id)
            student = self._is_person("guardians", "student_id", number, student_id, both)
            guardian = self._is_person("guardians", "guardian_id", number, guardian_id, both)
            if student and guardian:
                found.append(
                    Guardianship(
                        self._people[student_id].person_id,
                        self._people[guardian_id].person_id,
                        relation,
                        legal,
                        may_view,
                        row=number,
                    )
                )
            else:
                self._findings.touched.update(both)
        return found

    def _consents(self) -> list[Consent]:
        consents: list[Consent] = []
        for number, values in self._rows("consents"):
            person_id, kind, document, given_by, given_at, withdrawn_at = values
            person = self._is_person("consents", "person_id", number, person_id, (person_id,))
            signer = given_by == person_id or self._is_person(
                "consents", "given_by", number, given_by, (person_id,)
            )
            if person and signer:
                self._in_time("consents", "withdrawn_at", number, given_at, withdrawn_at, person_id)
                consents.append(
                    Consent(person_id, kind, document, given_by, given_at, withdrawn_at, number)
                )
            else:
                self._findings.touched.add(person_id)
        return consents

    # --- what every table needs ----------------------------------------------------------------

    def _rows(self, name: NativeName) -> Iterable[tuple[int, list[Any]]]:
        """Row numbers and values, these as LAYOUT orders the columns."""
        table = self._tables.get(name)
        return () if table is None else checked(table, LAYOUT[name].columns, self._findings)

    def _is_new(
        self,
        name: NativeName,
        own_id: str,
        number: int,
        seen: Mapping[str, Person] | Mapping[str, SchoolClass] | Mapping[str, TeachingGroup],
    ) -> bool:
        if own_id not in seen:
            return True
        self._findings.add(
            "duplicate_id",
            self._tables[name].file,
            number,
            LAYOUT[name].columns[0].name,
            _("{value} stands in row {row} already. Every id may stand once.").format(
                value=masked(own_id), row=seen[own_id].row
            ),
            holds=(own_id,),
        )
        return False

    def _is_person(
        self, name: NativeName, column: str, number: int, person_id: str, holds: tuple[str, ...]
    ) -> bool:
        return self._leads(name, column, number, person_id, self._people, holds)

    def _leads(
        self,
        name: NativeName,
        column: str,
        number: int,
        reference: str,
        targets: Container[str],
        holds: tuple[str, ...],
    ) -> bool:
        if reference in targets:
            return True
        self._dangling(name, column, number, reference, holds)
        return False

    def _dangling(
        self, name: NativeName, column: str, number: int, reference: str, holds: tuple[str, ...]
    ) -> None:
        """Unless what it refers to stands there and could not be read: that has been said."""
        if reference in self._findings.unread:
            self._findings.held.update(holds)
            return
        self._findings.add(
            "dangling_ref",
            self._tables[name].file,
            number,
            column,
            _("{value} stands in no row of {file}. Correct the id, or add the row.").format(
                value=masked(reference), file=self._where(column)
            ),
            holds=holds,
        )

    def _where(self, column: str) -> str:
        """The files in which the ids of a column are to be found."""
        names: tuple[NativeName, ...] = _HOMES.get(column, ("people",))
        return ", ".join(self._tables[name].label for name in names if name in self._tables)

    def _in_time(
        self,
        name: NativeName,
        column: str,
        number: int,
        begin: date | None,
        end: date | None,
        person_id: str,
    ) -> None:
        if begin is not None and end is not None and end < begin:
            self._findings.add(
                "end_before_begin",
                self._tables[name].file,
                number,
                column,
                _("This day lies before the first one. Correct one of them."),
                holds=(person_id,),
            )
