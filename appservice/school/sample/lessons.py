"""Classes and groups: who learns what with whom, and from whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from heapq import heapify, heapreplace

from appservice.language import Language
from appservice.school.model import MemberRole, Membership, SchoolClass, TeachingGroup
from appservice.school.sample.registrar import Registrar
from appservice.school.sample.subjects import DEPARTMENTS, HOME, subjects_of

# Ё, Й, Ъ, Ы and Ь name no class.
_LETTERS: Mapping[Language, str] = {
    "ru": "АБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЭЮЯ",
    "en": "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
}
PRIMARY = 4  # the last grade of the primary school


@dataclass(frozen=True, slots=True)
class Timetable:
    groups: tuple[TeachingGroup, ...]
    memberships: tuple[Membership, ...]


def grades(classes: int) -> list[int]:
    """The grade of each class: all eleven as evenly as can be, a few spread from first to last."""
    return [(2 * number + 1) * 11 // (2 * classes) + 1 for number in range(classes)]


def labels(class_grades: Sequence[int], language: Language) -> list[str]:
    """ "5А", "5Б" …; beyond the alphabet "5АА"."""
    letters = _LETTERS[language]
    seen: dict[int, int] = {}
    found: list[str] = []
    for grade in class_grades:
        place = seen.get(grade, 0)
        seen[grade] = place + 1
        more, last = divmod(place, len(letters))
        found.append(f"{grade}{letters[more - 1] if more else ''}{letters[last]}")
    return found


def lessons(
    registrar: Registrar,
    classes: Sequence[SchoolClass],
    students: Sequence[Sequence[str]],  # of each class
    teachers: Sequence[str],  # the first ones are the class teachers, in the order of the classes
    subjects: int,
    language: Language,
) -> Timetable:
    """A group for each subject of each class, a club, and a group from two classes."""
    pools = _departments(classes, teachers)
    groups: list[TeachingGroup] = []
    memberships: list[Membership] = []

    def open_group(
        class_ids: tuple[str, ...], subject: str, title: str, teacher: str, members: Sequence[str]
    ) -> None:
        group_id = registrar.id_for("g", len(groups) + 1)
        groups.append(TeachingGroup(group_id, registrar.school_id, class_ids, subject, title))
        memberships.append(Membership(teacher, group_id, MemberRole.TEACHER))
        memberships.extend(Membership(student, group_id, MemberRole.STUDENT) for student in members)

    for school_class, members, class_teacher in zip(classes, students, teachers, strict=False):
        grade = school_class.grade or 1
        for subject in subjects_of(grade, subjects):
            name = subject.name(language)
            teacher = (
                class_teacher
                if subject.department == HOME
                else pools[subject.department].teacher(class_teacher)
            )
            open_group((school_class.class_id,), name, name, teacher, members)
    two = range(max(0, len(classes) - 2), len(classes))
    language_name = "Английский язык" if language == "ru" else "French"
    together = " + ".join(classes[index].label for index in two)
    open_group(
        tuple(classes[index].class_id for index in two),
        language_name,
        f"{language_name}, {'подгруппа' if language == 'ru' else 'set'} {together}",
        pools["foreign"].teacher(""),
        [student for index in two for student in students[index][::2]],
    )
    everybody = [student for members in students for student in members]
    open_group(
        (),
        "",
        "Шахматный клуб" if language == "ru" else "Chess club",
        pools["arts"].teacher(""),
        everybody[:: max(1, len(everybody) // 12)],
    )
    return Timetable(tuple(groups), tuple(memberships))


class _Pool:
    """The teachers of a department; the one with the fewest lessons takes the next."""

    def __init__(self, teachers: Sequence[str]) -> None:
        self._members = frozenset(teachers)
        self._by_load = [(0, place, teacher) for place, teacher in enumerate(teachers)]
        heapify(self._by_load)

    def teacher(self, preferred: str) -> str:
        if preferred in self._members:
            return preferred
        load, place, teacher = self._by_load[0]
        heapreplace(self._by_load, (load + 1, place, teacher))
        return teacher


def _departments(classes: Sequence[SchoolClass], teachers: Sequence[str]) -> dict[str, _Pool]:
    """Everybody but the class teachers of primary classes is of a department, or of several."""
    specialists = [
        teacher
        for number, teacher in enumerate(teachers)
        if number >= len(classes) or (classes[number].grade or 1) > PRIMARY
    ]
    staff: dict[str, list[str]] = {department: [] for department in DEPARTMENTS}
    for turn in range(max(len(specialists), len(DEPARTMENTS))):
        staff[DEPARTMENTS[turn % len(DEPARTMENTS)]].append(specialists[turn % len(specialists)])
    return {department: _Pool(members) for department, members in staff.items()}
