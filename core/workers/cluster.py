"""The training workers: runs and questions are handed to them, and their updates and answers come back.

The workers are Dask's: processes that the server starts on this machine, or those of the scheduler that
HIDDEN_LAYERS_SCHEDULER names. A run is opened on one worker and stays there; its updates come back as events of one
topic.
"""

from __future__ import annotations

import logging
import os
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from distributed import Future, KilledWorker

from core.analysis.axes import Axes
from core.engine.padding import program_shape
from core.errors import HiddenLayersError, WorkersError
from core.experiment import Experiment
from core.messages.pace import Pace
from core.messages.record import Record
from core.messages.updates import PAUSED, RUNNING, Update
from core.workers import worker
from core.workers.connection import Connection
from core.workers.dispatcher import Dispatcher
from core.workers.lasting_connection import LastingConnection
from core.workers.outcomes import FETCH_SECONDS, outcome
from core.workers.placement import Placement
from core.workers.portions import Portions
from core.workers.tending import Tending
from core.workers.warm_up import WarmUp

logger = logging.getLogger(__name__)

THREADS = 8  # of a worker, for answering questions; a run that trains has a thread of its own
_WAIT_SECONDS = 60.0  # for a worker where there is none
_AGAIN_SECONDS = 0.25  # between two looks whether there is one
_STOP_SECONDS = 4.0  # to wait for the dispatcher's present call when the server stops

_UNREACHABLE = "The training workers could not be reached. Press Train to try again; the log has the details."
_AWAY = "The training workers cannot be reached now. Try again in a moment."
_NO_WEIGHTS = "The weights of this run were lost with the worker that trained it. Train the run again."

OnResult = Callable[[Any, BaseException | None], None]  # called with what a call returns, or with its error


