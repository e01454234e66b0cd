"""What the database's failures mean to us: Temporary or Permanent, in words for a person."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg

from appservice.errors import Permanent, SchoolSpacesError, Temporary
from appservice.language import _

# Away, ending, overloaded, or two of us in each other's way (PostgreSQL manual, appendix A).
_TEMPORARY_CLASSES = ("08", "40", "53", "55", "57", "58")


@contextmanager
def translated(where: str) -> Iterator[None]:
    """Errors of asyncpg inside the block become ours. `where` names the database, no password."""
    try:
        yield
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError) as error:
        raise translation(error, where) from error


def translation(error: BaseException, where: str) -> SchoolSpacesError:
    if isinstance(error, asyncpg.PostgresError):
        state = str(error.sqlstate or "")
        if state[:2] not in _TEMPORARY_CLASSES:
            return _refused(state, where, str(error).partition("\n")[0])
    return Temporary(
        _(
            "The database cannot be reached or does not answer ({where}): {why}. Check that"
            " PostgreSQL runs and that `database` in the configuration is right."
        ).format(where=where, why=_reason(error))
    )


def _reason(error: BaseException) -> str:
    # A statement's error text may quote values; that of a broken connection does not.
    return str(error).partition("\n")[0] or type(error).__name__


def _refused(state: str, where: str, message: str) -> Permanent:
    if state in ("28000", "28P01"):
        text = _("The database refuses to let us in ({where}): {why}.")
    elif state == "3D000":
        text = _("There is no such database ({where}): {why}. Create it first.")
    elif state == "42501":
        text = _("The database user has too few rights ({where}): {why}. It must own its database.")
    else:
        # The text may quote what was to be stored.
        text = _("The database refused a statement ({where}): {why}. This is a fault of ours.")
        message = state
    return Permanent(text.format(where=where, why=message), code=state)
