"""The diary page as a widget of a room: `im.vector.modular.widgets`, pinned by the layout that
Element reads. Nothing in it is about anybody.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from appservice.rooms.state import JsonObject, StateKey

WIDGET: Final = "im.vector.modular.widgets"
LAYOUT: Final = "io.element.widgets.layout"

_ID: Final = "org.schoolspaces.diary"
_NAMES: Final[Mapping[str, str]] = {"ru": "Дневник", "en": "Diary"}
# Filled in by the client; one that does not know them leaves them as they are.
_LOOK: Final = "?theme=$org.matrix.msc2873.client_theme&lang=$org.matrix.msc2873.client_language"


def widget_state(address: str, *, bot: str, language: str) -> Mapping[StateKey, JsonObject]:
    """What stands in a room that shows the page at `address`, under a name in the language of the
    school; nothing without an address.

    It asks for no capabilities. `waitForIframeLoad` false: the page itself says when it is ready.
    """
    if not address:
        return {}
    name = _NAMES["ru" if language[:2].lower() == "ru" else "en"]
    return {
        (WIDGET, _ID): {
            "type": "m.custom",
            "id": _ID,
            "creatorUserId": bot,
            "name": name,
            "url": address + _LOOK,
            "data": {},
            "waitForIframeLoad": False,
        },
        (LAYOUT, ""): {
            "widgets": {_ID: {"container": "top", "index": 0, "width": 100, "height": 40}}
        },
    }
