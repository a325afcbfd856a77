"""What a network says of the rows of one part."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.analysis.overview import parts_of
from core.analysis.regression import shown_rows
from core.datasets import Split
from core.datasets.dataset import Floats, Target


@dataclass(frozen=True, eq=False)
class Answers:
    """The rows of a part of a split with what a network says of them, or a random choice of these rows.

    Attributes:
        rows: int64 (rows,): where each stands in its part, from 0.
        target: (rows,): int64 labels, or float32 numbers in the target's own units.
        said: float32: probabilities (rows, classes), or numbers (rows,) in the target's own units.
        total: how many rows the part has.
    """

    rows: np.ndarray
    target: Target
    said: Floats
    total: int

    def __len__(self) -> int:
        return len(self.rows)


def answers_of(split: Split, predict: Callable[[Floats], Floats], part: str, most: int) -> Answers:
    """Return what a network says of a part of a split, of at most `most` rows.

    Args:
        predict: the network, float32 (rows, inputs) to probabilities (rows, classes) or the scaled target (rows, 1).
        part: one of the names that `parts_of` gives.
    """
    _, inputs, target = parts_of(split)[part]
    kept = shown_rows(len(target), most)
    return Answers(kept, target[kept], readable(split, predict(inputs[kept])), len(target))


def readable(split: Split, said: Floats) -> Floats:
    """Return what a network says as a person reads it: probabilities as they are, numbers in the target's units."""
    return said if split.classes else split.unscale_target(said[:, 0])
