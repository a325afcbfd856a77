"""The server's training jobs: what each one is doing, its history, and who may watch it.

There is one registry a process, not one a session: a reload, a second tab or a dropped network finds its
job again. Updates arrive on Dask's thread, pages call from script threads, streams read from the server's
loop; a job's lock guards its fields, and what leaves it are copies or values that nobody changes.
"""

from __future__ import annotations

import asyncio
import queue
import secrets
import threading
import time
from collections.abc import Callable
from typing import Any

from core.analysis.axes import Axes
from core.datasets import prepare
from core.errors import DataError, WorkersError
from core.experiment import Experiment
from core.jobs.downloads import Downloads
from core.jobs.job import Job
from core.messages.edits import Begin, Edit, check_edit
from core.messages.frames import Frame
from core.messages.past import Past
from core.messages.record import Record
from core.messages.updates import FAILED, INTERRUPTED, PAUSED, QUEUED, RUNNING, Update
from core.messages.weights import Weights
from core.trained.network import TrainedNetwork
from core.workers import worker
from core.workers.cluster import Cluster
from core.workers.waiting import raise_error

UNWATCHED_PAUSE = 60.0  # seconds without a watcher until a job pauses; it goes on when somebody looks again
UNWATCHED_FORGET = 1800.0  # … until it is dropped, with its history
JOBS_A_PERSON = 20  # the oldest go first
REPLAY_SECONDS = 5.0  # to wait for what is drawn of an earlier epoch
FAREWELL_SECONDS = 10.0  # a forgotten job's token is known so long, for a page that has not heard of it yet

_NOT_READY = "The training workers are still loading TensorFlow; this run begins as soon as they are ready."
_LOST = "The worker that trained this run has died, so the run ends here. Press Train to start it again."
_GONE = (
    "The worker that trained this run has died, and the network went with it: nothing can be changed by hand any more. "
    "Press Train to start the run again."
)
_ASK_AGAIN_SECONDS = 0.1  # between two questions for weights that are not there yet
_BROKEN = "The weights of this run are no numbers any more: lower the learning rate and train it again."
_LATE = "The training worker has not handed the weights over within {seconds:.0f} s; it is busy. Try again in a moment."

_NO_ANSWER = "The training worker has not answered within {seconds:.0f} s; it is busy. Try again in a moment."


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
        self._take_in(job)
        self.cluster.open(job.run, experiment, axes, first, pace)
        return job

    def go_on(self, owner: str, network: TrainedNetwork, axes: Axes | None, pace: float = 0.0) -> Job:
        """Start a job that trains a network's experiment from its weights, with a fresh optimizer."""
        edits = ((0, Begin(dict(network.weights))),)
        job = Job(owner, network.experiment, axes, "" if self.cluster.ready else _NOT_READY, pace, edits)
        self._take_in(job)
        self.cluster.open_record(job.run, Record(((0, network.experiment),), 0, PAUSED, pace, axes, edits))
        self.cluster.send(job.run, "train")
        return job

    def _take_in(self, job: Job) -> None:
        """Keep a new job; the oldest of a person who has too many goes."""
        with self._lock:
            mine = [other for other in self._jobs.values() if other.owner == job.owner]
            self._jobs[job.token] = self._runs[job.run] = job
        for old in mine[: max(0, len(mine) + 1 - JOBS_A_PERSON)]:
            self.forget(old)

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

    def edit(self, job: Job, edit: Edit) -> None:
        """Have something done by hand to a job's network, behind the epoch that it is in.

        Raises:
            ExperimentError: where the network has no such weight or unit, or the value is none that it may have.
            TooManyEditsError: where the run cannot keep another.
            WorkersError: where the run has failed, or its worker has died.
        """
        split = prepare(job.experiment.data)
        check_edit(edit, job.experiment.network, split.inputs, split.classes)
        if job.status in (FAILED, INTERRUPTED):
            raise WorkersError(job.message)
        if job.is_lost:
            raise WorkersError(_GONE)
        with self._lock:  # the job counts them in the order in which its worker gets them
            job.edit(edit)
            self.cluster.send(job.run, "edit", edit)

    async def replay(self, job: Job, epoch: int, inside: bool) -> Frame:
        """Return what is drawn of a job's network behind the kept epoch nearest to one; also while it trains.

        Args:
            inside: whether its `weights` and `spaces` are wanted too.

        Raises:
            TimeoutError: where the worker does not answer within REPLAY_SECONDS.
            WorkersError: where it has died, or has never held the run.
        """
        async with asyncio.timeout(REPLAY_SECONDS):
            while (past := await self._ask_past(job, epoch, inside)) is None:
                if job.status in (FAILED, INTERRUPTED):
                    raise WorkersError(job.message)
                await asyncio.sleep(_ASK_AGAIN_SECONDS)  # it waits to begin, or is trained again elsewhere
        return job.frame_of(past)

    async def _ask_past(self, job: Job, epoch: int, inside: bool) -> Past | None:
        """Ask a job's worker once; None where the run is not open there yet."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[tuple[Past | None, BaseException | None]] = loop.create_future()

        def settle(past: Past | None, error: BaseException | None) -> None:
            if not answer.done():  # nobody waits any more
                answer.set_result((past, error))

        def take(*said: Any) -> None:
            loop.call_soon_threadsafe(settle, *said)

        self.cluster.ask_run(take, job.run, worker.past_of, epoch, inside)
        past, error = await answer
        raise_error(error, _LOST)
        return past

    def look_inside(self, job: Job) -> None:
        """Have a job show its network's inside for some seconds more."""
        with self._lock:  # as in `tend`: what is sent last is what the job says
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
        try:
            weights: Weights | None = self._ask_worker(job, deadline, worker.weights_of)
        except queue.Empty as late:
            raise WorkersError(_LATE.format(seconds=seconds)) from late
        return weights

    def ask(self, job: Job, call: Callable[..., Any], *arguments: object, seconds: float = 60.0) -> Any:
        """Have a job's worker make a call about its run and return what it returns; waits at most some seconds.

        Args:
            call: of `core.workers.worker`, with the run's name as its first argument; None where it is not open yet.

        Raises:
            WorkersError: where the run has failed, its worker has died, or does not answer in time.
        """
        deadline = time.monotonic() + seconds
        try:
            while (said := self._ask_worker(job, deadline, call, *arguments)) is None:
                if job.status in (FAILED, INTERRUPTED):
                    raise WorkersError(job.message)
                time.sleep(_ASK_AGAIN_SECONDS)  # it waits to begin, or is trained again elsewhere
        except queue.Empty as late:
            raise WorkersError(_NO_ANSWER.format(seconds=seconds)) from late
        return said

    def _ask_worker(self, job: Job, deadline: float, call: Callable[..., Any], *arguments: object) -> Any:
        """Have a job's worker make a call about its run; raises `queue.Empty` when it is too late."""
        answer: queue.SimpleQueue[tuple[Any, BaseException | None]] = queue.SimpleQueue()
        self.cluster.ask_run(lambda said, error: answer.put((said, error)), job.run, call, *arguments)
        said, error = answer.get(timeout=max(0.0, deadline - time.monotonic()))
        raise_error(error, _LOST)
        return said

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
            with self._lock:
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
