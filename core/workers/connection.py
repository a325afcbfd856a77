"""The connection to Dask: worker processes on this machine, or a scheduler's.

Dask's own calls wait for as long as a worker or the scheduler is frozen or away. No call here does: what concerns one
worker is sent as a task and answered later, and what concerns the scheduler has a time limit.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import spawn
from pathlib import Path
from typing import Any

import dask
import psutil
from distributed import Client, Future, LocalCluster, SchedulerPlugin, WorkerPlugin
from distributed.security import Security

from core.errors import WorkersError
from core.workers.placement import WorkerMemory

logger = logging.getLogger(__name__)

SCHEDULER_VARIABLE = "HIDDEN_LAYERS_SCHEDULER"
# Files in PEM format, for a scheduler whose address begins with tls://: the authority's certificate, and the
# certificate and key of this server.
TLS_VARIABLES: Mapping[str, str] = {
    "HIDDEN_LAYERS_TLS_CA": "tls_ca_file",
    "HIDDEN_LAYERS_TLS_CERT": "tls_client_cert",
    "HIDDEN_LAYERS_TLS_KEY": "tls_client_key",
}
# The names of our own among a Dask worker's metrics; see `core.workers.warm_up`.
GROWN = "hidden_layers_grown"
DATA = "hidden_layers_data"
STUCK = "hidden_layers_stuck"

CONNECT_SECONDS = 3.0  # to wait for a scheduler
ANSWER_SECONDS = 3.0  # to wait for what it knows
_STOP_SECONDS = 5.0  # to wait for workers that are told to stop; then they are killed

_DASK_CONFIG = {
    # A run ends with its worker: trying it again elsewhere would kill the next worker.
    "distributed.scheduler.allowed-failures": 0,
    # The scheduler keeps this many events; nobody reads them a second time.
    "distributed.admin.low-level-log-length": 10,
    "distributed.worker.daemon": True,
    # Dask would give up a restarted worker that is not back in time. Here it always comes back, however busy the
    # machine is.
    "distributed.deploy.lost-worker-timeout": "365 days",
    # What Dask measures of itself, which nobody looks at, took 4 % of a core in the web process at rest.
    "distributed.worker.profile.enabled": False,
    "distributed.admin.tick.interval": "1s",
    "distributed.admin.system-monitor.interval": "2s",
    # What scheduler and workers tell about themselves to everybody who asks by HTTP.
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
}


@dataclass(frozen=True)
class WorkerState:
    """A worker as the scheduler knows it.

    Attributes:
        seen_at: its last sign of life, by the scheduler's clock.
        memory: of its process.
        stuck_seconds: for how long a run that nobody wants any more has kept a thread there.
    """

    seen_at: float
    memory: WorkerMemory
    stuck_seconds: float


class Connection:
    """Connects to a scheduler, which this process starts unless SCHEDULER_VARIABLE names one.

    One thread calls the methods, except that any thread may call `close`.

    Args:
        workers: processes to start where the scheduler is our own.
        threads: of each.

    Attributes:
        client: Dask's, while there is a connection.
        local: the workers that this process has started.
    """

    def __init__(self, workers: int, threads: int) -> None:
        self._workers, self._threads = workers, threads
        self.client: Client | None = None
        self.local: LocalCluster | None = None

    @property
    def address(self) -> str:
        """The scheduler that is named, or "" where it is our own."""
        return os.environ.get(SCHEDULER_VARIABLE, "")

    @property
    def is_open(self) -> bool:
        """Whether the scheduler is connected, as far as is known."""
        return self.client is not None and self.client.status == "running"

    def open(self, topic: str, receive: Callable[[Any], None], plugin: WorkerPlugin) -> None:
        """Connect.

        Args:
            topic: whose events `receive` gets, on Dask's event loop.
            plugin: for every worker.

        Raises:
            OSError: where there is no scheduler, within CONNECT_SECONDS.
        """
        dask.config.set(_DASK_CONFIG)
        # What goes wrong with the connection is logged once, by `Cluster`.
        logging.getLogger("distributed").setLevel(logging.CRITICAL)
        _spawn_without_main()
        if not self.address and self.local is None:
            self.local = _start_workers(self._workers, self._threads)
            scheduler: Any = self.local.scheduler
            scheduler.add_plugin(_Events(topic, receive))
        security = _named_security() if self.address else None
        client = Client(self.address or self.local, timeout=CONNECT_SECONDS, set_as_default=False, security=security)
        if self.address:
            client.subscribe_topic(topic, receive)
        # This waits for an answer of every worker, one of which may be frozen.
        threading.Thread(target=_register, args=(client, plugin), name="register-plugin", daemon=True).start()
        self.client = client

    def drop(self) -> None:
        """Let go of a connection that is lost."""
        client, self.client = self.client, None
        if client is not None:
            threading.Thread(target=_close_client, args=(client,), name="close-client", daemon=True).start()

    def look(self) -> dict[str, WorkerState]:
        """Return the workers that the scheduler knows, by address.

        Raises:
            WorkersError: where it does not answer within ANSWER_SECONDS.
        """
        client = self._client
        scheduler: Any = client.scheduler
        try:
            answer = client.sync(scheduler.identity, n_workers=-1, callback_timeout=ANSWER_SECONDS)
        except (OSError, TimeoutError) as error:
            raise WorkersError(f"The scheduler of the training workers does not answer: {error!r}.") from error
        return {address: _state_of(worker) for address, worker in answer["workers"].items()}

    def submit(
        self, call: Callable[..., Any], *arguments: object, address: str, allow_other_workers: bool = False
    ) -> Future[Any]:
        """Have a worker make a call, and return at once."""
        return self._client.submit(
            call, *arguments, workers=[address], allow_other_workers=allow_other_workers, pure=False
        )

    def replace(self, address: str, at_once: bool, on_end: Callable[[], None]) -> None:
        """Have a worker replaced by a fresh one, and return at once; `on_end` is called on another thread.

        Args:
            at_once: kill it, because it does not hear us.
        """
        process = next((nanny.pid for nanny in self._nannies if nanny.worker_address == address), None)
        if at_once and process is not None:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)  # its nanny starts another one
            on_end()
            return
        client = self._client
        threading.Thread(target=_restart, args=(client, address, on_end), name="replace-worker", daemon=True).start()

    def processor_seconds(self) -> dict[str, float]:
        """Return the processor time that the processes of our own workers have taken, by address."""
        seconds = {}
        for nanny in self._nannies:
            with suppress(psutil.Error):
                if nanny.pid is not None and nanny.worker_address is not None:
                    times = psutil.Process(nanny.pid).cpu_times()
                    seconds[nanny.worker_address] = times.user + times.system
        return seconds

    def close(self, plugin: WorkerPlugin) -> None:
        """Close the connection and stop the workers that this process has started; takes a few seconds at most."""
        processes = [nanny.pid for nanny in self._nannies if nanny.pid is not None]
        closing = threading.Thread(target=self._close, args=(plugin,), name="stop-workers", daemon=True)
        closing.start()
        closing.join(_STOP_SECONDS / 2)
        if closing.is_alive():  # a frozen worker does not hear that it is to stop
            for process in processes:
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
            closing.join(_STOP_SECONDS / 2)

    def _close(self, plugin: WorkerPlugin) -> None:
        with suppress(OSError, TimeoutError):
            if self.client is not None:
                if self.local is None and self.is_open:
                    self.client.unregister_worker_plugin(getattr(plugin, "name", ""))
                self.client.close(timeout=_STOP_SECONDS / 2)
            if self.local is not None:
                self.local.close()

    @property
    def _nannies(self) -> list[Any]:
        """What starts and restarts the workers of our own."""
        return [] if self.local is None else list(self.local.workers.values())

    @property
    def _client(self) -> Client:
        if self.client is None:
            raise WorkersError("There is no connection to the training workers.")
        return self.client


class _Events(SchedulerPlugin):
    """Hands a topic's events over where the scheduler is in this process, and need not send them to it."""

    name = "hidden-layers-events"

    def __init__(self, topic: str, receive: Callable[[Any], None]) -> None:
        self._topic = topic
        self._receive = receive

    def log_event(self, topic: str, msg: Any) -> None:
        """Take an event, which Dask calls for on its event loop; it would pass over an error in silence."""
        if topic != self._topic:
            return
        try:
            self._receive((time.time(), msg))
        except Exception:
            logger.exception("An event of a worker could not be taken in")


