"""A valid delivery, one change to it, and the one problem that must follow."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from appservice.school.problem import Severity
from tests.school.sources.tiny_deliveries import Change, Format, Told, laid_out, read, tiny, told


class Case(NamedTuple):
    sentence: str
    form: Format
    change: Change
    problem: Told


def prove(case: Case, folder: Path) -> None:
    files = tiny(case.form)
    case.change(files)
    delivery = read(laid_out(files, folder / "delivery"), case.form)
    assert told(delivery) == [case.problem]
    assert delivery.counts == {case.problem[0]: 1}
    warning = delivery.problems[0].severity is Severity.WARNING
    assert (delivery.roster is not None) == warning
