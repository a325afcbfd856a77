"""The coach's rules: each looks at a run and gives one piece of advice, or none.

Advice must hold for the run at hand, not for runs like it: a rule that is not sure says nothing. What a network could
reach on its data is measured, by the nearest rows (`core.coach.rows`), so that noisy data are not taken for a fault.
`make bench ARGS=coach` trains every recipe with ten seeds, takes each piece of advice, and counts false alarms.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from core.analysis.layer_health import DEAD, idle_kind
from core.coach.advice import Advice, Change, FindRate
from core.coach.evidence import Evidence
from core.experiment import Experiment, LayerSpec, NetworkSpec, menus
from core.experiment.keys import format_number
from core.trained.epoch import longest_wait

_EPOCHS_LEAST = 10  # before anything but divergence is said
_MISSING = 0.05  # of the score of the nearest rows, from which on something is amiss
_MUCH_MISSING = 0.1
_ABOVE_A_GUESS = 1.1  # times the loss of a guess, and
_JUMPS = 0.05  # … mean change from epoch to epoch: a loss that is high because it was so at first falls smoothly
_RATIO, _LARGEST = 50.0, 50.0  # of inputs that should be scaled
_RISE = 1.15  # ratio of the held-out loss to its best from which on a network overfits, and
_LEAST_RISE = 0.01  # … absolute
_GAP = 1.3  # … ratio to the training loss
_FLAT = 0.01  # fall of the loss from one window to the next below which it is flat, and
_STILL_FALLING = 0.04  # … above which more epochs help
_LINEAR = 0.7  # ratio of the fall late to the fall early from which on a loss falls along a line, as at the start, and
_SLOWER = 0.1  # … below which it has come to rest
_AT_REST = 0.002  # fall over a third of the epochs that is none
_STEADY = 0.8  # of a loss's changes, the share that is its fall
_LITTLE = 0.15  # fall of the loss over all epochs that is little
_IDLE = 0.9  # share of a layer's units
_LARGE = 5.0  # inputs that saturate units with weights of the usual size
_ROWS_OF_A_CLASS = 5
_LEARNABLE = 0.5  # recall of a class by the nearest rows
_SOLVED = 0.97
_PARAMETERS_A_ROW = 10.0
_UNITS_LEAST = 8  # of a layer that is made smaller
_FEW_UNITS = 64
_ACTIVATION = "tanh"
_BATCH, _STEPS = 32, 4  # the usual batch size; steps an epoch that are few


def advise(evidence: Evidence) -> Advice | None:
    """Return the most urgent advice about a run, or None."""
    if not evidence.epochs:
        return None
    return next((advice for rule in RULES.values() if (advice := rule(evidence))), None)


def _diverged(run: Evidence) -> Advice | None:
    if run.has_failed:
        what = "the loss is no longer a number"
    elif _is_worse_than_guessing(run):
        what = f"the loss stays near {np.median(run.loss[-run.window :]):.3g}, worse than a guess would have"
    else:
        return None
    rate = run.experiment.training.learning_rate
    return Advice(
        "diverged",
        f"Training has diverged: {what}. A learning rate of {format_number(rate)} is too high here.",
        "Find a lower rate",
        _lower_rate(run),
        "learning_rate",
    )


def _is_worse_than_guessing(run: Evidence) -> bool:
    """Return whether the loss jumps about above that of a guess, where that is known."""
    training, network = run.experiment.training, run.experiment.network
    is_plain = training.loss == "crossentropy" and training.class_weight == "none" and not training.label_smoothing
    if run.epochs < _EPOCHS_LEAST or not is_plain or network.l1 or network.l2:
        return False
    late = run.loss[run.epochs // 2 :]
    is_high = float(np.median(late)) > _ABOVE_A_GUESS * math.log(run.rows.classes)
    jumps = float(np.abs(np.diff(late)).mean()) > _JUMPS * float(late.mean())
    return is_high and jumps and run.fall(run.loss) < _STILL_FALLING


def _unscaled(run: Evidence) -> Advice | None:
    data, rows = run.experiment.data, run.rows
    is_wide = rows.largest > _LARGEST and rows.ratio > _RATIO
    if data.scaling == "standard" or rows.is_picture or not is_wide:
        return None
    if not run.has_failed and (run.epochs < _EPOCHS_LEAST or run.missing < _MISSING):
        return None
    return Advice(
        "unscaled",
        f"The inputs are not scaled: some reach {rows.largest:,.0f}, others vary {rows.ratio:,.0f} times less. "
        "The large ones drown the others.",
        "Standardize the inputs",
        Change(replace(run.experiment, data=replace(data, scaling="standard"))),
        "scaling",
    )


def _identical_units(run: Evidence) -> Advice | None:
    network = run.experiment.network
    if network.initializer != "zeros" or not network.layers or run.epochs < _EPOCHS_LEAST or run.missing < _MISSING:
        return None
    return Advice(
        "identical",
        "All weights start at zero, so the units of a layer stay identical and the network cannot learn.",
        "Start with random weights",
        Change(_with_network(run, initializer=NetworkSpec.initializer)),
        "initializer",
    )


def _idle(run: Evidence) -> Advice | None:
    network = run.experiment.network
    if run.idle is None or not run.could_be_idle:
        return None
    found = [place for place, share in enumerate(run.idle) if share >= _IDLE]
    if not found:
        return None
    place, activation = found[0], network.layers[found[0]].activation
    if idle_kind(activation) == DEAD:
        what, why = "dead", "output 0 for every row and no longer learn"
    else:
        what, why = "saturated", "are stuck at the ends of their range, where they hardly learn"
    action: Change | FindRate
    if network.initializer == "too_large":
        cause, button = "The first weights are too large", "Use smaller first weights"
        action = Change(_with_network(run, initializer=NetworkSpec.initializer))
    elif run.rows.largest > _LARGE and run.experiment.data.scaling == "none":
        cause, button = f"The inputs reach {run.rows.largest:,.0f}", "Scale the inputs"
        action = Change(replace(run.experiment, data=replace(run.experiment.data, scaling="minmax")))
    else:
        cause, button, action = "The learning rate is probably too high", "Find a lower rate", _lower_rate(run)
    return Advice(
        "idle",
        f"Hidden layer {place + 1} is {what}: {run.idle[place]:.0%} of its units {why}. {cause}.",
        button,
        action,
        "idle_units",
    )


def _ignored_class(run: Evidence) -> Advice | None:
    rows, training = run.rows, run.experiment.training
    if run.confusion is None or not run.is_over or training.class_weight != "none":
        return None
    if max(rows.held_out) < 2 * max(min(rows.held_out), 1):
        return None  # all are about as common, so weights change nothing
    never = [
        one
        for one, count in enumerate(run.confusion.sum(axis=0))
        if not count and rows.held_out[one] >= _ROWS_OF_A_CLASS and rows.recalls[one] >= _LEARNABLE
    ]
    if not never:
        return None
    return Advice(
        "ignored",
        f"The network never predicts {rows.names[never[0]]}, which has {rows.held_out[never[0]]} of "
        f"{sum(rows.held_out)} held-out rows: ignoring a rare class costs it little.",
        "Weight classes equally",
        Change(_with_training(run, class_weight="balanced")),
        "class_weight",
    )


def _overfitting(run: Evidence) -> Advice | None:
    training = run.experiment.training
    if run.rows.all_train or run.epochs < _EPOCHS_LEAST or (training.patience and training.restore_best):
        return None
    best = int(np.argmin(run.val_loss)) + 1
    past = run.epochs - best
    recent, training_loss = run.val_loss[-max(run.window, past // 2) :], float(run.loss[-run.window :].mean())
    lowest = float(np.median(_around(run.val_loss, best - 1)))
    is_past = past >= (max(5, run.epochs // 10) if run.is_over else max(_EPOCHS_LEAST, run.epochs // 4))
    has_risen = recent.min() > max(_RISE * lowest, lowest + _LEAST_RISE)
    still_learns = training_loss < float(np.median(_around(run.loss, best - 1)))
    if not (is_past and has_risen and still_learns and recent.mean() > _GAP * training_loss):
        return None
    # Of a run that is over, all its history stays; one that goes on ends with its next epoch.
    patience = longest_wait(run.val_loss) + 1 if run.is_over else past
    return Advice(
        "overfitting",
        f"The network overfits since epoch {best}: the held-out loss has risen from {run.val_loss[best - 1]:.3g} to "
        f"{recent.mean():.3g}, while the training loss still falls.",
        "Go back to the best weights",
        Change(_with_training(run, patience=min(patience, menus.PATIENCE.high), restore_best=True)),
        "overfitting",
    )


def _slow(run: Evidence) -> Advice | None:
    if run.epochs < 2 * _EPOCHS_LEAST or not _is_late(run) or run.missing < _MUCH_MISSING:
        return None
    early, late = _falls(run.loss)
    fallen = (run.loss[0] - run.loss[-1]) / run.loss[0]
    is_steady = run.loss[0] - run.loss[-1] > _STEADY * np.abs(np.diff(run.loss)).sum()
    if not (is_steady and early > 0 and late > _LINEAR * early and fallen < _LITTLE):
        return None
    rate = run.experiment.training.learning_rate
    return Advice(
        "slow",
        f"The learning rate of {format_number(rate)} is far too small: in {run.epochs} epochs the loss fell by only "
        f"{fallen:.1%}, and it falls about as slowly as at the start.",
        "Find a higher rate",
        FindRate(rate, higher=True),
        "learning_rate",
    )


def _is_late(run: Evidence) -> bool:
    """Return whether half of the epochs are done, or no more come."""
    return run.is_over or 2 * run.epochs >= run.experiment.training.epochs


def _falls(loss: np.ndarray) -> tuple[float, float]:
    """Return by how much a loss has fallen over the first third of its epochs, and over the last."""
    third = len(loss) // 3
    return float(loss[0] - loss[third]), float(loss[-third - 1] - loss[-1])


def _too_few_epochs(run: Evidence) -> Advice | None:
    epochs = run.experiment.training.epochs
    if run.epochs < max(epochs, 2 * run.window) or 2 * epochs > menus.EPOCHS.high or run.missing < _MISSING:
        return None
    if run.fits_training_rows or min(run.fall(run.loss), run.fall(run.val_loss)) < _STILL_FALLING:
        return None
    return Advice(
        "few_epochs",
        f"The loss still falls, by {run.fall(run.loss):.0%} over the last {run.window} epochs, and the held-out "
        f"{run.measure} of {run.score:.2f} can become better.",
        f"Train on to epoch {2 * epochs}",
        Change(_with_training(run, epochs=2 * epochs)),
        "epochs",
    )


def _plateau(run: Evidence) -> Advice | None:
    if not _is_late(run) or run.epochs < 2 * _EPOCHS_LEAST or run.missing < _MISSING:
        return None
    early, late = _falls(run.loss)
    is_flat = max(abs(run.fall(run.loss)), abs(run.fall(run.val_loss))) < _FLAT
    if run.fits_training_rows or not is_flat or late > max(_SLOWER * early, _AT_REST * run.loss[-1]):
        return None
    stuck = f"The loss hardly falls any more, and the held-out {run.measure} stays at {run.score:.2f}"
    could = f"(the nearest training rows predict {run.rows.nearest:.2f})"
    why, button, better = _remedy(run)
    if better is None:
        return None
    return Advice("plateau", f"{stuck} {could}: {why}.", button, Change(better), "plateau")


def _remedy(run: Evidence) -> tuple[str, str, Experiment | None]:
    """Return why the loss may have come to rest so early, what to do about it in words, and as an experiment."""
    network, batch = run.experiment.network, run.experiment.training.batch_size
    saturating = [layer.activation for layer in network.layers if idle_kind(layer.activation) not in (None, DEAD)]
    if not network.layers:
        why = "without a hidden layer it can only draw straight lines"
        return why, "Add a hidden layer", _with_network(run, layers=_FIRST)
    if all(layer.activation == "linear" for layer in network.layers):
        layers = _with_activation(network, "linear", _ACTIVATION)
        return "linear layers can only draw straight lines", f"Use {_ACTIVATION}", _with_network(run, layers=layers)
    if batch > _BATCH and run.rows.training < _STEPS * batch:
        steps = -(-run.rows.training // batch)
        why = f"a batch of {batch:,} rows leaves only {steps} {'step' if steps == 1 else 'steps'} an epoch"
        return why, f"Use a batch size of {_BATCH}", _with_training(run, batch_size=_BATCH)
    if len(saturating) > 1 and run.score < run.rows.guess + _MISSING:
        layers = _with_activation(network, saturating[0], "relu")
        why = f"the gradient fades on its way through {len(saturating)} layers of {saturating[0]}"
        return why, "Use ReLU", _with_network(run, layers=layers)
    if min(layer.units for layer in network.layers) < _FEW_UNITS:
        layers = tuple(
            replace(layer, units=max(layer.units, min(2 * layer.units, _FEW_UNITS))) for layer in network.layers
        )
        return "the network may be too small", "Double the units", _with_network(run, layers=layers)
    return "", "", None


_FIRST = (LayerSpec(8, _ACTIVATION),)


def _oversized(run: Evidence) -> Advice | None:
    network = run.experiment.network
    is_large = run.parameters > _PARAMETERS_A_ROW * run.rows.training
    wide = [layer for layer in network.layers if layer.units >= 2 * _UNITS_LEAST]
    if not (run.is_over and is_large and wide) or run.rows.all_train or run.epochs < _EPOCHS_LEAST:
        return None
    score = np.asarray(run.history["val_accuracy" if run.rows.classes else "val_r2"], np.float64)
    if score[run.epochs // 2 :].min() < _SOLVED:
        return None
    smaller = tuple(
        replace(layer, units=max(_UNITS_LEAST, layer.units // 4)) if layer.units >= 2 * _UNITS_LEAST else layer
        for layer in network.layers
    )
    return Advice(
        "oversized",
        f"The network is larger than it needs to be: {run.parameters:,} parameters for {run.rows.training:,} training "
        f"rows, and a held-out {run.measure} of {run.score:.3f} since half of the epochs.",
        "Try a quarter of the units",
        Change(_with_network(run, layers=smaller)),
        "parameters",
    )


# By name; the most urgent first.
RULES: Mapping[str, Callable[[Evidence], Advice | None]] = {
    "unscaled": _unscaled,
    "diverged": _diverged,
    "identical": _identical_units,
    "idle": _idle,
    "ignored": _ignored_class,
    "overfitting": _overfitting,
    "slow": _slow,
    "few_epochs": _too_few_epochs,
    "plateau": _plateau,
    "oversized": _oversized,
}


def _around(values: np.ndarray, place: int) -> np.ndarray:
    return values[max(0, place - 2) : place + 3]


def _lower_rate(run: Evidence) -> FindRate:
    return FindRate(run.experiment.training.learning_rate, higher=False)


def _with_network(run: Evidence, **values: object) -> Experiment:
    return replace(run.experiment, network=replace(run.experiment.network, **values))  # type: ignore[arg-type]


def _with_training(run: Evidence, **values: object) -> Experiment:
    return replace(run.experiment, training=replace(run.experiment.training, **values))  # type: ignore[arg-type]


def _with_activation(network: NetworkSpec, before: str, after: str) -> tuple[LayerSpec, ...]:
    """Return the layers with another activation where they have the one before."""
    return tuple(replace(layer, activation=after) if layer.activation == before else layer for layer in network.layers)
