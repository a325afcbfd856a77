"""The runs of a worker process."""

import pytest

from core.engine.programs import Programs
from core.experiment import read_query
from core.messages.commands import Command
from core.messages.pace import FAST
from core.messages.updates import STOPPED
from core.training.trainer import Trainer
from core.workers.runs import Runs
from tests.core.training.record import Record
from tests.core.training.runs import QUICK, begin_slowly
from tests.waiting import PATIENCE, wait_until

pytestmark = pytest.mark.usefixtures("nothing_kept")


def unwanted() -> Trainer:
    raise AssertionError("it was discarded before it was built")


def test_a_run_discarded_before_it_is_open_is_not_opened():
    runs = Runs()
    runs.send("early", [Command("pause", number=1)])
    runs.discard("early")
    assert runs.is_discarded("early")
    assert not runs.add("early", None)
    assert runs.get("early") is None
    assert not runs.is_discarded("early")


def test_a_run_discarded_before_it_is_built_is_not_built():
    runs = Runs()
    runs.discard("early")
    assert runs.build("early", unwanted) is None
    assert not runs.is_discarded("early")


def test_commands_that_come_before_their_run_are_kept_for_it(programs):
    runs, record = Runs(), Record()
    runs.send("run", [Command("step", number=1)])
    trainer = runs.build("run", lambda: Trainer(read_query(f"{QUICK}&epochs=3"), record, programs))
    assert runs.add("run", trainer)
    assert runs.get("run") is trainer
    for epoch in (1, 2):
        trainer.attend()
        assert record.last.epoch == epoch
        runs.send("run", [Command("step", number=number) for number in range(1, epoch + 2)])  # those before count once


def test_a_worker_whose_run_has_something_to_do_has_no_records(programs):
    runs, trainer = Runs(), Trainer(read_query(f"{QUICK}&epochs=3"), Record(), programs)
    runs.add("run", trainer)
    assert set(runs.records()) == {"run"}
    trainer.send(Command("step"))
    assert runs.records() == {}
    trainer.attend()
    assert runs.records()["run"].epoch == 1


def test_a_worker_has_no_records_while_a_stopped_run_waits_for_the_compiler(attending):
    """Replaced before, its history would for ever be the plain graph's. All that it shows is there at once."""
    runs, record = Runs(), Record()
    trainer = Trainer(read_query(f"{QUICK}&validation=0.25&epochs=1000"), record, Programs(), rest=1000.0)
    runs.add("run", trainer)
    thread = begin_slowly(trainer, attending, record, pace=20, epoch=2)
    trainer.send(Command("stop"))
    wait_until(lambda: record.last.status == STOPPED)
    assert len(record.last.test) == 2
    assert runs.records() == {}
    trainer.abandon()
    thread.join(PATIENCE)
    assert runs.records()["run"].status == STOPPED


def test_a_run_that_has_failed_is_forgotten(programs):
    runs, trainer = Runs(), Trainer(read_query(f"{QUICK}&epochs=3"), Record(), programs)
    runs.add("run", trainer)
    runs.forget("run")
    assert runs.get("run") is None
    assert runs.records() == {}


def test_a_run_that_nobody_wants_but_that_keeps_its_thread_is_stuck(programs):
    runs, trainer = Runs(), Trainer(read_query(f"{QUICK}&epochs=3"), Record(), programs)
    runs.add("run", trainer)
    with runs.holding("run"):
        assert runs.stuck_seconds == 0
        runs.discard("run")
        wait_until(lambda: runs.stuck_seconds > 0)
    assert runs.stuck_seconds == 0


def test_a_run_that_fails_while_it_is_held_is_forgotten(programs):
    runs, trainer = Runs(), Trainer(read_query(f"{QUICK}&epochs=3"), Record(), programs)
    runs.add("run", trainer)
    with pytest.raises(MemoryError), runs.holding("run"):
        raise MemoryError
    assert runs.get("run") is None


def test_commands_that_come_again_or_out_of_order_are_obeyed_once_and_in_order(programs):
    runs, record = Runs(), Record()
    trainer = Trainer(read_query(f"{QUICK}&epochs=9"), record, programs)
    runs.add("run", trainer)
    commands = [Command("step", number=1), Command("axes", None, 2), Command("pace", FAST, 3)]
    runs.send("run", commands)
    runs.send("run", commands[:2])  # was overtaken
    trainer.attend()
    runs.send("run", commands)
    trainer.attend()
    assert (record.last.epoch, record.last.obeyed) == (1, 3)
    assert runs.records()["run"].obeyed == 3
    again = Trainer.again(runs.records()["run"], Record(), programs)
    assert again.record().obeyed == 3
