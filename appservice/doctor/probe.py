"""Looking, without touching: every question once, with a short timeout.

One thing is done: the bot gets its account, which nobody but we can make, and without which no
administrator can give it its rights.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Final, TypeVar
from urllib.parse import quote

import aiohttp

from appservice.config.model import Config
from appservice.config.registration import read_registration
from appservice.doctor.facts import (
    DatabaseSeen,
    Facts,
    ModuleSeen,
    NotSeen,
    Pinged,
    PolicySeen,
    Reached,
)
from appservice.doctor.judge_community import POLICY
from appservice.errors import Permanent, Refused, SchoolSpacesError
from appservice.language import _
from appservice.matrix.homeserver import Homeserver
from appservice.matrix.module_requests import NOT_LOADED
from appservice.storage.inspection import inspect

_TIMEOUT: Final = aiohttp.ClientTimeout(total=10)
_PING_TIMEOUT: Final = aiohttp.ClientTimeout(total=70)  # Synapse itself waits up to a minute
_CONNECT_S: Final = 2.0
_PATIENCE_S: Final = 1.0

T = TypeVar("T")


async def probe(config: Config, database: DatabaseSeen | NotSeen) -> Facts:
    """Look at everything; the database was looked at by whoever knows where it is."""
    facts = Facts(
        reached=await _reach(config),
        registration=_registration(config),
        database=database,
        roster_is_there=config.roster.path.exists(),
        service_listens=await listens(config),
    )
    if isinstance(facts.reached, NotSeen):
        return facts
    async with Homeserver(
        config.homeserver.url,
        config.appservice.as_token.get_secret_value(),
        server_name=config.homeserver.server_name,
        bot=config.bot,
        patience=_PATIENCE_S,
    ) as homeserver:
        facts = replace(facts, who=await _seen(homeserver.whoami))
        if facts.who != config.bot:
            return facts  # nothing else can be asked
        await _seen(homeserver.register_bot)
        facts = replace(
            facts,
            synapse=await _seen(homeserver.synapse_version),
            room_versions=await _seen(lambda: _room_versions(homeserver)),
            bot_is_admin=await _is_admin(homeserver, config.bot),
            module=await _module(homeserver),
            pinged=await ping(config),
            serves_openid=await serves_openid(homeserver),
        )
        if isinstance(facts.module, ModuleSeen) and POLICY in facts.module.abilities:
            facts = replace(facts, policy=await _seen(lambda: _policy(homeserver)))
        if facts.bot_is_admin is not True:
            return facts
        return replace(
            facts,
            people_in_namespaces=await _people_in_namespaces(
                homeserver, facts.registration, config.bot
            ),
        )


async def look_at_database(dsn: str, *, embedded: bool) -> DatabaseSeen | NotSeen:
    """What stands at this address."""
    seen = await _seen(lambda: inspect(dsn))
    if isinstance(seen, NotSeen):
        return seen
    return DatabaseSeen(
        seen.version,
        seen.schema,
        seen.newest_schema,
        embedded=embedded,
        policy_version=seen.policy.version,
        policy_digest=seen.policy.digest,
        policy_rules=seen.policy.rules,
        policy_checked_at=seen.policy.checked_at,
    )


async def _seen(look: Callable[[], Awaitable[T]]) -> T | NotSeen:
    try:
        return await look()
    except SchoolSpacesError as error:
        return NotSeen(str(error))


async def _reach(config: Config) -> Reached | NotSeen:
    began = time.monotonic()
    try:
        async with (
            aiohttp.ClientSession(timeout=_TIMEOUT) as session,
            session.get(f"{config.homeserver.url}/_matrix/client/versions") as response,
        ):
            await response.read()
            seconds, here = time.monotonic() - began, datetime.now(UTC)
            if response.status != HTTPStatus.OK:
                return NotSeen(_("it answers {status}").format(status=response.status))
            there = None
            with suppress(KeyError, ValueError):
                there = parsedate_to_datetime(response.headers["Date"])
            return Reached(seconds, there, here)
    except TimeoutError:
        return NotSeen(_("no answer within 10 s"))
    except aiohttp.ClientConnectorError as error:
        return NotSeen(error.os_error.strerror or str(error.os_error))
    except aiohttp.ClientError as error:
        return NotSeen(str(error))


async def listens(config: Config) -> bool:
    """Whether anybody accepts connections where our service should."""
    try:
        async with asyncio.timeout(_CONNECT_S):
            _reader, writer = await asyncio.open_connection(
                _reachable_here(config.appservice.hostname), config.appservice.port
            )
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True


def _reachable_here(hostname: str) -> str:
    """The service may listen at every address; it is then found at this one."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(hostname, hostname)  # noqa: S104


