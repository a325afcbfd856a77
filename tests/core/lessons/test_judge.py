"""Goals are judged on finished runs alone, and what is missing is told in numbers."""

from dataclasses import replace

import numpy as np
import pytest

from core.experiment import Experiment, read_query
from core.experiment.control_limits import make_limits
from core.lessons.finished_run import FinishedRun
from core.lessons.judge import MISSED, REACHED, SEEDS, WAITING, asked, judge, judge_seeds, must_go_back, seeds_study
from core.messages.updates import FAILED, FINISHED, INTERRUPTED, STOPPED
from core.runs.values import DIVERGED
from core.studies.results import MemberResult
from tests.core.lessons.files import step_with

SETUP = "data=moons&points=100&layers=none&epochs=5"
HISTORY = {
    "loss": [0.9, 0.7, 0.5, 0.45, 0.44],
    "accuracy": [0.5, 0.6, 0.9, 0.95, 0.95],
    "val_loss": [0.9, 0.6, 0.4, 0.5, 0.6],
    "val_accuracy": [0.5, 0.7, 0.92, 0.91, 0.85],
}


def run_of(address: str = SETUP, status: str = FINISHED, parameters: int = 61, **more) -> FinishedRun:
    history = {name: np.array(column, np.float32) for name, column in (HISTORY | more.pop("history", {})).items()}
    return FinishedRun("a" * 32, (read_query(address),), status, history, parameters, **more)


@pytest.mark.parametrize(
    ("goal", "missing"),
    [
        ("val_accuracy: at least 0.85", ""),  # 0.85 in float32 is below 0.85
        ("val_accuracy: at most 0.85", ""),
        ("val_accuracy: at least 0.95", "Held-out accuracy 0.85, asked at least 0.95."),
        ("best val_accuracy: at least 0.92", ""),
        ("best val_accuracy: at least 0.95", "Held-out accuracy at its best epoch 0.92, asked at least 0.95."),
        ("loss: at most 0.4", "Training loss 0.44, asked at most 0.4."),
        ("gap accuracy: at least 0.1", ""),
        (
            "gap accuracy: at most 0.05",
            "Accuracy on training rows above that on held-out rows 0.1, asked at most 0.05.",
        ),
        ("gap loss: at least 0.16", ""),
        ("parameters: at most 30", "Parameters 61, asked at most 30."),
        ("layers: at least 1", "Hidden layers 0, asked at least 1."),
        ("units: at most 0", ""),
        ("epochs: at most 4", "Epochs 5, asked at most 4."),
        (
            "val_accuracy: at least 0.95\nparameters: at most 30",
            "Held-out accuracy 0.85, asked at least 0.95; parameters 61, asked at most 30.",
        ),
        ("diverged: yes", "The run has not diverged."),
        ("settings:\n  batch: 32", ""),
        ("settings:\n  batch: 1", "Batch size 32, asked 1."),
        ("settings:\n  lr: at most 0.001", "Learning rate 0.01, asked at most 0.001."),
        ("only changed: nothing", ""),
    ],
)
def test_a_goal_is_reached_or_says_in_numbers_what_is_missing(goal, missing):
    verdict = judge(step_with(goal), run_of())
    assert verdict.state == (MISSED if missing else REACHED)
    assert verdict.sentence == missing


@pytest.mark.parametrize(
    ("only", "address", "missing"),
    [
        ("nothing", "layers=none&epochs=9", "Epochs is 9, must stay 5."),
        ("[epochs]", "layers=none&epochs=9", ""),
        ("nothing", "layers=none&epochs=5&seed=7", ""),
        ("[epochs]", "layers=none&epochs=5&optimizer=sgd&momentum=0.9", "must stay adam"),
        ("[optimizer]", "layers=none&epochs=5&optimizer=sgd&momentum=0.9", ""),
        ("[l2]", "layers=none&epochs=5&l2=0.1&l2_on=kernel,bias", ""),
        ("[layers]", "layers=none&epochs=5&noise=0", "Noise is 0, must stay 0.05."),
        ("[layers, noise]", "layers=none&epochs=5&noise=0", ""),
    ],
)
def test_only_what_a_goal_allows_may_change(only, address, missing):
    verdict = judge(step_with(f"only changed: {only}"), run_of(f"data=moons&points=100&{address}"))
    assert verdict.state == (MISSED if missing else REACHED), verdict
    assert missing in verdict.sentence


