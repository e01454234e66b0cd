"""How long a message that could not be sent waits for its next try."""

from appservice.delivery.lanes import pause_after


def test_each_try_waits_twice_as_long_as_the_one_before_up_to_five_minutes() -> None:
    assert [pause_after(tries).total_seconds() for tries in range(10)] == [
        1, 2, 4, 8, 16, 32, 64, 128, 256, 300,
    ]  # fmt: skip
    assert pause_after(1_000_000).total_seconds() == 300
