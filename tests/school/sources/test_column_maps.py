"""Any export of a school's own system, read through a column map."""

from __future__ import annotations

import zipfile
from datetime import date
from pathlib import Path

import pytest

from appservice.school.model import (
    Consent,
    Guardianship,
    MemberRole,
    Membership,
    Person,
    Role,
    RoleAssignment,
    Roster,
    School,
    SchoolClass,
)
from appservice.school.problem import Delivery
from tests.school.sources.export_of_a_school import PUPILS, SETTINGS, STAFF, TABLES
from tests.school.sources.spreadsheets import Cell, workbook
from tests.school.sources.tiny_deliveries import Files, laid_out, read, told


def delivered(
    tmp_path: Path,
    *,
    pupils: list[list[Cell]] = PUPILS,
    staff: bytes = STAFF,
    more: Files | None = None,
    **settings: object,
) -> Delivery:
    folder = laid_out({"сотрудники.csv": staff, **(more or {})}, tmp_path / "export")
    workbook(folder / "ученики.xlsx", {"Лист1": pupils, "Лист2": [["ничего"]]})
    return read(folder, "native", **{**SETTINGS, **settings})


def without_rows(roster: Roster) -> tuple[object, ...]:
    return (
        [one._replace(row=0) for one in roster.schools],
        [one._replace(row=0) for one in roster.people.values()],
        [one._replace(row=0) for one in roster.roles],
        [one._replace(row=0) for one in roster.classes.values()],
        [one._replace(row=0) for one in roster.memberships],
        [one._replace(row=0) for one in roster.guardianships],
        [one._replace(row=0) for one in roster.consents],
    )


def test_a_wide_row_becomes_a_pupil_a_parent_a_class_and_all_between_them(tmp_path: Path) -> None:
    delivery = delivered(tmp_path)
    assert [problem.code for problem in delivery.problems] == ["phone_not_e164"]
    assert delivery.roster is not None
    student, teacher = MemberRole.STUDENT, MemberRole.CLASS_TEACHER
    assert without_rows(delivery.roster) == (
        [School("17", "Школа 17", "Europe/Moscow", "ru", "2026/2027")],
        [
            Person("101", "Иванова", "Анна", birth_date=date(2015, 3, 2)),
            Person("102", "Иванов", "Олег", birth_date=date(2016, 4, 3)),
            Person("103", "Ким", "Яна", birth_date=date(2015, 5, 4)),
            Person("201", "Иванов", "Пётр", phone="79990000001"),
            Person("301", "Орлова", "Вера"),
            Person("302", "Белова", "Ольга"),
            Person("303", "Седов", "Иван"),
        ],
        [
            RoleAssignment("101", "17", Role.STUDENT),
            RoleAssignment("102", "17", Role.STUDENT),
            RoleAssignment("103", "17", Role.STUDENT),
            RoleAssignment("201", "17", Role.GUARDIAN),
            RoleAssignment("301", "17", Role.TEACHER),
            RoleAssignment("302", "17", Role.TEACHER),
            RoleAssignment("303", "17", Role.SCHOOL_ADMIN),
        ],
        [
            SchoolClass("4Б", "17", "4Б", None, "2026/2027"),
            SchoolClass("5А", "17", "5А", None, "2026/2027"),
        ],
        [
            Membership("101", "5А", student),
            Membership("102", "4Б", student),
            Membership("103", "5А", student),
            Membership("301", "5А", teacher),
            Membership("302", "4Б", teacher),
        ],
        [Guardianship("101", "201"), Guardianship("102", "201")],
        [
            Consent("101", "data_processing", "1", "201", date(2026, 8, 20)),
            Consent("102", "data_processing", "1", "201", date(2026, 8, 20)),
        ],
    )


def test_problems_name_the_file_the_row_and_the_column_of_the_export(tmp_path: Path) -> None:
    pupils = [list(row) for row in PUPILS]
    pupils[2][3] = "2 марта 2015"
    pupils[3][1] = "=Иванов"
    pupils[4][4] = None
    staff = STAFF + "304;Лось;Анна;Завхоз;9Я\n".encode("cp1251") + b"305;;\n"
    delivery = delivered(tmp_path, pupils=pupils, staff=staff)
    assert delivery.roster is None
    assert [problem[:4] for problem in told(delivery)] == [
        ("bad_enum", "сотрудники.csv", 5, "Должность"),
        ("dangling_ref", "сотрудники.csv", 5, "Классное руководство"),
        ("row_width", "сотрудники.csv", 6, ""),
        ("bad_date", "ученики.xlsx", 3, "Дата рождения"),
        ("phone_not_e164", "ученики.xlsx", 3, "Телефон родителя"),
        ("formula_in_name", "ученики.xlsx", 4, "Фамилия"),
        ("missing_value", "ученики.xlsx", 5, "Класс"),
    ]
    assert delivery.counts["row_width"] == 1


def test_an_id_that_stands_twice_is_told_with_both_its_places(tmp_path: Path) -> None:
    staff = STAFF + "101;Лось;Анна;Учитель;\n".encode("cp1251")
    delivery = delivered(tmp_path, staff=staff)
    assert [problem for problem in told(delivery) if problem[0] == "duplicate_id"] == [
        (
            "duplicate_id",
            "сотрудники.csv",
            5,
            "Табельный",
            "1* stands in row 3 (ученики.xlsx) already. Every id may stand once.",
        )
    ]


