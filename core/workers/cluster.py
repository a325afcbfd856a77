"""The training workers, as the server sees them.

The workers are Dask's: a cluster of processes on this machine, or the scheduler that HIDDEN_LAYERS_SCHEDULER
names. A run is opened on one worker and stays there; its updates come back as events of one topic.
"""

from __future__ import annotations

import logging
import os
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from distributed import Client, Future, KilledWorker, LocalCluster

from core.analysis.axes import Axes
from core.errors import HiddenLayersError, WorkersError
from core.experiment import Experiment, NetworkSpec, shape_of
from core.messages.record import Record
from core.messages.updates import RUNNING, Update
from core.workers import worker
from core.workers.processes import connect

logger = logging.getLogger(__name__)

THREADS = 8  # that a worker answers questions with; a run that trains has one of its own
# Every structure compiled leaks some 7 MB, so workers are replaced. One past the first bound takes no new runs and goes
# as soon as none trains there; one past the second goes where it has nothing to do, and little would be lost with it.
MEMORY_BOUND = 1100 * 2**20  # bytes
GROWTH_BOUND = 200 * 2**20  # bytes since it was warm
_LITTLE_SECONDS = 10.0  # that the runs which rest there have trained, and would again
_SUMMARIES = 256
_NO_WEIGHTS = "The weights of this run went with the worker that trained it. Train it again."
_GONE = "The worker that was asked is no more. Ask again."
_START_SECONDS = 30.0  # to wait for a worker where there is none
_FETCH_SECONDS = 30.0  # to wait for what a worker has ready

Take = Callable[[Any, BaseException | None], None]  # what is handed what a call returns, or its error
_Network = tuple[NetworkSpec, int, int, str]  # with features, classes and the loss


@dataclass
class _Place:
    """Where a run lives. `busy` while it trains or waits to; `record` where its worker was replaced meanwhile.

    `seconds` that its epochs have taken.
    """

    address: str
    busy: bool = True
    seconds: float = 0.0
    record: Record | None = None


