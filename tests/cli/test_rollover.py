"""The turn of the year, typed at a terminal."""

import json
import re
import shutil
from datetime import date
from pathlib import Path

import pytest

from appservice.school.sample import school_year_of
from tests.cli.administrator import Administrator, without_digests

YEAR = school_year_of(date.today())
THIS_YEAR, NEXT_YEAR = f"{YEAR}/{YEAR + 1}", f"{YEAR + 1}/{YEAR + 2}"


@pytest.fixture
def next_year(administrator: Administrator) -> Path:
    """The same school a year later: 6A is 7A, everything has the ids it had."""
    folder = administrator.folder / "next"
    shutil.copytree(administrator.folder / "roster", folder)
    for name, old, new in (
        ("school.yaml", THIS_YEAR, NEXT_YEAR),
        ("classes.csv", f",6A,6,{THIS_YEAR}", f",7A,7,{NEXT_YEAR}"),
    ):
        text = (folder / name).read_text(encoding="utf-8")
        assert old in text
        (folder / name).write_text(text.replace(old, new), encoding="utf-8")
    return folder


def test_a_school_turns_to_its_next_year_back_and_again(
    administrator: Administrator, next_year: Path
) -> None:
    types = administrator.types
    assert types("apply").code == 0
    assert types("rollover", "show").out == "There is no rollover."

    drafted = types("rollover", "draft", str(next_year))
    assert (drafted.code, drafted.err) == (0, "")
    said = re.sub(r"[0-9]+ actions", "<some> actions", without_digests(drafted.out))
    table, _attention, rest = said.partition("For your attention:")
    assert (table, rest[-len(ENDING) :]) == (TABLE, ENDING)
    assert types("plan", "--json").object["empty"]  # nothing was changed
    assert "`school-spaces rollover apply` begins it" in types("rollover", "show").out

    digest = drafted.out.rpartition(" ")[2].strip()
    begun = types("rollover", "apply", digest, "--json")
    assert (begun.code, begun.object["failed"]) == (0, [])
    refused = types("plan")
    assert refused.code == 2
    assert refused.err.startswith(f"The roster delivers the school year {THIS_YEAR}")
    shutil.copytree(next_year, administrator.folder / "roster", dirs_exist_ok=True)
    assert types("plan", "--json").object["empty"]

    assert types("rollover", "back").code == 0
    assert types("rollover", "show", "--json").object["rollover"]["state"] == "returned"
    assert types("plan").code == 2

    assert types("rollover", "draft", str(next_year)).code == 0
    assert types("rollover", "apply").code == 0
    assert types("rollover", "confirm").out == "Confirmed."
    assert types("plan", "--json").object["empty"]
    assert types("rollover", "back").code == 2

    log = [json.loads(line) for line in types("audit", "log", "--json").out.splitlines()]
    steps = [one for one in log if one["action"] == "rollover"]
    again = steps[-1]["details"]["digest"]
    assert [(one["actor"], one["details"]) for one in steps] == [
        ("terminal", {"step": step, "digest": which})
        for step, which in (
            ("draft", digest),
            ("apply", digest),
            ("back", digest),
            ("draft", again),
            ("apply", again),
            ("confirm", again),
        )
    ]


TABLE = """
 This year   Next year   What becomes of it   Stay   Come   Go
 ─────────────────────────────────────────────────────────────
 6A          7A          goes on                 3

"""
ENDING = """
As things are now, <some> actions.
To begin it now: school-spaces rollover apply <digest>"""
