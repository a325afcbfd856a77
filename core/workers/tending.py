"""Looking after the workers: those that die, freeze, grow, or cannot end a run."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from distributed import Future, KilledWorker

from core.messages.record import Record
from core.workers import worker
from core.workers.connection import WorkerState
from core.workers.dispatcher import Dispatcher
from core.workers.heartbeats import Heartbeats
from core.workers.lasting_connection import LastingConnection
from core.workers.outcomes import FETCH_SECONDS, outcome
from core.workers.placement import Placement

logger = logging.getLogger(__name__)

# That a run which nobody wants may keep its thread before its worker is replaced, and with it the runs of others. On a
# machine that is overloaded, a run may be busy with building its network for half a minute.
STUCK_SECONDS = 60.0


class Tending:
    """Notices what happens to workers. The dispatcher's thread calls `tend`.

    Args:
        lock: guards the placement; see `Cluster`.
        submit: has a worker make a call.
        on_lost: called with a run that was lost with its worker.
        on_unplaced: called with a run that needs another worker.
    """

    def __init__(
        self,
        lock: threading.Lock,
        placement: Placement,
        connection: LastingConnection,
        dispatcher: Dispatcher,
        submit: Callable[..., Future[Any]],
        on_lost: Callable[[str], None],
        on_unplaced: Callable[[str], None],
    ) -> None:
        self._lock = lock
        self._placement = placement
        self._connection = connection
        self._dispatcher = dispatcher
        self._submit = submit
        self._on_lost, self._on_unplaced = on_lost, on_unplaced
        self._heartbeats = Heartbeats()
        self._leaving: set[str] = set()  # workers that are alive, but will not be for long

    def tend(self) -> set[str]:
        """Notice what has happened to workers since the last time; return those that are alive.

        Raises:
            WorkersError: where the scheduler does not answer.
        """
        with self._lock:
            warm = self._placement.warm
        workers = self._connection.look()
        alive = set(workers)
        with self._lock:
            lost = self._placement.remove_dead(alive, warm)
            cold = self._placement.workers_to_ask(alive)
        for run in lost:
            self._on_lost(run)
        for address in cold:  # their event was lost, as can happen to a worker that has just started
            self._submit(address, worker.load).add_done_callback(partial(self._note_warm, address))
        self._leaving &= alive
        self._kill_frozen(workers)
        for address, state in workers.items():
            if state.stuck_seconds > STUCK_SECONDS and address not in self._leaving:
                logger.error("Worker %s cannot end a run that nobody wants, and is replaced", address)
                self._leaving.add(address)
                self._export(address, is_stuck=True)
        self._replace_grown(workers)
        return alive

    def replace(self, address: str, records: Mapping[str, Record], is_stuck: bool) -> None:
        """Replace a worker whose runs can be trained again.

        Args:
            records: of its runs.
            is_stuck: whether it must go, even if some of its runs are lost.
        """
        with self._lock:
            if address not in self._placement.warm:
                return  # it is gone or being replaced already
            # Otherwise a run has something to do after all, or was sent a command meanwhile: another time.
            if not is_stuck and not self._placement.is_exact(address, records):
                return
            lost = self._placement.begin_restart(address, records)
        for run in lost:
            self._on_lost(run)
        self._connection.replace(address, at_once=is_stuck, on_end=self._end_restart)
        for run in records:
            self._on_unplaced(run)  # does nothing where it has obeyed all that it was sent

    def _kill_frozen(self, workers: Mapping[str, WorkerState]) -> None:
        seen = {address: state.seen_at for address, state in workers.items()}
        frozen = self._heartbeats.look(seen, self._connection.processor_seconds(), time.monotonic())
        with self._lock:
            self._placement.set_quiet(self._heartbeats.quiet)
        for address in frozen - self._leaving:
            logger.error("Worker %s is frozen, and is killed", address)
            self._leaving.add(address)
            with self._lock:
                lost, unplaced = self._placement.remove_worker(address)
            self._connection.replace(address, at_once=True, on_end=lambda: None)
            for run in lost:
                self._on_lost(run)
            for run in unplaced:
                self._on_unplaced(run)

    def _replace_grown(self, workers: Mapping[str, WorkerState]) -> None:
        """Replace a worker that has grown, if one can go now.

        The runs at rest there are trained again on another worker as soon as somebody wants to go on with them.
        """
        memory = {address: state.memory for address, state in workers.items()}
        with self._lock:
            # Idle workers of a scheduler may hold work of others.
            address = self._placement.next_to_replace(memory, may_restart_idle=self._connection.is_local)
        if address:
            self._export(address, is_stuck=False)

    def _export(self, address: str, is_stuck: bool) -> None:
        """Ask a worker for the records of its runs, and replace it when they are here.

        One that is stuck must go whatever it does, so runs at rest come along that still wait for the compiler.
        """
        future = self._submit(address, worker.export_records, is_stuck)
        future.add_done_callback(partial(self._take_records, address, is_stuck))

    def _end_restart(self) -> None:
        with self._lock:
            self._placement.end_restart()

    # On Dask's thread for callbacks

    def _take_records(self, address: str, is_stuck: bool, future: Future[Any]) -> None:
        records, error = outcome(future)
        if error is None:
            self._dispatcher.submit(self.replace, address, records, is_stuck)

    def _note_warm(self, address: str, future: Future[Any]) -> None:
        with self._lock:
            self._placement.note_answer(address, future.status == "finished")
        if future.status == "error" and not isinstance(error := future.exception(FETCH_SECONDS), KilledWorker):
            logger.error("Worker %s cannot load Keras", address, exc_info=error)
