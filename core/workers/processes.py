"""The connection to Dask: worker processes on this machine, or a scheduler's."""

from __future__ import annotations

import logging
import os
from multiprocessing import spawn
from typing import Any

import dask
from distributed import Client, LocalCluster

SCHEDULER_VARIABLE = "HIDDEN_LAYERS_SCHEDULER"

_DASK_CONFIG = {
    # A run ends with its worker: trying it again elsewhere would kill the next worker.
    "distributed.scheduler.allowed-failures": 0,
    # The scheduler keeps this many events; nobody reads them a second time.
    "distributed.admin.low-level-log-length": 10,
    "distributed.worker.daemon": True,
    # Dask would give up a restarted worker that is not back in time. Here it always comes back, however busy the
    # machine is.
    "distributed.deploy.lost-worker-timeout": "365 days",
}


def _spawn_without_main() -> None:
    """Keep new processes from running the main program, which Python's `spawn` would run in each of them again.

    It is Streamlit's server, and would load Streamlit and Plotly, which no worker needs.
    """
    prepare = spawn.get_preparation_data
    if prepare.__module__ == spawn.__name__:  # not replaced yet

        def without_main(name: str) -> dict[str, Any]:
            return {key: value for key, value in prepare(name).items() if not key.startswith("init_main_from")}

        spawn.get_preparation_data = without_main


def connect(workers: int, threads: int) -> tuple[Client, LocalCluster | None]:
    """Return a client of the scheduler that SCHEDULER_VARIABLE names, or else of worker processes started here."""
    dask.config.set(_DASK_CONFIG)
    _spawn_without_main()
    address = os.environ.get(SCHEDULER_VARIABLE)
    local = None
    if not address:
        local = LocalCluster(
            n_workers=workers,
            threads_per_worker=threads,
            processes=True,
            dashboard_address="127.0.0.1:0",  # None would mean port 8787, with a warning where it is in use
            scheduler_kwargs={"dashboard": False},
            memory_limit=0,
            silence_logs=logging.CRITICAL,
        )
    return Client(address or local, set_as_default=False), local
