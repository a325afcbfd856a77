"""Another number of epochs, however far the run has come when it hears of it."""

import itertools

import numpy as np
import pytest

from core.engine.programs import Programs
from core.messages.commands import Command
from core.messages.pace import FAST, STEP
from core.messages.updates import FINISHED, PAUSED, RUNNING, Update
from core.training.run_state import RunState
from core.training.trainer import Trainer
from tests.core.training.record import Record
from tests.core.training.runs import EPOCHS, QUICK, change, open_run, tell, train
from tests.waiting import wait_until


def of(epochs: int) -> str:
    return f"{QUICK}&epochs={epochs}"


def finished(epochs: int, programs: Programs) -> tuple[Trainer, Record]:
    record = Record()
    trainer = open_run(of(epochs), programs, record)
    tell(trainer, "train")
    assert (record.last.status, record.last.epoch) == (FINISHED, epochs)
    return trainer, record


def test_a_finished_run_trains_the_epochs_that_it_gets(programs, whole):
    trainer, record = finished(5, programs)
    seen = len(record.updates)
    tell(trainer, change(of(EPOCHS)))
    assert (record.last.status, record.last.epoch, record.last.epochs) == (FINISHED, EPOCHS, EPOCHS)
    assert record.last.message == ""
    assert {update.status for update in record.updates[seen:]} == {RUNNING, FINISHED}
    np.testing.assert_array_equal(record.history, whole.history)


@pytest.mark.parametrize("settles", list(itertools.product([True, False], repeat=3)))
def test_epochs_that_come_one_by_one_are_all_trained_whether_the_run_has_settled_or_not(settles, programs, whole):
    """Several numbers may reach the worker at once, and each may come before or after the end of the one before."""
    trainer, record = finished(3, programs)
    for epochs, has_settled in enumerate(settles, 4):
        trainer.send(change(of(epochs)))
        if has_settled:
            trainer.attend()
    trainer.attend()
    assert (record.last.status, record.last.epoch, record.last.epochs) == (FINISHED, 6, 6)
    np.testing.assert_array_equal(record.history, whole.history[:6])


@pytest.mark.parametrize("where", ["in the last epoch", "as the end is published"])
def test_epochs_that_come_at_the_very_end_are_trained(where, programs, whole, monkeypatch):
    train_epoch = RunState.train_epoch
    left = list(range(4, 10))

    def send_next(epoch: int) -> None:
        if left and epoch == left[0] - 1:
            trainer.send(change(of(left.pop(0))))

    def train_and_send(run: RunState) -> None:
        train_epoch(run)
        send_next(run.progress.epoch)

    def send_after_end(update: Update) -> None:
        if update.status == FINISHED:
            send_next(update.epoch)

    if where == "in the last epoch":
        monkeypatch.setattr(RunState, "train_epoch", train_and_send)
        record = Record()
    else:
        record = Record(send_after_end)
    trainer = open_run(of(3), programs, record)
    tell(trainer, "train")
    assert not left
    assert (record.last.status, record.last.epoch, record.last.epochs) == (FINISHED, 9, 9)
    np.testing.assert_array_equal(record.history, whole.history[:9])


def test_a_run_that_waits_for_the_compiler_behind_its_end_trains_the_epochs_that_it_gets(
    whole, attending, busy_compiler
):
    record = Record()
    trainer = open_run(of(3), Programs(), record)
    trainer.send(Command("train"))
    thread = attending(trainer)
    for epochs in range(4, 8):
        wait_until(lambda: record.updates and (record.last.status, record.last.epoch) == (FINISHED, epochs - 1))  # noqa: B023
        trainer.send(change(of(epochs)))
    busy_compiler(False)
    thread.join(60)
    assert (record.last.status, record.last.epoch, record.generations) == (FINISHED, 7, {0, 1})
    np.testing.assert_array_equal(record.history, whole.history[:7])


def test_a_finished_run_that_is_trained_again_elsewhere_trains_the_epochs_that_it_gets(programs, whole):
    record = Record()
    again = Trainer.again(finished(5, programs)[0].record(), record, programs)
    tell(again, change(of(8)))
    assert (record.last.status, record.last.epoch) == (FINISHED, 8)
    np.testing.assert_array_equal(record.history, whole.history[:8])


# A run that rests


@pytest.mark.parametrize("last", ["train", "step"])
@pytest.mark.parametrize("at_once", [True, False], ids=["before its last epoch", "after its end"])
def test_a_run_that_rests_after_every_epoch_rests_before_the_epochs_that_it_gets(last, at_once, programs, whole):
    record = Record()
    trainer = open_run(of(3), programs, record)
    for command in (Command("pace", STEP), Command("train"), Command("train")):
        tell(trainer, command)
    for command in (Command(last), change(of(5)), change(of(EPOCHS))):
        trainer.send(command)
        if not at_once:
            trainer.attend()
    trainer.attend()
    assert (record.last.status, record.last.epoch, record.last.epochs) == (PAUSED, 3, EPOCHS)
    tell(trainer, Command("pace", FAST), "train")
    np.testing.assert_array_equal(record.history, whole.history)


def test_a_run_that_skips_to_its_end_goes_on_to_the_new_one(programs, whole):
    record = Record()
    trainer = open_run(of(20), programs, record)
    tell(trainer, Command("pace", STEP), "skip", change(of(EPOCHS)))
    assert (record.last.status, record.last.epoch) == (FINISHED, EPOCHS)
    tell(trainer, change(of(EPOCHS + 1)))
    assert (record.last.status, record.last.epoch) == (PAUSED, EPOCHS)  # its pace is that of before


def test_a_paused_run_stays_paused_with_more_epochs(programs, whole):
    record = Record()
    trainer = open_run(of(5), programs, record)
    tell(trainer, "step")
    tell(trainer, change(of(8)))
    assert (record.last.status, record.last.epoch, record.last.epochs) == (PAUSED, 1, 8)


# A run that has ended otherwise, or has enough


def test_a_run_that_stopped_early_stays_where_it_stopped(programs):
    query = f"{QUICK}&lr=0.00001&patience=1&target=0.01&epochs={{}}"
    record = train(query.format(20), programs)
    assert (record.last.status, len(record.history) < 20) == (FINISHED, True)
    again = Record()
    trainer = open_run(query.format(20), programs, again)
    tell(trainer, "train")
    tell(trainer, change(query.format(30)))
    assert (again.last.status, again.last.epochs) == (FINISHED, 30)
    np.testing.assert_array_equal(again.history, record.history)


@pytest.mark.parametrize("command", ["stop", "pause"])
def test_only_a_finished_run_goes_on_by_itself(command, programs, whole):
    record = Record()
    trainer = open_run(of(5), programs, record)
    tell(trainer, "step")
    tell(trainer, command)
    status = record.last.status
    tell(trainer, change(of(8)))
    assert (record.last.status, record.last.epoch) == (status, 1)


def test_a_run_that_did_more_than_it_was_asked_for_ends_until_it_gets_more(programs, whole):
    trainer, record = finished(8, programs)
    for epochs in (5, 6, 8):
        tell(trainer, change(of(epochs)))
        assert (record.last.status, record.last.epoch, record.last.epochs) == (FINISHED, 8, epochs)
    tell(trainer, change(of(9)))
    assert (record.last.status, record.last.epoch) == (FINISHED, 9)
    np.testing.assert_array_equal(record.history, whole.history[:9])
