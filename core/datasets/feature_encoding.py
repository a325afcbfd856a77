"""How the columns of a table become features, as plain values that were learned from the training rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd

_OTHER = "other"
_VALUES_AT_ONCE = 4_000_000


@dataclass(frozen=True)
class NumberColumn:
    """A column of numbers, which is one feature.

    Attributes:
        name: of the column and of the feature.
        fill: the value for missing numbers; None if rows with missing numbers are dropped.
        is_date: whether the file has dates here; the numbers are days since 1970.
        too_far: whether its numbers are too far from 0 for float32.
    """

    name: str
    fill: float | None
    is_date: bool = False
    too_far: bool = False


@dataclass(frozen=True)
class CategoryColumn:
    """A column of categories, which becomes one feature of 0 or 1 for each category.

    Attributes:
        name: of the column.
        categories: those with a feature of their own.
        pools: whether all others, also unknown ones, share one more feature; otherwise their features are all 0.
        fill: the category for missing values; None if rows with missing values are dropped.
    """

    name: str
    categories: tuple[str, ...]
    pools: bool
    fill: str | None

    @property
    def width(self) -> int:
        """The number of features."""
        return len(self.categories) + self.pools


@dataclass(frozen=True)
class FeatureEncoding:
    """How the columns of a table become features: those of numbers first, then those of categories."""

    numbers: tuple[NumberColumn, ...]
    categories: tuple[CategoryColumn, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns."""
        return (*(column.name for column in self.numbers), *(column.name for column in self.categories))

    @property
    def width(self) -> int:
        """The number of features."""
        return len(self.numbers) + sum(column.width for column in self.categories)

    @property
    def feature_names(self) -> tuple[str, ...]:
        """One name per feature: the column, and the category if it has one."""
        names = [column.name for column in self.numbers]
        for column in self.categories:
            shown = [*column.categories, *([merged_name(column.categories)] if column.pools else [])]
            names += [f"{column.name} = {category}" for category in shown]
        return tuple(names)

    @property
    def dtype(self) -> type[np.float32] | type[np.float64]:
        """The dtype of the features: float32, or float64 where a column is too far from 0."""
        return np.float64 if any(column.too_far for column in self.numbers) else np.float32

    def encode(self, frame: pd.DataFrame) -> NDArray[np.floating]:
        """Return the features of a frame with these columns (numbers as float64, categories as str), as `dtype`.

        Missing values without a fill value become NaN.
        """
        features: NDArray[np.floating] = np.zeros((len(frame), self.width), self.dtype)
        fills = np.array([np.nan if column.fill is None else column.fill for column in self.numbers])
        start = 0
        for names in column_groups([column.name for column in self.numbers], len(frame)):
            numbers = frame[names].to_numpy(np.float64)
            features[:, start : start + len(names)] = numbers
            rows, places = np.nonzero(np.isnan(numbers))
            features[rows, start + places] = fills[start + places]
            start += len(names)
        place = len(self.numbers)
        for column in self.categories:
            _encode_category(column, frame[column.name], features[:, place : place + column.width])
            place += column.width
        return features


def column_groups(names: Sequence[str], rows: int) -> Iterator[list[str]]:
    """Yield the columns in groups that are small enough to copy."""
    size = max(1, _VALUES_AT_ONCE // max(1, rows))
    for start in range(0, len(names), size):
        yield list(names[start : start + size])


def merged_name(names: Sequence[str]) -> str:
    """Return a name for all others together that is none of these.

    >>> merged_name(["red", "blue"]), merged_name(["red", "other"])
    ('other', 'other (2)')
    """
    name, number = _OTHER, 1
    while name in names:
        number += 1
        name = f"{_OTHER} ({number})"
    return name


def _encode_category(column: CategoryColumn, values: pd.Series, features: NDArray[np.floating]) -> None:
    """Write 1 into (rows, features of the column) where a row has a category."""
    import pandas as pd

    missing = values.isna().to_numpy(bool)
    places = np.array(pd.Index(column.categories, dtype=object).get_indexer(pd.Index(values, dtype=object)))
    if column.fill is None:
        features[missing] = np.nan
    else:
        places[missing] = column.categories.index(column.fill) if column.fill in column.categories else -1
    others = len(column.categories) if column.pools else -1
    places = np.where(places < 0, others, places)
    known = (places >= 0) & ~(missing if column.fill is None else np.zeros_like(missing))
    features[np.flatnonzero(known), places[known]] = 1
