"""What the settings view shows: what a person has chosen, beside what the school has."""

from __future__ import annotations

from collections.abc import Mapping

from babel.dates import get_day_names

from appservice.diary.payloads import Kind
from appservice.diary.preferences import PERSONAL_KINDS, Pace, QuietWish
from appservice.diary.settings import DiarySettings
from appservice.language import _, current_language
from appservice.school.model import Role
from appservice.storage.diary_wishes import Wishes
from appservice.web.diary_page.wishes import weekend_text

_WEEKENDS: tuple[tuple[int, ...], ...] = ((), (7,), (6, 7))


def settings_values(wishes: Wishes, settings: DiarySettings, role: Role) -> Mapping[str, object]:
    """In the language that is spoken."""
    return {
        "wishes": wishes,
        "paces": [
            (kind.value, _kind_words(kind), wishes.paces.get(kind.value, ""), settings.paces[kind])
            for kind in PERSONAL_KINDS
        ],
        "all_paces": [pace.value for pace in Pace],
        "quiet": settings.quiet_for(role, QuietWish()),
        "weekend": weekend_text(wishes.quiet_weekend),
        "weekends": _weekends(wishes),
    }


def _weekends(wishes: Wishes) -> list[tuple[str, str]]:
    own = wishes.quiet_weekend
    offered = [*_WEEKENDS, own] if own is not None and own not in _WEEKENDS else list(_WEEKENDS)
    return [
        ("", _("as the school has it")),
        *((weekend_text(each), _days_words(each)) for each in offered),
    ]


def _days_words(weekdays: tuple[int, ...]) -> str:
    if not weekdays:
        return _("none")
    names = get_day_names("wide", "stand-alone", current_language())
    return ", ".join(names[day - 1] for day in weekdays)


def _kind_words(kind: Kind) -> str:
    match kind:
        case Kind.GRADE:
            return _("Grades")
        case Kind.RESULT:
            return _("Term results")
        case Kind.ABSENCE:
            return _("Absences")
        case Kind.REMARK:
            return _("Remarks")
        case Kind.MEETING:
            return _("Meetings")
        case Kind.ANNOUNCEMENT:
            return _("Announcements")
        case Kind.HOMEWORK | Kind.TIMETABLE | Kind.EXAM:
            return kind.value
