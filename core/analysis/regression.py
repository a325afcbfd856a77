"""What a regression network predicts: a curve over one feature, a surface over two."""

from __future__ import annotations

import numpy as np

from core.datasets import Split

LINE_POINTS = 200
_MARGIN = 0.04  # of the feature's range, on both sides
_NOT_A_NUMBER = 127  # the byte in the middle of the scale


def line_range(split: Split) -> tuple[float, float]:
    """Return the range of the one feature over all rows, with a margin, in its own units."""
    values = np.concatenate([split.raw_train, split.raw_val, split.raw_test])[:, 0].astype(np.float64)
    low, high = float(values.min()), float(values.max())
    margin = (high - low) * _MARGIN
    return widened(low - margin, high + margin)


def line_values(split: Split) -> np.ndarray:
    """Return the values of the one feature at which the curve is computed, (LINE_POINTS,), in its own units."""
    return np.linspace(*line_range(split), LINE_POINTS, dtype=split.raw_train.dtype)


def line_inputs(split: Split) -> np.ndarray:
    """Return `line_values` as inputs of the network: scaled, float32 (LINE_POINTS, 1)."""
    return split.to_inputs(line_values(split)[:, None])


def value_range(split: Split) -> tuple[float, float]:
    """Return the range of the training targets; widened if they are all the same."""
    return widened(float(split.y_train.min()), float(split.y_train.max()))


def widened(low: float, high: float) -> tuple[float, float]:
    """Return a range; a single number is widened by 1 on both sides, or by a thousandth of it if that is more.

    Next to a large number, float32 cannot represent a difference of 1.
    """
    reach = max(1.0, abs(low) / 1000)
    return (low, high) if low < high else (low - reach, high + reach)


def paint_values(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """Return the value of every cell as a byte, uint8 (resolution, resolution): low..high as 0..255, clipped.

    Args:
        values: float (resolution**2,), row by row from the top left; NaN becomes 127.
        low: the value of byte 0.
        high: the value of byte 255, above low.
    """
    side = round(len(values) ** 0.5)
    # In float64, since low..high may be wider than float32 can represent.
    shares = np.clip((np.asarray(values, np.float64) - low) / (high - low), 0, 1)
    cells = np.where(np.isnan(shares), _NOT_A_NUMBER, np.rint(shares * 255))
    return cells.astype(np.uint8).reshape(side, side)


def shown_rows(rows: int, most: int = 500) -> np.ndarray:
    """Return the sorted indices of a fixed random sample of at most `most` of `rows` rows, int64.

    It is random because every n-th row of a wave could miss all of its crests.
    """
    if rows <= most:
        return np.arange(rows)
    return np.sort(np.random.default_rng(0).permutation(rows)[:most])
