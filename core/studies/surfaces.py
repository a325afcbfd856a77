"""What the networks of a study predict over the plane of their data's two features, as bytes."""

from __future__ import annotations

import numpy as np

from core.analysis.axes import Axes
from core.analysis.decision import grid_inputs, paint, plane_of
from core.analysis.regression import paint_values, value_range
from core.datasets import Split
from core.trained.network import probabilities

_FEATURES = 2


def axes_of(split: Split) -> Axes | None:
    """Return the plane that a study draws: that of the two features, or None where the data have more or fewer."""
    return Axes(0, 1) if split.features == _FEATURES else None


class Surfaces:
    """Paints what networks predict for data of two features.

    Attributes:
        are_drawn: whether the data have two features.
        inputs: of a network, for every cell of the plane: float32 (cells, inputs); none where nothing is drawn.
    """

    def __init__(self, split: Split) -> None:
        axes = axes_of(split)
        self.are_drawn = axes is not None
        self.inputs = np.empty((0, 0), np.float32) if axes is None else grid_inputs(split, plane_of(split, axes))
        self._split = split
        if self.are_drawn and not split.classes:
            self._low, self._high = value_range(split)

    def paint(self, outputs: np.ndarray, loss: str) -> np.ndarray:
        """Return what `MemberResult.surface` holds, from a network's outputs for `inputs`: (cells, units)."""
        if self._split.classes:
            return paint(probabilities(outputs, self._split.classes, loss))
        values = self._split.unscale_target(outputs[:, 0]).astype(np.float32, copy=False)
        return paint_values(values, self._low, self._high)
