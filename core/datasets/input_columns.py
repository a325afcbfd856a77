"""The input columns of a table, which become numbers by what is learned from the training rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.datasets.far_numbers import TOO_FAR, is_far_from_zero
from core.datasets.feature_encoding import CategoryColumn, FeatureEncoding, NumberColumn, column_groups
from core.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

CATEGORIES_MOST = 50  # per column; those with the fewest rows are merged
VALUES_MOST = 60_000_000  # rows times inputs: 240 MB
_CATEGORY_FILLS = {"median": "most_frequent", "most_frequent": "most_frequent", "constant": "constant"}
_CATEGORY_FILLS["drop"] = "most_frequent"
ABSENT = "missing"  # the category of missing values
_EMPTY_FILL = "0"  # of a column without any, as of `SimpleImputer`
_FILL_ROWS = 2_000  # from which fill values are learned if nothing is missing


@dataclass(frozen=True, eq=False)
class InputColumns:
    """Columns of numbers and of categories, and how they become a network's inputs.

    Attributes:
        frame: (rows, columns); numbers as float64 with NaN for missing values, categories as str with NA.
        numbers: the names of the columns of numbers, in the frame's order.
        categories: the names of the columns of categories.
        missing: a key of `menus.MISSING`; with "drop", rows with missing values have been dropped already.
        rare: categories with fewer training rows than this are merged.
        dates: the names of those columns of numbers that are dates in the file.
    """

    frame: pd.DataFrame
    numbers: tuple[str, ...]
    categories: tuple[str, ...]
    missing: str
    rare: int
    dates: tuple[str, ...] = ()

    def take(self, rows: NDArray[np.intp]) -> InputColumns:
        """Return the same columns with these rows only."""
        return replace(self, frame=self.frame.iloc[rows])

    def learn(self, train: NDArray[np.intp]) -> FeatureEncoding:
        """Return how the columns become features, learned from the training rows.

        Missing values are filled in as by scikit-learn's `SimpleImputer`, and every category becomes a feature as by
        its `OneHotEncoder`. A category without training rows counts as rare.

        Raises:
            DataError: if the features would not fit into memory.
        """
        numbers = tuple(
            NumberColumn(name, fill, name in self.dates, self._is_too_far(name, train))
            for name, fill in zip(self.numbers, self._number_fills(train), strict=True)
        )
        encoding = FeatureEncoding(numbers, tuple(self._category_column(name, train) for name in self.categories))
        if len(self.frame) * encoding.width > VALUES_MOST:
            raise DataError(
                f"`columns` may give at most {VALUES_MOST // len(self.frame):,} inputs for "
                f"{len(self.frame):,} rows. Received: {encoding.width:,}. Choose fewer columns."
            )
        return encoding

    def _is_too_far(self, name: str, train: NDArray[np.intp]) -> bool:
        return is_far_from_zero(self.frame[name].to_numpy(np.float64)[train], TOO_FAR)

    def _number_fills(self, train: NDArray[np.intp]) -> list[float | None]:
        from sklearn.impute import SimpleImputer

        if self.missing == "drop" or not self.numbers:
            return [None] * len(self.numbers)
        # The medians of all pixels of pictures would take seconds; if nothing is missing, some of the rows are enough.
        if not any(self.frame[name].hasnans for name in self.numbers):
            train = train[:_FILL_ROWS]
        fills: list[float | None] = []
        for names in column_groups(self.numbers, len(train)):
            imputer = SimpleImputer(strategy=self.missing, fill_value=0, keep_empty_features=True)
            fills += map(float, imputer.fit(self.frame[names].iloc[train]).statistics_)
        return fills

    def _category_column(self, name: str, train: NDArray[np.intp]) -> CategoryColumn:
        """Return how a column becomes features, from how often each category is there.

        scikit-learn's own classes make a Python object of every value: of a million rows and sixty columns, 9 GB.
        """
        values = self.frame[name].iloc[train]
        found = values.value_counts(sort=False)  # without missing values
        counts = dict(zip(map(str, found.index), map(int, found), strict=True))
        fill = self._category_fill(counts)
        if missing := len(values) - sum(counts.values()):
            counts[fill] = counts.get(fill, 0) + missing
        names = sorted(counts)
        rare = _rare(np.array([counts[category] for category in names]), self.rare)
        kept = tuple(category for category, is_rare in zip(names, rare, strict=True) if not is_rare)
        return CategoryColumn(name, kept, bool(rare.any()), None if self.missing == "drop" else fill)

    def _category_fill(self, counts: Mapping[str, int]) -> str:
        if _CATEGORY_FILLS[self.missing] == "constant":
            return ABSENT
        most = max(counts.values(), default=0)
        return min((category for category, count in counts.items() if count == most), default=_EMPTY_FILL)


def _rare(counts: NDArray[np.int64], least: int) -> NDArray[np.bool_]:
    """Return which categories are merged: rare ones, and the rarest of too many; as `OneHotEncoder` chooses them."""
    rare = counts < least
    if len(counts) - rare.sum() + 1 > CATEGORIES_MOST:
        rare[np.argsort(counts, kind="stable")[: 1 - CATEGORIES_MOST]] = True
    return rare
