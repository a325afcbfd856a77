"""What a changed control does to a run: it is adjusted, restarted, extended or left alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from core.analysis.axes import Axes
from core.experiment import read_query
from core.messages.updates import FINISHED, PAUSED, QUEUED, RUNNING, STOPPED
from tests.pages.lab_page import PARTS, SMALL, LabPage
from tests.waiting import wait_until
from ui.server import jobs

OpenLab = Callable[..., LabPage]
LONG = f"{SMALL}&epochs=100"


# `core.experiment.can_become` decides what reaches a run; its own tests hold every field. Here is one of each kind: an
# argument of the same program, another program for the same weights, a penalty that comes.
@pytest.mark.parametrize(("label", "chosen"), [("Learning rate", 0.1), ("Batch size", 64), ("L1 penalty", 0.001)])
def test_some_changes_reach_a_run_as_it_trains(open_lab: OpenLab, label: str, chosen: object) -> None:
    lab = open_lab(LONG)
    job = lab.train_slowly()
    lab.choose(label, chosen)
    assert lab.running is job
    assert lab.notes == []
    assert job.experiment == lab.experiment
    epoch = job.epoch
    lab.wait_for(lambda: job.epoch > epoch)
    assert job.status == RUNNING
    assert len(job.history()["loss"]) == job.epoch


def test_every_other_change_restarts_a_run_and_says_so(open_lab: OpenLab) -> None:
    lab = open_lab(LONG)
    job = lab.train_slowly()
    for label, chosen, note in (
        ("Noise", 0.2, "Data changed"),
        ("Layer 1: units", 16, "Network changed"),
        ("Beta 1", 0.5, "Training changed"),
        ("Weight seed", 3, "New weights"),
        ("Recipe", "circles-linear", "Data, network and training changed"),
    ):
        lab.choose(label, chosen)
        assert lab.running is not job, label
        job = lab.running
        assert job.experiment == lab.experiment
        assert job.status in (QUEUED, RUNNING)
        assert lab.notes == [f"{note}: training restarted."]
        assert lab.run().notes == []
    lab.press("new-weights")
    assert lab.running is not job
    assert lab.running.experiment.training.seed == job.experiment.training.seed + 1
    assert lab.notes == ["New weights: training restarted."]


def test_more_and_fewer_epochs_move_the_end_of_a_run(open_lab: OpenLab) -> None:
    lab = open_lab(LONG)
    job = lab.train_slowly()
    lab.choose("Epochs", 200)
    assert lab.running is job
    assert lab.notes == []
    assert lab.panel("strip")["epochs"] == 200
    lab.choose("Epochs", 40).choose_speed("fast").wait_for_status(FINISHED)
    assert lab.running is job
    assert job.epoch == len(job.history()["loss"]) == 40


@pytest.mark.parametrize(("label", "chosen"), [("Learning rate", 1.0), ("Batch size", 8)])
def test_a_change_between_two_epochs_counts_from_the_second_on(open_lab: OpenLab, label: str, chosen: object) -> None:
    """The history differs from there on, and is the same before."""
    lab = open_lab(f"{SMALL}&epochs=2").press("step").wait_for_status(PAUSED)
    job = lab.running
    lab.choose(label, chosen)
    assert lab.running is job
    lab.press("step").wait_for_status(FINISHED)
    assert lab.running is job
    plain = open_lab(f"{SMALL}&epochs=2").press("train").wait_for_status(FINISHED).running.history()["loss"]
    assert job.history()["loss"][0] == plain[0]
    assert job.history()["loss"][1] != plain[1]


def test_more_epochs_after_the_end_continue_a_run(open_lab: OpenLab) -> None:
    lab = open_lab(f"{SMALL}&epochs=5").press("train").wait_for_status(FINISHED)
    job, before = lab.running, lab.running.history()
    lab.choose("Epochs", 9).wait_for(lambda: (job.epoch, job.status) == (9, FINISHED))
    assert lab.running is job
    assert lab.notes == []
    assert {name: column[:5] for name, column in job.history().items()} == before
    # Training with such a break is the training of all these epochs.
    whole = open_lab(f"{SMALL}&epochs=9").press("train").wait_for_status(FINISHED).running
    assert job.history() == whole.history()


@pytest.mark.parametrize("speed", ["fast", "watch"])
def test_epochs_raised_one_by_one_are_all_trained(open_lab: OpenLab, speed: str) -> None:
    """Whether the run has finished between two steps or not."""
    lab = open_lab(f"{SMALL}&epochs=3").choose_speed(speed).press("train").wait_for_status(FINISHED)
    job = lab.running
    for epochs in range(4, 11):
        assert lab.choose("Epochs", epochs).running is job
    lab.wait_for(lambda: (job.epoch, job.status) == (10, FINISHED))
    assert lab.running is job
    assert lab.notes == []
    assert lab.panel("strip")["epochs"] == 10
    whole = open_lab(f"{SMALL}&epochs=10").press("train").wait_for_status(FINISHED).running
    wait_until(lambda: job.history() == whole.history(), "the history that compiled programs give")


def test_more_epochs_after_the_end_of_a_run_that_rests_after_every_epoch_let_it_rest(open_lab: OpenLab) -> None:
    lab = open_lab(f"{SMALL}&epochs=2").choose_speed("step").press("step").wait_for_status(PAUSED)
    lab.press("train").wait_for_status(FINISHED)
    job = lab.running
    assert lab.choose("Epochs", 3).choose("Epochs", 4).running is job
    lab.wait_for_status(PAUSED)
    assert (job.epoch, job.experiment.training.epochs) == (2, 4)
    lab.press("train").wait_for(lambda: (job.epoch, job.status) == (3, PAUSED))


def test_more_epochs_for_a_run_that_did_more_than_it_was_asked_for_are_its_own(open_lab: OpenLab) -> None:
    """Where the number fell as the run trained, it may have been further by then."""
    lab = open_lab(f"{SMALL}&epochs=8").press("train").wait_for_status(FINISHED)
    job = lab.running
    jobs().change(job, read_query(f"{SMALL}&epochs=5"))
    for epochs, seen in ((5, 8), (6, 8), (7, 8), (9, 9)):
        lab.choose("Epochs", epochs).wait_for(lambda: (job.epoch, job.status) == (seen, FINISHED))  # noqa: B023
        assert lab.running is job
        assert lab.panel("strip")["epochs"] == epochs


def test_more_epochs_do_not_continue_a_run_that_ended_for_another_reason(open_lab: OpenLab) -> None:
    early = open_lab(f"{SMALL}&lr=0.00001&patience=1&target=0.01&epochs=20").press("train").wait_for_status(FINISHED)
    assert early.running.epoch < 20
    assert early.choose("Epochs", 30).job is None
    stopped = open_lab(LONG).press("step").wait_for_status(PAUSED).press("stop").wait_for_status(STOPPED)
    assert stopped.choose("Epochs", 200).job is None


@pytest.mark.parametrize(
    ("label", "chosen"), [("Epochs", 4), ("Learning rate", 0.1), ("Batch size", 64), ("Layer 1: units", 8)]
)
def test_any_other_change_after_the_end_does_not_train(open_lab: OpenLab, label: str, chosen: object) -> None:
    lab = open_lab(f"{SMALL}&epochs=5").press("train").wait_for_status(FINISHED)
    job, before = lab.running, lab.control(label).value
    lab.choose(label, chosen)
    assert lab.job is None
    assert lab.buttons["Train"]
    assert lab.notes == []
    assert (job.status, job.epoch) == (FINISHED, 5)
    # The run is found again when the control returns to its experiment.
    assert lab.choose(label, before).running is job
    assert lab.panel("result")["stream"] == lab.panel("strip")["stream"]


def test_a_chosen_axis_reaches_a_run_as_it_trains(open_lab: OpenLab) -> None:
    lab = open_lab(f"{PARTS}&epochs=100")
    job = lab.train_slowly()
    assert job.axes == Axes(2, 3)
    lab.choose("Horizontal axis", 1)
    assert lab.running is job
    assert job.axes == Axes(1, 3)
