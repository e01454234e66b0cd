"""Whoever has no diary room yet gets one by inviting the bot; a stranger gets nothing."""

from urllib.parse import quote

from appservice.diary.personal_rooms import PERSONAL
from appservice.rooms.identity import key_parts
from appservice.storage.database import Database
from tests.service.deployment import DeploymentOnTrial, until
from tests.service.test_diary_helper import class_teacher, opened, speaker
from tests.upkeep.bystander import Bystander


async def test_whoever_invites_the_bot_is_answered_in_a_diary_room_of_their_own(
    deployment: DeploymentOnTrial,
) -> None:
    school = await opened(deployment)
    people = [school.students[0], class_teacher(school.roster)]
    for person in people:
        who = await speaker(deployment, person)
        chat = await direct_chat(deployment, who.client)
        declined = await is_declined(deployment, who.client, chat)
        assert declined["reason"] == "Я отвечаю в вашей комнате «Дневник»."

        room_id = await school.room_id(school.personal(person))
        (welcome,) = await school.said(school.personal(person))
        assert welcome["body"].startswith("Здесь я сообщаю, что нового в дневнике")
        assert "`настройки`" in await who.asks(room_id, "помощь")

        # Once more: the same room.
        await is_declined(deployment, who.client, await direct_chat(deployment, who.client))
        assert len(await school.said(school.personal(person))) == 3
    assert await personal_rooms(deployment) == {school.personal(person) for person in people}
    # They are wanted like all other rooms.
    assert (await deployment.plan()).actions == ()
    assert await deployment.corrections() == ()


async def test_a_stranger_who_invites_the_bot_gets_nothing(deployment: DeploymentOnTrial) -> None:
    await opened(deployment)
    user = f"@{deployment.slot.id}-stranger:{deployment.slot.server_name}"
    await deployment.bot.put_user(user, password="a long password of a stranger")
    stranger = await deployment.client(user)
    chat = await direct_chat(deployment, stranger)
    await deployment.is_known()

    async with Database.connect(deployment.database, connections=1) as database:

        async def nothing_waits() -> bool:
            async with database.connection() as connection:
                return bool(await connection.fetchval("SELECT count(*) = 0 FROM inbound_message"))

        await until(nothing_waits)
    assert (await membership(deployment, stranger, chat))["membership"] == "invite"
    assert await personal_rooms(deployment) == set()


async def direct_chat(deployment: DeploymentOnTrial, client: Bystander) -> str:
    return await client.create_room(
        is_direct=True, preset="trusted_private_chat", invite=[deployment.slot.bot_id]
    )


async def is_declined(
    deployment: DeploymentOnTrial, client: Bystander, chat: str
) -> dict[str, object]:
    """The content of the bot's member event, once it has declined."""

    async def has_left() -> bool:
        return (await membership(deployment, client, chat))["membership"] == "leave"

    await until(has_left)
    return await membership(deployment, client, chat)


async def membership(
    deployment: DeploymentOnTrial, client: Bystander, chat: str
) -> dict[str, object]:
    bot = quote(deployment.slot.bot_id, safe="")
    path = f"/_matrix/client/v3/rooms/{quote(chat, safe='')}/state/m.room.member/{bot}"
    return dict(await client.ask("GET", path))


async def personal_rooms(deployment: DeploymentOnTrial) -> set[str]:
    return {key for key in (await deployment.seen()).rooms if key_parts(key).kind == PERSONAL}
