"""What `core.engine.portable_functions` relies on in TensorFlow; a failure says what breaks here."""

import gc

import numpy as np
import pytest
import tensorflow as tf
from tensorflow.python.eager import context

from core.engine.portable_functions import PortableFunction, exported

SPEC = tf.TensorSpec((3,), tf.float32)
NUMBERS = tf.constant([1.0, -2.0, 0.5])


def traced(factor: float = 2.0):
    """A loop and a derivative, so that the function calls others whose names TensorFlow numbers."""

    def doubled(numbers: tf.Tensor) -> list[tf.Tensor]:
        with tf.GradientTape() as tape:
            tape.watch(numbers)
            squares = tf.while_loop(
                lambda i, _: i < 3, lambda i, sofar: (i + 1, sofar * factor + 1), (0, numbers), maximum_iterations=3
            )[1]
        return [squares, tape.gradient(squares, numbers)]

    return tf.function(doubled, autograph=False).get_concrete_function(SPEC)


@pytest.mark.parametrize("compiled", [False, True])
def test_a_function_gives_the_same_results_exported_and_imported(compiled: bool) -> None:
    function = traced()
    ours = PortableFunction(exported(function), compiled)([NUMBERS])
    for mine, theirs in zip(ours, function(NUMBERS), strict=True):
        np.testing.assert_array_equal(mine.numpy(), theirs.numpy())


def test_a_function_that_is_traced_again_has_the_same_name_and_another_one_has_another() -> None:
    first = exported(traced())
    traced(5.0)
    assert exported(traced()).SerializeToString(deterministic=True) == first.SerializeToString(deterministic=True)
    names = {PortableFunction(exported(traced(factor)), True).name for factor in (2.0, 3.0, 2.0)}
    assert len(names) == 2


def test_a_function_of_other_tensors_is_not_exported() -> None:
    large = tf.random.stateless_normal((1000,), (0, 0))  # a small one would become a constant
    function = tf.function(lambda numbers: numbers + large[:3], autograph=False).get_concrete_function(SPEC)
    with pytest.raises(ValueError, match="must use no tensors but its arguments"):
        exported(function)


def test_tensorflow_keeps_a_function_as_long_as_somebody_holds_it() -> None:
    library = exported(traced(7.0))
    one, two = PortableFunction(library, True), PortableFunction(library, True)
    name = one.name
    del one
    gc.collect()
    other = PortableFunction(exported(traced(8.0)), False)  # what nobody holds goes when another one comes
    assert context.context().has_function(name)
    assert two([NUMBERS])[0].shape == other([NUMBERS])[0].shape
    del two
    gc.collect()
    again = PortableFunction(exported(traced(9.0)), False)
    assert not context.context().has_function(name)
    np.testing.assert_array_equal(PortableFunction(library, True)([NUMBERS])[1].numpy(), [343.0] * 3)
    assert again.name != name
