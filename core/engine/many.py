"""Many runs in one compiled program, for example twenty seeds or several learning rates.

The states of the runs (members) are stacked, and the steps of one (`core.engine.steps`) are vectorized over the stack
(`tf.vectorized_map`). For a small network, a step of all members takes little longer than a step of one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache

from core.datasets import Split, prepare
from core.engine.many_program import CORES, ManyProgram, Member
from core.engine.padding import common_shape, counts_units, shape_together
from core.engine.program import metric_scale
from core.engine.structure import RowTensors, Structure
from core.experiment import Experiment

_ORDERS_MOST = 2**24  # row numbers in one call
_EPOCHS_MOST = 25  # in one call
_GROUP_MOST = 10  # members in one program
_PROGRAMS_MOST = 16  # compiled programs that are kept


def train_many(experiments: Sequence[Experiment], go_on: Callable[[int], bool] = lambda epochs: True) -> list[Member]:
    """Train several experiments at once, in one program.

    They may differ in seed, learning rate, schedule and initializer, in the values above 0 of L1, L2, dropout, noise
    and momentum, and in widths as far as `common_shape` says. Each ends where its single run ends, to about 1e-4.
    Early stopping and the target are ignored: all members train all epochs.

    Args:
        go_on: called from several threads with how many more epochs some of the members have done, added up. Once it
            returns False, each ends after the epochs that it is at.

    >>> base = Experiment()
    >>> members = train_many([replace(base, training=replace(base.training, seed=seed)) for seed in range(20)])
    >>> len(members), members[0].history["val_accuracy"].shape
    (20, (100,))

    Raises:
        ValueError: if there are none, or they differ in anything else.
        DataError: if the data cannot be split as the experiments ask.
    """
    first = _first_of(experiments)
    split = prepare(first.data)
    rows = RowTensors.of(split, first.training.class_weight)
    groups = _groups(experiments)
    at_once = _epochs_at_once(first.training.epochs, len(groups[0]) * len(split.x_train))
    program = _program(_common_structure(experiments, split), len(groups[0]), at_once)
    asked = len(experiments)
    counts = [min(len(group), asked - place * len(group)) for place, group in enumerate(groups)]  # without repeats
    trained = program.train(groups, rows, metric_scale(split), lambda place, epochs: go_on(counts[place] * epochs))
    return [member for members in trained for member in members][: len(experiments)]


def _groups(experiments: Sequence[Experiment]) -> list[list[Experiment]]:
    """Return the experiments in groups of equal size, equally many for every core; repeats fill up the last group.

    A compiled step of small matrices uses one core. With too many members XLA no longer compiles the loop as one piece.
    """
    rounds = math.ceil(len(experiments) / (CORES * _GROUP_MOST))
    size = math.ceil(len(experiments) / (CORES * rounds))
    groups = [list(experiments[start : start + size]) for start in range(0, len(experiments), size)]
    groups[-1] += groups[-1][-1:] * (size - len(groups[-1]))
    return groups


def _first_of(experiments: Sequence[Experiment]) -> Experiment:
    """Return the first experiment; the others must share its data, epochs and common shape."""
    if not experiments:
        raise ValueError("`experiments` must hold at least one experiment. Received: none.")
    first = experiments[0]
    for other in experiments:
        same_length = other.training.epochs == first.training.epochs
        if other.data != first.data or not same_length or common_shape(other) != common_shape(first):
            raise ValueError(
                "`experiments` must share data, epochs and everything that a compiled program depends on. "
                f"Received: {first} and {other}."
            )
    return first


def _epochs_at_once(epochs: int, rows: int, most: int = _EPOCHS_MOST) -> int:
    """Return how many epochs one call trains: a divisor of their number, as large as the limits allow.

    Args:
        rows: the training rows of all members in a program together.
    """
    most = max(1, min(epochs, most, _EPOCHS_MOST, _ORDERS_MOST // rows))
    return max(size for size in range(1, most + 1) if epochs % size == 0)


def many_program(experiments: Sequence[Experiment], split: Split, epochs: int) -> ManyProgram:
    """Return the program for as many members as there are experiments: one that is kept, or a new one.

    Args:
        experiments: of one common shape.
        epochs: at most, in one call; it has a divisor of those that the experiments ask for.
    """
    members = len(experiments)
    at_once = _epochs_at_once(experiments[0].training.epochs, members * len(split.x_train), epochs)
    return _program(_common_structure(experiments, split), members, at_once)


def _common_structure(experiments: Sequence[Experiment], split: Split) -> Structure:
    structure = Structure.of(shape_together(experiments), split)
    widths = {tuple(layer.units for layer in experiment.network.layers) for experiment in experiments}
    is_counted = len(widths) > 1 and counts_units(structure.network, structure.training.optimizer)
    return replace(structure, counted=is_counted)


# A study calls `train_many` again and again with one structure, and compiling it takes seconds.
@lru_cache(_PROGRAMS_MOST)
def _program(structure: Structure, members: int, epochs: int) -> ManyProgram:
    return ManyProgram(structure, members, epochs)
