import numpy as np
import pytest

from core.analysis.bands import bands_of


def test_each_epoch_has_the_quartiles_of_the_runs_that_reached_it():
    curves = [np.array([value, 10 * value], np.float32) for value in (1, 2, 3, 4, 5)]
    bands = bands_of([*curves, np.array([6], np.float32)])
    assert bands.counts.tolist() == [6, 5]
    assert bands.median.tolist() == [3.5, 30]
    assert bands.lower.tolist() == [2.25, 20]
    assert bands.upper.tolist() == [4.75, 40]
    assert (bands.low.tolist(), bands.high.tolist()) == ([1, 10], [6, 50])


def test_a_diverged_run_counts_only_while_it_had_numbers():
    bands = bands_of([np.array([1.0, np.nan, np.inf]), np.array([3.0, 5.0])])
    assert bands.counts.tolist() == [2, 1, 0]
    assert bands.median == pytest.approx([2, 5, np.nan], nan_ok=True)
    assert bands.high == pytest.approx([3, 5, np.nan], nan_ok=True)


def test_without_runs_or_epochs_there_are_no_bands():
    assert bands_of([]).epochs == 0
    assert bands_of([np.empty(0, np.float32)]).epochs == 0
    assert bands_of([np.array([np.nan])]).counts.tolist() == [0]
