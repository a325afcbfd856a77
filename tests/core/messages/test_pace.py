"""The speeds that a person chooses from."""

import pytest

from core.messages.pace import FAST, SLOW, SPEEDS, STEP, WATCH, Pace, speed_of


@pytest.mark.parametrize(("epochs", "rate"), [(1, 15), (90, 15), (100, 100 / 6), (600, 100), (2000, 2000 / 6)])
def test_to_watch_takes_six_seconds_and_never_fewer_than_15_epochs_a_second(epochs, rate):
    assert WATCH.rate(epochs) == pytest.approx(rate)


def test_the_others_do_not_depend_on_the_number_of_epochs():
    for epochs in (1, 2000):
        assert (SLOW.rate(epochs), FAST.rate(epochs), STEP.rate(epochs)) == (2, 0, 0)
    assert [name for name, pace in SPEEDS.items() if pace.rests] == ["step"]


def test_a_pace_that_nobody_can_choose_has_no_name():
    assert [speed_of(pace) for pace in SPEEDS.values()] == list(SPEEDS) == ["step", "slow", "watch", "fast"]
    assert speed_of(Pace(7)) == ""
