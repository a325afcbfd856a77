"""The server: Streamlit's app, the live routes, and the training workers, which start and stop with it."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import streamlit as st
from starlette.middleware import Middleware

from core.jobs.stream import BrowserCookie
from core.jobs.tending import keep_tending
from ui import server
from ui.client_limits import ClientLimits
from ui.connections import end_half_sent_requests, log_once, raise_handle_limit
from ui.front_door import FrontDoor
from ui.kept_files import keep_files
from ui.page_head import PageHead
from ui.page_turns import PageTurns
from ui.run_order import keep_runs_in_order

_TEND_SECONDS = 2.0
_SWEEP_MINUTES = 60
_HEAD_SCRIPTS = ("history_entries.js", "less_motion.js", "full_names.js")


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """Start the training workers with the server, and stop them with it."""
    server.run_writer().start()
    jobs = server.jobs()
    await asyncio.to_thread(server.load_pages)
    server.start_reading()
    server.start_idle_compiler()
    tasks = [
        asyncio.create_task(keep_tending(jobs.tend, _TEND_SECONDS)),
        asyncio.create_task(keep_tending(server.studies().tend, _TEND_SECONDS)),
        asyncio.create_task(keep_tending(_sweep(), 60)),
    ]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.to_thread(server.run_writer().close)  # first: what trains now is interrupted, not lost
        await asyncio.to_thread(jobs.close)
        server.stop_idle_compiler()
        server.stop_reading()


def _sweep() -> Callable[[], Awaitable[None]]:
    """Return what is to be called every minute to delete what nobody holds any more."""
    minutes = itertools.count()

    async def sweep() -> None:
        if next(minutes) % _SWEEP_MINUTES == 0:
            await asyncio.to_thread(server.sweep)
        server.held_uploads().tidy()

    return sweep


log_once()
end_half_sent_requests()
keep_runs_in_order()
keep_files()
app = st.App(
    "ui/shell.py",
    lifespan=lifespan,
    routes=server.routes(),
    middleware=[
        Middleware(FrontDoor),
        Middleware(ClientLimits, held=server.held_uploads(), handles=raise_handle_limit()),
        Middleware(BrowserCookie),
        Middleware(PageHead, scripts=lambda: [server.asset_url(name) for name in _HEAD_SCRIPTS]),
        Middleware(PageTurns),
    ],
)
