"""Results and line items of a OneRoster delivery become grades."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from appservice.diary.pull.gradebook import GradebookSource
from appservice.school.sources.oneroster_layout import FILES, Version
from tests.diary.pull.delivered import read, said, told

SOURCE = GradebookSource("utf-8")
START = "sourcedId,status,dateLastModified,"
ITEMS = (
    START + "title,description,assignDate,dueDate,classSourcedId,categorySourcedId,"
    "gradingPeriodSourcedId,resultValueMin,resultValueMax\n"
    "li-1,,,Контрольная,,2026-09-28,2026-10-01,k-1,cat,gp,2,5\n"
)
RESULTS: dict[Version, str] = {
    "1.1": START + "lineItemSourcedId,studentSourcedId,scoreStatus,score,scoreDate,comment\n",
    "1.2": START + "lineItemSourcedId,studentSourcedId,scoreStatus,score,textScore,scoreDate,"
    "comment\n",
}
ROWS: dict[Version, str] = {
    "1.1": "r-1,,,li-1,101,fully graded,5.0,2026-10-01,Молодец\n",
    "1.2": "r-1,,,li-1,101,fully graded,5.0,,2026-10-01,Молодец\n",
}
CLASSES = START + "title,grades,courseSourcedId,subjects\nk-1,,,5А алгебра,5,c-1,Алгебра\n"
GRADE = {
    "student": "101",
    "subject": "Алгебра",
    "value": "5",
    "day": "2026-10-01",
    "work": "Контрольная",
    "comment": "Молодец",
}


def delivery(
    version: Version = "1.1", mode: str = "bulk", results: str = "", **files: str
) -> dict[str, str]:
    present = {
        "results": RESULTS[version] + (results or ROWS[version]),
        "lineItems": ITEMS,
        "classes": CLASSES,
    } | files
    lines = ["propertyName,value", "manifest.version,1.0", f"oneroster.version,{version}"]
    for name in FILES[version]:
        lines.append(f"file.{name},{mode if name in present else 'absent'}")
    named = {f"{name}.csv": text for name, text in present.items()}
    return {"manifest.csv": "\n".join(lines) + "\n"} | named


@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_a_result_is_a_grade(tmp_path: Path, version: Version) -> None:
    reading = read(SOURCE, tmp_path, delivery(version))
    assert (said(reading), told(reading)) == ([("grade.posted", 0, GRADE)], [])
    again = read(SOURCE, tmp_path, delivery(version), reading.memory)
    assert (said(again), told(again)) == ([], [])


@pytest.mark.parametrize(
    ("mode", "results", "expected"),
    [
        pytest.param(
            "bulk", ROWS["1.1"].replace("5.0", "4"), [("grade.changed", 1, GRADE | {"value": "4"})],
            id="another score",
        ),
        pytest.param(
            "bulk", ROWS["1.1"].replace("r-1", "r-2"),
            [("grade.posted", 0, GRADE),
             ("grade.removed", 1, {"student": "101", "subject": "Алгебра", "day": "2026-10-01"})],
            id="a whole delivery without the result",
        ),
        pytest.param(
            "delta", ROWS["1.1"].replace("r-1", "r-2"), [("grade.posted", 0, GRADE)],
            id="changes that do not speak of it",
        ),
        pytest.param(
            "delta", ROWS["1.1"].replace("r-1,", "r-1,tobedeleted"),
            [("grade.removed", 1, {"student": "101", "subject": "Алгебра", "day": "2026-10-01"})],
            id="changes that delete it",
        ),
        pytest.param(
            "bulk", ROWS["1.1"].replace("fully graded", "exempt"),
            [("grade.removed", 1, {"student": "101", "subject": "Алгебра", "day": "2026-10-01"})],
            id="a student who need not write it after all",
        ),
    ],
)  # fmt: skip
def test_what_becomes_of_a_result_becomes_of_the_grade(
    tmp_path: Path, mode: str, results: str, expected: list[Any]
) -> None:
    first = read(SOURCE, tmp_path, delivery())
    second = read(SOURCE, tmp_path, delivery(mode=mode, results=results), first.memory)
    assert (said(second), told(second)) == (expected, [])


def test_a_delivery_without_results_forgets_none(tmp_path: Path) -> None:
    first = read(SOURCE, tmp_path, delivery())
    files = delivery()
    files["manifest.csv"] = files["manifest.csv"].replace("results,bulk", "results,absent")
    del files["results.csv"]
    second = read(SOURCE, tmp_path, files, first.memory)
    assert (said(second), told(second), second.memory) == ([], [], first.memory)


GONE = {"student": "101", "subject": "Алгебра", "day": "2026-10-01"}
WRITTEN = {"student": "102", "subject": "Алгебра", "value": "3", "day": "2026-10-02",
           "work": "Диктант"}  # fmt: skip
DICTATION = delivery(
    mode="delta",
    lineItems=ITEMS.replace("li-1", "li-2").replace("Контрольная", "Диктант"),
    results="r-2,active,,li-2,102,fully graded,3,2026-10-02,\n",
)


@pytest.mark.parametrize(
    ("deltas", "expected"),
    [
        pytest.param({}, [], id="none"),
        pytest.param(
            {"1": DICTATION}, [("grade.posted", 0, WRITTEN)],
            id="a new result of a new line item",
        ),
        pytest.param(
            {"1": delivery(mode="delta", results=ROWS["1.1"].replace("5.0", "4")),
             "2": delivery(mode="delta", results=ROWS["1.1"].replace("5.0", "3"))},
            [("grade.changed", 1, GRADE | {"value": "3"})],
            id="the last one counts",
        ),
        pytest.param(
            {"1": delivery(mode="delta", results=ROWS["1.1"].replace("r-1,", "r-1,tobedeleted"))},
            [("grade.removed", 1, GONE)],
            id="a result that is deleted",
        ),
        pytest.param(
            {"1": delivery(mode="delta", results=ROWS["1.1"].replace("r-1,", "r-1,tobedeleted")),
             "2": delivery(mode="delta")},
            [],
            id="and comes back",
        ),
        pytest.param(
            {"1": delivery(mode="delta", lineItems=ITEMS.replace("li-1,", "li-1,tobedeleted"))},
            [("grade.removed", 1, GONE)],
            id="a line item that is deleted",
        ),
        pytest.param(
            {"1": delivery(mode="delta", lineItems=ITEMS.replace("Контрольная", "Зачёт"))},
            [("grade.changed", 1, GRADE | {"work": "Зачёт"})],
            id="a line item that is called otherwise",
        ),
        pytest.param(
            {"1": DICTATION, "2": delivery()}, [], id="a whole delivery behind the changes"
        ),
    ],
)  # fmt: skip
def test_deltas_are_laid_over_the_delivery_in_the_order_of_their_names(
    tmp_path: Path, deltas: Mapping[str, Mapping[str, str]], expected: list[Any]
) -> None:
    whole = tmp_path / "whole"
    whole.mkdir()
    first = read(SOURCE, whole, delivery())
    source = laid(tmp_path, deltas)
    second = read(source, whole, delivery(), first.memory)
    assert (said(second), told(second)) == (expected, [])
    # What the deltas said once they do not say again.
    again = read(source, whole, delivery(), second.memory)
    assert (said(again), told(again)) == ([], [])


def test_a_problem_in_a_delta_is_told_with_its_place_and_nothing_is_called_gone(
    tmp_path: Path,
) -> None:
    whole = tmp_path / "whole"
    whole.mkdir()
    first = read(SOURCE, whole, delivery())
    unknown = delivery(mode="delta", results=ROWS["1.1"].replace("li-1", "li-9"))
    second = read(laid(tmp_path, {"1": unknown}), whole, delivery(), first.memory)
    wrong = ("dangling_ref", "1/results.csv", 2, "lineItemSourcedId")
    assert (said(second), told(second)) == ([], [wrong])
    del unknown["results.csv"]
    third = read(laid(tmp_path, {"2": unknown}), whole, delivery(), first.memory)
    assert ("missing_file", "2/results.csv", 0, "") in told(third)


def laid(tmp_path: Path, deltas: Mapping[str, Mapping[str, str]]) -> GradebookSource:
    """A source that knows these deltas, by the names of their folders."""
    for name, files in deltas.items():
        folder = tmp_path / "deltas" / name
        folder.mkdir(parents=True)
        for file, content in files.items():
            (folder / file).write_text(content, encoding="utf-8")
    (tmp_path / "deltas").mkdir(exist_ok=True)
    return GradebookSource("utf-8", tmp_path / "deltas")


@pytest.mark.parametrize(
    ("files", "problems"),
    [
        (
            delivery(results=ROWS["1.1"].replace("li-1", "li-9")),
            [("dangling_ref", "results.csv", 2, "lineItemSourcedId")],
        ),
        (
            delivery(results=ROWS["1.1"].replace("5.0", "")),
            [("missing_key", "results.csv", 2, "score")],
        ),
        (
            delivery(results=ROWS["1.1"].replace("2026-10-01", "01.10.26")),
            [("bad_day", "results.csv", 2, "scoreDate")],
        ),
        (
            delivery(lineItems=ITEMS.replace("title", "name")),
            [
                ("missing_header", "lineItems.csv", 1, "title"),
                ("dangling_ref", "results.csv", 2, "lineItemSourcedId"),
            ],
        ),
        ({}, [("missing_file", "manifest.csv", 0, "")]),
    ],
)
def test_what_is_wrong_is_told_with_file_row_and_column(
    tmp_path: Path, files: dict[str, str], problems: list[Any]
) -> None:
    reading = read(SOURCE, tmp_path, files)
    assert (said(reading), told(reading)) == ([], problems)
