"""Who is shown at the door of the demo."""

import pytest

from appservice.demo.sign_ins import people_shown
from appservice.language import Language
from appservice.school.model import MemberRole, Role
from appservice.school.sample import demo_school


@pytest.mark.parametrize("language", ["ru", "en"])
def test_one_of_each_kind_who_know_each_other(language: Language) -> None:
    roster = demo_school(language)
    shown = {one.role: one.person_id for one in people_shown(roster)}
    assert list(shown) == [
        Role.STUDENT,
        Role.GUARDIAN,
        Role.TEACHER,
        Role.CLASS_TEACHER,
        Role.SCHOOL_ADMIN,
    ]
    assert len(set(shown.values())) == 5
    assert (shown[Role.STUDENT], shown[Role.GUARDIAN]) in {
        (one.student_id, one.guardian_id) for one in roster.guardianships
    }
    ties = [one for one in roster.guardianships if one.guardian_id == shown[Role.GUARDIAN]]
    assert len(ties) == 2
    places: dict[str, set[tuple[str, MemberRole]]] = {}
    for one in roster.memberships:
        places.setdefault(one.person_id, set()).add((one.target_id, one.role))
    of_student = {target for target, _role in places[shown[Role.STUDENT]]}
    assert any(
        target in of_student and role is MemberRole.TEACHER
        for target, role in places[shown[Role.TEACHER]]
    )
    assert any(
        target in of_student and role is MemberRole.CLASS_TEACHER
        for target, role in places[shown[Role.CLASS_TEACHER]]
    )
