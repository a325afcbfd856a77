"""What a search may vary, and the experiments that its trials train."""

import json
from dataclasses import replace

import pytest

from core.errors import ExperimentError
from core.experiment import read_query
from core.studies.plans import plan_from_json, plan_to_json
from core.studies.search import GRID, MEDIAN, OneOf, Range, Search
from tests.core.studies.trials import BASE, SPACE, search


def test_a_trial_is_the_base_experiment_with_its_values():
    wide = search(dimensions=(*SPACE, Range("depth", 1, 3), Range("batch", 8, 64)))
    values = {"lr": "0.03", "width": "7", "activation": "relu", "depth": "3", "batch": "16"}
    member = wide.member(values)
    expected = read_query("layers=relu-7,relu-7,relu-7&lr=0.03&batch=16&epochs=20")
    assert (member.experiment, member.seed, dict(member.settings)) == (expected, 0, values)


def test_listed_networks_and_choices_of_a_base_without_hidden_layers():
    bare = read_query("layers=none")
    one_of = search(base=bare, dimensions=(OneOf("layers", ("none", "tanh-4", "relu-8-drop0.2")),))
    assert one_of.member({"layers": "relu-8-drop0.2"}).experiment == read_query("layers=relu-8-drop0.2")
    deep = search(base=bare, dimensions=(Range("depth", 0, 2), Range("width", 2, 8)))
    assert deep.member({"depth": "2", "width": "3"}).experiment == read_query("layers=tanh-3,tanh-3")
    assert deep.member({"depth": "0", "width": "3"}).experiment == bare


def test_proposed_numbers_have_four_digits_and_stay_within_their_range():
    numbers = Range("lr", 0.00012345, 0.1, log=True)
    one = search(dimensions=(numbers, Range("width", 1, 16)))
    assert [one.text_of(numbers, value) for value in (0.0123456, 0.00012345)] == ["0.01235", "0.00012345"]
    assert one.text_of(one.dimensions[1], 3.7) == "4"


def test_a_grid_has_equal_ratios_or_steps_and_all_choices():
    grid = search(dimensions=(Range("lr", 0.001, 1, log=True), Range("width", 1, 3), SPACE[2]), sampler=GRID)
    assert [grid.grid_of(one) for one in grid.dimensions] == [
        ("0.001", "0.01", "0.1", "1"),
        ("1", "2", "3"),
        ("relu", "tanh"),
    ]
    assert (grid.grid_size, grid.total) == (24, 24)
    assert replace(grid, trials=10).total == 10


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"dimensions": ()}, "one to 8"),
        ({"dimensions": (SPACE[0], SPACE[0])}, "different settings"),
        ({"dimensions": (Range("momentum", 0, 0.9),)}, "settings that this experiment has"),
        ({"dimensions": (Range("lr", 0.1, 100),)}, "`lr` must be a number from"),
        ({"dimensions": (Range("optimizer", 0, 1),)}, "given values, not a range"),
        ({"dimensions": (Range("width", 2, 2.3),)}, "more than one number"),
        ({"dimensions": (OneOf("layers", ("tanh-4", "tanh-0")),)}, "`layers` must be"),
        ({"dimensions": (OneOf("layers", ("tanh-4", "tanh-2")), SPACE[1])}, "listed networks"),
        ({"dimensions": (Range("beta_1", 0, 0.9), OneOf("optimizer", ("adam", "sgd")))}, "sgd has no such"),
        ({"trials": 501}, "from 2 to 500"),
        (
            {"sampler": GRID, "grid_values": 20, "dimensions": (*SPACE, Range("batch", 8, 64))},
            "at most 500 combinations",
        ),
        ({"price": True, "pruner": MEDIAN}, "none where parameters have a price"),
    ],
)
def test_what_does_not_go_together_is_refused_in_words(values, words):
    with pytest.raises(ExperimentError, match=words):
        search(**values)


@pytest.mark.parametrize(("low", "high", "log"), [(1, 0.1, False), (0, 1, True), (float("nan"), 1, False)])
def test_a_range_rises_and_has_ratios_only_above_zero(low, high, log):
    with pytest.raises(ExperimentError):
        Range("lr", low, high, log)


def test_a_search_is_text_and_back():
    for one in (search(), search(sampler=GRID, seconds=60.0, price=True, dimensions=(SPACE[2], Range("depth", 1, 2)))):
        assert plan_from_json(plan_to_json(one)) == one
    broken = json.loads(plan_to_json(search()))
    for key, value in (("dimensions", [{"name": "lr"}]), ("trials", "many"), ("sampler", "magic"), ("base", None)):
        if key in broken:
            with pytest.raises(ExperimentError):
                plan_from_json(json.dumps({**broken, key: value}))
    assert isinstance(plan_from_json(json.dumps(broken)), Search)
    assert plan_from_json(json.dumps(broken)).base == BASE
