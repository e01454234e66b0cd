"""An administrator asks whether one person may write to another: no Synapse is needed for that."""

import csv

import pytest

from tests.cli.administrator import Administrator

CONFIG = """\
homeserver: {url: http://localhost:8008, server_name: school.test}
appservice: {as_token: 0123456789abcdef0123, hs_token: 0123456789abcdef0123}
accounts: {localpart_secret: 0123456789abcdef0123}
roster: {path: roster}
"""


@pytest.fixture
def office(at_the_terminal: Administrator) -> Administrator:
    """A configuration, and a school of two classes."""
    at_the_terminal.config.write_text(CONFIG, encoding="utf-8")
    at_the_terminal.has_a_roster(classes=2, students=4)
    return at_the_terminal


def column(office: Administrator, table: str, name: str, **where: str) -> list[str]:
    """The cells of a column of the roster, of the rows where the others are so."""
    with (office.folder / "roster" / f"{table}.csv").open(encoding="utf-8-sig") as file:
        return [
            row[name]
            for row in csv.DictReader(file)
            if all(row[key] == value for key, value in where.items())
        ]


def two_students(office: Administrator) -> tuple[str, str, str]:
    """One of the first class, a classmate, and one of the second."""
    first, second = column(office, "classes", "class_id")
    one, mate = column(office, "memberships", "person_id", class_or_group_id=first, role="student")
    other, *_rest = column(
        office, "memberships", "person_id", class_or_group_id=second, role="student"
    )
    return one, mate, other


def test_why_classmates_may_write_is_said_with_the_class_and_the_word(
    office: Administrator,
) -> None:
    one, mate, _other = two_students(office)
    label, *_rest = column(office, "classes", "label")
    said = office.types("contacts", one, mate)
    assert (said.code, said.err) == (0, "")
    reason = f"class {label}: student → student (contacts.may_write_to.student: classmates)"
    assert " ".join(said.out.split()) == (
        f"{one} → {mate}: may write first • {reason} {mate} → {one}: may write first • {reason}"
    )


def test_a_no_is_exit_code_1_and_says_what_the_two_are(office: Administrator) -> None:
    one, _mate, other = two_students(office)
    said = office.types("contacts", one, other, "--json")
    assert said.code == 1
    assert said.object == {
        "answers": [
            {
                "from": writer,
                "to": reader,
                "from_is": ["student"],
                "to_is": ["student"],
                "allowed": False,
                "because": [],
            }
            for writer, reader in ((one, other), (other, one))
        ]
    }
    assert "no word of contacts.may_write_to.student lets student write to student" in " ".join(
        office.types("contacts", one, other).out.split()
    )


def test_no_name_is_shown(office: Administrator) -> None:
    one, mate, other = two_students(office)
    names = {
        *column(office, "people", "family_name"),
        *column(office, "people", "given_name"),
    }
    for pair in ((one, mate), (one, other)):
        out = office.types("contacts", *pair).out
        assert [name for name in names if name in out] == []


def test_who_is_not_in_the_roster_is_refused(office: Administrator) -> None:
    one, _mate, _other = two_students(office)
    said = office.types("contacts", one, "nobody")
    assert (said.code, said.out) == (2, "")
    assert said.err == ("There is no person nobody in the roster. Ids are those of the roster.\n")
