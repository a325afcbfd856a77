"""The connection to the training workers.

The workers are Dask's: processes that the server starts on this machine, or those of the scheduler that
HIDDEN_LAYERS_SCHEDULER names. A run is opened on one worker and stays there; its updates come back as events of one
topic.
"""

from __future__ import annotations

import logging
import os
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import Any

from distributed import Client, Future, KilledWorker, LocalCluster

from core.analysis.axes import Axes
from core.errors import HiddenLayersError, WorkersError
from core.experiment import Experiment, shape_of
from core.messages.record import Record
from core.messages.updates import RUNNING, Update
from core.workers import worker
from core.workers.placement import Placement, WorkerMemory
from core.workers.processes import connect
from core.workers.warm_up import GROWN, WarmUp

logger = logging.getLogger(__name__)

THREADS = 8  # of a worker, for answering questions; a run that trains has a thread of its own
_START_SECONDS = 30.0  # to wait for a worker where there is none
_FETCH_SECONDS = 30.0  # to wait for a result that a worker has ready

_UNREACHABLE = "The training workers could not be reached. The log has the details."
_NO_WEIGHTS = "The weights of this run were lost with the worker that trained it. Train the run again."
_ANSWER_LOST = "The answer was lost because its worker was replaced. Try again."

OnResult = Callable[[Any, BaseException | None], None]  # called with what a call returns, or with its error


