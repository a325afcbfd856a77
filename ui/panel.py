"""From an experiment's data to the figures of the live panel, made once for everybody."""

from __future__ import annotations

import functools
from typing import Any

from core.analysis.decision import plane_of
from core.experiment import DataSpec
from core.figures import images_panel, points_panel
from ui.server import split_of


@functools.lru_cache(maxsize=64)
def panel_json(data: DataSpec, axes: tuple[int, int], epochs: int) -> dict[str, Any]:
    """Return the panel of a data set as plain values.

    Args:
        axes: the two features across and up; of no account for images.
        epochs: how far the curves' epoch axis goes.
    """
    split = split_of(data)
    if split.image_shape is not None:
        images = split.raw_test.reshape(-1, *split.image_shape)
        panel = images_panel(images, split.y_test, split.class_names, epochs, split.all_rows_train)
    else:
        plane = plane_of(split, axes)
        panel = points_panel(
            split.raw_train[:, list(axes)],
            split.y_train,
            split.raw_test[:, list(axes)],
            split.y_test,
            split.class_names,
            [split.feature_names[axis] for axis in axes],
            (plane.low[0], plane.high[0], plane.low[1], plane.high[1]),
            epochs,
            split.all_rows_train,
        )
    return panel.to_json()
