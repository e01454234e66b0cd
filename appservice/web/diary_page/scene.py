"""What stands around a view: whose diary it is, whose else there are, which views. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

from appservice.diary.sight import SeenClass, SeenStudent
from appservice.language import Language, _
from appservice.school.model import Role
from appservice.web.diary_page.guests import Guest
from appservice.web.diary_page.reading import Seen

VIEWS: Final = ("today", "week", "homework", "grades", "absences", "remarks", "ahead", "settings")

OF_EVERYBODY: Final = ("today", "settings")
"""Views for those who may read no diary."""


@dataclass(frozen=True, slots=True)
class Choice:
    """`of` names a student or a class within this session, and tells nothing of it."""

    of: str
    label: str


@dataclass(frozen=True, slots=True)
class Scene:
    """`back`: the class from which a class teacher came to this student."""

    language: Language
    school: str
    title: str
    view: str
    of: str
    whose: tuple[Choice, ...]
    tabs: tuple[tuple[str, str], ...]
    back: Choice | None = None

    @property
    def page(self) -> str:
        """What the browser keeps in its history: the view, and nobody's name. In the language that
        is spoken.
        """
        name = _("School diary")
        return next((f"{label} – {name}" for view, label in self.tabs if view == self.view), name)


class Cast:
    """Everybody whose diary the guest may see, each under a name for this session alone.

    `key` is the session's own: roster ids may be numbers of documents, and stay here.
    """

    def __init__(self, guest: Guest, key: bytes) -> None:
        self._guest = guest
        self._key = key
        sight = guest.sight
        self._chosen: dict[str, Seen] = {}
        self._class_of: dict[str, SeenClass] = {}
        for student in sight.students:
            self._chosen.setdefault(self.of(student), student)
        for seen in sight.classes:
            self._chosen.setdefault(self.of(seen), seen)
        self._first = tuple(self._chosen)
        for seen in sight.classes:
            for student in seen.students:
                of = self.of(student)
                if of not in self._chosen:
                    self._chosen[of] = student
                    self._class_of[of] = seen

    def of(self, seen: Seen) -> str:
        """The name of one of them within the session."""
        kind = "class" if isinstance(seen, SeenClass) else "student"
        text = "\0".join((kind, seen.school, _id(seen)))
        return blake2b(text.encode(), key=self._key[:64], digest_size=12).hexdigest()

    def find(self, of: str) -> Seen | None:
        """Whom the browser asks for; the first of all where it asks for nobody. None: nobody that
        this guest may see (any more).
        """
        if not of:
            return self._chosen[self._first[0]] if self._first else None
        return self._chosen.get(of)

    def scene(self, seen: Seen | None, view: str, language: Language) -> Scene:
        """In the language that is spoken."""
        if seen is None:
            title = _("School diary")
            home = self._guest.home
            if home is None:
                return Scene(language, "", title, view, "", (), ())
            # They are told things all the same, and say when.
            tabs = [(each, label) for each, label in _tabs().items() if each in OF_EVERYBODY]
            name = self._guest.school(home[0]).name
            return Scene(language, name, title, view, "", (), tuple(tabs))
        of = self.of(seen)
        leader = self._class_of.get(of)
        whose = tuple(Choice(each, self._label(self._chosen[each])) for each in self._first)
        return Scene(
            language,
            self._guest.school(seen.school).name,
            self.title(seen),
            view,
            of,
            whose,
            tuple((view, label) for view, label in _tabs().items()),
            Choice(self.of(leader), self.title(leader)) if leader is not None else None,
        )

    def title(self, seen: Seen) -> str:
        """ "Анна Иванова, 5А", "Класс 5А"."""
        if isinstance(seen, SeenClass):
            return _("Class {label}").format(label=self._guest.roster.classes[seen.class_id].label)
        classes = self._guest.roster.classes
        labels = [classes[place].label for place in seen.places if place in classes]
        return ", ".join((self.name(seen.student), *labels))

    def name(self, person_id: str) -> str:
        """Given name first."""
        person = self._guest.roster.people[person_id]
        return f"{person.given_name} {person.family_name}".strip()

    def _label(self, seen: Seen) -> str:
        if isinstance(seen, SeenStudent):
            if seen.role is Role.STUDENT:
                return _("My diary")
            label = self._guest.roster.people[seen.student].given_name
        else:
            label = self.title(seen)
        if len(self._guest.sight.schools) > 1:
            return f"{label} ({self._guest.school(seen.school).name})"
        return label


def _id(seen: Seen) -> str:
    return seen.class_id if isinstance(seen, SeenClass) else seen.student


def _tabs() -> Mapping[str, str]:
    return {
        "today": _("Today"),
        "week": _("Week"),
        "homework": _("Homework"),
        "grades": _("Grades"),
        "absences": _("Absences"),
        "remarks": _("Remarks"),
        "ahead": _("Dates"),
        "settings": _("Settings"),
    }
