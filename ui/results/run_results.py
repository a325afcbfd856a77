"""The results of a run: its network at one epoch, and the scores, curves and answers computed from it."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from core.analysis import calibration, importance, overview, ranking
from core.analysis.answers import Answers, answers_of, readable
from core.analysis.axes import Axes
from core.analysis.decision import grid_inputs, paint, plane_of
from core.analysis.evaluation import confusion_matrix, predicted_classes
from core.analysis.scores import ClassScores, NumberScores, class_scores, number_scores
from core.datasets import Split, prepare
from core.experiment import DataSpec, count_parameters
from core.jobs.job import Job
from core.messages.updates import QUEUED, RUNNING
from core.trained.epoch import weights_epoch
from core.trained.network import TrainedNetwork
from core.trained.recorded import recorded_losses
from ui.server import jobs

FEATURES_MOST = 30  # shuffled for the importance
_ROWS_MOST = 20_000
_PRODUCTS_MOST = 2e10  # multiplications for one figure
_CELLS = 140  # a side of the boundary


@dataclass(frozen=True, eq=False)
class RunResults:
    """The results of a run at one epoch; they stay as they are while the run goes on.

    Attributes:
        token: the token of the run's job.
        network: the network at that epoch.
        data: what it was trained on.
        epoch: the epoch; 0 before the first has finished.
        history: the columns of `menus.HISTORY` up to that epoch.
        losses: the mean cross-entropy of parts of the rows, where the run's record has it.
    """

    token: str
    network: TrainedNetwork
    data: DataSpec
    epoch: int
    history: Mapping[str, list[float]]
    losses: Mapping[str, float]

    @property
    def split(self) -> Split:
        """The rows of its data set."""
        return prepare(self.data)

    @property
    def parts(self) -> tuple[str, ...]:
        """The names of the parts of the rows."""
        return tuple(overview.parts_of(self.split))

    @property
    def validated_on(self) -> str | None:
        """The name of the part it was validated on; None where every row trains."""
        return self.parts[1] if len(self.parts) > 1 else None

    def answers(self, part: str) -> Answers:
        """Return the predictions for the rows of a part."""
        return _answers(self.network, self.data, part)

    def raw(self, part: str, rows: np.ndarray) -> np.ndarray:
        """Return the values of some rows of `answers(part)`, float32 (m, features), in the data's own units."""
        raw, _, _ = overview.parts_of(self.split)[part]
        return raw[self.answers(part).rows[rows]]

    def class_scores(self, part: str) -> ClassScores:
        """Return the scores of a part; the loss is the one of the curves wherever that is the same number."""
        scores = _class_scores(self.network, self.data, part)
        return replace(scores, loss=self.losses.get(part, scores.loss))

    def number_scores(self, part: str) -> NumberScores:
        return _number_scores(self.network, self.data, part)

    def confusion(self, part: str) -> np.ndarray:
        """Return the confusion matrix of a part, int32 (classes, classes)."""
        answers = self.answers(part)
        return confusion_matrix(answers.target, predicted_classes(answers.predictions), self.split.classes)

    def curves(self, part: str) -> tuple[tuple[ranking.Curve | None, ...], tuple[ranking.Curve | None, ...]]:
        """Return the ROC and the precision-recall curve of every class."""
        return _curves(self.network, self.data, part)

    def calibration(self, part: str) -> calibration.Calibration:
        answers = self.answers(part)
        return calibration.calibration(answers.predictions, answers.target)

    def importance(self, part: str) -> importance.Importance:
        """Return the permutation importance of at most 30 features, the most informative on their own."""
        return _importance(self.network, self.data, part)

    def boundary(self) -> np.ndarray:
        """Return the class and confidence of every cell of the plane of data with one or two features."""
        return _boundary(self.network, self.data)


def results_of(job: Job) -> RunResults:
    """Return the results of a job as it is now.

    Raises:
        WorkersError: where its weights cannot be fetched.
    """
    network = jobs().trained(job)
    history = job.history()
    experiment = network.experiment
    epoch = weights_epoch(experiment, history)
    known = {name: column[:epoch] for name, column in history.items()}
    parts = tuple(overview.parts_of(prepare(experiment.data)))
    # While a run goes on, the weights may be a few epochs older than its record; changed by hand, they have none.
    is_of_record = job.status not in (QUEUED, RUNNING) and not job.edits and epoch
    losses = recorded_losses(experiment, parts, known, job.test_metrics) if is_of_record and parts else {}
    return RunResults(job.token, network, experiment.data, epoch, known, losses)


def _parameters(network: TrainedNetwork) -> int:
    return count_parameters(network.experiment.network, network.inputs, network.classes)


# Kept across page runs and for everybody. A network belongs to one run at one epoch, so nothing here goes stale. What
# holds a value per row is kept for fewer networks than what holds a few numbers.


@functools.lru_cache(maxsize=24)
def _answers(network: TrainedNetwork, data: DataSpec, part: str) -> Answers:
    most = max(1000, min(_ROWS_MOST, int(_PRODUCTS_MOST / _parameters(network))))
    return answers_of(prepare(data), network.predict, network.row_losses, part, most)


@functools.lru_cache(maxsize=64)
def _class_scores(network: TrainedNetwork, data: DataSpec, part: str) -> ClassScores:
    answers = _answers(network, data, part)
    return class_scores(answers.predictions, answers.target, answers.losses)


@functools.lru_cache(maxsize=64)
def _number_scores(network: TrainedNetwork, data: DataSpec, part: str) -> NumberScores:
    answers = _answers(network, data, part)
    return number_scores(answers.predictions, answers.target)


@functools.lru_cache(maxsize=24)
def _curves(
    network: TrainedNetwork, data: DataSpec, part: str
) -> tuple[tuple[ranking.Curve | None, ...], tuple[ranking.Curve | None, ...]]:
    answers = _answers(network, data, part)
    return (
        ranking.roc_curves(answers.predictions, answers.target),
        ranking.precision_recall_curves(answers.predictions, answers.target),
    )


@functools.lru_cache(maxsize=64)
def _importance(network: TrainedNetwork, data: DataSpec, part: str) -> importance.Importance:
    split = prepare(data)
    raw, _, target = overview.parts_of(split)[part]
    features = np.array(overview.informative_features(overview.rows_of(split), FEATURES_MOST))
    shuffles = len(features) * importance.REPEATS + 1
    most = max(50, min(1000, int(_PRODUCTS_MOST / (shuffles * _parameters(network)))))

    def predict(values: np.ndarray) -> np.ndarray:
        said = readable(split, network.predict(split.to_inputs(values)))
        return predicted_classes(said) if split.classes else said

    score = _accuracy if split.classes else _minus_error
    return importance.permutation_importance(predict, score, raw, target, features, most)


def _accuracy(predicted: np.ndarray, true: np.ndarray) -> float:
    return float(np.mean(predicted == true))


def _minus_error(predicted: np.ndarray, true: np.ndarray) -> float:
    return -float(np.abs(predicted.astype(np.float64) - true).mean())


@functools.lru_cache(maxsize=24)
def _boundary(network: TrainedNetwork, data: DataSpec) -> np.ndarray:
    split = prepare(data)
    return paint(network.predict(grid_inputs(split, plane_of(split, Axes()), _CELLS)))
