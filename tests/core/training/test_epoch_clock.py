"""When the next epoch may begin, by a clock that stands still until it is told otherwise."""

from collections.abc import Callable

import pytest

from core.messages.pace import FAST, SLOW, WATCH, Pace
from core.training import epoch_clock as clock_module
from core.training.epoch_clock import EpochClock


class Time:
    """Stands in for the module `time`."""

    def __init__(self) -> None:
        self.now = 1000.0

    def perf_counter(self) -> float:
        return self.now


@pytest.fixture
def time(monkeypatch) -> Time:
    time = Time()
    monkeypatch.setattr(clock_module, "time", time)
    return time


def seconds_of(time: Time, pace: Pace, epochs: int, *, takes: float = 0.001, oversleeps: float = 0.0) -> float:
    """Train so many epochs, and return the seconds from the beginning of the first to that of the last."""
    clock = EpochClock()
    clock.pace = pace
    begun = time.now
    for _ in range(epochs - 1):
        clock.start_epoch(epochs)
        time.now += takes
        wait = clock.seconds_to_wait(epochs)
        time.now += wait + oversleeps * (wait > 0)
    return time.now - begun


@pytest.mark.parametrize("epochs", [100, 600, 2000])
def test_watch_takes_six_seconds_for_the_epochs_asked_for(time, epochs):
    assert seconds_of(time, WATCH, epochs) == pytest.approx(6 * (epochs - 1) / epochs)


def test_watch_is_never_slower_than_15_epochs_a_second(time):
    assert seconds_of(time, WATCH, 16) == pytest.approx(1)
    assert seconds_of(time, SLOW, 16) == pytest.approx(7.5)


def test_waits_that_last_a_little_too_long_do_not_add_up(time):
    assert seconds_of(time, WATCH, 2000, oversleeps=0.001) == pytest.approx(6, abs=0.01)


def test_a_network_that_is_slower_is_not_held_back(time):
    assert seconds_of(time, WATCH, 100, takes=0.2) == pytest.approx(99 * 0.2)


def test_after_a_long_stop_the_epochs_that_are_missing_do_not_come_all_at_once(time):
    clock = EpochClock()
    clock.pace = WATCH
    clock.start_epoch(100)
    time.now += 60
    begun = 0
    while clock.seconds_to_wait(100) == 0:
        clock.start_epoch(100)
        begun += 1
    assert begun <= 3


def a_second_after_an_epoch(time: Time, change: Callable[[EpochClock], object]) -> float:
    """Return the seconds to wait at 0.1 epochs a second, after a second and a change."""
    clock = EpochClock()
    clock.pace = Pace(0.1)
    clock.start_epoch(100)
    time.now += 1
    assert clock.seconds_to_wait(100) == pytest.approx(9)
    change(clock)
    return clock.seconds_to_wait(100)


def test_another_pace_counts_from_the_epoch_that_was_last(time):
    assert a_second_after_an_epoch(time, lambda clock: setattr(clock, "pace", Pace(0.5))) == pytest.approx(1)
    assert a_second_after_an_epoch(time, lambda clock: setattr(clock, "pace", FAST)) == 0
    assert a_second_after_an_epoch(time, lambda clock: setattr(clock, "is_skipping", True)) == 0
    assert a_second_after_an_epoch(time, lambda clock: clock.let_next_start()) == 0


def test_another_number_of_epochs_counts_at_once(time):
    clock = EpochClock()
    clock.pace = WATCH
    clock.start_epoch(600)
    assert clock.seconds_to_wait(600) == pytest.approx(1 / 100)
    assert clock.seconds_to_wait(1200) == pytest.approx(1 / 200)
