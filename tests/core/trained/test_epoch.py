"""After which epoch a run has its weights."""

import pytest

from core.experiment import read_query
from core.trained.epoch import weights_epoch

FALLS_THEN_RISES = [3.0, 2.0, 1.0, 1.0, 2.0, 3.0]


@pytest.mark.parametrize(
    ("query", "losses", "epoch"),
    [
        ("", FALLS_THEN_RISES, 6),
        ("patience=3", FALLS_THEN_RISES, 3),  # of two best epochs it goes back to the first
        ("patience=3&restore_best=no", FALLS_THEN_RISES, 6),
        ("patience=4", FALLS_THEN_RISES, 6),  # not stopped yet
        ("patience=4&epochs=6", FALLS_THEN_RISES, 3),  # its epochs are done
        ("patience=4&epochs=6&restore_best=no", FALLS_THEN_RISES, 6),
        ("patience=4&target=0.75", FALLS_THEN_RISES, 3),
        ("patience=4&target=0.8", FALLS_THEN_RISES, 6),
        ("data=plane&patience=4&target=0.75", FALLS_THEN_RISES, 3),
        ("patience=4&epochs=2", [float("nan"), 2.0], 2),
        ("patience=3", [], 0),
    ],
)
def test_a_run_that_is_over_goes_back_to_the_best_epoch(query, losses, epoch):
    scores = [0.75] * len(losses)
    assert weights_epoch(read_query(query), {"val_loss": losses, "val_accuracy": scores, "val_r2": scores}) == epoch
