"""The functions that the server calls in a training worker.

The server imports this module to name its functions, so nothing here imports Keras before it is called. And nothing
imports it before `programs` has: TensorFlow fails when two threads import it at once, and a worker that has just
started does so on a thread of its own.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from distributed import get_worker, secede

from core.datasets import prepare
from core.datasets.data_cache import DATA_CACHE
from core.engine.environment import set_environment
from core.experiment import NetworkSpec
from core.messages.commands import Command
from core.workers.runs import Runs

if TYPE_CHECKING:
    from core.analysis.landscape import Landscape
    from core.analysis.layer_health import Health
    from core.analysis.one_step import ExplainedStep, GradientCheck, LossLine
    from core.engine.programs import Programs
    from core.messages.edits import Timeline
    from core.messages.past import Past
    from core.messages.record import Record
    from core.messages.updates import Update
    from core.messages.weights import Weights
    from core.runs.values import Plan, Trained
    from core.trained.network import TrainedNetwork

# How long a thread may keep the interpreter while another one wants it; Python's default is 5 ms.
_SWITCH_SECONDS = 0.0005

# From a run's last epoch on the plain graph to the compiler. A person who tries one setting after another has moved on
# by then, and nothing is compiled in vain.
_COMPILE_DELAY_SECONDS = 0.8

# State of the process, because the server sends functions and not objects: whatever a worker keeps from one call to the
# next lives in this module. All runs share what is compiled.
_runs = Runs()
_programs: Programs | None = None
_programs_lock = threading.Lock()


def programs() -> Programs:
    """Return this process's compiled programs; the first call imports Keras."""
    global _programs
    with _programs_lock:
        if _programs is None:
            os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # 2 has a page of text for whatever is loaded from disk
            set_environment()
            # A plain graph of small matrices loses more by passing its pieces between threads than it gains.
            os.environ.setdefault("TF_NUM_INTEROP_THREADS", "1")
            # A run that returns from TensorFlow has to wait for the interpreter.
            sys.setswitchinterval(_SWITCH_SECONDS)
            import tensorflow as tf

            from core.engine.programs import Programs

            # The compiler does what TensorFlow would optimize in a plain graph, and better. Without it the first epoch
            # comes 0.06 s sooner.
            tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})
            _programs = Programs()
        return _programs


def open_run(run: str, record: Record, commands: Sequence[Command], topic: str) -> None:
    """Build a run, train it again to where its record says it was, and obey commands until nothing is left to do.

    Args:
        run: its name, for the calls below.
        commands: that were sent to it since.
        topic: where its updates are published.
    """
    _runs.send(run, commands)
    with _off_the_pool(run):
        shared = programs()
        from core.training.trainer import Trainer

        publish, experiment = _publisher(run, topic), record.plan[0][1]
        prepare(experiment.data)  # before it is this run's turn to be built, since large data take long
        trainer = _runs.build(run, lambda: Trainer(experiment, publish, shared, record.axes, _COMPILE_DELAY_SECONDS))
        if trainer is None:
            return
        trainer.catch_up(record, lambda: not _runs.is_discarded(run))
        if _runs.add(run, trainer):
            trainer.attend()


@contextmanager
def _off_the_pool(run: str) -> Iterator[None]:
    """Leave the worker's pool of threads to questions while a run trains here, and forget the run if it fails."""
    secede()
    with _runs.holding(run):
        yield


def _publisher(run: str, topic: str) -> Callable[[Update], None]:
    """Return a function that sends a run's updates from this worker to the server."""
    worker = get_worker()
    return lambda update: worker.log_event(topic, {"run": run, "update": update.to_message()})


def export_records(even_waiting: bool = False) -> dict[str, Record]:
    """Return how to train the runs of this worker again to where they are; without those with something to do.

    Args:
        even_waiting: whether to include runs at rest that only wait for the compiler or are being replayed.
    """
    return _runs.records(even_waiting)


def stuck_seconds() -> float:
    """Return for how long a run that nobody wants has kept a thread here."""
    return _runs.stuck_seconds


