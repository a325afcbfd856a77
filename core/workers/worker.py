"""What runs in a training worker: the runs that live there, and the functions the server sends for.

The server imports this module to name its functions, so nothing here imports Keras before it is called.
"""

from __future__ import annotations

import gc
import logging
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from distributed import WorkerPlugin, get_worker, secede
from psutil import Process

from core.analysis.axes import Axes
from core.engine.environment import set_environment
from core.experiment import Experiment, NetworkSpec
from core.messages.commands import Command

if TYPE_CHECKING:
    from distributed import Worker

    from core.analysis.landscape import Landscape
    from core.analysis.layer_health import Health
    from core.engine.programs import Programs
    from core.messages.past import Past
    from core.messages.record import Record
    from core.messages.updates import Update
    from core.messages.weights import Weights
    from core.trained.network import TrainedNetwork
    from core.training.trainer import Trainer

logger = logging.getLogger(__name__)

_SWITCH_SECONDS = 0.0005  # that a thread may keep the interpreter when another wants it; Python's default is 5 ms

# From a run's last epoch on the plain graph to the compiler: a person who tries one thing after another has moved on
# by then, and what they left need not be compiled.
_REST_SECONDS = 0.8


class Runs:
    """The runs of this process, by name, and the commands that came before their run was open."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._trainers: dict[str, Trainer] = {}
        self._early: dict[str, list[Command]] = {}
        self._discarded: set[str] = set()  # before they were open

    def add(self, run: str, trainer: Trainer) -> bool:
        """Take in a run that is open now; returns False where it was discarded before."""
        with self._lock:
            if run in self._discarded:
                self._discarded.remove(run)
                return False
            self._trainers[run] = trainer
            for command in self._early.pop(run, []):
                trainer.send(command)
            return True

    def take_discarded(self, run: str) -> bool:
        """Return whether a run was discarded before it was open; it is asked once."""
        with self._lock:
            discarded = run in self._discarded
            self._discarded.discard(run)
            return discarded

    def is_discarded(self, run: str) -> bool:
        """Return whether a run was discarded before it was open; it may be asked again."""
        with self._lock:
            return run in self._discarded

    def send(self, run: str, command: Command) -> None:
        with self._lock:
            if run in self._trainers:
                self._trainers[run].send(command)
            else:
                self._early.setdefault(run, []).append(command)

    def records(self) -> dict[str, Record] | None:
        """Return what it takes to train every run here again to where it is; None while one has something to do."""
        with self._lock:
            if any(trainer.has_to_do for trainer in self._trainers.values()):
                return None
            return {run: trainer.record() for run, trainer in self._trainers.items()}

    def get(self, run: str) -> Trainer | None:
        with self._lock:
            return self._trainers.get(run)

    def discard(self, run: str) -> None:
        with self._lock:
            self._early.pop(run, None)
            trainer = self._trainers.pop(run, None)
            if trainer is None:
                self._discarded.add(run)
            else:
                trainer.abandon()

    def forget(self, run: str) -> None:
        """Let go of a run that has failed; nobody sends for it again."""
        with self._lock:
            self._trainers.pop(run, None)
            self._early.pop(run, None)
            self._discarded.discard(run)


_runs = Runs()
_opening = threading.Lock()
_programs_lock = threading.Lock()
_programs: Programs | None = None


def programs() -> Programs:
    """Return this process's compiled programs; imports Keras at the first call."""
    global _programs
    with _programs_lock:
        if _programs is None:
            os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
            set_environment()
            # A plain graph of small matrices loses more by passing its pieces round among threads than it gains.
            os.environ.setdefault("TF_NUM_INTEROP_THREADS", "1")
            # A run that comes back from TensorFlow waits for the interpreter.
            sys.setswitchinterval(_SWITCH_SECONDS)
            import tensorflow as tf

            from core.engine.programs import Programs

            # What TensorFlow would optimize in a plain graph, the compiler does anyway, and better; the first epoch
            # comes 0.06 s sooner without.
            tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})
            _programs = Programs()
        return _programs


def open_run(run: str, experiment: Experiment, axes: Axes | None, first: str, pace: float, topic: str) -> None:
    """Build a run, obey its first command and train until there is nothing left to do.

    Args:
        run: its name, for the calls below.
        axes: the plane that the boundary is drawn over, or None.
        first: the name of the first command, "train" or "step".
        pace: epochs a second at most, 0 for as many as there can be.
        topic: where its updates are published.
    """
    with _thread_of_its_own(run):
        shared = programs()
        from core.training.trainer import Trainer

        with _opening:  # one after another, since tracing is; so that a run given up meanwhile is not begun
            if _runs.take_discarded(run):
                return
            trainer = Trainer(experiment, _publisher(run, topic), shared, axes, _REST_SECONDS)
        trainer.send(Command("pace", pace))
        trainer.send(Command(first))
        if _runs.add(run, trainer):
            trainer.attend()


