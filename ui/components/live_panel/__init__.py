"""The component that shows training live; its frames come past Streamlit, from `core.jobs.stream`.

It is mounted in two parts that share one stream: the strip (status, epochs, progress) and the figures. A third one is
for the figures that Streamlit draws: what saves them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from core.jobs.job import Job
from ui.components.served_script import LOADER
from ui.server import asset_url, stream_url

_component = st.components.v2.component("hidden_layers_live_panel", js=LOADER, isolate_styles=False)


def live_strip(job: Job | None, status: str, epochs: int) -> None:
    """Show the status, epoch counter, progress and milliseconds an epoch of a job, or that there is none yet.

    The page is run again whenever the job's status is no longer `status`, which is the one that the rest of the
    page is drawn for, or the job comes to rest at another epoch, so that buttons and figures follow.
    """
    place = {"status": status, "generation": job.generation if job else 0, "epoch": job.epoch if job else 0}
    data = _data("strip", job) | place | {"epochs": epochs}
    # The callback has nothing to do: naming the trigger is what makes Streamlit take it.
    _component(key="live-strip", data=data, on_status_change=lambda: None)


def live_figures(job: Job | None, panel: Mapping[str, Any]) -> None:
    """Show the figures of `core.figures.panel` and feed them from a job, or as they are before training."""
    _component(key="live-figures", data=_data("figures", job) | {"panel": panel})


def save_buttons() -> None:
    """Put PNG and SVG on every figure that Streamlit draws on this page, as those of the lab have them."""
    _component(key="save-buttons", data=_assets("saving"))


def _data(part: str, job: Job | None) -> dict[str, Any]:
    return {
        **_assets(part),
        "stream": stream_url(job.token) if job else None,
        "token": job.token if job else None,
    }


def _assets(part: str) -> dict[str, Any]:
    return {
        "part": part,
        "script": asset_url("live_panel.js"),
        "css": asset_url("live_panel.css"),
        "plotly": asset_url("plotly.min.js"),
    }
