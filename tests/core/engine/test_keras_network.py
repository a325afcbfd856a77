"""Keras objects from choices."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import Phase, given, settings
from sklearn.utils.class_weight import compute_sample_weight

from core.datasets import prepare
from core.engine.keras_network import (
    ACTIVATIONS,
    INITIALIZERS,
    OPTIMIZERS,
    build_network,
    compile_network,
    encode_targets,
    make_loss,
    make_metrics,
    make_optimizer,
    row_weights,
    summary_text,
)
from core.experiment import LayerSpec, NetworkSpec, TrainingSpec, count_parameters, menus, read_query
from core.experiment.seeds import layer_seed
from core.trained.network import probabilities
from tests.core.engine import oracle
from tests.core.experiment.strategies import network_specs


@pytest.mark.parametrize("name", menus.OPTIMIZERS)
def test_every_optimizer_of_the_menu_is_keras_own_with_its_defaults(name):
    ours = make_optimizer(TrainingSpec(optimizer=name), 0.25)
    kind, _ = oracle.OPTIMIZERS[name]
    assert list(OPTIMIZERS) == list(menus.OPTIMIZERS)
    assert type(ours) is kind
    assert ours.get_config() | {"name": ""} == kind(0.25).get_config() | {"name": ""}


@pytest.mark.parametrize(
    "targets", [[0.3] * 3, [0.1, 0.1, 0.1, 0.1, 0.1, 0.1], [1e4, 1e4 + 0.001], [7.7], [3.3] * 1000], ids=len
)
def test_r2_of_targets_that_hardly_differ_is_not_above_1(targets):
    _, r2 = make_metrics(TrainingSpec(loss="squared_error"), 0)
    true = np.array(targets, np.float32)[:, None]
    for batch in np.array_split(true, 3):
        if len(batch):
            r2.update_state(batch, batch + 0.5)
    assert float(r2.result()) <= 1


def test_r2_is_keras_own():
    random = np.random.default_rng(0)
    true, predicted = random.normal(5, 3, (2, 40, 1)).astype(np.float32)
    _, r2 = make_metrics(TrainingSpec(loss="squared_error"), 0)
    assert float(r2(true, predicted)) == float(keras.metrics.R2Score()(true, predicted))


@pytest.mark.parametrize("name", menus.OPTIMIZERS)
@pytest.mark.parametrize("clip", menus.CLIPS)
def test_every_setting_of_an_optimizer_reaches_keras(name, clip):
    settings = {}
    for setting, about in menus.OPTIMIZERS[name].settings.items():
        settings[setting] = not about.default if isinstance(about.default, bool) else 0.375
    training = TrainingSpec(optimizer=name, clip=clip, clip_at=None if clip == "none" else 0.75, **settings)
    ours = make_optimizer(training, 0.25).get_config()
    expected = oracle.keras_optimizer(training, 0.25).get_config()
    assert {key: ours[key] for key in ours if key != "name"} == {key: expected[key] for key in ours if key != "name"}
    values = [ours["clipvalue"], ours["clipnorm"], ours["global_clipnorm"]]
    assert values == [0.75 if clip == kind else None for kind in ("value", "norm", "global_norm")]


@pytest.mark.parametrize("activation", menus.ACTIVATIONS)
def test_every_activation_of_the_menu_is_keras_own(activation):
    expected = keras.ops.sin if activation == "sine" else keras.activations.get(activation)
    inputs = np.linspace(-6, 6, 50, dtype=np.float32)[:, None]
    for normalization in ("none", "layer"):
        network = NetworkSpec((LayerSpec(3, activation, normalization),))
        model = build_network(network, features=1, classes=3, seed=0)
        layer = model.get_layer("hidden_1" if normalization == "none" else "activation_1")
        assert layer.activation is expected
    assert list(ACTIVATIONS) == list(menus.ACTIVATIONS)
    assert np.isfinite(expected(inputs)).all()


KERAS_INITIALIZERS = {
    "uniform": {"class_name": "random_uniform", "config": {"minval": -0.05, "maxval": 0.05}},
    "normal": {"class_name": "random_normal", "config": {"stddev": 0.05}},
    "too_large": {"class_name": "random_normal", "config": {"stddev": 10.0}},
}
# Standard deviations for 120 inputs and 80 units; see He et al. 2015, Glorot and Bengio 2010.
DEVIATIONS = {
    "glorot_uniform": np.sqrt(2 / 200),
    "glorot_normal": np.sqrt(2 / 200),
    "he_uniform": np.sqrt(2 / 120),
    "he_normal": np.sqrt(2 / 120),
    "lecun_uniform": np.sqrt(1 / 120),
    "lecun_normal": np.sqrt(1 / 120),
    "uniform": 0.05 / np.sqrt(3),
    "normal": 0.05,
    "zeros": 0.0,
    "too_large": 10.0,
}


@pytest.mark.parametrize("name", menus.INITIALIZERS)
def test_every_initializer_of_the_menu_is_keras_own(name):
    assert list(INITIALIZERS) == list(menus.INITIALIZERS)

    def kernels(seed: int) -> list[np.ndarray]:
        network = NetworkSpec((LayerSpec(80), LayerSpec(80)), initializer=name)
        return build_network(network, features=120, classes=3, seed=seed).get_weights()[::2]

    for place, kernel in enumerate(kernels(5)):
        config = KERAS_INITIALIZERS.get(name, {"class_name": name, "config": {}})
        seed = {} if name == "zeros" else {"seed": layer_seed(5, place)}
        theirs = keras.initializers.get({**config, "config": config["config"] | seed})
        np.testing.assert_array_equal(kernel, theirs(kernel.shape))
    first, second, _ = kernels(5)
    np.testing.assert_array_equal(first, kernels(5)[0])
    assert first.mean() == pytest.approx(0, abs=0.05 * DEVIATIONS[name])
    assert first.std() == pytest.approx(DEVIATIONS[name], rel=0.05)
    if name != "zeros":
        assert not np.array_equal(first, kernels(6)[0])
        assert not np.array_equal(first[:80], second)


@given(network=network_specs)
@settings(max_examples=8, phases=[Phase.explicit, Phase.reuse, Phase.generate])  # shrinking would take minutes
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


def test_the_parts_of_a_hidden_layer_are_in_this_order():
    layers = (LayerSpec(5, "tanh", "batch", noise=0.5, dropout=0.25), LayerSpec(3, "relu", "layer"), LayerSpec(2))
    model = build_network(NetworkSpec(layers, dropout=0.125), features=4, classes=0, seed=0)
    assert [layer.name for layer in model.layers] == [
        *("hidden_1", "normalization_1", "activation_1", "noise_1", "dropout_1"),
        *("hidden_2", "normalization_2", "activation_2", "dropout_2"),
        *("hidden_3", "dropout_3", "output"),
    ]
    kinds = {layer.name: type(layer).__name__ for layer in model.layers}
    assert kinds["normalization_1"] == "BatchNormalization"
    assert kinds["normalization_2"] == "LayerNormalization"
    assert model.get_layer("hidden_1").activation is keras.activations.linear
    assert model.get_layer("noise_1").stddev == 0.5
    assert [model.get_layer(f"dropout_{number}").rate for number in (1, 2, 3)] == [0.25, 0.125, 0.125]


def test_a_layer_can_override_the_dropout_of_the_network():
    model = build_network(NetworkSpec((LayerSpec(5, dropout=0.0), LayerSpec(3)), dropout=0.5), 2, 2, seed=0)
    assert [layer.name for layer in model.layers] == ["hidden_1", "hidden_2", "dropout_2", "output"]


@pytest.mark.parametrize("normalization", menus.NORMALIZATIONS)
@pytest.mark.parametrize("places", [("kernel",), ("bias",), ("activity",), menus.PENALTY_PLACES])
def test_penalties_are_on_the_chosen_places(places, normalization):
    """Compare with the sum of the penalties that Keras collects for an input."""
    layers = (LayerSpec(5, "tanh", normalization), LayerSpec(3))
    network = NetworkSpec(layers, l1=0.03, l1_on=places, l2=0.01, l2_on=("kernel",))
    model = build_network(network, 4, 3, seed=0)
    weights = [value + 0.1 for value in model.get_weights()]
    model.set_weights(weights)
    inputs = np.random.default_rng(0).normal(size=(6, 4)).astype(np.float32)
    names = ["hidden_1" if normalization == "none" else "activation_1", "hidden_2", "output"]
    active = keras.Model(model.inputs[0], [model.get_layer(name).output for name in names])
    model(inputs)
    found = sum(float(loss) for loss in model.losses)

    kernels = [layer.kernel.numpy() for layer in model.layers if hasattr(layer, "kernel")]
    biases = [layer.bias.numpy() for layer in model.layers if hasattr(layer, "kernel")]
    activities = [output.numpy() for output in active(inputs)]
    parts = {"kernel": kernels, "bias": biases, "activity": activities}
    # A penalty on activities is the mean over the rows.
    expected = 0.03 * sum(
        np.abs(part).sum() / (6 if place == "activity" else 1) for place in places for part in parts[place]
    )
    expected += 0.01 * sum(np.square(kernel).sum() for kernel in kernels)
    assert found == pytest.approx(expected, rel=1e-5)


def test_max_norm_limits_the_weights_into_each_unit():
    network = NetworkSpec((LayerSpec(5), LayerSpec(3)), max_norm=0.5)
    model = build_network(network, 4, 3, seed=0)
    for layer in model.layers:
        norms = np.linalg.norm(layer.kernel_constraint(layer.kernel * 10), axis=0)
        np.testing.assert_allclose(norms, 0.5, rtol=1e-5)
        assert layer.bias_constraint is None
    assert build_network(NetworkSpec((LayerSpec(5),)), 4, 3, seed=0).layers[0].kernel_constraint is None


def test_a_saved_network_is_all_keras(tmp_path):
    layers = (
        LayerSpec(5, "sine", "batch", noise=0.5, dropout=0.25),
        LayerSpec(4, "sine"),
        LayerSpec(3, "mish", "layer"),
    )
    built = build_network(NetworkSpec(layers, l1=0.1, max_norm=1.0), features=4, classes=3, seed=0)
    built.save(tmp_path / "network.keras")
    # Keras has a sine, but not among its named activations.
    loaded = keras.models.load_model(tmp_path / "network.keras", custom_objects={"sin": keras.ops.sin})
    assert type(loaded.get_layer("dropout_1")) is keras.layers.Dropout
    assert type(loaded.get_layer("noise_1")) is keras.layers.GaussianNoise
    assert loaded.get_layer("dropout_1").rate == 0.25
    assert loaded.get_layer("noise_1").stddev == 0.5
    inputs = np.ones((2, 4), np.float32)
    np.testing.assert_array_equal(loaded(inputs).numpy(), built(inputs).numpy())


def test_noise_can_be_as_strong_as_the_menu_says():
    network = NetworkSpec((LayerSpec(500, noise=menus.LAYER_NOISE.high),))
    model = build_network(network, 2, 2, seed=0)
    drawn = model.get_layer("noise_1")(tf.zeros((40, 500)), training=True).numpy()
    assert drawn.std() == pytest.approx(menus.LAYER_NOISE.high, rel=0.02)


def test_neighbouring_layers_do_not_draw_the_same():
    layers = (LayerSpec(40, noise=0.5, dropout=0.5),) * 2
    model = build_network(NetworkSpec(layers), 40, 3, seed=0)
    inputs = tf.ones((20, 40))
    names = ("noise_1", "noise_2", "dropout_1", "dropout_2")
    noise, other_noise, dropped, other_dropped = (
        model.get_layer(name)(inputs, training=True).numpy() for name in names
    )
    assert abs(np.corrcoef(noise.ravel(), other_noise.ravel())[0, 1]) < 0.2
    assert 0.4 < np.mean((dropped == 0) == (other_dropped == 0)) < 0.6


@pytest.mark.parametrize(
    ("classes", "loss", "units", "activation"),
    [
        (2, "crossentropy", 1, "sigmoid"),
        (2, "focal", 1, "sigmoid"),
        (2, "squared_error", 1, "sigmoid"),
        (2, "hinge", 1, "linear"),
        (3, "crossentropy", 3, "softmax"),
        (3, "hinge", 3, "linear"),
        (0, "squared_error", 1, "linear"),
        (0, "huber", 1, "linear"),
    ],
)
def test_the_output_layer_follows_from_classes_and_loss(classes, loss, units, activation):
    model = build_network(NetworkSpec(()), features=2, classes=classes, seed=0, loss=loss)
    assert model.output_shape == (None, units)
    assert model.layers[-1].activation is keras.activations.get(activation)
    compile_network(model, TrainingSpec(loss=loss), classes, 0.25)
    assert float(model.optimizer.learning_rate) == 0.25


def test_losses_follow_their_formulas():
    """Check one row of each task. With label smoothing of 0.1 the target 1 of two classes becomes 0.95."""
    two = np.float32([[1.0]]), np.float32([[0.8]])
    three = np.float32([[0, 1, 0]]), np.float32([[0.2, 0.7, 0.1]])
    number = np.float32([[2.0]]), np.float32([[0.5]])
    log = np.log
    cases = [
        (2, TrainingSpec(loss="crossentropy", label_smoothing=0.1), two, -0.95 * log(0.8) - 0.05 * log(0.2)),
        (3, TrainingSpec(loss="crossentropy"), three, -log(0.7)),
        (2, TrainingSpec(loss="focal", gamma=3), two, -(0.2**3) * log(0.8)),
        (2, TrainingSpec(loss="hinge"), (two[0], np.float32([[0.25]])), 0.75),
        (3, TrainingSpec(loss="hinge"), (three[0], np.float32([[1, 0.5, 0]])), 1.5),
        (2, TrainingSpec(loss="squared_error"), two, 0.04),
        (0, TrainingSpec(loss="squared_error"), number, 2.25),
        (0, TrainingSpec(loss="absolute_error"), number, 1.5),
        (0, TrainingSpec(loss="huber", delta=0.5), number, 0.5 * 1.5 - 0.5 * 0.5**2),
    ]
    for classes, training, (target, output), expected in cases:
        assert float(make_loss(training, classes)(target, output)) == pytest.approx(expected, rel=1e-4)


def test_the_seed_determines_the_weights():
    network = NetworkSpec((LayerSpec(8), LayerSpec(8), LayerSpec(8)))

    def weights(seed):
        return build_network(network, 8, 3, seed).get_weights()

    for one, same in zip(weights(5), weights(5), strict=True):
        np.testing.assert_array_equal(one, same)
    kernels = weights(5)[::2]
    assert not np.array_equal(kernels[0], weights(6)[0])
    assert not np.array_equal(kernels[0], kernels[1])
    # Neighbouring seeds do not give two layers the same weights.
    assert not any(np.array_equal(kernel, other) for kernel in kernels[:3] for other in weights(6)[::2][:3])
    assert all(np.abs(kernel).max() <= np.sqrt(6 / sum(kernel.shape)) for kernel in kernels)
    assert all(not bias.any() for bias in weights(5)[1::2])


def test_layer_seeds_are_different_and_valid_for_keras():
    seeds = [layer_seed(seed, place) for seed in (*range(200), 2**31 - 1) for place in range(7)]
    assert len(set(seeds)) == len(seeds)
    assert all(isinstance(seed, int) and 0 <= seed < 2**31 for seed in seeds)


def test_targets_are_encoded_as_the_loss_takes_them():
    three = prepare(read_query("data=iris").data)
    np.testing.assert_array_equal(encode_targets(three.y_train, three), keras.utils.to_categorical(three.y_train, 3))
    two = prepare(read_query("data=moons").data)
    np.testing.assert_array_equal(encode_targets(two.y_train, two), two.y_train[:, None])
    number = prepare(read_query("data=diabetes&scaling=standard").data)
    encoded = encode_targets(number.y_train, number)
    assert encoded.shape == (len(number.y_train), 1)
    assert (encoded.mean(), encoded.std()) == pytest.approx((0, 1), abs=1e-5)
    assert encode_targets(three.y_train, three).dtype == encode_targets(two.y_train, two).dtype == encoded.dtype == "f4"


def test_balanced_rows_give_every_class_the_same_weight():
    labels = np.array([0, 0, 0, 0, 0, 1, 2, 2])
    expected = compute_sample_weight("balanced", labels)
    np.testing.assert_allclose(row_weights(labels, 3), expected, rtol=1e-6)
    assert row_weights(labels, 3).dtype == np.float32


@pytest.mark.parametrize(("classes", "columns"), [(2, 1), (3, 3)])
@pytest.mark.parametrize("loss", ["crossentropy", "hinge"])
def test_probabilities_add_up_to_one_for_any_output_layer(classes, columns, loss):
    outputs = np.random.default_rng(0).normal(0, 50, (40, columns)).astype(np.float32)
    if loss == "crossentropy":
        outputs = keras.ops.sigmoid(outputs).numpy() if classes == 2 else keras.ops.softmax(outputs).numpy()
    shares = probabilities(outputs, classes, loss)
    assert shares.shape == (40, classes)
    np.testing.assert_allclose(shares.sum(axis=1), 1, rtol=1e-5)
    assert (shares >= 0).all()
    border = 0 if loss == "hinge" else 0.5
    expected = outputs[:, 0] > border if classes == 2 else outputs.argmax(axis=1)
    np.testing.assert_array_equal(shares.argmax(axis=1), expected)


def test_the_summary_is_keras_own():
    text = summary_text(read_query("recipe=digits").network, features=64, classes=10, loss="crossentropy")
    for part in ("hidden_1 (Dense)", "output (Dense)", "(None, 15)", "975", "160", "Total params: 1,135"):
        assert part in text
