"""Whatever a roster says: a plan applied leaves nothing to do."""

from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from appservice.school.model import MemberRole, Membership, Role, RoleAssignment, Roster
from tests.upkeep.conftest import SchoolOnTrial
from tests.upkeep.tiny_school import tiny_roster

PEOPLE = sorted(tiny_roster().people)
PLACES = ("5a", "5b", "5a-math", "5b-math")
MEMBERSHIPS = st.tuples(
    st.sampled_from(PEOPLE), st.sampled_from(PLACES), st.sampled_from(tuple(MemberRole))
)
ROLES = st.tuples(st.sampled_from(PEOPLE), st.sampled_from(tuple(Role)))


@st.composite
def rosters(draw: st.DrawFn) -> Roster:
    """The tiny school's people and places, with anybody anything anywhere."""
    tiny = tiny_roster()
    memberships = draw(st.sets(MEMBERSHIPS, max_size=12))
    roles = draw(st.sets(ROLES, max_size=8))
    inactive = draw(st.sets(st.sampled_from(PEOPLE), max_size=2))
    return replace(
        tiny,
        people={
            key: person._replace(active=key not in inactive) for key, person in tiny.people.items()
        },
        memberships=tuple(sorted(Membership(*each) for each in memberships)),
        roles=tuple(sorted(RoleAssignment(person, "17", role) for person, role in roles)),
    )


@settings(
    max_examples=6,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(roster=rosters())
async def test_a_plan_applied_leaves_nothing_to_do(
    either_way: SchoolOnTrial, roster: Roster
) -> None:
    """One roster after another comes to the same school."""
    report = await either_way.apply(roster)
    assert (report.failed, report.skipped) == ((), ())
    assert (await either_way.plan(roster)).actions == ()
    assert (await either_way.audit(roster)).corrections == ()
    seen, wanted = await either_way.seen(), either_way.wanted(roster)
    assert {key: seen.rooms[key] for key in wanted.rooms} == wanted.rooms
    at_school = {user for room in wanted.rooms.values() for user in room.levels}
    for key, archive in seen.rooms.items():
        if key not in wanted.rooms:
            assert archive.levels.keys() <= at_school
            assert set(archive.levels.values()) <= {0}
            assert archive.name.endswith(" · 2026/2027")
