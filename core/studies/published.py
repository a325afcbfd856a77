"""What a tutorial reports for the experiment of a study."""

from __future__ import annotations

import functools
from dataclasses import replace

from core.experiment import RECIPES, Experiment, Recipe, read_query


def recipe_of(experiment: Experiment) -> Recipe | None:
    """Return the recipe whose experiment this is but for the seeds, or None.

    >>> from core.experiment import read_query
    >>> recipe_of(read_query("recipe=digits&seed=7")).published
    (0.87, 0.93)
    >>> recipe_of(read_query("recipe=digits&epochs=49")) is None
    True
    """
    return _recipes().get(_without_seeds(experiment))


@functools.cache
def _recipes() -> dict[Experiment, Recipe]:
    return {_without_seeds(read_query(recipe.query)): recipe for recipe in RECIPES.values()}


def _without_seeds(experiment: Experiment) -> Experiment:
    data, training = replace(experiment.data, seed=0), replace(experiment.training, seed=0)
    return replace(experiment, data=data, training=training)
