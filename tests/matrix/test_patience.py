"""How long we wait before the next try, judged without a clock."""

from hypothesis import given
from hypothesis import strategies as st

from appservice.matrix.patience import RetryRule

CHANCE = st.floats(0, 1, exclude_max=True)
SECONDS = st.floats(0, 1000)


@given(patience=SECONDS, tries=st.integers(1, 1000), spent=SECONDS, chance=CHANCE)
def test_we_never_wait_beyond_our_patience(
    patience: float, tries: int, spent: float, chance: float
) -> None:
    pause = RetryRule(patience).pause(tries, spent, chance)

    assert pause is None or (0 < pause <= 15 and spent + pause <= patience)


@given(asked=SECONDS, chance=CHANCE)
def test_we_come_back_no_sooner_than_we_are_asked_to(asked: float, chance: float) -> None:
    pause = RetryRule(2000).pause(1, 0, chance, asked)

    assert pause is not None
    assert asked <= pause <= asked + 1


def test_the_pauses_grow_twofold_up_to_a_quarter_of_a_minute() -> None:
    rule = RetryRule(1000)

    longest = [rule.pause(tries, 0, 1.0) for tries in range(1, 9)]

    assert longest == [0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 15.0, 15.0]


def test_without_patience_there_is_one_try() -> None:
    assert RetryRule(0).pause(1, 0, 0) is None
