"""Turns go round in the order in which they were asked for."""

import threading
import time
from itertools import pairwise

import pytest

from core.engine import turns as turns_module
from core.engine.turns import AWAY, BackgroundWork, Turn, Turns
from core.errors import WorkersError
from tests.waiting import wait_until


def test_a_turn_is_given_to_whoever_has_waited_longest():
    turns, order = Turns(), []

    def wait(name: str) -> None:
        turns.take()
        order.append(name)
        turns.give()

    turns.take()
    threads = []
    for waiting, name in enumerate("abc"):
        threads.append(threading.Thread(target=wait, args=(name,)))
        threads[-1].start()
        wait_until(lambda waiting=waiting: turns.waiting == waiting + 1)
    assert order == []
    turns.give()
    for thread in threads:
        thread.join()
    assert order == ["a", "b", "c"]
    assert turns.waiting == 0


def test_two_that_share_a_slice_of_nothing_take_turns_epoch_by_epoch(monkeypatch):
    monkeypatch.setattr(turns_module, "SLICE_SECONDS", 0.0)
    turns, order, begun = Turns(), [], threading.Barrier(2)

    def train(name: str) -> None:
        turn = Turn(turns)
        begun.wait()
        for _ in range(50):
            turn.take()
            wait_until(lambda: turns.waiting == 1 or len(order) >= 90)
            order.append(name)
            turn.share()
        turn.give()

    threads = [threading.Thread(target=train, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(one != other for one, other in pairwise(order[:89]))


def test_a_turn_alone_is_kept_until_it_is_given(monkeypatch):
    monkeypatch.setattr(turns_module, "SLICE_SECONDS", 0.0)
    turns = Turns()
    turn = Turn(turns)
    turn.take()
    turn.take()
    turn.share()  # nobody waits
    thread = threading.Thread(target=lambda: (turns.take(), turns.give()))
    thread.start()
    wait_until(lambda: turn.others == 1)
    turn.give()
    turn.give()  # not held any more: gives nothing away twice
    thread.join()
    assert turns.waiting == 0
    turn.take()
    turn.give()


def test_work_aside_takes_turns_with_a_run_and_gives_the_turn_at_its_end(monkeypatch):
    monkeypatch.setattr(turns_module, "SLICE_SECONDS", 0.0)
    monkeypatch.setattr(turns_module, "LONGEST_SECONDS", 0.0)
    turns, order, begun = Turns(), [], threading.Barrier(2)

    def train() -> None:
        turn = Turn(turns)
        begun.wait()
        for _ in range(50):
            turn.take()
            wait_until(lambda: turns.waiting == 1 or len(order) >= 90)
            order.append("epoch")
            turn.share()
        turn.give()

    def piece() -> int:
        wait_until(lambda: turns.waiting == 1 or len(order) >= 90)
        order.append("piece")
        return len(order)

    thread = threading.Thread(target=train)
    thread.start()
    begun.wait()
    with BackgroundWork(turns, lambda: True) as aside:
        for _ in range(50):
            assert aside.do(piece) <= len(order)
    thread.join()
    assert all(one != other for one, other in pairwise(order[:89]))
    turns.take()  # it is free


def test_work_aside_outside_its_context_gives_the_turn_after_every_piece():
    turns = Turns()
    aside = BackgroundWork(turns, lambda: True)
    assert aside.do(lambda: turns._taken)
    assert not turns._taken
    with pytest.raises(ZeroDivisionError):
        aside.do(lambda: 1 / 0)
    assert not turns._taken
    with aside:
        aside.do(lambda: None)
        assert turns._taken  # for the next piece
    assert not turns._taken


def test_work_aside_that_nobody_wants_any_more_ends():
    turns, wanted = Turns(), [True, False]
    with BackgroundWork(turns, lambda: wanted.pop(0)) as aside:
        assert aside.do(lambda: 7) == 7
        with pytest.raises(WorkersError, match="given up"):
            aside.do(lambda: pytest.fail("it was done all the same"))
    turns.take()
    turns.give()


def test_a_turn_is_kept_longer_where_those_of_others_are_long(monkeypatch):
    monkeypatch.setattr(turns_module, "SLICE_SECONDS", 0.0)
    for longest, is_kept in ((1000.0, True), (0.0, False)):
        turns = Turns()
        first, second = Turn(turns), Turn(turns, longest)
        first.take()
        kept = []

        def work(second=second, turns=turns, kept=kept) -> None:
            second.take()
            other = threading.Thread(target=lambda: (turns.take(), turns.give()))
            other.start()
            wait_until(lambda: turns.waiting == 1)
            second.share()
            kept.append(turns.waiting == 1)
            second.give()
            other.join()

        thread = threading.Thread(target=work)
        thread.start()
        wait_until(lambda turns=turns: turns.waiting == 1)
        time.sleep(2.0 if is_kept else 0.0)  # a long epoch
        first.give()
        thread.join()
        assert kept == [is_kept]


class Clock:
    """A clock that goes on only when told, or while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def perf_counter(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.mark.parametrize("polite", [True, False])
def test_a_polite_turn_stays_away_where_others_had_to_wait(monkeypatch, polite):
    clock = Clock()
    monkeypatch.setattr(turns_module, "time", clock)
    turns = Turns()
    turn = Turn(turns, polite=polite)
    turn.take()
    clock.now += 0.25
    turn.give()
    turn.take()  # nobody has waited
    other = threading.Thread(target=lambda: (turns.take(), turns.give()))
    other.start()
    wait_until(lambda: turns.waiting == 1)
    clock.now += 0.5
    turn.give()
    other.join()
    turn.take()
    assert AWAY >= 1  # half of the time is the others'
    assert clock.slept == ([0.5 * AWAY] if polite else [])
    turn.give()
