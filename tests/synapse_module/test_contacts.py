"""A closed community: who may write to whom, as people's own clients find it."""

import asyncpg
import pytest

from appservice.embedded.postgres import EmbeddedPostgres
from tests.synapse_module.caller import Json, School
from tests.synapse_module.conftest import WithModule
from tests.synapse_module.town import OUTSIDER, PEOPLE, Town, document, entry, role, rules, why


@pytest.fixture
async def town(bulk_school: School) -> Town:
    """The little school, closed."""
    town = await Town.build(bulk_school)
    await town.close()
    return town


async def test_a_person_opens_conversations_with_their_own_people_alone(town: Town) -> None:
    everybody = [*PEOPLE, OUTSIDER]
    opened = {
        name: {
            other
            for other in everybody
            if other != name and why(await town.make(name, other)) == "yes"
        }
        for name in ("ann", "leo", "mother", "head", OUTSIDER)
    }
    assert opened == {
        "ann": {"ben", "mia", "mother", "teacher"},
        "leo": {"mia"},
        "mother": {"ann", "father", "teacher"},
        "head": {"ann", "ben", "mia", "leo", "mother", "father"},
        OUTSIDER: set(),
    }


async def test_a_student_reads_a_plain_reason_in_their_language(town: Town) -> None:
    russian = {town.ids["ben"]: entry(*PEOPLE["ben"], language="ru")}
    await town.put(document(2, russian, base=1))
    told = [
        (await town.make(name, "father" if name == "ann" else "leo")).body
        for name in ("ann", "ben")
    ]
    assert told == [
        {
            "errcode": "M_FORBIDDEN",
            "error": "The school does not let you write to this person."
            " You may write to those whom the search for people shows you.",
            "org.schoolspaces.reason": "not_a_contact",
        },
        {
            "errcode": "M_FORBIDDEN",
            "error": "Школа не разрешает вам писать этому человеку."
            " Писать можно тем, кого вы находите через поиск людей.",
            "org.schoolspaces.reason": "not_a_contact",
        },
    ]


async def test_a_refused_conversation_leaves_no_empty_room_behind(town: Town) -> None:
    await town.make("ann", "leo")
    rooms = await town.act("ann", "GET", "/_matrix/client/v3/joined_rooms")
    assert rooms.body == {"joined_rooms": []}


async def test_an_invitation_hidden_in_the_rooms_state_is_judged_as_one(town: Town) -> None:
    hidden = {
        "type": "m.room.member",
        "state_key": town.ids["leo"],
        "content": {"membership": "invite"},
    }
    assert why(await town.make("ann", initial_state=[hidden])) == "not_a_contact"


async def test_a_student_has_conversations_of_two_and_no_rooms_of_three(town: Town) -> None:
    assert why(await town.make("ann", "ben", "mia")) == "only_two"
    room_id = await town.room("ann", "ben")
    assert why(await town.invite("ann", room_id, "mia")) == "only_two"
    assert why(await town.invite("ann", room_id, town.school.bot)) == "yes"


async def test_where_the_school_allows_group_rooms_each_member_is_a_contact_of_each_other(
    town: Town,
) -> None:
    groups = rules()["roles"] | {"student": role("group")}
    await town.close(2, rules=rules(roles=groups))
    room_id = await town.room("mia", "ann", "ben")
    told = {
        invited: why(await town.invite("mia", room_id, invited)) for invited in ("leo", "teacher")
    }
    assert told == {"leo": "group", "teacher": "yes"}
    assert why(await town.make("mia", "ann", "leo")) == "group"
    # One of the two may open a conversation with the other: that is enough.
    assert why(await town.make("head", "ann", "ben")) == "yes"


async def test_who_may_not_make_rooms_can_be_invited_and_answer(town: Town) -> None:
    silent = rules()["roles"] | {"student": role("no")}
    await town.close(2, rules=rules(roles=silent))
    assert why(await town.make("ann", "ben")) == "no_rooms"
    room_id = await town.room("teacher", "ann")
    path = f"/_matrix/client/v3/rooms/{room_id}/send/m.room.message/1"
    body = {"msgtype": "m.text", "body": "Да"}
    assert (await town.act("ann", "PUT", path, body)).status == 200
    assert why(await town.invite("ann", room_id, "ben")) == "no_rooms"


