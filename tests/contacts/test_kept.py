"""A delivery with tolerated errors takes no contact from anybody."""

from appservice.contacts.kept import kept_as_they_were
from appservice.contacts.policy import Policy
from appservice.school.holding import without
from tests.contacts.town import PEOPLE, policy, town, user, writes_to


def with_errors(*held_rows: str) -> Policy:
    """The policy of the town when the rows of these people, classes or groups cannot be used."""
    roster, held = without(town(), held_rows)
    return kept_as_they_were(
        policy(roster, names=[name for name in PEOPLE if name in roster.people], held=held),
        policy(),
        held=held,
        held_users={user(name) for name in held},
    )


def test_a_held_person_keeps_every_contact_and_stays_one_for_others() -> None:
    made = with_errors("boris")
    assert {name: writes_to(made, name) for name in PEOPLE} == {
        name: writes_to(policy(), name) for name in PEOPLE
    }


def test_a_held_class_keeps_its_people_together() -> None:
    made = with_errors("5a")
    assert {name: writes_to(made, name) for name in PEOPLE} == {
        name: writes_to(policy(), name) for name in PEOPLE
    }


def test_one_held_lesson_of_several_with_the_same_students_keeps_its_teacher() -> None:
    for lesson in ("5a-maths", "5a-history"):
        assert "oleg" in writes_to(with_errors(lesson), "anna")


def test_what_has_no_errors_changes_all_the_same() -> None:
    roster, held = without(town(gone={"vera"}), ["boris"])
    made = kept_as_they_were(
        policy(roster, names=[name for name in PEOPLE if name in roster.people], held=held),
        policy(),
        held=held,
        held_users={user(name) for name in held},
    )
    assert user("vera") not in made.people
    assert writes_to(made, "veras_mother") == set()


def test_without_errors_nothing_is_kept() -> None:
    made = policy(town(gone={"vera"}))
    assert kept_as_they_were(made, policy(), held=(), held_users=()) == made
