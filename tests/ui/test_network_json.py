"""From an experiment to what the inside panel is told of its network."""

from __future__ import annotations

import base64
import json
from dataclasses import replace

import numpy as np
import pytest

from core.analysis.axes import Axes
from core.analysis.decision import plane_of
from core.analysis.packed_weights import sample_rows
from core.datasets import prepare
from core.datasets.upload_store import keep_upload
from core.experiment import DataSpec, LayerSpec, NetworkSpec, TableSpec
from core.figures.palette import class_colour
from tests.core.experiment.strategies import BUILT_IN
from ui.inside.network_json import network_json

LAYERS = NetworkSpec((LayerSpec(5, "gelu", "batch"), LayerSpec(3, "sine", "layer")))


@pytest.mark.parametrize("name", BUILT_IN)
def test_every_data_set_has_a_network_that_json_holds(name: str) -> None:
    data = DataSpec(name)
    split = prepare(data)
    network = network_json(data, LAYERS, "squared_error")
    json.dumps(network, allow_nan=False)
    assert network["sizes"][:3] == [split.inputs, 5, 3]
    assert len(network["layers"]) == len(network["activations"]) == len(network["titles"]) - 1 == 3
    assert len(network["inputs"]["names"]) == len(network["inputs"]["offset"]) == split.inputs
    assert len(network["classNames"]) == len(network["classColours"]) == network["classes"] == split.classes
    assert (network["target"] is None) == (split.classes > 0)
    assert (network["plane"] is None) == (split.features != 2)


def test_samples_are_the_rows_that_are_followed_as_the_network_is_given_them() -> None:
    data = DataSpec("penguins")
    split = prepare(data)
    samples = network_json(data, LAYERS, "crossentropy")["samples"]
    rows = sample_rows(split, levels=4)
    inputs = np.frombuffer(base64.b64decode(samples["inputs"]), "<f4").reshape(len(rows), -1)
    np.testing.assert_array_equal(inputs, split.x_train[rows])
    assert samples["labels"] == split.y_train[rows].tolist()
    assert samples["points"] is None


def test_points_of_the_plane_come_with_what_is_derived_from_them_and_where_the_plane_lies() -> None:
    data = DataSpec("moons", inputs=("x1", "x2x2", "sinx1"), scaling="standard")
    split = prepare(data)
    network = network_json(data, LAYERS, "crossentropy")
    assert network["inputs"]["names"] == ["x₁", "x₂²", "sin x₁"]
    assert network["inputs"]["derived"] == ["x1", "x2x2", "sinx1"]
    assert network["inputs"]["scaled"]
    np.testing.assert_allclose(network["inputs"]["factor"], split.factor)
    plane = plane_of(split, Axes())
    assert network["plane"] == {"low": plane.low, "high": plane.high}
    np.testing.assert_array_equal(network["samples"]["points"], split.raw_train[sample_rows(split, levels=4)])


def test_points_of_a_file_come_with_what_is_derived_from_them_and_under_their_own_names_without() -> None:
    lines = "wide,long,kind\n1,2,a\n3,-1,b\n2,0.5,a\n0,4,b"
    data = DataSpec("file", table=TableSpec(keep_upload(lines.encode())), split="all", inputs=("x1", "x2x2"))
    inputs = network_json(data, LAYERS, "crossentropy")["inputs"]
    assert (inputs["names"], inputs["derived"]) == (["x₁", "x₂²"], ["x1", "x2x2"])
    assert inputs["offset"] == pytest.approx([6 / 4, (4 + 1 + 0.25 + 16) / 4])
    assert network_json(data, LAYERS, "crossentropy")["plane"] is not None
    inputs = network_json(replace(data, inputs=None), LAYERS, "crossentropy")["inputs"]
    assert (inputs["names"], inputs["derived"]) == (["wide", "long"], None)


def test_weights_are_named_in_order_with_their_shapes() -> None:
    network = network_json(DataSpec("moons"), NetworkSpec((LayerSpec(3, "tanh", "layer"),)), "crossentropy")
    assert network["shapes"] == [
        ["hidden_1/kernel", [2, 3]],
        ["hidden_1/bias", [3]],
        ["normalization_1/gamma", [3]],
        ["normalization_1/beta", [3]],
        ["output/kernel", [3, 1]],
        ["output/bias", [1]],
    ]
    hidden, output = network["layers"]
    assert hidden == {
        "name": "hidden_1",
        "normalization": "layer",
        "normalizationName": "normalization_1",
        "activation": "tanh",
    }
    assert (output["name"], output["normalization"], output["activation"]) == ("output", "none", "sigmoid")


@pytest.mark.parametrize(
    ("units", "mode"), [((64, 64), "half"), ((64,) * 6, "byte"), ((512,) * 6, "summary"), ((), "half")]
)
def test_the_mode_follows_from_the_number_of_weights(units: tuple[int, ...], mode: str) -> None:
    network = network_json(DataSpec("moons"), NetworkSpec(tuple(map(LayerSpec, units))), "crossentropy")
    assert network["mode"] == mode
    # Of the strongest units alone nothing can be reckoned for a sample.
    assert (network["samples"]["inputs"] is None) == (mode == "summary")


def test_a_loss_of_scores_is_told() -> None:
    assert network_json(DataSpec("moons"), LAYERS, "hinge")["hinge"]
    assert not network_json(DataSpec("moons"), LAYERS, "crossentropy")["hinge"]
    assert network_json(DataSpec("iris"), LAYERS, "hinge")["activations"][-1] == "linear"


def test_classes_have_the_colours_of_the_figures() -> None:
    network = network_json(DataSpec("blobs", classes=8), LAYERS, "crossentropy")
    assert network["classColours"] == [class_colour(label) for label in range(8)]
