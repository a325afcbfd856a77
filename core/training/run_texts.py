"""What a run says to the person: what was changed as it trained, and why its loss is no number."""

from __future__ import annotations

import math

from core.experiment import Experiment

BEGUN = "Begun with the weights of a bundle, and an optimizer that is fresh."
_LARGE_INPUT = 20  # standardized inputs hardly go up to that


def failure(loss: float, epoch: int, rate: float, largest_input: float) -> str:
    """Return why training stopped in an epoch (1 is the first) whose loss is not finite, and what may help.

    Args:
        rate: the learning rate that the epoch was trained with.
        largest_input: the largest absolute value among the scaled training inputs.
    """
    advice = (
        f"Inputs go up to {largest_input:,.0f}: standardize the data, or try a learning rate below {rate:g}."
        if largest_input > _LARGE_INPUT
        else f"Try a learning rate below {rate:g}, for example {rate / 10:g}."
    )
    what = "not a number" if math.isnan(loss) else "infinite"
    return f"The loss became {what} in epoch {epoch}, so training stopped. {advice}"


def came_back(epoch: int) -> str:
    """Say that the best weights are those of a run that is over."""
    return f"The weights after epoch {epoch}, with the best held-out loss, are back."


def changes(before: Experiment, after: Experiment, epoch: int) -> str:
    """Return what of a run changed after an epoch, or "" where a person need not be told (the number of epochs)."""
    pairs = [
        ("Learning rate", before.training.learning_rate, after.training.learning_rate),
        ("Batch size", before.training.batch_size, after.training.batch_size),
        ("Momentum", before.training.momentum, after.training.momentum),
        ("L1", before.network.l1, after.network.l1),
        ("L2", before.network.l2, after.network.l2),
        ("Dropout", before.network.dropout, after.network.dropout),
    ]
    words = [f"{name} set to {new:g}" for name, old, new in pairs if new is not None and new != old]
    if before.network.layers != after.network.layers:
        words.append("A layer's noise or dropout changed")
    return f"{', '.join(words)} after epoch {epoch}." if words else ""
