"""The OpenAPI 3.1 document of the ingestion API. Pure."""

from __future__ import annotations

from typing import Any, Final

from appservice.diary.schema import event_schema
from appservice.web.ingestion.credentials import SIGNATURE, SOURCE, TIMESTAMP

_COMPONENTS: Final = "#/components/schemas/"
_VERDICTS: Final = ("accepted", "duplicate", "stale", "rejected")


def openapi(events_path: str, most_events: int) -> dict[str, Any]:
    """What stands at /diary/v1/openapi.json."""
    event = event_schema(_COMPONENTS)
    shapes = event.pop("$defs")
    event.pop("$schema")
    return {
        "openapi": "3.1.0",
        "info": {"title": "School Spaces: events of a diary", "version": "1"},
        "paths": {
            events_path: {
                "post": {
                    "operationId": "sendEvents",
                    "summary": "One event, or a batch. Sent again, it is a duplicate.",
                    "security": [
                        {"token": []},
                        {"source": [], "timestamp": [], "signature": []},
                    ],
                    "requestBody": {
                        "required": True,
                        "content": {
                            "application/json": {"schema": {"$ref": _COMPONENTS + "Events"}}
                        },
                    },
                    "responses": {
                        "202": _answer(
                            "What became of each event. What is not rejected is kept.", "Verdicts"
                        ),
                        "400": _answer("No JSON, or too many events.", "Refusal"),
                        "401": _answer("No source is known by this token or signature.", "Refusal"),
                        "413": _answer("The request is too large.", "Refusal"),
                        "503": _answer("Nothing was kept: send the same again.", "Refusal"),
                    },
                }
            }
        },
        "components": {
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "source": {"type": "apiKey", "in": "header", "name": SOURCE},
                "timestamp": {"type": "apiKey", "in": "header", "name": TIMESTAMP},
                "signature": {"type": "apiKey", "in": "header", "name": SIGNATURE},
            },
            "schemas": {
                **shapes,
                "Event": event,
                "Events": {
                    # Of an event that is not as it should be the answer says what is wrong.
                    "oneOf": [
                        {"$ref": _COMPONENTS + "Event"},
                        {
                            "type": "array",
                            "items": {"$ref": _COMPONENTS + "Event"},
                            "minItems": 1,
                            "maxItems": most_events,
                        },
                    ]
                },
                "Verdicts": _object(
                    verdicts={"type": "array", "items": {"$ref": _COMPONENTS + "Verdict"}}
                ),
                "Verdict": {
                    **_object(
                        event_id={"type": "string"},
                        verdict={"type": "string", "enum": list(_VERDICTS)},
                        errors={"type": "array", "items": {"$ref": _COMPONENTS + "Rejection"}},
                    ),
                    "required": ["event_id", "verdict"],
                },
                "Rejection": _object(
                    code={"type": "string"},
                    pointer={"type": "string", "description": "RFC 6901, into the event"},
                    text={"type": "string"},
                ),
                "Refusal": _object(code={"type": "string"}, text={"type": "string"}),
            },
        },
    }


def _answer(description: str, shape: str) -> dict[str, Any]:
    return {
        "description": description,
        "content": {"application/json": {"schema": {"$ref": _COMPONENTS + shape}}},
    }


def _object(**properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
