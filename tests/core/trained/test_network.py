"""The forward pass in NumPy, held to Keras's own model."""

import pickle
from dataclasses import replace

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.engine.keras_network import build_network, weights_by_name
from core.errors import DataError
from core.experiment import DataSpec, Experiment, LayerSpec, NetworkSpec, TrainingSpec, menus, output_units
from core.trained import TrainedNetwork, weight_shapes
from core.trained import network as network_module
from tests.core.experiment.strategies import experiments
from tests.core.trained.networks import some_weights

DATA = {0: DataSpec("plane"), 2: DataSpec("moons"), 3: DataSpec("blobs", classes=3)}


def of(layers: tuple[LayerSpec, ...] = (), classes: int = 3, inputs: int = 2, loss: str | None = None, seed: int = 0):
    experiment = Experiment(DATA[classes], NetworkSpec(layers), TrainingSpec(loss=loss))
    return TrainedNetwork(experiment, some_weights(experiment.network, inputs, classes, seed))


def in_keras(network: TrainedNetwork) -> keras.Model:
    """Keras's own model with these weights, in float64: the exact answer."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float64")
    try:
        loss = str(network.experiment.training.loss)
        model = build_network(network.experiment.network, network.inputs, network.classes, 0, loss)
    finally:
        keras.config.set_dtype_policy(before)
    for name, weight in network.weights.items():
        layer, _, part = name.partition("/")
        next(v for v in model.get_layer(layer).weights if v.name == part).assign(weight)
    return model


def assert_alike(ours, exact):
    assert ours.dtype == np.float32
    np.testing.assert_allclose(ours, exact, rtol=3e-6, atol=3e-6 * max(1, np.abs(exact).max()))


@pytest.mark.parametrize("loss", ["crossentropy", "focal", "squared_error"])
@pytest.mark.parametrize("classes", [2, 3])
def test_the_loss_of_a_row_is_exact_even_where_its_probability_rounds_to_nothing(classes, loss):
    network = of((LayerSpec(4, "tanh"),), classes, loss=loss)
    sharp = {name: weight * (14 if name == "output/kernel" else 1) for name, weight in network.weights.items()}
    network = TrainedNetwork(network.experiment, sharp)
    rng = np.random.default_rng(0)
    rows = rng.normal(0, 2, (300, 2)).astype(np.float32)
    labels = rng.integers(0, classes, 300)
    outputs = in_keras(network).predict(rows.astype(np.float64), verbose=0)
    shares = np.concatenate([1 - outputs, outputs], axis=1) if classes == 2 else outputs
    exact = -np.log(shares[np.arange(300), labels])
    assert exact.max() > 17  # float32 knows no 1 - 4e-8
    np.testing.assert_allclose(network.row_losses(rows, labels), exact, rtol=1e-4, atol=1e-6)


def test_hinge_scores_have_the_loss_of_their_probabilities():
    for classes in (2, 3):
        network = of((), classes, loss="hinge")
        rows = np.random.default_rng(1).normal(0, 1, (50, 2)).astype(np.float32)
        labels = np.arange(50) % classes
        exact = -np.log(network.predict(rows)[np.arange(50), labels])
        np.testing.assert_allclose(network.row_losses(rows, labels), exact, rtol=1e-4)


@given(experiments, st.sampled_from([2, 3, 20]), st.sampled_from([1, 2, 7, 64]), st.integers(0, 9))
@settings(max_examples=40)
def test_any_network_answers_as_in_keras(experiment, many, inputs, seed):
    layers = tuple(replace(layer, units=1 + layer.units % 40) for layer in experiment.network.layers)
    experiment = replace(experiment, network=replace(experiment.network, layers=layers))
    classes = 0 if experiment.data.task == menus.NUMBERS else many
    weights = some_weights(experiment.network, inputs, classes, seed)
    network = TrainedNetwork(experiment, weights)
    assert (network.inputs, network.classes) == (inputs, classes)
    rows = np.random.default_rng(seed).normal(0, 1, (9, inputs)).astype(np.float32)

    outputs = in_keras(network)(rows.astype(np.float64), training=False).numpy()
    last = network.layer_outputs(rows)[-1]
    assert last.shape == (9, output_units(classes))
    assert_alike(last, outputs)
    answer = network.predict(rows)
    if classes == 0:
        assert_alike(answer, outputs)
    else:
        assert answer.shape == (9, classes)
        np.testing.assert_allclose(answer.sum(axis=1), 1, rtol=1e-5)


@pytest.mark.parametrize("normalization", menus.NORMALIZATIONS)
@pytest.mark.parametrize("activation", menus.ACTIVATIONS)
def test_every_hidden_layer_gives_what_kerass_gives(activation, normalization):
    layer = LayerSpec(5, activation, normalization, noise=0.5, dropout=0.5)
    network = of((layer, layer))
    rows = np.random.default_rng(1).normal(0, 1, (50, 2)).astype(np.float32)
    model = in_keras(network)
    ends = [f"dropout_{place}" for place in (1, 2)] + ["output"]
    inside = keras.Model(model.inputs[0], [model.get_layer(name).output for name in ends])
    ours = network.layer_outputs(rows)
    assert [values.shape for values in ours] == [(50, 5), (50, 5), (50, 3)]
    for mine, exact in zip(ours, inside(rows.astype(np.float64), training=False), strict=True):
        assert_alike(mine, exact.numpy())


@pytest.mark.parametrize("activation", menus.ACTIVATIONS)
def test_extreme_values_stay_numbers(activation):
    network = of((LayerSpec(3, activation),))
    answer = network.predict(np.array([[1e6, -1e6], [-1e6, 1e6], [0, 0]], np.float32))
    assert np.isfinite(answer).all()


def test_scores_of_the_hinge_loss_become_shares():
    two = of(classes=2, loss="hinge")
    rows = np.random.default_rng(0).normal(0, 3, (20, 2)).astype(np.float32)
    scores = two.layer_outputs(rows)[-1][:, 0]
    np.testing.assert_array_equal(two.predict(rows)[:, 1] > 0.5, scores > 0)
    three = of(classes=3, loss="hinge")
    scores = three.layer_outputs(rows)[-1]
    np.testing.assert_allclose(three.predict(rows), keras.ops.softmax(scores), rtol=1e-6)


def test_many_rows_go_through_in_batches(monkeypatch):
    network = of((LayerSpec(8),), inputs=2)
    rows = np.random.default_rng(0).normal(size=(1000, 2)).astype(np.float32)
    whole = network.predict(rows)
    seen = []
    run = TrainedNetwork._layers
    monkeypatch.setattr(network_module, "_VALUES_AT_ONCE", 8 * 300)
    monkeypatch.setattr(TrainedNetwork, "_layers", lambda self, values: seen.append(len(values)) or run(self, values))
    np.testing.assert_allclose(network.predict(rows), whole, rtol=1e-6)
    assert seen == [300, 300, 300, 100]
    assert network.predict(rows[:0]).shape == (0, 3)


def test_the_names_are_kerass():
    layers = (LayerSpec(4, normalization="batch", noise=0.1, dropout=0.2), LayerSpec(3, normalization="layer"))
    network = NetworkSpec(layers)
    model = build_network(network, 5, 3, seed=0)
    named = weights_by_name(model, [v.value for v in [*model.trainable_variables, *model.non_trainable_variables]])
    assert {name: value.shape for name, value in named.items()} == weight_shapes(network, 5, 3)
    TrainedNetwork(Experiment(DATA[3], network), named)


def test_the_weights_cannot_be_changed():
    network = of()
    with pytest.raises(ValueError, match="read-only"):
        network.weights["output/bias"][0] = 1
    with pytest.raises(TypeError):
        network.weights["output/bias"] = np.zeros(3, np.float32)
    again = pickle.loads(pickle.dumps(network))
    assert again.experiment == network.experiment
    np.testing.assert_array_equal(again.weights["output/kernel"], network.weights["output/kernel"])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"hidden_1/bias": None}, "hidden_1/bias must be float32 (4,). Received: nothing"),
        ({"hidden_1/kernel": None}, "every layer's kernel"),
        ({"output/bias": None}, "every layer's kernel"),
        ({"output/bias": np.zeros((3, 1), np.float32)}, "every layer's kernel"),
        ({"output/bias": np.zeros(0, np.float32)}, "every layer's kernel"),
        ({"hidden_1/bias": np.zeros(5, np.float32)}, "Received: float32 (5,)"),
        ({"hidden_1/bias": np.zeros(4)}, "Received: float64 (4,)"),
        ({"hidden_1/bias": np.array([0, 1, np.nan, 2], np.float32)}, "finite"),
        ({"output/kernel": np.zeros((5, 3), np.float32)}, "float32 (4, 3)"),
        ({"../secret": np.zeros(1, np.float32)}, "'../secret'"),
    ],
)
def test_weights_that_are_not_the_networks_are_refused(change, said):
    network = of((LayerSpec(4),))
    weights = {name: weight for name, weight in (dict(network.weights) | change).items() if weight is not None}
    with pytest.raises(DataError) as refused:
        TrainedNetwork(network.experiment, weights)
    assert said in str(refused.value)


def test_a_two_class_network_has_one_output_unit():
    network = of(classes=3)
    weights = {name: weight[..., :2] for name, weight in network.weights.items()}
    with pytest.raises(DataError, match="output/kernel"):
        TrainedNetwork(network.experiment, weights)


@pytest.mark.parametrize("shape", [(4,), (4, 3), (4, 1, 2)])
def test_inputs_of_another_width_are_refused(shape):
    with pytest.raises(DataError, match=r"\(rows, 2\)"):
        of().predict(np.zeros(shape, np.float32))
