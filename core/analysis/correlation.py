"""The correlation of every pair of features."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.analysis.overview import Rows
from core.experiment import menus


@dataclass(frozen=True, eq=False)
class Correlation:
    """Pearson's correlation of every pair of columns.

    Attributes:
        names: one name a column.
        values: float64 (columns, columns), from -1 to 1; NaN where a column is constant.
    """

    names: tuple[str, ...]
    values: np.ndarray


def correlation(rows: Rows, features: Sequence[int]) -> Correlation:
    """Return the correlations of these features, followed by the target where it is a number."""
    columns = [rows.raw[:, list(features)].astype(np.float64)]
    names = [rows.feature_names[feature] for feature in features]
    if rows.task == menus.NUMBERS:
        columns.append(rows.target.astype(np.float64)[:, None])
        names.append(rows.target_name)
    values = np.hstack(columns)
    centred = values - values.mean(axis=0)
    lengths = np.sqrt(np.square(centred).sum(axis=0))
    lengths[values.min(axis=0) == values.max(axis=0)] = np.nan
    unit = centred / lengths
    return Correlation(tuple(names), np.clip(unit.T @ unit, -1, 1))
