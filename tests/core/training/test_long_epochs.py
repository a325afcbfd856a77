"""Runs whose epochs are long: they are trained in pieces, and obey and give the turn between two of them."""

import threading

import numpy as np
import pytest

from core.engine import program as program_module
from core.engine.program import Program
from core.engine.programs import Programs
from core.messages.commands import Command
from core.messages.edits import SetWeight
from core.messages.pace import Pace
from core.messages.updates import FINISHED, PAUSED, RUNNING, STOPPED
from core.training import epoch_trainer as epoch_module
from core.training.trainer import Trainer
from tests.core.training.record import Record
from tests.core.training.runs import EPOCHS, QUICK, begin_slowly, change, open_run, tell, train
from tests.waiting import wait_until

PIECES = 4  # of an epoch of QUICK: 3 batches, then the held-out rows


@pytest.fixture(scope="module")
def in_pieces() -> Programs:
    """Programs that have QUICK compiled in pieces."""
    programs = Programs()
    with pytest.MonkeyPatch.context() as patch:
        make_long(patch)
        train(f"{QUICK}&epochs=1", programs)
    return programs


@pytest.fixture
def long_programs(monkeypatch, in_pieces) -> Programs:
    """Programs all of whose epochs count as long, and whose pieces are single steps."""
    make_long(monkeypatch)
    return in_pieces


