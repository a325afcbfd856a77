"""What an address hides and locks is read, written, and no part of the experiment."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.experiment import read_query, to_query
from core.experiment.address import KEYS
from core.experiment.control_limits import CONTROLS, NAMES, ControlLimits, all_but, make_limits, read_limits
from tests.core.experiment.strategies import experiments
from tests.layers import ROOT

_NAMES = st.lists(st.sampled_from(NAMES))
_LOCKABLE = st.lists(st.sampled_from([name for name in NAMES if name not in ("pages", "share")]))


@given(_NAMES, _LOCKABLE)
def test_limits_survive_the_address(hidden: list[str], locked: list[str]) -> None:
    limits = make_limits(hidden, locked)
    assert read_limits(limits.to_params().items()) == (limits, ())
    assert set(limits.hidden) == set(hidden)
    assert set(limits.locked) == set(locked) - set(hidden)


@given(experiments, _NAMES, _LOCKABLE)
def test_limits_are_no_part_of_the_experiment(experiment: object, hidden: list[str], locked: list[str]) -> None:
    query = to_query(experiment)  # type: ignore[arg-type]
    texts = make_limits(hidden, locked).to_params()
    assert read_query("&".join([query, *(f"{key}={text}" for key, text in texts.items())])) == experiment


def test_a_name_covers_what_depends_on_it() -> None:
    limits = make_limits(["layers"], ["optimizer"])
    assert limits.hides("units")
    assert limits.hides("activation")
    assert limits.hides("depth")
    assert limits.locks("momentum")
    assert not limits.hides("momentum")
    assert not limits.hides("lr")
    assert not limits.locks("lr")


def test_what_holds_a_part_of_a_key_holds_the_key() -> None:
    limits = make_limits(["units"], ["weights"])
    assert limits.hold_any(["layers"])
    assert limits.hold_any(["lr", "l2"])
    assert not limits.hold_any(["lr", "batch"])


def test_all_settings_but_some_are_hidden_with_what_stands_around_these() -> None:
    limits = all_but(["units", "l2", "balance"])
    assert not any(map(limits.hides, ("units", "layers", "l2", "weights", "balance", "imbalance", "class_weight")))
    assert all(map(limits.hides, ("depth", "activation", "dropout", "data", "lr", "momentum", "seed", "recipe")))
    assert not any(map(limits.hides, ("train", "speed", "pages", "share")))
    assert all_but(CONTROLS) == ControlLimits()


def test_two_limits_are_joined() -> None:
    both = make_limits(["lr"], ["batch"]).joined(make_limits(["batch"], ["epochs"]))
    assert both == ControlLimits(("lr", "batch"), ("epochs",))


def test_what_is_hidden_and_locked_is_hidden() -> None:
    assert make_limits(["lr"], ["lr", "batch"]) == ControlLimits(("lr",), ("batch",))


def test_every_key_of_the_address_is_a_name() -> None:
    assert set(KEYS) <= set(NAMES)


def test_the_readme_lists_every_name() -> None:
    rows = (ROOT / "README.md").read_text("utf-8").partition("| what | names |")[2].partition("\n\n")[0]
    assert set(re.findall(r"[a-z_]+", rows)) >= set(CONTROLS)


def test_each_wrong_name_is_told() -> None:
    limits, problems = read_limits([("hide", "lr,nothing,"), ("lock", "pages"), ("lr", "0.1"), ("lock", "batch")])
    assert limits == ControlLimits(("lr",), ("batch",))
    assert [(problem.key, problem.received) for problem in problems] == [("hide", "nothing"), ("lock", "pages")]
    assert all(name in problems[0].expected for name in CONTROLS)
    assert "pages" not in problems[1].expected


@pytest.mark.parametrize("text", ["", ",", ",,"])
def test_no_names_are_no_limits(text: str) -> None:
    assert read_limits([("hide", text)]) == (ControlLimits(), ())
