"""Runs beside each other, with values computed by hand."""

import math
from dataclasses import replace

import pytest

from core.experiment import read_query
from core.runs.comparison import (
    MOST,
    Figures,
    difference,
    figures_of,
    has_diverged,
    looks_for,
    progress,
    setting_rows,
)
from core.runs.values import DIVERGED, FINISHED, KeptRun, RunSummary
from tests.core.runs.changes import MOONS


def kept(query: str = MOONS, epochs: int = 4, seconds: float = 2.0, **more) -> KeptRun:
    summary = RunSummary(
        "k", "name", "", (), False, FINISHED, "", 0.0, seconds, "", "moons", "", 29, epochs, 3, 0.3, 0.9, 0.5, 0.8, 0, 0
    )
    history = {name: [0.5] * epochs for name in ("loss", "accuracy", "val_loss", "val_accuracy")}
    return KeptRun(summary, history, ((0, read_query(query)),), (), "", "", (), "", **more)


def test_every_run_has_a_look_of_its_own_and_keeps_it():
    names = [str(number) for number in range(MOST)]
    all_looks = looks_for(names, {})
    assert sorted(all_looks.values()) == list(range(MOST))
    assert looks_for(["7", "3"], all_looks) == {"7": 7, "3": 3}
    assert looks_for(["new", "3"], {"3": 0, "4": 1}) == {"new": 2, "3": 0}
    assert looks_for(["x", "y"], {"x": 5, "y": 5}) == {"x": 5, "y": 0}


def test_settings_say_what_differs():
    rows = setting_rows([read_query("data=moons&lr=0.1"), read_query("data=moons&lr=0.2&max_norm=3")])
    assert {row.label: row.values for row in rows if row.differs} == {
        "learning rate": ("0.1", "0.2"),
        "max-norm": ("", "3"),
    }
    assert ("batch size", ("32", "32")) in [(row.label, row.values) for row in rows]


def test_a_difference_is_the_run_minus_the_baseline():
    run = figures_of(kept().summary)
    assert run == Figures(0.9, 0.8, 0.3, 0.5, 4, 29, 2.0)
    other = replace(run, best_score=0.75, last_loss=None, seconds=0.5)
    assert difference(run, other) == Figures(pytest.approx(0.15), 0.0, 0.0, None, 0, 0, 1.5)
    assert set(vars(difference(run, run)).values()) == {0}


def test_curves_are_drawn_by_epoch_step_or_time():
    run = kept()  # a batch size of 32
    assert progress(run, "epoch").tolist() == [1, 2, 3, 4]
    assert progress(run, "step", 100).tolist() == [4, 8, 12, 16]
    assert progress(run, "time").tolist() == [0.5, 1.0, 1.5, 2.0]
    changed = replace(run, plan=((0, read_query(MOONS)), (2, read_query(f"{MOONS}&batch=64"))))
    assert progress(changed, "step", 100).tolist() == [4, 8, 10, 12]
    assert progress(kept(epochs=0), "time").tolist() == []


def test_a_plan_that_goes_on_after_the_last_epoch_ends_with_the_history():
    run = replace(kept(), plan=((0, read_query(MOONS)), (4, read_query(f"{MOONS}&batch=64"))))
    assert progress(run, "step", 100).tolist() == [4, 8, 12, 16]


@pytest.mark.parametrize("loss", [math.nan, math.inf])
def test_a_loss_without_a_number_is_a_divergence(loss):
    run = kept()
    assert not has_diverged(run)
    assert has_diverged(replace(run, history={**run.history, "val_loss": [0.5, loss, 0.5, 0.5]}))
    assert has_diverged(replace(run, summary=replace(run.summary, status=DIVERGED)))
