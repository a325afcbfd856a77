"""The glossary's texts."""

from __future__ import annotations

import pytest

from core.experiment import DataSpec, TrainingSpec, menus
from core.glossary import GROUPS, TERMS, now

MENUS = {
    "activation": menus.ACTIVATIONS,
    "normalization": menus.NORMALIZATIONS,
    "initializer": menus.INITIALIZERS,
    "scaling": menus.SCALINGS,
    "split": menus.SPLITS,
    **menus.METHODS,
}


def test_every_term_has_its_place_and_at_most_45_words() -> None:
    assert sum(len(terms) for terms in GROUPS.values()) == len(TERMS)
    assert [name for name, term in TERMS.items() if not 3 <= len(term.text.split()) <= 45] == []


@pytest.mark.parametrize("name", MENUS)
def test_every_choice_of_a_menu_is_explained(name: str) -> None:
    assert set(TERMS[name].choices) == set(MENUS[name])


def test_every_setting_of_a_method_has_a_term() -> None:
    names = {name for methods in menus.METHODS.values() for name in menus.setting_names(methods)}
    assert names <= set(TERMS)
    assert {"points", "noise", "arms"} <= set(DataSpec("spiral").__dict__) & set(TERMS)


@pytest.mark.parametrize("optimizer", menus.OPTIMIZERS)
def test_the_rate_is_explained_for_the_optimizer_in_use(optimizer: str) -> None:
    said = now.learning_rate(TrainingSpec(optimizer, learning_rate=0.02))
    assert said == "" or said.startswith(f"At 0.02, {menus.OPTIMIZERS[optimizer].title} moves ")


def test_what_a_setting_does_now() -> None:
    assert now.batch_size(4096, 800) == "At 4,096, an epoch of 800 rows has 1 step."
    assert now.batch_size(32, None) == ""
    assert now.epochs(10, 32, 800) == "At 10, the run has 250 steps."
    assert now.penalty(0.001, squared=False) == "At 0.001, a weight of 2 adds 0.002 to the loss."
    assert now.chosen("activation", "relu", menus.ACTIVATIONS).startswith("ReLU: 0 below 0")
