"""The server's training jobs: what each one is doing, its history, and who may watch it.

There is one registry a process, not one a session: a reload, a second tab or a dropped network finds its
job again. Updates arrive on Dask's thread, pages call from script threads, streams read from the server's
loop; a job's lock guards its fields, and what leaves it are copies or values that nobody changes.
"""

from __future__ import annotations

import asyncio
import math
import queue
import secrets
import threading
import time
import uuid
from collections.abc import Callable

import numpy as np

from core.analysis.axes import Axes
from core.analysis.inside import ARRAYS as INSIDE
from core.errors import DataError, HiddenLayersError, WorkersError
from core.experiment import Experiment, menus
from core.live.frames import Frame
from core.runs.trained import TrainedNetwork
from core.training.cluster import Cluster
from core.training.downloads import Downloads
from core.training.updates import ENDED, FAILED, FINISHED, INTERRUPTED, PAUSED, QUEUED, RUNNING, Update
from core.training.weights import Weights

UNWATCHED_PAUSE = 60.0  # seconds without a watcher until a job pauses; it goes on when somebody looks again
UNWATCHED_FORGET = 1800.0  # … until it is dropped, with its history
JOBS_A_PERSON = 20  # the oldest go first
INSIDE_SECONDS = 10.0  # since somebody last looked inside, until a job shows that no more
FAREWELL_SECONDS = 10.0  # a forgotten job's token is known so long, for a page that has not heard of it yet

_NOT_READY = "The training workers are still loading TensorFlow; this run begins as soon as they are ready."
_LOST = "The worker that trained this run has died, so the run ends here. Press Train to start it again."
_ASK_AGAIN_SECONDS = 0.1  # between two questions for weights that are not there yet
_BROKEN = "The weights of this run are no numbers any more: lower the learning rate and train it again."
_LATE = "The training worker has not handed the weights over within {seconds:.0f} s; it is busy. Try again in a moment."
_UNWATCHED = "Paused while nobody was watching."


class Job:
    """One training run as the server knows it. Safe to use from any thread."""

    def __init__(self, owner: str, experiment: Experiment, axes: Axes | None, message: str, pace: float = 0.0) -> None:
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
        self._trained: tuple[tuple[int, int], TrainedNetwork] | None = None  # generation and epoch, and its network
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
    def epoch(self) -> int:
        """How many epochs are done."""
        return self._epoch

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
            self._trained = (weights.generation, weights.epoch), network
        return network

    def trained(self) -> TrainedNetwork | None:
        """Return the network of the present epoch where it is remembered."""
        with self._lock:
            if self._trained is None:
                return None
            where, network = self._trained
            is_present = where == (self._generation, self._epoch) and network.experiment == self._experiment
            return network if is_present else None

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
            self._seq += 1
            for name, array in update.arrays.items():
                if self.is_inside or name not in INSIDE:  # one may have been on its way when the last one left
                    self._arrays[name] = (self._seq, array)
            self._wake()

    def end(self, status: str, message: str) -> None:
        """End the job without a word from its worker; an end that is already there stays."""
        with self._lock:
            self._closed = True
            if self._status not in ENDED:
                self._status = status
                self._message = message
                self._seq += 1
                self._wake()

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


