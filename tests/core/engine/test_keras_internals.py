"""What we rely on in Keras and TensorFlow beyond their documentation; a failure says what breaks here."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import keras
import numpy as np
import pytest
import tensorflow as tf

from core.engine.keras_internals import (
    SUMMED_KERNEL_MOST,
    Dropout,
    GaussianNoise,
    SummedDense,
    TracedLearningRate,
    TracedNumber,
    TracedSeed,
    call_concrete,
    stateless_optimizer,
)
from core.engine.keras_network import INITIALIZERS, OPTIMIZERS
from core.experiment import menus
from tests.layers import ROOT, Module, inside

INTERNALS = "core.engine.keras_internals"
FUNCTIONS = "core.engine.portable_functions"  # tested by itself
PRIVATE_PACKAGES = ("keras.src", "tensorflow.python")


@contextmanager
def contract(breaks: str) -> Iterator[None]:
    """Say what breaks in this project where something inside fails."""
    try:
        yield
    except Exception as error:
        versions = f"Keras {keras.__version__} and TensorFlow {tf.__version__}"
        raise AssertionError(f"Something that {INTERNALS} relies on is different in {versions}. {breaks}") from error


def reaches_into_private_parts(module: Module) -> list[str]:
    """Return where a module imports a private package, or the engine uses a private attribute of another object."""
    found = [name.name for name in module.imports() if inside(name.name, PRIVATE_PACKAGES)]
    if inside(module.name, ("core.engine",)):
        for node in ast.walk(module.tree):
            match node:
                case ast.Attribute(value=ast.Name(id="self" | "cls")):
                    pass
                case ast.Attribute(attr=name) if name.startswith("_"):
                    found.append(ast.unparse(node))
    return [f"{module.name}: {what}" for what in found]


def test_nothing_else_reaches_into_private_parts() -> None:
    modules = [Module.read(path) for path in (ROOT / "core").rglob("*.py")]
    found = {module.name: reaches_into_private_parts(module) for module in modules}
    assert found.pop(INTERNALS)
    assert found.pop(FUNCTIONS)
    assert [line for lines in found.values() for line in lines] == []


@pytest.mark.parametrize("compiled", [False, True])
def test_a_concrete_function_can_be_called_with_flat_tensors(compiled: bool) -> None:
    shift = tf.constant([1.0, 2.0])  # which the function captures
    inner = tf.function(lambda one, two: (one + shift, one * two), autograph=False)
    specs = [tf.TensorSpec((2,)), tf.TensorSpec((2,))]
    traced = inner.get_concrete_function(*specs)
    outer = tf.function(lambda *both: traced(*both), jit_compile=compiled, autograph=False)
    function = outer.get_concrete_function(*specs)
    one, two = tf.constant([3.0, 4.0]), tf.constant([5.0, 6.0])
    with contract("Program.epoch, and so every run, calls its compiled function this way."):
        results = call_concrete(function, [one, two])
        for ours, usual in zip(results, function(one, two), strict=True):
            np.testing.assert_array_equal(ours.numpy(), usual.numpy())


CLIPS: list[dict[str, float]] = [{"clipvalue": 0.1}, {"clipnorm": 0.1}, {"global_clipnorm": 0.1}]


@pytest.mark.parametrize(("name", "clip"), [(name, {}) for name in OPTIMIZERS] + [("adam", clip) for clip in CLIPS])
def test_an_optimizer_steps_values_as_keras_steps_variables(name: str, clip: dict[str, float]) -> None:
    """Three steps on a kernel and a bias, each at its own learning rate, with weight decay."""
    kind, settings = OPTIMIZERS[name], {"weight_decay": 0.1, **clip}
    random = np.random.default_rng(0)
    first = [random.normal(size=shape).astype(np.float32) for shape in ((4, 3), (3,))]
    gradients = [[random.normal(size=value.shape).astype(np.float32) for value in first] for _ in range(3)]
    rates = [0.1, 0.0, 0.03]

    variables = [keras.Variable(value) for value in first]
    theirs = kind(learning_rate=0.5, **settings)
    for rate, gradient in zip(rates, gradients, strict=True):
        theirs.learning_rate = rate
        theirs.apply(gradient, variables)

    with contract("Every training step (core.engine.steps) lets an optimizer step values, not variables."):
        learning_rate = TracedLearningRate()
        ours = stateless_optimizer(kind, learning_rate, **settings)
        ours.build([keras.Variable(value) for value in first])

        @partial(tf.function, autograph=False)
        def step(slots, gradient, values, rate):
            learning_rate.now = rate
            return ours.stateless_apply(slots, gradient, values)

        values, slots = [tf.constant(value) for value in first], [tf.identity(slot.value) for slot in ours.variables]
        for rate, gradient in zip(rates, gradients, strict=True):
            gradient = [tf.constant(part) for part in gradient]
            values, slots = step(slots, gradient, values, tf.constant(rate))
        for value, variable in zip(values, variables, strict=True):
            np.testing.assert_allclose(value.numpy(), variable.numpy(), rtol=1e-5, atol=1e-6)
        assert isinstance(ours, kind)
        function = step.get_concrete_function(slots, gradient, values, tf.constant(0.1))
        assert function.variables == ()


@pytest.mark.parametrize("strengths", [(0.3, 0.2), (0.3, 0.0), (0.0, 0.2)])
def test_a_penalty_can_be_an_argument(strengths: tuple[float, float]) -> None:
    regularizer = keras.regularizers.L1L2(*strengths)
    weights = tf.constant([[1.0, -2.0], [3.0, 0.5]])

    @partial(tf.function, autograph=False)
    def penalty(l1: tf.Tensor, l2: tf.Tensor) -> tf.Tensor:
        regularizer.l1 = TracedNumber(l1) if strengths[0] else 0.0
        regularizer.l2 = TracedNumber(l2) if strengths[1] else 0.0
        return regularizer(weights)

    with contract("A change of L1 or L2 (runtime_settings.use_settings) would need another program, or do nothing."):
        for scale in (1.0, 2.0, 0.5):
            l1, l2 = (scale * strength for strength in strengths)
            found = penalty(tf.constant(l1), tf.constant(l2)).numpy()
            assert found == pytest.approx(float(keras.regularizers.L1L2(l1, l2)(weights)), rel=1e-6)
        assert penalty.experimental_get_tracing_count() == 1


WITH_MOMENTUM = [name for name, method in menus.OPTIMIZERS.items() if "momentum" in method.settings]


@pytest.mark.parametrize("nesterov", [False, True])
@pytest.mark.parametrize("name", WITH_MOMENTUM)
def test_momentum_can_be_an_argument(name: str, nesterov: bool) -> None:
    kind = OPTIMIZERS[name]
    settings = {"nesterov": nesterov} if "nesterov" in menus.OPTIMIZERS[name].settings else {}
    first, gradient = tf.constant([[1.0, -2.0], [0.5, 4.0]]), tf.constant([[0.3, -0.1], [0.2, 0.4]])
    momenta = (0.5, 0.9, 0.1)

    variable = keras.Variable(first)
    theirs = kind(learning_rate=0.1, momentum=0.5, **settings)
    for momentum in momenta:
        theirs.momentum = momentum
        theirs.apply([gradient], [variable])

    with contract("A change of momentum (runtime_settings.use_settings) would need another program, or do nothing."):
        learning_rate = TracedLearningRate()
        learning_rate.now = 0.1
        ours = stateless_optimizer(kind, learning_rate, momentum=0.5, **settings)
        ours.build([keras.Variable(first)])

        @partial(tf.function, autograph=False)
        def step(slots, values, momentum):
            ours.momentum = TracedNumber(momentum)
            return ours.stateless_apply(slots, [gradient], values)

        values, slots = [first], [tf.identity(slot.value) for slot in ours.variables]
        for momentum in momenta:
            values, slots = step(slots, values, tf.constant(momentum))
        np.testing.assert_allclose(values[0].numpy(), variable.numpy(), rtol=1e-5)
        assert step.experimental_get_tracing_count() == 1


@pytest.mark.parametrize("name", INITIALIZERS)
def test_an_initializer_takes_a_seed_that_is_a_tensor(name: str) -> None:
    initialize = tf.function(lambda seed: INITIALIZERS[name](TracedSeed(seed))((4, 3)), autograph=False)
    with contract("The first weights of all runs (keras_network.seeded_values) would not be those of the seed."):
        for seed in (0, 7, 2**31 - 2):
            np.testing.assert_array_equal(initialize(tf.constant(seed, tf.int64)), INITIALIZERS[name](seed)((4, 3)))


@pytest.mark.parametrize("units", [4, SUMMED_KERNEL_MOST], ids=["small kernel", "large kernel"])
def test_summed_products_are_those_of_a_dense_layer(units: int) -> None:
    inputs = tf.constant(np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32))
    layers = [kind(units, "tanh", activity_regularizer="l2") for kind in (keras.layers.Dense, SummedDense)]
    for layer in layers:
        layer.build((None, 3))
    layers[1].set_weights([value + 0.1 for value in layers[0].get_weights()])
    layers[0].set_weights(layers[1].get_weights())
    with contract("Small networks and train_many would compute something else than Keras's dense layer."):
        found = []
        for layer in layers:
            with tf.GradientTape() as tape:
                outputs = layer(inputs, training=True)
                loss = tf.reduce_sum(outputs**2) + sum(layer.losses)
            found.append([outputs, *layer.losses, *tape.gradient(loss, layer.trainable_variables)])
        assert len(found[0]) == 4
        for theirs, ours in zip(*found, strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)


def draws_of(layer: keras.layers.Layer, inputs: tf.Tensor, compiled: bool) -> list[np.ndarray]:
    """Return what a layer makes of inputs in training, twice."""
    draw = tf.function(partial(layer, inputs, training=True), jit_compile=compiled)
    return [draw().numpy(), draw().numpy()]


@pytest.mark.parametrize("compiled", [False, True])
def test_dropout_draws_the_numbers_of_keras(compiled: bool) -> None:
    inputs = tf.ones((50, 40))
    with contract("Dropout would draw other numbers than Keras's from the same seed, or at another rate."):
        theirs, ours = (draws_of(kind(0.2, seed=5), inputs, compiled) for kind in (keras.layers.Dropout, Dropout))
        np.testing.assert_array_equal(ours, theirs)
        first, second = ours
        assert not np.array_equal(first, second)
        np.testing.assert_array_equal(np.unique(first), np.float32([0, 1.25]))
        assert np.mean(first == 0) == pytest.approx(0.2, abs=0.04)
        np.testing.assert_array_equal(Dropout(0.2, seed=5)(inputs, training=False), inputs)


@pytest.mark.parametrize("compiled", [False, True])
def test_noise_draws_the_numbers_of_keras(compiled: bool) -> None:
    inputs = tf.zeros((50, 40))
    with contract("Noise would draw other numbers than Keras's from the same seed, or of another strength."):
        theirs, ours = (
            draws_of(kind(0.5, seed=5), inputs, compiled) for kind in (keras.layers.GaussianNoise, GaussianNoise)
        )
        np.testing.assert_allclose(ours, theirs, rtol=1e-5)
        first, second = ours
        assert not np.array_equal(first, second)
        assert first.std() == pytest.approx(0.5, rel=0.05)
        assert first.mean() == pytest.approx(0, abs=0.05)
        np.testing.assert_array_equal(GaussianNoise(0.5, seed=5)(inputs, training=False), inputs)


@pytest.mark.parametrize(("kind", "strength"), [(Dropout, "rate"), (GaussianNoise, "stddev")])
def test_the_strength_of_dropout_and_noise_can_be_an_argument(kind: type[keras.layers.Layer], strength: str) -> None:
    inputs = tf.ones((50, 40))
    layer = kind(0.2, seed=5)

    @partial(tf.function, autograph=False)
    def draw(value: tf.Tensor) -> tf.Tensor:
        setattr(layer, strength, value)
        return layer(inputs, training=True)

    with contract("A change of dropout or noise (runtime_settings.use_settings) would do nothing."):
        seed = layer.seed_generator.state.value.numpy()
        for value in (0.2, 0.6):
            layer.seed_generator.state.assign(seed)
            found = draw(tf.constant(value)).numpy()
            np.testing.assert_allclose(found, kind(value, seed=5)(inputs, training=True), rtol=1e-5)
        assert draw.experimental_get_tracing_count() == 1


def test_a_saved_network_contains_keras_own_layers(tmp_path) -> None:
    model = keras.Sequential([keras.Input((4,)), GaussianNoise(0.5), Dropout(0.25)])
    with contract("A .keras file would not load without this project (core.engine.saving)."):
        model.save(tmp_path / "network.keras")
        loaded = keras.models.load_model(tmp_path / "network.keras")
        assert [type(layer) for layer in loaded.layers] == [keras.layers.GaussianNoise, keras.layers.Dropout]
        assert (loaded.layers[0].stddev, loaded.layers[1].rate) == (0.5, 0.25)
