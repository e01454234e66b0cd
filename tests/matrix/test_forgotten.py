"""When a transaction is refused so that the homeserver sends what it forgot. Times in seconds."""

from collections.abc import Mapping

from appservice.matrix.forgotten import Forgotten

HOUR_S = 3600.0


def refused_at(
    times: list[float],
    *,
    failed: float | None = None,
    skipped: tuple[float, ...] = (),
    again: Mapping[float, float] | None = None,
) -> list[float]:
    """Of transactions that arrive at these times, in order. The one at `failed` could not be
    stored; before those at `skipped` one is missing; those in `again` came before, then.
    """
    forgotten = Forgotten()
    refused = []
    numbers: dict[float, int] = {}
    number = 500
    for time in times:
        if again is not None and time in again:
            numbers[time] = numbers[again[time]]
        else:
            number += 2 if time in skipped else 1
            numbers[time] = number
        if forgotten.is_asked_for(str(numbers[time]), time):
            refused.append(time)
        if time == failed:
            forgotten.failed(time)
    return refused


def test_the_first_transaction_after_a_pause_is_refused_and_then_none_for_six_hours() -> None:
    assert refused_at([0, 0.1, 0.2, 5, 7, 9, HOUR_S, 6 * HOUR_S, 6 * HOUR_S + 6]) == [
        5,
        6 * HOUR_S + 6,
    ]


def test_where_there_is_never_a_pause_it_is_done_after_a_minute() -> None:
    assert refused_at([number / 2 for number in range(200)]) == [60]


def test_what_could_not_be_stored_is_followed_by_another_refusal() -> None:
    assert refused_at([0, 5, 7, 100, 102, 110], failed=100) == [5, 102]


def test_what_could_not_be_stored_is_taken_when_it_comes_again() -> None:
    """The refusal is spent on what comes after the homeserver has recovered."""
    assert refused_at([0, 5, 7, 100, 102, 110], failed=100, again={7: 5, 102: 100}) == [5, 110]


def test_where_one_is_missing_after_a_refusal_another_one_is_refused_a_little_later() -> None:
    came = [0.0, 5.0, 7.0, 7.1, 9.0, 14.0, 16.0, 18.0]
    assert refused_at(came, again={7.0: 5.0}, skipped=(7.1,)) == [5, 16]


def test_where_other_services_use_up_numbers_it_is_refused_ever_less_often() -> None:
    came = [float(second) for second in range(0, int(6 * HOUR_S), 2)]
    assert refused_at(came, skipped=tuple(came[1:])) == [2, 12, 52, 212, 852, 3412, 13652]


def test_the_first_transaction_of_all_is_taken() -> None:
    assert refused_at([1000]) == []
