"""Predictions of a network on the rows of one part of a split."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.analysis.overview import parts_of
from core.analysis.regression import shown_rows
from core.datasets import Split
from core.datasets.dataset import Floats, Target


@dataclass(frozen=True, eq=False)
class Answers:
    """Rows of one part of a split with their predictions; a random sample where the part is large.

    Attributes:
        rows: int64 (rows,): the index of each row in its part.
        target: (rows,): int64 labels, or float32 numbers in the target's own units.
        predictions: float32: probabilities (rows, classes), or numbers (rows,) in the target's own units.
        total: the number of rows in the part.
        losses: float64 (rows,): the cross-entropy of each row in nats; empty for regression.
    """

    rows: np.ndarray
    target: Target
    predictions: Floats
    total: int
    losses: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.rows)


def answers_of(
    split: Split,
    predict: Callable[[Floats], Floats],
    losses: Callable[[Floats, Target], NDArray[np.float64]],
    part: str,
    most: int,
) -> Answers:
    """Return the predictions for one part of a split, for at most `most` rows.

    Args:
        predict: the network, float32 (rows, inputs) to probabilities (rows, classes) or the scaled target (rows, 1).
        losses: the same inputs, with their labels, to the cross-entropy of each; of classes only.
        part: a name from `parts_of`.
    """
    _, inputs, target = parts_of(split)[part]
    kept = shown_rows(len(target), most)
    each = losses(inputs[kept], target[kept]) if split.classes else np.empty(0)
    return Answers(kept, target[kept], readable(split, predict(inputs[kept])), len(target), each)


def readable(split: Split, outputs: Floats) -> Floats:
    """Return outputs as a person reads them: probabilities unchanged, numbers in the target's own units."""
    return outputs if split.classes else split.unscale_target(outputs[:, 0])
