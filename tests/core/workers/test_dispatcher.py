"""The thread that makes all calls to Dask."""

import threading

from core.workers.dispatcher import Dispatcher
from tests.waiting import PATIENCE, wait_until


def test_calls_are_made_in_order_and_later_ones_wait_for_nobody():
    done: list[str] = []
    dispatcher = Dispatcher(lambda *failure: done.append(f"failed: {failure}"))
    may_go_on = threading.Event()
    dispatcher.submit(may_go_on.wait)
    dispatcher.submit_later(3600, done.append, "in an hour")
    dispatcher.submit_later(0.05, done.append, "soon")
    for name in "abc":
        dispatcher.submit(done.append, name)
    may_go_on.set()
    wait_until(lambda: "soon" in done)
    assert done == ["a", "b", "c", "soon"]
    dispatcher.stop(PATIENCE)
    assert not dispatcher._thread.is_alive()


def test_a_call_that_fails_is_told_and_the_next_one_is_made():
    failures, done = [], []
    dispatcher = Dispatcher(lambda *failure: failures.append(failure))
    dispatcher.submit(int, "seven")
    dispatcher.submit(done.append, 1)
    wait_until(lambda: done)
    ((call, arguments, error),) = failures
    assert (call, arguments) == (int, ("seven",))
    assert isinstance(error, ValueError)
    dispatcher.stop(PATIENCE)


def test_stopping_waits_for_no_call_that_hangs():
    dispatcher, may_go_on, hangs = Dispatcher(lambda *failure: None), threading.Event(), threading.Event()
    dispatcher.submit(lambda: hangs.set() or may_go_on.wait())
    dispatcher.submit(lambda: may_go_on.set())
    assert hangs.wait(PATIENCE)
    dispatcher.stop(0.05)
    assert dispatcher._thread.is_alive()
    dispatcher._thread.join(0.05)
    assert not may_go_on.is_set()  # what comes after is not called any more
    may_go_on.set()
    dispatcher._thread.join(PATIENCE)
    assert not dispatcher._thread.is_alive()
