"""The service killed with kill -9 at random points.

`SCHOOL_SPACES_KILL_POINTS` says at how many points each test kills (5, so that the suite stays
quick; 50 is the long run), `SCHOOL_SPACES_SEED` where: the same seed chooses the same points, and
`SCHOOL_SPACES_KILL_EVENTS` how many events the diary is sent for each (9).

    SCHOOL_SPACES_KILL_POINTS=50 SCHOOL_SPACES_SEED=7 pytest -s tests/service -k killed
    SCHOOL_SPACES_KILL_POINTS=50 SCHOOL_SPACES_KILL_EVENTS=100 pytest -s -k arrives_once
"""

import asyncio
import os
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.context import ForkServerProcess

from appservice.service.parts import PartsOf, parts_of
from tests.service.deployment import DeploymentOnTrial
from tests.upkeep.proxy import Fault, Passing, Proxy, proxy_to

POINTS = int(os.environ.get("SCHOOL_SPACES_KILL_POINTS", "5"))
SEED = int(os.environ.get("SCHOOL_SPACES_SEED", "1"))
EVENTS = int(os.environ.get("SCHOOL_SPACES_KILL_EVENTS", "9"))

_CUTS = (Fault.CUT_BEFORE, Fault.CUT_AFTER)
_PATIENCE_S = 20.0
_STARTS_WITHIN_S = 60.0


def seeded() -> random.Random:
    """Says with which seed a failure can be had again."""
    print(f"SCHOOL_SPACES_KILL_POINTS={POINTS} SCHOOL_SPACES_SEED={SEED}")
    return random.Random(SEED)


@dataclass
class Killer:
    """Kills `service` `after` seconds after the request number `at` that changes something, or in
    the middle of it where that is None, before or after the homeserver heard of it.
    """

    at: int
    after: float | None
    how: Fault
    service: ForkServerProcess | None = None
    started: asyncio.Event = field(default_factory=asyncio.Event)
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    changes: int = 0

    async def judge(self, passing: Passing) -> Fault:
        self.started.set()
        if passing.method == "GET" or passing.path.endswith("/ping"):
            return Fault.NONE
        self.changes += 1
        if self.changes < self.at:
            return Fault.NONE
        if self.after is not None:
            self.reached.set()
            return Fault.NONE
        if self.service is not None:
            self.service.kill()
        self.reached.set()
        return self.how


@dataclass
class Kills:
    """`reached`: how many of them came in the middle of work, not before or after it."""

    deployment: DeploymentOnTrial
    proxy: Proxy
    chance: random.Random
    reached: int = 0

    async def one(
        self,
        *,
        most: int,
        wait: float = _PATIENCE_S,
        parts: PartsOf = parts_of,
        meanwhile: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """A service starts, is killed at one of its first `most` changes or shortly after, and is
        dead. Where it has no more so many to make, it is killed `wait` seconds after its first
        request.
        """
        after = self.chance.choice((None, self.chance.uniform(0, 0.3)))
        killer = Killer(self.chance.randint(1, most), after, self.chance.choice(_CUTS))
        self.proxy.judge = killer.judge
        killer.service = self.deployment.starts(parts_of=parts)
        if meanwhile is not None:
            await meanwhile()
        async with asyncio.timeout(_STARTS_WITHIN_S):
            await killer.started.wait()
        with suppress(TimeoutError):
            async with asyncio.timeout(wait):
                await killer.reached.wait()
        if killer.after is not None and killer.reached.is_set():
            await asyncio.sleep(killer.after)
        killer.service.kill()
        await asyncio.to_thread(killer.service.join)
        self.reached += killer.reached.is_set()


@asynccontextmanager
async def kills(deployment: DeploymentOnTrial) -> AsyncIterator[Kills]:
    """From here on the deployment's services reach the homeserver through a proxy."""
    async with proxy_to(deployment.slot.homeserver_url) as proxy:
        deployment.url = proxy.url
        yield Kills(deployment, proxy, seeded())
        deployment.url = ""
