"""What the training rows of a table have said about its columns, as plain values; and the features that follow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd

_OTHER = "other"


@dataclass(frozen=True)
class NumberColumn:
    """A column of numbers, which is a feature as it stands.

    Attributes:
        name: of the column and of the feature.
        fill: what a missing number becomes; None where a row without it is left out.
        is_date: whether the file holds dates, whose days since 1970 are the numbers.
    """

    name: str
    fill: float | None
    is_date: bool = False


@dataclass(frozen=True)
class CategoryColumn:
    """A column of categories, each of which becomes a feature of 0 and 1.

    Attributes:
        name: of the column.
        categories: those that have a feature of their own.
        pools: whether there is one more feature for all others, the unknown ones too; else they are none of them.
        fill: the category of what is missing; None where a row without it is left out.
    """

    name: str
    categories: tuple[str, ...]
    pools: bool
    fill: str | None

    @property
    def width(self) -> int:
        """The number of its features."""
        return len(self.categories) + self.pools


@dataclass(frozen=True)
class FeatureEncoding:
    """How the columns of a table become features: the numbers first, then the categories, one by one."""

    numbers: tuple[NumberColumn, ...]
    categories: tuple[CategoryColumn, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns that are needed."""
        return (*(column.name for column in self.numbers), *(column.name for column in self.categories))

    @property
    def width(self) -> int:
        """The number of features."""
        return len(self.numbers) + sum(column.width for column in self.categories)

    @property
    def feature_names(self) -> tuple[str, ...]:
        """One name a feature: that of the column, and behind it the category."""
        names = [column.name for column in self.numbers]
        for column in self.categories:
            shown = [*column.categories, *([pooled_name(column.categories)] if column.pools else [])]
            names += [f"{column.name} = {category}" for category in shown]
        return tuple(names)

    def encode(self, frame: pd.DataFrame) -> NDArray[np.float32]:
        """Return float32 (rows, features) of a frame with these columns: numbers as float64, categories as str.

        A row that misses what cannot be filled has NaN there.
        """
        features = np.zeros((len(frame), self.width), np.float32)
        if self.numbers:
            numbers = frame[[column.name for column in self.numbers]].to_numpy(np.float64)
            fills = np.array([np.nan if column.fill is None else column.fill for column in self.numbers])
            features[:, : len(self.numbers)] = numbers
            rows, places = np.nonzero(np.isnan(numbers))
            features[rows, places] = fills[places]
        place = len(self.numbers)
        for column in self.categories:
            _encode_category(column, frame[column.name], features[:, place : place + column.width])
            place += column.width
        return features


def pooled_name(names: Sequence[str]) -> str:
    """Return what all others are called together, a name that none of these has.

    >>> pooled_name(["red", "blue"]), pooled_name(["red", "other"])
    ('other', 'other (2)')
    """
    name, number = _OTHER, 1
    while name in names:
        number += 1
        name = f"{_OTHER} ({number})"
    return name


def _encode_category(column: CategoryColumn, values: pd.Series, features: NDArray[np.float32]) -> None:
    """Write 1 where a row has a category, into float32 (rows, features of the column)."""
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
