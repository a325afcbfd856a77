"""A run as a GIF or, where this machine has an encoder, as an MP4."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from core.analysis.axes import Axes
from core.analysis.decision import plane_of, points_on_plane
from core.analysis.regression import line_range, line_values, shown_rows, value_range
from core.datasets import Split
from core.errors import EncoderError
from core.experiment import menus
from core.figures import (
    Curve,
    Encoder,
    class_colour,
    class_picture,
    curves_frame,
    find_encoder,
    gif,
    mp4,
    plane_frame,
    value_colours,
    value_picture,
)
from core.jobs.job import Job
from core.messages.past import Past
from core.training.snapshots import even_choice
from core.workers import worker
from ui.components.markdown import literal
from ui.inside.views.moment import Moment
from ui.server import jobs

if TYPE_CHECKING:
    from PIL import Image

FRAMES_MOST = 60
_POINTS_MOST = 600
_SCORES = {menus.CLASSES: "accuracy", menus.NUMBERS: "mae"}

History = Mapping[str, Sequence[float]]


def show(moment: Moment) -> None:
    """Offer the film, which is made when its button is pressed."""
    epochs = even_choice(moment.kept_epochs, FRAMES_MOST)
    what = (
        "the points and what the network says of every place"
        if _is_plane(moment.split)
        else "the curves and what the held-out rows get"
    )
    st.markdown(f"The run as a moving picture, for slides: {what}, at {len(epochs)} of its epochs.")
    encoder = find_encoder()
    with st.container(horizontal=True):
        st.download_button(
            "Make the film",
            functools.partial(film, moment.job, moment.split, epochs),
            f"{moment.network.experiment.data.name}.gif",
            "image/gif",
            key="inside-film",
            on_click="ignore",
            icon=":material/movie:",
        )
        wants_mp4 = encoder is not None and st.button("Make an MP4", key="inside-mp4", icon=":material/videocam:")
    if encoder is None:
        st.caption("A GIF; a few seconds pass until it is there.")
        return
    st.caption("The film is a GIF; an MP4 is smaller, and can be halted. A few seconds pass until either is there.")
    if wants_mp4:
        _show_mp4(moment, epochs, encoder)


def film(job: Job, split: Split, epochs: Sequence[int]) -> bytes:
    """Return a GIF of a run with a frame a kept epoch; waits for the run's worker.

    Raises:
        WorkersError: where it does not answer.
    """
    return gif(_frames(job, split, epochs))


def _show_mp4(moment: Moment, epochs: Sequence[int], encoder: Encoder) -> None:
    """Make the MP4 and play it, or say why it was not made."""
    frames = _frames(moment.job, moment.split, epochs)
    try:
        video = mp4(frames, encoder)
    except EncoderError as error:
        st.warning(f"{literal(str(error))} The GIF can still be made.")
        return
    st.video(video, "video/mp4", loop=True, autoplay=True, muted=True, width=frames[0].width)
    st.download_button(
        "Save the MP4",
        video,
        f"{moment.network.experiment.data.name}.mp4",
        "video/mp4",
        key="inside-mp4-file",
        on_click="ignore",
        icon=":material/download:",
    )


def _frames(job: Job, split: Split, epochs: Sequence[int]) -> list[Image.Image]:
    pasts: list[Past] = [jobs().ask(job, worker.past_of, epoch, False) for epoch in epochs]
    history = job.history()
    draw = _plane_frame if _is_plane(split) else _curves_frame
    return [draw(split, past, history) for past in pasts]


def _is_plane(split: Split) -> bool:
    return split.image_shape is None and split.features <= 2


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
    plane = plane_of(split, axes)
    bounds = plane.bounds
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
    curves = [Curve(_told(name), np.array(history[name]), np.array(history[f"val_{name}"])) for name in names]
    if split.classes:
        matrix = past.arrays["confusion"]
        return curves_frame(title, curves, past.epoch, matrix=matrix, class_names=split.class_names)
    true = split.y_val[shown_rows(len(split.y_val))]
    return curves_frame(title, curves, past.epoch, predicted=(true, past.arrays["predicted"][0]))


def _title(epoch: int, history: History, task: str) -> str:
    """Return the epoch with the score of the training rows and of the held-out rows."""
    name = _SCORES[task]
    if not 0 < epoch <= len(history[name]):
        return f"epoch {epoch:,}, before training" if epoch == 0 else f"epoch {epoch:,}"
    training, held_out = history[name][epoch - 1], history[f"val_{name}"][epoch - 1]
    return f"epoch {epoch:,}   {_told(name)} {training:.3g}, held-out {held_out:.3g}"


def _told(name: str) -> str:
    return "MAE" if name == "mae" else name
