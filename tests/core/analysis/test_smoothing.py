import numpy as np
import pytest

from core.analysis.smoothing import smoothed


def test_a_weight_of_zero_changes_nothing():
    assert smoothed([3.0, 1.0, 2.0], 0).tolist() == [3.0, 1.0, 2.0]


def test_smoothing_is_the_debiased_moving_average_by_hand():
    # After three values: (0.5 * 0.25 * 8 ... ) weights 1/8, 1/4, 1/2 over their sum 7/8.
    assert smoothed([8.0, 4.0, 2.0], 0.5).tolist() == pytest.approx(
        [8.0, (0.25 * 8 + 0.5 * 4) / 0.75, (0.125 * 8 + 0.25 * 4 + 0.5 * 2) / 0.875]
    )


def test_a_constant_stays_the_same_and_no_number_spoils_the_others():
    assert smoothed([2.0] * 5, 0.9).tolist() == pytest.approx([2.0] * 5)
    smooth = smoothed([1.0, np.nan, np.inf, 1.0], 0.6)
    assert smooth[[0, 3]].tolist() == pytest.approx([1.0, 1.0])
    assert np.isnan(smooth[1])
    assert np.isinf(smooth[2])
