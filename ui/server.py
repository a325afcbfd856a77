"""What all sessions of this server share: the training jobs, and the addresses of files and streams."""

from __future__ import annotations

import functools
import gc
import hashlib
import importlib
import logging
import os
from pathlib import Path
from subprocess import Popen

import plotly
import streamlit as st
from starlette.routing import Route, WebSocketRoute
from streamlit.web.server.starlette.starlette_websocket import is_host_allowed

from core import bounded_process
from core.datasets import prepare
from core.datasets.downloads import sweep_downloads
from core.datasets.upload_store import sweep_uploads
from core.experiment import Experiment
from core.jobs.browser_names import BrowserNames
from core.jobs.jobs import Jobs
from core.jobs.stream import live_routes
from core.jobs.studies import Studies
from core.lessons.shelf import Shelf
from core.messages.pace import FAST, SPEEDS, Pace
from core.runs.writer import RunWriter
from core.workers.common_structures import start_compiling, stop_compiling
from core.workers.connection import SCHEDULER_VARIABLE
from ui.front_door import is_own_origin
from ui.held_uploads import HeldUploads
from ui.kept_choices import KeptChoices

_log = logging.getLogger(__name__)

# The files that components load. All are served from one folder, so that they can import each other's modules.
_OURS = {
    path.name: path
    for folder in (
        "components/address_bar",
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


@functools.cache  # the one registry of this process
def jobs() -> Jobs:
    """Return the server's jobs; the first call starts the training workers in the background."""
    return Jobs(writer=run_writer())


@functools.cache  # likewise
def run_writer() -> RunWriter:
    """Return what keeps every run, and gives access to the runs that are kept."""
    return RunWriter()


def studies() -> Studies:
    """Return the server's studies."""
    return jobs().studies


@functools.cache  # likewise
def held_uploads() -> HeldUploads:
    """Return which uploads are in this process's memory."""
    return HeldUploads()


@functools.cache  # likewise
def browser_names() -> BrowserNames:
    """Return which cookies name the same browser."""
    return BrowserNames()


@functools.cache  # likewise
def kept_choices() -> KeptChoices:
    """Return what people have chosen for all their pages."""
    return KeptChoices()


@functools.cache  # likewise
def shelf() -> Shelf:
    """Return the lessons."""
    return Shelf()


def keep_speed(browser: str, name: str) -> Pace:
    """Remember the speed that a browser has chosen; return the pace of its runs, fast where every change trains."""
    kept_choices().keep_speed(browser, name)
    return FAST if kept_choices().retrains(browser) else SPEEDS[name]


def load_pages() -> None:
    """Import what the pages need and prepare the first experiment's rows, before anybody asks for them.

    All of it is then exempt from garbage collection, which would otherwise stop every page for 0.2 s now and then.
    """
    for page in (
        "camera",
        "data",
        "draw",
        "glossary",
        "inside",
        "lab",
        "learn",
        "results",
        "runs",
        "studies",
        "take_home",
        "try_it",
    ):
        importlib.import_module(f"ui.{page}.page")
    for module in ("ui.controls", "ui.lab.panel_figures"):
        importlib.import_module(module)
    prepare(Experiment().data)
    gc.freeze()


def start_reading() -> None:
    """Read uploads in processes with bounds on memory and time from now on."""
    bounded_process.start(
        (
            "core.datasets.uploaded_data",
            "core.trained.bundle",
            "core.trained.sketch",
            "core.export.file_code",
            "core.runs.exchange",
        )
    )


def stop_reading() -> None:
    """End the processes that read uploads."""
    bounded_process.stop()


@functools.cache  # likewise
def _idle_compiler() -> Popen[bytes] | None:
    return None if os.environ.get(SCHEDULER_VARIABLE) else start_compiling()  # the workers may have other processors


def start_idle_compiler() -> None:
    """Have what people try first compiled while nobody needs this machine, where the workers run on it."""
    _idle_compiler()


def stop_idle_compiler() -> None:
    """Compile nothing more in idle time."""
    process = _idle_compiler()
    if process is not None:
        stop_compiling(process)


def sweep() -> None:
    """Delete uploads that are old, and what a server that was killed has left half written."""
    try:
        sweep_downloads()
        sweep_uploads()
    except OSError:
        _log.warning("The stored files could not be tidied up", exc_info=True)


def base_path() -> str:
    """Return the path the app is served under: "" or "/path"."""
    path = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{path}" if path else ""


@functools.cache  # the files do not change while the server runs
def asset_url(name: str) -> str:
    """Return the address of a component's file, which changes whenever any of these files does."""
    return f"{base_path()}/live/assets/{_assets_version()}/{name}"


def stream_url(token: str) -> str:
    """Return the address of a job's stream of frames."""
    return f"{base_path()}/live/{token}/frames"


def routes() -> list[Route | WebSocketRoute]:
    """Return the routes that app.py adds to Streamlit's own."""
    return live_routes(jobs, origin_allowed, ASSETS, base_path(), browser_names(), keep_speed)


async def origin_allowed(origin: str | None, host: str | None) -> bool:
    """Return whether a request is allowed: under a name of this server, and from a page of it or from none."""
    return is_host_allowed(host) and is_own_origin(origin, host)


@functools.cache  # likewise
def _assets_version() -> str:
    """Return a hash of the components' files."""
    digest = hashlib.sha256(plotly.__version__.encode())
    for path in _OURS.values():
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
