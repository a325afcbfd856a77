"""Draw the gallery's pictures with the app's own networks: `python -m ui.learn.draw_pictures`.

Each recipe, and each of the project's own lessons, is trained as it is given (a lesson: as its last goal is reached)
and drawn with its decision boundary and its points. Pictures of digits are shown as they are. Where the data would have
to be downloaded and cannot be, the network itself is drawn.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from PIL import Image, ImageDraw

from core.analysis.decision import grid_inputs, paint, plane_of, points_on_plane
from core.analysis.first_axes import first_axes
from core.analysis.regression import paint_values, widened
from core.commands.run import train_to_the_end
from core.datasets import Split
from core.errors import HiddenLayersError
from core.experiment import RECIPES, Experiment, NetworkSpec, read_query
from core.figures import class_picture, value_picture
from core.figures.painting import softened
from core.figures.palette import class_colour
from core.lessons.lesson import Lesson
from core.lessons.shelf import OWN_FOLDER, Shelf
from ui.learn.card import picture_path

_SIDE = 208  # pixels; shown half as wide on a usual screen
_FINE = 3  # drawn so many times larger, then reduced: edges show no steps
_CELLS = 52
_POINTS_MOST = 160
_DIGITS = 5  # pictures a side
_CIRCLES_MOST = 9  # of a layer
_LINE, _CIRCLE = (123, 139, 163, 110), (47, 127, 211, 255)
_QUALITY, _ALPHA_QUALITY = 75, 60


def main() -> None:
    """Write all pictures."""
    for name, experiment in _experiments():
        path = picture_path(name)
        _picture(experiment).save(path, "WEBP", quality=_QUALITY, alpha_quality=_ALPHA_QUALITY, method=6)
        sys.stdout.write(f"{path.name} {path.stat().st_size:,} bytes\n")


def _experiments() -> Iterator[tuple[str, Experiment]]:
    for name in RECIPES:
        yield f"recipe-{name}", read_query(f"recipe={name}")
    for lesson in Shelf(OWN_FOLDER, OWN_FOLDER / "none").all():
        if isinstance(lesson, Lesson):
            goals = [step.goal.reached_by for step in lesson.steps if step.goal and step.goal.reached_by]
            yield f"lesson-{lesson.id}", goals[-1] if goals else lesson.setup


def _picture(experiment: Experiment) -> Image.Image:
    try:
        trained = train_to_the_end(experiment, quiet=True)
        split = trained.trainer.split
        if split.image_shape is not None:
            return _some_rows(split)
        network = trained.network()
    except HiddenLayersError:
        return _sketch(experiment.network)
    plane = plane_of(split, first_axes(split))
    outputs = network.predict(grid_inputs(split, plane, _CELLS))
    if split.classes:
        pixels = class_picture(paint(outputs))
    else:
        values = outputs[:, 0] / split.target_factor + split.target_offset
        pixels = value_picture(paint_values(values, *widened(float(split.y_train.min()), float(split.y_train.max()))))
    image = Image.fromarray(softened(pixels)).resize((_SIDE * _FINE,) * 2, Image.Resampling.BICUBIC)
    drawing = ImageDraw.Draw(image)
    chosen = np.random.default_rng(0).permutation(len(split.raw_train))[:_POINTS_MOST]
    points = points_on_plane(split, split.raw_train[chosen], plane.axes)
    left, right, low, high = plane.bounds
    for (across, up), label in zip(points, split.y_train[chosen], strict=True):
        x = (across - left) / (right - left) * image.width
        y = (high - up) / (high - low) * image.height
        colour = class_colour(int(label)) if split.classes else "#ffffff"
        drawing.circle((x, y), 4 * _FINE, fill=colour, outline="#ffffff" if split.classes else "#162136", width=_FINE)
    return image.resize((_SIDE, _SIDE), Image.Resampling.LANCZOS)


def _some_rows(split: Split) -> Image.Image:
    """Return the first pictures of the training rows side by side, ink dark."""
    assert split.image_shape is not None
    rows = split.raw_train[: _DIGITS**2].reshape(_DIGITS, _DIGITS, *split.image_shape[:2], -1)[..., 0]
    ink = rows.swapaxes(1, 2).reshape(_DIGITS * rows.shape[2], -1) / max(float(rows.max()), 1e-9)
    light = ink if split.photographs else 1 - ink
    pixels = np.rint(255 * light).astype(np.uint8)
    return Image.fromarray(pixels).convert("RGB").resize((_SIDE, _SIDE), Image.Resampling.BICUBIC)


def _sketch(network: NetworkSpec) -> Image.Image:
    """Return the layers as columns of circles, of which a wide layer has more."""
    side = _SIDE * _FINE
    image = Image.new("RGBA", (side, side), (0, 0, 0, 0))
    drawing = ImageDraw.Draw(image)
    counts = [_CIRCLES_MOST, *(_circles(layer.units) for layer in network.layers), 5]
    columns = [
        [(side * (place + 0.7) / (len(counts) + 0.4), side * (row + 1) / (count + 1)) for row in range(count)]
        for place, count in enumerate(counts)
    ]
    for before, after in pairwise(columns):
        for start in before:
            for end in after:
                drawing.line((start, end), fill=_LINE, width=_FINE)
    for column in columns:
        for middle in column:
            drawing.circle(middle, 7 * _FINE, fill=_CIRCLE)
    return image.resize((_SIDE, _SIDE), Image.Resampling.LANCZOS)


def _circles(units: int) -> int:
    return int(np.clip(np.log2(units + 1), 1, _CIRCLES_MOST))


if __name__ == "__main__":
    main()
