"""Finding people and rooms by what a person would type: a part of a name, an id. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from appservice.accounts.desired import roles_in_force
from appservice.diary.personal_rooms import PERSONAL
from appservice.rooms.desired import Desired, DesiredRoom
from appservice.school.model import MemberRole, Person, Role, Roster, in_force

MOST: Final = 10
"""How many of those who match are shown; more are counted."""

_WORD: Final = re.compile(r"[^\W_]+")
_ANY: Final = frozenset[str]()


@dataclass(frozen=True, slots=True)
class Someone:
    """A person as commands see them. `user_id` is "" without an account, `person_id` "" where the
    roster does not know the account. `classes` are labels, of the own class or the child's.
    """

    person_id: str
    user_id: str
    name: str
    roles: tuple[Role, ...] = ()
    schools: frozenset[str] = _ANY
    classes: tuple[str, ...] = ()


class Directory:
    """The people and rooms of the accepted roster on one day."""

    def __init__(
        self, roster: Roster, user_ids: Mapping[str, str], desired: Desired, *, today: date
    ) -> None:
        """`user_ids` by person id."""
        self.desired = desired
        self._roster = roster
        self._user_ids = user_ids
        self._person_ids = {user: person for person, user in user_ids.items()}
        self._roles = roles_in_force(roster, today)
        self._schools, self._classes = _places(roster, today)
        self._words: dict[str, tuple[str, ...]] = {}

    def by_user(self, user_id: str) -> Someone:
        """Whose account this is; a Someone without `person_id` when the roster does not say."""
        person_id = self._person_ids.get(user_id)
        if person_id is None:
            return Someone("", user_id, user_id)
        return self._someone(self._roster.people[person_id])

    def people(self, said: str, schools: frozenset[str] | None) -> tuple[Someone, ...]:
        """Everyone who may be meant, by name; of these schools alone, None: of all.

        An id names one person or none. Every word must begin a word of the name; whole words win.
        """
        people = self._roster.people
        exact = said.strip()
        if exact.startswith("@"):
            user_id = exact if ":" in exact else f"{exact}:{self.desired.server_name}"
            found = [self.by_user(user_id)]
        elif exact in people:
            found = [self._someone(people[exact])]
        else:
            wanted = _folded(exact)
            near = [
                person
                for person in (people.values() if wanted else ())
                if _matches(wanted, self._name_words(person))
            ]
            # Who is called exactly so comes before those whose names only begin like that.
            exactly = [one for one in near if set(wanted) <= set(self._name_words(one))]
            found = [self._someone(person) for person in exactly or near]
        return tuple(
            sorted(
                (one for one in found if _within(one, schools)),
                key=lambda one: (one.name, one.person_id),
            )
        )

    def rooms(self, said: str, schools: frozenset[str] | None) -> tuple[DesiredRoom, ...]:
        """Every room that may be meant, by name. A key or an alias names one room or none.

        Diary rooms are all called alike: one is meant by that name together with its person's.
        """
        exact = said.strip()
        rooms = self.desired.rooms
        if exact in rooms:
            found = [rooms[exact]]
        elif exact.startswith("#"):
            found = [room for room in rooms.values() if room.alias == exact]
        else:
            wanted = _folded(exact)
            found = [
                room for room in (rooms.values() if wanted else ()) if self._is_called(room, wanted)
            ]
            # "5А · Чат" is also how longer names begin.
            whole = [room for room in found if _folded(room.name) == wanted]
            found = whole if len(whole) == 1 else found
        return tuple(
            sorted(
                (one for one in found if schools is None or one.school_id in schools),
                key=lambda one: (one.name, self.whose(one), one.key),
            )
        )

    def whose(self, room: DesiredRoom) -> str:
        """The name of the person whose diary room this is; "" for any other room."""
        if not _is_diary(room):
            return ""
        return next((self.by_user(user).name for user in room.members), "")

    def diaries_called(self, said: str, schools: frozenset[str] | None) -> int:
        """How many diary rooms are called so, whosever they are."""
        wanted = _folded(said)
        return sum(
            1
            for room in (self.desired.rooms.values() if wanted else ())
            if _is_diary(room)
            and (schools is None or room.school_id in schools)
            and _matches(wanted, _diary_words(room))
        )

    def _is_called(self, room: DesiredRoom, wanted: Sequence[str]) -> bool:
        if not _is_diary(room):
            return _matches(wanted, _folded(room.name))
        person = _folded(self.whose(room))
        name = _diary_words(room)
        # The person alone is no name of a room.
        return (
            _matches(wanted, (*name, *person))
            and not _matches(wanted, person)
            and not _matches(wanted, name)
        )

    def rooms_of(self, user_id: str) -> tuple[DesiredRoom, ...]:
        """Where the person must be, in the order of their names."""
        return tuple(
            sorted(
                (room for room in self.desired.rooms.values() if user_id in room.members),
                key=lambda one: (one.name, one.key),
            )
        )

    def language_of(self, schools: Iterable[str]) -> str:
        """The language of the first of these schools, of any school when none of them is here."""
        wanted = frozenset(schools)
        known = [one for one in self._roster.schools if one.school_id in wanted]
        return next((one.language for one in (*known, *self._roster.schools)), "")

    def _someone(self, person: Person) -> Someone:
        id_ = person.person_id
        parts = (person.family_name, person.given_name, person.patronymic)
        return Someone(
            person_id=id_,
            user_id=self._user_ids.get(id_, ""),
            name=" ".join(part for part in parts if part),
            roles=tuple(role for role in Role if role in self._roles.get(id_, _ANY)),
            schools=frozenset(self._schools.get(id_, ())),
            classes=tuple(sorted(self._classes.get(id_, ()))),
        )

    def _name_words(self, person: Person) -> tuple[str, ...]:
        words = self._words.get(person.person_id)
        if words is None:
            name = f"{person.family_name} {person.given_name} {person.patronymic}"
            words = self._words[person.person_id] = _folded(name)
        return words


def _is_diary(room: DesiredRoom) -> bool:
    return room.kind == PERSONAL


def _diary_words(room: DesiredRoom) -> tuple[str, ...]:
    """Its name, in English too."""
    return _folded(f"{room.name} {room.kind}")


def _folded(text: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(text.casefold().replace("ё", "е")))


def _matches(wanted: Sequence[str], words: Sequence[str]) -> bool:
    """Whether each wanted word begins a word of its own."""
    left = list(words)
    for want in sorted(wanted, key=len, reverse=True):
        hit = next((word for word in left if word.startswith(want)), None)
        if hit is None:
            return False
        left.remove(hit)
    return True


def _within(one: Someone, schools: frozenset[str] | None) -> bool:
    return schools is None or bool(one.schools & schools)


def _places(roster: Roster, today: date) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """The schools and class labels of each person, guardians by their children."""
    schools: dict[str, set[str]] = {}
    classes: dict[str, set[str]] = {}
    for role in roster.roles:
        if in_force(role.begin, role.end, today):
            schools.setdefault(role.person_id, set()).add(role.school_id)
    for member in roster.memberships:
        if not in_force(member.begin, member.end, today):
            continue
        place = roster.classes.get(member.target_id) or roster.groups.get(member.target_id)
        if place is not None:
            schools.setdefault(member.person_id, set()).add(place.school_id)
        if member.role in (MemberRole.STUDENT, MemberRole.CLASS_TEACHER) and (
            school_class := roster.classes.get(member.target_id)
        ):
            classes.setdefault(member.person_id, set()).add(school_class.label)
    for tie in roster.guardianships:
        if in_force(tie.begin, tie.end, today):
            schools.setdefault(tie.guardian_id, set()).update(schools.get(tie.student_id, ()))
            classes.setdefault(tie.guardian_id, set()).update(classes.get(tie.student_id, ()))
    return schools, classes
