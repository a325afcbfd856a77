"""The input columns of a table, which the training rows turn into numbers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

_CATEGORIES_MOST = 50  # of one column; those with the fewest rows are pooled
_VALUES_MOST = 60_000_000  # rows times inputs: 240 MB
_NUMBER_FILLS = {"median": "median", "most_frequent": "most_frequent", "constant": "constant", "drop": "median"}
_CATEGORY_FILLS = {"median": "most_frequent", "most_frequent": "most_frequent", "constant": "constant"}
_CATEGORY_FILLS["drop"] = "most_frequent"
_OTHER, _ABSENT = "other", "missing"  # the category of the rare ones, and of what is missing


@dataclass(frozen=True, eq=False)
class Columns:
    """Columns of numbers and of categories, and how they become a network's inputs.

    Attributes:
        frame: (rows, columns); numbers float64 with NaN for what is missing, categories str with NA.
        numbers: the names of those with numbers, in the frame's order.
        categories: the names of those with categories.
        missing: what is filled in, a key of `menus.MISSING`; with "drop" nothing is missing any more.
        rare: categories of fewer training rows than this are pooled.
    """

    frame: pd.DataFrame
    numbers: tuple[str, ...]
    categories: tuple[str, ...]
    missing: str
    rare: int

    def take(self, rows: NDArray[np.intp]) -> Columns:
        """Return the same columns with these rows alone."""
        return replace(self, frame=self.frame.iloc[rows])

    def encode(self, train: NDArray[np.intp]) -> tuple[NDArray[np.float32], tuple[str, ...]]:
        """Return float32 (rows, features) and the features' names, by what the training rows say.

        Missing numbers and categories are filled, and every category becomes a feature of 0 and 1: scikit-learn's
        `SimpleImputer` and `OneHotEncoder` in a `ColumnTransformer`. A category that does not train counts as rare.

        Raises:
            DataError: where the features would not fit into memory.
        """
        from sklearn.compose import ColumnTransformer

        encoder = ColumnTransformer(
            [("numbers", self._number_filler(), self.numbers), ("categories", self._one_hot(), self.categories)],
            sparse_threshold=0,
            verbose_feature_names_out=False,
        )
        encoder.fit(self.frame.iloc[train])
        names = tuple(str(name).replace("infrequent_sklearn", _OTHER) for name in encoder.get_feature_names_out())
        if len(self.frame) * len(names) > _VALUES_MOST:
            raise DataError(
                f"`columns` must give at most {_VALUES_MOST // len(self.frame):,} inputs where there are "
                f"{len(self.frame):,} rows. Received: {len(names):,}. Choose fewer columns."
            )
        return np.ascontiguousarray(encoder.transform(self.frame), np.float32), names

    def _number_filler(self) -> Any:
        from sklearn.impute import SimpleImputer

        # Looking for medians in the pixels of pictures would take seconds, and nothing is missing there.
        if not self.frame[list(self.numbers)].isna().to_numpy().any():
            return "passthrough"
        return SimpleImputer(strategy=_NUMBER_FILLS[self.missing], fill_value=0, keep_empty_features=True)

    def _one_hot(self) -> Any:
        import pandas as pd
        from sklearn.impute import SimpleImputer
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import OneHotEncoder

        fill = SimpleImputer(
            missing_values=pd.NA,
            strategy=_CATEGORY_FILLS[self.missing],
            fill_value=_ABSENT,
            keep_empty_features=True,
        )
        one_hot = OneHotEncoder(
            min_frequency=self.rare,
            max_categories=_CATEGORIES_MOST,
            handle_unknown="infrequent_if_exist",
            feature_name_combiner=lambda name, category: f"{name} = {category}",
            sparse_output=False,
        )
        return make_pipeline(fill, one_hot)
