"""The three families of error. A library's errors become these where the library is called."""

from __future__ import annotations


class SchoolSpacesError(Exception):
    """An error whose text is meant for its reader: what happened, where, what to do."""


class Refused(SchoolSpacesError):
    """A person must decide; `reasons` say what about, one line each."""

    def __init__(self, *reasons: str) -> None:
        super().__init__("\n".join(reasons))
        self.reasons = reasons


class Temporary(SchoolSpacesError):
    """It may work later: the other side was away, busy or slow.

    `retry_after` in seconds, if it was named.
    """

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Permanent(SchoolSpacesError):
    """It will not work however often it is tried.

    `code` is the other side's error code, if it had one.
    """

    def __init__(self, message: str, *, code: str = "") -> None:
        super().__init__(message)
        self.code = code
