"""An independent Matrix client (matrix-nio) signs in, knowing nothing of us."""

from dataclasses import dataclass

from nio import AsyncClient, LoginResponse, SpaceGetHierarchyResponse, SyncResponse

from tests.upkeep.conftest import SchoolOnTrial

PASSWORD = "a long password"


@dataclass(frozen=True)
class Sight:
    """What a client shows: names of joined rooms, open invitations, and the tree under a space."""

    rooms: frozenset[str]
    invitations: frozenset[str]
    tree: dict[str, frozenset[str]]  # name of a space → names of what hangs in it
    writes_in: frozenset[str]


async def sight_of(school: SchoolOnTrial, person: str) -> Sight:
    """Sign in with a password, sync once, and walk the tree of spaces from its root."""
    user_id = school.user(person)
    await school.workplace.homeserver.put_user(user_id, password=PASSWORD)
    client = AsyncClient(school.slot.homeserver_url, user_id)
    try:
        assert isinstance(await client.login(PASSWORD), LoginResponse)
        assert isinstance(await client.sync(full_state=True), SyncResponse)
        names = {room_id: str(room.name) for room_id, room in client.rooms.items()}
        tree: dict[str, frozenset[str]] = {}
        for room_id, room in client.rooms.items():
            if room.room_type == "m.space":
                answer = await client.space_get_hierarchy(room_id, max_depth=1)
                assert isinstance(answer, SpaceGetHierarchyResponse)
                inside = [each for each in answer.rooms if each["room_id"] != room_id]
                tree[names[room_id]] = frozenset(str(each["name"]) for each in inside)
        return Sight(
            rooms=frozenset(names.values()),
            invitations=frozenset(str(room.name) for room in client.invited_rooms.values()),
            tree=tree,
            writes_in=frozenset(
                names[room_id]
                for room_id, room in client.rooms.items()
                if room.power_levels.can_user_send_message(user_id)
            ),
        )
    finally:
        await client.close()


async def test_a_student_sees_exactly_the_tree_of_that_student(
    either_way: SchoolOnTrial,
) -> None:
    either_way.with_all_kinds()
    assert (await either_way.apply(approved=False)).exit_status == 0

    assert await sight_of(either_way, "petya") == Sight(
        rooms=frozenset(
            {
                *("Школа № 17", "Объявления школы", "Ученикам"),
                *("5А", "5А: объявления", "5А: чат класса", "5А: Математика"),
            }
        ),
        invitations=frozenset(),
        tree={
            "Школа № 17": frozenset({"Объявления школы", "Ученикам", "5А"}),
            "5А": frozenset({"5А: объявления", "5А: чат класса", "5А: Математика"}),
        },
        writes_in=frozenset({"5А: чат класса", "5А: Математика"}),
    )
