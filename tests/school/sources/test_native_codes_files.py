"""Codes: the files and the headers of a native folder.

One change to a valid delivery gives one problem.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.school.sources.one_change import Case, prove
from tests.school.sources.tiny_deliveries import (
    both,
    removed,
    renamed,
    swap,
    whole,
)

CASES = [
    Case(
        "a native folder without its school file",
        "native",
        removed("school.yaml"),
        ("missing_file", "school.yaml", 0, "", "Every roster needs this file. Add it."),
    ),
    Case(
        "a native folder without its memberships",
        "native",
        removed("memberships.csv"),
        (
            "missing_file",
            "memberships.csv",
            0,
            "",
            "Every roster needs this file, with its header at least. Add it.",
        ),
    ),
    Case(
        "a native folder whose groups are left out",
        "native",
        removed("groups.csv"),
        (
            "missing_file",
            "groups.csv",
            0,
            "",
            "Every roster needs this file, with its header at least. Add it.",
        ),
    ),
    Case(
        "a file spelt with a capital letter",
        "native",
        renamed("people.csv", "People.csv"),
        (
            "missing_file",
            "people.csv",
            0,
            "",
            (
                "The file is called People.csv. Rename it to people.csv: small and capital "
                "letters matter."
            ),
        ),
    ),
    Case(
        "an optional file spelt with a capital letter",
        "native",
        renamed("consents.csv", "Consents.csv"),
        (
            "missing_file",
            "consents.csv",
            0,
            "",
            (
                "The file is called Consents.csv. Rename it to consents.csv: small and "
                "capital letters matter."
            ),
        ),
    ),
    Case(
        "a school file that is no mapping",
        "native",
        whole("school.yaml", "- 17\n"),
        (
            "bad_manifest",
            "school.yaml",
            0,
            "",
            (
                "This is not a list of `name: value` lines (YAML). See docs/roster.md for an "
                "example."
            ),
        ),
    ),
    Case(
        "a school file that is no YAML",
        "native",
        whole("school.yaml", "id: '17'\nname: [\n"),
        (
            "bad_manifest",
            "school.yaml",
            3,
            "",
            (
                "This is not a list of `name: value` lines (YAML). See docs/roster.md for an "
                "example."
            ),
        ),
    ),
    Case(
        "a school file nested without end",
        "native",
        whole("school.yaml", "[" * 1000),
        (
            "bad_manifest",
            "school.yaml",
            0,
            "",
            (
                "This is not a list of `name: value` lines (YAML). See docs/roster.md for an "
                "example."
            ),
        ),
    ),
    Case(
        "a school without an id",
        "native",
        swap("school.yaml", "id: '17'\n", ""),
        ("missing_value", "school.yaml", 0, "id", "The line id: is missing. Add it."),
    ),
    Case(
        "a school with an empty name",
        "native",
        swap("school.yaml", "School 17", ""),
        ("missing_value", "school.yaml", 2, "name", "This cell must not be empty. Fill it in."),
    ),
    Case(
        "a school in a time zone that there is not",
        "native",
        swap("school.yaml", "Europe/Samara", "Europe/Atlantis"),
        (
            "bad_enum",
            "school.yaml",
            3,
            "time_zone",
            "E****** is not a time zone. Write it like Europe/Moscow.",
        ),
    ),
    Case(
        "a school that speaks an unknown language",
        "native",
        swap("school.yaml", "locale: en", "locale: fr"),
        (
            "bad_enum",
            "school.yaml",
            4,
            "locale",
            "f* is not one of: ru, en. Mind small and capital letters.",
        ),
    ),
    Case(
        "a school whose id holds a space",
        "native",
        swap("school.yaml", "'17'", "'1 7'"),
        (
            "bad_guid",
            "school.yaml",
            1,
            "id",
            (
                "1* cannot be an id. Use 1 to 255 letters, digits and the characters . / @ _ "
                ": + - only, without spaces."
            ),
        ),
    ),
    Case(
        "a school file with an unknown line",
        "native",
        swap("school.yaml", "locale: en", "locale: en\nanthem: none"),
        ("unknown_metadata", "school.yaml", 5, "anthem", "We do not know anthem and leave it out."),
    ),
    Case(
        "a table without a column",
        "native",
        swap("people.csv", ",email", ""),
        (
            "missing_header",
            "people.csv",
            1,
            "email",
            "This column is missing. Add it; it may be empty where no value is needed.",
        ),
    ),
    Case(
        "a column spelt with a capital letter",
        "native",
        swap("people.csv", "person_id", "Person_id"),
        (
            "missing_header",
            "people.csv",
            1,
            "person_id",
            "The column is called Person_id. Small and capital letters matter: rename it.",
        ),
    ),
    Case(
        "a column that stands twice",
        "native",
        swap("people.csv", "status\n", "status,status\n"),
        (
            "duplicate_header",
            "people.csv",
            1,
            "status",
            "Two columns have this name. Remove or rename one of them.",
        ),
    ),
    Case(
        "a column that nobody knows",
        "native",
        both(swap("classes.csv", "year", "year,mascot"), swap("classes.csv", "5,\n", "5,,owl\n")),
        (
            "unknown_metadata",
            "classes.csv",
            1,
            "mascot",
            "We do not know this column and leave it out.",
        ),
    ),
    Case(
        "a table without rows",
        "native",
        whole("classes.csv", "class_id,label,grade,year\n"),
        (
            "empty_table",
            "classes.csv",
            0,
            "",
            "The file holds no rows after its header. An empty delivery is never applied.",
        ),
    ),
    Case(
        "a file without a byte",
        "native",
        whole("guardians.csv", ""),
        ("empty_table", "guardians.csv", 0, "", "The file is empty. Write its header at least."),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=[case.sentence for case in CASES])
def test_one_change_gives_one_problem(case: Case, tmp_path: Path) -> None:
    prove(case, tmp_path)
