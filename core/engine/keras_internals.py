"""Everything here that relies on undocumented parts of Keras and TensorFlow; nothing else in the project may.

`tests/core/engine/test_keras_internals.py` tests each part against Keras itself. Where a new version changes
something, the test says what breaks in this project.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import keras
import tensorflow as tf
from keras.src.optimizers.base_optimizer import BaseOptimizer

SUMMED_KERNEL_MOST = 64  # weights of a kernel that `SummedDense` multiplies element by element


def call_concrete(
    function: tf.types.experimental.ConcreteFunction, arguments: Sequence[tf.Tensor]
) -> Sequence[tf.Tensor]:
    """Call a concrete function whose parameters and results are all tensors.

    A usual call first matches its arguments with the parameters, which takes as long as a small network's epoch.
    """
    results: Sequence[tf.Tensor] = function._call_flat(list(arguments), function.captured_inputs)
    return results


def stateless_optimizer(
    kind: type[keras.optimizers.Optimizer],
    learning_rate: keras.optimizers.schedules.LearningRateSchedule,
    **settings: Any,
) -> keras.optimizers.Optimizer:
    """Return an optimizer of a kind that has `stateless_apply`, as optimizers have on Keras's other backends.

    Args:
        settings: what else `kind` is made with.
    """
    # Keras would number the names, and a traced function contains them.
    return type(kind.__name__, (kind, _Stateless), {})(learning_rate=learning_rate, name="optimizer", **settings)


class _Stateless(keras.optimizers.Optimizer):
    """The methods of Keras's base optimizer that its TensorFlow backend overrides to support distribution strategies.

    The overriding methods need TensorFlow's variables; those of the base class also take the values of a step.
    """

    stateless_apply = BaseOptimizer.stateless_apply
    assign = BaseOptimizer.assign
    assign_add = BaseOptimizer.assign_add
    assign_sub = BaseOptimizer.assign_sub
    _var_key = BaseOptimizer._var_key
    _apply_weight_decay = BaseOptimizer._apply_weight_decay
    _backend_update_step = BaseOptimizer._backend_update_step


# What optimizers remember of every weight: our name, and the attribute that holds one variable for each tensor.
_MEMORY: Mapping[str, Mapping[str, str]] = {
    "sgd": {"momentum": "momentums"},
    "rmsprop": {"v": "_velocities", "momentum": "_momentums", "mean": "_average_gradients"},
    "adam": {"m": "_momentums", "v": "_velocities", "largest v": "_velocity_hats"},
    "adamw": {"m": "_momentums", "v": "_velocities", "largest v": "_velocity_hats"},
    "adamax": {"m": "_m", "u": "_u"},
    "nadam": {"m": "_momentums", "v": "_velocities"},
    "adagrad": {"sum": "_accumulators"},
    "adadelta": {"v": "_accumulated_grads", "d": "_accumulated_delta_vars"},
    "adafactor": {"row mean": "_r", "column mean": "_c", "v": "_v"},
    "lion": {"m": "_momentums"},
    "lamb": {"m": "_momentums", "v": "_velocities"},
    "muon": {"m": "momentums", "v": "adam_velocities"},
}
_SHARED_MEMORY: Mapping[str, Mapping[str, str]] = {"nadam": {"product": "_u_product"}}


def optimizer_memory(
    optimizer: keras.optimizers.Optimizer, name: str
) -> tuple[dict[str, list[keras.Variable | None]], dict[str, keras.Variable]]:
    """Return what an optimizer remembers: for every trainable variable, and what it remembers once.

    Args:
        name: of the optimizer, as in `menus.OPTIMIZERS`.
    """
    own = {label: list(getattr(optimizer, attribute, [])) for label, attribute in _MEMORY[name].items()}
    shared = {label: getattr(optimizer, attribute) for label, attribute in _SHARED_MEMORY.get(name, {}).items()}
    return {label: variables for label, variables in own.items() if variables}, shared


def clipped_gradients(optimizer: keras.optimizers.Optimizer, gradients: Sequence[tf.Tensor]) -> list[tf.Tensor]:
    """Return gradients as an optimizer uses them, after clipping."""
    return list(optimizer._clip_gradients(list(gradients)))


def decayed_weights(optimizer: keras.optimizers.Optimizer, weights: Sequence[tf.Tensor]) -> list[tf.Tensor]:
    """Return weights after an optimizer's weight decay, which comes before its own change."""
    variables = optimizer._trainable_variables
    with keras.StatelessScope(state_mapping=list(zip(variables, weights, strict=True))) as scope:
        optimizer._apply_weight_decay(variables)
    return [scope.get_current_value(variable) for variable in variables]


