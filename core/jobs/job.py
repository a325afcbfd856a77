"""One training run as the server knows it: what it is doing, its history, and who looks."""

from __future__ import annotations

import asyncio
import math
import secrets
import threading
import time
import uuid

import numpy as np

from core.analysis.axes import Axes
from core.analysis.packed_weights import ARRAYS as INSIDE
from core.experiment import Experiment, menus
from core.messages.edits import Edit, Timeline, added, check_room, in_force, without_begin
from core.messages.frames import Frame
from core.messages.past import Past
from core.messages.updates import ENDED, FINISHED, PAUSED, QUEUED, Update
from core.messages.weights import Weights
from core.trained.network import TrainedNetwork

INSIDE_SECONDS = 10.0  # since somebody last looked inside, until a job shows that no more

_UNWATCHED = "Paused while nobody was watching."


class Job:
    """One training run as the server knows it. Safe to use from any thread."""

    def __init__(
        self,
        owner: str,
        experiment: Experiment,
        axes: Axes | None,
        message: str,
        pace: float = 0.0,
        edits: Timeline = (),
    ) -> None:
        self.token = secrets.token_urlsafe(24)
        self.run = uuid.uuid4().hex
        self.owner = owner
        self.axes = axes
        self.pace = pace
        self._lock = threading.Lock()
        self._experiment = experiment
        self._status = QUEUED
        self._seq = 1
        self._generation = 0
        self._epoch = 0
        self._names = menus.HISTORY[experiment.data.task]
        self._history = np.empty((0, len(self._names)), np.float32)
        self._test: tuple[float, ...] | None = None
        self._learning_rate = experiment.training.learning_rate
        self._ms_per_epoch: float | None = None
        self._message = message
        self._edits = edits
        self._sent: tuple[Edit, ...] = ()  # those of which its worker has not said yet behind which epoch
        self._trained: tuple[tuple[int, int, Timeline], TrainedNetwork] | None = (
            None  # generation, epoch, edits; its network
        )
        self._arrays: dict[str, tuple[int, np.ndarray]] = {}  # name -> (seq of its last change, array)
        self._watched_at = time.monotonic()
        self._looked_inside_at = -math.inf
        self.is_inside = False  # whether its worker publishes what is inside
        self.paused_unwatched = False
        self._closed = False
        self._waiters: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = set()

    @property
    def experiment(self) -> Experiment:
        """The experiment as it is now, with what was changed while it trained."""
        return self._experiment

    @property
    def status(self) -> str:
        return self._status

    @property
    def message(self) -> str:
        return self._message

    @property
    def is_lost(self) -> bool:
        """Whether its worker holds it no more."""
        return self._closed

    @property
    def epoch(self) -> int:
        """How many epochs are done."""
        return self._epoch

    @property
    def edits(self) -> Timeline:
        """What was done by hand and stands, each with the epoch behind which it took effect."""
        return in_force(self._edits_to_be())

    @property
    def ms_per_epoch(self) -> float | None:
        return self._ms_per_epoch

    @property
    def test_metrics(self) -> tuple[float, ...] | None:
        """The figures of the test rows, loss first, once a run with three sets of rows has ended."""
        return self._test

    def history(self) -> dict[str, list[float]]:
        """Return the history so far, by Keras's names."""
        with self._lock:
            return {name: self._history[:, place].tolist() for place, name in enumerate(self._names)}

    def array(self, name: str) -> np.ndarray | None:
        """Return the latest `boundary`, `confusion` or `strip`, or None before the first."""
        with self._lock:
            return self._arrays[name][1] if name in self._arrays else None

    def keep_trained(self, weights: Weights) -> TrainedNetwork:
        """Return the network of these weights, and remember it for as long as the run stays where it is.

        Raises:
            DataError: where they are no numbers.
        """
        network = TrainedNetwork(weights.experiment, weights.arrays)
        with self._lock:
            self._trained = (weights.generation, weights.epoch, weights.edits), network
        return network

    def trained(self) -> TrainedNetwork | None:
        """Return the network of the present epoch where it is remembered."""
        with self._lock:
            if self._trained is None:
                return None
            where, network = self._trained
            here = self._generation, self._epoch, without_begin(self._edits_to_be())
            return network if where == here and network.experiment == self._experiment else None

    def frame(self, seq: int, generation: int, rows: int, inside: bool = False) -> Frame | None:
        """Return what a client lacks that has seen frame `seq` and holds `rows` rows of `generation`.

        None where there is nothing new. A client that knows another generation gets the whole history. Arrays of the
        network's inside are for those who look there.
        """
        with self._lock:
            if seq == self._seq:
                return None
            # A client that is ahead knows a server from before a restart: it gets everything.
            known = seq if seq < self._seq else 0
            first = min(rows, len(self._history)) if generation == self._generation and known else 0
            arrays = {
                name: array
                for name, (changed, array) in self._arrays.items()
                if changed > known and (inside or name not in INSIDE)
            }
            columns = {name: self._history[first:, place].copy() for place, name in enumerate(self._names)}
            return Frame(
                seq=self._seq,
                generation=self._generation,
                status=self._status,
                epoch=self._epoch,
                epochs=self._experiment.training.epochs,
                ms_per_epoch=self._ms_per_epoch,
                learning_rate=self._learning_rate,
                message=self._message,
                first_row=first,
                arrays=columns | arrays,
            )

    def frame_of(self, past: Past) -> Frame:
        """Return what is drawn of an earlier epoch as a frame, without history."""
        with self._lock:
            return Frame(
                seq=self._seq,
                generation=past.generation,
                status=self._status,
                epoch=past.epoch,
                epochs=self._experiment.training.epochs,
                ms_per_epoch=self._ms_per_epoch,
                learning_rate=self._learning_rate,
                message=self._message,
                first_row=0,
                arrays=past.arrays,
            )

    async def next_frame(
        self, seq: int, generation: int, rows: int, seconds: float, inside: bool = False
    ) -> Frame | None:
        """Wait for something new and return it, or None after `seconds`; counts as watching."""
        self.watch()
        waiter = (asyncio.get_running_loop(), asyncio.Event())
        with self._lock:
            self._waiters.add(waiter)
        try:
            frame = self.frame(seq, generation, rows, inside)
            if frame is None:
                try:
                    await asyncio.wait_for(waiter[1].wait(), seconds)
                except TimeoutError:
                    return None
                frame = self.frame(seq, generation, rows, inside)
            return frame
        finally:
            self.watch()
            with self._lock:
                self._waiters.discard(waiter)

    def watch(self) -> None:
        """Note that somebody is looking."""
        self._watched_at = time.monotonic()

    def look_inside(self) -> bool:
        """Note that somebody looks inside, and return whether nobody did before."""
        with self._lock:
            self._looked_inside_at = time.monotonic()
            was_inside, self.is_inside = self.is_inside, True
            return not was_inside

    def leave_inside(self) -> bool:
        """Forget the arrays of the inside where nobody has looked there for some seconds, and return whether so."""
        with self._lock:
            if not self.is_inside or time.monotonic() - self._looked_inside_at < INSIDE_SECONDS:
                return False
            self.is_inside = False
            self._arrays = {name: array for name, array in self._arrays.items() if name not in INSIDE}
            return True

    def apply(self, update: Update) -> None:
        """Take in what the worker says."""
        with self._lock:
            if self._closed:
                return
            if update.generation != self._generation:
                self._generation = update.generation
                self._history = self._history[:0]
            self._history = np.concatenate([self._history[: update.first_row], update.rows])
            self._epoch = update.epoch
            self._learning_rate = update.learning_rate
            self._ms_per_epoch = update.ms_per_epoch
            self._test = update.test
            self._message = _UNWATCHED if update.status == PAUSED and self.paused_unwatched else update.message
            self._status = update.status
            for epoch, edit in zip(update.edited, self._sent, strict=False):
                self._edits = added(self._edits, epoch, edit)
            self._sent = self._sent[len(update.edited) :]
            self._seq += 1
            for name, array in update.arrays.items():
                if self.is_inside or name not in INSIDE:  # one may have been on its way when the last one left
                    self._arrays[name] = (self._seq, array)
            self._wake()

    def end(self, status: str, message: str) -> None:
        """End the job without a word from its worker; an end that is already there stays."""
        with self._lock:
            self._closed, self._sent = True, ()
            if self._status not in ENDED:
                self._status = status
                self._message = message
                self._seq += 1
                self._wake()

    def edit(self, edit: Edit) -> None:
        """Note that something is done by hand; its worker will say behind which epoch.

        Raises:
            TooManyEditsError: where the run cannot keep it.
        """
        with self._lock:
            check_room(self._edits_to_be(), self._epoch, edit)
            self._sent = (*self._sent, edit)

    def _edits_to_be(self) -> Timeline:
        """Return the lines of the plan, with those that are on their way where they will be at the earliest."""
        edits = self._edits
        for edit in self._sent:
            edits = added(edits, self._epoch, edit)
        return edits

    def change(self, experiment: Experiment) -> None:
        """Note that the run goes on with another experiment."""
        with self._lock:
            self._experiment = experiment
            if self._status == FINISHED and experiment.training.epochs > self._epoch and not self._closed:
                self._status = PAUSED
            self._seq += 1
            self._wake()

    def _wake(self) -> None:
        for loop, event in self._waiters:
            loop.call_soon_threadsafe(event.set)

    def unwatched_for(self) -> float:
        """Return the seconds since somebody last looked."""
        return time.monotonic() - self._watched_at
