"""Names: in one alphabet, without a borrowed badge; and an id still names the same person."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import lru_cache

from appservice.language import _
from appservice.school.fingerprint import Fingerprint, is_another_person
from appservice.school.masking import masked
from appservice.school.problem import Problem, Severity
from appservice.school.rules.case import Case

# Nearly every name there is: Cyrillic or Latin words with hyphens, apostrophes, dots between.
_PLAIN = re.compile(r"[А-ЯЁа-яё .'’-]*|[A-Za-z .'’-]*").fullmatch
_WORDS = re.compile(r"[^\s.'’\-]+").findall
_LETTERS_IN_DISGUISE = frozenset("03")  # О and З, seen inside Cyrillic words
_SCRIPTS = ("CYRILLIC", "LATIN", "GREEK")
_SIGN = "sign"


def judge_names(case: Case, known: Mapping[str, Fingerprint]) -> Iterator[Problem]:
    for person_id, person in case.roster.people.items():
        for field, name in (
            ("family_name", person.family_name),
            ("given_name", person.given_name),
            ("patronymic", person.patronymic),
        ):
            reason = "" if _PLAIN(name) else _disguise(name)
            if reason:
                yield case.problem(
                    "name_homoglyph",
                    Severity.WARNING,
                    "people",
                    person.row,
                    field,
                    reason.format(name=masked(name)),
                )
        if person_id in known and is_another_person(person, known[person_id]):
            yield case.problem(
                "id_reused_other_person",
                Severity.ERROR,
                "people",
                person.row,
                "person_id",
                _(
                    "This id belonged to another person until now; here it is {name}. Ids are never"
                    " given twice: give this person a new one, or correct the name."
                ).format(name=masked(person.family_name)),
            )


def _disguise(name: str) -> str:
    """Why a name may pass for another, as a text with {name} to fill in; empty when it may not."""
    if any(_alphabet(character) == _SIGN for character in name):
        return _(
            "The name {name} holds a sign that is not a letter and may pass for a badge. Remove it."
        )
    for word in _WORDS(name):
        alphabets = {_alphabet(letter) for letter in word} - {""}
        disguised = "CYRILLIC" in alphabets and not _LETTERS_IN_DISGUISE.isdisjoint(word)
        if len(alphabets) > 1 or disguised:
            return _(
                "The name {name} mixes characters of two alphabets that look alike. Write it again"
                " in one alphabet."
            )
    return ""


@lru_cache(maxsize=4096)
def _alphabet(character: str) -> str:
    """The alphabet of a letter, or _SIGN; empty for what belongs to every alphabet."""
    if unicodedata.category(character) in {"So", "Sm", "Sc", "Cn", "Co"}:
        return _SIGN
    name = unicodedata.name(character, "")
    return next((script for script in _SCRIPTS if name.startswith(script)), "")
