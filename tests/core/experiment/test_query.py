"""Experiments as query strings."""

import re
from urllib.parse import parse_qsl

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.errors import ExperimentError
from core.experiment import (
    DataSpec,
    Experiment,
    LayerSpec,
    NetworkSpec,
    TrainingSpec,
    format_layers,
    menus,
    parse_layers,
    read_address,
    read_query,
    to_params,
    to_query,
)
from core.experiment.address import KEYS
from tests.core.experiment.strategies import experiments, network_specs

MOONS = "data=moons&points=1000&noise=0.05&data_seed=0&split=stratified&test=0.2&scaling=none"
DEFAULT = (
    f"{MOONS}&layers=tanh-4,tanh-2&l2=0&dropout=0&optimizer=adam&lr=0.01&batch=32&epochs=100&seed=0"  # every key
)


@given(experiments)
def test_query_reads_back(experiment: Experiment) -> None:
    assert read_query(to_query(experiment)) == experiment


@given(experiments)
def test_query_is_the_same_for_equal_experiments(experiment: Experiment) -> None:
    query = to_query(experiment)
    assert to_query(read_query(query)) == query


@given(experiments)
def test_query_is_readable(experiment: Experiment) -> None:
    assert re.fullmatch(r"[a-z0-9_=&,.-]+", to_query(experiment))


@given(experiments)
def test_params_are_the_query(experiment: Experiment) -> None:
    assert list(to_params(experiment).items()) == parse_qsl(to_query(experiment))


@given(network_specs)
def test_layers_read_back(network: NetworkSpec) -> None:
    assert parse_layers(format_layers(network.layers)) == network.layers


def test_default_experiment_is_written_out() -> None:
    assert to_query(Experiment()) == DEFAULT


@pytest.mark.parametrize("query", ["", "?", DEFAULT, f"?{DEFAULT}", "data=moons", "layers=tanh-4,tanh-2"])
def test_what_is_left_out_takes_its_default(query: str) -> None:
    assert read_query(query) == Experiment()


def test_every_value_is_read() -> None:
    query = (
        "data=spiral&points=400&noise=0.3&arms=4&data_seed=5&split=ordered&train_rows=250&scaling=minmax"
        "&layers=relu-8,leaky_relu-3&l2=0.001&l2_on=activity,kernel&dropout=0.25"
        "&optimizer=sgd&lr=1e-3&batch=16&epochs=7&seed=42"
    )
    assert read_query(query) == Experiment(
        DataSpec("spiral", 400, 0.3, 4, seed=5, split="ordered", train_rows=250, scaling="minmax"),
        NetworkSpec((LayerSpec(8, "relu"), LayerSpec(3, "leaky_relu")), 0.001, ("kernel", "activity"), 0.25),
        TrainingSpec("sgd", 0.001, 16, 7, 42),
    )


@pytest.mark.parametrize("text", ["none", ""])
def test_no_layers(text: str) -> None:
    assert read_query(f"layers={text}").network.layers == ()


def test_a_data_set_brings_its_own_defaults() -> None:
    data = read_query("data=digits&split=ordered").data
    assert (data.seed, data.scaling, data.train_rows, data.points) == (0, "minmax", 1000, None)


def test_values_that_do_not_apply_make_no_difference() -> None:
    assert read_query("split=all&test=0.4&train_rows=50") == read_query("split=all")
    assert read_query("split=ordered&test=0.4") == read_query("split=ordered")
    assert read_query("split=stratified&train_rows=50") == read_query("split=stratified")
    assert read_query("l2=0&l2_on=bias") == read_query("l2=0")


def test_zero_has_one_sign() -> None:
    assert to_query(read_query("noise=-0&l2=-0.0")) == to_query(read_query("noise=0&l2=0"))
    assert repr(read_query("noise=-0").data.noise) == "0.0"


WHOLES = {"points": (20, 10_000), "data_seed": (0, 2**31 - 1), "train_rows": (10, 100_000)}
WHOLES |= {"batch": (1, 4096), "epochs": (1, 2000), "seed": (0, 2**31 - 1)}
REALS = {"noise": ("0", "0.5"), "test": ("0.05", "0.9"), "l2": ("0", "1"), "dropout": ("0", "0.9"), "lr": ("1e-05", "10")}
CHOICES = {
    "data": list(menus.DATA),
    "split": list(menus.SPLITS),
    "scaling": list(menus.SCALINGS),
    "optimizer": list(menus.OPTIMIZERS),
}
HOSTILE = [
    "",
    " ",
    "-1",
    "--1",
    "-",
    "nan",
    "NaN",
    "inf",
    "-inf",
    "Infinity",
    "1e999",
    "-1e999",
    "1e99999999999999999999",
    "0x10",
    "1_0",
    " 5",
    "5 ",
    "5\n",
    "1,5",
    "\0",
    "1\0",
    "٣",
    "\uff15",
    "½",
    "²",
    "\ud800",
    "None",
    "[]",
    "{}",
    "true",
    "'; DROP TABLE runs; --",
    "1 OR 1=1",
    "<script>alert(1)</script>",
    "{{7*7}}",
    "${HOME}",
    "../../etc/passwd",
    "9" * 30,
    "9" * 5000,
    "0." + "1" * 1_000_000,
    "x" * 1_000_000,
    "," * 1_000_000,
]


def _refused(key: str, text: str, allowed: list[str]) -> None:
    """Hold that the address is read as if the key were left out, with one message that says what is allowed."""
    experiment, problems = read_address([(key, text)])
    assert experiment == Experiment()
    (problem,) = problems
    assert problem.key == key
    assert problem.received == text or str(problem.received) in {"-1.0", "inf", "-inf", "-1", "9" * 30}
    message = str(problem)
    assert message.startswith(f"`{key}` must be ")
    assert all(word in message for word in allowed)
    assert len(message) < 400
    assert message.isprintable()
    with pytest.raises(ExperimentError) as raised:
        read_query(f"{key}={text.encode('utf-8', 'replace').hex('%') and '%zz'}")
    assert raised.value.key == key


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text[:20]))
@pytest.mark.parametrize("key", [*WHOLES, *REALS])
def test_hostile_number_is_refused(key: str, text: str) -> None:
    low, high = (WHOLES | REALS)[key]
    _refused(key, text, [f"number from {low} to {high}"])
