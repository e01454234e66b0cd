"""Codes: the headers of OneRoster's tables.

One change to a valid delivery gives one problem.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.school.sources.one_change import Case, prove
from tests.school.sources.tiny_deliveries import (
    ONEROSTER_12,
    both,
    cell,
    swap,
    whole,
)

CASES = [
    Case(
        "a table without a column",
        "1.2",
        swap("orgs.csv", "identifier,", ""),
        (
            "missing_header",
            "orgs.csv",
            1,
            "identifier",
            "This column is missing. Add it; it may be empty where no value is needed.",
        ),
    ),
    Case(
        "a column spelt with a small letter",
        "1.2",
        swap("orgs.csv", "parentSourcedId", "parentsourcedId"),
        (
            "missing_header",
            "orgs.csv",
            1,
            "parentSourcedId",
            ("The column is called parentsourcedId. Small and capital letters matter: rename it."),
        ),
    ),
    Case(
        "a column that stands twice",
        "1.1",
        swap("users.csv", "username", "role"),
        (
            "duplicate_header",
            "users.csv",
            1,
            "role",
            "Two columns have this name. Remove or rename one of them.",
        ),
    ),
    Case(
        "columns in another order",
        "1.2",
        swap("enrollments.csv", "beginDate,endDate", "endDate,beginDate"),
        (
            "header_order",
            "enrollments.csv",
            1,
            "endDate",
            (
                "The columns must stand in the order of the standard: sourcedId,status,dateLa"
                "stModified,classSourcedId,schoolSourcedId,userSourcedId,role,primary,beginDa"
                "te,endDate."
            ),
        ),
    ),
    Case(
        "a column that is not the standard's",
        "1.2",
        swap("orgs.csv", "parentSourcedId\n", "parentSourcedId,region\n"),
        (
            "header_order",
            "orgs.csv",
            1,
            "region",
            "After the standard's columns only metadata.* may follow. Remove this one.",
        ),
    ),
    Case(
        "a metadata column",
        "1.2",
        both(
            swap("orgs.csv", "parentSourcedId\n", "parentSourcedId,metadata.region\n"),
            swap("orgs.csv", "district,,\n", "district,,,\n"),
            swap("orgs.csv", "school,,d1", "school,,d1,66"),
        ),
        (
            "unknown_metadata",
            "orgs.csv",
            1,
            "metadata.region",
            "We do not know this column and leave it out.",
        ),
    ),
    Case(
        "columns separated by semicolons",
        "1.2",
        whole("orgs.csv", "sourcedId;status;dateLastModified\n17;;\n"),
        (
            "missing_header",
            "orgs.csv",
            1,
            "",
            "The columns are separated by semicolons. OneRoster separates them by commas.",
        ),
    ),
    Case(
        "demographics without the birth date",
        "1.2",
        whole("demographics.csv", "sourcedId,status,dateLastModified,sex\ns1,,,\n"),
        (
            "missing_header",
            "demographics.csv",
            1,
            "birthDate",
            "This column is missing. Add it; it may be empty where no value is needed.",
        ),
    ),
    Case(
        "a table without rows",
        "1.2",
        whole("users.csv", ONEROSTER_12["users.csv"].split("\n")[0] + "\n"),
        (
            "empty_table",
            "users.csv",
            0,
            "",
            "The file holds no rows after its header. An empty delivery is never applied.",
        ),
    ),
    Case(
        "a file without a byte",
        "1.2",
        whole("demographics.csv", ""),
        ("empty_table", "demographics.csv", 0, "", "The file is empty. Write its header at least."),
    ),
    Case(
        "no organisation that is a school",
        "1.1",
        cell("orgs.csv", 3, "type", "district"),
        (
            "empty_table",
            "orgs.csv",
            0,
            "type",
            "No organisation here has the type school. Add the school.",
        ),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=[case.sentence for case in CASES])
def test_one_change_gives_one_problem(case: Case, tmp_path: Path) -> None:
    prove(case, tmp_path)
