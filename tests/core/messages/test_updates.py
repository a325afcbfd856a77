"""Updates as plain messages."""

from dataclasses import fields

import msgpack
import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy

from core.messages.updates import ENDED, Update

shapes = st_numpy.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=5)
arrays = st.one_of(*(st_numpy.arrays(dtype, shapes) for dtype in (np.uint8, np.int32, np.float32)))
updates = st.builds(
    Update,
    status=st.sampled_from(["running", "paused", *ENDED]),
    generation=st.integers(0, 100),
    epoch=st.integers(0, 2000),
    epochs=st.integers(1, 2000),
    first_row=st.integers(0, 2000),
    rows=st_numpy.arrays(np.float32, st.tuples(st.integers(0, 6), st.sampled_from([4, 6]))),
    learning_rate=st.floats(1e-5, 10),
    ms_per_epoch=st.none() | st.floats(0, 1e6),
    message=st.text(),
    test=st.none() | st.lists(st.floats(-100, 100), min_size=2, max_size=3).map(tuple),
    arrays=st.dictionaries(st.sampled_from(["boundary", "confusion", "strip", "surface", "line", "predicted"]), arrays),
    arrays_epoch=st.integers(0, 2000),
)


@given(updates)
def test_an_update_comes_back_as_it_went(update):
    """Packed and unpacked as Dask does it."""
    received = Update.from_message(msgpack.unpackb(msgpack.packb(update.to_message()), use_list=False))
    for field in fields(Update):
        if field.name not in ("rows", "arrays"):
            assert getattr(received, field.name) == getattr(update, field.name)
    assert set(received.arrays) == set(update.arrays)
    pairs = [(received.rows, update.rows), *((received.arrays[name], update.arrays[name]) for name in update.arrays)]
    for ours, sent in pairs:
        assert ours.dtype == sent.dtype
        np.testing.assert_array_equal(ours, sent)
        assert ours.shape == sent.shape
