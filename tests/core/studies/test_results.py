"""Summaries of results that were computed by hand."""

import json

import numpy as np
import pytest

from core.experiment import read_query
from core.messages.updates import FAILED, FINISHED, STOPPED
from core.studies.results import MemberResult, Spread, StudyResult, Summary
from core.studies.study import Member, Study
from core.studies.varied import Varied

BASE = read_query("data=moons&points=60&layers=tanh-3&epochs=3")


def result(scores: list[float], losses: list[float] | None = None, status: str = FINISHED, seed: int = 0):
    losses = losses or [1.0] * len(scores)
    history = {"loss": losses, "accuracy": scores, "val_loss": losses, "val_accuracy": scores}
    columns = {name: np.array(column, np.float32) for name, column in history.items()}
    return MemberResult(Member((), seed, BASE), status, columns)


def test_the_spread_of_five_figures():
    spread = Spread.of([1.0, 2.0, 3.0, 4.0, 10.0])
    assert spread == Spread(
        count=5, mean=4.0, deviation=pytest.approx(12.5**0.5), median=3.0, lower=2.0, upper=4.0, low=1.0, high=10.0
    )
    assert Spread.of([0.5]) == Spread(1, 0.5, 0.0, 0.5, 0.5, 0.5, 0.5, 0.5)
    assert Spread.of([]) is None


def test_the_best_epoch_has_the_lowest_held_out_loss():
    found = result([0.5, 0.75, 1.0], [0.3, 0.2, 0.2])
    assert (found.epochs, found.best_epoch, found.best, found.last) == (3, 2, 0.75, 1.0)


def test_a_run_that_failed_has_no_last_figure_but_a_best_epoch():
    found = result([0.5, 0.25], [0.3, np.nan], FAILED)
    assert (found.epochs, found.best_epoch, found.best, found.last) == (2, 1, 0.5, None)
    nothing = result([np.nan], [np.nan], FAILED)
    assert (nothing.best_epoch, nothing.best, nothing.last) == (0, None, None)


def test_a_run_that_has_not_begun_has_no_figures():
    found = result([], status=STOPPED)
    assert (found.epochs, found.best_epoch, found.best, found.last) == (0, 0, None, None)


def test_runs_that_failed_are_counted_and_left_out():
    runs = [result([0.5]), result([0.75]), result([1.0], [0.1], FAILED), result([], status=STOPPED), result([0.25])]
    summary = Summary.of((), runs)
    assert (summary.last, summary.at_best) == (Spread.of([0.5, 0.75, 0.25]), Spread.of([0.5, 0.75, 0.25]))
    assert (summary.best, summary.worst, summary.failed) == (runs[1], runs[4], 1)
    none = Summary.of((), runs[2:4])
    assert (none.last, none.at_best, none.best, none.worst) == (None, None, None, None)
    assert none.sentence() == "No run has led to a figure."


def test_the_first_of_equals_is_best_and_worst():
    runs = [result([0.5], seed=seed) for seed in range(3)]
    summary = Summary.of((), runs)
    assert summary.best is runs[0]
    assert summary.worst is runs[0]


def test_the_held_out_loss_decides_between_equals():
    runs = [result([1.0], [loss], seed=seed) for seed, loss in enumerate((0.3, 0.1, 0.9, 0.2))]
    summary = Summary.of((), runs)
    assert summary.best is runs[1]
    assert summary.worst is runs[2]


def test_the_lowest_of_negative_figures_is_worst():
    runs = [result([score]) for score in (-1.0, 0.0, -3.0)]
    summary = Summary.of((), runs)
    assert summary.best is runs[1]
    assert summary.worst is runs[2]


def test_the_sentence():
    runs = [result([score]) for score in (0.871, 0.898, 0.902, 0.93)]
    assert Summary.of((), runs).sentence() == "Between 0.87 and 0.93, most often 0.90: one run tells little."
    equal = [result([score]) for score in (1.0, 0.999)]
    assert Summary.of((), equal).sentence() == "Always 1.00: one run tells enough."


def test_of_figures_that_are_equally_frequent_the_one_nearest_to_the_median_is_named():
    runs = [result([score]) for score in (0.1, 0.5, 0.6, 0.95, 0.95, 0.1, 0.5)]
    assert "most often 0.50" in Summary.of((), runs).sentence()


def test_every_combination_has_a_summary_in_the_order_of_the_study():
    study = Study(BASE, (Varied.parse("lr=0.1,0.01"),), seeds=2)
    results = tuple(
        MemberResult(member, FINISHED, result([place / 8]).history) for place, member in enumerate(study.members)
    )
    summaries = StudyResult(study, results, 1.0).summaries()
    assert [summary.settings for summary in summaries] == [(("lr", "0.1"),), (("lr", "0.01"),)]
    assert [summary.last.mean for summary in summaries if summary.last] == [1 / 16, 5 / 16]
    assert json.loads(json.dumps(study.to_json()))["varied"] == {"lr": ["0.1", "0.01"]}
