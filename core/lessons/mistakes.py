"""Typical mistakes, recognized in a run that has missed its goal. At most one is told, the most certain first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.experiment import Experiment
from core.experiment.keys import format_number
from core.lessons.finished_run import FinishedRun
from core.lessons.goal import Goal

_MANY_TIMES = 3.0  # between two learning rates that differ in kind
_STILL_FALLING = 0.03  # the share by which the training loss fell in the last tenth of the epochs
# The held-out loss at the end over that around the lowest, which is in the first _EARLY of the epochs.
_RISEN = 1.15
_EARLY = 0.6


@dataclass(frozen=True)
class _Tried:
    """A run, what was asked, and what its step began with."""

    goal: Goal
    setup: Experiment
    run: FinishedRun

    @property
    def solution(self) -> Experiment | None:
        """The experiment of the author that reaches the goal."""
        return self.goal.reached_by


def mistake_of(goal: Goal, setup: Experiment, run: FinishedRun, *, has_missed_figures: bool) -> str:
    """Return a sentence that names the mistake in a run; "" where none is recognized.

    Args:
        run: that has ended and missed the goal.
        has_missed_figures: whether it has missed figures that training leads to, and not only settings that were asked.
    """
    tried = _Tried(goal, setup, run)
    rules = _RULES if has_missed_figures else _RULES_FOR_ALL
    return next((words for rule in rules if (words := rule(tried))), "")


def _held_out_rows_trained(tried: _Tried) -> str:
    if tried.run.experiment.data.split == "all" and tried.setup.data.split != "all":
        return (
            "All rows train here, so the held-out rows are rows that the network has seen. Its held-out figures "
            "prove nothing: choose a split that holds rows out."
        )
    return ""


def _diverged(tried: _Tried) -> str:
    if tried.run.has_diverged and not tried.goal.diverged:
        rate = format_number(tried.run.experiment.training.learning_rate)
        return f"The learning rate is too high: at {rate} every step overshoots by more than the one before. Lower it."
    return ""


def _no_hidden_layer(tried: _Tried) -> str:
    solution, layers = tried.solution, tried.run.experiment.network.layers
    if solution is None or layers or not solution.network.layers:
        return ""
    return "There is no hidden layer: the network can only draw a straight line."


def _only_linear(tried: _Tried) -> str:
    solution, layers = tried.solution, tried.run.experiment.network.layers
    if solution is None or not layers or any(layer.activation != "linear" for layer in layers):
        return ""
    if all(layer.activation == "linear" for layer in solution.network.layers):
        return ""
    return "All hidden layers are linear: together they can do no more than one straight line."


def _rate_too_high(tried: _Tried) -> str:
    rate, losses = tried.run.experiment.training.learning_rate, _training_losses(tried)
    if not _differs_in_kind(tried, rate, higher=True) or len(losses) < 2:
        return ""
    if _end(losses) < min(0.9 * losses[0], _RISEN * losses.min()):
        return ""
    return f"The learning rate is too high: at {format_number(rate)} the training loss does not come down. Lower it."


def _rate_too_low(tried: _Tried) -> str:
    rate = tried.run.experiment.training.learning_rate
    if _differs_in_kind(tried, rate, higher=False) and _falls_still(tried):
        return f"The learning rate is too low: at {format_number(rate)} the loss is still falling at the end. Raise it."
    return ""


def _too_few_epochs(tried: _Tried) -> str:
    if _falls_still(tried):
        return f"After {tried.run.epochs} epochs the loss still falls: train on, or learn faster."
    return ""


def _overfitted(tried: _Tried) -> str:
    losses = np.asarray(tried.run.history["val_loss"], np.float64)
    if len(losses) < 5 or not np.isfinite(losses).all():
        return ""
    best = int(np.argmin(losses)) + 1
    if best > _EARLY * len(losses) or _end(losses) < _RISEN * _around(losses, best):
        return ""
    training = _training_losses(tried)
    if not len(training) or _end(training) >= _around(training, best) or _end(losses) < _RISEN * _end(training):
        return ""  # both jump about: nothing is learned by heart
    return f"The network overfits: its held-out loss was lowest in epoch {best} and has risen since."


def _around(losses: np.ndarray, epoch: int) -> float:
    """Return the median loss of the epochs around one: a single one may have been lucky."""
    reach = len(losses) // 10
    return float(np.median(losses[max(0, epoch - 1 - reach) : epoch + reach]))


def _end(losses: np.ndarray) -> float:
    """Return the median loss of the last tenth of the epochs."""
    return float(np.median(losses[-max(1, len(losses) // 10) :]))


def _training_losses(tried: _Tried) -> np.ndarray:
    losses = np.asarray(tried.run.history["loss"], np.float64)
    return losses if np.isfinite(losses).all() else np.empty(0)


def _falls_still(tried: _Tried) -> bool:
    losses = _training_losses(tried)
    if len(losses) < 5:
        return False
    before = losses[-1 - max(1, len(losses) // 10)]
    return bool(losses[-1] < (1 - _STILL_FALLING) * before)


def _differs_in_kind(tried: _Tried, rate: float, higher: bool) -> bool:
    if tried.solution is None or tried.solution.training.optimizer != tried.run.experiment.training.optimizer:
        return False
    right = tried.solution.training.learning_rate
    return rate >= _MANY_TIMES * right if higher else rate * _MANY_TIMES <= right


_RULES_FOR_ALL: tuple[Callable[[_Tried], str], ...] = (_held_out_rows_trained, _diverged)
_RULES: tuple[Callable[[_Tried], str], ...] = (
    *_RULES_FOR_ALL,
    _no_hidden_layer,
    _only_linear,
    _rate_too_high,
    _rate_too_low,
    _overfitted,
    _too_few_epochs,
)