def make_long(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(program_module, "LONG_SECONDS", 0.0)
    patch.setattr(epoch_module, "PIECE_SECONDS", 0.0)
    patch.setattr(epoch_module, "SLICE_SECONDS", 0.0)


@pytest.fixture
def after_pieces(monkeypatch):
    """Call something after so many pieces, with the part of the epoch that is trained then."""

    def call_after(count: int, act) -> None:
        go_on, done = Program.go_on, []

        def counted(self, *arguments):
            part = go_on(self, *arguments)
            done.append(part)
            if len(done) == count:
                act(part)
            return part

        monkeypatch.setattr(Program, "go_on", counted)

    return call_after


def test_the_history_of_a_run_in_pieces_is_that_of_one_in_whole_epochs(long_programs, whole):
    for known in (long_programs, Programs()):  # with a preview and without
        record = train(f"{QUICK}&epochs={EPOCHS}", known)
        assert record.last.status == FINISHED
        np.testing.assert_array_equal(record.history, whole.history)


@pytest.mark.parametrize("pieces", [1, 4, 6])
def test_a_pause_is_obeyed_within_an_epoch_which_then_goes_on(pieces, long_programs, whole, after_pieces):
    record = Record()
    trainer = open_run(f"{QUICK}&epochs={EPOCHS}", long_programs, record)
    after_pieces(pieces, lambda _: trainer.send(Command("pause")))
    tell(trainer, "train")
    assert (record.last.status, record.last.epoch) == (PAUSED, pieces // PIECES)
    done = []
    after_pieces(1, lambda part: done.append(part.done))
    tell(trainer, "step")
    assert done == [pieces % PIECES + 1]
    tell(trainer, "train")
    assert record.last.status == FINISHED
    np.testing.assert_array_equal(record.history, whole.history)


def test_a_stop_is_obeyed_within_an_epoch(long_programs, whole, after_pieces):
    record = Record()
    trainer = open_run(f"{QUICK}&epochs={EPOCHS}", long_programs, record)
    after_pieces(9, lambda _: trainer.send(Command("stop")))
    tell(trainer, "train")
    assert (record.last.status, record.last.epoch) == (STOPPED, 2)
    np.testing.assert_array_equal(record.history, whole.history[:2])


def test_an_abandoned_run_ends_within_an_epoch(long_programs, after_pieces):
    trainer = open_run(f"{QUICK}&epochs={EPOCHS}", long_programs, Record())
    after_pieces(2, lambda _: trainer.abandon())
    tell(trainer, "train")
    assert trainer.progress.epoch == 0


@pytest.mark.parametrize("command", [change(f"{QUICK}&epochs={EPOCHS}&lr=0.2"), "edit"])
def test_a_change_within_an_epoch_takes_effect_where_people_see_the_run(
    command, programs, long_programs, whole, after_pieces
):
    if command == "edit":
        command = Command("edit", SetWeight("output/bias", (0,), 0.5))
    expected = Record()
    trainer = open_run(f"{QUICK}&epochs={EPOCHS}", programs, expected)
    tell(trainer, "step")
    tell(trainer, command, "train")

    record = Record()
    trainer = open_run(f"{QUICK}&epochs={EPOCHS}", long_programs, record)
    after_pieces(6, lambda _: trainer.send(command))  # within the second epoch
    tell(trainer, "train")
    np.testing.assert_array_equal(record.history, expected.history)


def test_what_is_only_looked_at_leaves_the_begun_epoch_as_it_is(long_programs, after_pieces):
    trainer = open_run(f"{QUICK}&epochs=1", long_programs, Record())
    done = []

    def look(_) -> None:
        trainer.send(Command("inside", True))
        trainer.send(change(f"{QUICK}&epochs=2"))  # one more epoch changes nothing of this one

    after_pieces(2, look)
    after_pieces(4, lambda _: done.append(trainer.progress.epoch))
    tell(trainer, "train")
    assert (done, trainer.progress.epoch) == ([0], 2)


def test_a_slow_pace_holds_no_piece_back(long_programs, attending):
    record = Record()
    trainer = open_run(f"{QUICK}&epochs=9", long_programs, record)
    trainer.send(Command("pace", Pace(0.005)))
    trainer.send(Command("train"))
    attending(trainer)
    wait_until(lambda: record.updates and record.last.epoch == 1)
    assert record.last.status == RUNNING


def test_another_run_moves_while_an_epoch_goes_on(long_programs, whole, monkeypatch, attending):
    """The other one comes to its end between two pieces of an epoch that never ends."""
    long, record = open_run(f"{QUICK}&epochs=2", long_programs, Record()), Record()
    other = open_run(f"{QUICK}&epochs={EPOCHS}", long_programs, record)
    go_on, thread = Program.go_on, []

    def never_end(self, part, *arguments):
        after = go_on(self, part, *arguments)
        return part if threading.current_thread() in thread else after

    monkeypatch.setattr(Program, "go_on", never_end)
    thread.append(threading.Thread(target=long.attend))
    long.send(Command("train"))
    thread[0].start()
    other.send(Command("train"))
    attending(other)
    wait_until(lambda: record.updates and record.last.status == FINISHED)
    assert long.progress.epoch == 0
    long.abandon()
    thread[0].join(60)
    assert not thread[0].is_alive()
    np.testing.assert_array_equal(record.history, whole.history)


def test_pause_and_stop_take_effect_at_once_while_the_run_is_replayed(busy_compiler, attending, monkeypatch, whole):
    """What is replayed behind the scenes shows in nobody's status."""
    record, epoch = Record(), Program.epoch
    trainer = open_run(f"{QUICK}&epochs={EPOCHS}", Programs(), record)
    begin_slowly(trainer, attending, record, pace=5, epoch=5)
    seen = []

    def pause_meanwhile(*arguments):
        if trainer._run.progress.generation == 1 and trainer.progress.epoch == 2 and not seen:
            seen.append(record.last)
            trainer.send(Command("pause"))
        elif trainer.progress.epoch == 3:
            seen.append(record.last)
        return epoch(*arguments)

    monkeypatch.setattr(Program, "epoch", pause_meanwhile)
    busy_compiler(False)
    wait_until(lambda: not trainer.has_to_do)
    before, after = seen[:2]
    assert (before.status, after.status) == (RUNNING, PAUSED)
    assert after.epoch == before.epoch >= 5
    assert (record.last.status, record.last.generation) == (PAUSED, 1)
    np.testing.assert_array_equal(record.history, whole.history[: record.last.epoch])


def test_a_run_that_is_trained_again_is_compiled_from_its_first_epoch_on(programs, whole, monkeypatch):
    trainer = open_run(f"{QUICK}&epochs={EPOCHS}", programs, Record())
    tell(trainer, "step", "step")
    tell(trainer, "step")
    monkeypatch.setattr(Program, "uncompiled_epoch", lambda *_: pytest.fail("the plain graph trained"))
    again = Trainer.again(trainer.record(), Record(), Programs())
    assert again.progress.epoch == trainer.progress.epoch
    for name, weight in trainer.weights().arrays.items():
        np.testing.assert_array_equal(again.weights().arrays[name], weight)
