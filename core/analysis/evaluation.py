"""How good predictions are on held-out rows."""

from __future__ import annotations

import numpy as np


def predicted_classes(probabilities: np.ndarray) -> np.ndarray:
    """Return the most probable class of every row, int32 (rows,); ties go to the lower class, as in Keras."""
    classes: np.ndarray = probabilities.argmax(axis=1)
    return classes.astype(np.int32)


def confusion_matrix(labels: np.ndarray, predicted: np.ndarray, classes: int) -> np.ndarray:
    """Return counts int32 (classes, classes): rows true, columns predicted.

    See sklearn.metrics.confusion_matrix, which counts them.
    """
    from sklearn.metrics import confusion_matrix

    counts: np.ndarray = confusion_matrix(labels, predicted, labels=np.arange(classes))
    return counts.astype(np.int32)
