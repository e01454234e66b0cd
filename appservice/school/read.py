"""Reading a roster: open, read, judge. The only way into the school from outside."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from datetime import date

from appservice.collector import collector_at_rest
from appservice.language import _
from appservice.school.fingerprint import Fingerprint
from appservice.school.holding import concerned, without
from appservice.school.model import Roster
from appservice.school.problem import Delivery, Problem, Severity
from appservice.school.rules.judge import judge_people
from appservice.school.settings import RosterSettings
from appservice.school.sources.csv_rows import UnreadableTable
from appservice.school.sources.findings import LISTED_PER_CODE, Findings
from appservice.school.sources.layers import Place, unfold
from appservice.school.sources.native import read_native
from appservice.school.sources.native_layout import LAYOUT, SCHOOL_FILE
from appservice.school.sources.oneroster import read_oneroster
from appservice.school.sources.oneroster_layout import TABLES
from appservice.school.sources.oneroster_manifest import MANIFEST
from appservice.school.sources.opening import RosterFiles, open_delivery
from appservice.school.sources.table import read_table, table_place

NO_FINGERPRINTS: Mapping[str, Fingerprint] = {}

_LACKS = {  # what the rules say when a row is missing
    "class_without_teacher",
    "student_without_guardian",
    "consent_missing",
    "consent_wrong_signer",
    "empty_group",
}


def read_roster(
    settings: RosterSettings, *, today: date, known: Mapping[str, Fingerprint] = NO_FINGERPRINTS
) -> Delivery:
    """The verdict over the delivery at `settings.path`: every problem at once, and the roster when
    it may be used.

    `known`: the fingerprints of the people accepted before, by person_id. Never raises for anything
    a file holds.
    """
    with collector_at_rest():
        return _read_roster(settings, today, known)


def _read_roster(
    settings: RosterSettings, today: date, known: Mapping[str, Fingerprint]
) -> Delivery:
    findings = Findings()
    roster, place = _read_source(settings, findings)
    if roster is None or findings.stopped():
        return _verdict(None, findings.problems, findings.counts, frozenset(), place)
    judged = judge_people(roster, settings.rules, today=today, known=known)
    whose = concerned(roster, judged) if findings.errors or settings.tolerate_errors else {}
    troubled = findings.held | findings.touched
    problems, counts = list(findings.problems), dict(findings.counts)
    held = set(findings.held)
    errors, bound_to_rows = findings.errors, findings.bound_to_rows
    for problem in judged:
        ids = whose.get((problem.file, problem.row), frozenset())
        if problem.code in _LACKS and not ids.isdisjoint(troubled):
            continue  # a row of theirs was left out; what seems to be missing may stand in it
        if problem.severity is Severity.ERROR:
            errors += 1
            held |= ids
            bound_to_rows = bound_to_rows and bool(ids)
        counts[problem.code] = counts.get(problem.code, 0) + 1
        if counts[problem.code] <= LISTED_PER_CODE:
            problems.append(problem)
    accepted: Roster | None = roster
    remaining: frozenset[str] = frozenset()
    if errors and errors <= settings.tolerate_errors and bound_to_rows:
        accepted, remaining = without(roster, held)
    elif errors:
        accepted = None
    return _verdict(accepted, problems, counts, remaining, place)


def _verdict(
    roster: Roster | None,
    problems: list[Problem],
    counts: dict[str, int],
    held: frozenset[str],
    place: Place,
) -> Delivery:
    told = unfold(problems, place)
    for code in {problem.code for problem in problems}:
        # A row that several tables are made of has its mistakes once.
        listed = sum(problem.code == code for problem in problems)
        counts[code] -= listed - sum(problem.code == code for problem in told)
    order = sorted(told, key=lambda one: (one.file, one.row, one.column, one.code, one.message))
    return Delivery(roster, tuple(order), dict(sorted(counts.items())), held)


def _read_source(settings: RosterSettings, findings: Findings) -> tuple[Roster | None, Place]:
    files = open_delivery(settings.path, findings)
    if files is None:
        return None, _as_it_is
    with closing(files):
        place: Place = _as_it_is
        try:
            match _format(files, settings):
                case "table":
                    place = table_place(settings, files.label)
                    return read_table(files, settings, findings), place
                case "oneroster":
                    return read_oneroster(files, settings, findings)
                case "native":
                    return read_native(files, settings, findings), place
                case _:
                    findings.add(
                        "missing_file",
                        files.label,
                        0,
                        "",
                        _(
                            "This is no roster we know: neither {native} nor {oneroster} is at its"
                            " root, and the configuration has no roster: tables."
                        ).format(native=SCHOOL_FILE, oneroster=MANIFEST)
                        + _deeper(files),
                    )
        except UnreadableTable as error:
            error.report(findings)
        return None, place


def _format(files: RosterFiles, settings: RosterSettings) -> str:
    """By the file that names the format; where it is missing, by any other file of it."""
    if settings.format != "auto":
        return settings.format
    if settings.tables:
        return "table"
    if MANIFEST in files.names:
        return "oneroster"
    if SCHOOL_FILE in files.names:
        return "native"
    native = {table.file for table in LAYOUT.values()}
    oneroster = {f"{table}.csv" for table in TABLES}
    if files.names & (native - oneroster):
        return "native"
    return "oneroster" if files.names & (oneroster - native) else ""


def _deeper(files: RosterFiles) -> str:
    for name in (SCHOOL_FILE, MANIFEST):
        if name in files.deeper:
            return " " + _(
                "The file lies in {place}. Put the files at the root, in no folder."
            ).format(place=files.deeper[name])
    return ""


def _as_it_is(file: str, layer: int, column: str) -> tuple[str, str] | None:
    return None if layer else (file, column)
