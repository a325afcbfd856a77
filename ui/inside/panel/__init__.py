"""The component that shows the inside of a network while it trains; it shares the live panel's stream of frames."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from core.jobs.job import Job
from ui.components.served_script import LOADER
from ui.server import asset_url, stream_url

_component = st.components.v2.component("hidden_layers_inside_panel", js=LOADER, isolate_styles=False)


def inside_panel(
    key: str,
    job: Job,
    network: Mapping[str, Any],
    edits: Sequence[Mapping[str, Any]],
    received: Mapping[str, Any] | None,
    on_edit: Callable[[], None],
) -> None:
    """Show a job's network, the spaces of its layers, and the replay.

    Args:
        key: of the component; its state holds "edit", {"panel": …, "changes": […]}, during `on_edit`.
        network: as `ui.inside.network_json.network_json` returns it.
        edits: the edits by hand that are in force, as plain values.
        received: the edit that was received last, {"panel": …, "number": …}; the panel repeats later ones until they
            are received.
        on_edit: called when the person has edited something.
    """
    data = {
        "part": "inside",
        "script": asset_url("inside_panel.js"),
        "css": asset_url("inside_panel.css"),
        "stream": stream_url(job.token),
        "token": job.token,
        "network": {**network, "edits": list(edits)},
        "taken": received,
    }
    _component(key=key, data=data, on_edit_change=on_edit)
