"""The rules about people: who must be there, who may stand for whom, what cannot both be true.

Pure: judges the values of a roster that has passed the structural checks, by every rule at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from appservice.school.fingerprint import Fingerprint
from appservice.school.model import Roster
from appservice.school.problem import Problem
from appservice.school.rules.case import open_case
from appservice.school.rules.classes import judge_classes
from appservice.school.rules.consents import judge_consents
from appservice.school.rules.contacts import judge_contacts
from appservice.school.rules.guardians import judge_guardians
from appservice.school.rules.names import judge_names
from appservice.school.settings import RosterRules


def judge_people(
    roster: Roster, rules: RosterRules, *, today: date, known: Mapping[str, Fingerprint]
) -> list[Problem]:
    """Every problem of the people in a roster, sorted by file, row, column and code.

    `known` holds the fingerprints of the people accepted before, by person_id.
    """
    case = open_case(roster, rules, today)
    return sorted(
        [
            *judge_names(case, known),
            *judge_contacts(case),
            *judge_guardians(case),
            *judge_consents(case),
            *judge_classes(case),
        ],
        key=lambda problem: (problem.file, problem.row, problem.column, problem.code),
    )
