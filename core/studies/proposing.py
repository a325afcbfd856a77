"""Optuna behind a search: it proposes trials, keeps them in its own tables, and says which ones end early.

Whoever imports this loads Optuna. Only a thread of the server that drives a search does, never a page.
"""

from __future__ import annotations

import logging
import re
import sqlite3
import threading
import warnings
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.exceptions import ExperimentalWarning, StorageInternalError
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, Trial, TrialState
from sqlalchemy import URL, func, select
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from core.errors import ExperimentError, RunsError
from core.runs.database import open_engine
from core.runs.limits import LOCK_SECONDS
from core.studies.results import MemberResult, score_name
from core.studies.search import AT_BEST, GRID, HALVING, MEDIAN, NO_PRUNER, PRUNED, RANDOM, Dimension, Range, Search
from core.studies.study import Member

logging.getLogger("optuna").setLevel(logging.ERROR)  # it tells of every trial
warnings.filterwarnings("ignore", category=ExperimentalWarning)

# What a storage raises that does not answer.
STORAGE_ERRORS = (SQLAlchemyError, StorageInternalError, RunsError)

_STARTUP_TRIALS = 10  # at random, before TPE has something to go by; Optuna's default
_PRUNER_STARTUP_TRIALS = 5  # that end by themselves, before the median counts
_WARM_UP = 0.1  # of the epochs, in which nothing is pruned
_REPORTS_MOST = 20  # of a trial: each is a write
_CONNECT_SECONDS = 5
_FORGET_AFTER = timedelta(days=1)
_KEY = re.compile("[0-9a-f]{32}")  # of a study
_MAKING_LOCK = 0x68_6C_6F_70  # any number that nobody else locks
_making = threading.Lock()


def open_storage(url: URL) -> optuna.storages.RDBStorage:
    """Return Optuna's storage in the database of a URL; its tables are made where they are missing.

    Raises:
        SQLAlchemyError: where the database does not answer.
    """
    text = url.render_as_string(hide_password=False)
    arguments: dict[str, Any] = {"connect_timeout": _CONNECT_SECONDS}
    if url.get_backend_name() == "sqlite":
        # A transaction begins with the lock to write, or waits for it: one that reads first would fail at once where
        # another has written meanwhile.
        arguments = {"timeout": LOCK_SECONDS, "isolation_level": "IMMEDIATE", "factory": _Connection}
    kwargs = {"connect_args": arguments, "pool_pre_ping": True}
    with _making, _only_server(url):
        try:
            return optuna.storages.RDBStorage(text, engine_kwargs=kwargs)
        except OperationalError:  # another process has made the tables of the file meanwhile
            return optuna.storages.RDBStorage(text, engine_kwargs=kwargs)


@contextmanager
def _only_server(url: URL) -> Iterator[None]:
    """Keep other servers of a PostgreSQL from making the tables meanwhile, which would fail on either."""
    if url.get_backend_name() == "sqlite":
        yield
        return
    engine = open_engine(url)
    try:
        with engine.begin() as connection:
            connection.execute(select(func.pg_advisory_xact_lock(_MAKING_LOCK)))
            yield
    finally:
        engine.dispose()


def forget_deleted(storage: optuna.storages.BaseStorage, keys: Collection[str]) -> None:
    """Delete the searches whose studies were deleted for good.

    Those that began within a day are left: their studies may not be written yet. So is what others keep there.

    Args:
        keys: of the studies that are kept.
    """
    before = datetime.now() - _FORGET_AFTER
    for summary in optuna.get_all_study_summaries(storage, include_best_trial=False):
        is_ours = _KEY.fullmatch(summary.study_name) and summary.study_name not in keys
        if is_ours and summary.datetime_start is not None and summary.datetime_start < before:
            optuna.delete_study(study_name=summary.study_name, storage=storage)


