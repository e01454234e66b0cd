"""How a plan reads."""

from appservice.language import speaking
from appservice.rooms.actions import PHASE_OF, RemoveMember, SetParent, SetState, UpdateAccount
from appservice.rooms.planning.maker import make_plan
from appservice.rooms.planning.plan import KIND_NAMES, Plan
from appservice.rooms.planning.table import PlanRow, action_label, described, plan_rows
from appservice.school.model import Role, RoleAssignment
from tests.rooms.imagined_homeserver import ImaginedHomeserver
from tests.rooms.small_school import ROLES, desired, only, school, user


def test_a_plan_is_grouped_by_what_is_done_to_which_kind_of_room() -> None:
    few = only("school_space", "class_space", "guardians_only")
    with speaking("en"):
        rows = plan_rows(make_plan(desired(settings=few), [], {}))
    assert rows == (
        PlanRow("Accounts", "create an account", "", 10),
        PlanRow("Rooms", "create a room", "school_space", 1),
        PlanRow("Rooms", "create a room", "class_space", 2),
        PlanRow("Rooms", "create a room", "guardians_only", 2),
        PlanRow("Spaces", "put the room into its space", "guardians_only", 2),
        PlanRow("Spaces", "put the room into its space", "class_space", 2),
        PlanRow("Members", "bring into the room", "class_space", 11),
        PlanRow("Members", "bring into the room", "guardians_only", 3),
        PlanRow("Members", "bring into the room", "school_space", 10),
    )


def test_a_plan_reads_in_russian() -> None:
    server = ImaginedHomeserver()
    settings = only("staff_room", "school_space")
    server.apply(desired(settings=settings))
    roles = (*ROLES[1:], RoleAssignment("petrov", "17", Role.SCHOOL_ADMIN))
    with speaking("ru"):
        plan = server.plan(desired(school(roles=roles), settings=settings))
        rows = plan_rows(plan)
        lines = [described(action) for action in plan.actions]
    assert rows == (
        PlanRow("Отнять", "вывести из комнаты", "school_space", 1),
        PlanRow("Отнять", "вывести из комнаты", "staff_room", 1),
        PlanRow("Отнять", "понизить уровни", "school_space", 1),
        PlanRow("Отнять", "понизить уровни", "staff_room", 1),
        PlanRow("Дать", "повысить уровни", "school_space", 1),
        PlanRow("Дать", "повысить уровни", "staff_room", 1),
    )
    assert lines == [
        "вывести из комнаты: @director:school.example · 17/school_space",
        "вывести из комнаты: @director:school.example · 17/staff_room",
        "понизить уровни: 17/school_space · @director:school.example 75 → 0",
        "понизить уровни: 17/staff_room · @director:school.example 75 → 0",
        "повысить уровни: 17/school_space · @petrov:school.example 0 → 75",
        "повысить уровни: 17/staff_room · @petrov:school.example 50 → 75",
    ]


def test_every_kind_of_action_has_a_name_and_a_label() -> None:
    with speaking("en"):
        labels = [action_label(kind) for kind in PHASE_OF]
    assert len(set(labels)) == len(PHASE_OF)
    assert list(KIND_NAMES.values()) == [
        "remove_member",
        "ban_member",
        "revoke_power",
        "unlink",
        "archive_room",
        "delete_room",
        "suspend_account",
        "deactivate_account",
        "create_account",
        "restore_account",
        "update_account",
        "create_room",
        "set_state",
        "link",
        "set_parent",
        "lift_ban",
        "add_member",
        "grant_power",
    ]


def test_one_action_is_one_line_without_personal_data() -> None:
    with speaking("en"):
        lines = [
            described(UpdateAccount(user("anna"), ("display_name", "external_ids"))),
            described(SetState("17/club/choir", "m.room.name", "", {}, {"name": "Хор"})),
            described(SetParent("17/club/choir", "17/clubs")),
            described(RemoveMember("17/club/choir", user("anna"))),
        ]
    assert lines == [
        "change an account: @anna:school.example · display_name, external_ids",
        "change the room: 17/club/choir · m.room.name",
        "tell the room its space: 17/club/choir · 17/clubs",
        "take out of the room: @anna:school.example · 17/club/choir",
    ]


def test_an_empty_plan_has_an_empty_table() -> None:
    assert plan_rows(Plan(())) == ()
