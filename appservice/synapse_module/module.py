"""The class that homeserver.yaml names."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

from synapse.module_api import ModuleApi

from .community.attempts import Attempts
from .community.callbacks import CommunityCallbacks
from .community.reading import CommunityReader
from .community.requests import PolicyRequest
from .community.store import PolicyStore
from .door import Door
from .limits import Limits
from .resources import AbilitiesRequest, BatchRequest, CreateRequest
from .settings import Settings, parse_settings

logger = logging.getLogger(__name__)

PREFIX = "/_synapse/client/school_spaces/v1"


class SchoolSpacesModule:
    """A Synapse module: requests for the school's application service.

    Source: Synapse's documentation, "Writing a module".
    """

    def __init__(self, config: Settings, api: ModuleApi) -> None:
        self._api = api
        bots = [api.get_qualified_user_id(bot) for bot in config.bots]
        limits = Limits(api, bots)
        doors = {bot: Door(api, config, bot, limits) for bot in bots}
        for path, request in (
            ("abilities", AbilitiesRequest),
            ("rooms/batch", BatchRequest),
            ("rooms/create", CreateRequest),
        ):
            api.register_web_resource(f"{PREFIX}/{path}", request(api, doors))
        self._close_the_community(config, bots, doors)
        if config.make_bot_admin and api.worker_app is None:
            api.delayed_background_call(
                0, self._make_bots_admin, bots, desc="school_spaces_make_bots_admin"
            )

    def _close_the_community(
        self, config: Settings, bots: Sequence[str], doors: Mapping[str, Door]
    ) -> None:
        """In every process; the requests are the main process's alone, as all are."""
        store = PolicyStore(self._api)
        attempts = Attempts(self._api, store)
        reader = CommunityReader(self._api, store, bots)
        CommunityCallbacks(self._api, reader, attempts, config.language).register(frozenset(bots))
        request = PolicyRequest(self._api, doors, store, attempts)
        self._api.register_web_resource(f"{PREFIX}/policy", request)
        self._api.delayed_background_call(
            0, self._make_tables, store, desc="school_spaces_make_tables"
        )

    @staticmethod
    async def _make_tables(store: PolicyStore) -> None:
        try:
            await store.ready()
        except Exception:  # looked for again at the first verdict
            logger.exception("The tables of the contact policy could not be made")

    @staticmethod
    def parse_config(config: object) -> Settings:
        """Synapse calls this with the `config` of the module."""
        return parse_settings(config)

    async def _make_bots_admin(self, bots: Sequence[str]) -> None:
        for bot in bots:
            try:
                await self._register(bot)
                if not await self._api.is_user_admin(bot):
                    await self._api.set_user_admin(bot, True)
                    logger.info("%s is a server administrator now", bot)
            except Exception:  # Synapse itself must start all the same
                logger.exception("%s could not be made a server administrator", bot)

    async def _register(self, bot: str) -> None:
        if await self._api.get_userinfo_by_id(bot) is not None:
            return
        homeserver = self._api._hs
        for service in homeserver.get_datastores().main.get_app_services():
            if str(service.sender) == bot:
                localpart = bot[1:].partition(":")[0]
                await homeserver.get_registration_handler().appservice_register(
                    localpart, service.token
                )
                return
        raise LookupError("no application service has this sender_localpart")