def obey(run: str, commands: Sequence[Command]) -> None:
    """Have a run obey commands, whether it is open yet or not, and train if they ask for it.

    Args:
        commands: all that it has not obeyed yet as far as the server knows; some may have come before.
    """
    _runs.send(run, commands)
    trainer = _runs.get(run)
    if trainer is not None and not trainer.is_attended:  # otherwise the thread that trains it obeys
        with _off_the_pool(run):
            trainer.attend()


def weights_of(run: str) -> Weights | None:
    """Return a run's weights as they are now, or None where it is not open yet."""
    trainer = _runs.get(run)
    return None if trainer is None else trainer.weights()


def past_of(run: str, epoch: int, inside: bool) -> Past | None:
    """Return what is drawn of a run after an epoch, or None where it is not open yet."""
    trainer = _runs.get(run)
    return None if trainer is None else trainer.look_back(epoch, inside)


def kept_epochs_of(run: str) -> tuple[int, ...] | None:
    """Return the epochs whose weights a run keeps, or None where it is not open yet."""
    trainer = _runs.get(run)
    return None if trainer is None else trainer.kept_epochs


def health_of(run: str) -> Health | None:
    """Return the health of a run's layers over its kept epochs, or None where it is not open yet."""
    trainer = _runs.get(run)
    if trainer is None:
        return None
    from core.training import run_analysis

    return run_analysis.health_of(trainer)


def landscape_of(run: str) -> tuple[Landscape | None] | None:
    """Return the loss around a run's path, (None,) where it has no path, or None where it is not open yet."""
    trainer = _runs.get(run)
    if trainer is None:
        return None
    from core.training import run_analysis

    return (run_analysis.landscape_of(trainer),)


def explain_step(run: str, rows: tuple[int, ...] | None) -> ExplainedStep | None:
    """Return a run's next step on some training rows, or on the next batch, or None where the run is not open yet."""
    trainer = _runs.get(run)
    if trainer is None:
        return None
    from core.training import step_explanation

    return step_explanation.explain_step(trainer, rows)


def loss_line(run: str, step: ExplainedStep) -> LossLine | None:
    """Return the loss along the direction of a step that was explained, or None where the run is not open yet."""
    trainer = _runs.get(run)
    if trainer is None:
        return None
    from core.training import step_explanation

    return step_explanation.loss_line(trainer, step)


def check_gradient(run: str, step: ExplainedStep, name: str, index: tuple[int, ...]) -> GradientCheck | None:
    """Return a weight's gradient beside a finite difference, or None where the run is not open yet."""
    trainer = _runs.get(run)
    if trainer is None:
        return None
    from core.training import step_explanation

    return step_explanation.check_gradient(trainer, step, name, index)


def plan_of(run: str) -> tuple[Plan, Timeline] | None:
    """Return the experiments and edits of a run with their epochs, or None where it is not open yet."""
    trainer = _runs.get(run)
    return None if trainer is None else (trainer.progress.plan.experiments, trainer.progress.plan.edits)


def trained_of(run: str) -> Trained | None:
    """Return what is kept of a run that has ended, or None where it is not open yet."""
    trainer = _runs.get(run)
    if trainer is None:
        return None
    from core.training import run_outcome

    return run_outcome.trained_of(trainer)


def close_run(run: str, is_kept: bool = False) -> Trained | None:
    """Stop a run, whether it is open yet or not, and free what it holds; return what is kept of it where `is_kept`."""
    try:
        return trained_of(run) if is_kept else None
    finally:
        _runs.discard(run)


def summarize(network: NetworkSpec, features: int, classes: int, loss: str) -> str:
    """Return Keras's own summary of a network."""
    programs()
    from core.engine.keras_network import summary_text

    return summary_text(network, features, classes, loss)


def save_keras(network: TrainedNetwork) -> bytes:
    """Return a trained network as a .keras file."""
    programs()
    from core.engine.saving import keras_file

    return keras_file(network)


def data_bytes() -> int:
    """Return how many bytes of rows this process holds, read and prepared, and as tensors."""
    return DATA_CACHE.size + (0 if _programs is None else _programs.rows_bytes)


def fetch(name: str) -> None:
    """Download a set of pictures and write it to disk for every process to read."""
    programs()
    from core.workers.fetching import fetch_pictures

    fetch_pictures(name)


def load() -> None:
    """Load Keras unless it is loaded."""
    programs()
