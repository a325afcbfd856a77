"""The figures of searches and of the learning-rate finder, on trials made by hand."""

import numpy as np
import plotly.graph_objects as go
import pytest

from core.figures.rate_finder import rate_finder_figure
from core.figures.search_figures import (
    history_figure,
    importance_figure,
    parallel_figure,
    pareto_figure,
    slice_figure,
)
from core.studies.proposing import Proposer, labelled_study
from tests.core.studies.trials import result_of, score_of, search

SCORES = (0.5, 0.9, 0.7, 0.95, 0.6)
LABELS = ("Learning rate", "Units in each hidden layer", "Activation")


def study_of(scores, parameters=(1,) * 5, **values):
    one = search(**values)
    proposer, results = Proposer(one, "figures"), []
    for number, score in enumerate(scores):
        results.append(result_of(proposer.propose(), score))
        proposer.tell(number, results[-1], 1)
    return labelled_study(one, results, parameters)


@pytest.fixture(scope="module")
def study():
    return study_of(SCORES)


def test_the_history_has_every_trial_and_the_best_so_far(study):
    figure = history_figure(study, "accuracy", ["a", "b", "c", "d", "e"])
    trials, best = figure.data
    np.testing.assert_allclose(trials.y, SCORES, rtol=1e-6)
    np.testing.assert_allclose(best.y, (0.5, 0.9, 0.9, 0.95, 0.95), rtol=1e-6)
    assert list(trials.x) == list(best.x) == [1, 2, 3, 4, 5]
    assert trials.text == ("a", "b", "c", "d", "e")
    assert figure.layout.yaxis.title.text == "accuracy"


def test_parallel_coordinates_have_a_line_for_every_trial_the_best_last(study):
    figure = parallel_figure(study, "accuracy")
    *lines, bar = figure.data
    heights = [line.y[place] for line in lines for place in range(0, len(line.y), 5)]  # a score, three settings, a gap
    np.testing.assert_allclose(heights, (np.sort(SCORES) - 0.5) / 0.45, atol=1e-6)
    assert bar.marker.colorbar.title.text == "accuracy"
    assert list(figure.layout.xaxis.ticktext) == [
        "accuracy",
        "Activation",
        "Learning rate",
        "Units in each<br>hidden layer",
    ]


def test_equal_scores_have_one_colour():
    figure = parallel_figure(study_of((0.9, 0.9, 0.9, 0.2, 0.9)), "accuracy")
    drawn = [sum(value is None for value in line.y) for line in figure.data[:-1]]
    assert (drawn[0], drawn[-1], sum(drawn)) == (1, 4, 5)


def test_hundreds_of_trials_are_few_traces():
    rng = np.random.default_rng(0)
    one = search()
    proposer = Proposer(search(sampler="random"), "many")
    results = [result_of(proposer.propose(), float(rng.random())) for _ in range(200)]
    many = labelled_study(one, results, [1] * 200)
    figure = parallel_figure(many, "accuracy")
    assert len(figure.data) == 9
    assert sum(value is None for line in figure.data[:-1] for value in line.y) == 200


def test_the_learning_rate_is_what_matters_where_nothing_else_does():
    one = search()
    proposer = Proposer(search(sampler="random"), "importance")
    members = [proposer.propose() for _ in range(80)]
    results = [result_of(member, score_of(member)) for member in members]
    figure = importance_figure(labelled_study(one, results, [1] * 80), LABELS)
    (bars,) = figure.data
    assert (bars.y[-1], len(bars.y)) == ("Learning rate", 3)
    assert bars.x[-1] > 0.8
    assert sum(bars.x) == pytest.approx(1)
    priced = labelled_study(search(price=True), results, list(range(80)))
    assert importance_figure(priced, LABELS).data[0].y[-1] == "Learning rate"


def test_a_slice_shows_the_score_against_one_setting(study):
    figure = slice_figure(study, "Learning rate", "accuracy", list("abcde"))
    (points,) = figure.data
    rates = [trial.params["Learning rate"] for trial in study.trials]
    assert dict(zip(points.x, points.y, strict=True)) == dict(zip(rates, (t.value for t in study.trials), strict=True))
    assert figure.layout.xaxis.type == "log"
    assert set(points.text) == set("abcde")


def test_the_front_joins_the_trials_that_none_beats_in_both():
    figure = pareto_figure(study_of(SCORES, (10, 90, 30, 80, 40), price=True), "accuracy", list("abcde"))
    others, front = figure.data
    assert (list(front.x), list(front.text)) == ([10, 30, 80], ["a", "c", "d"])
    assert sorted(others.text) == ["b", "e"]


@pytest.mark.parametrize("scores", [(), (0.5,), (0.5, 0.5)])
def test_a_search_that_has_hardly_begun_can_be_drawn(scores):
    few = study_of(scores, (1,) * len(scores))
    texts = ["a"] * len(scores)
    figures = [history_figure(few, "accuracy", texts), parallel_figure(few, "accuracy"), importance_figure(few, LABELS)]
    figures += [slice_figure(few, label, "accuracy", texts) for label in LABELS if scores]
    figures.append(pareto_figure(study_of(scores, (1,) * len(scores), price=True), "accuracy", texts))
    assert all(isinstance(figure, go.Figure) for figure in figures)


def test_the_finder_marks_both_rates():
    rates = np.geomspace(1e-5, 10, 50).astype(np.float32)
    losses = np.linspace(2, 1, 50).astype(np.float32)
    losses[-1] = np.inf
    figure = rate_finder_figure(rates, losses, losses[:-1].astype(float), (1e-5, 10.0), 0.01, 0.3)
    assert [shape.x0 for shape in figure.layout.shapes] == [0.01, 0.3]
    assert [note.text for note in figure.layout.annotations] == ["now 0.01", "suggested 0.3"]
    np.testing.assert_allclose(figure.layout.xaxis.range, (-5, 1))
    assert figure.layout.yaxis.range[1] == pytest.approx(3.2)
    empty = np.empty(0, np.float32)
    assert len(rate_finder_figure(empty, empty, empty, (1e-5, 1.0), 0.01, None).layout.shapes) == 1
