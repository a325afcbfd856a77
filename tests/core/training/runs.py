"""Runs of a trainer, as its tests begin and tell them."""

import threading
from collections.abc import Callable, Mapping

import keras
import numpy as np

from core.analysis.axes import Axes
from core.datasets import prepare
from core.engine.program import Program
from core.engine.programs import Programs
from core.experiment import Experiment, read_query
from core.messages.commands import Command
from core.messages.pace import Pace
from core.training.progress import Progress
from core.training.run_state import RunState
from core.training.trainer import Trainer
from tests.core.engine.oracle import keras_model, set_state
from tests.core.training.record import Record
from tests.waiting import wait_until

QUICK = "data=moons&points=60&layers=tanh-3&batch=16"
EPOCHS = 60
# With something of everything that changes as it trains: the strengths are not part of the structure.
RICH = "data=moons&points=60&layers=tanh-3-noise{noise}&dropout={dropout}&l2={l2}&optimizer=sgd&momentum={momentum}"
RICH_VALUES = {"noise": 0.1, "dropout": 0.2, "l2": 0.01, "momentum": 0.5, "lr": 0.1, "batch": 16, "l1": 0, "epochs": 16}


def rich(**changes: float) -> str:
    values = RICH_VALUES | changes
    rest = "".join(f"&{name}={values[name]}" for name in ("lr", "batch", "l1", "epochs"))
    return RICH.format(**values) + rest


def open_run(query: str, programs: Programs, record: Record, axes: Axes | None = None) -> Trainer:
    return Trainer(read_query(query), record, programs, axes)


def begin_slowly(trainer: Trainer, attending: Callable, record: Record, pace: float, epoch: int) -> threading.Thread:
    """Train at so many epochs a second on another thread, and return that when the run is at an epoch."""
    trainer.send(Command("pace", Pace(pace)))
    trainer.send(Command("train"))
    thread = attending(trainer)
    wait_until(lambda: record.updates and record.last.epoch >= epoch)
    return thread


def change(query: str) -> Command:
    return Command("change", read_query(query))


def tell(trainer: Trainer, *commands: Command | str) -> None:
    """Send commands and attend to them on this thread."""
    for command in commands:
        trainer.send(Command(command) if isinstance(command, str) else command)
    trainer.attend()


def train(query: str, programs: Programs, axes: Axes | None = None) -> Record:
    record = Record()
    tell(open_run(query, programs, record, axes), "train")
    return record


def spy_on_orders(monkeypatch) -> list[np.ndarray]:
    """Note the orders of rows in which compiled epochs are run."""
    orders = []
    run = Program.epoch

    def epoch(self, state, rows, order, rates, live):
        orders.append(np.asarray(order))
        return run(self, state, rows, order, rates, live)

    monkeypatch.setattr(Program, "epoch", epoch)
    return orders


def drawn_at(trainer: Trainer, epoch: int) -> Mapping[str, np.ndarray]:
    """Return what is drawn of a kept epoch."""
    past = trainer.look_back(epoch, inside=False)
    assert past.epoch == epoch
    return past.arrays


def history_of(trainer: Trainer) -> np.ndarray:
    """Return a run's history, float32 (epochs, columns), whether it was published or not."""
    return np.array([record.figures for record in trainer._run.history])


def values_of(trainer: Trainer):
    return trainer.progress.segment.program.values(trainer.progress.outcome.state)


def trained_model(trainer: Trainer, query: str) -> keras.Model:
    """Return Keras's own network with a run's weights."""
    model = keras_model(read_query(query), trainer.split)
    set_state(model, values_of(trainer))
    return model


Single = tuple[np.ndarray, list[np.ndarray]]  # history (epochs, figures), and the variables of the network


def on_the_plain_graph(experiment: Experiment, programs: Programs) -> Single:
    """Return a run that is not compiled, which takes half as long to test."""
    run = RunState(experiment, prepare(experiment.data), programs)
    for _ in range(experiment.training.epochs):
        run.train_epoch()
    run.epochs.turn.give()
    return np.array([record.figures for record in run.history]), variables_of(run.progress)


def variables_of(progress: Progress) -> list[np.ndarray]:
    program = progress.segment.program
    return [value.numpy() for value in program.values(program.weights(progress.network.state))]
