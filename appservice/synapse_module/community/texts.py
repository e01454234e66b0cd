"""What a person reads when something is not let pass, in their language.

A table and not a catalogue: Synapse's Python need not have Babel.
"""

from __future__ import annotations

from collections.abc import Mapping

from .policy import Reason

LANGUAGES = ("en", "ru")

_EN: Mapping[Reason, str] = {
    Reason.NOT_A_CONTACT: "The school does not let you write to this person."
    " You may write to those whom the search for people shows you.",
    Reason.OUTSIDER: "Only people of the school can write to each other here.",
    Reason.FEDERATION: "The school does not let you write to people on other servers.",
    Reason.GROUP: "Not all people of this room may be in contact with each other."
    " A room is for people who may all write to one another.",
    Reason.ONLY_TWO: "You may have conversations of two, but no rooms of three or more.",
    Reason.NO_ROOMS: "The school does not let you start conversations."
    " You can answer when you are invited.",
    Reason.NO_ALIASES: "The school does not let you give addresses to rooms.",
    Reason.NO_PUBLIC_ROOMS: "The school does not let you open rooms to everybody.",
    Reason.NO_ENCRYPTION: "The school does not let you turn on encryption.",
    Reason.NO_3PID: "The school does not let you invite by e-mail or telephone number.",
    Reason.FAILED: "This cannot be checked at the moment. Try again in a minute.",
}

_RU: Mapping[Reason, str] = {
    Reason.NOT_A_CONTACT: "Школа не разрешает вам писать этому человеку."
    " Писать можно тем, кого вы находите через поиск людей.",
    Reason.OUTSIDER: "Здесь друг другу могут писать только люди школы.",
    Reason.FEDERATION: "Школа не разрешает писать людям на других серверах.",
    Reason.GROUP: "Не всем в этой комнате разрешено общаться друг с другом."
    " В комнате могут быть те, кто вправе писать друг другу.",
    Reason.ONLY_TWO: "Вам можно переписываться вдвоём, но не создавать комнаты на троих и больше.",
    Reason.NO_ROOMS: "Школа не разрешает вам начинать переписку."
    " Вы можете отвечать, когда вас пригласили.",
    Reason.NO_ALIASES: "Школа не разрешает вам давать комнатам адреса.",
    Reason.NO_PUBLIC_ROOMS: "Школа не разрешает вам открывать комнаты для всех.",
    Reason.NO_ENCRYPTION: "Школа не разрешает вам включать шифрование.",
    Reason.NO_3PID: "Школа не разрешает приглашать по почте или номеру телефона.",
    Reason.FAILED: "Сейчас это не удаётся проверить. Попробуйте через минуту.",
}


def text_for(reason: Reason, language: str) -> str:
    """The text in a language such as "ru" or "ru-RU"; English where there is no other."""
    return (_RU if language.partition("-")[0] == "ru" else _EN)[reason]
