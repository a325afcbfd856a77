"""What the inside panel computes in the browser: weights from frames, and the forward pass."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page

from core.analysis.packed_weights import BYTE, HALF, SUMMARY, pack_weights, strongest_units
from core.experiment import DataSpec, Experiment, LayerSpec, NetworkSpec, TrainingSpec, menus
from core.trained.network import Floats, TrainedNetwork, weight_shapes
from tests.browser.lab import Lab
from ui.inside.network_json import network_json

ROWS = 20
_FORWARD = """
async ([network, tensors, inputs, rows]) => {
  const {forward, probabilities} = await import("/live/assets/now/forward_pass.js");
  const typed = ([name, values]) => [name, Float32Array.from(values)];
  const weights = Object.fromEntries(Object.entries(tensors).map(typed));
  const outputs = forward(network, weights, Float32Array.from(inputs), rows).map(({outputs}) => [...outputs]);
  const answer = network.classes ? [...probabilities(network, Float64Array.from(outputs.at(-1)), rows)] : null;
  return [outputs, answer];
}
"""
_READ = """
async ([network, arrays]) => {
  const {readWeights} = await import("/live/assets/now/frame_weights.js");
  const types = {uint16: Uint16Array, uint8: Uint8Array, int32: Int32Array, float32: Float32Array};
  const typed = Object.fromEntries(Object.entries(arrays).map(([name, [type, shape, values]]) =>
    [name, {shape, data: types[type].from(values)}]));
  const {tensors, units} = readWeights(network, typed);
  return [units, Object.fromEntries(Object.entries(tensors).map(([name, values]) => [name, [...values]]))];
}
"""

_IN_TWO_LINES = """
async ([text, letters]) => {
  const {inTwoLines} = await import("/live/assets/now/canvas_text.js");
  return inTwoLines({measureText: ({length}) => ({width: length})}, text, letters);
}
"""


@pytest.fixture
def page(lab: Lab) -> Page:
    """A page of the app's own address, from which its modules can be loaded."""
    lab.page.goto(f"{lab.base}/live/assets/now/forward_pass.js")
    return lab.page


def _random_weights(experiment: Experiment, inputs: int, classes: int, seed: int) -> dict[str, Floats]:
    random = np.random.default_rng(seed)
    weights = {}
    for name, shape in weight_shapes(experiment.network, inputs, classes).items():
        spread = 1.5 / shape[0] ** 0.5 if name.endswith("kernel") else 1.0
        values = random.normal(0, spread, shape)
        weights[name] = (np.abs(values) + 0.1 if name.endswith("variance") else values).astype(np.float32)
    return weights


def _in_browser(page: Page, experiment: Experiment, weights: Mapping[str, Floats], x: Floats) -> tuple[Any, Any]:
    network = network_json(experiment.data, experiment.network, str(experiment.training.loss))
    tensors = {name: weight.ravel().tolist() for name, weight in weights.items()}
    outputs, answer = page.evaluate(_FORWARD, [network, tensors, x.ravel().tolist(), len(x)])
    return [np.reshape(values, (len(x), -1)) for values in outputs], answer


@pytest.mark.parametrize("normalization", menus.NORMALIZATIONS)
def test_the_forward_pass_is_that_of_the_server_for_every_activation(page: Page, normalization: str) -> None:
    for seed, activation in enumerate(menus.ACTIVATIONS):
        layers = (LayerSpec(5, activation, normalization), LayerSpec(3, activation, normalization))
        experiment = Experiment(network=NetworkSpec(layers))
        weights = _random_weights(experiment, 2, 2, seed)
        x = np.random.default_rng(seed).normal(0, 2, (ROWS, 2)).astype(np.float32)
        found, _ = _in_browser(page, experiment, weights, x)
        for mine, theirs in zip(found, TrainedNetwork(experiment, weights).layer_outputs(x), strict=True):
            np.testing.assert_allclose(mine, theirs, rtol=1e-5, atol=1e-5, err_msg=activation)


@pytest.mark.parametrize("loss", ["crossentropy", "hinge"])
@pytest.mark.parametrize("data", [DataSpec("moons"), DataSpec("iris"), DataSpec("blobs", classes=8)])
def test_the_probabilities_are_those_of_the_server(page: Page, data: DataSpec, loss: str) -> None:
    experiment = Experiment(data, NetworkSpec((LayerSpec(6, "relu"),)), TrainingSpec(loss=loss))
    network = network_json(data, experiment.network, loss)
    weights = _random_weights(experiment, network["sizes"][0], network["classes"], 0)
    x = np.random.default_rng(1).normal(0, 2, (ROWS, network["sizes"][0])).astype(np.float32)
    _, answer = _in_browser(page, experiment, weights, x)
    expected = TrainedNetwork(experiment, weights).predict(x)
    np.testing.assert_allclose(np.reshape(answer, expected.shape), expected, rtol=1e-5, atol=1e-5)


def test_a_network_without_hidden_layers_that_predicts_a_number(page: Page) -> None:
    experiment = Experiment(DataSpec("hills"), NetworkSpec(()))
    weights = _random_weights(experiment, 2, 0, 0)
    x = np.random.default_rng(1).normal(0, 2, (ROWS, 2)).astype(np.float32)
    (outputs,), _ = _in_browser(page, experiment, weights, x)
    np.testing.assert_allclose(outputs, TrainedNetwork(experiment, weights).predict(x), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(("units", "mode"), [((4, 2), HALF), ((120, 120), BYTE), ((512, 40), SUMMARY)])
def test_weights_come_out_as_they_were_packed(page: Page, units: tuple[int, ...], mode: str) -> None:
    layers = tuple(LayerSpec(count, "tanh", "batch") for count in units)
    experiment = Experiment(network=NetworkSpec(layers))
    network = network_json(experiment.data, experiment.network, str(experiment.training.loss))
    assert network["mode"] == mode
    weights = _random_weights(experiment, 2, 2, 0)
    packed = {
        name: [str(array.dtype), array.shape, array.ravel().tolist()] for name, array in pack_weights(weights).items()
    }
    shown, tensors = page.evaluate(_READ, [network, packed])
    everything = [np.arange(size) for size in network["sizes"]]
    expected = strongest_units(weights) if mode == SUMMARY else everything
    assert shown == [list(units) for units in expected]
    level = 0
    for name, weight in weights.items():
        level += name.endswith("/kernel")
        cut = weight[np.ix_(*expected[level - 1 : level + 1])] if weight.ndim == 2 else weight[expected[level]]
        tolerance = np.abs(weight).max() / 127 / 2 if mode == BYTE else np.abs(cut).max() / 1024
        np.testing.assert_allclose(
            np.reshape(tensors[name], cut.shape), cut, rtol=0, atol=1.01 * tolerance, err_msg=name
        )


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("sepal length", ["sepal length"]),
        ("sepal length (cm)", ["sepal", "length (cm)"]),
        ("pixel_row_2_column_5", ["pixel_row_2_", "column_5"]),
        ("a of very many words", ["a of very", "many words"]),
        ("immeasurability", ["immeasurability"]),
        ("immeasurability of it", ["immeasurability", "of it"]),
    ],
)
def test_a_long_name_is_split_between_its_words(page: Page, name: str, lines: list[str]) -> None:
    assert page.evaluate(_IN_TWO_LINES, [name, 12]) == lines