def test_data_and_split_stay_unless_the_goal_says_otherwise():
    """Nobody reaches a goal with easier data, or by being judged on rows that were trained on."""
    step = step_with("val_accuracy: at least 0.8")
    for easier in ("data=linear&points=100", "data=moons&points=100&noise=0", "data=moons&points=100&split=all"):
        verdict = judge(step, run_of(f"{easier}&layers=none&epochs=5"))
        assert verdict.state == MISSED
        assert "must stay" in verdict.sentence
    assert "prove nothing" in judge(step, run_of("data=moons&points=100&split=all&layers=none&epochs=5")).mistake
    assert judge(step, run_of("data=moons&points=100&layers=tanh-9&optimizer=sgd&epochs=5")).state == REACHED


def test_what_was_changed_meanwhile_counts():
    before = replace(run_of().experiment, training=replace(run_of().experiment.training, learning_rate=0.5))
    run = replace(run_of(), experiments=(before, run_of().experiment))
    assert judge(step_with("only changed: nothing"), run).sentence == "Learning rate is 0.5, must stay 0.01."


def test_only_a_run_that_has_finished_by_itself_counts():
    step = step_with("val_accuracy: at least 0.5")
    assert judge(step, None).state == WAITING
    assert judge(step, None).missing == ("held-out accuracy at least 0.5",)
    for status in (STOPPED, INTERRUPTED):
        verdict = judge(step, run_of("data=moons&points=100&layers=none&epochs=9", status=status))
        assert verdict.state == MISSED
        assert "stopped after 5 of 9 epochs" in verdict.sentence
    assert judge(step, run_of(status=DIVERGED)).sentence == "The run diverged in epoch 5."
    assert "by hand" in judge(step, run_of(was_edited=True)).sentence


def test_a_run_that_has_to_diverge():
    step = step_with("diverged: yes\nonly changed: [lr]")
    assert judge(step, run_of(f"{SETUP}&lr=10", status=DIVERGED)).state == REACHED
    assert judge(step, run_of(f"{SETUP}&lr=10&batch=1", status=DIVERGED)).state == MISSED


def test_the_figures_are_those_of_the_weights_that_the_run_ends_with():
    address = f"{SETUP}&patience=2"
    assert judge(step_with("val_accuracy: at least 0.92"), run_of(address)).state == REACHED
    late = judge(step_with("val_accuracy: at least 0.92"), run_of(f"{address}&restore_best=no"))
    assert late.sentence == "Held-out accuracy 0.85, asked at least 0.92."


def test_recall_comes_from_the_confusion_matrix():
    confusion = np.array([[95, 0], [3, 2]])
    step = step_with("lowest recall: at least 0.5")
    assert judge(step, run_of(confusion=confusion)).sentence.startswith(
        "Lowest recall of a class 0.4, asked at least 0.5"
    )
    assert judge(step_with("balanced accuracy: at least 0.7"), run_of(confusion=confusion)).state == REACHED
    assert "unknown" in judge(step, run_of()).sentence


def test_places_have_to_be_opened():
    step = step_with("opened: [inside, draw]", addresses=False)
    assert judge(step, None, {"inside"}).missing == ("open Draw",)
    assert judge(step, None, {"inside"}).state == WAITING
    assert judge(step, None, {"inside", "draw"}).state == REACHED
    both = step_with("val_accuracy: at least 0.8\nopened: results")
    assert judge(both, run_of()).state == WAITING
    assert judge(both, run_of(), {"results"}).state == REACHED
    assert judge(both, None, {"results"}).state == WAITING


def results(step, experiment: Experiment, scores: list[float], failed: int = 0) -> list[MemberResult]:
    study = seeds_study(step, experiment)
    assert len(study.members) == len(scores)
    return [
        MemberResult(
            member,
            FAILED if place < failed else FINISHED,
            {name: np.array([*column[:-1], score if name == "val_accuracy" else column[-1]], np.float32)
             for name, column in HISTORY.items()},
        )
        for place, (member, score) in enumerate(zip(study.members, scores, strict=True))
    ]  # fmt: skip


def test_seeds_are_trained_where_luck_plays_a_part():
    step = step_with("val_accuracy: at least 0.9\nparameters: at most 70\nseeds: 3 of 4")
    run = run_of(f"{SETUP}&seed=77")  # whose own figure is too low, by bad luck
    verdict = judge(step, run)
    assert verdict.state == SEEDS
    assert [member.experiment.training.seed for member in verdict.study.members] == [0, 1, 2, 3]
    reached = judge_seeds(step, run, results(step, run.experiment, [0.95, 0.9, 0.99, 0.2]))
    assert (reached.state, reached.met) == (
        REACHED,
        ("3 of 4 seeds reach held-out accuracy at least 0.9",),
    )
    missed = judge_seeds(step, run, results(step, run.experiment, [0.95, 0.9, 0.8, 0.2]))
    assert missed.state == MISSED
    assert missed.sentence == (
        "2 of 4 seeds reach held-out accuracy at least 0.9, asked 3 (held-out accuracy from 0.2 to 0.95)."
    )
    assert judge_seeds(step, run, results(step, run.experiment, [0.95, 0.9, 0.99, 0.2], failed=1)).state == MISSED


