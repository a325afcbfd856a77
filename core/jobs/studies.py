"""The server's studies: what each one has trained, what is left of it, and whose turn it is.

There is one registry a process, as for jobs: a reload or a second tab finds its study again.
"""

from __future__ import annotations

import itertools
import logging
import secrets
import threading
import time
from collections.abc import Iterable, Sequence
from functools import partial

from distributed import KilledWorker

from core.errors import HiddenLayersError, NoRunError, RunsError, WorkersError
from core.jobs.growing import Growing
from core.jobs.live_study import LiveStudy, OutPortion
from core.jobs.searching import Searching
from core.messages.updates import FAILED, FINISHED, QUEUED, RUNNING, STOPPED
from core.runs.store import checked_name
from core.runs.study_store import StudyStore
from core.runs.study_values import StudyLine
from core.runs.writer import RunWriter
from core.studies.news import PortionNews
from core.studies.plans import Plan
from core.studies.portions import Portion, options_of, portions_of
from core.studies.search import Search
from core.studies.snapshot import ASK_SECONDS, ASKING, CAN_RESUME, LIVE, StudySnapshot, StudySummary
from core.workers.cluster import Cluster
from core.workers.portions import Workers
from core.workers.studying import Task

logger = logging.getLogger(__name__)

LIVE_MOST = 5  # studies of one person that go on at the same time
WAIT_MOST_SECONDS = 30.0
IDLE_SECONDS = 300.0  # that a study which has ended stays in memory when nobody looks at it
_KNOWN_AFTER_SECONDS = 5.0  # of training, before an estimate from runs of which none has ended counts

_NO_STUDY = "There is no such study, or it was deleted, or it is another person's."
_TOO_MANY = f"{LIVE_MOST} studies of yours are training. Stop one of them, or wait until one has finished."
_DIED = "The training workers died again and again while they trained this study. The log has the details."
_BROKEN = "This study failed with {kind}: {error}. The log has the details."