async def test_nobody_walks_into_a_room_of_strangers(town: Town) -> None:
    room_id = await town.room("head", "leo", preset="public_chat")
    told = {name: why(await town.join(name, room_id)) for name in ("mia", "ann", OUTSIDER)}
    assert told == {"mia": "yes", "ann": "group", OUTSIDER: "group"}


async def test_an_invitation_that_the_policy_no_longer_allows_is_not_taken_up(town: Town) -> None:
    room_id = (await town.make("mia", "leo")).body["room_id"]
    moved = {town.ids["leo"]: entry("student", "class:1/6b student", "school:1 student")}
    await town.put(document(2, moved, base=1))
    assert why(await town.join("leo", room_id)) == "not_a_contact"


async def test_the_rooms_of_the_school_are_open_to_whom_the_school_joins(town: Town) -> None:
    everybody = sorted(town.ids.values())
    room_id = await town.school.room(members=everybody)
    await town.act("leo", "POST", f"/_matrix/client/v3/rooms/{room_id}/leave", {})
    await town.school.outcomes(
        room_id,
        [
            {
                "kind": "state",
                "type": "m.room.join_rules",
                "content": {"join_rule": "public"},
            }
        ],
    )
    assert why(await town.join("leo", room_id)) == "yes"


async def test_rooms_aliases_publication_and_encryption_go_by_role(town: Town) -> None:
    encryption = {"type": "m.room.encryption", "content": {"algorithm": "m.megolm.v1.aes-sha2"}}
    letter = {"id_server": "id.test", "id_access_token": "x", "medium": "email", "address": "a@b.c"}
    asked: dict[str, Json] = {
        "alias": {"room_alias_name": f"{town.school.slot.id}-club"},
        "public": {"visibility": "public"},
        "open": {"preset": "public_chat"},
        "encrypted": {"initial_state": [encryption]},
        "letter": {"invite_3pid": [letter]},
    }
    told = {what: why(await town.make("ann", **change)) for what, change in asked.items()}
    assert told == {
        "alias": "no_aliases",
        "public": "no_public_rooms",
        "open": "no_public_rooms",
        "encrypted": "no_encryption",
        "letter": "no_3pid",
    }
    assert why(await town.make("teacher", **asked["encrypted"])) == "yes"
    assert why(await town.make("teacher", **asked["open"])) == "no_public_rooms"


async def test_what_a_role_lacks_is_not_done_afterwards_either(town: Town) -> None:
    room_id = await town.room("ann", "ben")
    alias = f"%23{town.school.slot.id}-x:{town.school.slot.server_name}"
    directory = "/_matrix/client/v3/directory"
    encryption = {"algorithm": "m.megolm.v1.aes-sha2"}
    told = {
        "encrypt": await town.set_state("ann", room_id, "m.room.encryption", encryption),
        "open": await town.set_state("ann", room_id, "m.room.join_rules", {"join_rule": "public"}),
        "letter": await town.set_state("ann", room_id, "m.room.third_party_invite", {}),
        "name": await town.set_state("ann", room_id, "m.room.name", {"name": "Мы"}),
        "alias": await town.act("ann", "PUT", f"{directory}/room/{alias}", {"room_id": room_id}),
        "publish": await town.act(
            "ann", "PUT", f"{directory}/list/room/{room_id}", {"visibility": "public"}
        ),
    }
    assert {what: why(answer) for what, answer in told.items()} == {
        "encrypt": "no_encryption",
        "open": "no_public_rooms",
        "letter": "no_3pid",
        "name": "yes",
        "alias": "no_aliases",
        "publish": "no_public_rooms",
    }


async def test_of_several_roles_the_most_permissive_counts(town: Town) -> None:
    both = {"roles": ["student", "staff"], "language": "en", "circles": ["school:1 staff"]}
    await town.put(document(2, {town.ids["ann"]: both}, base=1))
    assert why(await town.make("ann", "leo", "mia", visibility="public")) == "yes"


async def test_the_search_shows_a_person_those_whom_they_may_write_to(town: Town) -> None:
    await town.school.room(members=sorted(town.ids.values()))
    wanted = town.school.slot.id
    await town.directory_is_filled(wanted)
    found = {name: await town.found(name, wanted) for name in ("ann", "leo", "head", OUTSIDER)}
    assert {name: shown - {town.school.bot} for name, shown in found.items()} == {
        "ann": {"ben", "mia", "mother", "teacher"},
        "leo": {"mia"},
        "head": {"ann", "ben", "mia", "leo", "mother", "father"},
        OUTSIDER: set(),
    }
    await town.school.change_account(town.ids[OUTSIDER], admin=True)
    assert await town.found(OUTSIDER, wanted) - {town.school.bot} == PEOPLE.keys()


