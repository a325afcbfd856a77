"""Weights and histories as the bytes that the database holds, without pickle."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

import numpy as np

from core.errors import RunsError
from core.runs.limits import WEIGHTS_MOST_BYTES
from core.runs.values import RunWeights

_NUMBER = np.dtype("<f4")


def are_kept(arrays: Mapping[str, np.ndarray]) -> bool:
    """Return whether weights are finite, and not too large to keep."""
    is_small = sum(array.nbytes for array in arrays.values()) <= WEIGHTS_MOST_BYTES
    return is_small and all(bool(np.isfinite(array).all()) for array in arrays.values())


def kept(epoch: int, arrays: Mapping[str, np.ndarray]) -> RunWeights | None:
    """Return the weights after an epoch to keep, or None where they cannot be kept."""
    return RunWeights(epoch, arrays) if are_kept(arrays) else None


def read_weights(data: bytes) -> dict[str, np.ndarray]:
    """Return the arrays of an .npz file that `core.trained.bundle.weights_file` wrote.

    Raises:
        RunsError: where it is damaged.
    """
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            return {name: arrays[name] for name in arrays.files}
    except (ValueError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise RunsError("The weights of this run are damaged in the database.") from error


def rows_to_bytes(rows: np.ndarray) -> bytes:
    """Return rows of a history, float32 (rows, columns), as bytes."""
    return np.ascontiguousarray(rows, _NUMBER).tobytes()


def rows_from_bytes(data: bytes, columns: int) -> np.ndarray:
    """Return the rows of a history, float32 (rows, columns), that were written with so many columns."""
    return np.frombuffer(data, _NUMBER).reshape(-1, columns).astype(np.float32)
