"""Rooms of an invented school, as the tests of this folder see them."""

from collections.abc import Mapping, Sequence

from appservice.rooms.observed import InboundEvent, ObservedRoom, RoomOutline
from appservice.rooms.state import ROOM_KEY, JsonObject, StateKey, state_digest
from appservice.storage.observed import ObservedStore

BOT = "@school-bot:school.test"
TEACHER = "@uteacher:school.test"
ANNA = "@uanna:school.test"
BORIS = "@uboris:school.test"
STRANGER = "@stranger:school.test"

CLASS_CHAT = "17/class_chat/5a"
MATHS = "17/subject/maths-5a"

NAME: StateKey = ("m.room.name", "")
TOPIC: StateKey = ("m.room.topic", "")
KEY: StateKey = (ROOM_KEY, "")


def state_of(key: str, name: str) -> dict[StateKey, JsonObject]:
    return {
        NAME: {"name": name},
        KEY: {"key": key, "kind": key.split("/")[1]},
        ("m.room.guest_access", ""): {"guest_access": "forbidden"},
    }


def kept_room(
    key: str = CLASS_CHAT,
    room_id: str = "!classchat",
    name: str = "5А · Чат класса",
    members: Mapping[str, str] | None = None,
) -> ObservedRoom:
    known = {TEACHER: "join", ANNA: "join"} if members is None else members
    return ObservedRoom(key, room_id, "12", state_of(key, name), known)


def outline_of(room: ObservedRoom) -> RoomOutline:
    """What a plan must see of this room."""
    return RoomOutline(
        room.key,
        room.room_id,
        room.version,
        state_digest(room.state.items()),
        sorted(user for user, membership in room.members.items() if membership == "join"),
        sorted(
            user for user, membership in room.members.items() if membership in ("invite", "knock")
        ),
    )


async def outlines(store: ObservedStore) -> Sequence[RoomOutline]:
    """All that a plan sees, with the people in order."""
    return [
        outline._replace(joined=sorted(outline.joined), invited=sorted(outline.invited))
        async for outline in store.outlines()
    ]


def event(
    type: str,
    content: JsonObject,
    *,
    state_key: str = "",
    sender: str = BOT,
    room_id: str = "!classchat",
    at: int = 1000,
    id: str = "",
) -> InboundEvent:
    return InboundEvent(
        room_id, type, state_key, content, sender, id or f"${type}{state_key}{at}", at
    )


def member(
    user: str, membership: str, *, at: int, room_id: str = "!classchat", sender: str = BOT
) -> InboundEvent:
    return event(
        "m.room.member",
        {"membership": membership},
        state_key=user,
        sender=sender,
        room_id=room_id,
        at=at,
    )


def creation(
    room: ObservedRoom, *, at: int = 1000, creator: str = BOT, key_by: str = BOT
) -> list[InboundEvent]:
    """The events that the making of a room brings, in the order of the homeserver."""
    return [
        event(
            "m.room.create",
            {"room_version": room.version},
            sender=creator,
            room_id=room.room_id,
            at=at,
        ),
        member(creator, "join", at=at, room_id=room.room_id, sender=creator),
        *(
            event(
                type,
                content,
                state_key=state_key,
                sender=key_by if type == ROOM_KEY else creator,
                room_id=room.room_id,
                at=at + 1,
            )
            for (type, state_key), content in room.state.items()
        ),
        *(
            member(user, membership, at=at + 2, room_id=room.room_id)
            for user, membership in room.members.items()
        ),
    ]
