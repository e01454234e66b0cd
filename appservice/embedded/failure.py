"""What goes wrong when a part cannot be started on this machine."""

from pathlib import Path

from appservice.errors import Permanent
from appservice.language import _

_TAIL_LINES = 25


class StartFailed(Permanent):
    """A part did not start. The message says which, why, and how its log ends."""


def log_tail(log: Path, lines: int = _TAIL_LINES) -> str:
    """How a part's log ends, indented under its path."""
    try:
        text = log.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return _("It left no log at {path}.").format(path=log)
    ending = "\n".join(f"  {line}" for line in text.splitlines()[-lines:])
    return _("The end of {path}:").format(path=log) + "\n" + ending
