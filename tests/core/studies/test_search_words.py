"""What a search says of itself, on trials made by hand."""

import math
from dataclasses import replace

from core.messages.updates import FINISHED
from core.studies.naming import name_of
from core.studies.rate_sweep import RateSweep
from core.studies.results import MemberResult
from core.studies.search import PRUNED, Range
from core.studies.search_words import ranked, search_sentence, trial_words
from tests.core.studies.trials import BASE, SPACE, result_of, search

ONE = search(dimensions=(SPACE[0], Range("l2", 0.001, 0.1, log=True), SPACE[2]))


def trial(rate: str, score: float, epochs: int = 20) -> MemberResult:
    return result_of(ONE.member({"lr": rate, "l2": "0.01", "activation": "relu"}), score, epochs)


def test_a_study_is_named_by_what_may_vary():
    assert name_of(ONE) == "Search on Moons: learning rate, L2, activation"
    assert name_of(RateSweep(BASE)) == "Learning rates of Moons"


def test_the_best_trial_is_said_in_words_with_what_ended_early_or_failed():
    pruned = replace(trial("0.1", 0.3, 10), status=FINISHED, message=PRUNED)
    results = [trial("0.01", 0.8), trial("0.02", 0.9), pruned, trial("0.03", math.nan), trial("0.04", 0.99, 10)]
    assert trial_words(ONE, results[0]) == "learning rate 0.01, L2 0.01, activation ReLU"
    assert ranked(ONE, results) == [1, 0, 2, 3, 4]
    assert search_sentence(ONE, results, "accuracy", is_over=True) == (
        "Best: learning rate 0.02, L2 0.01, activation ReLU, with accuracy 0.900 (trial 2). "
        "1 trial ended early. 1 led to nothing."
    )
    assert search_sentence(ONE, results[:1], "accuracy", is_over=False).startswith("Best so far: learning rate 0.01")
    assert search_sentence(ONE, results[4:], "accuracy", is_over=False) == ""
    priced = replace(ONE, price=True)
    assert search_sentence(priced, results[:2], "R²", is_over=True).startswith("Highest R²: learning rate 0.02")
