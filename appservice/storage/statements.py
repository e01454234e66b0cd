"""The SQL of `sql/*.sql`, by file and name. A statement stands below a line `-- name: the_name`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

SQL_DIR = Path(__file__).parent / "sql"
_MARK = "-- name: "


@cache
def statements(file: str) -> Mapping[str, str]:
    """All statements of sql/<file>.sql."""
    found: dict[str, str] = {}
    for part in (SQL_DIR / f"{file}.sql").read_text(encoding="utf-8").split(_MARK)[1:]:
        name, _, text = part.partition("\n")
        found[name.strip()] = text.strip()
    return found
