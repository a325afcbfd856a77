"""What a network predicts over the plane or the line, and for the held-out rows, as frames carry it."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from core.analysis.axes import Axes
from core.analysis.decision import grid_inputs, has_plane, paint, plane_of
from core.analysis.evaluation import confusion_matrix, predicted_classes, worst_predictions
from core.analysis.picture_samples import small_pictures
from core.analysis.regression import line_inputs, paint_values, shown_rows, value_range
from core.datasets import Split
from core.engine.fitted_program import FittedProgram
from core.engine.program import State

STRIP_IMAGES = 20
_GREY_SIDE, _COLOUR_SIDE = 32, 18  # pixels of a picture in a frame: 20 of them take at most 20 kB

Arrays = dict[str, np.ndarray]


class NetworkView:
    """The inputs that a run's network is evaluated on for every frame.

    Nothing in it changes, so any thread may use it.

    Args:
        axes: the plane to draw, or None for no plane. A numeric target with one feature has a line instead.
        held_out: the inputs of the validation rows.
    """

    def __init__(self, split: Split, axes: Axes | None, held_out: tf.Tensor) -> None:
        self._split = split
        self._plane = (
            None if axes is None or not has_plane(split) else tf.constant(grid_inputs(split, plane_of(split, axes)))
        )
        self._line = None
        if split.classes == 0:
            self._low, self._high = value_range(split)
            self._shown = tf.constant(split.x_val[shown_rows(len(split.x_val))])
            if split.features == 1:
                self._line = tf.constant(line_inputs(split))
        else:
            self._held_out = held_out
        if split.image_shape is not None:
            self._pixel_range = float(split.raw_train.min()), float(split.raw_train.max())

    def over_inputs(self, program: FittedProgram, weights: State) -> Arrays:
        """Return `boundary` or `surface` over the plane, or `line`: what every frame carries."""
        if self._line is not None:
            return {"line": self._values(program, weights, self._line)[None]}
        if self._plane is None:
            return {}
        if self._split.classes:
            return {"boundary": paint(program.predict(weights, self._plane))}
        return {"surface": paint_values(self._values(program, weights, self._plane), self._low, self._high)}

    def of_held_out_rows(self, program: FittedProgram, weights: State) -> Arrays:
        """Return the predictions for held-out rows: `predicted` numbers, or the `confusion` of classes.

        For images also `strip`, the predicted classes of the first ones; `worst`, int32 (3, images): the rows whose
        true class has the lowest probability, that class, and the predicted one; and `worst_pictures`, uint8 (images,
        height, width) or (…, 3): those rows, dark to light or paper to ink, scaled down to fit a frame.
        """
        if self._split.classes == 0:
            return {"predicted": self._values(program, weights, self._shown)[None]}
        probabilities = program.predict(weights, self._held_out)
        predicted = predicted_classes(probabilities)
        arrays = {"confusion": confusion_matrix(self._split.y_val, predicted, self._split.classes)}
        if self._split.image_shape is not None:
            arrays["strip"] = predicted[:STRIP_IMAGES]
            worst = worst_predictions(probabilities, self._split.y_val, STRIP_IMAGES)
            arrays["worst"] = np.stack([worst, self._split.y_val[worst].astype(np.int32), predicted[worst]])
            arrays["worst_pictures"] = self._pictures(worst)
        return arrays

    def _pictures(self, rows: np.ndarray) -> np.ndarray:
        shape = self._split.image_shape
        assert shape is not None
        side = _GREY_SIDE if len(shape) == 2 else _COLOUR_SIDE
        return small_pictures(self._split.raw_val[rows].reshape(-1, *shape), *self._pixel_range, side)

    def _values(self, program: FittedProgram, weights: State, inputs: tf.Tensor) -> np.ndarray:
        return self._split.unscale_target(program.outputs(weights, inputs)[:, 0]).astype(np.float32, copy=False)
