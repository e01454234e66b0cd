"""CSV files and spreadsheets in a folder become events through a column map."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from appservice.diary.pull.exports import ExportSource
from appservice.diary.pull.settings import ExportSettings
from tests.diary.pull.delivered import THURSDAY, read, said, told

HEADER = "Ученик;Предмет;Оценка;Дата;Работа\n"
ROW = "101;Алгебра;5;01.10.2026;Контрольная\n"
GRADE = {
    "student": "101",
    "subject": "Алгебра",
    "value": "5",
    "day": "2026-10-01",
    "work": "Контрольная",
}
COLUMNS = {
    "student": "Ученик",
    "subject": "Предмет",
    "value": "Оценка",
    "day": "Дата",
    "work": "Работа",
}


def grades(**changes: Any) -> ExportSource:
    table: dict[str, Any] = {"file": "grades*.csv", "into": "grade", "columns": COLUMNS}
    return ExportSource([ExportSettings.model_validate(table | changes)], "utf-8")


def test_a_new_row_is_a_grade_and_the_next_reading_says_nothing(tmp_path: Path) -> None:
    files = {"grades-1.csv": HEADER + ROW}
    first = read(grades(), tmp_path, files)
    again = read(grades(), tmp_path, files, first.memory)
    assert (said(first), told(first)) == ([("grade.posted", 0, GRADE)], [])
    assert (said(again), told(again), again.memory) == ([], [], first.memory)


def test_a_row_that_changes_is_the_next_revision_of_the_same_grade(tmp_path: Path) -> None:
    first = read(grades(), tmp_path, {"grades.csv": HEADER + ROW})
    second = read(
        grades(), tmp_path, {"grades.csv": HEADER + ROW.replace(";5;", ";4;")}, first.memory
    )
    assert said(second) == [("grade.changed", 1, GRADE | {"value": "4"})]
    assert first.found[0].document["external_id"] == second.found[0].document["external_id"]


def test_a_row_that_goes_is_a_grade_removed_only_where_the_files_are_whole(tmp_path: Path) -> None:
    gone = {"student": "101", "subject": "Алгебра", "day": "2026-10-01"}
    two = HEADER + ROW + ROW.replace("101", "102")
    one = HEADER + ROW.replace("101", "102")
    for whole, expected in ((True, [("grade.removed", 1, gone)]), (False, [])):
        source = grades(whole=whole)
        first = read(source, tmp_path, {"grades.csv": two})
        second = read(source, tmp_path, {"grades.csv": one}, first.memory)
        assert said(second) == expected
        third = read(source, tmp_path, {"grades.csv": two}, second.memory)
        assert said(third) == ([("grade.posted", 2, GRADE)] if whole else [])


def test_an_export_that_lost_most_of_its_rows_removes_nothing(tmp_path: Path) -> None:
    source = grades(whole=True)
    rows = [ROW.replace("101", str(number)) for number in range(100, 150)]
    first = read(source, tmp_path, {"grades.csv": HEADER + "".join(rows)})
    second = read(source, tmp_path, {"grades.csv": HEADER + rows[0]}, first.memory)
    assert (said(second), told(second)) == ([], [("too_many_gone", "", 0, "")])
    third = read(source, tmp_path, {"grades.csv": HEADER + "".join(rows)}, second.memory)
    assert (said(third), told(third)) == ([], [])
    accepted = read(
        source, tmp_path, {"grades.csv": HEADER + rows[0]}, second.memory, gone_indeed=True
    )
    assert [kind for kind, _revision, _payload in said(accepted)] == ["grade.removed"] * 49
    assert told(accepted) == []


def test_old_grades_are_remembered_and_told_to_nobody(tmp_path: Path) -> None:
    old = ROW.replace("01.10.2026", "01.09.2026")
    first = read(grades(), tmp_path, {"grades.csv": HEADER + old})
    corrected = {"grades.csv": HEADER + old.replace(";5;", ";4;")}
    second = read(grades(), tmp_path, corrected, first.memory)
    assert said(first) == []
    assert said(second) == [("grade.changed", 1, GRADE | {"value": "4", "day": "2026-09-01"})]


def test_two_marks_of_one_day_are_two_grades(tmp_path: Path) -> None:
    reading = read(grades(), tmp_path, {"grades.csv": HEADER + ROW + ROW.replace(";5;", ";3;")})
    assert said(reading) == [
        ("grade.posted", 0, GRADE),
        ("grade.posted", 0, GRADE | {"value": "3"}),
    ]
    assert len({str(each.document["external_id"]) for each in reading.found}) == 2


def test_what_stands_in_no_file_is_forgotten_in_time(tmp_path: Path) -> None:
    first = read(grades(), tmp_path, {"grades.csv": HEADER + ROW})
    for days, kept in ((60, 1), (61, 0)):
        later = read(
            grades(), tmp_path, {"grades.csv": HEADER}, first.memory, now=THURSDAY + timedelta(days)
        )
        assert len(later.memory["0 grade"]["rows"]) == kept


@pytest.mark.parametrize(
    ("content", "problems"),
    [
        (HEADER + ROW.replace("01.10.2026", "31.02.2026"), [("bad_day", "grades.csv", 2, "Дата")]),
        (HEADER + ROW + "102;Алгебра;;01.10.2026;\n", [("missing_key", "grades.csv", 3, "Оценка")]),
        (HEADER + "1 2" + ROW, [("bad_id", "grades.csv", 2, "Ученик")]),
        (HEADER + "101;Алгебра\n", [("row_width", "grades.csv", 2, "")]),
        ("Ученик;Предмет;Дата;Работа\n", [("missing_header", "grades.csv", 1, "Оценка")]),
        (HEADER.encode("cp1251"), [("not_utf8", "grades.csv", 1, "")]),
        ("", [("empty_table", "grades.csv", 0, "")]),
        (HEADER + '101;"Алгебра;5\n', [("bad_quotes", "grades.csv", 2, "")]),
        (HEADER + ROW + "\0", [("nul_byte", "grades.csv", 3, "")]),
    ],
)
def test_what_is_wrong_is_told_with_file_row_and_column(
    tmp_path: Path, content: str | bytes, problems: list[Any]
) -> None:
    assert told(read(grades(), tmp_path, {"grades.csv": content})) == problems


def test_a_broken_row_takes_nothing_back(tmp_path: Path) -> None:
    source = grades(whole=True)
    two = HEADER + ROW + ROW.replace("101", "102")
    first = read(source, tmp_path, {"grades.csv": two})
    second = read(source, tmp_path, {"grades.csv": two.replace("102;Алгебра", "102")}, first.memory)
    assert said(second) == []


def test_every_family_of_events_can_be_made(tmp_path: Path) -> None:
    tables = [
        {"file": "h.csv", "into": "homework",
         "columns": {"place": "p", "subject": "s", "text": "t", "due": "d"}},
        {"file": "a.csv", "into": "absence",
         "columns": {"student": "p", "day": "d", "lessons": "l"}},
        {"file": "l.csv", "into": "late",
         "columns": {"student": "p", "day": "d", "lesson": "l", "minutes": "m"}},
        {"file": "e.csv", "into": "exam",
         "columns": {"place": "p", "subject": "s", "title": "t", "day": "d", "begins": "b"}},
        {"file": "r.csv", "into": "remark", "columns": {"student": "p", "text": "t", "tone": "o"},
         "values": {"tone": {"хорошо": "praise"}}},
        {"file": "t.csv", "into": "result",
         "columns": {"student": "p", "subject": "s", "value": "v"},
         "constants": {"term": "1 четверть"}},
    ]  # fmt: skip
    source = ExportSource([ExportSettings.model_validate(each) for each in tables], "utf-8")
    reading = read(
        source,
        tmp_path,
        {
            "h.csv": "p,s,t,d\n5a,Алгебра,§ 12,02.10.2026\n",
            "a.csv": 'p,d,l\n101,2026-10-01,"1, 2"\n',
            "l.csv": "p,d,l,m\n101,2026-10-01,1,10\n",
            "e.csv": "p,s,t,d,b\n5a,Алгебра,Контрольная,2026-10-09,9:00\n",
            "r.csv": "p,t,o\n101,Помогал,Хорошо\n",
            "t.csv": "p,s,v\n101,Алгебра,5\n",
        },
    )
    assert told(reading) == []
    assert said(reading) == [
        ("homework.assigned", 0,
         {"place": "5a", "subject": "Алгебра", "text": "§ 12", "due": "2026-10-02"}),
        ("absence.recorded", 0, {"student": "101", "day": "2026-10-01", "lessons": [1, 2]}),
        ("absence.late", 0, {"student": "101", "day": "2026-10-01", "lesson": 1, "minutes": 10}),
        ("exam.scheduled", 0,
         {"place": "5a", "subject": "Алгебра", "title": "Контрольная", "day": "2026-10-09",
          "begins": "09:00"}),
        ("remark.added", 0, {"student": "101", "text": "Помогал", "tone": "praise"}),
        ("term.result", 0,
         {"student": "101", "subject": "Алгебра", "term": "1 четверть", "value": "5"}),
    ]  # fmt: skip


def test_a_column_map_names_fields_that_there_are() -> None:
    table = {"file": "g.csv", "into": "grade", "columns": {"student": "a", "colour": "b"}}
    with pytest.raises(ValidationError, match="have no field colour"):
        ExportSettings.model_validate(table)
    with pytest.raises(ValidationError, match="need subject, value, day"):
        ExportSettings.model_validate(table | {"columns": {"student": "a"}})
