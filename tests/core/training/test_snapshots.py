"""A run's weights at some of its epochs."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.training.snapshots import Snapshots


def filled(epochs: int, bytes_each: int, budget: int) -> Snapshots[str]:
    snapshots = Snapshots[str].within(budget, bytes_each)
    for epoch in range(epochs + 1):
        snapshots = snapshots.with_epoch(epoch, f"weights of {epoch}")
    return snapshots


@given(st.integers(0, 1200), st.integers(1, 100), st.integers(0, 5000))
def test_first_and_last_are_kept_and_evenly_many_between_within_the_budget(epochs, bytes_each, budget):
    snapshots = filled(epochs, bytes_each, budget)
    kept = snapshots.epochs
    assert kept[0] == 0
    assert kept[-1] == epochs
    assert len(kept) <= max(2, budget // bytes_each)
    assert [snapshots.nearest(epoch) for epoch in kept] == [(epoch, f"weights of {epoch}") for epoch in kept]
    gaps = np.diff(kept)
    if len(kept) > 2:
        assert set(gaps[:-1]) == {gaps[0]}
        assert gaps[-1] <= gaps[0]
        # Half the distance would not have fitted, with the last epoch beside those.
        if gaps[0] > 1:
            assert len(range(0, epochs + 1, gaps[0] // 2)) + 1 > min(400, budget // bytes_each)


def test_where_all_fit_all_are_kept():
    assert filled(300, 4, 4 * 301).epochs == tuple(range(301))


def test_small_weights_are_kept_for_at_most_as_many_epochs_as_a_slider_has_stops():
    assert 200 < len(filled(2000, 1, 2**30).epochs) <= 400


@given(st.integers(1, 300), st.integers(0, 300), st.integers(0, 300), st.integers(2, 40))
def test_epochs_trained_again_replace_what_was_kept_of_them(epochs, back, more, most):
    back = min(back, epochs)
    snapshots = filled(epochs, 1, most)
    before = snapshots.epochs
    snapshots = snapshots.up_to(back)
    assert snapshots.epochs == tuple(epoch for epoch in before if epoch <= back)
    for epoch in range(back + 1, back + 1 + more):
        snapshots = snapshots.with_epoch(epoch, f"again {epoch}")
    kept = snapshots.epochs
    assert kept[0] == 0
    assert list(kept) == sorted(set(kept))
    assert len(kept) <= most
    if more:
        assert kept[-1] == back + more
    for epoch in kept:
        assert snapshots.nearest(epoch) == (epoch, f"again {epoch}" if epoch > back else f"weights of {epoch}")


@given(st.integers(0, 300), st.integers(0, 300), st.integers(2, 40))
def test_from_the_last_kept_epoch_up_to_another_all_can_be_trained_again(epochs, wanted, most):
    snapshots = filled(epochs, 1, most)
    epoch, weights = snapshots.last_up_to(wanted)
    assert epoch == max(kept for kept in snapshots.epochs if kept <= wanted)
    assert weights == f"weights of {epoch}"
