"""Training a new network at every change, while that is switched on."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from core.jobs.job import Job
from core.jobs.jobs import Jobs
from core.messages.updates import FINISHED, PAUSED, QUEUED, RUNNING
from tests.pages.lab_page import LONG, SMALL, LabPage

OpenLab = Callable[..., LabPage]

SWITCH = "Train on every change"
QUICK = f"{SMALL}&epochs=5"


def test_it_is_off_at_first_and_no_part_of_the_experiment(lab: LabPage) -> None:
    assert lab.control(SWITCH).value is False
    before = lab.address
    lab.choose(SWITCH, True)
    assert lab.address == before


def test_switched_on_it_trains_at_once_and_to_the_end(open_lab: OpenLab) -> None:
    lab = open_lab(QUICK).choose(SWITCH, True)
    assert lab.running.experiment == lab.experiment
    lab.wait_for_status(FINISHED)
    assert lab.running.epoch == 5


def test_a_change_restarts_silently_and_replaces_the_run_before(open_lab: OpenLab, jobs: Jobs) -> None:
    lab = open_lab(QUICK).choose(SWITCH, True).wait_for_status(FINISHED)
    first = lab.running
    lab.choose("Layer 1: units", 8)
    assert lab.notes == []
    assert lab.running is not first
    assert lab.running.experiment == lab.experiment
    assert not _exists(jobs, first)
    lab.wait_for_status(FINISHED)
    assert lab.running.epoch == 5
    # It is the training that a press of Train starts.
    pressed = open_lab(QUICK.replace("tanh-3", "tanh-8")).press("train").wait_for_status(FINISHED)
    assert pressed.running.history() == lab.running.history()


@pytest.mark.parametrize(("label", "chosen"), [("Learning rate", 0.1), ("Epochs", 200)])
def test_nothing_reaches_a_run_as_it_trains(open_lab: OpenLab, jobs: Jobs, label: str, chosen: object) -> None:
    lab = open_lab(LONG).choose(SWITCH, True)
    first = lab.wait_until_training()
    lab.choose(label, chosen)
    assert lab.running is not first
    assert lab.running.experiment == lab.experiment
    assert lab.notes == []
    assert not _exists(jobs, first)
    assert first.experiment != lab.experiment


def test_more_epochs_after_the_end_restart_too(open_lab: OpenLab) -> None:
    lab = open_lab(QUICK).choose(SWITCH, True).wait_for_status(FINISHED)
    first = lab.running
    lab.choose("Epochs", 9)
    assert lab.running is not first
    assert first.epoch == 5


def test_of_several_moves_only_the_last_is_trained(open_lab: OpenLab, jobs: Jobs) -> None:
    lab = open_lab(QUICK).choose(SWITCH, True)
    passed = [lab.running]
    for rate in (0.02, 0.03, 0.05):
        passed.append(lab.choose("Learning rate", rate).running)
    assert [_exists(jobs, job) for job in passed] == [False, False, False, True]
    assert lab.wait_for_status(FINISHED).running is passed[-1]


def test_another_run_of_the_page_trains_nothing_new(open_lab: OpenLab) -> None:
    lab = open_lab(QUICK).choose(SWITCH, True)
    job = lab.running
    assert lab.run().running is job
    assert lab.wait_for_status(FINISHED).running is job
    assert lab.run().run().running is job
    assert lab.choose_speed("slow").running is job
    assert lab.turn_to("learn").turn_to("lab").running is job
    assert lab.control(SWITCH).value is True


def test_reset_holds_until_the_next_change(open_lab: OpenLab) -> None:
    lab = open_lab(QUICK).choose(SWITCH, True).wait_for_status(FINISHED).press("reset")
    assert lab.job is None
    assert lab.run().job is None
    assert lab.press("new-weights").running.experiment.training.seed == 1


def test_switched_on_during_a_run_it_lets_that_go_on(open_lab: OpenLab) -> None:
    lab = open_lab(f"{SMALL}&epochs=100")
    job = lab.train_slowly()
    assert lab.choose(SWITCH, True).running is job
    assert lab.choose("Learning rate", 0.1).running is not job


def test_switched_on_beside_a_paused_run_it_restarts(open_lab: OpenLab) -> None:
    lab = open_lab(QUICK)
    job = lab.press("step").wait_for_status(PAUSED).running
    lab.choose(SWITCH, True)
    assert lab.running is not job
    assert lab.running.status in (QUEUED, RUNNING)


def test_a_paused_run_stays_paused_until_something_changes(open_lab: OpenLab) -> None:
    lab = open_lab(LONG).choose(SWITCH, True)
    job = lab.wait_until_training()
    lab.press("pause").wait_for_status(PAUSED)
    assert lab.run().running is job
    assert job.status == PAUSED


def test_a_recipe_trains_at_once(lab: LabPage) -> None:
    lab.choose(SWITCH, True).choose("Recipe", "circles-linear")
    assert lab.running.experiment == lab.experiment
    assert lab.notes == []


def test_switched_off_again_a_change_after_the_end_does_not_train(open_lab: OpenLab) -> None:
    lab = open_lab(QUICK).choose(SWITCH, True).wait_for_status(FINISHED).choose(SWITCH, False)
    assert lab.choose("Layer 1: units", 8).job is None
    assert lab.choose(SWITCH, True).running.experiment == lab.experiment


def test_switched_on_again_it_trains_what_is_not_trained(open_lab: OpenLab) -> None:
    lab = open_lab(QUICK).choose(SWITCH, True).wait_for_status(FINISHED)
    lab.choose(SWITCH, False).press("reset").choose(SWITCH, True)
    assert lab.running.experiment == lab.experiment


def test_it_is_kept_over_a_reload_which_trains_nothing(open_lab: OpenLab, jobs: Jobs) -> None:
    lab = open_lab(QUICK, browser="keeps").choose(SWITCH, True).wait_for_status(FINISHED)
    again = open_lab(QUICK, browser="keeps")
    assert again.control(SWITCH).value is True
    assert again.running is lab.running
    other = open_lab(f"{QUICK}&seed=5", browser="keeps")
    assert other.control(SWITCH).value is True
    assert other.job is None
    assert other.choose("Layer 1: units", 8).running.experiment == other.experiment
    other.choose(SWITCH, False)
    assert open_lab(QUICK, browser="keeps").control(SWITCH).value is False
    assert open_lab(QUICK, browser="another").control(SWITCH).value is False


def test_rows_that_cannot_be_split_start_nothing(open_lab: OpenLab, jobs: Jobs) -> None:
    lab = open_lab("data=iris&split=ordered&train_rows=150&epochs=5", browser="no split").choose(SWITCH, True)
    assert lab.job is None
    assert jobs.find("no split", lab.experiment) is None
    lab.choose("Training rows", 120)
    assert lab.wait_for_status(FINISHED).running.experiment == lab.experiment


def _exists(jobs: Jobs, job: Job) -> bool:
    return jobs.get(job.token, job.owner) is not None
