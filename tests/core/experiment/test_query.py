"""Experiments as query strings."""

import re
from urllib.parse import parse_qsl

import pytest
from hypothesis import given

from core.experiment import (
    DataSpec,
    Experiment,
    LayerSpec,
    NetworkSpec,
    TrainingSpec,
    format_layers,
    parse_layers,
    read_query,
    to_params,
    to_query,
)
from tests.core.experiment.strategies import experiments, network_specs

MOONS = "data=moons&points=1000&noise=0.05&data_seed=0&split=stratified&test=0.2&scaling=none"
DEFAULT = f"{MOONS}&layers=tanh-4,tanh-2&l2=0&dropout=0&optimizer=adam&lr=0.01&batch=32&epochs=100&seed=0"


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
