"""What a school exports from its own system: a class list as XLSX, staff as Windows writes CSV."""

from __future__ import annotations

from datetime import date

from tests.school.sources.spreadsheets import Cell

PUPILS: list[list[Cell]] = [
    ["Ученики на 1 сентября"],
    [
        "№",
        "Фамилия",
        "Имя",
        "Дата рождения",
        "Класс",
        "Родитель",
        "Фамилия родителя",
        "Имя родителя",
        "Телефон родителя",
        "Законный",
        "Согласие",
    ],
    [
        101,
        "Иванова",
        "Анна",
        date(2015, 3, 2),
        "5А",
        201,
        "Иванов",
        "Пётр",
        79990000001,
        True,
        date(2026, 8, 20),
    ],
    [
        102,
        "Иванов ",
        "Олег",
        date(2016, 4, 3),
        "4Б",
        201,
        "Иванов",
        "Пётр",
        79990000001,
        True,
        date(2026, 8, 20),
    ],
    [103, "Ким", "Яна", date(2015, 5, 4), "5А", None, None, None, None, None, None],
]
STAFF = (
    "Табельный;Фамилия;Имя;Должность;Классное руководство\n"
    "301;Орлова;Вера;Учитель;5А\n"
    "302;Белова;Ольга;Учитель;4Б\n"
    "303;Седов;Иван;Директор;\n"
).encode("cp1251")

_STUDENT = {"person_id": "№"}
_PARENT = {"person_id": "Родитель"}
_TEACHER = {"person_id": "Табельный"}
TABLES: list[dict[str, object]] = [
    {
        "file": "ученики.xlsx",
        "header_row": 2,
        "into": "people",
        "columns": _STUDENT
        | {"family_name": "Фамилия", "given_name": "Имя", "birth_date": "Дата рождения"},
    },
    {
        "file": "ученики.xlsx",
        "header_row": 2,
        "into": "people",
        "columns": _PARENT
        | {
            "family_name": "Фамилия родителя",
            "given_name": "Имя родителя",
            "phone": "Телефон родителя",
        },
    },
    {
        "file": "ученики.xlsx",
        "header_row": 2,
        "into": "roles",
        "columns": _STUDENT,
        "constants": {"role": "student"},
    },
    {
        "file": "ученики.xlsx",
        "header_row": 2,
        "into": "roles",
        "columns": _PARENT,
        "constants": {"role": "guardian"},
    },
    {
        "file": "ученики.xlsx",
        "header_row": 2,
        "into": "classes",
        "columns": {"class_id": "Класс", "label": "Класс"},
    },
    {
        "file": "ученики.xlsx",
        "header_row": 2,
        "into": "memberships",
        "columns": _STUDENT | {"class_or_group_id": "Класс"},
        "constants": {"role": "student"},
    },
    {
        "file": "ученики.xlsx",
        "header_row": 2,
        "into": "guardians",
        "columns": {"student_id": "№", "guardian_id": "Родитель", "legal": "Законный"},
        "only_with": "guardian_id",
    },
    {
        "file": "ученики.xlsx",
        "header_row": 2,
        "into": "consents",
        "columns": _STUDENT | {"given_by": "Родитель", "given_at": "Согласие"},
        "constants": {"kind": "data_processing", "document": "1"},
        "only_with": "given_at",
    },
    {
        "file": "сотрудники.csv",
        "into": "people",
        "columns": _TEACHER | {"family_name": "Фамилия", "given_name": "Имя"},
    },
    {
        "file": "сотрудники.csv",
        "into": "roles",
        "columns": _TEACHER | {"role": "Должность"},
        "values": {"role": {"Учитель": "teacher", "Директор": "school_admin"}},
    },
    {
        "file": "сотрудники.csv",
        "into": "memberships",
        "columns": _TEACHER | {"class_or_group_id": "Классное руководство"},
        "constants": {"role": "class_teacher"},
        "only_with": "class_or_group_id",
    },
]
SETTINGS: dict[str, object] = {
    "tables": TABLES,
    "encoding": "cp1251",
    "school": {"id": "17", "name": "Школа 17", "locale": "ru", "year": "2026/2027"},
    "rules": {"guardian_needed": "off", "consent_needed": "off"},
}
