"""People change rooms while the service is killed again and again."""

from appservice.storage.database import Database
from tests.service.deployment import DeploymentOnTrial
from tests.service.killing import POINTS, kills
from tests.service.people import People, a_class
from tests.upkeep.proxy import let_pass


async def test_what_people_change_while_the_service_is_killed_is_put_back_and_recorded_once(
    deployment: DeploymentOnTrial,
) -> None:
    await deployment.stands(a_class())
    async with (
        kills(deployment) as killing,
        Database.connect(deployment.database, connections=2) as database,
    ):
        chance = killing.chance
        people = await People.of(deployment, chance)

        async def changes() -> None:
            for _each in range(chance.randint(0, 2)):
                await people.change(chance)

        for _point in range(POINTS):
            await people.change(chance)  # while nobody is there
            await killing.one(most=3, wait=5, meanwhile=changes)
        assert killing.reached >= POINTS / 2
        # Where nobody takes this one, Synapse knows that it has to send what it kept.
        await people.change(chance)
        killing.proxy.judge = let_pass
        deployment.starts()
        await people.are_put_right(database)
    await deployment.end()
    assert await deployment.corrections() == ()
    assert (await deployment.plan()).actions == ()
