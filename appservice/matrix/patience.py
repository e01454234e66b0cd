"""When to try again: a rule without a clock, so that it can be judged by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_FIRST_PAUSE_S: Final = 0.5
_LONGEST_PAUSE_S: Final = 15.0


@dataclass(frozen=True, slots=True)
class RetryRule:
    """Exponential backoff with jitter, for `patience` seconds at most.

    A pause that the other side asks for is kept in full, with a little on top so that all who were
    sent away do not come back in the same moment.
    """

    patience: float

    def pause(
        self, tries: int, spent: float, chance: float, asked: float | None = None
    ) -> float | None:
        """Seconds to wait after the failed try number `tries` (from 1), None to give up.

        `spent` is how many seconds have gone since the first try began, `chance` is from [0, 1).
        """
        if asked is not None:
            wait = asked + chance * min(max(asked, 0.1), 1.0)
        else:
            longest = min(_FIRST_PAUSE_S * 2.0 ** min(tries - 1, 16), _LONGEST_PAUSE_S)
            wait = longest * (0.5 + chance / 2)
        return wait if spent + wait <= self.patience else None
