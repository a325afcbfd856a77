"""How fast a run goes, and that it is answered at any pace."""

import threading
import time

import numpy as np
import pytest

from core.messages.commands import Command
from core.messages.edits import SetWeight
from core.messages.pace import FAST, STEP, Pace
from core.messages.updates import FINISHED, PAUSED
from tests.core.training.record import Record
from tests.core.training.runs import EPOCHS, QUICK, begin_slowly, change, open_run, tell
from tests.waiting import wait_until


def test_the_pace_holds_a_run_back(programs, whole):
    record = Record()
    started = time.monotonic()
    tell(open_run(f"{QUICK}&epochs=9", programs, record), Command("pace", Pace(20)), "train")
    assert time.monotonic() - started >= 8 / 20
    assert record.last.epoch == 9


def test_a_slow_pace_does_not_hold_commands_back(programs, whole, attending):
    record = Record()
    trainer = open_run(QUICK, programs, record)
    trainer.send(Command("pace", Pace(0.005)))
    trainer.send(Command("train"))
    thread = attending(trainer)
    wait_until(lambda: record.updates)
    tell(trainer, "pause")
    thread.join(60)  # the next epoch is due in 200 seconds
    assert (record.last.status, record.last.epoch) == (PAUSED, 1)


def test_a_command_is_answered_between_slow_epochs_and_brings_none_sooner(programs, whole, attending):
    record = Record()
    trainer = open_run(QUICK, programs, record)
    trainer.send(Command("pace", Pace(0.005)))
    trainer.send(Command("train"))
    attending(trainer)
    for rate in (0.5, 0.25, 0.125):
        trainer.send(change(f"{QUICK}&lr={rate}"))
        wait_until(lambda rate=rate: record.updates and record.last.learning_rate == rate)
    trainer.send(Command("edit", SetWeight("output/bias", (0,), 3.0)))
    wait_until(lambda: record.last.edited)
    assert record.last.epoch == 1


class Waits(threading.Event):
    """Notes how long somebody is ready to wait for it."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.seconds.append(timeout or 0.0)
        return super().wait(timeout)


def test_a_run_that_waits_for_its_next_epoch_sleeps_until_then(programs, whole, attending):
    record = Record()
    trainer = open_run(QUICK, programs, record)
    trainer._news = waits = Waits()
    begin_slowly(trainer, attending, record, pace=0.005, epoch=1)
    wait_until(lambda: waits.seconds)
    assert waits.seconds[0] > 100


def test_a_run_takes_another_pace_while_it_waits_and_ends_as_if_it_had_never_waited(programs, whole, attending):
    record = Record()
    trainer = open_run(f"{QUICK}&epochs={EPOCHS}", programs, record)
    thread = begin_slowly(trainer, attending, record, pace=0.005, epoch=1)
    trainer.send(Command("pace", FAST))
    thread.join(60)  # the next epoch was due in 200 seconds
    assert record.last.status == FINISHED
    np.testing.assert_array_equal(record.history, whole.history)


def test_a_run_that_rests_after_every_epoch_trains_one_at_a_time(programs, whole, attending):
    record = Record()
    trainer = open_run(f"{QUICK}&epochs={EPOCHS}", programs, record)
    thread = begin_slowly(trainer, attending, record, pace=0.005, epoch=1)
    trainer.send(Command("pace", STEP))
    thread.join(60)
    assert (record.last.status, record.last.epoch) == (PAUSED, 1)
    for epoch in (2, 3):
        tell(trainer, "train")
        assert (record.last.status, record.last.epoch) == (PAUSED, epoch)
    tell(trainer, Command("pace", FAST))
    assert (record.last.status, record.last.epoch) == (PAUSED, 3)
    tell(trainer, "train")
    assert record.last.status == FINISHED
    np.testing.assert_array_equal(record.history, whole.history)


def test_a_run_that_skips_to_its_end_keeps_its_pace_for_more_epochs(programs, whole, attending):
    record = Record()
    trainer = open_run(f"{QUICK}&epochs=20", programs, record)
    thread = begin_slowly(trainer, attending, record, pace=0.005, epoch=1)
    trainer.send(Command("skip"))
    thread.join(60)
    assert (record.last.status, record.last.epoch) == (FINISHED, 20)
    assert trainer.record().pace == Pace(0.005)
    trainer._news = waits = Waits()
    trainer.send(change(f"{QUICK}&epochs=30"))
    attending(trainer)
    wait_until(lambda: waits.seconds)
    assert waits.seconds[0] > 100
    assert record.last.epoch == 21


@pytest.mark.parametrize("command", [Command("pause"), Command("pace", Pace(0.005))], ids=["pause", "pace"])
def test_a_run_that_was_to_skip_to_its_end_can_be_held_again(programs, whole, command):
    trainer = open_run(f"{QUICK}&epochs=20", programs, Record())
    for sent in (Command("pace", Pace(0.005)), Command("skip"), command, Command("pause")):
        trainer._obey(sent)
    assert not trainer._clock.is_skipping
