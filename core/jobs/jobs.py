"""The server's training jobs: what each one is doing, its history, and who may watch it.

There is one registry a process, not one a session: a reload, a second tab or a dropped network finds its job again.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from core.analysis.axes import Axes
from core.datasets import prepare
from core.errors import DataError, HiddenLayersError, WorkersError
from core.experiment import Experiment
from core.jobs import questions
from core.jobs.downloads import Downloads
from core.jobs.job import Job
from core.jobs.keeping import Keeping, kept_record, kept_rows
from core.jobs.studies import Studies
from core.messages.edits import Begin, Edit, Timeline, check_edit
from core.messages.frames import Frame
from core.messages.pace import FAST, Pace
from core.messages.record import Record
from core.messages.updates import ENDED, FAILED, INTERRUPTED, PAUSED, QUEUED, RUNNING, Update
from core.runs.values import KeptRun
from core.runs.writer import RunWriter
from core.trained.network import TrainedNetwork
from core.workers import worker
from core.workers.cluster import Cluster
from core.workers.summaries import Summaries

PAUSE_SECONDS = 60.0  # without a watcher, until a job pauses; it goes on when somebody looks again
FORGET_SECONDS = 1800.0  # without a watcher, until a job is dropped, with its history
JOBS_PER_OWNER = 20  # the oldest is dropped first
REPLAY_SECONDS = 5.0  # to wait for what is drawn of an earlier epoch
TOMBSTONE_SECONDS = 60.0  # for which a dropped job's token is remembered, for a page that still asks for it

_NOT_READY = "The training workers are still loading TensorFlow; this run begins as soon as they are ready."
_AWAY = "The training workers cannot be reached now; this run begins as soon as they are back."
_CANNOT_EDIT = (
    "The worker that trained this run has died, and the network was lost with it, so it can no longer be changed by "
    "hand. Press Train to start the run again."
)
_BROKEN = "The weights of this run contain NaN or infinity. Lower the learning rate and train it again."


@dataclass(frozen=True)
class _Tombstone:
    """Whose job was dropped, and when, by `time.monotonic`."""

    owner: str
    at: float

    @property
    def is_old(self) -> bool:
        return time.monotonic() - self.at >= TOMBSTONE_SECONDS


class Jobs:
    """Every job of this server, and the cluster that trains them. Safe to use from any thread.

    Pages call from script threads, streams from the server's event loop, and updates come on Dask's thread. One lock
    guards the registry, and the order in which a job and its worker hear of edits and looks inside; a job guards its
    own fields.

    Args:
        workers: processes to start; one a core where None.
        writer: keeps every run; without it none is kept.

    Attributes:
        cluster: the training workers.
        downloads: the downloads of this server.
        summaries: Keras's summaries of networks.
        studies: the studies that the same workers train.
    """

    def __init__(self, workers: int | None = None, writer: RunWriter | None = None) -> None:
        self._lock = threading.Lock()
        self._opening = threading.Lock()  # one kept run is opened at a time, so that two tabs do not open it twice
        self._jobs: dict[str, Job] = {}  # by token, oldest first
        self._runs: dict[str, Job] = {}
        self._tombstones: dict[str, _Tombstone] = {}  # by token
        self.cluster = Cluster(self._apply, self._fail, self._lose, workers)
        self._keeping = None if writer is None else Keeping(writer, self.cluster.ask_run)
        self.downloads = Downloads(self.cluster.ask)
        self.summaries = Summaries(self.cluster.ask)
        self.studies = Studies(self.cluster, writer)

    def start(
        self,
        owner: str,
        experiment: Experiment,
        axes: Axes | None,
        first: str = "train",
        pace: Pace = FAST,
    ) -> Job:
        """Start a job for a browser at a pace: train to the end, or take one `step`."""
        job = Job(owner, experiment, axes, self._message_at_start, pace)
        self._register(job)
        self.cluster.open(job.run, experiment, axes, first, pace)
        return job

    def start_from(self, owner: str, network: TrainedNetwork, axes: Axes | None, pace: Pace = FAST) -> Job:
        """Start a job that trains a network's experiment from its weights, with a new optimizer."""
        edits = ((0, Begin(dict(network.weights))),)
        job = Job(owner, network.experiment, axes, self._message_at_start, pace, edits)
        self._register(job, edits)
        self.cluster.open_record(job.run, Record(((0, network.experiment),), 0, PAUSED, pace, axes, edits))
        self.cluster.send(job.run, "train")
        return job

    def reopen(self, owner: str, kept: KeptRun, axes: Axes | None, pace: Pace = FAST) -> Job:
        """Return the job of a run that was kept, as it was; one that was interrupted is paused, and can go on.

        A worker trains it again to where it was, bit for bit. Where the run is open here already, that job is returned.

        Raises:
            RunsError: where another server is training it.
        """
        with self._opening:
            with self._lock:
                here = [job for job in self._jobs.values() if job.key == kept.summary.key and job.owner == owner]
            if here:
                return here[0]
            record = kept_record(kept, axes, pace)
            job = Job.again(owner, kept.summary.key, record, kept_rows(kept), kept.summary.message)
            if self._keeping is not None:
                self._keeping.reopen(job, kept)
            self._add(job)
        self.cluster.open_record(job.run, record)
        self.cluster.send(job.run, "pace", pace)  # any command opens it
        return job

    @property
    def _message_at_start(self) -> str:
        if self.cluster.is_away:
            return _AWAY
        return "" if self.cluster.ready else _NOT_READY

    def _register(self, job: Job, edits: Timeline = ()) -> None:
        """Add a new job that starts with these edits, and drop its owner's oldest ones where there are too many."""
        if self._keeping is not None:
            self._keeping.begin(job, edits)
        self._add(job)

    def _add(self, job: Job) -> None:
        with self._lock:
            mine = [other for other in self._jobs.values() if other.owner == job.owner]
            self._jobs[job.token] = self._runs[job.run] = job
        for old in mine[: max(0, len(mine) + 1 - JOBS_PER_OWNER)]:
            self.forget(old)

    def get(self, token: str, owner: str) -> Job | None:
        """Return the job of a token, if it is this browser's."""
        with self._lock:
            job = self._jobs.get(token)
        # As bytes, because `compare_digest` takes only ASCII text, and a cookie can hold anything.
        return job if job is not None and secrets.compare_digest(job.owner.encode(), owner.encode()) else None

    def owner_of(self, token: str) -> str:
        """Return who started the job of a token, also of one that was dropped a moment ago; "" if there is none."""
        with self._lock:
            known = self._jobs.get(token) or self._tombstones.get(token)
        return "" if known is None else known.owner

    def hand_over(self, token: str, owner: str) -> str | None:
        """Give all jobs of a job's owner to another one, and return who had them; None if there is no such job."""
        with self._lock:
            job = self._jobs.get(token)
            if job is None:
                return None
            before = job.owner
            for other in self._jobs.values():
                if other.owner == before:
                    other.owner = owner
        if before != owner:
            self.studies.hand_over(before, owner)
            if self._keeping is not None:
                self._keeping.hand_over(before, owner)
        return before

    def find(self, owner: str, experiment: Experiment) -> Job | None:
        """Return the browser's newest job of an experiment, if there is one."""
        with self._lock:
            jobs = list(self._jobs.values())
        return next((job for job in reversed(jobs) if job.owner == owner and job.experiment == experiment), None)

    def resume(self, job: Job) -> None:
        """Train on to the end, at the job's pace."""
        job.watch()
        job.paused_unwatched = False
        self.cluster.send(job.run, "pace", job.pace)
        self.cluster.send(job.run, "train")

    def pause(self, job: Job) -> None:
        """Pause the job after its present epoch."""
        job.paused_unwatched = False
        self.cluster.send(job.run, "pause")

    def step(self, job: Job) -> None:
        """Train one more epoch."""
        job.watch()
        job.paused_unwatched = False
        self.cluster.send(job.run, "step")

    def stop(self, job: Job) -> None:
        """End the job; its curves stay."""
        self.cluster.send(job.run, "stop")

    def change(self, job: Job, experiment: Experiment) -> None:
        """Go on with another experiment from the next epoch; the job's own must be able to become it.

        A job that has finished and gets more epochs trains them, at the pace that was chosen since.
        """
        if job.change(experiment):
            job.watch()
            job.paused_unwatched = False
            self.cluster.send(job.run, "pace", job.pace)
        self.cluster.send(job.run, "change", experiment)

    def set_axes(self, job: Job, axes: Axes) -> None:
        """Draw the decision boundary over two other features."""
        job.axes = axes
        self.cluster.send(job.run, "axes", axes)

    def set_pace(self, job: Job, pace: Pace) -> None:
        """Go on at another pace, which all tabs show. A job that has ended takes it when it goes on."""
        job.set_pace(pace)
        if job.status not in ENDED:
            self.cluster.send(job.run, "pace", pace)

    def skip(self, job: Job) -> None:
        """Train to the end as fast as possible; the job keeps its pace for when it goes on after that."""
        job.watch()
        job.paused_unwatched = False
        self.cluster.send(job.run, "skip")

    def edit(self, job: Job, edit: Edit) -> None:
        """Change a job's network by hand after its present epoch.

        Raises:
            ExperimentError: where the network has no such weight or unit, or cannot have the value.
            TooManyEditsError: where the run cannot keep another edit.
            WorkersError: where the run has failed, or its worker has died.
        """
        try:
            self._edit(job, edit)
        except HiddenLayersError:
            job.show_weights_again()
            raise

    def _edit(self, job: Job, edit: Edit) -> None:
        split = prepare(job.experiment.data)
        check_edit(edit, job.experiment, split.inputs, split.classes, len(split.x_train))
        if job.status in (FAILED, INTERRUPTED):
            raise WorkersError(job.message)
        if job.is_lost:
            raise WorkersError(_CANNOT_EDIT)
        with self._lock:  # the job notes edits in the order in which its worker gets them
            job.edit(edit)
            self.cluster.send(job.run, "edit", edit)

    async def replay(self, job: Job, epoch: int, inside: bool) -> Frame:
        """Return what is drawn of a job's network after an epoch; also while it trains.

        Args:
            inside: whether its `weights` and `spaces` are wanted too.

        Raises:
            TimeoutError: where the worker does not answer within REPLAY_SECONDS.
            WorkersError: where it has died, or has never held the run.
        """
        return job.frame_of(await questions.ask_past(self.cluster, job, epoch, inside, REPLAY_SECONDS))

    def look_inside(self, job: Job) -> None:
        """Have a job publish what is inside its network, for INSIDE_SECONDS more."""
        with self._lock:  # as in `tend`, so that what is sent last is what the job says
            if job.look_inside():
                self.cluster.send(job.run, "inside", True)

    def trained(self, job: Job, seconds: float = 5.0) -> TrainedNetwork:
        """Return a job's network as it was when its worker answered; waits `seconds` at most.

        It has the weights of the best epoch where the run has restored these. It is remembered until the next epoch,
        even if the worker dies meanwhile.

        Raises:
            WorkersError: where the run has failed, its worker has died, or does not answer in time.
        """
        if job.status == FAILED:
            raise WorkersError(job.message)
        network = job.trained()
        if network is not None:
            return network
        weights = self.ask(job, worker.weights_of, seconds=seconds)
        try:
            return job.keep_trained(weights)
        except DataError as error:
            raise WorkersError(_BROKEN) from error

    def ask(self, job: Job, call: Callable[..., Any], *arguments: object, seconds: float = 60.0) -> Any:
        """Have a job's worker make a call about its run; see `core.jobs.questions.ask`."""
        return questions.ask(self.cluster, job, call, *arguments, seconds=seconds)

    def forget(self, job: Job) -> None:
        """Drop a job and everything it holds."""
        with self._lock:
            self._jobs.pop(job.token, None)
            self._runs.pop(job.run, None)
            self._tombstones = {token: stone for token, stone in self._tombstones.items() if not stone.is_old}
            self._tombstones[job.token] = _Tombstone(job.owner, time.monotonic())
        last_word = None if self._keeping is None else self._keeping.forget(job)
        if last_word is None:
            self.cluster.close(job.run)
        else:
            self.cluster.close(job.run, last_word)

    def was_forgotten(self, token: str, owner: str) -> bool:
        """Return whether a token is that of a job of this browser which was dropped a moment ago."""
        with self._lock:
            stone = self._tombstones.get(token)
        return stone is not None and not stone.is_old and secrets.compare_digest(stone.owner.encode(), owner.encode())

    def tend(self) -> None:
        """Look after the jobs and the workers; call this every few seconds.

        A job that nobody watches is paused, and dropped in the end; it goes on when somebody looks again.
        """
        with self._lock:
            jobs = list(self._jobs.values())
        for job in jobs:
            with self._lock:
                if job.leave_inside():
                    self.cluster.send(job.run, "inside", False)
            unwatched = job.unwatched_seconds()
            if unwatched > FORGET_SECONDS:
                self.forget(job)
            elif unwatched > PAUSE_SECONDS and job.status in (QUEUED, RUNNING):
                job.paused_unwatched = True
                self.cluster.send(job.run, "pause")
            elif unwatched <= PAUSE_SECONDS and job.paused_unwatched:
                self.resume(job)
        self.cluster.tend()

    def close(self) -> None:
        """Stop the workers."""
        self.cluster.stop()

    def _apply(self, run: str, update: Update) -> None:
        def act(job: Job) -> None:
            job.apply(update)
            if self._keeping is not None and not job.is_lost:
                self._keeping.apply(job, update)

        self._with(run, act)

    def _fail(self, run: str, message: str) -> None:
        self._with(run, lambda job: self._end(job, FAILED, message))

    def _lose(self, run: str) -> None:
        self._with(run, lambda job: self._end(job, INTERRUPTED, questions.DIED))

    def _end(self, job: Job, status: str, message: str) -> None:
        job.end(status, message)
        if self._keeping is not None:
            self._keeping.end(job)

    def _with(self, run: str, act: Callable[[Job], None]) -> None:
        with self._lock:
            job = self._runs.get(run)
        if job is not None:
            act(job)
