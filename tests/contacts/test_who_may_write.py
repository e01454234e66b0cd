"""Who may write first to whom, in the sentences of a school."""

import pytest

from appservice.contacts.policy import Entry, Rights, Side, may_contact
from appservice.school.model import Guardianship, MemberRole, Membership, Role, RoleAssignment
from tests.contacts.town import (
    GUARDIANSHIPS,
    MEMBERSHIPS,
    PEOPLE,
    ROLES,
    TODAY,
    TOMORROW,
    YESTERDAY,
    policy,
    rules,
    town,
    user,
    writes_to,
)

OF_SCHOOL_17 = {
    *("anna", "boris", "vera"),
    *("annas_mother", "annas_father", "boris_mother", "veras_mother"),
    *("lena", "oleg", "igor", "head", "clerk", "inspector"),
}


@pytest.mark.parametrize(
    ("name", "others"),
    [
        # Classmates, own teachers (the class teacher, those of her groups), own guardians.
        ("anna", {"boris", "lena", "oleg", "igor", "annas_mother", "annas_father"}),
        ("boris", {"anna", "lena", "oleg", "boris_mother"}),
        ("vera", {"oleg", "igor", "veras_mother"}),
        # The child, the child's teachers, guardians of the class; of separated parents each has the
        # other through the class.
        ("annas_mother", {"anna", "annas_father", "boris_mother", "lena", "oleg", "igor"}),
        ("boris_mother", {"boris", "annas_mother", "annas_father", "lena", "oleg"}),
        ("veras_mother", {"vera", "oleg", "igor"}),
        # An aunt who does not represent the child stands outside.
        ("annas_aunt", set()),
        ("lena", OF_SCHOOL_17 - {"lena"}),
        ("igor", OF_SCHOOL_17 - {"igor"}),
        ("head", OF_SCHOOL_17 - {"head"}),
        ("clerk", OF_SCHOOL_17 - {"clerk"}),
        ("inspector", set()),
        # The other school.
        ("gleb", {"nina", "glebs_mother"}),
        ("other_head", {"gleb", "glebs_mother", "nina"}),
    ],
)
def test_by_default_everybody_has_their_own(name: str, others: set[str]) -> None:
    assert writes_to(policy(), name) == others


def test_what_is_over_or_has_not_begun_opens_nothing() -> None:
    made = policy(
        town(
            roles=(*ROLES, RoleAssignment("nina", "17", Role.TEACHER, end=TODAY)),
            memberships=(
                *MEMBERSHIPS,
                Membership("gleb", "5a", MemberRole.STUDENT, end=TODAY),
                Membership("vera", "5a", MemberRole.STUDENT, begin=TOMORROW),
            ),
            guardianships=(*GUARDIANSHIPS, Guardianship("boris", "annas_father", end=YESTERDAY)),
        )
    )
    assert writes_to(made, "anna") == writes_to(policy(), "anna")
    assert writes_to(made, "nina") == {"gleb", "glebs_mother", "other_head"}


def test_the_guardians_of_a_student_who_left_lose_what_they_had_through_the_student() -> None:
    assert writes_to(policy(town(gone={"boris"})), "boris_mother") == set()


def test_a_student_without_an_account_still_has_guardians_with_teachers() -> None:
    made = policy(names=[name for name in PEOPLE if name != "boris"])
    assert writes_to(made, "boris_mother") == {"annas_mother", "annas_father", "lena", "oleg"}


def test_a_teacher_who_is_a_parent_has_both() -> None:
    made = policy(town(guardianships=(*GUARDIANSHIPS, Guardianship("gleb", "lena"))))
    assert writes_to(made, "lena") == (OF_SCHOOL_17 - {"lena"}) | {"gleb", "glebs_mother", "nina"}


def test_accounts_of_nobody_are_free_among_themselves_and_write_to_nobody_else() -> None:
    made = policy()
    assert may_contact(made, "@a:school.test", "@b:school.test")
    assert not may_contact(made, "@a:school.test", user("anna"))
    assert not may_contact(made, user("head"), "@a:school.test")
    assert may_contact(policy(settings=rules(strangers=True)), "@a:school.test", user("anna"))