class Jobs:
    """Every job of this server, and the cluster that trains them."""

    def __init__(self, workers: int | None = None) -> None:
        self._lock = threading.Lock()
        self._jobs: dict[str, Job] = {}  # by token, oldest first
        self._runs: dict[str, Job] = {}
        self._leaving: dict[str, tuple[str, float]] = {}  # token -> (owner, when) of jobs just forgotten
        self.cluster = Cluster(self._apply, self._fail, self._lose, workers)
        self.downloads = Downloads(self.cluster.ask)

    def start(
        self,
        owner: str,
        experiment: Experiment,
        axes: Axes | None,
        first: str = "train",
        pace: float = 0.0,
    ) -> Job:
        """Start a job for a browser: train to the end, or take one `step`, at most `pace` epochs a second."""
        job = Job(owner, experiment, axes, "" if self.cluster.ready else _NOT_READY, pace)
        with self._lock:
            mine = [other for other in self._jobs.values() if other.owner == owner]
            self._jobs[job.token] = self._runs[job.run] = job
        for old in mine[: max(0, len(mine) + 1 - JOBS_A_PERSON)]:
            self.forget(old)
        self.cluster.open(job.run, experiment, axes, first, pace)
        return job

    def get(self, token: str, owner: str) -> Job | None:
        """Return the job of a token, if it is this browser's."""
        with self._lock:
            job = self._jobs.get(token)
        # As bytes: text may hold only ASCII there, and a cookie holds what its sender likes.
        return job if job is not None and secrets.compare_digest(job.owner.encode(), owner.encode()) else None

    def find(self, owner: str, experiment: Experiment) -> Job | None:
        """Return the browser's newest job of an experiment, if there is one."""
        with self._lock:
            jobs = list(self._jobs.values())
        return next((job for job in reversed(jobs) if job.owner == owner and job.experiment == experiment), None)

    def resume(self, job: Job) -> None:
        """Train on to the end."""
        job.watch()
        job.paused_unwatched = False
        self.cluster.send(job.run, "train")

    def pause(self, job: Job) -> None:
        """Hold the job after the epoch it is in."""
        job.paused_unwatched = False
        self.cluster.send(job.run, "pause")

    def step(self, job: Job) -> None:
        """Train one epoch more."""
        job.watch()
        job.paused_unwatched = False
        self.cluster.send(job.run, "step")

    def stop(self, job: Job) -> None:
        """End the job; its curves stay."""
        self.cluster.send(job.run, "stop")

    def change(self, job: Job, experiment: Experiment) -> None:
        """Go on with another experiment, which the job's `can_become`, from the next epoch on."""
        job.change(experiment)
        self.cluster.send(job.run, "change", experiment)

    def set_axes(self, job: Job, axes: Axes) -> None:
        """Draw the boundary over two other features."""
        job.axes = axes
        self.cluster.send(job.run, "axes", axes)

    def set_pace(self, job: Job, pace: float) -> None:
        """Train at most `pace` epochs a second, 0 for as fast as it goes."""
        job.pace = pace
        self.cluster.send(job.run, "pace", pace)

    def look_inside(self, job: Job) -> None:
        """Have a job show its network's inside for some seconds more."""
        if job.look_inside():
            self.cluster.send(job.run, "inside", True)

    def trained(self, job: Job, seconds: float = 5.0) -> TrainedNetwork:
        """Return a job's network as it is now, or as it was when its worker answered; waits at most some seconds.

        Where the run has gone back to the weights of its best epoch, these. What was asked for once is remembered
        until the next epoch, also where the worker has died since.

        Raises:
            WorkersError: where the run has failed, its worker has died, or does not answer in time.
        """
        if job.status == FAILED:
            raise WorkersError(job.message)
        deadline = time.monotonic() + seconds
        network = job.trained()
        while network is None:
            weights = self._ask_weights(job, deadline, seconds)
            if weights is not None:
                try:
                    network = job.keep_trained(weights)
                except DataError as error:
                    raise WorkersError(_BROKEN) from error
            elif job.status in (FAILED, INTERRUPTED):
                raise WorkersError(job.message)
            else:  # it waits to begin, or is trained again elsewhere
                time.sleep(_ASK_AGAIN_SECONDS)
        return network

    def _ask_weights(self, job: Job, deadline: float, seconds: float) -> Weights | None:
        """Ask a job's worker once; None where the run is not open there yet."""
        answer: queue.SimpleQueue[tuple[Weights | None, BaseException | None]] = queue.SimpleQueue()
        self.cluster.ask_weights(lambda weights, error: answer.put((weights, error)), job.run)
        try:
            weights, error = answer.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty as late:
            raise WorkersError(_LATE.format(seconds=seconds)) from late
        if isinstance(error, HiddenLayersError):
            raise error
        if error is not None:
            raise WorkersError(_LOST) from error
        return weights

    def forget(self, job: Job) -> None:
        """Drop a job and everything it holds."""
        now = time.monotonic()
        with self._lock:
            self._jobs.pop(job.token, None)
            self._runs.pop(job.run, None)
            self._leaving = {token: left for token, left in self._leaving.items() if now - left[1] < FAREWELL_SECONDS}
            self._leaving[job.token] = (job.owner, now)
        self.cluster.close(job.run)

    def has_left(self, token: str, owner: str) -> bool:
        """Return whether a token is of a job of this browser that was forgotten just now."""
        with self._lock:
            its_owner, when = self._leaving.get(token, ("", -FAREWELL_SECONDS))
        return secrets.compare_digest(its_owner.encode(), owner.encode()) and time.monotonic() - when < FAREWELL_SECONDS

    def tend(self) -> None:
        """Look after the jobs and the workers; call this every few seconds.

        Jobs nobody watches pause and are forgotten in the end; those somebody looks at again go on.
        """
        with self._lock:
            jobs = list(self._jobs.values())
        for job in jobs:
            if job.leave_inside():
                self.cluster.send(job.run, "inside", False)
            alone = job.unwatched_for()
            if alone > UNWATCHED_FORGET:
                self.forget(job)
            elif alone > UNWATCHED_PAUSE and job.status in (QUEUED, RUNNING):
                job.paused_unwatched = True
                self.cluster.send(job.run, "pause")
            elif alone <= UNWATCHED_PAUSE and job.paused_unwatched:
                self.resume(job)
        self.cluster.tend()

    def close(self) -> None:
        """Stop the workers."""
        self.cluster.stop()

    def _apply(self, run: str, update: Update) -> None:
        self._with(run, lambda job: job.apply(update))

    def _fail(self, run: str, message: str) -> None:
        self._with(run, lambda job: job.end(FAILED, message))

    def _lose(self, run: str) -> None:
        self._with(run, lambda job: job.end(INTERRUPTED, _LOST))

    def _with(self, run: str, act: Callable[[Job], None]) -> None:
        with self._lock:
            job = self._runs.get(run)
        if job is not None:
            act(job)
