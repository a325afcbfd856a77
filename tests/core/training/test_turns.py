"""Turns go round in the order in which they were asked for."""

import threading
from itertools import pairwise

from core.training import turns as turns_module
from core.training.turns import Turn, Turns
from tests.core.training.record import wait_until


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
