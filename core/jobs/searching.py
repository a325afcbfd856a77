"""The thread that goes on with a search: it asks Optuna for trials, and tells it how they end."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from core.datasets import prepare
from core.errors import ExperimentError, HiddenLayersError
from core.experiment import count_parameters, shape_of
from core.jobs.growing import Growing, Standing
from core.messages.updates import FAILED
from core.runs.database import database_url
from core.studies.portions import ALONE, TOGETHER, Portion, groups_of
from core.studies.results import MemberResult
from core.studies.search import PRUNED, Search
from core.studies.study import Member

if TYPE_CHECKING:
    from optuna.storages import RDBStorage

    from core.studies.proposing import Proposer  # which loads Optuna

logger = logging.getLogger(__name__)

WAIT_SECONDS = 1.0  # for news, at most
_AT_ONCE_MOST = 10  # trials in one program
_SHARE = 6  # of the trials that are asked for at once where they share a program, so that TPE can learn


class Searching:
    """Goes on with a search on a thread of its own until it is over. No page and no callback waits for it.

    Args:
        key: of the study, and so of Optuna's.
        kept_keys: returns the keys of all studies in the database of the runs, which is the storage then; None keeps
            the trials in memory. That takes the database's place where it does not answer: results are kept with the
            study anyway.
    """

    def __init__(
        self, search: Search, key: str, study: Growing, kept_keys: Callable[[], Collection[str]] | None
    ) -> None:
        self._search = search
        self._key = key
        self._study = study
        self._kept_keys = kept_keys
        self._told: set[int] = set()  # places of trials that have ended and Optuna knows it
        self._looked: dict[int, int] = {}  # the epoch at which the pruner has looked at a trial last
        self._storage: RDBStorage | None = None
        self._thread = threading.Thread(target=self._work, name="search", daemon=True)

    def start(self) -> None:
        """Go on in the background."""
        self._thread.start()

    # On the thread

    def _work(self) -> None:
        from core.studies.proposing import STORAGE_ERRORS

        try:
            try:
                self._go_on(self._proposer())
            except STORAGE_ERRORS:
                logger.exception("The storage of search %s does not answer: it goes on in memory", self._key)
                self._close()
                self._kept_keys = None
                self._go_on(self._proposer())
        except HiddenLayersError as error:
            self._study.fail(str(error))
        except Exception as error:
            logger.exception("Search %s failed", self._key)
            self._study.fail(f"The search failed with {type(error).__name__}: {error}. The log has the details.")
        finally:
            self._close()

    def _close(self) -> None:
        if self._storage is not None:
            self._storage.remove_session()
            self._storage.engine.dispose()
            self._storage = None

    def _proposer(self) -> Proposer:
        """Return the proposer, which knows the trials of the study, and have those trained that have not ended."""
        from core.studies.proposing import Proposer, forget_deleted, open_storage

        if self._kept_keys is not None:
            self._storage = open_storage(database_url())
            forget_deleted(self._storage, self._kept_keys())
        proposer = Proposer(self._search, self._key, self._storage)
        results = self._study.wait(0, 0).results
        for result in results[proposer.count :]:
            proposer.adopt(result, self._parameters(result))
        lost = [self._lost(proposer, number) for number in range(len(results), proposer.count)]
        self._told = proposer.ended()
        self._add(lost, [place for place, result in enumerate([*results, *lost]) if not result.has_ended], results)
        return proposer

    def _go_on(self, proposer: Proposer) -> None:
        version = 0
        while True:
            standing = self._study.wait(version, WAIT_SECONDS)
            version = standing.version
            if standing.is_over:
                return
            self._take(proposer, standing.results)
            is_done = len(standing.results) >= self._search.total or self._is_late(standing)
            is_idle = all(result.has_ended for result in standing.results)
            if is_done and is_idle:
                self._study.finish()
                return
            if not is_done and standing.may_grow:
                self._propose(proposer, standing)

    def _is_late(self, standing: Standing) -> bool:
        return self._search.seconds is not None and standing.seconds >= self._search.seconds

    def _take(self, proposer: Proposer, results: Sequence[MemberResult]) -> None:
        """Tell Optuna what is new, and end the trials that it gives up."""
        for place, result in enumerate(results):
            if place in self._told:
                continue
            if result.has_ended:
                proposer.tell(place, result, self._parameters(result))
                self._told.add(place)
            elif result.epochs > self._looked.get(place, 0):
                self._looked[place] = result.epochs
                if proposer.is_hopeless(place, result):
                    self._study.prune(place, PRUNED)

    def _propose(self, proposer: Proposer, standing: Standing) -> None:
        """Have more trials trained where there is room for them."""
        at_once = self._at_once
        waiting = sum(not result.has_ended for result in standing.results)
        room = at_once * max(1, standing.workers) - waiting
        count = min(room, self._search.total - len(standing.results))
        if count <= 0 or (room < at_once and waiting):
            return
        first = len(standing.results)
        new = [self._next(proposer) for _ in range(min(count, at_once))]
        self._add(new, range(first, first + len(new)), standing.results)

    def _next(self, proposer: Proposer) -> MemberResult:
        """Return one more trial; one whose values do not go together has failed."""
        try:
            return MemberResult.not_begun(proposer.propose())
        except ExperimentError as error:
            return self._refused(proposer.texts(proposer.count - 1), error)

    def _lost(self, proposer: Proposer, number: int) -> MemberResult:
        """Return a trial that Optuna knows and the study does not."""
        try:
            return MemberResult.not_begun(proposer.member(number))
        except ExperimentError as error:
            return self._refused(proposer.texts(number), error)

    def _refused(self, texts: Mapping[str, str], error: ExperimentError) -> MemberResult:
        settings = tuple((dimension.name, texts[dimension.name]) for dimension in self._search.dimensions)
        member = Member(settings, self._search.base.training.seed, self._search.base)
        return replace(MemberResult.not_begun(member, FAILED), message=str(error))

    @cached_property
    def _at_once(self) -> int:
        """How many trials are proposed together: as many as train in one program, or one by one."""
        search = self._search
        first = {dimension.name: search.grid_of(dimension)[0] for dimension in search.dimensions}
        shapes = {
            shape_of(search.member({**first, dimension.name: text}).experiment)
            for dimension in search.dimensions
            for text in search.grid_of(dimension)
        }
        return max(1, min(_AT_ONCE_MOST, search.total // _SHARE)) if len(shapes) == 1 else 1

    def _add(self, new: Sequence[MemberResult], places: Sequence[int], results: Sequence[MemberResult]) -> None:
        """Add trials, and have those at some places trained; what cannot be trained has failed."""
        every = [*results, *new]
        added = list(new)
        wanted = []
        for place in places:
            if every[place].has_ended:
                continue
            try:
                groups_of([every[place].member.experiment])
            except HiddenLayersError as error:
                if place < len(results):
                    raise
                failed = MemberResult(every[place].member, FAILED, every[place].history, message=str(error))
                added[place - len(results)] = failed
            else:
                wanted.append(place)
        self._study.grow(added, self._portions(wanted, every))

    def _portions(self, places: Sequence[int], results: Sequence[MemberResult]) -> list[Portion]:
        """Return the portions of trials: together where all share a program, whose size stays the same."""
        experiments = [results[place].member.experiment for place in places]
        size = self._at_once
        if size > 1 and len(groups_of(experiments)) == 1:
            shape = shape_of(experiments[0])
            starts = range(0, len(places), size)
            return [Portion(TOGETHER, tuple(places[start : start + size]), size, shape) for start in starts]
        return [
            Portion(ALONE, (place,), 1, shape_of(experiment))
            for place, experiment in zip(places, experiments, strict=True)
        ]

    def _parameters(self, result: MemberResult) -> int:
        if not self._search.price:
            return 0
        experiment = result.member.experiment
        split = prepare(experiment.data)
        return count_parameters(experiment.network, split.inputs, split.classes)