class Cluster:
    """Starts the workers in the background and carries runs to them and updates back.

    Every call returns at once; one thread of its own talks to Dask, in the order of the calls.

    Args:
        on_update: called with a run's name and its update, on Dask's thread.
        on_error: called with a run's name and a message for the person when a run ends by an exception.
        on_lost: called with a run's name when its worker has died.
        workers: how many processes; one a core where None.
    """

    def __init__(
        self,
        on_update: Callable[[str, Update], None],
        on_error: Callable[[str, str], None],
        on_lost: Callable[[str], None],
        workers: int | None = None,
    ) -> None:
        self._on_update = on_update
        self._on_error = on_error
        self._on_lost = on_lost
        self._topic = f"hidden-layers-{uuid.uuid4().hex}"
        self._lock = threading.Lock()
        self._warm: set[str] = set()
        self._asked: set[str] = set()  # whether they are warm, and have not answered yet
        self._retiring = ""  # the worker that takes no new runs since it has grown
        self._restarting = False  # … and is being replaced
        self._places: dict[str, _Place] = {}
        self._known: dict[str, set[Experiment]] = {}
        self._tasks: set[Future[Any]] = set()
        self._questions: dict[Future[Any], str] = {}  # that are not answered yet, and the worker that was asked
        self._summaries: dict[_Network, str | None] = {}
        self._warm_up = worker.WarmUp(self._topic)
        self._stopping = False
        self._client: Client | None = None
        self._local: LocalCluster | None = None
        self._dispatcher = ThreadPoolExecutor(1, "dispatcher")
        self._submit(self._connect, workers or os.cpu_count() or 1)

    @property
    def ready(self) -> bool:
        """Whether at least one worker has Keras loaded."""
        return bool(self._warm)

    def open(self, run: str, experiment: Experiment, axes: Axes | None, first: str, pace: float) -> None:
        """Open a run on the worker that has the least to do and give it its pace and first command."""
        self._submit(self._open, run, experiment, axes, first, pace)

    def open_record(self, run: str, record: Record) -> None:
        """Have a run opened where a record says that it stands, by the first command that is sent to it."""
        self._submit(self._open_record, run, record)

    def send(self, run: str, name: str, value: Any = None) -> None:
        """Send a command to a run; it takes effect at its next epoch."""
        self._submit(self._send, run, name, value)

    def close(self, run: str) -> None:
        """Stop a run and free what it holds on its worker."""
        self._submit(self._close, run)

    def summary(self, network: NetworkSpec, features: int, classes: int, loss: str) -> str | None:
        """Return Keras's own summary of a network, or None until a worker has written it: ask again."""
        key = (network, features, classes, loss)
        with self._lock:
            if key in self._summaries:
                return self._summaries[key]
            while len(self._summaries) >= _SUMMARIES:
                self._summaries.pop(next(iter(self._summaries)))
            self._summaries[key] = None
        self.ask(partial(self._take_summary, key), worker.summarize, *key)
        return None

    def ask(self, take: Take, call: Callable[..., Any], *arguments: object) -> None:
        """Have any worker make a call, and hand over what it returns, or its error; on another thread."""
        self._submit(self._ask, take, call, arguments)

    def ask_run(self, take: Take, run: str, call: Callable[..., Any], *arguments: object) -> None:
        """Have a run's worker make a call about it, and hand over what it returns, on another thread.

        None where the run is not open there yet. Where its worker was replaced, another one begins to train it again
        to where it was: ask again.

        Args:
            call: of `core.workers.worker`, with the run's name as its first argument.
        """
        self._submit(self._ask_run, take, run, call, arguments)

    def tend(self) -> None:
        """Notice dead workers and replace idle ones that have grown; call this every few seconds."""
        self._submit(self._tend)

    def stop(self) -> None:
        """Stop the workers that this cluster started."""
        self._stopping = True
        self._dispatcher.submit(self._disconnect).result()
        self._dispatcher.shutdown()

    # On the dispatcher's thread

    def _submit(self, call: Callable[..., None], *arguments: object) -> None:
        self._dispatcher.submit(self._logged, call, *arguments)

    def _logged(self, call: Callable[..., None], *arguments: object) -> None:
        try:
            call(*arguments)
        except Exception:
            logger.exception("Could not %s", call.__name__.strip("_"))
            if call in (self._open, self._send):
                self._on_error(str(arguments[0]), "The training workers could not be reached. The log has the details.")

    @property
    def _dask(self) -> Client:
        if self._client is None:
            raise RuntimeError("The training workers did not start.")
        return self._client

    def _connect(self, workers: int) -> None:
        self._client, self._local = connect(workers, THREADS)
        self._client.subscribe_topic(self._topic, self._receive)
        self._client.register_plugin(self._warm_up)

    def _disconnect(self) -> None:
        if self._client is not None:
            if self._local is None:
                self._client.unregister_worker_plugin(self._warm_up.name)
            self._client.close()
        if self._local is not None:
            self._local.close()

    def _open(self, run: str, experiment: Experiment, axes: Axes | None, first: str, pace: float) -> None:
        shape = shape_of(experiment)
        addresses = self._wait_for_addresses()
        with self._lock:
            address = self._choose(shape, addresses)
            self._places[run] = _Place(address)
            self._known.setdefault(address, set()).add(shape)
        self._task(run, worker.open_run, run, experiment, axes, first, pace, self._topic)

    def _open_record(self, run: str, record: Record) -> None:
        self._places[run] = _Place("", record=record)

    def _send(self, run: str, name: str, value: Any) -> None:
        place = self._places.get(run)
        if place is None:
            return
        if place.record is not None and name == "inside" and not value:
            place.record = replace(place.record, inside=False)  # no reason to open it again
            return
        if place.record is not None:
            self._reopen(run, place)
        if place.address not in self._addresses():  # calling it would wait half a minute for an answer
            self._places.pop(run)
            self._on_lost(run)
            return
        # Returns when the worker has put the command down, so the task below finds it.
        place.busy = True  # until its worker says how it stands
        self._dask.run(worker.send, run, name, value, workers=[place.address])
        self._task(run, worker.attend, run)

    def _reopen(self, run: str, place: _Place) -> None:
        """Have a run whose worker was replaced trained again, on another, to where it was."""
        record = place.record
        assert record is not None
        shape = shape_of(record.plan[-1][1])
        addresses = self._wait_for_addresses()
        with self._lock:
            place.record, place.busy = None, True
            place.address = self._choose(shape, addresses)
            self._known.setdefault(place.address, set()).add(shape)
        self._task(run, worker.reopen_run, run, record, self._topic)

    def _close(self, run: str) -> None:
        with self._lock:
            place = self._places.pop(run, None)
        if place is not None and place.record is None and place.address in self._addresses():
            self._dask.run(worker.close_run, run, workers=[place.address])

    def _ask(self, take: Take, call: Callable[..., Any], arguments: tuple[object, ...]) -> None:
        try:
            addresses = self._wait_for_addresses()
            with self._lock:
                address = self._choose(None, addresses)
            future = self._dask.submit(call, *arguments, workers=[address], allow_other_workers=True, pure=False)
        except Exception as error:
            take(None, error)
            raise
        self._questions[future] = address
        future.add_done_callback(partial(self._answered, take))

    def _ask_run(self, take: Take, run: str, call: Callable[..., Any], arguments: tuple[object, ...]) -> None:
        place = self._places.get(run)
        if place is not None and place.record is not None:
            self._send(run, "pace", place.record.pace)  # any command opens it again
        elif place is None or place.address not in self._addresses():
            take(None, WorkersError(_NO_WEIGHTS))
            return
        try:
            future = self._dask.submit(call, run, *arguments, workers=[place.address], pure=False)
        except Exception as error:
            take(None, error)
            raise
        self._questions[future] = place.address
        future.add_done_callback(partial(self._answered, take))

    def _tend(self) -> None:
        with self._lock:
            warm = set(self._warm)
        addresses = self._addresses()
        with self._lock:
            self._warm -= warm - addresses  # one that has become warm meanwhile stays
            self._known = {address: known for address, known in self._known.items() if address in addresses}
            lost = [run for run, place in self._places.items() if not place.record and place.address not in addresses]
            for run in lost:
                del self._places[run]
            if self._retiring not in addresses and not self._restarting:
                self._retiring = ""
        for run in lost:
            self._on_lost(run)
        self._ask_cold(addresses)
        self._replace_grown()

    def _ask_cold(self, addresses: set[str]) -> None:
        """Have workers that are not known to be warm say so: an event of one that has just begun can be lost."""
        with self._lock:
            cold = addresses - self._warm - self._asked - {self._retiring}
            self._asked |= cold
        for address in cold:
            future = self._dask.submit(worker.load, workers=[address], pure=False)
            self._tasks.add(future)
            future.add_done_callback(partial(self._loaded, address))

    def _replace_grown(self) -> None:
        """Choose a worker that has grown, have it take no new runs, and replace it when none trains there.

        Nor while it is asked something, for the answer would be lost.
        One at a time, and only while another is warm. The runs that rest there are trained again to where they
        were, on another worker, when somebody wants to go on with them.
        """
        workers = self._dask.scheduler_info(n_workers=-1)["workers"]
        with self._lock:
            if not self._retiring and len(self._warm) > 1:
                self._retiring = self._choose_grown(
                    {name: workers[name]["metrics"] for name in self._warm & set(workers)}
                )
            address = self._retiring
            if not address or self._restarting or self._is_busy(address):
                return
            living = self._living(address)
        records = self._dask.run(worker.export_runs, workers=[address])[address]
        if records is None:  # one goes on that an update from before has called at rest
            return
        with self._lock:
            self._restarting = True
            self._warm.discard(address)
            for run, place in living.items():
                place.record = records.get(run)
        threading.Thread(target=self._restart, args=(address,), name="replace-worker", daemon=True).start()

    def _choose_grown(self, metrics: dict[str, dict[str, float]]) -> str:
        """Return the largest worker past the bound on memory, or else the most grown of those that can go now.

        The latter only of workers of our own: what rests on others may be somebody else's.
        """
        largest = max(metrics, key=lambda address: metrics[address]["memory"], default="")
        if largest and metrics[largest]["memory"] > MEMORY_BOUND:
            return largest
        if self._local is None:
            return ""
        grown = {address: of_one.get(worker.GROWN, 0.0) for address, of_one in metrics.items()}
        most = max(filter(self._can_go, grown), key=grown.__getitem__, default="")
        return most if most and grown[most] > GROWTH_BOUND else ""

    def _can_go(self, address: str) -> bool:
        seconds = sum(place.seconds for place in self._living(address).values())
        return not self._is_busy(address) and seconds <= _LITTLE_SECONDS

    def _living(self, address: str) -> dict[str, _Place]:
        return {run: place for run, place in self._places.items() if place.address == address}

    def _is_busy(self, address: str) -> bool:
        """Return whether a run trains there, or something is asked."""
        busy = any(place.busy for place in self._living(address).values())
        return busy or address in list(self._questions.values())

    def _restart(self, address: str) -> None:
        try:
            self._dask.restart_workers([address], raise_for_error=False)
        except OSError:  # how Dask says that a connection has closed
            if not self._stopping:
                raise
        finally:
            with self._lock:
                self._retiring, self._restarting = "", False

    def _addresses(self) -> set[str]:
        """Return the workers that are alive."""
        return set(self._dask.nthreads())

    def _wait_for_addresses(self) -> set[str]:
        """Return the workers that are alive; where all have just died, wait until one is back."""
        self._dask.wait_for_workers(1, timeout=_START_SECONDS)
        return self._addresses()

    def _choose(self, shape: Experiment | None, addresses: set[str]) -> str:
        """Return the worker with the least to do; one that knows the shape may have one run more.

        Of equal ones that which knows the fewest shapes: it has grown least.
        """
        able = (self._warm & addresses) - {self._retiring} or addresses
        loads = dict.fromkeys(able, 0)
        for place in self._places.values():
            if place.address in loads:
                loads[place.address] += place.busy

        def rank(address: str) -> tuple[float, int]:
            known = self._known.get(address, set())
            return loads[address] - 1.5 * (shape in known), len(known)

        return min(loads, key=rank)

    def _task(self, run: str, call: Callable[..., None], *arguments: object) -> None:
        address = self._places[run].address
        future = self._dask.submit(call, *arguments, workers=[address], pure=False)
        self._tasks.add(future)
        future.add_done_callback(partial(self._done, run, address))

    # On Dask's threads

    def _receive(self, event: tuple[float, dict[str, Any]]) -> None:
        message = event[1]
        if "ready" in message:
            with self._lock:
                self._warm.add(message["ready"])
            return
        update = Update.from_message(message["update"])
        place = self._places.get(message["run"])
        if place is not None:
            place.busy = update.status == RUNNING
            place.seconds = update.epoch * (update.ms_per_epoch or 0.0) / 1000
        self._on_update(message["run"], update)

    def _done(self, run: str, address: str, future: Future[Any]) -> None:
        self._tasks.discard(future)
        if future.status != "error":  # one that is over can be lost with its worker: see `_outcome`
            return
        error = future.exception(_FETCH_SECONDS)
        with self._lock:
            place = self._places.get(run)
            if isinstance(error, KilledWorker) and place and (place.record is not None or place.address != address):
                return  # what the run still did as it rested went with a worker that was replaced; its record stays
            self._places.pop(run, None)
        if isinstance(error, KilledWorker):
            self._on_lost(run)
        elif isinstance(error, HiddenLayersError):
            self._on_error(run, str(error))
        else:
            logger.error("Run %s failed", run, exc_info=(type(error), error, future.traceback()))
            self._on_error(run, f"Training failed with {type(error).__name__}: {error}. The log has the details.")

    def _loaded(self, address: str, future: Future[Any]) -> None:
        self._tasks.discard(future)
        with self._lock:
            self._asked.discard(address)
            if future.status == "finished":
                self._warm.add(address)

    def _answered(self, take: Take, future: Future[Any]) -> None:
        # Outside the lock: the result comes over Dask's loop, which waits for the lock in `_receive`.
        try:
            answer, error = _outcome(future)
        finally:
            self._questions.pop(future, None)
        if error is not None and not isinstance(error, KilledWorker | HiddenLayersError):
            logger.error("A question failed", exc_info=(type(error), error, future.traceback()))
        take(answer, error)

    def _take_summary(self, key: _Network, text: str | None, _: BaseException | None) -> None:
        with self._lock:
            if text is None:
                self._summaries.pop(key, None)
            else:
                self._summaries[key] = text


def _outcome(future: Future[Any]) -> tuple[Any, BaseException | None]:
    """Return what a call that is over has returned, or its error.

    What nobody has fetched is lost when its worker is replaced. Dask would wait for it for ever, on the one thread that
    runs everybody's callbacks.
    """
    try:
        if future.status == "finished":
            return future.result(_FETCH_SECONDS), None
        if future.status == "error":
            return None, future.exception(_FETCH_SECONDS)
    except TimeoutError:
        logger.warning("An answer was lost with the worker that had it")
    return None, WorkersError(_GONE)
