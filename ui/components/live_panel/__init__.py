"""The component that shows training live; its frames bypass Streamlit and come from `core.jobs.stream`.

The strip (status, epoch, progress), the choice of speed, the figures and the line of results share one stream; so does
a watch that shows nothing. Other parts are for a class, or complete what Streamlit draws: its charts get words and
buttons, and the keyboard scrolls its code.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from core.experiment import to_query
from core.glossary import TERMS
from core.jobs.job import Job
from ui.components.served_script import LOADER
from ui.server import asset_url, browser_names, stream_url
from ui.session import speed

_NUMBERS = " ".join(TERMS[name].text for name in ("loss_value", "gap"))
SPEED_KEY = "live-speed"
_SPEEDS = {
    "step": ("Step", "Train does one epoch, then rests."),
    "slow": ("Slow", "2 epochs a second."),
    "watch": ("Watch", "About six seconds for all epochs."),
    "fast": ("Fast", "As fast as the network trains."),
}

_component = st.components.v2.component("hidden_layers_live_panel", js=LOADER, isolate_styles=False)


def live_strip(job: Job | None, status: str, epochs: int, replays: bool = False) -> None:
    """Show status, epoch, progress and milliseconds per epoch of a job, or that there is none yet.

    The page reruns whenever the job's status differs from `status`, for which the rest of the page is drawn, or the job
    comes to rest at another epoch, so that buttons and figures follow.

    Args:
        replays: whether the page has figures that go back to an earlier epoch of a run at rest, by a slider in the
            place of its progress.
    """
    place = {"status": status, "generation": job.generation if job else 0, "epoch": job.epoch if job else 0}
    trained = to_query(job.experiment) if job else ""
    data = _data("strip", job) | place | {"epochs": epochs, "experiment": trained, "replays": replays}
    # Streamlit accepts a trigger only if it has a callback; this one has nothing to do.
    _component(key="live-strip", data=data, on_status_change=lambda: None)


def live_speed(job: Job | None, chosen: str, fixed: str, on_speed: Callable[[], None]) -> None:
    """Show the choice of how fast a run goes, and while one is held back, what skips to its end.

    Args:
        chosen: the name of the speed that the next run will have.
        fixed: why it cannot be chosen now; "" where it can.
        on_speed: called when a person has chosen while no run goes on; the value "speed" of SPEED_KEY is the name. A
            run that goes on is told without the page.
    """
    speeds = [{"name": name, "label": label, "note": note} for name, (label, note) in _SPEEDS.items()]
    data = _data("speed", job) | {"speeds": speeds, "speed": chosen, "fixed": fixed, "cookie": speed.COOKIE}
    _component(key=SPEED_KEY, data=data, on_speed_change=on_speed)


def live_figures(job: Job | None, panel: Mapping[str, Any], fills: bool = False) -> None:
    """Show the figures of a panel (`core.figures.Panel.to_json`), fed by a job or as they are before training.

    Args:
        fills: whether they take the height that the window has left.
    """
    _component(key="live-figures", data=_data("figures", job) | {"panel": panel, "fills": fills})


def live_result(job: Job | None, held_out: str | None, is_scaled: bool) -> None:
    """Show the metrics after the last epoch of a job, from the first one on.

    Args:
        held_out: what the rows are called that are not trained on; None where every row is.
        is_scaled: whether a numeric target is scaled, so that the errors are not in its own units.
    """
    _component(
        key="live-result", data=_data("result", job) | {"held_out": held_out, "is_scaled": is_scaled, "help": _NUMBERS}
    )


def live_class(link: str, qr_rows: Sequence[str], is_local: bool) -> None:
    """Show what is for the wall of a classroom, by a button and a key: the presenter view, and a link's QR code.

    Args:
        link: what the code says.
        qr_rows: the rows of the code, each as the digits 1 (dark) and 0; empty where the link is too long for one.
        is_local: whether the link leads other machines to themselves.
    """
    data = _assets("classroom") | {"link": link, "rows": list(qr_rows), "isLocal": is_local}
    _component(key="live-classroom", data=data, width="content")


def live_watch(job: Job) -> None:
    """Keep a job going on a page that shows nothing of it: a run without a watcher pauses, and is forgotten later."""
    _component(key="live-watch", data=_data("watch", job))


def complete_charts() -> None:
    """Give every chart that Streamlit draws on this page what those of the lab have: words, a table, and its file."""
    _component(key="complete-charts", data=_assets("charts"))


def keyboard_for_code() -> None:
    """Let the keyboard scroll the code blocks on this page."""
    _component(key="keyboard-for-code", data=_assets("code"))


def _data(part: str, job: Job | None) -> dict[str, Any]:
    if job is None:
        return {**_assets(part), "stream": None, "ticket": ""}
    return {**_assets(part), "stream": stream_url(job.token), "ticket": browser_names().ticket(job.token)}


def _assets(part: str) -> dict[str, Any]:
    return {
        "part": part,
        "script": asset_url("live_panel.js"),
        "css": asset_url("live_panel.css"),
        "plotly": asset_url("plotly.min.js"),
    }
