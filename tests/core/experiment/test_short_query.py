"""The shortest address of an experiment is of the same one."""

import pytest
from hypothesis import given

from core.experiment import RECIPES, Experiment, read_query, to_query
from core.experiment.short_query import short_query
from tests.core.experiment.strategies import experiments


@given(experiments)
def test_it_is_of_the_same_experiment_and_never_longer(experiment: Experiment) -> None:
    short = short_query(experiment)
    assert read_query(short) == experiment
    assert len(short) <= len(to_query(experiment))


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_is_its_name(name: str) -> None:
    assert len(short_query(read_query(f"recipe={name}"))) <= len(f"recipe={name}")


def test_what_differs_follows() -> None:
    assert short_query(read_query("lr=0.03&epochs=20")) == "lr=0.03&epochs=20"
    assert short_query(read_query("recipe=digits&seed=4")) == "recipe=digits&seed=4"
