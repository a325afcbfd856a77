"""Projections of many features onto a plane: principal components and t-SNE."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.analysis.overview import Rows
from core.analysis.regression import shown_rows

COMPONENTS_MOST = 10
TSNE_ROWS = 1000
_PERPLEXITY = 30
_SPREAD_LEAST, _SPREAD_MOST = 1e-6, 1e6  # standard deviations outside of which values are rescaled
_TSNE_FEATURES = 50  # more are first reduced to this many principal components


@dataclass(frozen=True, eq=False)
class Projection:
    """Rows on a plane.

    Attributes:
        points: float64 (m, 2).
        rows: int64 (m,): the indices of these rows in the `Rows`.
        shares: float64 (components,): the share of the variance that each principal component explains, falling;
            empty for t-SNE.
    """

    points: np.ndarray
    rows: np.ndarray
    shares: np.ndarray


def principal_components(rows: Rows, most: int = 2000) -> Projection:
    """Return at most `most` rows projected onto the first two principal components of all rows' scaled features.

    Needs two features; finds up to ten components. See sklearn.decomposition.PCA.
    """
    from sklearn.decomposition import PCA

    values = rows.scaled.astype(np.float64)
    with np.errstate(invalid="ignore"):  # identical rows have no variance
        pca = PCA(min(COMPONENTS_MOST, *values.shape), random_state=0).fit(values)
    shares = np.nan_to_num(pca.explained_variance_ratio_)
    shown = shown_rows(len(values), most)
    return Projection(pca.transform(values[shown])[:, :2], shown, shares)


def tsne(rows: Rows, most: int = TSNE_ROWS) -> Projection:
    """Return the t-SNE layout of at most `most` rows' scaled features; the same rows give the same layout.

    Needs two features and three rows; more than 50 features go through PCA first. Identical rows all lie at 0. See
    sklearn.manifold.TSNE.
    """
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE
    from threadpoolctl import threadpool_limits

    shown = shown_rows(len(rows), most)
    values = _within_float32(rows.scaled[shown].astype(np.float64))
    if not values.any():
        return Projection(np.zeros((len(shown), 2)), shown, np.empty(0))
    if values.shape[1] > _TSNE_FEATURES:
        values = PCA(min(_TSNE_FEATURES, len(values)), random_state=0).fit_transform(values)
    perplexity = min(_PERPLEXITY, (len(values) - 1) / 3)
    # Threads wait for each other at every step, which is slow beside runs that train.
    with threadpool_limits(1):
        points = TSNE(perplexity=perplexity, init="pca", random_state=0).fit_transform(values)
    return Projection(points.astype(np.float64), shown, np.empty(0))


def _within_float32(values: np.ndarray) -> np.ndarray:
    """Return values (rows, features) whose squared distances fit into float32; zeros if all rows are identical.

    The layout of t-SNE does not depend on the unit, but scikit-learn's crashes the process if a distance is NaN.
    """
    if np.all(values == values[0]):
        return np.zeros_like(values)
    if _SPREAD_LEAST <= values.std(axis=0).max() <= _SPREAD_MOST:
        return values
    centred: np.ndarray = values - values.mean(axis=0)
    scaled: np.ndarray = centred / np.abs(centred).max()
    return scaled
