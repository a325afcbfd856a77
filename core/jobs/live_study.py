"""A study while it trains on this server: its runs so far, and the portions that are left."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from core.errors import ExperimentError, RunsError
from core.experiment import menus
from core.jobs.kept_members import kept_member, kept_result, read_member
from core.messages.updates import FINISHED, QUEUED, RUNNING, STOPPED
from core.runs.study_values import KeptStudy, StudyChange, StudyLine
from core.studies.estimate import Estimate
from core.studies.naming import name_of
from core.studies.news import MemberNews, PortionNews
from core.studies.plans import Plan, plan_from_json, plan_to_json
from core.studies.portions import Portion
from core.studies.results import MemberResult
from core.studies.search import Search
from core.studies.snapshot import ASKING, LIVE, StudySnapshot

ATTEMPTS_MOST = 3  # at a portion, whose workers died


@dataclass(eq=False)
class OutPortion:
    """A portion that is on a worker.

    Attributes:
        key: names this attempt.
        portion: the same.
        wanted: the places of those of its runs that had not ended.
    """

    key: str
    portion: Portion
    wanted: tuple[int, ...]


class LiveStudy:
    """A study of this server. It has no lock: whoever owns it calls it from one thread at a time.

    Attributes:
        left: the portions that are to be handed out; None until it is known how the study is shared out.
        out: those that are on workers, by their keys.
        served_at: a number that rises with every portion that is handed out.
        is_confirmed: whether a person has said yes to a long one.
        grower: what may add runs to it, such as a search; None where nothing does.
        deleted_at: when it was deleted, in seconds since 1970, or None.
        is_here: whether this server trains it, or did; otherwise another one does.
        touched_at: when somebody last asked for it or it last changed, by `time.monotonic`.
    """

    def __init__(self, owner: str, plan: Plan) -> None:
        self.key = uuid.uuid4().hex
        self.owner = owner
        self.plan = plan
        self.name = name_of(plan)
        self.created_at = time.time()
        self.status, self.message = QUEUED, ""
        self.version = 1
        self.results = [MemberResult.not_begun(member) for member in plan.members]
        self.left: list[Portion] | None = None
        self.out: dict[str, OutPortion] = {}
        self.served_at = 0
        self.is_confirmed = False
        self.grower: object | None = None
        self.deleted_at: float | None = None
        self.is_here = True
        self.touched_at = time.monotonic()
        self.estimate = Estimate()
        self._attempts: dict[Portion, int] = {}
        self._seconds = 0.0
        self._since: float | None = None  # when it last began to train, by `time.monotonic`
        self._snapshot: StudySnapshot | None = None

    @classmethod
    def again(cls, owner: str, kept: KeptStudy) -> LiveStudy:
        """Return a study that was kept, as it was.

        Raises:
            RunsError: where it is damaged.
        """
        line = kept.line
        try:
            study = cls(owner, plan_from_json(line.plan))
            for place in range(len(study.results), line.total):
                study.results.append(MemberResult.not_begun(read_member(kept.members[place].member)))
            for place, member in kept.members.items():
                study.results[place] = kept_result(study.results[place].member, member)
        except (ExperimentError, LookupError) as error:
            raise RunsError("This study is damaged in the database.") from error
        study.key, study.name, study.created_at = line.key, line.name, line.created_at
        study.status, study.message, study.deleted_at = line.status, line.message, line.deleted_at
        study.is_here, study._seconds = line.status not in LIVE, line.seconds
        return study

    # How it stands

    @property
    def seconds(self) -> float:
        """For how long it has trained."""
        return self._seconds + (0.0 if self._since is None else time.monotonic() - self._since)

    def seconds_left(self, workers: int) -> float | None:
        """Return how long the rest will take on so many workers, or None before that is known."""
        if self.status not in (RUNNING, ASKING) or self.left is None:
            return None
        epochs = sum(
            result.member.experiment.training.epochs - result.epochs for result in self.results if not result.has_ended
        )
        if self.results:  # those to come are like the first
            epochs += (self.total - len(self.results)) * self.results[0].member.experiment.training.epochs
        return self.estimate.seconds_left(epochs, [portion.program for portion in self.left], workers)

    @property
    def total(self) -> int:
        """How many runs it has, or will have at most."""
        if isinstance(self.plan, Search) and (self.grower is not None or self.status in LIVE):
            return max(len(self.results), self.plan.total)
        return len(self.results)

    def snapshot(self, workers: int) -> StudySnapshot:
        """Return the study as it stands; the same object where nothing has changed."""
        if self._snapshot is None or self._snapshot.version != self.version:
            self._snapshot = StudySnapshot(
                key=self.key,
                name=self.name,
                plan=self.plan,
                status=self.status,
                message=self.message,
                created_at=self.created_at,
                seconds=self.seconds,
                seconds_left=self.seconds_left(workers),
                total=self.total,
                results=tuple(self.results),
                version=self.version,
            )
        return self._snapshot

    def line(self) -> StudyLine:
        """Return the study as the store keeps it, without its runs."""
        ended = [result for result in self.results if result.has_ended]
        return StudyLine(
            key=self.key,
            name=self.name,
            kind=self.plan.kind,
            plan=self._plan_text,
            status=self.status,
            message=self.message,
            created_at=self.created_at,
            deleted_at=self.deleted_at,
            seconds=self.seconds,
            total=len(self.results),
            ended=len(ended),
            best=max((result.last for result in ended if result.last is not None), default=None),
        )

    def change(self, places: Iterable[int] = ()) -> StudyChange:
        """Return what is to be written: how it stands, and these of its runs."""
        known = len(self.plan.members)
        members = {place: kept_member(self.results[place], place >= known) for place in places}
        return StudyChange(self.owner, self.line(), self.status in LIVE, members)

    @cached_property
    def _plan_text(self) -> str:
        return plan_to_json(self.plan)

    def rename(self, name: str) -> None:
        """Give it another name; "" gives it back the one it got by itself."""
        self.name = name or name_of(self.plan)
        self.version += 1

    def set_status(self, status: str, message: str = "") -> None:
        """Note what it is doing now."""
        self._seconds, self._since = self.seconds, time.monotonic() if status == RUNNING else None
        self.status, self.message = status, message
        self.version += 1

    # Its portions

    def grow(self, results: Sequence[MemberResult], portions: Sequence[Portion]) -> None:
        """Add runs, and portions that are to be handed out; those that are already are left out."""
        self.results += results
        there = [*(self.left or []), *(out.portion for out in self.out.values())]
        covered = {place for portion in there for place in portion.places}
        self.left = [*(self.left or []), *(one for one in portions if not covered.issuperset(one.places))]
        self.version += 1

    def prune(self, place: int, message: str) -> list[str]:
        """End a run, and say why; return the keys of portions on workers of which nothing is wanted any more."""
        if not self.results[place].has_ended:
            self.results[place] = replace(self.results[place], status=FINISHED, message=message)
            self.version += 1
        return [key for key, out in self.out.items() if not self._wanted(out.portion)]

    def share_out(self, portions: Sequence[Portion]) -> None:
        """Note the portions of which some runs have not ended."""
        self.left = [portion for portion in portions if self._wanted(portion)]

    def hand_out(self, portion: Portion) -> OutPortion:
        """Take a portion out of those that are left."""
        assert self.left is not None
        self.left.remove(portion)
        out = OutPortion(uuid.uuid4().hex, portion, self._wanted(portion))
        self.out[out.key] = out
        for place in out.wanted:  # what it had done before it was stopped, or lost with a worker, is done again
            self.results[place] = MemberResult.not_begun(self.results[place].member)
        self.version += 1
        if self.status == QUEUED:
            self.set_status(RUNNING)
        return out

    def take(self, key: str, news: PortionNews) -> list[int]:
        """Take in what is new of a portion; return the places of the runs that have changed."""
        out = self.out.get(key)
        if out is None:
            return []
        self.estimate = self.estimate.after(key, out.portion.program, news)
        changed = [one.place for one in news.members if self._apply(one)]
        self.version += 1
        return changed

    def end_portion(self, key: str) -> bool:
        """Note that a portion is on no worker any more; return False where it has failed too often.

        Where some of its runs have not ended, it is left to be trained again.
        """
        out = self.out.pop(key, None)
        if out is None or self.left is None:
            return True
        self.version += 1
        if not self._wanted(out.portion):
            return True
        self.left.insert(0, out.portion)
        attempts = self._attempts[out.portion] = self._attempts.get(out.portion, 0) + 1
        return attempts < ATTEMPTS_MOST

    def halt(self, status: str, message: str = "") -> list[int]:
        """Note that it trains no further for now; return the places of the runs that have changed.

        What its portions still tell is not heard.
        """
        self.out.clear()
        begun = [place for place, result in enumerate(self.results) if result.status == RUNNING]
        for place in begun:
            self.results[place] = replace(self.results[place], status=STOPPED)
        self.set_status(status, message)
        return begun

    def _wanted(self, portion: Portion) -> tuple[int, ...]:
        return tuple(place for place in portion.places if not self.results[place].has_ended)

    def _apply(self, news: MemberNews) -> bool:
        before = self.results[news.place]
        if before.has_ended or news.first_row > before.epochs:  # something was lost on the way: it is trained again
            return False
        self.results[news.place] = replace(
            before,
            status=news.status,
            history=_extended(before, news),
            seconds=news.seconds,
            surface=before.surface if news.surface is None else news.surface,
            message=news.message,
        )
        return True


def _extended(before: MemberResult, news: MemberNews) -> Mapping[str, np.ndarray]:
    """Return the history with what is new of it."""
    names = menus.HISTORY[before.member.experiment.data.task]
    return {
        name: np.concatenate([before.history[name][: news.first_row], news.rows[:, column]])
        for column, name in enumerate(names)
    }