def test_one_file_is_a_delivery_too(tmp_path: Path) -> None:
    csv = tmp_path / "all.csv"
    csv.write_text(
        "id\tсемья\tимя\tкласс\tправа\nt1\tОрлова\tВера\t5А\tda\nt2\tБелова\tОльга\t5Б\tda\n"
    )
    entries = [
        {
            "into": "people",
            "columns": {"person_id": "id", "family_name": "семья", "given_name": "имя"},
        },
        {"into": "roles", "columns": {"person_id": "id"}, "constants": {"role": "teacher"}},
        {"into": "classes", "columns": {"class_id": "класс", "label": "класс"}},
        {
            "into": "memberships",
            "columns": {"person_id": "id", "class_or_group_id": "класс"},
            "constants": {"role": "class_teacher"},
        },
    ]
    delivery = read(
        csv,
        tables=[{"file": "all.csv", **entry} for entry in entries],
        school={"id": "17"},
        rules={"guardian_needed": "off", "consent_needed": "off"},
    )
    assert told(delivery) == []
    assert delivery.roster is not None
    assert list(delivery.roster.people) == ["t1", "t2"]


@pytest.mark.parametrize(
    ("written", "day"),
    [("2015-03-02", True), ("02.03.2015", True), ("02.03.2015 0:00", True), ("3/2/15", False)],
)
def test_days_may_be_written_as_russian_exports_do(written: str, day: bool, tmp_path: Path) -> None:
    pupils = [list(row) for row in PUPILS]
    pupils[2][3] = written
    delivery = delivered(tmp_path, pupils=pupils)
    assert ("bad_date" not in delivery.counts) == day
    if delivery.roster is not None:
        assert delivery.roster.people["101"].birth_date == date(2015, 3, 2)


def test_what_is_missing_from_the_export_is_told(tmp_path: Path) -> None:
    pupils = [list(row) for row in PUPILS]
    pupils[1][3] = "Родился"
    pupils[1][0] = "Имя"
    tables = [*TABLES[:-1], TABLES[-1] | {"file": "Сотрудники.csv"}]
    delivery = delivered(tmp_path, pupils=pupils, tables=tables)
    assert delivery.roster is None
    assert sorted({problem[:4] for problem in told(delivery)}) == [
        ("duplicate_header", "ученики.xlsx", 2, "Имя"),
        ("missing_file", "Сотрудники.csv", 0, ""),
        ("missing_header", "ученики.xlsx", 2, "Дата рождения"),
        ("missing_header", "ученики.xlsx", 2, "№"),
    ]


def test_a_sheet_that_is_not_there_is_told(tmp_path: Path) -> None:
    tables = [TABLES[0] | {"sheet": "Лист3"}, *TABLES[1:]]
    assert told(delivered(tmp_path, tables=tables)) == [
        (
            "missing_header",
            "ученики.xlsx",
            0,
            "",
            "The file has no sheet Лист3. It has: Лист1, Лист2.",
        )
    ]


def test_a_spreadsheet_without_rows_is_told(tmp_path: Path) -> None:
    delivery = delivered(tmp_path, pupils=PUPILS[:2])
    message = "The file holds no rows after its header. An empty delivery is never applied."
    assert told(delivery) == [("empty_table", "ученики.xlsx", 0, "", message)]


def test_tables_that_no_map_makes_are_told(tmp_path: Path) -> None:
    tables = [one for one in TABLES if one["into"] != "classes"]
    assert told(delivered(tmp_path, tables=tables)) == [
        (
            "missing_file",
            "export",
            0,
            "",
            "No column map makes rows of classes. Add one under roster: tables.",
        )
    ]


def test_the_school_must_be_said_somewhere(tmp_path: Path) -> None:
    assert told(delivered(tmp_path, school={})) == [
        (
            "missing_file",
            "school.yaml",
            0,
            "",
            "Nothing says which school this is. Add the file, or roster: school: id and name.",
        )
    ]


def test_a_school_file_says_which_school_it_is(tmp_path: Path) -> None:
    delivery = delivered(tmp_path, school={}, more={"school.yaml": "id: 5\nname: Пятая\n"})
    assert delivery.roster is not None
    assert delivery.roster.schools == (School("5", "Пятая", row=1),)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param(b"PK\3\4 and no more", "bad_zip", id="damaged"),
        pytest.param(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "bad_zip", id="locked"),
        pytest.param(b"", "bad_zip", id="empty"),
    ],
)
def test_a_spreadsheet_that_cannot_be_opened_is_told(
    content: bytes, code: str, tmp_path: Path
) -> None:
    folder = laid_out({"сотрудники.csv": STAFF, "ученики.xlsx": content}, tmp_path / "export")
    delivery = read(folder, "native", **SETTINGS)
    assert delivery.roster is None
    assert {problem[:4] for problem in told(delivery)} == {(code, "ученики.xlsx", 0, "")}
    assert delivery.counts == {code: 1}


def test_a_spreadsheet_that_unpacks_to_too_much_is_told(tmp_path: Path) -> None:
    folder = laid_out({"сотрудники.csv": STAFF}, tmp_path / "export")
    path = workbook(folder / "ученики.xlsx", {"Лист1": PUPILS})
    with (
        zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/media.xml", "w") as part,
    ):
        for _megabyte in range(300):
            part.write(b"\0" * 1_000_000)
    delivery = read(folder, "native", **SETTINGS)
    message = "The spreadsheet is larger than we accept. Export the sheet as CSV."
    assert told(delivery) == [("zip_limits", "ученики.xlsx", 0, "", message)]
