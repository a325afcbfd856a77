import numpy as np
import pytest

from core.analysis.layer_health import idle_share, layer_values, moved_share, norm, spread_histogram


def test_a_layer_is_its_kernel_and_its_biases_without_the_normalization():
    tensors = {
        "hidden_1/kernel": np.array([[1.0, 2.0]]),
        "hidden_1/bias": np.array([3.0, 4.0]),
        "normalization_1/gamma": np.array([9.0, 9.0]),
        "output/kernel": np.array([[5.0], [6.0]]),
        "output/bias": np.array([7.0]),
    }
    assert [layer.tolist() for layer in layer_values(tensors, hidden=1)] == [[1, 2, 3, 4], [5, 6, 7]]


def test_histograms_of_a_layer_share_their_bins():
    found = spread_histogram([np.array([0.0, 0.0, 1.0]), np.array([[3.95], [4.0]])])
    assert (found.edges[0], found.edges[-1], len(found.edges)) == (0.0, 4.0, 41)
    assert found.counts.sum(axis=1).tolist() == [3, 2]
    assert found.counts[0, [0, 10]].tolist() == [2, 1]
    assert found.counts[1, 39] == 2


@pytest.mark.parametrize("value", [0.0, -2.5, 1e9])
def test_a_single_value_has_one_bin(value):
    found = spread_histogram([np.full(3, value), np.full(2, value)])
    assert found.counts.tolist() == [[3], [2]]


def test_what_is_not_finite_does_not_count():
    found = spread_histogram([np.array([np.inf, 1.0, np.nan]), np.array([2.0, 3.0])])
    assert (found.edges[0], found.edges[-1]) == (1, 3)
    assert found.counts.sum(axis=1).tolist() == [1, 2]
    assert spread_histogram([np.array([np.nan])]).counts.tolist() == [[0]]


def test_of_many_values_an_even_choice_counts():
    values = np.tile(np.arange(10.0), 10_000)
    assert 10_000 <= spread_histogram([values]).counts.sum() <= 20_000


def test_a_dead_unit_gives_nothing_for_every_row():
    outputs = np.array([[0, 0, 1, 0], [0, 2, 1, 0]])
    assert idle_share("relu", outputs) == 0.5


@pytest.mark.parametrize(
    ("activation", "low", "inside", "high"),
    [("tanh", -0.91, 0.89, 0.91), ("softsign", -0.91, -0.89, 0.91), ("sigmoid", 0.04, 0.06, 0.96)],
)
def test_a_saturated_unit_lies_near_an_end_for_most_rows(activation, low, inside, high):
    columns = [low, high, high], [low, inside, inside], [inside, inside, inside], [high, inside, low]
    assert idle_share(activation, np.array(columns).T) == 0.5


def test_other_units_are_neither():
    assert np.isnan(idle_share("elu", np.zeros((2, 2))))


def test_moved_is_by_epoch_and_in_norms_of_the_weights():
    before = np.array([3.0, 4.0], np.float32)
    assert norm(before) == 5
    assert moved_share(before, before + np.array([0, 2.0], np.float32), epochs=4) == pytest.approx(0.1)
    assert np.isnan(moved_share(np.zeros(2), before, epochs=1))