@pytest.mark.parametrize(
    ("section", "name", "others"),
    [
        ({"may_write_to": {"student": []}}, "anna", set()),
        ({"may_write_to": {"student": ["teachers"]}}, "anna", {"lena", "oleg", "igor"}),
        ({"may_write_to": {"student": ["groupmates"]}}, "anna", {"boris", "vera"}),
        ({"may_write_to": {"student": ["schoolmates"]}}, "vera", {"anna", "boris"}),
        ({"may_write_to": {"student": ["class_guardians"]}}, "boris",
         {"annas_mother", "annas_father", "boris_mother"}),
        ({"may_write_to": {"student": ["administrators"]}}, "vera", {"head"}),
        ({"may_write_to": {"student": ["staff"]}}, "vera",
         {"head", "clerk", "lena", "oleg", "igor"}),
        ({"may_write_to": {"guardian": ["co_guardians"]}}, "annas_mother", {"annas_father"}),
        ({"may_write_to": {"guardian": ["children"]}}, "annas_mother", {"anna"}),
        ({"may_write_to": {"guardian": ["class_students"]}}, "annas_mother", {"anna", "boris"}),
        ({"may_write_to": {"guardian": ["school_guardians"]}}, "veras_mother",
         {"annas_mother", "annas_father", "boris_mother"}),
        ({"may_write_to": {"teacher": ["own_students", "staff"]}}, "lena",
         {"anna", "boris", "oleg", "igor", "head", "clerk"}),
        ({"may_write_to": {"teacher": ["own_guardians"]}}, "igor",
         {"annas_mother", "annas_father", "veras_mother"}),
        ({"may_write_to": {"staff": ["guardians"]}}, "clerk",
         {"annas_mother", "annas_father", "boris_mother", "veras_mother"}),
        ({"may_write_to": {"observer": ["administrators"]}}, "inspector", {"head"}),
        ({"only_legal_guardians": False}, "annas_aunt",
         {"anna", "annas_mother", "annas_father", "boris_mother", "lena", "oleg", "igor"}),
        ({"across_schools": {"school_admin": ["administrators"]}}, "other_head",
         {"gleb", "glebs_mother", "nina", "head"}),
        ({"across_schools": {"teacher": ["staff"]}}, "nina",
         {"gleb", "glebs_mother", "other_head", "lena", "oleg", "igor", "head", "clerk"}),
        ({"across_schools": {"student": ["students"]}}, "gleb",
         {"nina", "glebs_mother", "anna", "boris", "vera"}),
    ],
)  # fmt: skip
def test_a_school_says_otherwise_in_its_own_words(
    section: dict[str, object], name: str, others: set[str]
) -> None:
    assert writes_to(policy(settings=rules(**section)), name) == others


def test_what_people_may_make_is_said_by_role_and_the_rest_stays_as_it_is() -> None:
    section = {"may_create": {"student": {"rooms": "group"}, "teacher": {"encryption": False}}}
    rights = rules(**section).rules().rights
    assert rights == {
        Side.STUDENT: Rights("group", False, False, True, False),
        Side.GUARDIAN: Rights("direct", False, False, True, False),
        Side.TEACHER: Rights("group", False, False, False, False),
        Side.STAFF: Rights("group", False, False, True, False),
        Side.SCHOOL_ADMIN: Rights("group", False, False, True, False),
        Side.OBSERVER: Rights("no", False, False, True, False),
    }


def test_a_person_stands_in_few_circles_and_their_names_say_nothing() -> None:
    people = policy().people
    assert people[user("anna")] == Entry(
        (Side.STUDENT,),
        "ru",
        (
            "class:17/5a student",
            "family:anna student",  # the localpart
            "group:17/1b36c9ac5be16065 student",  # two lessons of the same students
            "group:17/choir student",
            "school:17 student",
        ),
    )
    assert people[user("inspector")] == Entry((Side.OBSERVER,), "ru", ("school:17 observer",))
    assert people[user("annas_aunt")] == Entry((), "ru", ())
    assert people[user("glebs_mother")].language == "en"
