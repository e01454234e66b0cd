"""The policy as the application service gives it: whole, by what changed, in parts."""

import asyncio
from urllib.parse import quote

import aiohttp
import pytest

from tests.synapse_module.caller import DOOR, Answer, Json, School
from tests.synapse_module.town import PEOPLE, Town, document, entry, role, rules, why

CROWD = 30_000


@pytest.fixture
async def town(bulk_school: School) -> Town:
    """The little school; no policy of its own yet."""
    return await Town.build(bulk_school)


def in_force(version: int, people: int) -> Answer:
    return Answer(200, {"version": version, "digest": f"{version:032x}", "people": people})


async def stored(town: Town) -> Answer:
    return await town.school.ask("GET", f"{DOOR}/policy")


def crowd(town: Town, circle: str) -> dict[str, Json]:
    """Entries of more people than are written in a moment."""
    prefix = f"@{town.school.slot.id}-crowd"
    server = town.school.slot.server_name
    return {f"{prefix}-{n}:{server}": entry("student", circle) for n in range(CROWD)}


async def test_a_policy_is_in_force_from_the_answer_on(town: Town) -> None:
    assert (await stored(town)).status == 404
    assert why(await town.make("ann", "leo")) == "yes"
    assert await town.put(document(7, town.entries())) == in_force(7, len(PEOPLE))
    assert why(await town.make("ann", "leo")) == "not_a_contact"
    assert await stored(town) == in_force(7, len(PEOPLE))


async def test_the_same_policy_again_changes_nothing(town: Town) -> None:
    body = document(1, town.entries())
    assert [await town.put(body) for _ in range(2)] == [in_force(1, len(PEOPLE))] * 2


async def test_what_changed_alone_is_given_over_the_version_it_goes_with(town: Town) -> None:
    await town.close(3)
    moved = {town.ids["leo"]: entry("student", "class:1/5a student")}
    change = document(4, moved, base=3, removed=[town.ids["ben"]])
    assert await town.put(change) == in_force(4, len(PEOPLE) - 1)
    assert await town.put(change) == in_force(4, len(PEOPLE) - 1)
    told = {name: why(await town.make("ann", name)) for name in ("leo", "ben", "teacher")}
    assert told == {"leo": "yes", "ben": "outsider", "teacher": "yes"}


@pytest.mark.parametrize(
    "change",
    [
        {"version": 9, "base": 4},
        {"version": 4},
        {"version": 5, "digest": "another"},
        {"version": 5, "digest": "another", "part": [1, 2]},
    ],
    ids=["over a version that is not stored", "older", "same number", "part of the same number"],
)
async def test_a_policy_out_of_turn_is_refused_with_the_stored_version(
    town: Town, change: Json
) -> None:
    await town.close(5)
    answer = await town.put(document(1, {}) | change)
    assert (answer.status, answer.body["errcode"]) == (409, "M_UNKNOWN")
    assert answer.body["version"] == 5
    assert await stored(town) == in_force(5, len(PEOPLE))


async def test_a_change_of_nothing_is_refused(town: Town) -> None:
    answer = await town.put(document(2, {}, base=1))
    assert (answer.status, answer.body["version"]) == (409, None)


async def test_parts_come_in_force_together_with_the_last_in_whatever_order(town: Town) -> None:
    await town.close(1)
    entries = {**town.entries(), town.ids["leo"]: entry("student", "class:1/5a student")}
    users = sorted(entries)
    cut = [users[:3], users[3:5], users[5:]]
    bodies = [
        document(2, {user: entries[user] for user in part}, part=[number, 3])
        for number, part in enumerate(cut, 1)
    ]
    staged = {"version": 2, "digest": f"{2:032x}", "parts": 3}
    assert await town.put(bodies[2]) == Answer(200, staged | {"staged": [3]})
    assert await town.put(bodies[2]) == Answer(200, staged | {"staged": [3]})
    assert await town.put(bodies[0]) == Answer(200, staged | {"staged": [1, 3]})
    assert why(await town.make("ann", "leo")) == "not_a_contact"
    assert await stored(town) == in_force(1, len(PEOPLE))
    assert await town.put(bodies[1]) == in_force(2, len(PEOPLE))
    assert why(await town.make("ann", "leo")) == "yes"
    assert await town.put(bodies[0]) == in_force(2, len(PEOPLE))


async def test_parts_that_nobody_finished_leave_nothing_in_the_next_policy(town: Town) -> None:
    await town.close(1)
    await town.put(document(2, crowd(town, "class:x/1 student"), part=[1, 2]))
    await town.put(document(2, {}, digest="another", part=[1, 2]))
    answer = await town.put(document(2, town.entries(), digest="another", part=[2, 2]))
    assert answer.body["people"] == len(PEOPLE)


