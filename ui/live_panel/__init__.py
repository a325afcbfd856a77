"""The component that shows training live; its frames come past Streamlit, from `core.live.stream`.

It is mounted in two parts that share one stream: the strip (status, epochs, progress) and the figures.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from core.training.jobs import Job
from ui.server import asset_url, stream_url

# The files are served by our own route: inline JavaScript would travel with every rerun. Streamlit runs this from
# a blob, against which no path resolves.
_LOADER = """
export default function (component) {
    let cleanup = null;
    let left = false;
    const script = new URL(component.data.script, window.location.href);
    import(script.href).then((panel) => {
        if (!left) cleanup = panel.default(component);
    });
    return () => {
        left = true;
        if (cleanup) cleanup();
    };
}
"""
_component = st.components.v2.component("hidden_layers_live_panel", js=_LOADER, isolate_styles=False)


def live_strip(job: Job | None, epochs: int, note: str, on_status: Callable[[], None]) -> None:
    """Show the status, epoch counter, progress and milliseconds an epoch of a job.

    Args:
        job: the job to follow, or None before training.
        note: what to say in the place of the job's own message, or "".
        on_status: called in a rerun when the job's status is no longer the one shown.
    """
    _component(
        key="live-strip",
        data=_data("strip", job) | {"epochs": epochs, "note": note},
        on_status_change=on_status,
    )


def live_figures(job: Job | None, epochs: int, panel: Mapping[str, Any]) -> None:
    """Show the figures of `core.figures.panel` and feed them from a job, or as they are before training."""
    _component(key="live-figures", data=_data("figures", job) | {"epochs": epochs, "panel": panel})


def _data(part: str, job: Job | None) -> dict[str, Any]:
    return {
        "part": part,
        "script": asset_url("live_panel.js"),
        "css": asset_url("live_panel.css"),
        "plotly": asset_url("plotly.min.js"),
        "stream": stream_url(job.token) if job else None,
        "token": job.token if job else None,
        "status": job.status if job else "",
    }
