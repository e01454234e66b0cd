"""Python's search for reference cycles, stopped where it finds nothing and costs much."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_at_rest() -> Iterator[None]:
    """No search for reference cycles meanwhile.

    For work in which millions of values arise, none of them in a cycle: the search goes through all
    of them again and again (a third of the time of reading a region). Afterwards they count as old,
    and are not gone through three times more on their way to be. Of several at once, in threads,
    the first that ends lets it begin again.
    """
    at_work = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if at_work:
            gc.freeze()
            gc.unfreeze()  # into the oldest generation
            gc.enable()
