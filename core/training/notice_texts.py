"""A run's notices in words."""

from __future__ import annotations

import math
from collections.abc import Iterable

from core.experiment import menus
from core.training.notices import (
    BestRestored,
    LossNotFinite,
    Notice,
    SettingsChanged,
    StartedFromWeights,
    StoppedEarly,
    TargetReached,
)

_LARGE_INPUT = 20  # standardized inputs are hardly ever larger
_SETTINGS = {
    "learning_rate": "learning rate",
    "batch_size": "batch size",
    "momentum": "momentum",
    "l1": "L1",
    "l2": "L2",
    "dropout": "dropout",
}


def message_of(notices: Iterable[Notice]) -> str:
    """Return a run's message: a sentence or two a notice; "" without notices."""
    return " ".join(map(_text_of, notices))


def _text_of(notice: Notice) -> str:
    match notice:
        case TargetReached(epoch, score, target, task):
            name = "accuracy" if task == menus.CLASSES else "R²"
            return f"The held-out {name} reached {score:.3f} in epoch {epoch}: the target was {target:g}."
        case StoppedEarly(best_epoch, patience):
            epochs = "1 epoch" if patience == 1 else f"{patience} epochs"
            return f"Stopped early: the held-out loss has not improved since epoch {best_epoch} (patience: {epochs})."
        case LossNotFinite():
            return _failure_text(notice)
        case BestRestored(epoch):
            return f"The weights from epoch {epoch} (lowest held-out loss) are restored."
        case SettingsChanged():
            return _changes_text(notice)
        case StartedFromWeights():
            return "Started from a bundle's weights with a new optimizer."


def _failure_text(notice: LossNotFinite) -> str:
    """Return why training stopped, and what may help."""
    rate, largest = notice.learning_rate, notice.largest_input
    advice = (
        f"Inputs go up to {largest:,.0f}: standardize the data, or try a learning rate below {rate:g}."
        if largest > _LARGE_INPUT
        else f"Try a learning rate below {rate:g}, for example {rate / 10:g}."
    )
    what = "NaN" if math.isnan(notice.loss) else "infinite"
    return f"The loss became {what} in epoch {notice.epoch}, so training stopped. {advice}"


def _changes_text(notice: SettingsChanged) -> str:
    changes = [f"{_SETTINGS[name]} set to {value:g}" for name, value in notice.settings.items()]
    if notice.layers:
        changes.append("a layer's noise or dropout changed")
    text = ", ".join(changes)
    return f"{text[0].upper()}{text[1:]} after epoch {notice.epoch}."
