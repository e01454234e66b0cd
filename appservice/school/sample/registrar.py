"""Who enrols invented people: each gets an id, an e-mail address and a phone that nobody else has.

Nobody real can be reached by them: example.org belongs to no one, and no area code begins with 00.
"""

from __future__ import annotations

from datetime import date
from hashlib import blake2b

from appservice.school.model import Person, Role, RoleAssignment
from appservice.school.sample.names import FullName, latin

MOST_PEOPLE = 200_000  # a school
MOST_SCHOOLS = 500


class Registrar:
    """Collects the people of one school and their roles, in the order of their ids.

    `index` tells the schools of one delivery apart, `origin` the deliveries: another seed, other
    ids.
    """

    def __init__(self, school_id: str, index: int, origin: str) -> None:
        self.school_id = school_id
        self.people: dict[str, Person] = {}
        self.roles: list[RoleAssignment] = []
        self._index = index
        self._tag = blake2b(origin.encode(), digest_size=3).hexdigest()

    def enrol(self, name: FullName, birth_date: date, *roles: Role) -> str:
        """The id of a new person."""
        number = len(self.people) + 1
        person_id = self.id_for("", number)
        self.people[person_id] = Person(
            person_id,
            name.family_name,
            name.given_name,
            name.patronymic,
            birth_date,
            f"{latin(name.given_name[0])}.{latin(name.family_name)}{number}"
            f"@{self.school_id}.example.org",
            self._phone(number),
        )
        for role in roles:
            self.appoint(person_id, role)
        return person_id

    def appoint(self, person_id: str, role: Role) -> None:
        self.roles.append(RoleAssignment(person_id, self.school_id, role))

    def id_for(self, kind: str, number: int) -> str:
        """An id that says nothing about whom or what it names."""
        return f"{self._tag}-{kind}{number:05}"

    def _phone(self, number: int) -> str:
        # A step without a common factor with the count of numbers leads to each of them once.
        place = (self._index * MOST_PEOPLE + number) * 7_654_321 % (MOST_SCHOOLS * MOST_PEOPLE)
        return f"+700{place:08}"
