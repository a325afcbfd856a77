"""Experiments as JSON."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ExperimentError
from core.experiment import DataSpec, Experiment, LayerSpec, NetworkSpec, TrainingSpec, from_json, to_json
from tests.core.experiment.strategies import experiments

junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda values: st.lists(values) | st.dictionaries(st.text(), values),
    max_leaves=8,
)
# Values that almost fit: the right words and shapes in the wrong places.
near = st.recursive(
    st.sampled_from(["moons", "tanh", "kernel", "all", "none", 0, 1, 4, 0.5, 1e999, None, True]),
    lambda values: (
        st.lists(values, max_size=3)
        | st.dictionaries(
            st.sampled_from(["units", "activation", "layers", "name", "data", "seed"]), values, max_size=3
        )
    ),
    max_leaves=6,
)


def _paths(value: Any) -> list[tuple[str | int, ...]]:
    """Return the paths to all values inside a JSON value, including its own empty path."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [(), *((key, *path) for key, inner in items for path in _paths(inner))]


def _replaced(value: Any, path: tuple[str | int, ...], new: object) -> Any:
    if not path:
        return new
    copy = value.copy()
    copy[path[0]] = _replaced(value[path[0]], path[1:], new)
    return copy


def _read_or_refuse(text: str) -> None:
    """Check that a text raises ExperimentError or gives a valid experiment."""
    try:
        experiment = from_json(text)
    except ExperimentError:
        return
    assert from_json(to_json(experiment)) == experiment


@given(junk)
def test_junk_is_refused(value: object) -> None:
    with pytest.raises(ExperimentError):
        from_json(json.dumps(value))


@given(st.fixed_dictionaries({"data": junk | near, "network": junk | near, "training": junk | near}))
def test_junk_in_the_right_frame(value: object) -> None:
    _read_or_refuse(json.dumps(value))


@given(experiments, st.data())
def test_junk_in_one_place(experiment: Experiment, data: st.DataObject) -> None:
    value = json.loads(to_json(experiment))
    path = data.draw(st.sampled_from(_paths(value)))
    _read_or_refuse(json.dumps(_replaced(value, path, data.draw(junk | near))))


@given(st.text())
def test_text_is_refused(text: str) -> None:
    with pytest.raises(ExperimentError):
        from_json(text)


def test_no_experiment() -> None:
    for text in (
        "",
        "null",
        "[]",
        "{}",
        '"moons"',
        "{",
        "\0",
        "\ufeff{}",
        "NaN",
        "1" * 5000,
        '{"data": {}, "network": {}}',
    ):
        with pytest.raises(ExperimentError, match="`experiment` must be"):
            from_json(text)


def test_bad_value_is_named() -> None:
    for part, fields, key in (
        ("data", {"name": "mooons"}, "data"),
        ("data", {"points": True}, "points"),
        ("data", {"points": 100.0}, "points"),
        ("data", {"points": 10**4000}, "points"),
        ("data", {"noise": float("nan")}, "noise"),
        ("data", {"noise": float("inf")}, "noise"),
        ("data", {"arms": 3}, "arms"),
        ("data", {"split": ["all"]}, "split"),
        ("data", {"test": {}}, "test"),
        ("data", {"colour": "red"}, "experiment"),
        ("data", [], "experiment"),
        ("data", None, "experiment"),
        ("network", {"layers": {}}, "layers"),
        ("network", {"layers": ""}, "layers"),
        ("network", {"layers": None}, "layers"),
        ("network", {"layers": [{"units": 0, "activation": "tanh"}]}, "layers"),
        ("network", {"layers": [{"units": 4, "activation": "tanh"}] * 7}, "layers"),
        ("network", {"layers": ["tanh-4"]}, "experiment"),
        ("network", {"layers": [None]}, "experiment"),
        ("network", {"l2_on": [["kernel"]]}, "l2_on"),
        ("network", {"l2_on": "kernel"}, "l2_on"),
        ("network", {"l2_on": []}, "l2_on"),
        ("network", {"l2_on": ["kernel", "kernel"]}, "l2_on"),
        ("network", [["l2", 0.1]], "experiment"),
        ("training", {"optimizer": None}, "optimizer"),
        ("training", {"learning_rate": "0.1"}, "lr"),
        ("training", {"seed": -1}, "seed"),
        ("data", {"validation": 0.6}, "validation"),
        ("data", {"split": "all", "validation": "0.1"}, "validation"),
        ("network", {"layers": [{"normalization": True}]}, "layers"),
        ("network", {"layers": [{"noise": -0.1}]}, "layers"),
        ("network", {"layers": [{"dropout": False}]}, "layers"),
        ("network", {"layers": [{"bias": True}]}, "experiment"),
        ("network", {"initializer": "ones"}, "init"),
        ("network", {"l1_on": "kernel"}, "l1_on"),
        ("network", {"max_norm": None}, "max_norm"),
        ("training", {"momentum": 0.9}, "momentum"),
        ("training", {"optimizer": "sgd", "momentum": 1}, "momentum"),
        ("training", {"optimizer": "sgd", "nesterov": 1}, "nesterov"),
        ("training", {"optimizer": "sgd", "nesterov": "yes"}, "nesterov"),
        ("training", {"schedule": "linear"}, "schedule"),
        ("training", {"schedule": "step", "every": 1.0}, "every"),
        ("training", {"clip": None}, "clip"),
        ("training", {"loss": "huber"}, "loss"),
        ("training", {"loss": ["focal"]}, "loss"),
        ("training", {"loss": "focal", "gamma": "2"}, "gamma"),
        ("training", {"class_weight": "heavy"}, "class_weight"),
        ("training", {"patience": True}, "patience"),
        ("training", {"restore_best": 0}, "restore_best"),
        ("training", {"target": 1.01}, "target"),
    ):
        value = {"data": {}, "network": {}, "training": {}} | {part: fields}
        with pytest.raises(ExperimentError) as raised:
            from_json(json.dumps(value))
        assert raised.value.key == key


