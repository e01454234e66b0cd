"""The words of the commands in both languages. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

PREFIXES: Final = ("!school", "!школа")


class Verb(StrEnum):
    """What can be asked."""

    HELP = "help"
    STATUS = "status"
    PLAN = "plan"
    APPLY = "apply"
    SYNC = "sync"
    ROLLOVER = "rollover"
    PAUSE = "pause"
    RESUME = "resume"
    WHO = "who"
    ROOM = "room"
    DRIFT = "drift"
    RESYNC = "resync"
    MUTE = "mute"
    UNMUTE = "unmute"
    REMOVE = "remove"
    BAN = "ban"
    UNBAN = "unban"
    LOCK = "lock"
    UNLOCK = "unlock"
    SUSPEND = "suspend"
    UNSUSPEND = "unsuspend"
    PIN = "pin"
    UNPIN = "unpin"
    DIARY = "diary"
    RETRY = "retry"
    ACCEPT = "accept"
    ERRORS = "errors"
    AUDIT = "audit"
    DOCTOR = "doctor"
    YES = "yes"
    NO = "no"


WORDS: Final[Mapping[Verb, tuple[str, ...]]] = MappingProxyType(
    {
        Verb.HELP: ("help", "помощь", "справка"),
        Verb.STATUS: ("status", "статус", "состояние"),
        Verb.PLAN: ("plan", "план"),
        Verb.APPLY: ("apply", "применить"),
        Verb.SYNC: ("sync", "сверить", "синхронизировать"),
        Verb.ROLLOVER: ("rollover", "переход"),
        Verb.PAUSE: ("pause", "пауза"),
        Verb.RESUME: ("resume", "продолжить", "возобновить"),
        Verb.WHO: ("who", "кто"),
        Verb.ROOM: ("room", "комната"),
        Verb.DRIFT: ("drift", "отклонения", "изменения"),
        Verb.RESYNC: ("resync", "выправить"),
        Verb.MUTE: ("mute", "заглушить"),
        Verb.UNMUTE: ("unmute", "разглушить"),
        Verb.REMOVE: ("remove", "убрать", "kick"),
        Verb.BAN: ("ban", "забанить", "бан"),
        Verb.UNBAN: ("unban", "разбанить", "разбан"),
        Verb.LOCK: ("lock", "закрыть"),
        Verb.UNLOCK: ("unlock", "открыть"),
        Verb.SUSPEND: ("suspend", "приостановить"),
        Verb.UNSUSPEND: ("unsuspend", "вернуть"),
        Verb.PIN: ("pin", "закрепить"),
        Verb.UNPIN: ("unpin", "открепить"),
        Verb.DIARY: ("diary", "дневник"),
        Verb.RETRY: ("retry", "повторить"),
        Verb.ACCEPT: ("accept", "принять"),
        Verb.ERRORS: ("errors", "ошибки"),
        Verb.AUDIT: ("audit", "журнал"),
        Verb.DOCTOR: ("doctor", "доктор", "проверка"),
        Verb.YES: ("yes", "да", "подтвердить"),
        Verb.NO: ("no", "нет", "отмена"),
    }
)
"""The first word is the English name, the second the Russian one; the rest are understood too."""


class Step(StrEnum):
    """What can be done about the turn of the year."""

    SHOW = "show"
    DRAFT = "draft"
    APPLY = "apply"
    BACK = "back"
    CONFIRM = "confirm"
    DROP = "drop"


STEPS: Final[Mapping[Step, tuple[str, ...]]] = MappingProxyType(
    {
        Step.SHOW: ("show", "показать", "status", "статус"),
        Step.DRAFT: ("draft", "черновик"),
        Step.APPLY: ("apply", "начать", "применить"),
        Step.BACK: ("back", "назад", "вернуть"),
        Step.CONFIRM: ("confirm", "подтвердить"),
        Step.DROP: ("drop", "забыть"),
    }
)
"""As `WORDS`."""


class Keyword(StrEnum):
    """Small words that begin an argument."""

    IN = "in"
    FOR = "for"
    UNTIL = "until"
    OVER = "over"
    ON = "on"
    BECAUSE = "because"


KEYWORDS: Final[Mapping[str, Keyword]] = MappingProxyType(
    {
        **dict.fromkeys(("in", "from", "в", "во", "из"), Keyword.IN),
        **dict.fromkeys(("for", "на"), Keyword.FOR),
        **dict.fromkeys(("until", "до"), Keyword.UNTIL),
        **dict.fromkeys(("over", "last", "за"), Keyword.OVER),
        **dict.fromkeys(("on", "с", "со"), Keyword.ON),
        **dict.fromkeys(("because", "reason", "потому", "причина"), Keyword.BECAUSE),
    }
)

HERE: Final = frozenset({"here", "здесь"})
NOISE: Final = frozenset({"now", "сейчас"})

_MINUTE, _HOUR, _DAY, _WEEK = (
    timedelta(minutes=1),
    timedelta(hours=1),
    timedelta(days=1),
    timedelta(weeks=1),
)
UNITS: Final[Mapping[str, timedelta]] = MappingProxyType(
    {
        **dict.fromkeys(("m", "min", "minute", "minutes"), _MINUTE),
        **dict.fromkeys(("м", "мин", "минута", "минуту", "минуты", "минут"), _MINUTE),
        **dict.fromkeys(("h", "hour", "hours", "ч", "час", "часа", "часов"), _HOUR),
        **dict.fromkeys(("d", "day", "days", "д", "день", "дня", "дней", "сутки"), _DAY),
        **dict.fromkeys(("w", "week", "weeks", "неделя", "неделю", "недели", "недель"), _WEEK),
    }
)
