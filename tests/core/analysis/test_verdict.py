"""What is said of a run, by hand."""

import math

import numpy as np
import pytest

from core.analysis.scores import ClassScores, NumberScores, wilson_interval
from core.analysis.verdict import class_findings, number_findings


def scores(right, rows, commonest=0.5):
    return ClassScores(rows, 0.3, right / rows, *wilson_interval(right, rows), commonest)


def history(loss=(), val_loss=(), accuracy=(), val_accuracy=()):
    return {"loss": loss, "accuracy": accuracy, "val_loss": val_loss, "val_accuracy": val_accuracy}


NOTHING = history()


def headlines(findings):
    return [finding.headline for finding in findings]


def test_a_gap_between_training_and_validation_is_overfitting():
    course = history(accuracy=[0.5, 0.9, 0.7, *[0.9] * 5], val_accuracy=[0.5, 0.8, 0.7, *[0.8] * 5])
    (found,) = class_findings(course, scores(400, 400), scores(160, 200), "validation")
    assert found.headline == "Overfitting"
    assert found.sentence == (
        "Training accuracy is 1.000 and validation accuracy 0.800: a gap of 0.20, "
        "and of at least 0.03 in every epoch since epoch 4."
    )


@pytest.mark.parametrize(
    "accuracy",
    [
        [0.6] * 10,  # as with dropout
        [0.7] * 6 + [0.9] * 4,  # for the last four epochs alone
        [0.9] * 9 + [0.7],
    ],
)
def test_a_gap_that_the_history_does_not_show_for_long_has_no_epoch(accuracy):
    course = history(accuracy=accuracy, val_accuracy=[0.7] * 10)
    (found,) = class_findings(course, scores(400, 400), scores(160, 200), "held-out")
    assert found.sentence == "Training accuracy is 1.000 and held-out accuracy 0.800: a gap of 0.20."


def test_a_gap_from_the_first_epoch_on():
    course = history(accuracy=[0.9] * 5, val_accuracy=[0.8] * 5)
    (found,) = class_findings(course, scores(400, 400), scores(160, 200), "held-out")
    assert found.sentence.endswith("since epoch 1.")


def test_a_gap_of_few_rows_may_be_chance():
    (found,) = class_findings(NOTHING, scores(380, 400), scores(18, 20), "held-out")
    assert found.headline == "Too few rows to tell"
    assert "0.05 below" in found.sentence
    assert "20 rows" in found.sentence


def test_held_out_rows_that_do_as_well():
    (found,) = class_findings(NOTHING, scores(380, 400), scores(188, 200), "held-out")
    assert found.headline == "Held-out rows do as well as training rows"
    assert found.sentence == "Accuracy is 0.940 on held-out rows and 0.950 on training rows."


def test_held_out_rows_that_are_easier():
    (found,) = class_findings(NOTHING, scores(320, 400), scores(200, 200), "validation")
    assert found.headline == "Validation rows do better than training rows"


@pytest.mark.parametrize(
    ("right", "headline"),
    [
        (90, "No better than guessing"),
        (100, "No better than guessing"),
        (105, "Possibly no better than guessing"),
    ],
)
def test_no_better_than_the_commonest_class(right, headline):
    found = class_findings(NOTHING, scores(right, 200), scores(right, 200), "held-out")
    assert found[0].headline == headline
    assert "right for 50.0% of the held-out rows" in found[0].sentence


def test_much_better_than_the_commonest_class_is_no_news():
    assert len(class_findings(NOTHING, scores(150, 200), scores(150, 200), "held-out")) == 1


def test_where_every_row_trains_nothing_is_tested():
    found = class_findings(history(loss=[1.0] * 20), scores(200, 200), None, "held-out")
    assert headlines(found) == ["Not tested"]


def test_a_loss_that_still_falls():
    falling = [1.0] * 10 + [0.8] * 5 + [0.6] * 5
    *_, found = class_findings(history(val_loss=falling), scores(95, 100), scores(95, 100), "validation")
    assert found.headline == "Loss is still falling"
    assert "validation loss of the last 5 epochs is 25% below that of the 5 epochs before" in found.sentence


def test_where_every_row_trains_the_loss_is_that_of_training():
    falling = [1.0] * 10 + [0.8] * 5 + [0.6] * 5
    *_, found = class_findings(history(loss=falling, val_loss=[1.0] * 20), scores(95, 100), None, "held-out")
    assert found.headline == "Loss is still falling"
    assert "training loss" in found.sentence


def test_a_loss_past_its_best():
    course = [*np.linspace(1, 0.2, 20), *np.linspace(0.2, 0.6, 20)]
    *_, found = class_findings(history(val_loss=course), scores(95, 100), scores(95, 100), "held-out")
    assert found.headline == "Past its best"
    assert "lowest after epoch 20, 0.2000" in found.sentence
    assert f"{np.mean(course[-5:]):.4f}" in found.sentence


@pytest.mark.parametrize("course", [[1.0] * 20, [0.001] * 10 + [0.002] * 10, [1.0, 0.5, 0.2], [0.5] * 19 + [math.nan]])
def test_a_loss_that_stands_still_or_is_short_or_no_number_is_no_news(course):
    assert len(class_findings(history(val_loss=course), scores(95, 100), scores(95, 100), "held-out")) == 1


def test_a_network_that_ran_away():
    away = ClassScores(100, math.nan, 0.5, 0.4, 0.6, 0.5)
    assert headlines(class_findings(NOTHING, away, away, "held-out")) == ["Diverged"]
    off = NumberScores(100, math.nan, math.nan, math.nan)
    assert headlines(number_findings(NOTHING, off, off, "held-out")) == ["Diverged"]


@pytest.mark.parametrize(
    ("training", "held_out", "rows", "headline"),
    [
        (1.0, 1.09, 100, "Held-out rows do as well as training rows"),
        (1.0, 2.0, 100, "Overfitting"),
        (1.0, 1.15, 1000, "Overfitting"),
        (1.0, 1.15, 100, "Too few rows to tell"),
        (1.0, 0.85, 100, "Too few rows to tell"),
        (1.0, 0.5, 100, "Held-out rows do better than training rows"),
        (0.0, 0.0, 100, "Held-out rows do as well as training rows"),
        (0.0, 1.0, 100, "Overfitting"),
    ],
)
def test_errors_of_numbers_are_compared(training, held_out, rows, headline):
    found = number_findings(
        NOTHING, NumberScores(400, 0.9, training, training), NumberScores(rows, 0.9, held_out, held_out), "held-out"
    )
    assert headlines(found) == [headline]


def test_numbers_that_the_mean_would_say_as_well():
    found = number_findings(NOTHING, NumberScores(100, 0.2, 3, 4), NumberScores(100, -0.1, 3, 4), "validation")
    assert found[0].headline == "No better than guessing"
    assert "validation rows" in found[0].sentence
    assert "-0.100" in found[0].sentence
