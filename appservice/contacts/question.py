"""May this person write to that one, and why: the answer in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from appservice.contacts.circles import policy_of
from appservice.contacts.policy import Kind, Side, Way, circle_of, ways
from appservice.contacts.settings import ContactsSettings
from appservice.contacts.words import words_across, words_for
from appservice.errors import Refused
from appservice.language import _
from appservice.school.model import Roster


@dataclass(frozen=True, slots=True)
class Reason:
    """`circle` in words ("class 5А"), who stands where in it, and the key and words of the
    configuration that allow it.
    """

    kind: Kind
    circle: str
    writer: Side
    reader: Side
    key: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """Roster ids, what each of the two is today, and all that allows it; nothing: it is not."""

    writer: str
    reader: str
    writer_is: tuple[Side, ...]
    reader_is: tuple[Side, ...]
    reasons: tuple[Reason, ...]

    @property
    def allowed(self) -> bool:
        return bool(self.reasons)


class Questions:
    """Answers from one roster on one day."""

    def __init__(
        self,
        roster: Roster,
        user_ids: Mapping[str, str],
        settings: ContactsSettings,
        *,
        today: date,
    ) -> None:
        self._roster = roster
        self._users = user_ids
        self._settings = settings
        self._policy = policy_of(roster, user_ids, settings, today=today)

    def ask(self, writer: str, reader: str) -> Answer:
        """By roster ids. Raises Refused for somebody who is not there, or has no account."""
        return Answer(
            writer,
            reader,
            self._policy.people[self._user(writer)].roles,
            self._policy.people[self._user(reader)].roles,
            tuple(
                self._reason(way, writer, reader)
                for way in ways(self._policy, self._user(writer), self._user(reader))
            ),
        )

    def _user(self, person: str) -> str:
        if person not in self._roster.people:
            raise Refused(
                _("There is no person {person} in the roster. Ids are those of the roster.").format(
                    person=person
                )
            )
        user = self._users.get(person)
        if user is None or user not in self._policy.people:
            raise Refused(
                _(
                    "{person} has no account today: not active, with nothing to do in any school,"
                    " or in a row with errors."
                ).format(person=person)
            )
        return user

    def _reason(self, way: Way, writer: str, reader: str) -> Reason:
        if way.kind is Kind.REGION:
            key, words = "across_schools", words_across(self._settings.across_words(), way)
        else:
            key, words = "may_write_to", words_for(self._settings.own_words(), way)
        return Reason(
            way.kind,
            self._circle(way, writer, reader),
            way.direction.writer,
            way.direction.reader,
            f"contacts.{key}.{way.direction.writer.value}",
            words,
        )

    def _circle(self, way: Way, writer: str, reader: str) -> str:
        match way.kind:
            case Kind.FAMILY:
                return _("the same family")
            case Kind.CLASS:
                return _("class {label}").format(label=", ".join(self._labels(way, writer, reader)))
            case Kind.GROUP:
                return _("group {label}").format(label=", ".join(self._labels(way, writer, reader)))
            case Kind.SCHOOL:
                return _("school {label}").format(label=way.name)
            case Kind.REGION:
                return _("all schools")

    def _labels(self, way: Way, writer: str, reader: str) -> list[str]:
        """Of the class or groups a circle is around; with a teacher, of those of the teacher."""
        places = self._policy.around.get(circle_of(way.kind, way.name), ())
        if way.kind is Kind.GROUP and Side.TEACHER in way.direction:
            teacher = writer if way.direction.writer is Side.TEACHER else reader
            taught = {row.target_id for row in self._roster.memberships if row.person_id == teacher}
            places = tuple(place for place in places if place in taught)
        found = []
        for place in places:
            if place in self._roster.classes:
                found.append(self._roster.classes[place].label)
            elif place in self._roster.groups:
                group = self._roster.groups[place]
                found.append(group.title or group.subject)
        return list(dict.fromkeys(found))
