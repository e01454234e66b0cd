"""The rules pair by pair, straight from the roster's rows: slow, plain enough to be believed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from appservice.contacts.settings import ContactsSettings
from appservice.school.model import MemberRole, Role, Roster

TEACHING = {MemberRole.TEACHER, MemberRole.CLASS_TEACHER}
GUARDING = {MemberRole.GUARDIAN, MemberRole.MODERATOR}


@dataclass(frozen=True)
class Sentences:
    roster: Roster
    settings: ContactsSettings
    today: date

    def now(self, row: object) -> bool:
        begin, end = row.begin, row.end  # type: ignore[attr-defined]
        return (begin is None or begin <= self.today) and (end is None or self.today < end)

    def active(self, person: str) -> bool:
        return self.roster.people[person].active

    def is_in(self, person: str, place: str, *roles: MemberRole) -> bool:
        return self.active(person) and any(
            row.person_id == person and row.target_id == place and row.role in roles
            for row in self.roster.memberships
            if self.now(row)
        )

    def guards(self, guardian: str, student: str) -> bool:
        return (
            self.active(guardian)
            and self.active(student)
            and any(
                (row.student_id, row.guardian_id) == (student, guardian)
                and (row.legal or not self.settings.only_legal_guardians)
                for row in self.roster.guardianships
                if self.now(row)
            )
        )

    def guardian_in(self, person: str, place: str) -> bool:
        """Of one of its students, or listed there."""
        return self.is_in(person, place, *GUARDING) or any(
            self.is_in(student, place, MemberRole.STUDENT) and self.guards(person, student)
            for student in self.roster.people
        )

    def is_at(self, person: str, school: str, what: str) -> bool:
        """What somebody is at a school, by a role or in one of its classes and groups."""
        roles = {
            "student": ({Role.STUDENT}, {MemberRole.STUDENT}),
            "teacher": ({Role.TEACHER, Role.CLASS_TEACHER}, TEACHING),
            "staff": ({Role.STAFF}, {MemberRole.STAFF}),
            "school_admin": ({Role.SCHOOL_ADMIN}, set()),
            "observer": ({Role.OBSERVER}, {MemberRole.OBSERVER}),
            "guardian": (set(), GUARDING),
        }
        by_role, by_membership = roles[what]
        if not self.active(person):
            return False
        if what == "guardian" and any(
            self.is_at(student, school, "student") and self.guards(person, student)
            for student in self.roster.people
        ):
            return True
        return any(
            row.person_id == person and row.school_id == school and row.role in by_role
            for row in self.roster.roles
            if self.now(row)
        ) or any(
            self.is_in(person, place, *by_membership)
            for place in self.places()
            if self.school_of(place) == school
        )

    def places(self) -> list[str]:
        return [*self.roster.classes, *self.roster.groups]

    def school_of(self, place: str) -> str:
        found = self.roster.classes.get(place) or self.roster.groups[place]
        return found.school_id

    def allowed(self, one: str, other: str) -> bool:
        """Whether any sentence of the settings lets `one` write to `other`."""
        return any(
            self.means(role, word, one, other)
            for role, words in self.settings.own_words().items()
            for word in words
        ) or any(
            self.is_at(one, school, role)
            and any(
                self.is_at(other, another, what)
                for what in WHAT[word]
                for another in self.schools()
            )
            for role, words in self.settings.across_words().items()
            for word in words
            for school in self.schools()
        )

    def schools(self) -> list[str]:
        return [school.school_id for school in self.roster.schools]

    def means(self, role: str, word: str, one: str, other: str) -> bool:
        pupil, teaching = (MemberRole.STUDENT,), TEACHING
        together = {
            ("student", "classmates"): ("class", pupil, pupil),
            ("student", "groupmates"): ("group", pupil, pupil),
            ("student", "teachers"): ("any", pupil, teaching),
            ("student", "class_guardians"): ("class", pupil, "guardian"),
            ("guardian", "teachers"): ("any", "guardian", teaching),
            ("guardian", "class_guardians"): ("class", "guardian", "guardian"),
            ("guardian", "class_students"): ("class", "guardian", pupil),
            ("teacher", "own_students"): ("any", teaching, pupil),
            ("teacher", "own_guardians"): ("any", teaching, "guardian"),
        }
        match role, word:
            case "student", "guardians":
                return self.guards(other, one)
            case "guardian", "children":
                return self.guards(one, other)
            case "guardian", "co_guardians":
                return any(
                    self.guards(one, child) and self.guards(other, child)
                    for child in self.roster.people
                )
            case _:
                pass
        if (role, word) in together:
            where, mine, theirs = together[role, word]
            places = {
                "class": list(self.roster.classes),
                "group": list(self.roster.groups),
                "any": self.places(),
            }[where]
            return any(
                self.stands(one, place, mine) and self.stands(other, place, theirs)
                for place in places
            )
        return any(
            self.is_at(one, school, role)
            and any(self.is_at(other, school, what) for what in WHAT[word])
            for school in self.schools()
        )

    def stands(self, person: str, place: str, what: object) -> bool:
        if what == "guardian":
            return self.guardian_in(person, place)
        assert isinstance(what, tuple | set)
        return self.is_in(person, place, *what)


WHAT = {
    "everyone": ("student", "guardian", "teacher", "staff", "school_admin", "observer"),
    "staff": ("teacher", "staff", "school_admin"),
    "administrators": ("school_admin",),
    "students": ("student",),
    "schoolmates": ("student",),
    "guardians": ("guardian",),
    "school_guardians": ("guardian",),
}
