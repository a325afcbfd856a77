"""A run as a GIF or, where this machine has an encoder, as an MP4."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import streamlit as st

from core.datasets import Split
from core.errors import EncoderError
from core.figures import Encoder, find_encoder, gif, mp4
from core.jobs.job import Job
from core.training.snapshots import even_choice
from ui.components.markdown import literal
from ui.inside.views.animation_frames import frames_of, shows_plane
from ui.inside.views.inspected_run import InspectedRun

FRAMES_MOST = 60


def show(run: InspectedRun) -> None:
    """Offer the animation, which is made when its button is pressed."""
    epochs = even_choice(run.saved_epochs, FRAMES_MOST)
    what = (
        "the points and the prediction everywhere on the plane"
        if shows_plane(run.split)
        else "the training curves and the predictions on held-out rows"
    )
    st.markdown(f"The run as an animation for your slides: {what}, at {len(epochs)} of its epochs.")
    encoder = find_encoder()
    with st.container(horizontal=True):
        st.download_button(
            "Download GIF",
            functools.partial(make_gif, run.job, run.split, epochs),
            f"{run.network.experiment.data.name}.gif",
            "image/gif",
            key="inside-gif",
            on_click="ignore",
            icon=":material/movie:",
        )
        wants_mp4 = encoder is not None and st.button("Create MP4", key="inside-mp4", icon=":material/videocam:")
    if encoder is None:
        st.caption("Takes a few seconds.")
        return
    st.caption("An MP4 is smaller than a GIF and can be paused. Either takes a few seconds.")
    if wants_mp4:
        _show_mp4(run, epochs, encoder)


def make_gif(job: Job, split: Split, epochs: Sequence[int]) -> bytes:
    """Return a GIF of a run, with one frame for each of these saved epochs; waits for the run's worker.

    Raises:
        WorkersError: where the worker does not answer.
    """
    return gif(frames_of(job, split, epochs))


def _show_mp4(run: InspectedRun, epochs: Sequence[int], encoder: Encoder) -> None:
    """Make the MP4 and play it, or say why that failed."""
    frames = frames_of(run.job, run.split, epochs)
    try:
        video = mp4(frames, encoder)
    except EncoderError as error:
        st.warning(f"{literal(str(error))} You can still download the GIF.")
        return
    st.video(video, "video/mp4", loop=True, autoplay=True, muted=True, width=frames[0].width)
    st.download_button(
        "Download MP4",
        video,
        f"{run.network.experiment.data.name}.mp4",
        "video/mp4",
        key="inside-mp4-file",
        on_click="ignore",
        icon=":material/download:",
    )
