"""What is read off a sweep over learning rates, on curves whose answer is known."""

import numpy as np
import pandas as pd
import pytest

from core.analysis.rate_sweep import RateCurve, is_over, smoothed

RATES = np.geomspace(1e-5, 10, 201).astype(np.float32)  # 100 batches up to 0.01


def valley(least: float, noise: float = 0.0) -> np.ndarray:
    """Losses that fall from 1 and are least at a rate; over before 4 times as much as there."""
    distance = np.abs(np.log10(RATES) - np.log10(least))
    losses = np.minimum(1.0, 0.2 + 0.4 * distance) + np.random.default_rng(0).normal(0, noise, len(RATES))
    return losses.astype(np.float32)


def test_smoothing_is_that_of_pandas():
    losses = np.random.default_rng(1).random(50)
    expected = pd.Series(losses).ewm(alpha=0.05, adjust=True).mean()
    np.testing.assert_allclose(smoothed(losses), expected, rtol=1e-12)


@pytest.mark.parametrize("noise", [0.0, 0.1])
def test_the_suggestion_is_a_tenth_of_the_rate_of_the_least_loss(noise):
    curve = RateCurve(RATES, valley(0.1, noise))
    least = float(RATES[curve.least])
    assert 0.1 <= least <= 0.4  # the average lags by some batches
    assert curve.suggestion == float(f"{least / 10:.1g}")
    assert curve.reason == ""


def test_a_loss_that_is_not_finite_ends_the_sweep_and_is_left_out():
    losses = valley(0.1)[:180].copy()
    losses[-1] = np.nan
    assert is_over(losses)
    assert not is_over(losses[:-1])
    curve = RateCurve(RATES[:180], losses)
    assert len(curve.smoothed) == 179
    assert curve.suggestion == RateCurve(RATES[:179], losses[:-1]).suggestion


def test_a_sweep_is_over_far_above_the_least_loss_but_not_in_its_first_batches():
    low = [0.1] * 30
    assert [is_over([*low, value]) for value in (10.0, 0.2)] == [True, False]
    assert [is_over(losses) for losses in (low, [0.1, 10.0], [])] == [False] * 3


@pytest.mark.parametrize(
    ("losses", "words"),
    [
        (np.empty(0), "too short"),
        (np.linspace(1, 0.9, 10), "too short"),
        (np.linspace(0.1, 0.3, 100), "rose from the start"),
        (1 + np.random.default_rng(2).normal(0, 0.1, 200), "did not fall"),
        (np.full(200, 0.7), "did not fall"),
    ],
)
def test_where_no_rate_stands_out_the_reason_is_said(losses, words):
    curve = RateCurve(RATES[: len(losses)], losses.astype(np.float32))
    assert curve.suggestion is None
    assert words in curve.reason