class Studies:
    """Every study of this server. Safe to use from any thread; nothing but `wait` waits, and that is bounded.

    One lock guards the registry and the studies in it.

    Args:
        cluster: the training workers.
        writer: keeps every study; without it they live as long as the server.
    """

    def __init__(self, cluster: Cluster, writer: RunWriter | None = None) -> None:
        self._cluster = cluster
        self._writer = writer
        self._changed = threading.Condition()
        self._studies: dict[str, LiveStudy] = {}  # by key, oldest first
        self._served = itertools.count(1)

    # What a person asks for

    def start(self, owner: str, plan: Plan) -> str:
        """Start a study, and return its key.

        Raises:
            WorkersError: where too many of the person's studies go on.
        """
        study = LiveStudy(owner, plan)
        with self._changed:
            self._check_room(owner)
            self._studies[study.key] = study
            self._tell(study)
        self._share_out_soon(study)
        return study.key

    def snapshot(self, owner: str, key: str) -> StudySnapshot:
        """Return a study as it stands.

        Raises:
            NoRunError: where the person has no such study.
            RunsError: where it is to be read from the database, which does not answer.
        """
        study = self._find(owner, key)
        with self._changed:
            return study.snapshot(self._workers)

    def wait(self, owner: str, key: str, version: int, seconds: float) -> StudySnapshot:
        """Return a study as soon as its version is another one, or as it is after so many seconds.

        Args:
            seconds: WAIT_MOST_SECONDS at most.

        Raises:
            NoRunError: where the person has no such study.
            RunsError: where it is to be read from the database, which does not answer.
        """
        study = self._find(owner, key)
        with self._changed:
            self._changed.wait_for(lambda: study.version != version, max(0.0, min(seconds, WAIT_MOST_SECONDS)))
            return study.snapshot(self._workers)

    def list(self, owner: str) -> list[StudySummary]:
        """Return a person's studies, newest first, without those that were deleted.

        While the database does not answer, those that this server has in memory.
        """
        kept = self._kept_lines(owner)
        with self._changed:
            lines = {line.key: line for line in kept if line.key not in self._studies}
            lines |= {key: study.line() for key, study in self._studies.items() if study.owner == owner}
        there = [line for line in lines.values() if line.deleted_at is None]
        return [summary_of(line) for line in sorted(there, key=lambda line: -line.created_at)]

    def stop(self, owner: str, key: str) -> None:
        """Stop a study soon; `resume` goes on with it. One that another server trains goes on."""
        study = self._find(owner, key)
        with self._changed:
            if study.is_here and study.status in LIVE:
                self._halt(study, STOPPED)

    def resume(self, owner: str, key: str) -> None:
        """Go on with a study that was stopped or interrupted: the runs that have not ended are trained.

        Raises:
            WorkersError: where too many of the person's studies go on.
        """
        study = self._find(owner, key)
        with self._changed:
            if study.status not in CAN_RESUME:
                return
            self._check_room(owner)
            study.left = None
            study.set_status(QUEUED)
            self._tell(study)
        self._share_out_soon(study)

    def confirm(self, owner: str, key: str) -> None:
        """Let a study that asks go on, however long it takes."""
        study = self._find(owner, key)
        with self._changed:
            study.is_confirmed = True
            if study.is_here and study.status == ASKING:
                study.set_status(RUNNING)
                self._tell(study)
        self._hand_out()

    def rename(self, owner: str, key: str, name: str) -> None:
        """Give a study another name; "" gives it back the one it got by itself.

        Raises:
            ExperimentError: where it is no line of at most NAME_MOST characters.
        """
        study, name = self._find(owner, key), checked_name(name)
        with self._changed:
            study.rename(name)
            if study.is_here:
                self._tell(study)
                return
        self._kept.rename(owner, key, study.name)

    def delete(self, owner: str, key: str) -> None:
        """Delete a study, and stop it before; for a while it can be brought back."""
        study = self._find(owner, key)
        if not study.is_here:
            self._kept.delete(owner, key)
            return
        with self._changed:
            study.deleted_at = time.time()
            if study.status in LIVE:
                self._halt(study, STOPPED)
            else:
                self._tell(study)

    def bring_back(self, owner: str, key: str) -> None:
        """Undo a delete.

        Raises:
            NoRunError: where the person has no such study, or it was deleted too long ago.
        """
        with self._changed:
            study = self._studies.get(key)
            if study is not None and study.owner == owner:
                study.deleted_at = None
                self._tell(study)
                return
        self._kept.bring_back(owner, key)

    def hand_over(self, before: str, owner: str) -> None:
        """Give a browser's studies to the name that it has now."""
        with self._changed:
            for study in self._studies.values():
                if study.owner == before:
                    study.owner = owner

    def tend(self) -> None:
        """Hand out what is left, and forget what nobody looks at; call this every few seconds."""
        self._hand_out()
        with self._changed:
            if self._writer is not None and not self._writer.is_away:
                self._studies = {key: study for key, study in self._studies.items() if not _is_idle(study)}

    # Finding

    @property
    def _kept(self) -> StudyStore:
        if self._writer is None:
            raise NoRunError(_NO_STUDY)
        if self._writer.is_away:  # asking it would only take long
            raise RunsError(self._writer.problem)
        return self._writer.studies

    def _kept_lines(self, owner: str) -> Sequence[StudyLine]:
        if self._writer is None or self._writer.is_away:
            return []
        try:
            return self._writer.studies.studies(owner)
        except RunsError as error:
            logger.warning("The studies that are kept could not be listed: %s", error)
            return []

    def _find(self, owner: str, key: str) -> LiveStudy:
        """Return a study, from memory or from the store; not to be called while the lock is held."""
        with self._changed:
            study = self._studies.get(key)
        if study is None:
            study = LiveStudy.again(owner, self._kept.study(owner, key))
            with self._changed:
                if study.is_here:  # and not one that goes on elsewhere
                    study = self._studies.setdefault(key, study)
        if not secrets.compare_digest(study.owner.encode(), owner.encode()) or study.deleted_at is not None:
            raise NoRunError(_NO_STUDY)
        study.touched_at = time.monotonic()
        return study

    def _tell(self, study: LiveStudy, places: Iterable[int] = ()) -> None:
        """Have a study written, with these of its runs, and wake who waits for it."""
        study.touched_at = time.monotonic()
        if self._writer is not None:
            self._writer.note(study.change(places))
        self._changed.notify_all()

    # Sharing out

    @property
    def _workers(self) -> int:
        return self._cluster.portions.workers

    def _check_room(self, owner: str) -> None:
        if sum(study.owner == owner and study.status in LIVE for study in self._studies.values()) >= LIVE_MOST:
            raise WorkersError(_TOO_MANY)

    def _share_out_soon(self, study: LiveStudy) -> None:
        """Find out how a study is shared out, on a thread of its own, since reading its data may take long."""
        threading.Thread(target=self._share_out, args=(study,), name="share-out-study", daemon=True).start()

    def _share_out(self, study: LiveStudy) -> None:
        try:
            portions = portions_of(study.plan)
        except HiddenLayersError as error:
            self._fail(study, str(error))
        except Exception as error:
            logger.exception("Study %s could not be shared out", study.key)
            self._fail(study, _BROKEN.format(kind=type(error).__name__, error=error))
        else:
            with self._changed:
                study.share_out(portions)
                if not isinstance(study.plan, Search):
                    self._settle(study)
            if isinstance(study.plan, Search):
                keys = None if self._writer is None else lambda: self._kept.keys()
                Searching(study.plan, study.key, self._growing(study), keys).start()
            self._hand_out()

    def _growing(self, study: LiveStudy) -> Growing:
        return Growing(
            self._changed,
            study,
            workers=lambda: self._workers,
            hand_out=self._hand_out,
            tell=self._tell,
            settle=self._settle,
            halt=self._halt,
            stop_portion=self._cluster.portions.stop,
        )

    def _hand_out(self) -> None:
        """Give idle workers portions of the studies whose turn it is."""
        with self._changed:
            workers = self._cluster.portions.look()
            while workers.idle:
                study = self._next()
                if study is None:
                    return
                address, portion = _best(workers, study.left or [])
                study.served_at = next(self._served)
                out = study.hand_out(portion)
                self._cluster.portions.start(
                    address,
                    portion.program,
                    self._task(study, out),
                    partial(self._take, study, out.key),
                    partial(self._end, study, out.key),
                )
                self._tell(study, out.wanted)
                workers = self._cluster.portions.look()

    def _next(self) -> LiveStudy | None:
        """Return the study whose turn it is: of the person who has waited longest, the one that has."""
        ready = [study for study in self._studies.values() if study.status in (QUEUED, RUNNING) and study.left]
        latest: dict[str, int] = {}
        for study in self._studies.values():
            latest[study.owner] = max(latest.get(study.owner, 0), study.served_at)
        return min(ready, key=lambda study: (latest[study.owner], study.served_at), default=None)

    def _task(self, study: LiveStudy, out: OutPortion) -> Task:
        experiments = {place: study.results[place].member.experiment for place in out.wanted}
        return Task(out.key, out.portion.way, out.portion.size, experiments, options_of(study.plan))

    # What comes back, on other threads

    def _take(self, study: LiveStudy, key: str, news: PortionNews) -> None:
        with self._changed:
            changed = study.take(key, news)
            self._ask_if_long(study)
            self._tell(study, changed)

    def _end(self, study: LiveStudy, key: str, news: PortionNews | None, error: BaseException | None) -> None:
        with self._changed:
            changed = [] if news is None else study.take(key, news)
            may_go_on = study.end_portion(key)
            if study.status in LIVE and error is not None and not _is_lost(error):
                logger.error("Study %s failed", study.key, exc_info=error)
                known = isinstance(error, HiddenLayersError)
                words = str(error) if known else _BROKEN.format(kind=type(error).__name__, error=error)
                self._halt(study, FAILED, words)
            elif study.status in LIVE and not may_go_on:
                self._halt(study, FAILED, _DIED)
            self._settle(study)
            self._ask_if_long(study)
            self._tell(study, changed)
        self._hand_out()

    def _settle(self, study: LiveStudy) -> None:
        """Note that a study has finished where nothing is left of it."""
        if study.status in LIVE and study.left == [] and not study.out and study.grower is None:
            study.halt(FINISHED)
            self._tell(study)

    def _ask_if_long(self, study: LiveStudy) -> None:
        if study.status != RUNNING or study.is_confirmed:
            return
        is_known = any(result.has_ended for result in study.results) or study.seconds >= _KNOWN_AFTER_SECONDS
        left = study.seconds_left(self._workers)
        if is_known and left is not None and left > ASK_SECONDS:
            study.set_status(ASKING)

    def _halt(self, study: LiveStudy, status: str, message: str = "") -> None:
        for key in study.out:
            self._cluster.portions.stop(key)
        self._tell(study, study.halt(status, message))

    def _fail(self, study: LiveStudy, message: str) -> None:
        with self._changed:
            if study.status in LIVE:
                self._halt(study, FAILED, message)


def summary_of(line: StudyLine) -> StudySummary:
    """Return a study as a line of a person's list."""
    return StudySummary(
        line.key, line.name, line.kind, line.status, line.created_at, line.seconds, line.total, line.ended, line.best
    )


def _is_idle(study: LiveStudy) -> bool:
    """Return whether a study need not be in memory, because it is written and nobody has looked at it for long."""
    return study.status not in LIVE and time.monotonic() - study.touched_at > IDLE_SECONDS


def _best(workers: Workers, portions: Sequence[Portion]) -> tuple[str, Portion]:
    """Return which idle worker takes which portion next: one that has it compiled, or else one that no worker has."""
    idle = sorted(workers.idle)
    for address in idle:
        for portion in portions:
            if portion.program in workers.compiled[address]:
                return address, portion
    everywhere = frozenset[object]().union(*workers.compiled.values())
    return idle[0], next((portion for portion in portions if portion.program not in everywhere), portions[0])


def _is_lost(error: BaseException) -> bool:
    """Return whether a portion ended because its worker did."""
    return isinstance(error, WorkersError | KilledWorker)
