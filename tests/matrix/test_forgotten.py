"""When a transaction is refused so that the homeserver sends what it forgot. Times in seconds."""

from appservice.matrix.forgotten import Forgotten

HOUR_S = 3600.0


def refused_at(times: list[float], *, failed: float | None = None) -> list[float]:
    """Of transactions that arrive at these times, in order; one could not be stored."""
    forgotten = Forgotten()
    refused = []
    for time in times:
        if forgotten.is_asked_for(time):
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


def test_the_first_transaction_of_all_is_taken() -> None:
    assert refused_at([1000]) == []