def test_what_luck_has_no_part_in_is_judged_before_seeds_are_trained():
    step = step_with("val_accuracy: at least 0.9\nparameters: at most 30\nseeds: 3 of 4")
    assert judge(step, run_of()).sentence == "Parameters 61, asked at most 30."


@pytest.mark.parametrize(
    ("address", "more", "words"),
    [
        (f"{SETUP}&lr=10", {"status": DIVERGED}, "learning rate is too high: at 10 "),
        (SETUP, {}, "no hidden layer"),
        ("data=moons&points=100&layers=linear-8&epochs=5", {}, "are linear"),
        (
            "data=moons&points=100&layers=tanh-4&epochs=5&lr=1",
            {"history": {"loss": [0.7, 0.8, 0.9, 0.8, 0.9]}},
            "too high: at 1 ",
        ),
        (
            "data=moons&points=100&layers=tanh-4&epochs=5&lr=1",
            {"history": {"loss": [2.3, 0.5, 0.9, 0.5, 0.8]}},
            "too high: at 1 ",
        ),
        (
            "data=moons&points=100&layers=tanh-4&epochs=5&lr=0.001",
            {"history": {"loss": [1, 0.9, 0.8, 0.7, 0.6]}},
            "too low",
        ),
        ("data=moons&points=100&layers=tanh-4&epochs=5", {}, "overfits: its held-out loss was lowest in epoch 3"),
        (
            "data=moons&points=100&layers=tanh-4&epochs=5",
            {"history": {"loss": [1, 0.9, 0.8, 0.7, 0.6], "val_loss": [1, 0.9, 0.8, 0.7, 0.6]}},
            "still falls: train on",
        ),
        (
            "data=moons&points=100&layers=tanh-4&epochs=5",
            {"history": {"loss": [0.5] * 5, "val_loss": [0.5] * 5}},
            None,
        ),
    ],
)  # fmt: skip
def test_a_typical_mistake_is_named(address, more, words):
    # Whoever has only missed a setting that was asked is not told to train otherwise.
    settings = judge(step_with("settings:\n  batch: 1"), run_of(address, **more))
    assert (settings.mistake == "") == (not more.get("status"))

    verdict = judge(step_with("val_accuracy: at least 0.99"), run_of(address, **more))
    assert verdict.state == MISSED
    assert (verdict.mistake == "") if words is None else (words in verdict.mistake)


@pytest.mark.parametrize(
    ("only", "words"),
    [
        ("nothing", "the run as it is set up"),
        ("[lr]", "only learning rate changed"),
        ("[lr, batch, epochs]", "only learning rate, batch size and epochs changed"),
    ],
)
def test_what_may_change_is_listed(only, words):
    assert asked(step_with(f"only changed: {only}").goal) == (words,)


def test_a_run_whose_losses_jump_about_is_not_said_to_overfit():
    epochs = np.arange(60)
    jumping = np.where(epochs % 2, 3.0, 2.0)
    history = {
        "accuracy": [0.5] * 60,
        "val_accuracy": [0.5] * 60,
        "loss": jumping,
        "val_loss": jumping - 1.5 * (epochs == 9),
    }
    step = step_with("val_accuracy: at least 0.99", "data=moons&points=100&layers=tanh-4&epochs=60")
    address = "data=moons&points=100&layers=tanh-4&epochs=60"
    assert "overfits" not in judge(step, run_of(address, history=history)).mistake
    falling = history | {"loss": 2.0 / (1 + epochs), "val_loss": np.abs(epochs - 20) / 20 + 0.5}
    assert "lowest in epoch 21" in judge(step, run_of(address, history=falling)).mistake


@pytest.mark.parametrize(
    ("goal", "address", "held", "must"),
    [
        ("only changed: [lr]", "lr=0.5&seed=4", (), False),
        ("only changed: [lr]", "lr=0.5&batch=8", (), True),
        ("only changed: [optimizer]", "optimizer=sgd&momentum=0.5", (), False),
        ("epochs: at least 5", "batch=8", (), False),
        ("epochs: at least 5", "batch=8", ("batch",), True),
        ("epochs: at least 5", "batch=8&seed=4", ("seed",), False),
        ("epochs: at least 5", "noise=0.3", (), True),
    ],
)
def test_what_has_to_stay_or_cannot_be_changed_must_go_back(goal, address, held, must):
    step = step_with(goal)
    now = read_query(f"data=moons&points=100&layers=none&epochs=5&{address}")
    assert must_go_back(step, now, make_limits((), held)) == must
    assert not must_go_back(step, step.setup, make_limits((), held))
