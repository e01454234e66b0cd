"""How a value from a roster may be shown: enough to find it again in the file, not enough to tell
who it is.
"""

from __future__ import annotations

_SHORT, _MEDIUM = 3, 12  # characters


def masked(value: str) -> str:
    """The first character and a class of length ("Иванов" → "И***"); nothing of a value of one
    character.
    """
    length = len(value)
    if length < 2:
        return "*"
    stars = "*" if length <= _SHORT else "***" if length <= _MEDIUM else "******"
    first = value[0] if value[0].isprintable() else "?"
    return first + stars
