"""One training run as the server knows it."""

from __future__ import annotations

import asyncio
import math
import secrets
import threading
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from core.analysis.axes import Axes
from core.analysis.packed_weights import ARRAYS as INSIDE
from core.experiment import Experiment, menus
from core.jobs.edit_log import EditLog
from core.jobs.watchers import Watchers
from core.messages.edits import Edit, Timeline, check_room, in_force, without_begin
from core.messages.frames import Frame
from core.messages.pace import FAST, Pace, speed_of
from core.messages.past import Past
from core.messages.record import Record
from core.messages.updates import ENDED, FINISHED, PAUSED, QUEUED, Update
from core.messages.weights import Weights
from core.trained.epoch import weights_epoch
from core.trained.network import TrainedNetwork

INSIDE_SECONDS = 10.0  # from the last look inside until the worker stops publishing what is inside

_PAUSED_UNWATCHED = "Paused while nobody was watching."


@dataclass(frozen=True, eq=False)
class _LatestArray:
    """An array that is drawn.

    Attributes:
        seq: of the job's last change that brought it.
        epoch: that it belongs to.
    """

    seq: int
    array: np.ndarray
    epoch: int


class Job:
    """A run's status, history and latest arrays, and what was asked of it. Safe to use from any thread.

    One lock guards what updates change. `axes` and `paused_unwatched` are single values that the latest writer decides,
    and need none. Frames, histories and arrays that are handed out do not change afterwards.

    Attributes:
        token: what a browser names the job by; it cannot be guessed.
        run: what the workers name it by.
        key: what the run store names it by: a run that was kept and is opened again has the key that it had.
        owner: the browser that started it.
        axes: the plane that the boundary is drawn over, or None.
        is_inside: whether its worker publishes what is inside the network.
        paused_unwatched: whether it was paused because nobody was watching.
    """

    def __init__(
        self,
        owner: str,
        experiment: Experiment,
        axes: Axes | None,
        message: str,
        pace: Pace = FAST,
        edits: Timeline = (),
    ) -> None:
        self.token = secrets.token_urlsafe(24)
        self.run = self.key = uuid.uuid4().hex
        self.owner = owner
        self.axes = axes
        self.is_inside = False
        self.paused_unwatched = False
        self._watchers = Watchers()
        self._lock = threading.Lock()
        self._experiment = experiment
        self._pace = pace
        self._status = QUEUED
        self._message = message
        self._seq = 1
        self._generation = 0
        self._epoch = 0
        self._names = menus.HISTORY[experiment.data.task]
        self._history = np.empty((0, len(self._names)), np.float32)
        self._test: tuple[float, ...] | None = None
        self._learning_rate = experiment.training.learning_rate
        self._ms_per_epoch: float | None = None
        self._arrays: dict[str, _LatestArray] = {}
        self._edits = EditLog(edits)
        # (generation, epoch, edits) and the network that had been trained by then
        self._trained: tuple[tuple[int, int, Timeline], TrainedNetwork] | None = None
        self._looked_inside_at = -math.inf
        self._is_lost = False

    @classmethod
    def again(cls, owner: str, key: str, record: Record, rows: np.ndarray, message: str) -> Job:
        """Return the job of a run that was kept, as it was: with its history, float32 (epochs, columns)."""
        job = cls(owner, record.plan[-1][1], record.axes, message, record.pace, record.edits)
        job.key, job._status, job._epoch, job._history = key, record.status, record.epoch, rows
        return job

    @property
    def experiment(self) -> Experiment:
        """The experiment as it is now, with the changes made while it trained."""
        return self._experiment

    @property
    def pace(self) -> Pace:
        """How fast it may go."""
        return self._pace

    @property
    def status(self) -> str:
        """What the run is doing, as `core.messages.updates` names it."""
        return self._status

    @property
    def message(self) -> str:
        """A message for the user; may be empty."""
        return self._message

    @property
    def is_lost(self) -> bool:
        """Whether no worker holds the run any more."""
        return self._is_lost

    @property
    def epoch(self) -> int:
        """How many epochs are done."""
        return self._epoch

    @property
    def generation(self) -> int:
        """How many times the history has been replaced."""
        return self._generation

    @property
    def edits(self) -> Timeline:
        """The changes by hand that are in force, each with the epoch after which it took effect."""
        with self._lock:
            return in_force(self._edits.timeline(self._epoch))

    @property
    def edit_count(self) -> int:
        """How many changes by hand the run has, undone ones included; 0 for a run that only began with weights."""
        with self._lock:
            return len(without_begin(self._edits.timeline(self._epoch)))

    @property
    def ms_per_epoch(self) -> float | None:
        """The mean time of an epoch, or None before it is known.

        It changes with the epoch only: where the run rests, it stays, however fast its epochs are trained once more by
        compiled programs or by another worker.
        """
        return self._ms_per_epoch

    @property
    def test_metrics(self) -> tuple[float, ...] | None:
        """The metrics on the test set, loss first, once a run with a test set has ended."""
        return self._test

    def history(self) -> dict[str, list[float]]:
        """Return the history so far, by Keras's names."""
        with self._lock:
            return {name: self._history[:, place].tolist() for place, name in enumerate(self._names)}

    def rows(self) -> np.ndarray:
        """Return the history so far, float32 (epochs, columns), in the order of `menus.HISTORY`."""
        with self._lock:
            return self._history

    def array(self, name: str) -> np.ndarray | None:
        """Return the latest array of a name, as in `core.messages.frames`, or None before the first."""
        with self._lock:
            return self._arrays[name].array if name in self._arrays else None

    def keep_trained(self, weights: Weights) -> TrainedNetwork:
        """Return the network with these weights, and remember it until the run goes on.

        Raises:
            DataError: where the weights contain NaN or infinity.
        """
        network = TrainedNetwork(weights.experiment, weights.arrays)
        with self._lock:
            self._trained = (weights.generation, weights.epoch, weights.edits), network
        return network

    def trained(self) -> TrainedNetwork | None:
        """Return the network as it is after the present epoch, if it is remembered."""
        with self._lock:
            if self._trained is None:
                return None
            then, network = self._trained
            now = self._generation, self._epoch, without_begin(self._edits.timeline(self._epoch))
            return network if then == now and network.experiment == self._experiment else None

    # What is drawn of it

    def frame(self, seq: int, generation: int, rows: int, inside: bool = False) -> Frame | None:
        """Return what a client lacks that has seen frame `seq` and holds `rows` rows of `generation`.

        None where there is nothing new. A client that knows another generation gets the whole history.

        Args:
            inside: whether the client looks inside the network, and gets the arrays for that.
        """
        with self._lock:
            if seq == self._seq:
                return None
            # A client that is ahead knows a server from before a restart: it gets everything.
            known = seq if seq < self._seq else 0
            first = min(rows, len(self._history)) if generation == self._generation and known else 0
            latest = {
                name: latest
                for name, latest in self._arrays.items()
                if latest.seq > known and (inside or name not in INSIDE)
            }
            arrays = {name: self._history[first:, place].copy() for place, name in enumerate(self._names)}
            arrays |= {name: kept.array for name, kept in latest.items()}
            epochs_of = {name: kept.epoch for name, kept in latest.items()}
            return self._make_frame(self._generation, self._epoch, first, arrays, epochs_of)

    def frame_of(self, past: Past) -> Frame:
        """Return what is drawn of an earlier epoch as a frame, without history."""
        with self._lock:
            epochs_of = dict.fromkeys(past.arrays, past.epoch)
            return self._make_frame(past.generation, past.epoch, 0, past.arrays, epochs_of)

    def _make_frame(
        self,
        generation: int,
        epoch: int,
        first_row: int,
        arrays: Mapping[str, np.ndarray],
        epochs_of: Mapping[str, int],
    ) -> Frame:
        return Frame(
            seq=self._seq,
            generation=generation,
            status=self._status,
            epoch=epoch,
            epochs=self._experiment.training.epochs,
            ms_per_epoch=self._ms_per_epoch,
            learning_rate=self._learning_rate,
            message=self._message,
            speed=speed_of(self._pace),
            first_row=first_row,
            arrays=arrays,
            epochs_of=epochs_of,
        )

    async def next_frame(
        self, seq: int, generation: int, rows: int, seconds: float, inside: bool = False
    ) -> Frame | None:
        """Wait for something new and return it, or None after `seconds`; counts as watching."""
        with self._watchers.waiting() as news:
            frame = self.frame(seq, generation, rows, inside)
            if frame is None:
                try:
                    await asyncio.wait_for(news.wait(), seconds)
                except TimeoutError:
                    return None
                frame = self.frame(seq, generation, rows, inside)
            return frame

    # Who looks

    def watch(self) -> None:
        """Note that somebody is watching."""
        self._watchers.note()

    def unwatched_seconds(self) -> float:
        """Return the seconds since somebody last watched."""
        return time.monotonic() - self._watchers.seen_at

    def look_inside(self) -> bool:
        """Note that somebody looks inside, and return whether nobody did before."""
        with self._lock:
            self._looked_inside_at = time.monotonic()
            was_inside, self.is_inside = self.is_inside, True
            return not was_inside

    def leave_inside(self) -> bool:
        """Drop the arrays of the inside if nobody has looked there for INSIDE_SECONDS, and return whether so."""
        with self._lock:
            if not self.is_inside or time.monotonic() - self._looked_inside_at < INSIDE_SECONDS:
                return False
            self.is_inside = False
            self._arrays = {name: array for name, array in self._arrays.items() if name not in INSIDE}
            return True

    # What happens to it

    def apply(self, update: Update) -> None:
        """Take in an update from the worker."""
        with self._lock:
            if self._is_lost:
                return
            if update.generation != self._generation:
                self._generation = update.generation
                self._history = self._history[:0]
            self._history = np.concatenate([self._history[: update.first_row], update.rows])
            if update.epoch != self._epoch or self._ms_per_epoch is None:
                self._ms_per_epoch = update.ms_per_epoch
            self._epoch = update.epoch
            self._learning_rate = update.learning_rate
            self._edits = self._edits.confirm(update.edited)
            was_unwatched = update.status == PAUSED and self.paused_unwatched
            self._message = _PAUSED_UNWATCHED if was_unwatched else update.message
            if not self._is_old_end(update):
                self._status = update.status
            self._seq += 1
            for name, array in update.arrays.items():
                if self.is_inside or name not in INSIDE:  # may have been on its way when the last one left
                    self._arrays[name] = _LatestArray(self._seq, array, update.arrays_epoch)
            if update.test != self._test:
                self._test = update.test
                figures = np.array([update.test or ()], np.float32)
                self._arrays["test"] = _LatestArray(self._seq, figures, update.arrays_epoch)
            self._note_weights_epoch()
            self._watchers.wake()

    def end(self, status: str, message: str) -> None:
        """End the job because its worker has failed or died; a job that has ended keeps its status and message."""
        with self._lock:
            self._is_lost, self._edits = True, self._edits.drop_sent()
            if self._status not in ENDED:
                self._status = status
                self._message = message
                self._seq += 1
                self._watchers.wake()

    def edit(self, edit: Edit) -> None:
        """Note a change by hand that is sent to the worker, which will confirm after which epoch it took effect.

        Raises:
            TooManyEditsError: where the run cannot keep it.
        """
        with self._lock:
            check_room(self._edits.timeline(self._epoch), self._epoch, edit)
            self._edits = self._edits.send(edit)

    def show_weights_again(self) -> None:
        """Send the network's inside once more to who looks there, as after an edit that was refused.

        The page has shown the edit already, and a run at rest would not correct that.
        """
        with self._lock:
            self._seq += 1
            for name in self._arrays.keys() & set(INSIDE):
                self._arrays[name] = replace(self._arrays[name], seq=self._seq)
            self._watchers.wake()

    def change(self, experiment: Experiment) -> bool:
        """Note that the run goes on with another experiment, and return whether it had finished and gets more epochs.

        Its worker trains these, or rests before them, by itself.
        """
        with self._lock:
            self._experiment = experiment
            gets_more = self._status == FINISHED and experiment.training.epochs > self._epoch and not self._is_lost
            if gets_more:
                self._status = PAUSED if self._pace.rests else QUEUED
            self._seq += 1
            self._note_weights_epoch()
            self._watchers.wake()
            return gets_more

    def set_pace(self, pace: Pace) -> None:
        """Note that the run goes on at another pace."""
        with self._lock:
            self._pace = pace
            self._seq += 1
            self._watchers.wake()

    def _is_old_end(self, update: Update) -> bool:
        """Return whether an update tells that all epochs are done, and more were asked for since it was sent."""
        return update.status == FINISHED and update.epochs <= update.epoch < self._experiment.training.epochs

    def _note_weights_epoch(self) -> None:
        """Keep which epoch the weights belong to, for a client that shows its metrics."""
        training = self._experiment.training
        kept = self._arrays.get("weights_epoch")
        before = kept.array if kept else None
        if before is None and not (training.patience and training.restore_best):
            return  # it is the last one
        columns = {name: self._history[:, place] for place, name in enumerate(self._names)}
        now = np.array([weights_epoch(self._experiment, columns)], np.int32)
        if before is None or before[0] != now[0]:
            self._arrays["weights_epoch"] = _LatestArray(self._seq, now, int(now[0]))
