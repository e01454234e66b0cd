"""Who is whose guardian in OneRoster: agentSourcedIds, which student and guardian each keep of the
other.
"""

from __future__ import annotations

from appservice.language import _
from appservice.school.masking import masked
from appservice.school.model import Guardianship
from appservice.school.sources.findings import Findings
from appservice.school.sources.oneroster_people import People
from appservice.school.sources.oneroster_reports import report_dangling

_STUDENT = "student"
_GUARDIANS = ("guardian", "parent", "relative")
_LEGAL = ("guardian", "parent")  # a relative has no say by law
_COLUMN = "agentSourcedIds"


def read_guardianships(found: People, file: str, findings: Findings) -> list[Guardianship]:
    guardianships: dict[tuple[str, str], Guardianship] = {}
    agents = found.agents
    nobody: tuple[int, tuple[str, ...]] = (0, ())
    for user, (row, named) in agents.items():
        for agent in dict.fromkeys(named):
            if agent not in found.people:
                report_dangling(
                    findings, file, row, _COLUMN, agent, file, holds=(user,), touches=(user,)
                )
                continue
            other_row, theirs = agents.get(agent, nobody)
            mutual = user in theirs
            ends = _ends(user, agent, found)
            if ends is None:
                # Where each names the other, the row of the student tells.
                if not mutual or _leads(user, agent, row, other_row, found):
                    _report_no_guardian(file, row, user, agent, found, findings)
                continue
            student, guardian, relation = ends
            if not mutual:
                _report_one_way(file, row, user, agent, findings)
            elif user != student:
                continue
            guardianships[student, guardian] = Guardianship(
                found.people[student].person_id,
                found.people[guardian].person_id,
                relation,
                legal=relation in _LEGAL,
                row=row,
            )
    return list(guardianships.values())


def _ends(user: str, agent: str, found: People) -> tuple[str, str, str] | None:
    """(student, guardian, relation) of two people, None when they are not that to each other."""
    mine, theirs = found.words.get(user, ()), found.words.get(agent, ())
    if user == agent:  # told by the rules about people
        return (user, user, "guardian") if _STUDENT in mine else None
    for student, guardian, ours, others in (
        (user, agent, mine, theirs),
        (agent, user, theirs, mine),
    ):
        if _STUDENT in ours:
            relation = next((word for word in _GUARDIANS if word in others), "")
            if relation:
                return student, guardian, relation
    return None


def _leads(user: str, agent: str, row: int, other_row: int, found: People) -> bool:
    """Which of two rows that name each other tells of the mistake."""
    mine, theirs = (_STUDENT in found.words.get(one, ()) for one in (user, agent))
    return mine if mine != theirs else row < other_row


def _report_no_guardian(
    file: str, row: int, user: str, agent: str, found: People, findings: Findings
) -> None:
    student = _STUDENT in found.words.get(user, ())
    words = found.words.get(agent if student else user, ())
    findings.add(
        "teacher_as_agent",
        file,
        row,
        _COLUMN,
        _(
            "{value} is no agent for this person: agents are students' guardians, parents and"
            " relatives (here: {role}). Remove the id, or give the agent such a role."
        ).format(value=masked(agent), role=", ".join(words) or "-"),
        holds=(user, agent),
        touches=(user, agent),
    )


def _report_one_way(file: str, row: int, user: str, agent: str, findings: Findings) -> None:
    findings.add(
        "agent_not_reciprocal",
        file,
        row,
        _COLUMN,
        _(
            "{value} is named here but does not name this person in return. Enter the id in both"
            " rows, or in neither."
        ).format(value=masked(agent)),
        holds=(user, agent),
        touches=(user, agent),
    )
