"""How the log looks: lines for people, or one JSON object a line for a collector.

No name, address or message may reach it. Libraries speak of what they were given, so they are held
to warnings, and to what they do (info) when everything of ours is asked for.
"""

from __future__ import annotations

import logging
import sys
from typing import Final, Literal, TextIO

from pythonjsonlogger.json import JsonFormatter

Level = Literal["debug", "info", "warning", "error"]
Form = Literal["plain", "json"]

_OURS: Final = "appservice"
_PLAIN: Final = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def write_log(level: Level, form: Form, stream: TextIO | None = None) -> None:
    """From here on the log goes to `stream` (standard error), in place of wherever it went."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(_json() if form == "json" else logging.Formatter(_PLAIN))
    root = logging.getLogger()
    for former in root.handlers[:]:
        root.removeHandler(former)
    root.addHandler(handler)
    wanted = logging.getLevelNamesMapping()[level.upper()]
    root.setLevel(max(wanted, logging.INFO if wanted < logging.INFO else logging.WARNING))
    logging.getLogger(_OURS).setLevel(wanted)


def _json() -> logging.Formatter:
    return JsonFormatter(
        ["levelname", "name", "message"],
        rename_fields={"levelname": "level", "name": "logger"},
        timestamp="time",
        json_ensure_ascii=False,
    )
