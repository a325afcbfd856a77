"""Many small tensors in a few."""

import keras
import numpy as np
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy

from core.engine.packing import Packing

shapes = st.lists(
    st.tuples(st.sampled_from(["float32", "int32"]), st_numpy.array_shapes(min_dims=0, max_dims=2, max_side=200)),
    min_size=1,
    max_size=6,
)


@given(shapes)
def test_values_come_back_as_they_were_packed(kinds):
    random = np.random.default_rng(0)
    values = [random.integers(0, 100, shape).astype(dtype) for dtype, shape in kinds]
    variables = [keras.Variable(np.zeros_like(value), dtype=value.dtype) for value in values]
    packing = Packing(variables)
    packed = packing.pack([tf.constant(value) for value in values])
    assert len(packed) == len(packing)
    assert [(part.shape, part.dtype) for part in packed] == [(spec.shape, spec.dtype) for spec in packing.signature]
    assert packing.bytes == sum(value.nbytes for value in values)
    for value, own in zip(packing.unpack(packed), values, strict=True):
        assert value.dtype == own.dtype
        np.testing.assert_array_equal(value, own)


def test_small_ones_lie_together_and_large_ones_alone():
    sizes = [(10,), (200, 200), (3, 3), (), (150, 150)]
    packing = Packing([keras.Variable(np.zeros(size, np.float32)) for size in sizes])
    assert sorted(tuple(spec.shape) for spec in packing.signature) == [(20,), (150, 150), (200, 200)]