def _start_workers(workers: int, threads: int) -> LocalCluster:
    """Start worker processes on this machine.

    All connections are encrypted with a key that only these processes know: whoever could speak to the scheduler or to
    a worker could have it run any code, and the ports are open to everybody on this machine.
    """
    return LocalCluster(
        n_workers=workers,
        threads_per_worker=threads,
        processes=True,
        security=True,
        dashboard_address="127.0.0.1:0",  # None would mean port 8787, with a warning where it is in use
        scheduler_kwargs={"dashboard": False},
        memory_limit=0,
        silence_logs=logging.CRITICAL,
    )


def _named_security() -> Security | None:
    """Return the certificates that TLS_VARIABLES name, or None where they name none.

    Raises:
        WorkersError: where a variable is missing or names a file that cannot be read.
    """
    files = {variable: os.environ.get(variable, "") for variable in TLS_VARIABLES}
    if not any(files.values()):
        return None
    for variable, name in files.items():
        if not Path(name).is_file():
            raise WorkersError(f"`{variable}` must name a file in PEM format. Received: {name!r}.")
    return Security(require_encryption=True, **{TLS_VARIABLES[variable]: name for variable, name in files.items()})


def _state_of(worker: Mapping[str, Any]) -> WorkerState:
    metrics = worker["metrics"]
    data = metrics.get(DATA, 0.0)
    memory = WorkerMemory(metrics.get("memory", 0.0) - data, metrics.get(GROWN, 0.0) - data)
    return WorkerState(worker["last_seen"], memory, metrics.get(STUCK, 0.0))


def _register(client: Client, plugin: WorkerPlugin) -> None:
    with suppress(OSError, TimeoutError, RuntimeError):  # the connection was closed meanwhile
        client.register_plugin(plugin)


def _close_client(client: Client) -> None:
    with suppress(OSError, TimeoutError, RuntimeError):
        client.close(timeout=_STOP_SECONDS)


def _restart(client: Client, address: str, on_end: Callable[[], None]) -> None:
    try:
        client.restart_workers([address], raise_for_error=False)
    except (OSError, TimeoutError, RuntimeError):  # the connection was closed, or nothing starts workers there
        logger.warning("Worker %s could not be replaced", address)
    finally:
        on_end()


def _spawn_without_main() -> None:
    """Keep new processes from running the main program, which Python's `spawn` would run in each of them again.

    It is Streamlit's server, and would load Streamlit and Plotly, which no worker needs.
    """
    prepare = spawn.get_preparation_data
    if prepare.__module__ == spawn.__name__:  # not replaced yet

        def without_main(name: str) -> dict[str, Any]:
            return {key: value for key, value in prepare(name).items() if not key.startswith("init_main_from")}

        spawn.get_preparation_data = without_main
