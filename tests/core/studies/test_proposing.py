"""Optuna's samplers and pruners behind a search, on trials whose scores are known."""

import math
from dataclasses import replace

import optuna
import pytest

from core.studies.proposing import Proposer, labelled_study
from core.studies.search import GRID, HALVING, MEDIAN, PRUNED, RANDOM, TPE, Range
from tests.core.studies.trials import EPOCHS, SPACE, result_of, run, score_of, search


@pytest.mark.parametrize("sampler", [TPE, RANDOM, GRID])
def test_a_search_that_is_interrupted_proposes_what_it_would_have(sampler):
    one = search(sampler=sampler, grid_values=3)
    whole = run(Proposer(one, "whole"), 18)
    storage = optuna.storages.InMemoryStorage()
    first = run(Proposer(one, "parts", storage), 12)
    rest = run(Proposer(one, "parts", storage), 18)
    assert [result.member for result in whole] == [result.member for result in first + rest]


def test_tpe_ends_near_the_top_of_a_bowl():
    results = run(Proposer(search(), "bowl"), 40)
    assert max(score_of(result.member) for result in results) > 0.99
    late = [score_of(result.member) for result in results[20:]]
    early = [score_of(result.member) for result in results[:10]]
    assert sum(late) / len(late) > sum(early) / len(early)


def test_a_grid_goes_through_all_combinations_once():
    one = search(
        sampler=GRID, grid_values=4, dimensions=(Range("lr", 0.001, 1, log=True), SPACE[2], Range("width", 1, 3))
    )
    results = run(Proposer(one, "grid"), one.total)
    assert len({result.member.settings for result in results}) == one.grid_size == 24
    assert {dict(result.member.settings)["lr"] for result in results} == {"0.001", "0.01", "0.1", "1"}


@pytest.mark.parametrize("pruner", [MEDIAN, HALVING])
def test_a_trial_that_is_worse_than_those_before_ends_early_and_a_better_one_does_not(pruner):
    proposer = Proposer(search(pruner=pruner), "pruned")
    for number in range(8):
        done = result_of(proposer.propose(), 0.8 + number / 100)
        for epochs in (5, 10, 15):
            proposer.is_hopeless(number, result_of(done.member, 0.8 + number / 100, epochs))
        proposer.tell(number, done, 10)
    bad, good = (proposer.propose() for _ in range(2))
    assert proposer.is_hopeless(8, result_of(bad, 0.2, 10))
    assert not proposer.is_hopeless(9, result_of(good, 0.95, 10))
    assert not proposer.is_hopeless(8, result_of(bad, 0.2))  # too late: it has ended
    proposer.tell(8, replace(result_of(bad, 0.2, 10), status="finished", message=PRUNED), 10)
    assert proposer.ended() == set(range(9))


def test_trials_that_ended_before_anybody_looked_at_them_are_compared_with_too():
    proposer = Proposer(search(pruner=MEDIAN), "unseen")
    for number in range(8):
        proposer.tell(number, result_of(proposer.propose(), 0.8), 10)
    bad, good = (proposer.propose() for _ in range(2))
    assert proposer.is_hopeless(8, result_of(bad, 0.2, 10))
    assert not proposer.is_hopeless(9, result_of(good, 0.95, 10))


def test_nothing_ends_early_without_a_pruner():
    proposer = Proposer(search(), "kept")
    run(proposer, 8)
    assert not proposer.is_hopeless(8, result_of(proposer.propose(), -5.0, 10))


def test_a_trial_that_failed_counts_as_failed_and_the_search_goes_on():
    proposer = Proposer(search(), "failed")
    proposer.tell(0, result_of(proposer.propose(), math.nan), 10)
    assert proposer.ended() == {0}
    assert len(run(proposer, 12)) == 11


def test_a_new_storage_takes_in_trials_that_are_kept_elsewhere():
    whole = run(Proposer(search(), "here"), 15)
    proposer = Proposer(search(), "there")
    for result in whole[:14]:
        proposer.adopt(result, 10)
    assert proposer.propose() == whole[14].member
    assert proposer.member(3) == whole[3].member


def test_a_price_for_parameters_leads_to_a_front():
    one = search(price=True)
    proposer, results, parameters = Proposer(one, "priced"), [], []
    for number in range(6):
        results.append(result_of(proposer.propose(), (0.5, 0.9, 0.7, 0.9, 0.6, 0.4)[number]))
        parameters.append((10, 90, 30, 60, 50, 20)[number])
        proposer.tell(number, results[-1], parameters[-1])
    # 90 parameters are no better than 60, 50 no better than 30, and 20 worse than 10.
    assert {trial.number for trial in labelled_study(one, results, parameters).best_trials} == {0, 2, 3}


def test_the_study_of_the_figures_has_words_and_keeps_the_places_of_trials():
    one = search()
    results = run(Proposer(one, "words"), 4)
    results[1] = result_of(results[1].member, math.nan)
    results[2] = result_of(results[2].member, 0.5, EPOCHS - 5)
    study = labelled_study(one, results, [1] * 4)
    assert set(study.trials[0].params) == {"Learning rate", "Units in each hidden layer", "Activation"}
    assert study.trials[0].params["Activation"] in ("ReLU", "tanh")
    assert [trial.state.name for trial in study.trials] == ["COMPLETE", "FAIL", "FAIL", "COMPLETE"]
    assert study.trials[3].value == pytest.approx(score_of(results[3].member))
