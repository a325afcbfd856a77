"""Keras objects from choices."""

from functools import partial

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings

from core.experiment import LayerSpec, NetworkSpec, TrainingSpec, count_parameters, menus, read_query
from core.training.network import (
    OPTIMIZERS,
    Dropout,
    build_network,
    compile_network,
    encode_labels,
    layer_seed,
    summary_text,
)
from tests.core.experiment.strategies import network_specs
from tests.core.training import oracle


def test_every_optimizer_of_the_menu_and_no_other_is_kerass_own():
    assert list(OPTIMIZERS) == list(menus.OPTIMIZERS)
    for name, make in OPTIMIZERS.items():
        ours, theirs = make(0.25), oracle.OPTIMIZERS[name](0.25)
        assert type(ours) is type(theirs)
        assert ours.get_config() | {"name": ""} == theirs.get_config() | {"name": ""}


@pytest.mark.parametrize("activation", menus.ACTIVATIONS)
def test_every_activation_of_the_menu_is_kerass_own(activation):
    model = build_network(NetworkSpec((LayerSpec(3, activation),)), features=2, classes=3, seed=0)
    assert model.layers[0].activation is keras.activations.get(activation)


@given(network=network_specs)
@settings(max_examples=8)
def test_parameters_are_those_that_keras_counts(network):
    for features, classes in ((2, 2), (5, 3)):
        counted = build_network(network, features, classes, seed=0).count_params()
        assert counted == count_parameters(network, features, classes)


def test_the_layers_are_those_asked_for():
    network = NetworkSpec((LayerSpec(5, "tanh"), LayerSpec(3, "relu")), dropout=0.25)
    model = build_network(network, features=4, classes=3, seed=0)
    assert [type(layer).__name__ for layer in model.layers] == ["Dense", "Dropout", "Dense", "Dropout", "Dense"]
    assert [layer.name for layer in model.layers] == ["hidden_1", "dropout_1", "hidden_2", "dropout_2", "output"]
    assert [layer.units for layer in model.layers[::2]] == [5, 3, 3]
    assert [layer.activation.__name__ for layer in model.layers[::2]] == ["tanh", "relu", "softmax"]
    assert [layer.rate for layer in model.layers[1::2]] == [0.25, 0.25]


@pytest.mark.parametrize("places", [("kernel",), ("bias",), ("activity",), menus.L2_PLACES])
def test_penalties_fall_where_they_are_asked_for(places):
    model = build_network(NetworkSpec((LayerSpec(5), LayerSpec(3)), l2=0.01, l2_on=places), 4, 3, seed=0)
    for layer in model.layers:
        for place in menus.L2_PLACES:
            regularizer = getattr(layer, f"{place}_regularizer")
            if place in places:
                assert isinstance(regularizer, keras.regularizers.L2)
                assert float(regularizer.l2) == pytest.approx(0.01)
            else:
                assert regularizer is None


def test_a_saved_network_is_all_keras(tmp_path):
    built = build_network(NetworkSpec((LayerSpec(5),), dropout=0.25), features=4, classes=3, seed=0)
    built.save(tmp_path / "network.keras")
    loaded = keras.models.load_model(tmp_path / "network.keras")
    assert type(loaded.layers[1]) is keras.layers.Dropout
    assert loaded.layers[1].rate == 0.25
    inputs = np.ones((2, 4), np.float32)
    np.testing.assert_array_equal(loaded(inputs).numpy(), built(inputs).numpy())


@pytest.mark.parametrize("compiled", [False, True])
def test_dropout_draws_what_kerass_own_draws(compiled):
    inputs = tf.ones((50, 40))
    drawn = []
    for kind in (keras.layers.Dropout, Dropout):
        layer = kind(0.2, seed=5)
        draw = tf.function(partial(layer, inputs, training=True), jit_compile=compiled)
        drawn.append([draw().numpy(), draw().numpy()])
        np.testing.assert_array_equal(layer(inputs, training=False), inputs)
    np.testing.assert_array_equal(*drawn)
    first, second = drawn[1]
    assert not np.array_equal(first, second)
    np.testing.assert_array_equal(np.unique(first), np.float32([0, 1.25]))
    assert np.mean(first == 0) == pytest.approx(0.2, abs=0.04)


def test_two_classes_share_one_sigmoid_unit():
    model = build_network(NetworkSpec(()), features=2, classes=2, seed=0)
    assert model.output_shape == (None, 1)
    assert model.layers[-1].activation is keras.activations.sigmoid
    compile_network(model, TrainingSpec(), classes=2)
    assert model.loss == "binary_crossentropy"


def test_the_seed_makes_the_weights():
    network = NetworkSpec((LayerSpec(8), LayerSpec(8), LayerSpec(8)))

    def weights(seed):
        return build_network(network, 8, 3, seed).get_weights()

    for one, same in zip(weights(5), weights(5), strict=True):
        np.testing.assert_array_equal(one, same)
    kernels = weights(5)[::2]
    assert not np.array_equal(kernels[0], weights(6)[0])
    assert not np.array_equal(kernels[0], kernels[1])
    # Layers of neighbouring seeds are no copies of each other's.
    assert not any(np.array_equal(kernel, other) for kernel in kernels[:3] for other in weights(6)[::2][:3])
    assert all(np.abs(kernel).max() <= np.sqrt(6 / sum(kernel.shape)) for kernel in kernels)
    assert all(not bias.any() for bias in weights(5)[1::2])


def test_layer_seeds_are_different_and_what_keras_takes():
    seeds = [layer_seed(seed, place) for seed in (*range(200), 2**31 - 1) for place in range(7)]
    assert len(set(seeds)) == len(seeds)
    assert all(isinstance(seed, int) and 0 <= seed < 2**31 for seed in seeds)


def test_labels_are_encoded_as_the_loss_wants_them():
    labels = np.array([0, 2, 1, 2])
    np.testing.assert_array_equal(encode_labels(labels, 3), keras.utils.to_categorical(labels, 3))
    np.testing.assert_array_equal(encode_labels(np.array([0, 1, 1]), 2), [[0], [1], [1]])
    assert encode_labels(labels, 3).dtype == encode_labels(np.array([0]), 2).dtype == np.float32


def test_the_summary_is_kerass_own():
    text = summary_text(read_query("recipe=digits").network, features=64, classes=10)
    for part in ("hidden_1 (Dense)", "output (Dense)", "(None, 15)", "975", "160", "Total params: 1,135"):
        assert part in text