class _Connection(sqlite3.Connection):
    """A connection with the settings of the run store's."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON"):
            self.execute(f"PRAGMA {pragma}")


class Proposer:
    """The trials of a search. The number of a trial is its place among the results. Used by one thread.

    What is proposed depends on the search's seed, the trial's number and the trials that have ended before, so a search
    that was interrupted goes on as it would have.

    Args:
        name: of the search in the storage; one that is there already goes on.
        storage: None keeps it in memory.
    """

    def __init__(self, search: Search, name: str, storage: optuna.storages.BaseStorage | None = None) -> None:
        self._search = search
        self._study = optuna.create_study(
            storage=storage,
            study_name=name,
            directions=_directions(search),
            pruner=_pruner(search),
            sampler=optuna.samplers.RandomSampler(search.seed),
            load_if_exists=True,
        )
        self._distributions = distributions_of(search)
        self._count = len(self._trials())  # nobody else adds any

    @property
    def count(self) -> int:
        """How many trials were proposed."""
        return self._count

    def ended(self) -> set[int]:
        """Return the numbers of the trials whose endings Optuna knows."""
        return {trial.number for trial in self._trials() if trial.state.is_finished()}

    def member(self, number: int) -> Member:
        """Return what a trial trains.

        Raises:
            ExperimentError: if its values do not go together.
        """
        return self._search.member(self.texts(number))

    def texts(self, number: int) -> dict[str, str]:
        """Return the values of a trial, by the names of their dimensions."""
        return self._texts(self._trials()[number].params)

    def propose(self) -> Member:
        """Return one more trial.

        Raises:
            ExperimentError: if the values do not go together; the trial counts as failed.
        """
        number = self.count
        self._study.sampler = self._sampler(number)
        trial = self._study.ask(self._distributions)
        self._count += 1
        try:
            return self._search.member(self._texts(trial.params))
        except ExperimentError:
            self._study.tell(trial.number, state=TrialState.FAIL)
            raise

    def adopt(self, result: MemberResult, parameters: int) -> None:
        """Take in a trial that this storage does not know, as where the storage is new."""
        self._study.add_trial(frozen_trial(self._search, self._distributions, result, parameters))
        self._count += 1

    def is_hopeless(self, number: int, result: MemberResult) -> bool:
        """Report how a trial stands, and return whether the pruner ends it."""
        if self._search.pruner == NO_PRUNER or result.has_ended or not result.epochs:
            return False
        return bool(self._report(number, result).should_prune())

    def _report(self, number: int, result: MemberResult) -> Trial:
        """Note the scores of a trial so far, with which the pruner compares others."""
        known = self._trials()[number]
        trial = Trial(self._study, known._trial_id)
        for epoch, score in reported(result, result.member.experiment.training.epochs):
            if epoch not in known.intermediate_values and not known.state.is_finished():
                trial.report(score, epoch)
        return trial

    def tell(self, number: int, result: MemberResult, parameters: int) -> None:
        """Note how a trial has ended; once is enough.

        Args:
            parameters: of its network.
        """
        if self._search.pruner != NO_PRUNER:  # it may have ended before anybody looked at it
            self._report(number, result)
        values = values_of(self._search, result, parameters)
        if values is None:
            self._study.tell(number, state=TrialState.FAIL, skip_if_finished=True)
        elif result.message == PRUNED:
            self._study.tell(number, state=TrialState.PRUNED, skip_if_finished=True)
        else:
            self._study.tell(number, values, skip_if_finished=True)

    def _trials(self) -> list[FrozenTrial]:
        return self._study.get_trials(deepcopy=False)

    def _sampler(self, number: int) -> optuna.samplers.BaseSampler:
        search = self._search
        if search.sampler == GRID:
            grid = {dimension.name: _grid_of(search, dimension) for dimension in search.dimensions}
            return _Grid(grid, seed=search.seed)
        seed = (search.seed * 1_000_003 + number) % 2**32
        if search.sampler == RANDOM:
            return optuna.samplers.RandomSampler(seed)
        return optuna.samplers.TPESampler(seed=seed, n_startup_trials=_STARTUP_TRIALS)

    def _texts(self, params: Mapping[str, Any]) -> dict[str, str]:
        texts = {}
        for dimension in self._search.dimensions:
            value = params[dimension.name]
            texts[dimension.name] = self._search.text_of(dimension, value) if isinstance(dimension, Range) else value
        return texts


class _Grid(optuna.samplers.GridSampler):
    """Optuna's, which would stop `optimize` at the end: nobody calls that here."""

    def after_trial(
        self, study: optuna.Study, trial: FrozenTrial, state: TrialState, values: Sequence[float] | None
    ) -> None:
        """Do nothing."""


def _directions(search: Search) -> list[StudyDirection]:
    """Return what is better of the score, and of the number of parameters where that counts."""
    return [StudyDirection.MAXIMIZE, StudyDirection.MINIMIZE][: 1 + search.price]


def distributions_of(search: Search) -> dict[str, BaseDistribution]:
    """Return Optuna's form of a search's dimensions, by their names."""
    return {dimension.name: _distribution(search, dimension) for dimension in search.dimensions}


