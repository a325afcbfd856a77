"""What the server's jobs tell the run store, so that every run is kept without anybody asking."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np

from core.analysis.axes import Axes
from core.errors import RunsError
from core.experiment import Experiment, menus
from core.jobs.embedded import is_embedded
from core.jobs.job import Job
from core.messages.edits import Timeline
from core.messages.pace import Pace
from core.messages.record import Record
from core.messages.updates import ENDED, FAILED, FINISHED, INTERRUPTED, PAUSED, STOPPED, Update
from core.runs.values import DIVERGED, LIVE, KeptRun, Plan, RunChange, Trained
from core.runs.writer import RunWriter
from core.workers import worker

# What a job of a run that was kept is doing: one that was interrupted waits for somebody to let it go on.
_STATUSES = {FINISHED: FINISHED, STOPPED: STOPPED, DIVERGED: FAILED, INTERRUPTED: PAUSED}

AskRun = Callable[..., None]  # as `Cluster.ask_run`


@dataclass
class _Kept:
    """What the run store knows of a job.

    Attributes:
        experiment: at the start.
        edits: the same.
        newest: the last change that was noted, without rows; None before the run's first epoch.
        generation: of the history that is kept.
        planned: the experiment that the kept plan ends with.
        is_asking: whether its worker has been asked for its plan and has not answered.
        has_news: whether its worker has something to tell of its plan.
        trained_at: what the run was at when its weights were asked for: generation, epoch and number of edits.
    """

    experiment: Experiment
    edits: Timeline
    created_at: float = field(default_factory=time.time)
    newest: RunChange | None = None
    generation: int = -1
    planned: Experiment | None = None
    is_asking: bool = False
    has_news: bool = False
    trained_at: tuple[int, int] | None = None


def kept_record(kept: KeptRun, axes: Axes | None, pace: Pace) -> Record:
    """Return how to train a kept run again to where it was.

    Raises:
        RunsError: where it goes on, on another server.
    """
    if kept.summary.status in LIVE:
        raise RunsError("Another server is training this run. It can be opened here as soon as that has ended.")
    status, epoch = _STATUSES[kept.summary.status], kept.summary.epoch
    plan = tuple(line for line in kept.plan if line[0] <= epoch)
    edits = tuple(line for line in kept.edits if line[0] <= epoch)
    return Record(plan, epoch, status, pace, axes, edits)


def kept_rows(kept: KeptRun) -> np.ndarray:
    """Return the history of a kept run, float32 (epochs, columns)."""
    return np.array(list(kept.history.values()), np.float32).T.reshape(kept.summary.epoch, -1)


class Keeping:
    """Notes what happens to jobs, from their first epoch on. Safe to use from any thread; nothing here waits.

    One lock guards the notes. It is held while a change is handed to the writer, so that changes reach it in order.

    Args:
        writer: writes to the run store.
        ask_run: has a job's worker make a call about its run, as `Cluster.ask_run` does.
    """

    def __init__(self, writer: RunWriter, ask_run: AskRun) -> None:
        self._writer = writer
        self._ask_run = ask_run
        self._lock = threading.Lock()
        self._kept: dict[str, _Kept] = {}  # by run

    def begin(self, job: Job, edits: Timeline = ()) -> None:
        """Note a new job, which starts with these edits; of an embedded page nobody could find it again."""
        if is_embedded(job.owner):
            return
        with self._lock:
            self._kept[job.run] = _Kept(job.experiment, edits)

    def reopen(self, job: Job, kept: KeptRun) -> None:
        """Note a job that goes on with a run which was kept."""
        summary, columns = kept.summary, len(kept.history)
        newest = RunChange(
            key=job.key,
            owner=job.owner,
            created_at=summary.created_at,
            status=summary.status,
            message=summary.message,
            epoch=summary.epoch,
            seconds=summary.seconds,
            first_row=summary.epoch,
            rows=np.empty((0, columns), np.float32),
        )
        with self._lock:
            self._kept[job.run] = _Kept(
                job.experiment, kept.edits, summary.created_at, newest, planned=summary.experiment
            )

    def apply(self, job: Job, update: Update) -> None:
        """Note an update that a job has taken in, and ask its worker for what the update does not tell."""
        with self._lock:
            kept = self._kept.get(job.run)
            if kept is None or (kept.newest is None and not update.epoch):
                return
            self._note(kept, job, update)
            wants_plan = self._wants_plan(kept, job, update)
            wants_trained = self._wants_trained(kept, update)
        if wants_trained:
            self._ask_run(partial(self._keep_trained, job.run), job.run, worker.trained_of)
        elif wants_plan:
            self._ask_run(partial(self._keep_plan, job), job.run, worker.plan_of)

    def end(self, job: Job) -> None:
        """Note that a job has ended because its worker has failed or died."""
        with self._lock:
            kept = self._kept.get(job.run)
            if kept is not None and kept.newest is not None and kept.newest.status in LIVE:
                self._put(kept, replace(kept.newest, status=INTERRUPTED, message=job.message))

    def forget(self, job: Job) -> Callable[[Any, BaseException | None], None] | None:
        """Note that a job is dropped; return what is to be called with the worker's last word on it, if anything is."""
        with self._lock:
            kept = self._kept.pop(job.run, None)
            if kept is None or kept.newest is None or kept.newest.status not in LIVE:
                return None
            self._put(kept, replace(kept.newest, status=STOPPED))
        return partial(self._keep_last_word, kept)

    def hand_over(self, before: str, owner: str) -> None:
        """Note that a browser has another name now."""
        self._writer.hand_over(before, owner)

    def _note(self, kept: _Kept, job: Job, update: Update) -> None:
        is_first = kept.newest is None
        first_row, rows = update.first_row, update.rows
        if update.generation != kept.generation or is_first:
            kept.generation, first_row, rows = update.generation, 0, job.rows()
        if is_first:
            kept.planned = kept.experiment
        change = RunChange(
            key=job.key,
            owner=job.owner,
            created_at=kept.created_at,
            status=DIVERGED if update.status == FAILED else update.status,
            message=update.message,
            epoch=update.epoch,
            seconds=update.epoch * (update.ms_per_epoch or 0.0) / 1000,
            first_row=first_row,
            rows=rows,
            plan=((0, kept.experiment),) if is_first else None,
            edits=kept.edits if is_first else None,
        )
        self._put(kept, change)

    def _put(self, kept: _Kept, change: RunChange) -> None:
        self._writer.note(change)
        columns = len(menus.HISTORY[kept.experiment.data.task])
        nothing = np.empty((0, columns), np.float32)
        kept.newest = replace(
            change,
            first_row=change.first_row + len(change.rows),
            rows=nothing,
            plan=None,
            edits=None,
            trained=None,
        )

    def _wants_plan(self, kept: _Kept, job: Job, update: Update) -> bool:
        kept.has_news = kept.has_news or bool(update.edited) or job.experiment != kept.planned
        if not kept.has_news or kept.is_asking:
            return False
        kept.is_asking, kept.has_news = True, False
        return True

    def _wants_trained(self, kept: _Kept, update: Update) -> bool:
        """Return whether a run has ended, or was edited since, so that its worker has weights to keep."""
        if update.status not in ENDED:
            kept.trained_at = None
            return False
        now = update.generation, update.epoch
        if kept.trained_at == now and not update.edited:
            return False
        kept.trained_at = now
        return True

    # What workers answer, on another thread

    def _keep_plan(self, job: Job, answer: tuple[Plan, Timeline] | None, _: BaseException | None) -> None:
        with self._lock:
            kept = self._kept.get(job.run)
            if kept is None or kept.newest is None:
                return
            kept.is_asking = False
            if answer is not None:
                plan, edits = answer
                kept.planned = plan[-1][1]
                self._put(kept, replace(kept.newest, plan=plan, edits=edits))

    def _keep_trained(self, run: str, trained: Trained | None, _: BaseException | None) -> None:
        with self._lock:
            kept = self._kept.get(run)
            if kept is not None:
                self._keep_all(kept, trained)

    def _keep_last_word(self, kept: _Kept, trained: Trained | None, _: BaseException | None) -> None:
        with self._lock:
            self._keep_all(kept, trained)

    def _keep_all(self, kept: _Kept, trained: Trained | None) -> None:
        if trained is not None and kept.newest is not None:
            kept.planned = trained.plan[-1][1]
            self._put(kept, replace(kept.newest, trained=trained))
