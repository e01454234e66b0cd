"""The JSON Schema (draft 2020-12) of one event: what it accepts, `events.parse` accepts, and
nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any, Final

from appservice.diary.events import BY_TYPE, ENVELOPE

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

_TOLD_TWICE: Final = frozenset({"title", "default", "description", "discriminator"})


def event_schema(definitions: str = "#/$defs/") -> dict[str, Any]:
    """One alternative for each type, envelope and payload together.

    `definitions` is where the schemas under "$defs" will stand (OpenAPI: "#/components/schemas/").
    """
    template = definitions + "{model}"
    envelope = ENVELOPE.json_schema(ref_template=template)
    shapes: dict[str, Any] = {}
    alternatives = []
    for event_type, adapter in BY_TYPE.items():
        inside = adapter.json_schema(ref_template=template)
        shapes.update(_bare(inside.pop("$defs", {})))
        whole = deepcopy(envelope)
        whole.pop("$defs", None)
        whole["properties"]["type"] = {"const": event_type.value}
        whole["properties"]["payload"] = inside
        shapes[event_type.value] = _bare(whole)
        alternatives.append({"$ref": definitions + event_type.value})
    return {
        "$schema": DIALECT,
        "title": "Diary event",
        "type": "object",
        "oneOf": alternatives,
        "$defs": shapes,
    }


def _bare(schema: Any) -> Any:
    """Without what pydantic adds for people who read the classes; names of properties stay."""
    if isinstance(schema, list):
        return [_bare(each) for each in schema]
    if not isinstance(schema, Mapping):
        return schema
    return {
        key: {name: _bare(each) for name, each in value.items()}
        if key == "properties"
        else _bare(value)
        for key, value in schema.items()
        if key not in _TOLD_TWICE
    }
