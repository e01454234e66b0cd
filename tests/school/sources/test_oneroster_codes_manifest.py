"""Codes: the manifest of a OneRoster delivery and the files it names.

One change to a valid delivery gives one problem.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.school.sources.one_change import Case, prove
from tests.school.sources.tiny_deliveries import (
    both,
    cell,
    line,
    removed,
    renamed,
    swap,
    whole,
)

CASES = [
    Case(
        "a delivery without a manifest",
        "1.2",
        removed("manifest.csv"),
        (
            "missing_file",
            "manifest.csv",
            0,
            "",
            "A OneRoster delivery begins with this file. Add it.",
        ),
    ),
    Case(
        "a manifest with another header",
        "1.2",
        swap("manifest.csv", "propertyName,value", "name,value"),
        ("bad_manifest", "manifest.csv", 1, "", "The first row must be propertyName,value."),
    ),
    Case(
        "a manifest that forgets a file",
        "1.2",
        swap("manifest.csv", "file.resources,absent\n", ""),
        (
            "bad_manifest",
            "manifest.csv",
            0,
            "propertyName",
            "The line file.resources is missing. Write bulk, delta or absent for it.",
        ),
    ),
    Case(
        "a manifest with a file of another version",
        "1.1",
        line("manifest.csv", "file.roles,absent"),
        (
            "bad_manifest",
            "manifest.csv",
            17,
            "propertyName",
            "OneRoster 1.1 has no file r***. Remove the line.",
        ),
    ),
    Case(
        "a manifest with an unknown word",
        "1.2",
        swap("manifest.csv", "file.orgs,bulk", "file.orgs,full"),
        (
            "bad_manifest",
            "manifest.csv",
            15,
            "value",
            "f*** is not one of: absent, bulk, delta. Mind small and capital letters.",
        ),
    ),
    Case(
        "a manifest with a line that stands twice",
        "1.2",
        line("manifest.csv", "file.orgs,bulk"),
        ("bad_manifest", "manifest.csv", 25, "propertyName", "This line stands twice."),
    ),
    Case(
        "a manifest with a third cell",
        "1.2",
        line("manifest.csv", "source.systemName,Diary,5"),
        ("bad_manifest", "manifest.csv", 25, "", "Every row has a property and its value."),
    ),
    Case(
        "a whole delivery that holds changes only",
        "1.2",
        swap("manifest.csv", "file.users,bulk", "file.users,delta"),
        (
            "bad_manifest",
            "manifest.csv",
            24,
            "value",
            (
                "users.csv holds changes only. Give the whole delivery here, and put changes "
                "into the folder named under roster: deltas."
            ),
        ),
    ),
    Case(
        "a manifest of another version",
        "1.2",
        swap("manifest.csv", "manifest.version,1.0", "manifest.version,2.0"),
        (
            "bad_version",
            "manifest.csv",
            2,
            "manifest.version",
            "The version of the manifest must be 1.0. Correct the line or add it.",
        ),
    ),
    Case(
        "a delivery of OneRoster 1.0",
        "1.1",
        swap("manifest.csv", "oneroster.version,1.1", "oneroster.version,1.0"),
        (
            "bad_version",
            "manifest.csv",
            3,
            "oneroster.version",
            "We read OneRoster 1.1, 1.2. Export one of them, or correct the line.",
        ),
    ),
    Case(
        "a manifest without a version",
        "1.2",
        swap("manifest.csv", "oneroster.version,1.2\n", ""),
        (
            "bad_version",
            "manifest.csv",
            0,
            "oneroster.version",
            "We read OneRoster 1.1, 1.2. Export one of them, or correct the line.",
        ),
    ),
    Case(
        "a promised file that is not there",
        "1.2",
        removed("demographics.csv"),
        ("missing_file", "demographics.csv", 0, "", "The manifest promises this file. Add it."),
    ),
    Case(
        "a needed file that the manifest calls absent",
        "1.2",
        both(swap("manifest.csv", "file.roles,bulk", "file.roles,absent"), removed("roles.csv")),
        (
            "missing_file",
            "roles.csv",
            0,
            "",
            ("The manifest says that this file is absent, but no roster is whole without it."),
        ),
    ),
    Case(
        "classes that refer to courses which are not delivered",
        "1.1",
        both(
            swap("manifest.csv", "file.courses,bulk", "file.courses,absent"), removed("courses.csv")
        ),
        (
            "missing_file",
            "courses.csv",
            0,
            "",
            ("Other files refer to rows of this one. Add it, and announce it in the manifest."),
        ),
    ),
    Case(
        "a role that refers to a profile which is not delivered",
        "1.2",
        cell("roles.csv", 2, "userProfileSourcedId", "p1"),
        (
            "missing_file",
            "userProfiles.csv",
            0,
            "",
            ("Other files refer to rows of this one. Add it, and announce it in the manifest."),
        ),
    ),
    Case(
        "a file that the manifest calls absent",
        "1.2",
        whole("results.csv", "sourcedId\n"),
        (
            "undeclared_file",
            "results.csv",
            0,
            "",
            "The manifest does not announce this file. Announce it there, or remove it.",
        ),
    ),
    Case(
        "a file that no version has",
        "1.2",
        whole("lunches.csv", "sourcedId\n"),
        (
            "undeclared_file",
            "lunches.csv",
            0,
            "",
            "The manifest does not announce this file. Announce it there, or remove it.",
        ),
    ),
    Case(
        "a file spelt with a capital letter",
        "1.2",
        renamed("users.csv", "Users.csv"),
        (
            "missing_file",
            "users.csv",
            0,
            "",
            (
                "The file is called Users.csv. Rename it to users.csv: small and capital "
                "letters matter."
            ),
        ),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=[case.sentence for case in CASES])
def test_one_change_gives_one_problem(case: Case, tmp_path: Path) -> None:
    prove(case, tmp_path)