class TracedNumber:
    """A tensor where a Keras object holds a Python number, such as a penalty's `l1`: then it can be an argument.

    To TensorFlow it is the tensor. To Keras's checks (`if self.l1`, `if self.momentum > 0`) it is a number above 0.
    """

    def __init__(self, tensor: tf.Tensor) -> None:
        self._tensor = tensor

    def __tf_tensor__(self, dtype: Any = None, name: str | None = None) -> tf.Tensor:
        return self._tensor

    def __gt__(self, other: float) -> bool:
        return True

    def __sub__(self, other: Any) -> tf.Tensor:
        return self._tensor - other


class TracedLearningRate(keras.optimizers.schedules.LearningRateSchedule):
    """The learning rate of the step that is being traced, which is a tensor.

    Attributes:
        now: to be set before the step is traced.
    """

    now: tf.Tensor | float = 0.0

    def __call__(self, step: tf.Tensor) -> tf.Tensor | float:
        return self.now


class TracedSeed(keras.random.SeedGenerator):
    """A seed that is a tensor, for Keras's initializers, which otherwise take an integer or a generator."""

    def __init__(self, seed: tf.Tensor) -> None:  # Keras's own would make a variable
        self._seed = seed

    def next(self, ordered: bool = True) -> tf.Tensor:
        return tf.stack([self._seed, 0])


class SummedDense(keras.layers.Dense):
    """A dense layer that multiplies by a small kernel element by element, then sums.

    XLA calls a library for a matrix product. For a small one the call takes longer than the product, while operations
    on elements become part of one loop.
    """

    def call(self, inputs: tf.Tensor, training: bool | None = None) -> tf.Tensor:
        if math.prod(self.kernel.shape) > SUMMED_KERNEL_MOST:
            return super().call(inputs, training)
        products = tf.expand_dims(inputs, 2) * self.kernel  # (rows, inputs, units)
        return self.activation(tf.reduce_sum(products, axis=1) + self.bias)


class Dropout(keras.layers.Dropout):
    """Keras's dropout, which draws the same numbers but names the random number generator, Philox.

    Keras lets TensorFlow choose. It chooses Philox too, but then XLA derives the key again for every single number.
    The rate may be a tensor.

    Attributes:
        count: int32, how many of the units there are in a layer that is padded; None where it is not. The numbers are
            those that would be drawn for these units alone.
    """

    __module__ = "keras.layers"  # so that a saved network contains Keras's own class
    count: tf.Tensor | None = None

    def call(self, inputs: tf.Tensor, training: bool = False) -> tf.Tensor:
        if not training:
            return inputs
        seed = tf.cast(self.seed_generator.next(), tf.int32)
        rate = tf.convert_to_tensor(self.rate)
        if self.count is None:
            return tf.nn.experimental.stateless_dropout(inputs, rate, seed, rng_alg="philox")
        rows, size = inputs.shape
        # Philox gives the same numbers one after the other, however many are drawn.
        drawn = tf.random.stateless_uniform((rows * size,), seed, alg="philox")
        places = tf.range(rows)[:, None] * self.count + tf.minimum(tf.range(size), self.count - 1)
        return tf.where(tf.gather(drawn, places) >= rate, inputs / (1 - rate), 0.0)


class GaussianNoise(keras.layers.GaussianNoise):
    """Keras's noise, with the generator named as in `Dropout`. The standard deviation may be a tensor."""

    __module__ = "keras.layers"

    def call(self, inputs: tf.Tensor, training: bool = False) -> tf.Tensor:
        if not training:
            return inputs
        seed = tf.cast(self.seed_generator.next(), tf.int32)
        noise = tf.random.stateless_normal(tf.shape(inputs), seed, alg="philox")
        return inputs + noise * tf.convert_to_tensor(self.stddev)
