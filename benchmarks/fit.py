"""`model.fit` of a workload, in a process that does nothing else."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

from benchmarks.workloads import WORKLOADS
from core.experiment import Experiment

if TYPE_CHECKING:
    from core.datasets import Split

FIT_SECONDS = 1.0  # a turn


class Fit:
    """The same network with `model.fit`, traced when this is made."""

    def __init__(self, experiment: Experiment, split: Split) -> None:
        from core.engine.keras_network import build_network, compile_network, encode_targets

        training = experiment.training
        self._model = build_network(experiment.network, split.inputs, split.classes, training.seed)
        compile_network(self._model, training, split.classes, training.learning_rate)
        self._fit = partial(
            self._model.fit,
            split.x_train,
            encode_targets(split.y_train, split),
            batch_size=training.batch_size,
            validation_data=(split.x_val, encode_targets(split.y_val, split)),
            verbose=0,
        )
        self._fit(epochs=1)
        self._epochs = 1
        self._epochs = max(1, round(1000 * FIT_SECONDS / self.time_epochs()))

    def time_epochs(self) -> float:
        """Train on for about FIT_SECONDS and return the milliseconds an epoch."""
        started = time.perf_counter()
        self._fit(epochs=self._epochs)
        return 1000 * (time.perf_counter() - started) / self._epochs


_fits: list[Fit] = []  # of this process


def prepare_fit(name: str) -> None:
    """Build and trace the network of a workload; once a process."""
    workload = WORKLOADS[name]
    _fits.append(Fit(workload.experiment, workload.split()))


def time_fit() -> float:
    """Train it on for about FIT_SECONDS and return the milliseconds an epoch."""
    return _fits[0].time_epochs()
