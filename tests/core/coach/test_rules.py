"""The coach's rules on real runs: those that show a fault, and those that do not."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from benchmarks.coach import Trained, advice_about, evidence_at_end, train
from core.coach.advice import Advice, Change, FindRate
from core.coach.evidence import Evidence
from core.coach.rows import row_facts
from core.coach.rules import RULES, advise
from core.datasets import prepare
from core.experiment import Experiment, read_query
from core.glossary import TERMS
from core.trained.epoch import longest_wait

DEFAULT = "data=moons"
SEEDS = 10
# Together they take two programs.
FAST_RECIPES = ("linear", "moons-linear", "circles-linear", "moons", "circles")


def with_seeds(query: str, seeds: int) -> list[Experiment]:
    experiment = read_query(query)
    return [replace(experiment, training=replace(experiment.training, seed=seed)) for seed in range(seeds)]


@cache
def runs_of_one_structure() -> dict[str, list[Trained]]:
    """Train the default network as it is and with faults that need no other program, in one call."""
    queries = {
        "fine": DEFAULT,
        "too high": f"{DEFAULT}&lr=10",
        "too low": f"{DEFAULT}&lr=0.00001",
        "zeros": f"{DEFAULT}&init=zeros",
        "too large": f"{DEFAULT}&init=too_large&lr=0.0001",
    }
    runs = train(iter([one for query in queries.values() for one in with_seeds(query, 2)]))
    return {name: runs[2 * place : 2 * place + 2] for place, name in enumerate(queries)}


def at_end(run: Trained) -> Evidence:
    split = prepare(run.experiment.data)
    return evidence_at_end(run, split, row_facts(split))


def advice_of(run: Trained) -> Advice:
    advice = advise(at_end(run))
    assert advice is not None
    return advice


def test_a_run_that_is_fine_is_left_in_peace() -> None:
    for run in runs_of_one_structure()["fine"]:
        split = prepare(run.experiment.data)
        assert list(advice_about(run, split, row_facts(split))) == []


def test_a_rate_that_is_too_high() -> None:
    for run in runs_of_one_structure()["too high"]:
        advice = advice_of(run)
        assert advice.rule in ("diverged", "idle")
        assert advice.action == FindRate(10.0, higher=False)
    said = advice_about(run, prepare(run.experiment.data), row_facts(prepare(run.experiment.data)))
    assert "diverged" in {advice.rule for advice in said}  # already while it trains


def test_a_rate_that_is_far_too_low() -> None:
    for run in runs_of_one_structure()["too low"]:
        advice = advice_of(run)
        assert (advice.rule, advice.action) == ("slow", FindRate(0.00001, higher=True))
        assert "1e-05" in advice.sentence


def test_weights_that_all_start_at_zero() -> None:
    for run in runs_of_one_structure()["zeros"]:
        advice = advice_of(run)
        assert advice.rule == "identical"
        assert isinstance(advice.action, Change)
        assert advice.action.experiment.network.initializer == "glorot_uniform"


def test_a_saturated_layer() -> None:
    found = [advice_of(run) for run in runs_of_one_structure()["too large"]]
    assert {advice.rule for advice in found} == {"idle"}
    assert all("saturated" in advice.sentence and "first weights" in advice.sentence for advice in found)


def test_too_few_epochs() -> None:
    """The first epochs of a longer run are a run of so many epochs."""
    (run, _) = runs_of_one_structure()["fine"]
    short = replace(run.experiment, training=replace(run.experiment.training, epochs=15))
    history = {name: column[:15] for name, column in run.history.items()}
    evidence = Evidence(short, history, row_facts(prepare(short.data)), is_over=True)
    advice = advise(evidence)
    assert advice is not None
    assert advice.rule == "few_epochs"
    assert isinstance(advice.action, Change)
    assert advice.action.experiment.training.epochs == 30
    assert advise(replace(evidence, is_over=False, experiment=run.experiment)) is None


def test_overfitting_and_a_network_that_is_too_large() -> None:
    queries = [
        "data=moons&points=100&noise=0.4&data_seed=1&layers=tanh-64,tanh-64&epochs=300",
        "data=moons&points=100&noise=0.02&layers=tanh-64,tanh-64&epochs=300",
    ]
    noisy, clean = train(read_query(query) for query in queries)
    advice = advice_of(noisy)
    assert advice.rule == "overfitting"
    assert f"since epoch {np.argmin(noisy.history['val_loss']) + 1}:" in advice.sentence
    assert isinstance(advice.action, Change)
    better = advice.action.experiment.training
    assert better.restore_best
    assert better.patience > longest_wait(noisy.history["val_loss"])  # so that all of its history stays
    advice = advice_of(clean)
    assert advice.rule == "oversized"
    assert isinstance(advice.action, Change)
    assert [layer.units for layer in advice.action.experiment.network.layers] == [16, 16]


def test_inputs_that_are_not_scaled() -> None:
    (run,) = train(iter([read_query("data=wine&scaling=none&layers=relu-16&epochs=40")]))
    advice = advice_of(run)
    assert advice.rule == "unscaled"
    assert "1,680" in advice.sentence
    assert isinstance(advice.action, Change)
    assert advice.action.experiment.data.scaling == "standard"
    failed = replace(at_end(run), has_failed=True)
    assert (found := advise(failed)) is not None
    assert found.rule == "unscaled"  # which is why


def test_a_class_that_is_never_predicted() -> None:
    runs = train(iter(with_seeds("data=blobs&imbalance=0.05&noise=0.15&points=2000&epochs=20&lr=0.003", 2)))
    assert {advice_of(run).rule for run in runs} == {"ignored"}
    weighted = replace(runs[0].experiment.training, class_weight="balanced")
    still = replace(at_end(runs[0]), experiment=replace(runs[0].experiment, training=weighted))
    assert (found := advise(still)) is None or found.rule != "ignored"


@pytest.mark.parametrize("name", FAST_RECIPES)
def test_no_false_alarm_on_a_recipe(name: str) -> None:
    """`make bench ARGS=coach` asks all recipes, and takes the advice."""
    runs = train(iter(with_seeds(f"recipe={name}", SEEDS)))
    split = prepare(runs[0].experiment.data)
    facts = row_facts(split)
    said = {advice.rule for run in runs for advice in advice_about(run, split, facts)}
    if name in ("moons-linear", "circles-linear"):
        assert said <= {"plateau"}  # they cannot do better without a hidden layer, as their tutorials say
        assert facts.nearest > 0.99
    else:
        assert said == set()


def test_a_loss_that_is_no_number_any_more() -> None:
    (run, _) = runs_of_one_structure()["fine"]
    history = {name: column[:5] for name, column in run.history.items()}
    history["loss"] = np.array([*history["loss"][:4], np.nan])
    evidence = Evidence(run.experiment, history, at_end(run).rows, is_over=True, has_failed=True)
    advice = advise(evidence)
    assert advice is not None
    assert advice.rule == "diverged"


def test_nothing_is_said_before_the_first_epoch() -> None:
    (run, _) = runs_of_one_structure()["too high"]
    empty = {name: column[:0] for name, column in run.history.items()}
    assert advise(Evidence(run.experiment, empty, at_end(run).rows, is_over=False)) is None


def test_every_rule_is_named_as_it_names_itself_and_leads_to_a_term() -> None:
    found = [advice_of(run) for name, runs in runs_of_one_structure().items() if name != "fine" for run in runs]
    assert all(advice.rule in RULES and advice.term in TERMS for advice in found)
    assert all(len(advice.sentence) <= 190 for advice in found)
