"""Reading the homeserver's answers: from parsed JSON to values, once, here."""

from __future__ import annotations

from appservice.matrix import refusals
from appservice.matrix.values import JsonObject, StateEvent, UserRecord


def as_object(answer: object, doing: str) -> JsonObject:
    if not isinstance(answer, dict):
        raise refusals.misshapen(doing)
    return answer


def as_objects(answer: object, doing: str) -> list[JsonObject]:
    if not isinstance(answer, list) or not all(isinstance(item, dict) for item in answer):
        raise refusals.misshapen(doing)
    return answer


def as_texts(answer: object, doing: str) -> list[str]:
    if not isinstance(answer, list) or not all(isinstance(item, str) for item in answer):
        raise refusals.misshapen(doing)
    return answer


def text(answer: JsonObject, field: str, doing: str) -> str:
    value = answer.get(field)
    if not isinstance(value, str):
        raise refusals.misshapen(doing)
    return value


def whole(answer: JsonObject, field: str, doing: str) -> int:
    value = answer.get(field)
    if not isinstance(value, int) or isinstance(value, bool):
        raise refusals.misshapen(doing)
    return value


def state_event(answer: JsonObject, doing: str) -> StateEvent:
    """A state event in the client format (client-server API, "Types of room events")."""
    return StateEvent(
        type=text(answer, "type", doing),
        state_key=text(answer, "state_key", doing),
        content=as_object(answer.get("content"), doing),
        sender=text(answer, "sender", doing),
        event_id=text(answer, "event_id", doing),
        timestamp=whole(answer, "origin_server_ts", doing),
    )


def user_record(answer: JsonObject, doing: str) -> UserRecord:
    """An account of the user admin API; its listing leaves out external ids and suspension."""
    known = answer.get("external_ids")
    external_ids = None
    if known is not None:
        external_ids = tuple(
            sorted(
                (text(pair, "auth_provider", doing), text(pair, "external_id", doing))
                for pair in as_objects(known, doing)
            )
        )
    suspended = answer.get("suspended")
    return UserRecord(
        user_id=text(answer, "name", doing),
        display_name=str(answer.get("displayname") or ""),
        admin=bool(answer.get("admin")),
        deactivated=bool(answer.get("deactivated")),
        suspended=None if suspended is None else bool(suspended),
        external_ids=external_ids,
        locked=bool(answer.get("locked")),
    )
