"""What a setting does at the value that it has: one short sentence each, "" where there is nothing to add."""

from __future__ import annotations

from collections.abc import Mapping

from core.experiment import TrainingSpec, menus
from core.experiment.keys import format_number
from core.glossary import TERMS

# Optimizers whose step is about the learning rate, whatever the size of the gradient.
_OWN_SIZE = ("adam", "adamw", "nadam", "adamax")


def learning_rate(training: TrainingSpec) -> str:
    """Say how far one step moves a weight.

    >>> learning_rate(TrainingSpec("adam", learning_rate=0.01))
    'At 0.01, Adam moves each weight by at most about 0.01 a step.'
    """
    rate, title = format_number(training.learning_rate), menus.OPTIMIZERS[training.optimizer].title
    if training.optimizer == "lion":
        return f"At {rate}, Lion moves every weight by {rate} a step."
    if training.optimizer in _OWN_SIZE:
        return f"At {rate}, {title} moves each weight by at most about {rate} a step."
    if training.optimizer == "sgd":
        return f"At {rate}, SGD moves each weight by {rate} times its gradient."
    return ""


def momentum(value: float) -> str:
    """Say how much further a steady gradient leads.

    >>> momentum(0.9)
    'At 0.9, a steady gradient leads 10 times as far.'
    """
    return f"At {format_number(value)}, a steady gradient leads {_memory(value)} times as far." if value else ""


def memory(value: float) -> str:
    """Say how many gradients a running mean is about.

    >>> memory(0.999)
    'At 0.999, the mean is over about the last 1,000 gradients.'
    """
    return f"At {format_number(value)}, the mean is over about the last {_memory(value)} gradients." if value else ""


def batch_size(value: float, training_rows: int | None) -> str:
    """Say how many steps an epoch has.

    >>> batch_size(32, 800)
    'At 32, an epoch of 800 rows has 25 steps.'
    """
    if training_rows is None:
        return ""
    steps = -(-training_rows // int(value))
    return f"At {int(value):,}, an epoch of {training_rows:,} rows has {steps:,} {'step' if steps == 1 else 'steps'}."


def epochs(value: float, batch: int, training_rows: int | None) -> str:
    """Say how many steps the run has.

    >>> epochs(100, 32, 800)
    'At 100, the run has 2,500 steps.'
    """
    if training_rows is None:
        return ""
    return f"At {int(value):,}, the run has {int(value) * -(-training_rows // batch):,} steps."


def patience(value: float) -> str:
    """Say when training stops."""
    return f"Now: after {_counted(int(value), 'epoch')} without a lower loss." if value else "Now it is off."


def share_of_outputs(value: float) -> str:
    """Say how many outputs dropout takes."""
    return f"Now: {value:.0%} of the outputs at every step." if value else ""


def penalty(value: float, *, squared: bool) -> str:
    """Say what a weight costs.

    >>> penalty(0.01, squared=True)
    'At 0.01, a weight of 2 adds 0.04 to the loss.'
    """
    cost = value * (4 if squared else 2)
    return f"At {format_number(value)}, a weight of 2 adds {cost:.3g} to the loss." if value else ""


def held_out_share(value: float) -> str:
    """Say how many rows are left to train on."""
    return f"Now: {1 - value:.0%} of the rows train."


def units(value: float, inputs: int) -> str:
    """Say how many parameters a layer has.

    >>> units(4, 2)
    'Now: 2 × 4 weights and 4 biases.'
    """
    count = int(value)
    return f"Now: {inputs:,} × {count:,} weights and {_counted(count, 'bias', 'es')}."


def chosen(term: str, value: str, titles: Mapping[str, str]) -> str:
    """Say what the chosen entry of a menu does."""
    choice = TERMS[term].choices.get(value)
    return f"{titles.get(value, value)}: {choice.text[0].lower()}{choice.text[1:]}" if choice else ""


def _memory(value: float) -> str:
    return f"{1 / (1 - value):,.0f}"


def _counted(number: int, word: str, plural: str = "s") -> str:
    return f"{number:,} {word}" if number == 1 else f"{number:,} {word}{plural}"
