"""Hidden layers as text."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ExperimentError
from core.experiment import LayerSpec, NetworkSpec, format_layers, parse_layers
from tests.core.experiment.strategies import network_specs


@given(network_specs)
def test_layers_read_back(network: NetworkSpec) -> None:
    assert parse_layers(format_layers(network.layers)) == network.layers


def test_layer_is_written_out() -> None:
    for layer, text in (
        (LayerSpec(4, "tanh"), "tanh-4"),
        (LayerSpec(4, "tanh", "batch"), "tanh-4-batch"),
        (LayerSpec(4, "hard_sigmoid", "layer"), "hard_sigmoid-4-layer"),
        (LayerSpec(4, "sine", noise=0.1), "sine-4-noise0.1"),
        (LayerSpec(4, "tanh", noise=0.00001), "tanh-4-noise1e-05"),
        (LayerSpec(4, "tanh", dropout=0.00001), "tanh-4-drop1e-05"),
        (LayerSpec(4, "tanh", dropout=0.0), "tanh-4-drop0"),  # overrides the network's rate
        (LayerSpec(4, "tanh", "batch", 1e-07, 1e-06), "tanh-4-batch-noise1e-07-drop1e-06"),
        (LayerSpec(512, "relu", "layer", 1, 0.9), "relu-512-layer-noise1-drop0.9"),
    ):
        assert format_layers([layer]) == text
        assert parse_layers(text) == (layer,)


def test_options_can_be_in_any_order() -> None:
    for text in (
        "tanh-4-drop0.2-noise0.00001-batch",
        "tanh-4-noise1e-05-drop0.2-batch",
        "tanh-4-noise1E-5-batch-drop.2",
        "tanh-4-batch-drop2e-1-noise1.e-5",
        "tanh-04-batch-noise1e-05-drop0.20",
    ):
        (layer,) = parse_layers(text)
        assert layer == LayerSpec(4, "tanh", "batch", 0.00001, 0.2)
        assert format_layers([layer]) == "tanh-4-batch-noise1e-05-drop0.2"


def test_invalid_layers_are_refused() -> None:
    for text in (
        "",
        "tanh",
        "4-tanh",
        "tanh-batch-4",
        "tanh-4-",
        "tanh-4-batch-batch",
        "tanh-4-batch-layer",
        "tanh-4-noise0.1-noise0.1",
        "tanh-4-drop0.1-drop0.2",
        "tanh-4-none",
        "tanh-4-0.2",
        "tanh-4-noise",
        "tanh-4-drop",
        "tanh-4-drop-0.1",
        "tanh-4-drop1",
        "tanh-4-noise1.1",
        "tanh-4-noise-0.1",
        "tanh-4-noisenan",
        "tanh-4-noise1e-",
        "tanh-4-dropout0.2",
        "tanh-4-Batch",
        "tanh-4 -batch",
        "tanh-4-batchnoise0.1",
        "tanh-4-max_norm3",
        "tanh-1e-05",
    ):
        with pytest.raises(ExperimentError, match="`layers` must be at most 6 layers, each ACTIVATION-UNITS") as raised:
            parse_layers(f"relu-2,{text}")
        assert "noise0.1, drop0.2, batch or layer (normalization)" in str(raised.value)


@given(st.lists(st.sampled_from([*"tanhelu-,.0159e", "tanh", "relu", "4", "noise", "drop", "batch", "layer", "1e-05"])))
def test_no_text_is_another_exception(parts: list[str]) -> None:
    with contextlib.suppress(ExperimentError):
        layers = parse_layers("".join(parts))
        assert parse_layers(format_layers(layers)) == layers


def test_the_rate_of_a_layer_overrides_that_of_the_network() -> None:
    network = NetworkSpec(parse_layers("relu-8,relu-8-drop0.5,relu-8-drop0"), dropout=0.25)
    assert network.dropouts == (0.25, 0.5, 0.0)