async def test_of_a_policy_cut_off_by_a_crash_all_or_nothing_is_there(town: Town) -> None:
    await town.close(1)
    first = document(2, {town.ids["leo"]: entry("student")}, part=[1, 2])
    await town.put(first)
    circle = "class:x/1 student"
    last = document(
        2, {**crowd(town, circle), town.ids["ann"]: entry("student", circle)}, part=[2, 2]
    )
    putting = asyncio.create_task(town.put(last))
    await asyncio.sleep(0.7)
    town.school.homeserver.kill()
    with pytest.raises(aiohttp.ClientError):
        await putting
    await town.school.homeserver.start()
    old, new = in_force(1, len(PEOPLE)), in_force(2, CROWD + 2)
    found = await stored(town)
    assert found in (old, new)
    assert why(await town.make("ann", "ben")) == ("yes" if found == old else "outsider")
    assert [await town.put(part) for part in (first, last)][1] == new
    assert why(await town.make("ann", "ben")) == "outsider"


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"version": 0}, "/version"),
        ({"version": True}, "/version"),
        ({"base": 8}, "/base"),
        ({"digest": ""}, "/digest"),
        ({"removed": ["@a:b"]}, "/removed"),
        ({"base": 1, "people": {"@a:b": entry("x")}, "removed": ["@a:b"]}, "/removed/0"),
        ({"part": [3, 2]}, "/part"),
        ({"part": [1]}, "/part"),
        ({"part": [1, 2], "base": 1}, "/part"),
        ({"people": {"ann": entry("student")}}, "/people/ann"),
        ({"people": {"@a/b:c": {}}}, "/people/@a~1b:c/roles"),
        ({"people": {"@a:b": entry("x", "5a student")}}, "/people/@a:b/circles/0"),
        ({"people": {"@a:b": entry("x", "class:5a")}}, "/people/@a:b/circles/0"),
        ({"rules": {}}, "/rules/directions"),
        ({"rules": rules(roles={"x": role("some")})}, "/rules/roles/x/create_rooms"),
        ({"rules": rules(directions={"class": [["a"]]})}, "/rules/directions/class/0"),
        ({"rules": rules(federation=1)}, "/rules/federation"),
        ({"surprise": 1}, "/surprise"),
    ],
)
async def test_a_faulty_policy_is_pointed_at(
    bulk_school: School, change: Json, pointer: str
) -> None:
    answer = await bulk_school.ask("PUT", f"{DOOR}/policy", document(8, {}) | change)
    assert (answer.status, answer.body["errcode"]) == (400, "M_BAD_JSON")
    assert answer.body["pointer"] == pointer


async def test_attempts_are_counted_and_listed_without_what_people_wrote(town: Town) -> None:
    await town.close()
    for _ in range(3):
        await town.make("ann", "leo")
    alias = f"%23редкое-имя:{town.school.slot.server_name}"
    room_id = await town.room("ann", "ben")
    path = f"/_matrix/client/v3/directory/room/{alias}"
    await town.act("ann", "PUT", path, {"room_id": room_id})
    await town.make("outsider", "ann")
    listed = await town.blocked()
    rows = [{**row, "id": None, "at_ms": None} for row in listed["attempts"]]
    known = {"id": None, "at_ms": None}
    assert rows == [
        known
        | {
            "kind": "create_room",
            "user_id": town.ids["ann"],
            "other": town.ids["leo"],
            "reason": "not_a_contact",
            "attempts": 3,
        },
        known
        | {
            "kind": "create_alias",
            "user_id": town.ids["ann"],
            "other": "",
            "reason": "no_aliases",
            "attempts": 1,
        },
        known
        | {
            "kind": "create_room",
            "user_id": town.ids["outsider"],
            "other": town.ids["ann"],
            "reason": "outsider",
            "attempts": 1,
        },
    ]
    assert listed["counts"] == {"create_room": 4, "create_alias": 1}
    first = listed["attempts"][0]["id"]
    page = await town.blocked(after=str(first), limit="1")
    assert page == {"attempts": listed["attempts"][1:2], "counts": listed["counts"]}


async def test_only_the_documented_paths_are_there(bulk_school: School) -> None:
    told = [
        (await bulk_school.ask(method, f"{DOOR}/policy/{path}", {})).status
        for method, path in (("GET", "other"), ("PUT", "blocked"), ("PUT", "other"))
    ]
    assert told == [404, 404, 404]


async def test_a_client_that_tries_everything_fills_no_table(town: Town) -> None:
    await town.close()
    path = "/_matrix/client/v3/directory/list/room"
    tried = [f"!{number}:school.test" for number in range(53)] + ["!" + "x" * 300, "слова"]
    for start in range(0, len(tried), 8):
        await asyncio.gather(
            *(
                town.act("ann", "PUT", f"{path}/{quote(room)}", {"visibility": "public"})
                for room in tried[start : start + 8]
            )
        )
    listed = await town.blocked(limit="1000")
    others = {row["other"] for row in listed["attempts"]}
    # 50 in whatever order they came, and one row for the rest.
    assert len(listed["attempts"]) in (50, 51)
    assert others - {*tried[:53]} == {""}
    assert listed["counts"] == {"publish_room": 55}


@pytest.mark.parametrize(
    "query", [{"limit": "0"}, {"limit": "1001"}, {"after": "-1"}, {"after": "x"}]
)
async def test_a_page_of_no_size_is_refused(bulk_school: School, query: dict[str, str]) -> None:
    answer = await bulk_school.ask("GET", f"{DOOR}/policy/blocked", query=query)
    assert (answer.status, answer.body["errcode"]) == (400, "M_INVALID_PARAM")
