"""Kinds of source: our own, and those that other packages bring.

A package offers one through an entry point of the group `school_spaces.diary_sources`: its name is
the `kind` in the configuration, its value a callable that takes `options` (a mapping, as it stands
there) and gives a `PullSource`, or raises ValueError with a text that says what is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any, Final

from appservice.diary.pull.exports import ExportSource
from appservice.diary.pull.gradebook import GradebookSource
from appservice.diary.pull.icalendar_source import TimetableSource
from appservice.diary.pull.reading import PullSource
from appservice.diary.pull.settings import BUILT_IN, CSV, ICALENDAR, ONEROSTER, PullSettings
from appservice.errors import Refused
from appservice.language import _

GROUP: Final = "school_spaces.diary_sources"

MakeSource = Callable[[Mapping[str, Any]], PullSource]


def source_of(name: str, settings: PullSettings, *, deltas: Path | None = None) -> PullSource:
    """The source that the configuration calls `name`; `deltas` are those of the roster, where it
    reads the roster's delivery. Raises Refused where its kind is not installed or does not take
    its options.
    """
    if settings.kind == ICALENDAR and settings.timetable is not None:
        return TimetableSource(settings.timetable)
    if settings.kind == CSV:
        return ExportSource(settings.tables, settings.encoding)
    if settings.kind == ONEROSTER:
        return GradebookSource(settings.encoding, deltas)
    return _installed(name, settings)


def _installed(name: str, settings: PullSettings) -> PullSource:
    offered: dict[str, EntryPoint] = {
        each.name: each for each in entry_points(group=GROUP) if each.name not in BUILT_IN
    }
    where = f"diary: pull: {name}"
    if settings.kind not in offered:
        raise Refused(
            _("{where}: no kind {kind} is installed. There are: {kinds}.").format(
                where=where, kind=settings.kind, kinds=", ".join((*BUILT_IN, *sorted(offered)))
            )
        )
    try:
        make: MakeSource = offered[settings.kind].load()
        return make(settings.options)
    except ValueError as error:
        raise Refused(f"{where}: {error}") from None
    except Exception as error:  # whatever a stranger's code raises must not end the service
        raise Refused(
            _("{where}: the kind {kind} cannot be loaded ({error}).").format(
                where=where, kind=settings.kind, error=type(error).__name__
            )
        ) from error
