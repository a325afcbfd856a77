"""The frames of a run's animation: the plane with its points, or the curves with the predictions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from core.analysis.axes import Axes
from core.analysis.decision import plane_of, points_on_plane
from core.analysis.regression import line_range, line_values, shown_rows, value_range
from core.datasets import Split
from core.experiment import menus
from core.figures import Curve, class_colour, class_picture, curves_frame, plane_frame, value_colours, value_picture
from core.jobs.job import Job
from core.messages.past import Past
from core.workers import worker
from ui.server import jobs

if TYPE_CHECKING:
    from PIL import Image

_POINTS_MOST = 600
_SCORES = {menus.CLASSES: "accuracy", menus.NUMBERS: "mae"}

History = Mapping[str, Sequence[float]]


def shows_plane(split: Split) -> bool:
    """Return whether the frames show the plane of the features; otherwise they show curves."""
    return split.image_shape is None and split.features <= 2


def frames_of(job: Job, split: Split, epochs: Sequence[int]) -> list[Image.Image]:
    """Return one frame for each of these saved epochs; waits for the run's worker.

    Raises:
        WorkersError: where the worker does not answer.
    """
    pasts: list[Past] = [jobs().ask(job, worker.past_of, epoch, False) for epoch in epochs]
    history = job.history()
    draw = _plane_frame if shows_plane(split) else _curves_frame
    return [draw(split, past, history) for past in pasts]


def _plane_frame(split: Split, past: Past, history: History) -> Image.Image:
    title = _title(past.epoch, history, split.task)
    rows = shown_rows(len(split.y_train), _POINTS_MOST)
    target = split.y_train[rows]
    if "line" in past.arrays:
        across = line_values(split)
        (low, high), (left, right) = value_range(split), line_range(split)
        margin = (high - low) / 10
        points = np.column_stack([split.raw_train[rows, 0], target])
        line = np.column_stack([across, past.arrays["line"][0]])
        colours = [class_colour(0)] * len(rows)
        bounds = (left, right, low - margin, high + margin)
        return plane_frame(title, bounds, points=points, colours=colours, line=line)
    axes = Axes()
    bounds = plane_of(split, axes).bounds
    points = points_on_plane(split, split.raw_train[rows], axes)
    if split.classes:
        colours = [class_colour(int(label)) for label in target]
        picture = class_picture(past.arrays["boundary"])
        return plane_frame(title, bounds, points=points, colours=colours, picture=picture)
    colours = value_colours(target, *value_range(split))
    picture = value_picture(past.arrays["surface"])
    return plane_frame(title, bounds, points=points, colours=colours, picture=picture)


def _curves_frame(split: Split, past: Past, history: History) -> Image.Image:
    title = _title(past.epoch, history, split.task)
    names = ["loss", _SCORES[split.task]]
    curves = [Curve(_label(name), np.array(history[name]), np.array(history[f"val_{name}"])) for name in names]
    if split.classes:
        matrix = past.arrays["confusion"]
        return curves_frame(title, curves, past.epoch, matrix=matrix, class_names=split.class_names)
    true = split.y_val[shown_rows(len(split.y_val))]
    return curves_frame(title, curves, past.epoch, predicted=(true, past.arrays["predicted"][0]))


def _title(epoch: int, history: History, task: str) -> str:
    """Return the epoch with the scores of the training rows and the held-out rows."""
    name = _SCORES[task]
    if not 0 < epoch <= len(history[name]):
        return f"epoch {epoch:,}, before training" if epoch == 0 else f"epoch {epoch:,}"
    training, held_out = history[name][epoch - 1], history[f"val_{name}"][epoch - 1]
    return f"epoch {epoch:,}   {_label(name)} {training:.3g}, held-out {held_out:.3g}"


def _label(name: str) -> str:
    return "MAE" if name == "mae" else name
