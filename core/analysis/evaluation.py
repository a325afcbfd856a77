"""Predicted classes, the confusion matrix, and the rows predicted worst."""

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


def worst_predictions(probabilities: np.ndarray, labels: np.ndarray, most: int) -> np.ndarray:
    """Return the rows whose true class has the lowest probability, worst first: int32 (at most `most`,).

    Args:
        probabilities: (rows, classes).
        labels: (rows,), from 0 to classes - 1. Ties keep the order of the rows.
    """
    of_the_true = np.nan_to_num(probabilities[np.arange(len(labels)), labels], nan=0.0)
    return np.argsort(of_the_true, kind="stable")[:most].astype(np.int32)


def cell_rows(probabilities: np.ndarray, labels: np.ndarray, true: int, predicted: int) -> np.ndarray:
    """Return the rows of one cell of the confusion matrix, most confident first: int64 (m,).

    Args:
        probabilities: (rows, classes).
        labels: (rows,), from 0 to classes - 1.
    """
    rows = np.flatnonzero((labels == true) & (predicted_classes(probabilities) == predicted))
    confidence = np.nan_to_num(probabilities[rows, predicted], nan=0.0)
    return rows[np.argsort(-confidence, kind="stable")]


def worst_numbers(predicted: np.ndarray, true: np.ndarray, most: int) -> np.ndarray:
    """Return the rows with the largest absolute error, worst first: int32 (at most `most`,).

    NaN comes first; ties keep the order of the rows.
    """
    errors = np.abs(np.asarray(predicted, np.float64) - np.asarray(true, np.float64))
    return np.argsort(-np.nan_to_num(errors, nan=np.inf), kind="stable")[:most].astype(np.int32)