def _registration(config: Config) -> Mapping[str, object] | NotSeen | None:
    try:
        return read_registration(config.appservice.registration)
    except Refused as error:
        return NotSeen(str(error))


async def _room_versions(homeserver: Homeserver) -> frozenset[str]:
    answer = await homeserver.get("/_matrix/client/v3/capabilities")
    capabilities = _object(answer.get("capabilities"))
    return frozenset(_object(_object(capabilities.get("m.room_versions")).get("available")))


async def _module(homeserver: Homeserver) -> ModuleSeen | NotSeen | None:
    """`GET /abilities` of docs/synapse-module.md."""
    try:
        answer = await homeserver.get("/_synapse/client/school_spaces/v1/abilities")
    except Permanent as error:
        return None if error.code in NOT_LOADED else NotSeen(str(error))
    except SchoolSpacesError as error:
        return NotSeen(str(error))
    abilities = answer.get("abilities")
    one_by_one = answer.get("batch") == "one_by_one"
    return ModuleSeen(
        frozenset(map(str, abilities)) if isinstance(abilities, list) else frozenset(),
        str(answer.get("batch_reason") or "one_by_one") if one_by_one else "",
    )


async def _policy(homeserver: Homeserver) -> PolicySeen | None:
    answer = await homeserver.policy()
    if answer is None:
        return None
    version, people = answer.get("version"), answer.get("people")
    return PolicySeen(
        version if isinstance(version, int) else 0,
        str(answer.get("digest", "")),
        people if isinstance(people, int) else 0,
    )


async def serves_openid(homeserver: Homeserver) -> bool | NotSeen:
    """Whether a token that is none is refused as one: by whoever could say whose it is."""
    try:
        await homeserver.openid_user("school-spaces-doctor")
    except Permanent as error:
        if error.code in ("M_UNKNOWN_TOKEN", "M_MISSING_TOKEN"):
            return True
        return False if error.code in NOT_LOADED else NotSeen(str(error))
    except SchoolSpacesError as error:
        return NotSeen(str(error))
    return True


async def _is_admin(homeserver: Homeserver, bot: str) -> bool | NotSeen:
    try:
        answer = await homeserver.get(f"/_synapse/admin/v1/users/{quote(bot, safe='')}/admin")
    except Permanent as error:
        return False if error.code == "M_FORBIDDEN" else NotSeen(str(error))
    except SchoolSpacesError as error:
        return NotSeen(str(error))
    return answer.get("admin") is True


async def ping(config: Config) -> Pinged | NotSeen:
    """Let Synapse try to reach us: `POST /_matrix/client/v1/appservice/{id}/ping` (MSC2659)."""
    where = f"/_matrix/client/v1/appservice/{quote(config.appservice.id, safe='')}/ping"
    token = config.appservice.as_token.get_secret_value()
    try:
        async with (
            aiohttp.ClientSession(timeout=_PING_TIMEOUT) as session,
            session.post(
                config.homeserver.url + where,
                json={},
                headers={"Authorization": f"Bearer {token}"},
            ) as response,
        ):
            answer = _object(await response.json(content_type=None))
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        return NotSeen(str(error) or type(error).__name__)
    if response.status == HTTPStatus.OK:
        milliseconds = answer.get("duration_ms")
        return Pinged(milliseconds if isinstance(milliseconds, int) else 0)
    return Pinged(
        code=str(answer.get("errcode", f"HTTP {response.status}")),
        error=str(answer.get("error", "")),
    )


async def _people_in_namespaces(
    homeserver: Homeserver, registration: Mapping[str, object] | NotSeen | None, bot: str
) -> int | NotSeen:
    if registration is None or isinstance(registration, NotSeen):
        return NotSeen(_("the registration was not read"))
    patterns = []
    users = _object(registration.get("namespaces")).get("users")
    for namespace in users if isinstance(users, list) else ():
        with suppress(re.error):
            patterns.append(re.compile(str(_object(namespace).get("regex", ""))))
    count = 0
    try:
        async for user in homeserver.users():
            # As Synapse does: from the beginning, not to the end.
            if user.user_id != bot and any(found.match(user.user_id) for found in patterns):
                count += 1
    except SchoolSpacesError as error:
        return NotSeen(str(error))
    return count


def _object(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}
