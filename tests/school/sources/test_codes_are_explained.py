"""Every code that a delivery can get is explained, in both languages, with what to do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from appservice.language import speaking
from appservice.school.sources.findings import SEVERITY
from tests.school.sources.tiny_deliveries import laid_out, read, tiny

ROOT = Path(__file__).parents[3]
RULES = sorted((ROOT / "appservice" / "school" / "rules").glob("*.py"))


def codes() -> set[str]:
    """Those of the readings, and what the rules about people call theirs."""
    calls = re.compile(r'(?:problem|Problem)\(\s*"([a-z0-9_]+)"')
    return set(SEVERITY).union(*(calls.findall(path.read_text()) for path in RULES))


@pytest.mark.parametrize("guide", ["docs/roster.md", "docs/ru/roster.md"])
def test_the_guide_explains_every_code_and_no_other(guide: str) -> None:
    rows = re.findall(r"^\| ([a-z0-9_]+) \| [^|]+ \| [^|]+ \|$", (ROOT / guide).read_text(), re.M)
    assert sorted(row for row in rows if row != "code") == sorted(codes())


def test_problems_are_told_in_the_language_of_who_reads_them(tmp_path: Path) -> None:
    files = tiny("native")
    files["groups.csv"] = "group_id,class_ids,subject,title\nalg,9z,Алгебра,\n"
    folder = laid_out(files, tmp_path / "school")
    with speaking("ru"):
        delivery = read(folder)
    assert delivery.problems[0].message == (
        "9* нет ни в одной строке classes.csv. Исправьте идентификатор или добавьте строку."
    )