def reopen_run(run: str, record: Record, topic: str) -> None:
    """Train a run of a worker that is no more again to where it was, and obey what was sent to it since."""
    with _thread_of_its_own(run):
        shared = programs()
        from core.training.trainer import Trainer

        trainer = Trainer.again(record, _publisher(run, topic), shared, lambda: not _runs.is_discarded(run))
        if _runs.add(run, trainer):
            trainer.attend()


@contextmanager
def _thread_of_its_own(run: str) -> Iterator[None]:
    """Leave the worker's threads to what is asked of it while a run trains, and let go of a run that fails."""
    secede()
    try:
        yield
    except BaseException:
        _runs.forget(run)
        raise


def _publisher(run: str, topic: str) -> Callable[[Update], None]:
    """Return what sends a run's updates from this worker to the server."""
    worker = get_worker()
    return lambda update: worker.log_event(topic, {"run": run, "update": update.to_message()})


def export_runs() -> dict[str, Record] | None:
    """Return what it takes to train every run of this worker again to where it is; None while one has more to do."""
    return _runs.records()


def attend(run: str) -> None:
    """Obey what was sent to a run, and train on if that asks for it."""
    trainer = _runs.get(run)
    if trainer is not None and not trainer.is_attended:  # else what was sent is obeyed there
        with _thread_of_its_own(run):
            trainer.attend()


def send(run: str, name: str, value: Any) -> None:
    """Leave a command for a run, whether it is open yet or not."""
    _runs.send(run, Command(name, value))


def weights_of(run: str) -> Weights | None:
    """Return a run's weights as they are now; None where it is not open, or not open again yet."""
    trainer = _runs.get(run)
    return None if trainer is None else trainer.weights()


def past_of(run: str, epoch: int, inside: bool) -> Past | None:
    """Return what is drawn of a run behind the kept epoch nearest to one; None where it is not open yet."""
    trainer = _runs.get(run)
    return None if trainer is None else trainer.look_back(epoch, inside)


def kept_epochs_of(run: str) -> tuple[int, ...] | None:
    """Return the epochs whose weights a run keeps; None where it is not open yet."""
    trainer = _runs.get(run)
    return None if trainer is None else trainer.kept_epochs


def health_of(run: str) -> Health | None:
    """Return what a run's kept weights say of it; None where it is not open yet."""
    from core.training import insight

    trainer = _runs.get(run)
    return None if trainer is None else insight.health_of(trainer)


def landscape_of(run: str) -> tuple[Landscape | None] | None:
    """Return the loss around a run's path, if it has one; None where it is not open yet."""
    from core.training import insight

    trainer = _runs.get(run)
    return None if trainer is None else (insight.landscape_of(trainer),)


def close_run(run: str) -> None:
    """Stop a run, whether it is open yet or not, and free what it holds."""
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


def fetch(name: str) -> None:
    """Fetch a set of pictures, for every process to read."""
    programs()
    from core.workers.fetching import fetch_pictures

    fetch_pictures(name)


def load() -> None:
    """Load Keras, where that has not been done."""
    programs()


GROWN = "hidden_layers_grown"  # the name of `WarmUp.grown` among the metrics of a Dask worker


class WarmUp(WorkerPlugin):
    """Makes a worker import Keras and compile the default experiment as soon as it starts, and say when it has."""

    def __init__(self, topic: str) -> None:
        self.name = f"warm-up for {topic}"  # a plugin of the same name would take the place of another server's
        self._topic = topic
        self._warm_bytes: int | None = None

    def setup(self, worker: Worker) -> None:
        worker.metrics[GROWN] = self.grown
        threading.Thread(target=self._warm_up, args=(worker,), name="warm-up", daemon=True).start()

    def _warm_up(self, worker: Worker) -> None:
        shared = programs()
        gc.freeze()  # to look through all of TensorFlow for garbage would stop every run here for 0.3 s
        from core.training.trainer import Trainer

        worker.log_event(self._topic, {"ready": worker.address})
        trainer = Trainer(Experiment(), lambda update: None, shared, Axes())
        trainer.send(Command("train"))
        trainer.attend()
        self._warm_bytes = Process().memory_info().rss
        logger.info("Worker %s is warm", worker.address)

    def grown(self, _: Worker) -> int:
        """Return by how many bytes this process has grown since it was warm."""
        return 0 if self._warm_bytes is None else Process().memory_info().rss - self._warm_bytes