async def test_a_server_administrator_and_the_bot_write_to_anybody(
    town: Town, in_bulk: WithModule
) -> None:
    token = await in_bulk.homeserver.admin_token()
    body = {"invite": [town.ids["ann"], town.ids["leo"]]}
    for one in (token, None):
        answer = await town.school.ask("POST", "/_matrix/client/v3/createRoom", body, token=one)
        assert answer.status == 200, answer
        room_id = answer.body["room_id"]
        assert [why(await town.join(name, room_id)) for name in ("ann", "leo")] == ["yes", "yes"]


async def test_outsiders_are_let_in_where_the_school_wants_it(town: Town) -> None:
    assert why(await town.make(OUTSIDER, "ann")) == "outsider"
    assert why(await town.make("head", OUTSIDER)) == "outsider"
    await town.close(2, rules=rules(unlisted_may_contact=True))
    assert why(await town.make(OUTSIDER, "ann")) == "yes"
    assert why(await town.make("head", OUTSIDER)) == "yes"


async def test_other_homeservers_are_out_of_reach(town: Town) -> None:
    assert why(await town.make("head", "@somebody:elsewhere.test")) == "federation"
    path = "/_matrix/client/v3/join/!room:elsewhere.test?server_name=elsewhere.test"
    assert why(await town.act("ann", "POST", path, {})) == "federation"


async def test_who_is_in_no_policy_is_not_the_schools_affair(bulk_school: School) -> None:
    one, other, third = await bulk_school.people(3)
    token = await bulk_school.sign_in(one)
    body = {"invite": [other, third], "visibility": "public"}
    await bulk_school.well("POST", "/_matrix/client/v3/createRoom", body, token=token)


async def test_two_schools_on_one_homeserver_each_have_their_own_people(
    town: Town, second_school: School
) -> None:
    other = await Town.build(second_school)
    await other.close()
    assert why(await town.make("ann", other.ids["ben"])) == "not_a_contact"
    # A teacher of both writes to the pupils of both.
    await other.put(
        document(2, {town.ids["teacher"]: entry("teacher", "class:1/5a teacher")}, base=1)
    )
    told = [
        why(await town.make("teacher", invited))
        for invited in ("ann", other.ids["ann"], other.ids["leo"])
    ]
    assert told == ["yes", "yes", "not_a_contact"]


async def test_without_a_policy_everything_is_as_it_was(open_school: School) -> None:
    one, other, third = await open_school.people(3)
    token = await open_school.sign_in(one)
    body = {"invite": [other, third]}
    await open_school.well("POST", "/_matrix/client/v3/createRoom", body, token=token)
    answer = await open_school.ask("GET", "/_synapse/client/school_spaces/v1/policy")
    assert (answer.status, answer.body["errcode"]) == (404, "M_NOT_FOUND")


async def test_what_cannot_be_looked_up_is_refused_and_stands_once_in_the_log(
    town: Town, in_bulk: WithModule, postgres: EmbeddedPostgres
) -> None:
    def complaints() -> int:
        return in_bulk.homeserver.log.read_text(encoding="utf-8").count("could not be looked at")

    before = complaints()
    address = postgres.address("module")
    database = await asyncpg.connect(
        host=str(address.socket_dir),
        port=address.port,
        user=address.user,
        database=address.database,
    )
    try:
        await database.execute("ALTER TABLE school_spaces_policies RENAME TO away")
        told = [why(await town.make("ann", name)) for name in ("ben", "leo", "ben")]
        assert await town.found("ann", town.school.slot.id) == set()
        bots = await town.school.ask("POST", "/_matrix/client/v3/createRoom", {})
    finally:
        await database.execute("ALTER TABLE away RENAME TO school_spaces_policies")
        await database.close()
    assert (told, bots.status, complaints() - before) == (["failed"] * 3, 200, 1)
    assert [why(await town.make("ann", name)) for name in ("ben", "leo")] == [
        "yes",
        "not_a_contact",
    ]
