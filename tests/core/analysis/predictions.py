"""Predictions made for the tests of what is said of them."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st


def make_predictions(seed: int, rows: int, classes: int, skill: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Return probabilities float32 (rows, classes) with ties among them, and labels; some classes may have no row."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, rng.integers(1, classes + 1), rows)
    scores = rng.normal(size=(rows, classes)).round(1) + skill * (labels[:, None] == np.arange(classes))
    exponentials = np.exp(scores)
    return (exponentials / exponentials.sum(axis=1, keepdims=True)).astype(np.float32), labels


predictions = st.builds(make_predictions, st.integers(0, 2**32 - 1), st.integers(1, 80), st.integers(2, 20))
