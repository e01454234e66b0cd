"""Whether an id still names the same person, remembered without remembering who that person is.

A fingerprint is three bytes, one for each part. Of all the family names, given names and birth
dates there are, dozens share each byte, so it cannot be read back into a person, even by somebody
who tries every name. The price: of 250 ids given to another person about one goes unnoticed.
"""

from __future__ import annotations

from datetime import date
from hashlib import blake2b
from typing import NamedTuple

from appservice.school.model import Person


class Fingerprint(NamedTuple):
    """Two hexadecimal digits for each part; `birth_date` is empty while it is not known."""

    family_name: str
    given_name: str
    birth_date: str = ""


def fingerprint(person: Person) -> Fingerprint:
    """What to remember of a person. Letter case, ё for е and stray blanks make no difference."""
    return Fingerprint(
        _digest(person.person_id, _plain(person.family_name)),
        _digest(person.person_id, _plain(person.given_name)),
        _birth(person),
    )


def is_another_person(person: Person, known: Fingerprint) -> bool:
    """Whether the id now names somebody else.

    Names change (marriage) and birth dates are corrected, but not both at once; where a birth date
    is not known, not both names at once.
    """
    same_family = _digest(person.person_id, _plain(person.family_name)) == known.family_name
    same_given = _digest(person.person_id, _plain(person.given_name)) == known.given_name
    if same_family and same_given:
        return False
    if person.birth_date is None or not known.birth_date:
        return not same_family and not same_given
    return _birth(person) != known.birth_date


def _birth(person: Person) -> str:
    birth: date | None = person.birth_date
    return "" if birth is None else _digest(person.person_id, birth.isoformat())


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold().replace("ё", "е")


def _digest(person_id: str, value: str) -> str:
    """Salted with the id, so that equal names of two people do not look equal."""
    return blake2b(f"{person_id}\0{value}".encode(), digest_size=1).hexdigest()