class Cluster:
    """Starts the workers in the background, sends runs and commands to them, and hands their updates on.

    Every public method but `stop` returns at once and may be called from any thread. Three kinds of threads do the
    rest:

    - the dispatcher, one thread of this object, makes all calls to Dask that wait, in the order of the public calls;
      only it assigns runs to workers, and only it sets `_client` and `_local`
    - Dask's event loop calls `_receive`
    - Dask's thread for callbacks calls the methods that take a `Future`, one at a time

    `_lock` guards `_placement` and `_futures`, which all of them use. Nobody waits for Dask, or calls `on_update`,
    `on_error`, `on_lost` or an `OnResult`, while holding it: Dask's event loop needs the lock to go on.

    Args:
        on_update: called with a run's name and its update, on Dask's event loop.
        on_error: called with a run's name and a message for the user when a run ends by an exception.
        on_lost: called with a run's name when its worker has died.
        workers: the number of processes; one a core where None.
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
        self._warm_up = WarmUp(self._topic)
        self._lock = threading.Lock()
        self._placement = Placement()
        self._futures: set[Future[Any]] = set()  # Dask drops the result of a future that nobody holds
        self._client: Client | None = None
        self._local: LocalCluster | None = None
        self._is_stopping = False
        self._dispatcher = ThreadPoolExecutor(1, "dispatcher")
        self._dispatch(self._connect, workers or os.cpu_count() or 1)

    @property
    def ready(self) -> bool:
        """Whether at least one worker has Keras loaded."""
        with self._lock:
            return bool(self._placement.warm)

    def open(self, run: str, experiment: Experiment, axes: Axes | None, first: str, pace: float) -> None:
        """Open a run on the worker with the fewest busy runs, and give it its pace and first command."""
        self._dispatch(self._open, run, experiment, axes, first, pace)

    def open_record(self, run: str, record: Record) -> None:
        """Take in a run as its record describes it; a worker opens it at the first command that is sent to it."""
        self._dispatch(self._open_record, run, record)

    def send(self, run: str, name: str, value: Any = None) -> None:
        """Send a command to a run; it takes effect at its next epoch."""
        self._dispatch(self._send, run, name, value)

    def close(self, run: str) -> None:
        """Stop a run and free what it holds on its worker."""
        self._dispatch(self._close, run)

    def ask(self, on_result: OnResult, call: Callable[..., Any], *arguments: object) -> None:
        """Have any worker make a call; `on_result` gets what it returns, or its error, on another thread."""
        self._dispatch(self._ask, on_result, call, arguments)

    def ask_run(self, on_result: OnResult, run: str, call: Callable[..., Any], *arguments: object) -> None:
        """Have a run's worker make a call about it; `on_result` gets what it returns, or its error, on another thread.

        The result is None where the run is not open yet: ask again. If the run's worker was replaced, this makes
        another worker train the run again.

        Args:
            call: of `core.workers.worker`; its first argument is the run's name.
        """
        self._dispatch(self._ask_run, on_result, run, call, arguments)

    def tend(self) -> None:
        """Notice dead workers and replace those that have grown; call this every few seconds."""
        self._dispatch(self._tend)

    def stop(self) -> None:
        """Stop the workers that this object started, and wait until they have stopped."""
        self._is_stopping = True
        self._dispatcher.submit(self._disconnect).result()
        self._dispatcher.shutdown()

    # On the dispatcher's thread

    def _dispatch(self, call: Callable[..., None], *arguments: object) -> None:
        self._dispatcher.submit(self._run_logged, call, *arguments)

    def _run_logged(self, call: Callable[..., None], *arguments: object) -> None:
        try:
            call(*arguments)
        except Exception:
            logger.exception("Could not %s", call.__name__.strip("_"))
            if call in (self._open, self._send):
                self._on_error(str(arguments[0]), _UNREACHABLE)

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
        alive = self._wait_for_workers()
        with self._lock:
            address = self._placement.assign(run, shape_of(experiment), alive)
        self._start_task(run, address, worker.open_run, experiment, axes, first, pace, self._topic)

    def _open_record(self, run: str, record: Record) -> None:
        with self._lock:
            self._placement.add_record(run, record)

    def _send(self, run: str, name: str, value: Any) -> None:
        with self._lock:
            assignment = self._placement.get(run)
            if assignment is None:
                return
            if assignment.record is not None and name == "inside" and not value:
                self._placement.set_record(run, replace(assignment.record, inside=False))  # no reason to open it again
                return
        address = assignment.address if assignment.record is None else self._reopen(run, assignment.record)
        if address not in self._alive():  # a call would wait half a minute for an answer
            with self._lock:
                self._placement.remove(run)
            self._on_lost(run)
            return
        with self._lock:
            self._placement.set_busy(run)  # until its worker reports
        # This returns when the worker has the command, so that the task below finds it.
        self._dask.run(worker.send, run, name, value, workers=[address])
        self._start_task(run, address, worker.attend)

    def _reopen(self, run: str, record: Record) -> str:
        """Have a run that no worker holds trained again to where it was, and return its worker."""
        shape = shape_of(record.plan[-1][1])
        alive = self._wait_for_workers()
        with self._lock:
            address = self._placement.assign(run, shape, alive)
        self._start_task(run, address, worker.reopen_run, record, self._topic)
        return address

    def _close(self, run: str) -> None:
        with self._lock:
            assignment = self._placement.remove(run)
        if assignment is not None and assignment.record is None and assignment.address in self._alive():
            self._dask.run(worker.close_run, run, workers=[assignment.address])

    def _start_task(self, run: str, address: str, call: Callable[..., None], *arguments: object) -> None:
        """Have a worker work on a run, and hear how that ends."""
        future = self._dask.submit(call, run, *arguments, workers=[address], pure=False)
        with self._lock:
            self._futures.add(future)
        future.add_done_callback(partial(self._end_task, run, address))

    def _ask(self, on_result: OnResult, call: Callable[..., Any], arguments: tuple[object, ...]) -> None:
        try:
            alive = self._wait_for_workers()
            with self._lock:
                address = self._placement.choose(None, alive)
            future = self._dask.submit(call, *arguments, workers=[address], allow_other_workers=True, pure=False)
        except Exception as error:
            on_result(None, error)
            raise
        self._expect_answer(future, address, on_result)

    def _ask_run(self, on_result: OnResult, run: str, call: Callable[..., Any], arguments: tuple[object, ...]) -> None:
        try:
            address = self._address_for_question(run)
            future = self._dask.submit(call, run, *arguments, workers=[address], pure=False)
        except WorkersError as error:
            on_result(None, error)
            return
        except Exception as error:
            on_result(None, error)
            raise
        self._expect_answer(future, address, on_result)

    def _address_for_question(self, run: str) -> str:
        """Return the worker of a run; where it was replaced, open the run on another one.

        Raises:
            WorkersError: where the worker has died, or the run is not known.
        """
        with self._lock:
            assignment = self._placement.get(run)
        if assignment is not None and assignment.record is not None:
            self._send(run, "pace", assignment.record.pace)  # any command opens it again
            with self._lock:
                assignment = self._placement.get(run)
        if assignment is None or assignment.address not in self._alive():
            raise WorkersError(_NO_WEIGHTS)
        return assignment.address

    def _expect_answer(self, future: Future[Any], address: str, on_result: OnResult) -> None:
        with self._lock:
            self._futures.add(future)
            self._placement.add_question(address)
        future.add_done_callback(partial(self._hand_over, address, on_result))

    def _tend(self) -> None:
        with self._lock:
            warm = self._placement.warm
        alive = self._alive()
        with self._lock:
            lost = self._placement.remove_dead(alive, warm)
            cold = self._placement.workers_to_ask(alive)
        for run in lost:
            self._on_lost(run)
        for address in cold:  # their event was lost, as can happen to a worker that has just started
            future = self._dask.submit(worker.load, workers=[address], pure=False)
            with self._lock:
                self._futures.add(future)
            future.add_done_callback(partial(self._note_warm, address))
        self._replace_grown()

    def _replace_grown(self) -> None:
        """Replace a worker that has grown, if one can go now.

        The runs at rest there are trained again on another worker as soon as somebody wants to go on with them.
        """
        memory = self._memory()
        with self._lock:
            # Idle workers of a scheduler may hold work of others.
            address = self._placement.next_to_replace(memory, may_restart_idle=self._local is not None)
        if not address:
            return
        records = self._dask.run(worker.export_records, workers=[address])[address]
        if records is None:  # a run trains there after all: the update that said it rests was older
            return
        with self._lock:
            self._placement.begin_restart(address, records)
        threading.Thread(target=self._restart, args=(address,), name="replace-worker", daemon=True).start()

    def _memory(self) -> dict[str, WorkerMemory]:
        """Return the memory of the workers, as they last reported it."""
        workers = self._dask.scheduler_info(n_workers=-1)["workers"]
        metrics = {address: info["metrics"] for address, info in workers.items()}
        return {address: WorkerMemory(of.get("memory", 0.0), of.get(GROWN, 0.0)) for address, of in metrics.items()}

    def _alive(self) -> set[str]:
        """Return the workers that are alive."""
        return set(self._dask.nthreads())

    def _wait_for_workers(self) -> set[str]:
        """Return the workers that are alive; if all have just died, wait until one is back."""
        self._dask.wait_for_workers(1, timeout=_START_SECONDS)
        return self._alive()

    # On a thread of its own

    def _restart(self, address: str) -> None:
        try:
            self._dask.restart_workers([address], raise_for_error=False)
        except OSError:  # Dask's error for a connection that was closed
            if not self._is_stopping:
                raise
        finally:
            with self._lock:
                self._placement.end_restart()

    # On Dask's event loop

    def _receive(self, event: tuple[float, dict[str, Any]]) -> None:
        message = event[1]
        if "ready" in message:
            with self._lock:
                self._placement.add_warm(message["ready"])
            return
        run, update = message["run"], Update.from_message(message["update"])
        seconds = update.epoch * (update.ms_per_epoch or 0.0) / 1000
        with self._lock:
            self._placement.report(run, update.status == RUNNING, seconds)
        self._on_update(run, update)

    # On Dask's thread for callbacks

    def _end_task(self, run: str, address: str, future: Future[Any]) -> None:
        with self._lock:
            self._futures.discard(future)
        if future.status != "error":  # the result of one that has finished can be lost with its worker: `_outcome`
            return
        error = future.exception(_FETCH_SECONDS)
        is_dead = isinstance(error, KilledWorker)
        with self._lock:
            if is_dead and self._placement.has_left(run, address):
                return
            self._placement.remove(run)
        if is_dead:
            self._on_lost(run)
        elif isinstance(error, HiddenLayersError):
            self._on_error(run, str(error))
        else:
            logger.error("Run %s failed", run, exc_info=(type(error), error, future.traceback()))
            self._on_error(run, f"Training failed with {type(error).__name__}: {error}. The log has the details.")

    def _note_warm(self, address: str, future: Future[Any]) -> None:
        with self._lock:
            self._futures.discard(future)
            self._placement.note_answer(address, future.status == "finished")
        if future.status == "error" and not isinstance(error := future.exception(_FETCH_SECONDS), KilledWorker):
            logger.error("Worker %s cannot load Keras", address, exc_info=error)

    def _hand_over(self, address: str, on_result: OnResult, future: Future[Any]) -> None:
        try:
            answer, error = _outcome(future)
        finally:
            with self._lock:
                self._futures.discard(future)
                self._placement.remove_question(address)
        if error is not None and not isinstance(error, KilledWorker | HiddenLayersError):
            logger.error("A question failed", exc_info=(type(error), error, future.traceback()))
        on_result(answer, error)


def _outcome(future: Future[Any]) -> tuple[Any, BaseException | None]:
    """Return what a call that has ended returned, or its error.

    The result is lost if the worker is replaced before it was fetched. Dask would wait for it for ever, on the one
    thread that runs all callbacks; so the wait has a limit.
    """
    try:
        if future.status == "finished":
            return future.result(_FETCH_SECONDS), None
        if future.status == "error":
            return None, future.exception(_FETCH_SECONDS)
    except TimeoutError:
        logger.warning("An answer was lost with its worker")
    return None, WorkersError(_ANSWER_LOST)