def test_deep_json_is_refused() -> None:
    for depth in (500, 900, *range(930, 1000, 3), 1100, 100_000):
        deep = "[" * depth + "]" * depth
        for text in (deep, f'{{"data": {{"points": {deep}}}, "network": {{}}, "training": {{}}}}'):
            with pytest.raises(ExperimentError):
                from_json(text)


def test_what_is_left_out_takes_its_default() -> None:
    assert from_json('{"data": {}, "network": {}, "training": {}}') == Experiment()
    assert from_json('{"data": {}, "network": {"layers": []}, "training": {}}').network.layers == ()


def test_json_is_plain() -> None:
    layer = LayerSpec(8, "relu", normalization="batch", noise=0.1)
    network = NetworkSpec((layer,), initializer="he_normal", l2=0.1, l2_on=("bias",))
    training = TrainingSpec("sgd", schedule="step", clip="norm", patience=5, restore_best=False)
    experiment = Experiment(DataSpec("curve", validation=0.1), network, training)
    absent = ("beta_1", "beta_2", "rho", "epsilon", "amsgrad", "centered", "accumulator", "final", "warm_up", "rise")
    assert json.loads(to_json(experiment)) == {
        "data": {
            "name": "curve",
            "points": 300,
            "noise": 0.1,
            "arms": None,
            "classes": None,
            "min_pictures": None,
            "max_pictures": None,
            "imbalance": None,
            "random_labels": None,
            "balance": None,
            "inputs": None,
            "seed": 0,
            "split": "stratified",
            "test": 0.2,
            "train_rows": 240,
            "validation": 0.1,
            "train_share": 1.0,
            "scaling": "none",
            "table": None,
        },
        "network": {
            "layers": [{"units": 8, "activation": "relu", "normalization": "batch", "noise": 0.1, "dropout": None}],
            "initializer": "he_normal",
            "l1": 0.0,
            "l1_on": ["kernel"],
            "l2": 0.1,
            "l2_on": ["bias"],
            "max_norm": 0.0,
            "dropout": 0.0,
        },
        "training": {
            "optimizer": "sgd",
            "learning_rate": 0.01,
            "batch_size": 32,
            "epochs": 100,
            "seed": 0,
            "momentum": 0.0,
            "nesterov": False,
            "weight_decay": 0.0,
            "schedule": "step",
            "every": 20,
            "factor": 0.5,
            "clip": "norm",
            "clip_at": 1.0,
            "loss": "squared_error",
            "class_weight": "none",
            "patience": 5,
            "restore_best": False,
            "target": 0.0,
            **dict.fromkeys((*absent, "label_smoothing", "gamma", "delta")),
        },
    }
