"""Results about a data set, computed once for everybody who looks at it."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pandas as pd

from core.analysis import overview, projection
from core.analysis.overview import Rows
from core.analysis.projection import Projection
from core.analysis.regression import shown_rows
from core.byte_cache import ByteCache
from core.datasets import prepare
from core.experiment import DataSpec

TABLE_ROWS = 1000
TABLE_FEATURES = 100

# One for the whole server, as equal specs mean equal data for everybody; the rows of a data set take up to 50 MB.
_CACHE = ByteCache(200_000_000)
_ONE_LAYOUT = threading.Lock()


@_CACHE.cached
def rows_of(data: DataSpec) -> Rows:
    """Return the rows that everything here is computed from; see `overview.rows_of`."""
    return overview.rows_of(prepare(data))


@_CACHE.cached
def table_of(data: DataSpec) -> pd.DataFrame:
    """Return up to `TABLE_ROWS` rows, with the target and the part of the split that each belongs to."""
    rows = rows_of(data)
    shown = shown_rows(len(rows), TABLE_ROWS)
    names = overview.unique_names([*rows.feature_names[:TABLE_FEATURES], rows.target_name, "part"])
    columns: list[Any] = list(rows.raw[shown, :TABLE_FEATURES].T)
    target = rows.target[shown]
    columns.append(np.array(rows.class_names)[target] if rows.class_names else target)
    columns.append(np.array(rows.part_names)[rows.parts[shown]])
    return pd.DataFrame(dict(zip(names, columns, strict=True)))


@_CACHE.cached
def statistics_of(data: DataSpec) -> pd.DataFrame:
    """Return a frame with one row for each feature: its name, type and statistics."""
    rows = rows_of(data)
    numbers = pd.DataFrame(overview.statistics(rows.raw), columns=list(overview.STATISTICS))
    numbers.insert(0, "type", overview.kinds(rows.raw))
    numbers.insert(0, "feature", rows.feature_names)
    return numbers.astype({"count": int})


@_CACHE.cached
def informative_features(data: DataSpec, most: int) -> tuple[int, ...]:
    """Return at most `most` features most strongly associated with the target; see `overview.informative_features`."""
    return overview.informative_features(rows_of(data), most)


@_CACHE.cached
def pca_of(data: DataSpec) -> Projection:
    """Return the rows along their principal components; see `projection.principal_components`."""
    return projection.principal_components(rows_of(data))


@_CACHE.cached
def tsne_of(data: DataSpec) -> Projection:
    """Return the rows as t-SNE lays them out; see `projection.tsne`.

    One layout is computed at a time, as several would slow each other and every run that trains.
    """
    with _ONE_LAYOUT:
        return projection.tsne(rows_of(data))
