"""The input columns of a table, which become numbers by what is learned from the training rows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.datasets.far_numbers import TOO_FAR, is_far_from_zero
from core.datasets.feature_encoding import CategoryColumn, FeatureEncoding, NumberColumn
from core.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

CATEGORIES_MOST = 50  # per column; those with the fewest rows are merged
_VALUES_MOST = 60_000_000  # rows times inputs: 240 MB
_CATEGORY_FILLS = {"median": "most_frequent", "most_frequent": "most_frequent", "constant": "constant"}
_CATEGORY_FILLS["drop"] = "most_frequent"
ABSENT = "missing"  # the category of missing values
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
        frame = self.frame.iloc[train]
        numbers = tuple(
            NumberColumn(name, fill, name in self.dates, is_far_from_zero(frame[name].to_numpy(), TOO_FAR))
            for name, fill in zip(self.numbers, self._number_fills(frame), strict=True)
        )
        encoding = FeatureEncoding(numbers, self._category_columns(frame))
        if len(self.frame) * encoding.width > _VALUES_MOST:
            raise DataError(
                f"`columns` may give at most {_VALUES_MOST // len(self.frame):,} inputs for "
                f"{len(self.frame):,} rows. Received: {encoding.width:,}. Choose fewer columns."
            )
        return encoding

    def _number_fills(self, frame: pd.DataFrame) -> list[float | None]:
        from sklearn.impute import SimpleImputer

        if self.missing == "drop" or not self.numbers:
            return [None] * len(self.numbers)
        numbers = frame[list(self.numbers)]
        # The medians of all pixels of pictures would take seconds; if nothing is missing, some of the rows are enough.
        if not self.frame[list(self.numbers)].isna().to_numpy().any():
            numbers = numbers.iloc[:_FILL_ROWS]
        imputer = SimpleImputer(strategy=self.missing, fill_value=0, keep_empty_features=True).fit(numbers)
        return [float(fill) for fill in imputer.statistics_]

    def _category_columns(self, frame: pd.DataFrame) -> tuple[CategoryColumn, ...]:
        import pandas as pd
        from sklearn.impute import SimpleImputer
        from sklearn.preprocessing import OneHotEncoder

        if not self.categories:
            return ()
        imputer = SimpleImputer(
            missing_values=pd.NA,
            strategy=_CATEGORY_FILLS[self.missing],
            fill_value=ABSENT,
            keep_empty_features=True,
        )
        one_hot = OneHotEncoder(
            min_frequency=self.rare,
            max_categories=CATEGORIES_MOST,
            handle_unknown="infrequent_if_exist",
            sparse_output=False,
        )
        one_hot.fit(imputer.fit_transform(frame[list(self.categories)]))
        columns = []
        for place, name in enumerate(self.categories):
            rare = one_hot.infrequent_categories_[place]
            merged = set() if rare is None else set(rare)
            kept = tuple(str(category) for category in one_hot.categories_[place] if category not in merged)
            fill = None if self.missing == "drop" else str(imputer.statistics_[place])
            columns.append(CategoryColumn(name, kept, bool(merged), fill))
        return tuple(columns)
