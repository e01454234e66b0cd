"""Another module of the same Synapse, as a school may have one: it refuses some events.

An event whose content has the key `test.refuse` is refused; with `test.refuse_once`, the first
time. So a createRoom can be made to end half-way, as a crash would end it.
"""

from typing import Any

from synapse.events import EventBase
from synapse.module_api import ModuleApi


class RefusingModule:
    """Registers the refusal. Its configuration is empty."""

    def __init__(self, config: object, api: ModuleApi) -> None:
        self._refused_once: set[str] = set()
        api.register_third_party_rules_callbacks(check_event_allowed=self._allowed)

    @staticmethod
    def parse_config(config: object) -> object:
        return config

    async def _allowed(
        self, event: EventBase, _state: object
    ) -> tuple[bool, dict[Any, Any] | None]:
        once = event.content.get("test.refuse_once")
        if isinstance(once, str) and once not in self._refused_once:
            self._refused_once.add(once)
            return False, None
        return "test.refuse" not in event.content, None
