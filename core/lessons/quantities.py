"""What goals can bound: figures of a finished run, by the names that an author writes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

from core.experiment import menus
from core.experiment.keys import format_number
from core.lessons.finished_run import FinishedRun


@dataclass(frozen=True)
class Quantity:
    """A figure of a run.

    Attributes:
        name: as an author writes it, in a goal.
        words: as a person reads it, in a sentence.
        measure: returns it; None where the run has none.
        tasks: the kinds of data that have it.
        is_lucky: whether another seed changes it.
        is_score: whether more of it is better.
        needs_confusion: whether it is computed from the confusion matrix.
        low, high: what a bound can be.
    """

    name: str
    words: str
    measure: Callable[[FinishedRun], float | None]
    tasks: tuple[str, ...] = (menus.CLASSES, menus.NUMBERS)
    is_lucky: bool = True
    is_score: bool = False
    needs_confusion: bool = False
    low: float = 0.0
    high: float = 1e9

    def in_words(self, value: float) -> str:
        """Return a value as a person reads it."""
        return format_number(value) if value == int(value) and not self.is_score else f"{value:.3g}"


_METRICS = {
    "loss": "training loss",
    "val_loss": "held-out loss",
    "accuracy": "training accuracy",
    "val_accuracy": "held-out accuracy",
    "mae": "training mean absolute error",
    "val_mae": "held-out mean absolute error",
    "r2": "training R²",
    "val_r2": "held-out R²",
}
_SCORES = ("accuracy", "r2")
BEST = "best"  # before the name of a metric: after the epoch with the lowest held-out loss


def _tasks_of(metric: str) -> tuple[str, ...]:
    return tuple(task for task, names in menus.HISTORY.items() if metric in names)


def _metric_quantities(metric: str, words: str) -> tuple[Quantity, Quantity]:
    is_score = metric.removeprefix("val_") in _SCORES
    last = Quantity(
        metric,
        words,
        lambda run: run.last(metric),
        _tasks_of(metric),
        is_score=is_score,
        low=-1e9 if metric.endswith("r2") else 0.0,
        high=1.0 if is_score else 1e9,
    )
    best = replace(
        last,
        name=f"{BEST} {metric}",
        words=f"{words} at its best epoch",
        measure=lambda run: run.best(metric),
    )
    return last, best


def _gap(metric: str, run: FinishedRun) -> float | None:
    training, held_out = run.last(metric), run.last(f"val_{metric}")
    if training is None or held_out is None:
        return None
    return training - held_out if metric in _SCORES else held_out - training


def _lowest_recall(run: FinishedRun) -> float | None:
    recalls = run.recalls()
    return None if recalls is None or not len(recalls) else float(recalls.min())


def _balanced_accuracy(run: FinishedRun) -> float | None:
    recalls = run.recalls()
    return None if recalls is None or not len(recalls) else float(recalls.mean())


def _units(run: FinishedRun) -> float:
    return float(sum(layer.units for layer in run.experiment.network.layers))


def _parameters(run: FinishedRun) -> float | None:
    return None if run.parameters is None else float(run.parameters)


_GAP_WORDS = {
    "loss": "loss on held-out rows above that on training rows",
    "accuracy": "accuracy on training rows above that on held-out rows",
    "r2": "R² on training rows above that on held-out rows",
}
_OF_CLASSES = (menus.CLASSES,)

QUANTITIES: Mapping[str, Quantity] = {
    quantity.name: quantity
    for quantity in (
        *(quantity for metric, words in _METRICS.items() for quantity in _metric_quantities(metric, words)),
        *(
            Quantity(f"gap {metric}", words, partial(_gap, metric), _tasks_of(metric), low=-1e9)
            for metric, words in _GAP_WORDS.items()
        ),
        Quantity(
            "balanced accuracy",
            "mean recall of the classes",
            _balanced_accuracy,
            _OF_CLASSES,
            is_score=True,
            needs_confusion=True,
            high=1.0,
        ),
        Quantity(
            "lowest recall",
            "lowest recall of a class",
            _lowest_recall,
            _OF_CLASSES,
            is_score=True,
            needs_confusion=True,
            high=1.0,
        ),
        Quantity("parameters", "parameters", _parameters, is_lucky=False),
        Quantity("layers", "hidden layers", lambda run: float(len(run.experiment.network.layers)), is_lucky=False),
        Quantity("units", "hidden units", _units, is_lucky=False),
        Quantity("epochs", "epochs", lambda run: float(run.epochs), is_lucky=False),
    )
}
