"""What was found of a data set, made once for everybody; what holds all its rows is kept for a few data sets only."""

from __future__ import annotations

import functools
import threading
from typing import Any

import numpy as np
import pandas as pd

from core.analysis import overview, projection
from core.analysis.overview import Rows
from core.analysis.projection import Projection
from core.analysis.regression import shown_rows
from core.datasets import prepare
from core.experiment import DataSpec

TABLE_ROWS = 1000
TABLE_FEATURES = 100

_LAYING_OUT = threading.Lock()


@functools.lru_cache(maxsize=8)
def rows_of(data: DataSpec) -> Rows:
    """Return the rows that everything here looks at; see `overview.rows_of`."""
    return overview.rows_of(prepare(data))


@functools.lru_cache(maxsize=8)
def table_of(data: DataSpec) -> pd.DataFrame:
    """Return up to `TABLE_ROWS` rows with their target and their part."""
    rows = rows_of(data)
    shown = shown_rows(len(rows), TABLE_ROWS)
    names = overview.unique_names([*rows.feature_names[:TABLE_FEATURES], rows.target_name, "part"])
    columns: list[Any] = list(rows.raw[shown, :TABLE_FEATURES].T)
    target = rows.target[shown]
    columns.append(np.array(rows.class_names)[target] if rows.class_names else target)
    columns.append(np.array(rows.part_names)[rows.parts[shown]])
    return pd.DataFrame(dict(zip(names, columns, strict=True)))


@functools.lru_cache(maxsize=64)
def statistics_of(data: DataSpec) -> pd.DataFrame:
    """Return a row a feature: its name, its type and its statistics."""
    rows = rows_of(data)
    numbers = pd.DataFrame(overview.statistics(rows.raw), columns=list(overview.STATISTICS))
    numbers.insert(0, "type", overview.kinds(rows.raw))
    numbers.insert(0, "feature", rows.feature_names)
    return numbers.astype({"count": int})


@functools.lru_cache(maxsize=64)
def informative_features(data: DataSpec, most: int) -> tuple[int, ...]:
    """Return at most `most` features most strongly associated with the target; see `overview.informative_features`."""
    return overview.informative_features(rows_of(data), most)


@functools.lru_cache(maxsize=64)
def pca_of(data: DataSpec) -> Projection:
    """Return the rows along their principal components; see `projection.principal_components`."""
    return projection.principal_components(rows_of(data))


def tsne_of(data: DataSpec) -> Projection:
    """Lay out the rows of one data set at a time: whoever asks for the same one meanwhile gets it when it is there."""
    with _LAYING_OUT:
        return _laid_out(data)


@functools.lru_cache(maxsize=64)
def _laid_out(data: DataSpec) -> Projection:
    return projection.tsne(rows_of(data))
