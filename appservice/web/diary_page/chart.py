"""The course of the grades of one subject as a small drawing: coordinates for an inline SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

WIDTH: Final = 240
HEIGHT: Final = 64
_MARGIN: Final = 8
_LEFT: Final = 22  # for what the lines stand for
_SCALES: Final = ((1, 5), (1, 10), (1, 12), (0, 20), (0, 100))
_MOST: Final = 60
"""Points that can be told apart; of more the latest are drawn."""


@dataclass(frozen=True, slots=True)
class Chart:
    """`points` are (x, y) in a box of WIDTH × HEIGHT, the oldest first; `low` and `high` what its
    lower and upper line stand for; `first` and `last` the grades at its ends.
    """

    points: tuple[tuple[float, float], ...]
    low: int
    high: int
    first: float
    last: float

    @property
    def line(self) -> str:
        """As the `points` of a polyline."""
        return " ".join(f"{x:g},{y:g}" for x, y in self.points)


def chart_of(numbers: Sequence[float]) -> Chart | None:
    """None where there is no course to be seen, or the numbers are of no scale that we know."""
    shown = numbers[-_MOST:]
    scale = next((each for each in _SCALES if shown and max(shown) <= each[1]), None)
    if len(shown) < 2 or scale is None:
        return None
    low, high = min(scale[0], int(min(shown))), scale[1]
    step = (WIDTH - _LEFT - _MARGIN) / (len(shown) - 1)
    tall = HEIGHT - 2 * _MARGIN
    return Chart(
        tuple(
            (
                round(_LEFT + number * step, 1),
                round(HEIGHT - _MARGIN - tall * (value - low) / (high - low), 1),
            )
            for number, value in enumerate(shown)
        ),
        low,
        high,
        shown[0],
        shown[-1],
    )
