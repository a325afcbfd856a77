"""The plane that a data set opens on."""

from __future__ import annotations

from weakref import WeakKeyDictionary

import numpy as np

from core.analysis.axes import Axes
from core.analysis.overview import Rows, association, rows_of
from core.datasets import Split

_FEW_VALUES = 2  # of a category: a plane over two of those has four places

# Every run of a page asks for them; with weak keys they go when the split does.
_FIRST: WeakKeyDictionary[Split, Axes] = WeakKeyDictionary()


def first_axes(split: Split) -> Axes:
    """Return the two features that each say most of the target, in their own order.

    Numbers come before categories, whatever those say. Points and data with a single feature have only one plane.
    """
    if split.features <= 2 or split.image_shape is not None:
        return Axes()
    found = _FIRST.get(split)
    if found is None:
        # Two threads may find the same at once, which costs less than waiting for each other.
        found = _FIRST[split] = _most_informative(rows_of(split))
    return found


def _most_informative(rows: Rows) -> Axes:
    has_few = np.array([len(np.unique(column)) <= _FEW_VALUES for column in rows.raw.T])
    best = np.lexsort((-association(rows), has_few))[:2]
    across, up = sorted(best.tolist())
    return Axes(across, up)
