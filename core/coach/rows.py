"""What the rows of a data set say about what a network should reach on them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.analysis.regression import shown_rows
from core.datasets import Split

_NEIGHBOURS = 5
_ROWS_MOST = 1000  # that neighbours are looked for among, and that are predicted


@dataclass(frozen=True)
class RowFacts:
    """Facts about the rows of a split.

    Attributes:
        training: the number of training rows.
        inputs: the number of inputs.
        names: of the classes; () where the target is a number.
        largest: the largest absolute value among the training rows' scaled inputs.
        ratio: the largest standard deviation of an input over the smallest one above 0.
        is_picture: whether the inputs are pixels.
        guess: the held-out score of a guess: of the most common class, or of the mean, whose R² is 0.
        nearest: the held-out score of the five nearest training rows, over standardized inputs: what a network with
            enough hidden units should come near. Of at most 1,000 rows each.
        recalls: by class, the share of its held-out rows that the nearest rows get right; () for numbers.
        held_out: by class, its number of held-out rows among all of these; () for numbers.
        all_train: whether the held-out rows are the training rows.
    """

    training: int
    inputs: int
    names: tuple[str, ...]
    largest: float
    ratio: float
    is_picture: bool
    guess: float
    nearest: float
    recalls: tuple[float, ...]
    held_out: tuple[int, ...]
    all_train: bool

    @property
    def classes(self) -> int:
        """The number of classes; 0 where the target is a number."""
        return len(self.names)


def row_facts(split: Split) -> RowFacts:
    """Return the facts about a split; takes some milliseconds, for pictures a tenth of a second."""
    own, other = shown_rows(len(split.x_train), _ROWS_MOST), shown_rows(len(split.x_val), _ROWS_MOST)
    deviations = split.x_train[own].std(axis=0, dtype=np.float64)
    varying = deviations[deviations > 0]
    votes = _nearest_targets(split, own, other)
    target = split.y_val[other]
    if split.classes:
        predicted = np.array([np.bincount(row, minlength=split.classes).argmax() for row in votes])
        counts = np.bincount(split.y_val, minlength=split.classes)
        is_right = predicted == target
        guess, nearest = float(counts.max() / counts.sum()), float(is_right.mean())
        recalls = tuple(
            float(is_right[target == one].mean()) if (target == one).any() else 0.0 for one in range(split.classes)
        )
    else:
        counts, recalls = np.empty(0, int), ()
        guess, nearest = 0.0, _r2(votes.mean(axis=1), target)
    return RowFacts(
        training=len(split.x_train),
        inputs=split.inputs,
        names=split.class_names,
        largest=float(max(split.x_train.max(), -split.x_train.min())),
        ratio=float(varying.max() / varying.min()) if len(varying) else 1.0,
        is_picture=split.image_shape is not None,
        guess=guess,
        nearest=nearest,
        recalls=recalls,
        held_out=tuple(int(count) for count in counts),
        all_train=split.all_rows_train,
    )


def _nearest_targets(split: Split, own: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return the targets of the nearest training rows of some held-out rows, (held-out rows, neighbours).

    Args:
        own, other: the numbers of the training rows and of the held-out rows to use.
    """
    sample = split.x_train[own]
    mean, deviation = sample.mean(axis=0, dtype=np.float64), sample.std(axis=0, dtype=np.float64)
    scale = np.where(deviation > 0, deviation, 1)
    training, asked = (sample - mean) / scale, (split.x_val[other] - mean) / scale
    squares = (asked**2).sum(axis=1)[:, None] - 2 * asked @ training.T + (training**2).sum(axis=1)
    if split.all_rows_train:
        np.fill_diagonal(squares, np.inf)  # a row is not its own neighbour: both samples are the same rows
    count = min(_NEIGHBOURS, len(own) - 1)
    places = np.argpartition(squares, count - 1, axis=1)[:, :count]
    targets: np.ndarray = split.y_train[own][places]
    return targets


def _r2(predicted: np.ndarray, true: np.ndarray) -> float:
    spread = float(np.square(true - true.mean()).sum())
    return 1 - float(np.square(true - predicted).sum()) / spread if spread else 0.0
