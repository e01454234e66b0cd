"""A Synapse module: an application service may come and go while the homeserver runs.

Synapse reads registrations at its start alone, and asks every application service that it knows
about every event. So a homeserver for many tests would either start anew for each of them, or do
most of its work for schools of other tests.
"""

from typing import Any

from synapse.api.errors import SynapseError
from synapse.config.appservice import load_appservices
from synapse.http.servlet import parse_json_object_from_request
from synapse.http.site import SynapseRequest
from synapse.module_api import DirectServeJsonResource, ModuleApi
from synapse.storage.databases.main.appservice import _make_exclusive_regex

PATH = "/_synapse/client/tests/registrations"


class LateRegistrations:
    """Takes at `PATH`, by PUT, the registrations that count from now on. Needs no configuration."""

    def __init__(self, config: object, api: ModuleApi) -> None:
        api.register_web_resource(PATH, _Registrations(api))

    @staticmethod
    def parse_config(config: object) -> object:
        return config


class _Registrations(DirectServeJsonResource):
    isLeaf = True  # noqa: N815 - Twisted's name

    def __init__(self, api: ModuleApi) -> None:
        super().__init__()
        self._api = api

    async def _async_render_PUT(self, request: SynapseRequest) -> tuple[int, dict[str, Any]]:  # noqa: N802
        """`{"files": [path]}`. An application service that stays keeps what is cached with it."""
        files = parse_json_object_from_request(request).get("files")
        if not isinstance(files, list):
            raise SynapseError(400, "files: a list of paths is needed")
        store = self._api._hs.get_datastores().main
        known = {service.id: service for service in store.services_cache}
        named = load_appservices(self._api.server_name, files)
        store.services_cache[:] = [known.get(service.id, service) for service in named]
        store.exclusive_user_regex = _make_exclusive_regex(store.services_cache)
        return 200, {}