def _distribution(search: Search, dimension: Dimension) -> BaseDistribution:
    if not isinstance(dimension, Range):
        return CategoricalDistribution(dimension.values)
    if search.is_whole(dimension):
        return IntDistribution(round(dimension.low), round(dimension.high), log=dimension.log)
    return FloatDistribution(dimension.low, dimension.high, log=dimension.log)


def _grid_of(search: Search, dimension: Dimension) -> list[Any]:
    return [_value(search, dimension, text) for text in search.grid_of(dimension)]


def _value(search: Search, dimension: Dimension, text: str) -> Any:
    if not isinstance(dimension, Range):
        return text
    return int(text) if search.is_whole(dimension) else float(text)


def _pruner(search: Search) -> optuna.pruners.BasePruner:
    epochs = search.base.training.epochs
    if search.pruner == MEDIAN:
        return optuna.pruners.MedianPruner(_PRUNER_STARTUP_TRIALS, n_warmup_steps=round(_WARM_UP * epochs))
    if search.pruner == HALVING:
        return optuna.pruners.SuccessiveHalvingPruner(min_resource=max(1, round(_WARM_UP * epochs)))
    return optuna.pruners.NopPruner()


def reported(result: MemberResult, epochs: int) -> list[tuple[int, float]]:
    """Return the epochs at which a pruner looks at a trial, evenly spaced, and the scores after them.

    Args:
        epochs: that it is to train.
    """
    scores = result.history[score_name(result.member.experiment)]
    every = -(-epochs // _REPORTS_MOST)
    return [(epoch, float(scores[epoch - 1])) for epoch in range(every, len(scores) + 1, every)]


def values_of(search: Search, result: MemberResult, parameters: int) -> list[float] | None:
    """Return what Optuna compares a trial by, or None if it has led to nothing."""
    score = result.best if search.objective == AT_BEST else result.last
    if score is None or not result.has_ended or result.last is None:
        return None
    return [score, float(parameters)] if search.price else [score]


def frozen_trial(
    search: Search,
    distributions: Mapping[str, BaseDistribution],
    result: MemberResult,
    parameters: int,
) -> FrozenTrial:
    """Return a trial as Optuna keeps it.

    Args:
        distributions: by the names of the dimensions.
        parameters: of its network.
    """
    texts = dict(result.member.settings)
    params = {one.name: _value(search, one, texts[one.name]) for one in search.dimensions}
    values, state = _ending(search, result, parameters)
    return optuna.trial.create_trial(
        state=state,
        params=params,
        distributions=dict(distributions),
        values=values if state == TrialState.COMPLETE else None,
        intermediate_values=dict(reported(result, result.member.experiment.training.epochs)),
    )


def labelled_study(search: Search, results: Sequence[MemberResult], parameters: Sequence[int]) -> optuna.Study:
    """Return a study in memory with all trials, whose parameters and choices are named as people do, for figures.

    Args:
        results: of the trials, in their order.
        parameters: of their networks.
    """
    study = optuna.create_study(directions=_directions(search), sampler=optuna.samplers.RandomSampler(0))
    labels = {one.name: search.label(one.name) for one in search.dimensions}
    plain = distributions_of(search)
    distributions = {labels[one.name]: _in_words(search, one, plain[one.name]) for one in search.dimensions}
    trials = []
    for result, count in zip(results, parameters, strict=True):
        texts = dict(result.member.settings)
        params = {labels[one.name]: _value_in_words(search, one, texts[one.name]) for one in search.dimensions}
        values, state = _ending(search, result, count)
        if state == TrialState.RUNNING:  # which may not be added; figures leave both out
            values, state = None, TrialState.FAIL
        values = values if state == TrialState.COMPLETE else None
        trials.append(optuna.trial.create_trial(state=state, params=params, distributions=distributions, values=values))
    study.add_trials(trials)
    return study


def _in_words(search: Search, dimension: Dimension, plain: BaseDistribution) -> BaseDistribution:
    if isinstance(dimension, Range):
        return plain
    return CategoricalDistribution([_value_in_words(search, dimension, text) for text in dimension.values])


def _value_in_words(search: Search, dimension: Dimension, text: str) -> Any:
    return _value(search, dimension, text) if isinstance(dimension, Range) else search.words(dimension.name, text)


def _ending(search: Search, result: MemberResult, parameters: int) -> tuple[list[float] | None, TrialState]:
    values = values_of(search, result, parameters)
    if not result.has_ended:
        return None, TrialState.RUNNING
    if values is None:
        return None, TrialState.FAIL
    return values, TrialState.PRUNED if result.message == PRUNED else TrialState.COMPLETE
