"""Rows made for the tests of the overview."""

from __future__ import annotations

import numpy as np

from core.analysis.overview import Rows


def make_rows(
    raw: np.ndarray,
    target: np.ndarray,
    class_names: tuple[str, ...] = (),
    parts: np.ndarray | None = None,
    part_names: tuple[str, ...] = ("training", "held-out"),
) -> Rows:
    """Return rows that are all there, and scaled to twice their values."""
    raw = np.asarray(raw, np.float32)
    return Rows(
        raw=raw,
        scaled=2 * raw,
        target=np.asarray(target, np.int64 if class_names else np.float32),
        parts=np.zeros(len(raw), np.int64) if parts is None else np.asarray(parts),
        part_names=part_names,
        feature_names=tuple(f"f{index}" for index in range(raw.shape[1])),
        class_names=class_names,
        target_name="class" if class_names else "y",
        total=len(raw),
    )
