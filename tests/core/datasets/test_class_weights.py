"""Class weights."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from sklearn.utils import compute_class_weight

from core.datasets.class_weights import class_weights


@given(st.integers(1, 6), st.data())
def test_class_weights_are_those_of_scikit_learn(classes, data):
    more = data.draw(st.lists(st.integers(0, classes - 1), max_size=40))
    labels = np.array([*range(classes), *more])
    expected = compute_class_weight("balanced", classes=np.arange(classes), y=labels)
    np.testing.assert_allclose(class_weights(labels, classes), expected)


def test_a_class_without_rows_has_a_finite_weight():
    np.testing.assert_allclose(class_weights(np.array([0, 0, 2, 2]), 3), [4 / 6, 4 / 3, 4 / 6])
