"""Why somebody may write to somebody else, said with the place and the word that allow it."""

import pytest

from appservice.contacts.policy import Kind, Side
from appservice.contacts.question import Answer, Questions, Reason
from appservice.contacts.settings import ContactsSettings
from appservice.errors import Refused
from tests.contacts.town import DEFAULTS, PEOPLE, TODAY, rules, town, users


def asked(settings: ContactsSettings = DEFAULTS) -> Questions:
    return Questions(town(), users(PEOPLE), settings, today=TODAY)


def test_every_way_is_told() -> None:
    assert asked().ask("annas_mother", "lena") == Answer(
        "annas_mother",
        "lena",
        (Side.GUARDIAN,),
        (Side.TEACHER,),
        (
            Reason(
                Kind.CLASS,
                "class 5А",
                Side.GUARDIAN,
                Side.TEACHER,
                "contacts.may_write_to.guardian",
                ("teachers",),
            ),
            Reason(
                Kind.GROUP,
                "group История",
                Side.GUARDIAN,
                Side.TEACHER,
                "contacts.may_write_to.guardian",
                ("teachers",),
            ),
        ),
    )


def test_a_way_across_schools_names_its_word() -> None:
    (reason,) = (
        asked(rules(across_schools={"teacher": ["administrators", "staff"]}))
        .ask("lena", "other_head")
        .reasons
    )
    assert reason == Reason(
        Kind.REGION,
        "all schools",
        Side.TEACHER,
        Side.SCHOOL_ADMIN,
        "contacts.across_schools.teacher",
        ("administrators", "staff"),
    )


def test_a_student_and_the_mother_of_another_have_no_way() -> None:
    answer = asked().ask("boris", "annas_mother")
    assert answer == Answer("boris", "annas_mother", (Side.STUDENT,), (Side.GUARDIAN,), ())
    assert not answer.allowed
    assert not asked().ask("annas_mother", "boris").allowed


@pytest.mark.parametrize(
    ("person", "said"),
    [
        ("nobody", "There is no person nobody in the roster. Ids are those of the roster."),
        (
            "gone",
            "gone has no account today: not active, with nothing to do in any school, or in a row"
            " with errors.",
        ),
    ],
)
def test_who_is_not_there_is_named(person: str, said: str) -> None:
    roster = town()
    roster = roster.__class__(
        schools=roster.schools,
        people={**roster.people, "gone": roster.people["anna"]._replace(active=False)},
        classes=roster.classes,
    )
    questions = Questions(roster, users(["anna", "gone"]), DEFAULTS, today=TODAY)
    with pytest.raises(Refused) as refused:
        questions.ask("anna", person)
    assert str(refused.value) == said
