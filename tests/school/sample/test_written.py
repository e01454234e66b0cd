"""What is written can be read back, byte for byte the same and nothing wrong with it."""

from __future__ import annotations

import csv
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from appservice.errors import Refused
from appservice.school.model import MemberRole, Role, Roster
from appservice.school.problem import Problem, Severity
from appservice.school.read import read_roster
from appservice.school.sample import (
    OneRosterVersion,
    demo_school,
    sample_school,
    sample_schools,
    write_native,
    write_oneroster,
)
from appservice.school.settings import RosterRules, RosterSettings

TODAY = date(2026, 11, 23)
SCHOOL = sample_school(classes=11, students=120, subjects=5)
NO_CONSENTS = Problem(
    "consent_missing",
    Severity.WARNING,
    "",
    0,
    "",
    "The delivery holds no consents at all, so no rule about consents was applied."
    " Deliver them, or set rules: consent_needed: off.",
)


def values(roster: Roster) -> Roster:
    """A roster without where it came from."""
    return Roster(
        schools=tuple(one._replace(row=0) for one in roster.schools),
        people={name: one._replace(row=0) for name, one in roster.people.items()},
        roles=tuple(one._replace(row=0) for one in roster.roles),
        classes={name: one._replace(row=0) for name, one in roster.classes.items()},
        groups={name: one._replace(row=0) for name, one in roster.groups.items()},
        memberships=tuple(one._replace(row=0) for one in roster.memberships),
        guardianships=tuple(one._replace(row=0) for one in roster.guardianships),
        consents=tuple(one._replace(row=0) for one in roster.consents),
    )


def classes_of(roster: Roster, group_id: str) -> tuple[str, ...]:
    """The classes that the students of a group are in."""
    students = {one.person_id for one in roster.memberships if one.target_id == group_id}
    return tuple(
        sorted(
            {
                one.target_id
                for one in roster.memberships
                if one.role is MemberRole.STUDENT
                and one.person_id in students
                and one.target_id in roster.classes
            }
        )
    )


def carried(roster: Roster, version: OneRosterVersion) -> Roster:
    """What of a roster OneRoster can say."""
    teachers = {one.person_id for one in roster.roles if one.role is Role.TEACHER}
    silent = teachers if version == "1.1" else frozenset[str]()
    return replace(
        roster,
        roles=tuple(
            one
            for one in roster.roles
            if one.role is not Role.GUARDIAN or one.person_id not in silent
        ),
        groups={
            name: one._replace(
                subject=one.subject or one.title,
                class_ids=classes_of(roster, name),
            )
            for name, one in roster.groups.items()
        },
        memberships=tuple(
            one for one in roster.memberships if one.role is not MemberRole.MODERATOR
        ),
        guardianships=tuple(
            one._replace(relation="guardian" if one.relation == "guardian" else "parent")
            for one in roster.guardianships
            if one.guardian_id not in silent
        ),
        consents=(),
    )


def bytes_of(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir()}


def test_a_native_folder_reads_back_as_the_school_it_was_written_from(tmp_path: Path) -> None:
    write_native(SCHOOL, tmp_path)
    delivery = read_roster(RosterSettings(path=tmp_path), today=TODAY)
    assert delivery.problems == ()
    assert delivery.roster is not None
    assert values(delivery.roster) == SCHOOL


@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_oneroster_reads_back_as_far_as_it_can_carry_a_school(
    tmp_path: Path, version: OneRosterVersion
) -> None:
    write_oneroster(SCHOOL, tmp_path, version)
    delivery = read_roster(RosterSettings(path=tmp_path), today=TODAY)
    assert delivery.problems == (NO_CONSENTS,)
    assert delivery.roster is not None
    assert values(delivery.roster) == carried(SCHOOL, version)
    without_consents = RosterSettings(path=tmp_path, rules=RosterRules(consent_needed="off"))
    assert read_roster(without_consents, today=TODAY).problems == ()


def test_several_schools_are_one_oneroster_delivery(tmp_path: Path) -> None:
    region = sample_schools(2, classes=12)
    write_oneroster(region, tmp_path, "1.2")
    delivery = read_roster(RosterSettings(path=tmp_path), today=TODAY)
    assert delivery.problems == (NO_CONSENTS,)
    assert delivery.roster is not None
    assert values(delivery.roster) == carried(region, "1.2")


def test_a_native_folder_holds_one_school(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="unpack"):
        write_native(sample_schools(2, classes=1), tmp_path)


def test_the_same_seed_gives_the_same_bytes_in_another_process(tmp_path: Path) -> None:
    write = (
        "import sys; from pathlib import Path; from appservice.school import sample as s;"
        "folder = Path(sys.argv[1]); school = s.sample_school(classes=3, students=40, seed=5);"
        "s.write_native(school, folder / 'native'); s.write_oneroster(school, folder / '1', '1.2')"
    )
    for seed in ("1", "2"):  # the order of sets differs between these two
        subprocess.run(
            [sys.executable, "-c", write, str(tmp_path / seed)],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(__file__).parents[3])},
            check=True,
        )
    for name in ("native", "1"):
        assert bytes_of(tmp_path / "1" / name) == bytes_of(tmp_path / "2" / name)


def test_writing_again_replaces_the_files(tmp_path: Path) -> None:
    write_native(demo_school("en"), tmp_path)
    write_native(demo_school("ru"), tmp_path)
    assert values(demo_school("ru")) == values(
        read_roster(RosterSettings(path=tmp_path), today=TODAY).roster or Roster()
    )


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.odt").write_text("years of work")
    with pytest.raises(Refused, match=r"holds other files already: thesis\.odt\."):
        write_native(demo_school(), tmp_path)
    assert bytes_of(tmp_path) == {"thesis.odt": b"years of work"}


@pytest.mark.parametrize("name", ["=1+1", "+7", "-cmd", "@SUM(A1)", "\t=1"])
def test_a_name_that_a_spreadsheet_would_run_is_not_written(tmp_path: Path, name: str) -> None:
    school = demo_school()
    person_id, person = next(iter(school.people.items()))
    poisoned = replace(
        school, people={**school.people, person_id: person._replace(given_name=name)}
    )
    with pytest.raises(Refused, match="formula"):
        write_native(poisoned, tmp_path / "native")
    with pytest.raises(Refused, match="formula"):
        write_oneroster(poisoned, tmp_path / "oneroster", "1.2")


def test_no_cell_but_a_phone_begins_like_a_formula(tmp_path: Path) -> None:
    write_oneroster(SCHOOL, tmp_path / "oneroster", "1.1")
    write_native(SCHOOL, tmp_path / "native")
    for path in tmp_path.glob("*/*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                suspicious = {name for name, cell in row.items() if cell[:1] in set("=+-@\t\r")}
                assert suspicious <= {"phone"}
