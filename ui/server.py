"""What all sessions of this server share: the training jobs, prepared built-in data, and addresses."""

from __future__ import annotations

import asyncio
import functools
import gc
import hashlib
import importlib
from pathlib import Path
from urllib.parse import urlparse

import plotly
import streamlit as st
from starlette.routing import Route
from streamlit.web.server.server_util import is_url_from_allowed_origins
from streamlit.web.server.starlette.starlette_websocket import is_host_allowed

from core.datasets import prepare
from core.experiment import Experiment
from core.jobs.jobs import Jobs
from core.jobs.stream import live_routes

# What the components load. They are served side by side, so that one may import a module of another.
_OURS = {
    path.name: path
    for folder in (
        "components/live_panel",
        "components/figure_panel",
        "camera/panel",
        "draw/panel",
        "inside/panel",
        "try_it/sketch_panel",
    )
    for path in sorted((Path(__file__).parent / folder).iterdir())
    if path.suffix in (".js", ".css")
}
ASSETS = {**_OURS, "plotly.min.js": Path(plotly.__file__).parent / "package_data" / "plotly.min.js"}


@functools.cache
def jobs() -> Jobs:
    """Return the server's jobs; the first call starts the training workers in the background."""
    return Jobs()


def load_pages() -> None:
    """Import what the pages draw with and prepare the first experiment's rows, before anybody asks for them.

    All of it is then spared from garbage collection: to look through it takes 0.2 s, in which every page would stand
    still.
    """
    for page in ("camera", "data", "draw", "inside", "lab", "results", "take_home", "try_it"):
        importlib.import_module(f"ui.{page}.page")
    for module in ("ui.controls", "ui.lab.panel_figures"):
        importlib.import_module(module)
    prepare(Experiment().data)
    gc.freeze()


def base_path() -> str:
    """Return the path the app is served under: "" or "/path"."""
    path = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{path}" if path else ""


@functools.cache
def asset_url(name: str) -> str:
    """Return the address of a component's file; it changes when any of them does."""
    return f"{base_path()}/live/assets/{_assets_version()}/{name}"


def stream_url(token: str) -> str:
    """Return the address of a job's frames."""
    return f"{base_path()}/live/{token}/frames"


def routes() -> list[Route]:
    """Return the routes that app.py adds to Streamlit's own."""
    return live_routes(jobs, origin_allowed, ASSETS, base_path())


async def origin_allowed(origin: str | None, host: str | None) -> bool:
    """Return whether a request may come in, by the rule of Streamlit's own WebSocket."""
    if not is_host_allowed(host):
        return False
    if origin is None or urlparse(origin).netloc == host:
        return True
    # Streamlit may look the server's own addresses up, which blocks.
    return await asyncio.to_thread(is_url_from_allowed_origins, origin)


@functools.cache
def _assets_version() -> str:
    """Return a name for the components' files as they are now."""
    digest = hashlib.sha256(plotly.__version__.encode())
    for path in _OURS.values():
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
