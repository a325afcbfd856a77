"""What a worker does when it starts: load Keras, compile the default experiment, and say that it is ready."""

from __future__ import annotations

import gc
import logging
import threading
from typing import TYPE_CHECKING

from distributed import WorkerPlugin
from psutil import Process

from core.analysis.axes import Axes
from core.experiment import Experiment
from core.messages.commands import Command
from core.workers.connection import DATA, GROWN, STUCK
from core.workers.worker import data_bytes, programs, stuck_seconds

if TYPE_CHECKING:
    from distributed import Worker

logger = logging.getLogger(__name__)


class WarmUp(WorkerPlugin):
    """Makes a worker load Keras and compile the default experiment as soon as it starts.

    Args:
        topic: where the worker publishes that it is ready.
    """

    def __init__(self, topic: str) -> None:
        self.name = f"warm-up for {topic}"  # a plugin of the same name would replace that of another server
        self._topic = topic
        self._warm_bytes: int | None = None

    def setup(self, worker: Worker) -> None:
        """Start to warm up on another thread."""
        worker.metrics[GROWN] = self.grown_bytes
        worker.metrics[DATA] = lambda _: data_bytes()
        worker.metrics[STUCK] = lambda _: stuck_seconds()
        threading.Thread(target=self._warm_up, args=(worker,), name="warm-up", daemon=True).start()

    def _warm_up(self, worker: Worker) -> None:
        shared = programs()
        gc.freeze()  # collecting the garbage of all TensorFlow would stop every run here for 0.3 s
        from core.training.trainer import Trainer

        worker.log_event(self._topic, {"ready": worker.address})
        trainer = Trainer(Experiment(), lambda update: None, shared, Axes())
        trainer.send(Command("train"))
        trainer.attend()
        self._warm_bytes = Process().memory_info().rss
        logger.info("Worker %s is warm", worker.address)

    def grown_bytes(self, _: Worker) -> int:
        """Return by how many bytes this process has grown since it was warm."""
        return 0 if self._warm_bytes is None else Process().memory_info().rss - self._warm_bytes