class Cluster:
    """Starts the workers in the background, sends runs and commands to them, and hands their updates on.

    Every public method but `stop` returns at once and may be called from any thread. Three kinds of threads do the
    rest:

    - the dispatcher makes all calls to Dask, in the order of the public calls. It waits for the scheduler alone, and
      only for seconds; a worker that is frozen keeps nobody from another one. Only the dispatcher assigns runs to
      workers.
    - Dask's event loop calls `_receive`
    - Dask's thread for callbacks calls the methods that take a `Future`, one at a time

    Commands to a run are numbered. They are sent until an update or a record says that they were obeyed, so none is
    lost when a worker is replaced meanwhile.

    A connection that is lost is opened again, after longer and longer pauses. The runs on its workers end as lost.

    `_lock` guards `_placement` and `_futures`, which all of them use. Nobody waits for Dask, or calls `on_update`,
    `on_error`, `on_lost` or an `OnResult`, while holding it: Dask's event loop needs the lock to go on.

    Args:
        on_update: called with a run's name and its update, on Dask's event loop.
        on_error: called with a run's name and a message for the user when a run ends by an exception.
        on_lost: called with a run's name when its worker has died.
        workers: the number of processes; one a core where None.

    Attributes:
        portions: hands portions of studies to the workers.
    """

    def __init__(
        self,
        on_update: Callable[[str, Update], None],
        on_error: Callable[[str, str], None],
        on_lost: Callable[[str], None],
        workers: int | None = None,
    ) -> None:
        self._on_update, self._on_error, self._on_lost = on_update, on_error, on_lost
        self._topic = f"hidden-layers-{uuid.uuid4().hex}"
        self._lock = threading.Lock()
        self._placement = Placement()
        self._futures: dict[Future[Any], str] = {}  # by worker; Dask drops the result of a future that nobody holds
        self._orphans: dict[str, str] = {}  # runs that ended with a connection, and their workers
        self._dispatcher = Dispatcher(self._note_failure)
        self.portions = Portions(self._lock, self._placement, self._dispatcher, self._submit, self._topic)
        self._connection = LastingConnection(
            Connection(workers or os.cpu_count() or 1, THREADS),
            self._dispatcher,
            self._close_orphans,
            self._lose_all,
            self._topic,
            self._receive,
            WarmUp(self._topic),
        )
        self._tending = Tending(
            self._lock,
            self._placement,
            self._connection,
            self._dispatcher,
            self._submit,
            self._on_lost,
            self._deliver_again,
        )

    @property
    def ready(self) -> bool:
        """Whether at least one worker has Keras loaded."""
        with self._lock:
            return bool(self._placement.warm)

    @property
    def is_away(self) -> bool:
        """Whether the workers cannot be reached now."""
        return self._connection.is_away

    def open(self, run: str, experiment: Experiment, axes: Axes | None, first: str, pace: Pace) -> None:
        """Open a run on the worker with the fewest busy runs, and give it its pace and first command."""
        self.open_record(run, Record(((0, experiment),), 0, PAUSED, pace, axes))
        self.send(run, first)

    def open_record(self, run: str, record: Record) -> None:
        """Take in a run as its record describes it; a worker opens it at the first command that is sent to it."""
        self._dispatch(self._add_record, run, record)

    def send(self, run: str, name: str, value: Any = None) -> None:
        """Send a command to a run; it takes effect at its next epoch."""
        self._dispatch(self._send, run, name, value)

    def close(self, run: str, on_result: OnResult | None = None) -> None:
        """Stop a run and free what it holds on its worker.

        Args:
            on_result: gets what is to be kept of the run, or None, or an error, on another thread.
        """
        self._dispatch(self._close, run, on_result)

    def ask(self, on_result: OnResult, call: Callable[..., Any], *arguments: object) -> None:
        """Have any worker make a call; `on_result` gets what it returns, or its error, on another thread."""
        self._dispatch(self._ask, on_result, call, arguments, time.monotonic() + _WAIT_SECONDS)

    def ask_run(self, on_result: OnResult, run: str, call: Callable[..., Any], *arguments: object) -> None:
        """Have a run's worker make a call about it; `on_result` gets what it returns, or its error, on another thread.

        The result is None where the run is not open yet: ask again. A run whose worker was replaced is trained again.

        Args:
            call: of `core.workers.worker`; its first argument is the run's name.
        """
        self._dispatch(self._ask_run, on_result, run, call, arguments)

    def tend(self) -> None:
        """Notice dead workers and replace those that have grown; call this every few seconds."""
        self._dispatch(self._tend)

    def stop(self) -> None:
        """Stop the workers that this object started, in a few seconds, whether they answer or not."""
        self._dispatcher.stop(_STOP_SECONDS)
        self._connection.close()

    # On the dispatcher's thread

    def _dispatch(self, call: Callable[..., None], *arguments: object) -> None:
        self._dispatcher.submit(call, *arguments)

    def _note_failure(self, call: Callable[..., None], arguments: tuple[Any, ...], error: Exception) -> None:
        if not isinstance(error, WorkersError):  # which only says that the scheduler does not answer
            logger.error("Could not %s", call.__name__.strip("_"), exc_info=error)
        if call in (self._send, self._deliver):
            self._fail(str(arguments[0]), _UNREACHABLE)

    def _fail(self, run: str, message: str) -> None:
        with self._lock:
            self._placement.remove(run)
        self._on_error(run, message)

    def _lose_all(self) -> None:
        """End the runs of a connection that was lost."""
        with self._lock:
            lost = self._placement.remove_all()
            self._futures.clear()
        self._orphans |= lost
        for run in lost:
            self._on_lost(run)
        self.portions.lose_all(WorkersError(_AWAY))

    def _close_orphans(self) -> None:
        """Stop the runs that ended with the last connection, on workers that still train them."""
        orphans, self._orphans = self._orphans, {}
        alive = self._alive() if orphans else set()
        for run, address in orphans.items():
            if address in alive:
                self._submit(address, worker.close_run, run)

    def _alive(self) -> set[str]:
        return set(self._connection.look())

    def _staying(self, alive: set[str]) -> set[str]:
        """Return those of the workers that are not being replaced right now."""
        with self._lock:
            return self._placement.staying(alive)

    def _submit(self, address: str, call: Callable[..., Any], *arguments: object) -> Future[Any]:
        """Have a worker make a call, and hold on to its future until it has ended."""
        return self._hold(self._connection.submit(address, call, *arguments), address)

    def _hold(self, future: Future[Any], address: str) -> Future[Any]:
        with self._lock:
            self._futures[future] = address
        future.add_done_callback(self._let_go)
        return future

    # Runs

    def _add_record(self, run: str, record: Record) -> None:
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
            self._placement.add_command(run, name, value)
        self._deliver_again(run)

    def _deliver(self, run: str, latest: float) -> None:
        """Send a run's commands to its worker; where it has none, have one open it, or train it again to where it was.

        Where there is no worker, or the scheduler does not answer, this is tried again until `latest`.
        """
        with self._lock:
            assignment = self._placement.get(run)
        if assignment is None or not assignment.pending:
            return  # nobody wants it any more, or it has obeyed meanwhile
        try:
            alive = self._alive()
        except WorkersError:
            alive = None
        if alive is None or (assignment.record is not None and not self._staying(alive)):
            if time.monotonic() > latest:
                self._fail(run, _UNREACHABLE)
            else:
                self._dispatcher.submit_later(_AGAIN_SECONDS, self._deliver, run, latest)
        elif assignment.record is not None:
            shape = program_shape(assignment.record.plan[-1][1])
            with self._lock:
                address = self._placement.assign(run, shape, self._placement.staying(alive))
            self._start_task(run, address, worker.open_run, assignment.record, assignment.pending, self._topic)
        elif assignment.address in alive:
            self._start_task(run, assignment.address, worker.obey, assignment.pending)
        else:
            with self._lock:
                self._placement.remove(run)
            self._on_lost(run)

    def _close(self, run: str, on_result: OnResult | None) -> None:
        with self._lock:
            assignment = self._placement.remove(run)
        if assignment is None or assignment.record is not None or not self._connection.is_open():
            return
        future = self._submit(assignment.address, worker.close_run, run, on_result is not None)
        if on_result is not None:
            self._expect_answer(future, assignment.address, on_result)

    def _start_task(self, run: str, address: str, call: Callable[..., None], *arguments: object) -> None:
        """Have a worker work on a run, and hear how that ends."""
        self._submit(address, call, run, *arguments).add_done_callback(partial(self._end_task, run, address))

    # Questions

    def _ask(self, on_result: OnResult, call: Callable[..., Any], arguments: tuple[object, ...], latest: float) -> None:
        try:
            alive = self._staying(self._alive())
            if not alive:
                if self.is_away or time.monotonic() > latest:
                    raise WorkersError(_AWAY)
                self._dispatcher.submit_later(_AGAIN_SECONDS, self._ask, on_result, call, arguments, latest)
                return
            with self._lock:
                address = self._placement.choose(None, alive)
            future = self._hold(self._connection.submit(address, call, *arguments, anywhere=True), "")
        except Exception as error:
            on_result(None, error)
            raise
        self._expect_answer(future, address, on_result)

    def _ask_run(self, on_result: OnResult, run: str, call: Callable[..., Any], arguments: tuple[object, ...]) -> None:
        try:
            address = self._address_for_question(run)
            if not address:
                on_result(None, None)  # it is not open yet
                return
            future = self._submit(address, call, run, *arguments)
        except Exception as error:
            on_result(None, error)
            raise
        self._expect_answer(future, address, on_result)

    def _address_for_question(self, run: str) -> str:
        """Return the worker of a run, or "" where none holds it yet; where it was replaced, open the run on another.

        Raises:
            WorkersError: where the worker has died, or the run is not known.
        """
        with self._lock:
            assignment = self._placement.get(run)
        if assignment is not None and assignment.record is not None and not assignment.pending:
            self._send(run, "pace", assignment.record.pace)  # any command opens it again
        with self._lock:
            assignment = self._placement.get(run)
        if assignment is not None and assignment.record is not None:
            return ""
        if assignment is None or assignment.address not in self._alive():
            raise WorkersError(_NO_WEIGHTS)
        return assignment.address

    def _expect_answer(self, future: Future[Any], address: str, on_result: OnResult) -> None:
        with self._lock:
            self._placement.add_question(address)
        future.add_done_callback(partial(self._hand_over, address, on_result))

    # Workers that die, freeze or grow

    def _tend(self) -> None:
        if not self._connection.is_open():
            return
        alive = self._tending.tend()
        with self._lock:
            vain = [future for future, address in self._futures.items() if address and address not in alive]
        for future in vain:
            if future.status == "pending":  # it was on its way to a worker when that died, and would never end
                future.cancel()

    def _deliver_again(self, run: str) -> None:
        self._deliver(run, time.monotonic() + _WAIT_SECONDS)

    # On Dask's event loop

    def _receive(self, event: tuple[float, dict[str, Any]]) -> None:
        message = event[1]
        if "ready" in message:
            with self._lock:
                self._placement.add_warm(message["ready"])
            return
        if "portion" in message:
            self.portions.receive(message)
            return
        run, update = message["run"], Update.from_message(message["update"])
        seconds = update.epoch * (update.ms_per_epoch or 0.0) / 1000
        with self._lock:
            self._placement.report(run, update.status == RUNNING, seconds, update.obeyed)
        self._on_update(run, update)

    # On Dask's thread for callbacks

    def _let_go(self, future: Future[Any]) -> None:
        with self._lock:
            self._futures.pop(future, None)

    def _end_task(self, run: str, address: str, future: Future[Any]) -> None:
        if future.status != "error":  # the result of one that has finished can be lost with its worker: `outcome`
            return
        error = future.exception(FETCH_SECONDS)
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

    def _hand_over(self, address: str, on_result: OnResult, future: Future[Any]) -> None:
        try:
            answer, error = outcome(future)
        finally:
            with self._lock:
                self._placement.remove_question(address)
        if error is not None and not isinstance(error, KilledWorker | HiddenLayersError):
            logger.error("A question failed", exc_info=(type(error), error, future.traceback()))
        on_result(answer, error)
