"""A data set before training: its rows, statistics of the features, class counts.

Everything is computed from a `Rows`, which is bounded in size, so that no upload stops a page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.analysis.regression import shown_rows
from core.datasets import Split
from core.datasets.dataset import Floats, Target
from core.experiment import menus

CELLS_MOST = 4_000_000  # values: 16 MB, whose quartiles take half a second
STATISTICS = ("count", "mean", "std. dev.", "min", "25%", "50%", "75%", "max")


# eq=False: arrays have no single truth value, so the generated == would raise.
@dataclass(frozen=True, eq=False)
class Rows:
    """The rows of a split in one table, training rows first; a random sample where there are too many.

    Attributes:
        raw: float32 (rows, features), in the data's own units.
        scaled: float32 (rows, inputs), as the network gets them.
        target: (rows,): int64 labels, or float32 numbers in the target's own units.
        parts: int64 (rows,): the index of each row's part.
        part_names: one name a part.
        feature_names: one name a column.
        class_names: one name a class; empty where the target is a number.
        target_name: the name of the target.
        total: the number of rows before sampling.
    """

    raw: Floats
    scaled: Floats
    target: Target
    parts: np.ndarray
    part_names: tuple[str, ...]
    feature_names: tuple[str, ...]
    class_names: tuple[str, ...]
    target_name: str
    total: int

    @property
    def task(self) -> str:
        """What the target is: `menus.CLASSES`, or `menus.NUMBERS` for regression."""
        return menus.CLASSES if self.class_names else menus.NUMBERS

    def __len__(self) -> int:
        return len(self.target)


def parts_of(split: Split) -> dict[str, tuple[Floats, Floats, Target]]:
    """Return raw values, inputs and target of every part of a split, by the name of the part."""
    parts = {"training": (split.raw_train, split.x_train, split.y_train)}
    if split.three_parts:
        parts["validation"] = split.raw_val, split.x_val, split.y_val
    if not split.all_rows_train:
        parts["test" if split.three_parts else "held-out"] = split.raw_test, split.x_test, split.y_test
    return parts


def rows_of(split: Split, cells_most: int = CELLS_MOST) -> Rows:
    """Return the rows of a split, each once; a random sample if they have more than `cells_most` values."""
    parts = parts_of(split)
    raw, scaled, targets = zip(*parts.values(), strict=True)
    sizes = [len(target) for target in targets]
    total = sum(sizes)
    kept = shown_rows(total, max(1, cells_most // max(split.features, 1)))
    return Rows(
        raw=np.concatenate(raw)[kept],
        scaled=np.concatenate(scaled)[kept],
        target=np.concatenate(targets)[kept],
        parts=np.repeat(np.arange(len(parts)), sizes)[kept],
        part_names=tuple(parts),
        feature_names=split.feature_names,
        class_names=split.class_names,
        target_name=split.target_name,
        total=total,
    )


def statistics(values: np.ndarray) -> np.ndarray:
    """Return the STATISTICS of every column, float64 (features, 8); the standard deviation divides by rows - 1.

    Args:
        values: float (rows, features), at least one row. The standard deviation of a single row is NaN.
    """
    values = np.asarray(values, np.float64)
    rows, features = values.shape
    deviation = values.std(axis=0, ddof=1) if rows > 1 else np.full(features, np.nan)
    quartiles = np.quantile(values, [0, 0.25, 0.5, 0.75, 1], axis=0)
    return np.column_stack([np.full(features, float(rows)), values.mean(axis=0), deviation, *quartiles])


def kinds(values: np.ndarray) -> tuple[str, ...]:
    """Return the kind of every column of (rows, features): constant, two values, whole numbers or numbers."""
    return tuple(map(_kind, values.T))


def _kind(column: np.ndarray) -> str:
    low, high = column.min(), column.max()
    if low == high:
        return "constant"
    if np.all((column == low) | (column == high)):
        return "two values"
    return "whole numbers" if np.all(column == np.rint(column)) else "numbers"


def association(rows: Rows) -> np.ndarray:
    """Return how strongly each feature alone is associated with the target, float64 (features,), 0 to 1.

    For a number it is the absolute correlation; for classes the correlation ratio, the square root of the share of a
    feature's variance between the classes (the absolute correlation, for two classes). A constant feature has 0.
    """
    raw = np.asarray(rows.raw, np.float64)
    centred = raw - raw.mean(axis=0)
    whole = np.square(centred).sum(axis=0)
    if rows.task == menus.NUMBERS:
        target = np.asarray(rows.target, np.float64)
        target = target - target.mean()
        explained = np.square(target @ centred) / (np.square(target).sum() or 1.0)
    else:
        counts = np.bincount(rows.target, minlength=len(rows.class_names))
        members = rows.target == np.arange(len(counts))[:, None]
        sums = members.astype(np.float64) @ centred
        explained = (np.square(sums) / np.maximum(counts, 1)[:, None]).sum(axis=0)
    shares: np.ndarray = np.divide(explained, whole, out=np.zeros(len(whole)), where=~_constant(raw))
    return np.asarray(np.sqrt(np.clip(shares, 0, 1)))


def _constant(values: np.ndarray) -> np.ndarray:
    constant: np.ndarray = values.min(axis=0) == values.max(axis=0)
    return constant


def informative_features(rows: Rows, most: int) -> tuple[int, ...]:
    """Return at most `most` features that say most of the target, in their own order."""
    best = np.argsort(-association(rows), kind="stable")[:most]
    return tuple(sorted(best.tolist()))


def class_counts(labels: np.ndarray, parts: np.ndarray, classes: int, part_count: int) -> np.ndarray:
    """Return the number of rows of each class in every part, int64 (parts, classes)."""
    flat = np.bincount(parts * classes + labels, minlength=part_count * classes)
    counts: np.ndarray = flat.reshape(part_count, classes)
    return counts


def unique_names(names: Sequence[str]) -> list[str]:
    """Return the names, with a number added to those that repeat.

    >>> unique_names(["a", "b", "a"])
    ['a', 'b', 'a (2)']
    """
    unique: list[str] = []
    for name in names:
        number, candidate = 1, name
        while candidate in unique:
            number += 1
            candidate = f"{name} ({number})"
        unique.append(candidate)
    return unique
