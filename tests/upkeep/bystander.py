"""What people and administrators do on the homeserver on their own, over plain HTTP."""

from collections.abc import Mapping
from urllib.parse import quote

import aiohttp


class Bystander:
    """Somebody with an access token. `as_user` needs an application service's token."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url
        self._headers = {"Authorization": f"Bearer {token}"}

    async def ask(
        self, method: str, path: str, body: Mapping[str, object] | None = None
    ) -> Mapping[str, object]:
        """The answer; fails on an error."""
        async with (
            aiohttp.ClientSession(headers=self._headers) as session,
            session.request(method, self._url + path, json=body) as response,
        ):
            answer: Mapping[str, object] = await response.json()
            assert response.status < 400, (method, path, response.status, answer)
            return answer

    async def read(self, path: str) -> bytes:
        """An answer that is no JSON; fails on an error."""
        async with (
            aiohttp.ClientSession(headers=self._headers) as session,
            session.get(self._url + path) as response,
        ):
            answer = await response.read()
            assert response.status < 400, (path, response.status, answer)
            return answer

    async def room_id(self, alias: str) -> str:
        path = f"/_matrix/client/v3/directory/room/{quote(alias, safe='')}"
        return str((await self.ask("GET", path))["room_id"])

    async def set_alias(self, alias: str, room_id: str) -> None:
        path = f"/_matrix/client/v3/directory/room/{quote(alias, safe='')}"
        await self.ask("PUT", path, {"room_id": room_id})

    async def put_state(self, room_id: str, kind: str, key: str, content: object) -> None:
        path = (
            f"/_matrix/client/v3/rooms/{quote(room_id, safe='')}/state/{kind}/{quote(key, safe='')}"
        )
        assert isinstance(content, Mapping)
        await self.ask("PUT", path, content)

    async def create_room(self, **body: object) -> str:
        return str((await self.ask("POST", "/_matrix/client/v3/createRoom", body))["room_id"])

    async def act(self, room_id: str, deed: str, **body: object) -> None:
        """`deed`: kick, ban, leave, invite, join."""
        path = f"/_matrix/client/v3/rooms/{quote(room_id, safe='')}/{deed}"
        await self.ask("POST", path, body)

    async def put_user(self, user_id: str, **body: object) -> None:
        await self.ask("PUT", f"/_synapse/admin/v2/users/{quote(user_id, safe='')}", body)

    async def user(self, user_id: str) -> Mapping[str, object]:
        return await self.ask("GET", f"/_synapse/admin/v2/users/{quote(user_id, safe='')}")

    async def admin_join(self, room_id: str, user_id: str) -> None:
        path = f"/_synapse/admin/v1/join/{quote(room_id, safe='')}"
        await self.ask("POST", path, {"user_id": user_id})
