"""The runs that are compared, each with its look, network and rows."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.analysis.answers import answers_of
from core.analysis.evaluation import confusion_matrix, predicted_classes
from core.analysis.overview import parts_of
from core.datasets import Split, prepare
from core.errors import HiddenLayersError
from core.experiment import DataSpec, Experiment
from core.runs.comparison import looks_for
from core.runs.store import RunStore
from core.runs.values import LAST, KeptRun
from core.trained.network import TrainedNetwork
from core.trained.preparation import Preparation
from ui.session import kept_runs

_ROWS_MOST = 20_000  # of a matrix


@dataclass(frozen=True, eq=False)
class ComparedRun:
    """A run among others.

    Attributes:
        kept: the run.
        number: its place in the comparison, from 1.
        look: of its line, in every figure.
    """

    kept: KeptRun
    number: int
    look: int

    @property
    def key(self) -> str:
        """The run's key."""
        return self.kept.summary.key

    @property
    def title(self) -> str:
        """What it is called here: names may repeat, numbers do not."""
        return f"{self.number}. {self.kept.summary.name}"

    @property
    def experiment(self) -> Experiment:
        """The experiment in force in the end."""
        return self.kept.summary.experiment

    @property
    def split(self) -> Split | None:
        """The rows it was trained on; None where they are not here."""
        try:
            return prepare(self.experiment.data)
        except (HiddenLayersError, OSError):
            return None


def compared(runs: Sequence[KeptRun]) -> list[ComparedRun]:
    """Return the runs with looks that they keep in this session."""
    looks = looks_for([kept.summary.key for kept in runs], kept_runs.looks())
    kept_runs.note_looks(looks)
    return [ComparedRun(kept, place, looks[kept.summary.key]) for place, kept in enumerate(runs, start=1)]


def network_of(store: RunStore, run: ComparedRun) -> tuple[TrainedNetwork, Preparation] | None:
    """Return the network after the last epoch of a run that the person may read; None where it is not kept."""
    if LAST not in run.kept.weights_of or not run.kept.preparation:
        return None
    return _network(store, run.key, run.kept.summary.epoch, run.experiment, run.kept.preparation)


@functools.lru_cache(maxsize=64)
def _network(
    store: RunStore, key: str, _epoch: int, experiment: Experiment, preparation: str
) -> tuple[TrainedNetwork, Preparation] | None:
    weights = store.weights(None, key, LAST)
    if weights is None:
        return None
    return TrainedNetwork(experiment, weights.arrays), Preparation.from_json(json.loads(preparation))


def matrices_of(store: RunStore, runs: Sequence[ComparedRun]) -> Mapping[str, np.ndarray]:
    """Return the confusion matrix on held-out rows of every run that has one, int32 (classes, classes), by its key."""
    found = {}
    for run in runs:
        known, split = network_of(store, run), run.split
        if known is not None and split is not None and len(split.class_names) == known[0].classes > 0:
            found[run.key] = _matrix(known[0], run.experiment.data)
    return found


@functools.lru_cache(maxsize=64)
def _matrix(network: TrainedNetwork, data: DataSpec) -> np.ndarray:
    split = prepare(data)
    names = tuple(parts_of(split))
    answers = answers_of(split, network.predict, network.row_losses, names[min(1, len(names) - 1)], _ROWS_MOST)
    return confusion_matrix(answers.target, predicted_classes(answers.predictions), split.classes)
