"""The running service makes the administrators' room, answers in it, and tells there what waits."""

from appservice.app import open_house, read_delivery
from appservice.service.running import running_service
from tests.commands.people import Speaker
from tests.service.deployment import DeploymentOnTrial, is_ready, until, variant
from tests.upkeep.bystander import Bystander


async def test_an_administrator_is_brought_in_asks_and_is_told_of_a_broken_roster(
    deployment: DeploymentOnTrial,
) -> None:
    await deployment.stands(variant(0))
    head = await administrator(deployment)
    alias = f"#{deployment.slot.id}.admin:{deployment.slot.server_name}"
    async with running_service(deployment.config()):
        await is_ready(deployment.slot.port)

        async def is_in() -> bool:
            joined = await head.client.ask("GET", "/_matrix/client/v3/joined_rooms")
            rooms = joined["joined_rooms"]
            assert isinstance(rooms, list)
            return any([await is_admin_room(head, room, alias) for room in rooms])

        await until(is_in)
        room_id = await deployment.bot.room_id(alias)
        await deployment.is_known()
        status = await head.asks(room_id, "!school status")
        assert status.splitlines()[1] == f"• Комнаты: {len((await deployment.seen()).rooms)}"
        checks = await head.asks(room_id, "!школа доктор")
        assert checks.startswith("Что видит проверка\n• ✓ ")

        begin = await head.says(room_id, "!школа помощь план")
        people = deployment.folder / "roster" / "people.csv"
        header, first, *rest = people.read_text(encoding="utf-8").splitlines()
        people.write_text("\n".join([header, first, first, *rest]) + "\n", encoding="utf-8")
        _help, told, attached = await head.hears(room_id, begin, count=3)
        assert (told["content"]["msgtype"], told["content"]["body"].splitlines()[0]) == (
            "m.text",
            "The roster was not accepted: 1 problem. Nothing was changed.",
        )
        problems = deployment.folder / "roster-problems.txt"
        assert (attached["content"]["msgtype"], attached["content"]["body"]) == (
            "m.file",
            "roster-problems.txt",
        )
        file = str(attached["content"]["url"]).removeprefix("mxc://")
        assert await head.client.read(f"/_matrix/client/v1/media/download/{file}") == (
            problems.read_bytes()
        )


async def administrator(deployment: DeploymentOnTrial) -> Speaker:
    """Somebody whom the roster gives the role."""
    config = deployment.config(direct=True)
    async with open_house(config, read_delivery(config)) as house:
        admins = sorted(user for users in house.wish.desired.admins.values() for user in users)
    path = f"/_synapse/admin/v1/users/{admins[0]}/login"
    token = await deployment.bot.ask("POST", path, {})
    slot = deployment.slot
    client = Bystander(slot.homeserver_url, str(token["access_token"]))
    return Speaker(client, admins[0], slot.bot_id)


async def is_admin_room(head: Speaker, room_id: str, alias: str) -> bool:
    path = f"/_matrix/client/v3/rooms/{room_id}/state/m.room.canonical_alias/"
    return (await head.client.ask("GET", path)).get("alias") == alias
