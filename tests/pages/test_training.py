"""Training from the page: what the buttons do, and what is shown at the end."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from core.analysis.axes import Axes
from core.experiment import read_query
from core.jobs.jobs import Jobs
from core.messages.pace import FAST, SLOW, WATCH, speed_of
from core.messages.updates import FAILED, FINISHED, PAUSED, QUEUED, RUNNING, STOPPED
from tests.pages.lab_page import NUMBERS, PARTS, PICTURES, SMALL, LabPage
from tests.waiting import wait_until
from ui.session import speed

OpenLab = Callable[..., LabPage]

IDLE = {"Train": True, "Step": True, "Stop": False, "Reset": False, "New weights": True}
AT_WORK = {"Pause": True, "Step": False, "Stop": True, "Reset": True, "New weights": True}
HELD = {"Resume": True, "Step": True, "Stop": True, "Reset": True, "New weights": True}
ENDED = {"Train": True, "Step": False, "Stop": False, "Reset": True, "New weights": True}


def test_train_runs_to_the_end_and_the_line_below_the_figures_follows_it(lab: LabPage) -> None:
    assert lab.buttons == IDLE
    assert lab.panel("result")["stream"] is None
    lab.press("train")
    assert lab.running.status in (QUEUED, RUNNING)
    assert lab.buttons == AT_WORK
    lab.wait_for_status(FINISHED)
    assert lab.buttons == ENDED
    history = lab.running.history()
    assert [len(column) for column in history.values()] == [100] * 4
    assert history["val_accuracy"][-1] > 0.99
    assert (lab.panel("result")["stream"], lab.panel("result")["held_out"]) == (
        lab.panel("strip")["stream"],
        "held-out",
    )
    assert lab.popover("parameters").proto.popover.label == "25 parameters"


def test_regression_has_its_own_metrics(open_lab: OpenLab) -> None:
    lab = open_lab("data=curve&epochs=3").press("train").wait_for_status(FINISHED)
    assert list(lab.running.history()) == ["loss", "mae", "r2", "val_loss", "val_mae", "val_r2"]
    assert lab.panel("result")["held_out"] == "held-out"
    assert lab.running.axes is None  # one feature spans no plane


def test_where_every_row_trains_no_rows_are_called_held_out(open_lab: OpenLab) -> None:
    assert open_lab(f"{SMALL}&split=all").panel("result")["held_out"] is None


@pytest.mark.parametrize("query", [f"{PARTS}&epochs=3", f"{NUMBERS}&epochs=3"])
def test_three_parts_end_with_validation_and_test_metrics(open_lab: OpenLab, query: str) -> None:
    lab = open_lab(query).press("step").wait_for_status(PAUSED)
    assert lab.panel("result")["held_out"] == "validation"
    assert lab.running.array("test") is None
    job = lab.press("train").wait_for_status(FINISHED).running
    lab.wait_for(lambda: job.test_metrics is not None)  # where a preview is replayed, they come after that
    np.testing.assert_allclose(lab.running.array("test"), [lab.running.test_metrics])


def test_metrics_are_those_of_the_epoch_whose_weights_are_restored(open_lab: OpenLab) -> None:
    query = f"{SMALL}&noise=0.5&lr=0.1&epochs=60&patience=100"
    lab = open_lab(query).press("train").wait_for_status(FINISHED)
    losses = lab.running.history()["val_loss"]
    best = losses.index(min(losses)) + 1
    assert best < 60
    shown = lab.running.array("weights_epoch")
    assert shown is not None
    assert shown.tolist() == [best]


def test_resume_lets_a_run_go_on_that_goes_on_already(open_lab: OpenLab, jobs: Jobs) -> None:
    """As in another tab, or where it was paused because nobody was watching."""
    lab = open_lab(f"{SMALL}&epochs=100")
    job = lab.train_slowly()
    lab.press("pause").wait_for_status(PAUSED)
    jobs.resume(job)
    wait_until(lambda: job.status == RUNNING)
    assert lab.buttons == HELD
    assert lab.press("train").running is job
    assert job.status == RUNNING


def test_train_after_the_end_starts_a_new_run_with_the_same_history(open_lab: OpenLab) -> None:
    lab = open_lab(f"{SMALL}&epochs=5").press("train").wait_for_status(FINISHED)
    first = lab.running
    lab.press("train")
    assert lab.running is not first
    lab.wait_for_status(FINISHED)
    assert lab.running.history() == first.history()


def test_pause_holds_a_run_and_resume_continues_it(open_lab: OpenLab) -> None:
    lab = open_lab(f"{SMALL}&epochs=100")
    job = lab.train_slowly()
    lab.press("pause").wait_for_status(PAUSED)
    assert lab.buttons == HELD
    held = job.epoch
    assert 0 < held < 100
    before = job.history()
    lab.choose_speed("fast").press("train").wait_for_status(FINISHED)
    assert lab.running is job
    assert {name: column[:held] for name, column in job.history().items()} == before


def test_step_trains_exactly_one_epoch(open_lab: OpenLab) -> None:
    lab = open_lab(f"{SMALL}&epochs=3")
    lab.press("step").wait_for_status(PAUSED)
    job = lab.running
    assert (job.epoch, len(job.history()["loss"])) == (1, 1)
    assert lab.buttons == HELD
    lab.press("step").wait_for(lambda: (job.epoch, job.status) == (2, PAUSED))
    lab.press("step").wait_for_status(FINISHED)
    assert job.epoch == 3
    assert lab.buttons == ENDED
    # Training step by step and in one go is the same.
    other = open_lab(f"{SMALL}&epochs=3").press("train").wait_for_status(FINISHED).running
    assert other.history() == job.history()


def test_stop_ends_a_run_and_keeps_its_curves(open_lab: OpenLab) -> None:
    lab = open_lab(f"{SMALL}&epochs=100")
    job = lab.train_slowly()
    lab.press("stop").wait_for_status(STOPPED)
    assert lab.buttons == ENDED
    assert lab.running is job
    assert len(job.history()["loss"]) == job.epoch > 0


def test_a_paused_run_can_be_stopped(open_lab: OpenLab) -> None:
    lab = open_lab(f"{SMALL}&epochs=5").press("step").wait_for_status(PAUSED).press("stop").wait_for_status(STOPPED)
    assert lab.running.epoch == 1


def test_a_lost_connection_loses_neither_the_run_nor_the_speed(jobs: Jobs) -> None:
    lab = LabPage("me", {speed.COOKIE: "slow"}).open(f"{SMALL}&epochs=400").press("train")
    job = lab.running
    assert lab.run_disconnected().running is job
    assert speed_of(job.pace) == "slow"
    assert lab.run().running is job
    lab.press("reset")


def test_reset_forgets_the_run_and_the_same_initial_weights_give_the_same_history(open_lab: OpenLab) -> None:
    lab = open_lab(f"{SMALL}&epochs=5&seed=5").press("train").wait_for_status(FINISHED)
    first = lab.running.history()
    lab.press("reset")
    assert lab.job is None
    assert lab.buttons == IDLE
    assert lab.panel("result")["stream"] is None
    assert lab.address["seed"] == "5"
    lab.press("train").wait_for_status(FINISHED)
    assert lab.running.history() == first


def test_reset_while_it_trains_stops_it(open_lab: OpenLab) -> None:
    lab = open_lab(f"{SMALL}&epochs=100")
    job = lab.train_slowly()
    lab.press("reset")
    assert lab.job is None
    assert lab.buttons == IDLE
    assert lab.at.toast == []
    assert lab.run().job is None
    assert job.epoch < 100


def test_new_weights_is_the_next_seed(open_lab: OpenLab) -> None:
    lab = open_lab(f"{SMALL}&epochs=5&seed=41").press("train").wait_for_status(FINISHED)
    first = lab.running.history()
    lab.press("new-weights")
    assert lab.address["seed"] == "42"
    assert lab.control("Weight seed").value == 42
    assert lab.job is None  # it trains only on request
    lab.press("train").wait_for_status(FINISHED)
    assert lab.running.experiment == read_query(f"{SMALL}&epochs=5&seed=42")
    assert lab.running.history()["loss"][0] != first["loss"][0]


def test_the_seed_after_the_last_is_the_first(open_lab: OpenLab) -> None:
    assert open_lab("seed=2147483647").press("new-weights").address["seed"] == "0"


def test_a_loss_that_becomes_nan_ends_the_run_with_advice(open_lab: OpenLab) -> None:
    lab = open_lab("data=wine&scaling=none&layers=linear-64,linear-64&optimizer=sgd&lr=10&epochs=20")
    lab.press("train").wait_for_status(FAILED)
    assert "standardize the data" in lab.running.message
    assert lab.buttons == ENDED
    # More epochs cannot help it: the control leads to another experiment, which is not trained.
    last = lab.running.epoch
    lab.choose("Epochs", last).press("train").wait_for_status(FAILED)
    assert lab.running.epoch == last
    assert lab.choose("Epochs", 30).job is None


def test_pictures_are_predicted(open_lab: OpenLab) -> None:
    lab = open_lab(f"{PICTURES}&epochs=3").press("train").wait_for_status(FINISHED)
    predictions = lab.running.array("strip")
    assert predictions is not None
    assert predictions.shape == (20,)
    assert lab.running.array("boundary") is None


def test_kerass_own_summary_appears(open_lab: OpenLab) -> None:
    lab = open_lab("layers=tanh-5,relu-3&dropout=0.1")
    lab.wait_for_page(lambda: lab.popover("parameters").code)
    summary = lab.popover("parameters").code[0].value
    assert summary.count("(Dense)") == 3
    assert summary.count("(Dropout)") == 2
    assert "Total params: 37" in summary


def test_two_browsers_do_not_share_a_run_and_two_tabs_do(open_lab: OpenLab) -> None:
    lab = open_lab(f"{SMALL}&epochs=5", browser="mine").press("train").wait_for_status(FINISHED)
    assert open_lab(f"{SMALL}&epochs=5", browser="another's").job is None
    assert open_lab(f"{SMALL}&epochs=5", browser="mine").job is lab.job


def test_other_tabs_look_at_a_run_as_the_first_does(open_lab: OpenLab) -> None:
    """As after a reload: the run keeps its speed and the features that its boundary is drawn over."""
    late = LabPage("one")  # a tab whose first page has no controls
    late.at.switch_page("../pages/results.py")
    assert late.open(f"{PARTS}&epochs=100").job is None
    first = open_lab(f"{PARTS}&epochs=100", browser="one").choose("Horizontal axis", 1)
    job = first.train_slowly()
    late.turn_to("lab")
    for tab in (late, open_lab(f"{PARTS}&epochs=100", browser="one")):
        assert tab.running is job
        assert (tab.speed, tab.control("Horizontal axis").value) == ("slow", 1)
        assert (job.pace, job.axes) == (SLOW, Axes(1, 3))
    assert late.choose_speed("fast").wait_for_status(FINISHED).running is job


def test_at_first_a_run_is_for_watching_or_fast_for_whoever_wants_less_motion(jobs: Jobs) -> None:
    for motion, pace in (("", WATCH), ("less", FAST), ("any", WATCH)):
        lab = LabPage(f"new {motion}", {"hidden_layers_motion": motion}).open(SMALL)
        assert lab.speed == speed_of(pace)
        lab.press("train")
        assert lab.running.pace == pace
        jobs.forget(lab.running)


def test_a_chosen_speed_is_that_of_the_next_runs_in_all_tabs_of_the_browser(jobs: Jobs) -> None:
    lab = LabPage("chooser", {speed.COOKIE: "slow", "hidden_layers_motion": "less"}).open(f"{SMALL}&epochs=5")
    assert lab.speed == "slow"
    lab.choose_speed("step").press("train").wait_for_status(PAUSED)
    job = lab.running
    assert job.epoch == 1
    assert LabPage("chooser", {speed.COOKIE: "nonsense"}).open(f"{SMALL}&epochs=6").speed == "step"
    lab.press("train").wait_for(lambda: (job.epoch, job.status) == (2, PAUSED))
    lab.choose_speed("fast").press("train").wait_for_status(FINISHED)
    assert lab.running is job
    # Of a run that has ended the speed is the chosen one, wherever it was chosen.
    other = LabPage("chooser", {}).open(f"{SMALL}&epochs=6").choose_speed("watch")
    assert other.speed == lab.run().speed == "watch"
    jobs.forget(job)


def test_the_pace_of_a_run_that_goes_on_is_its_own(open_lab: OpenLab) -> None:
    lab = open_lab(f"{SMALL}&epochs=100", browser="paced")
    job = lab.train_slowly()
    open_lab(f"{SMALL}&epochs=7", browser="paced").choose_speed("watch")
    assert lab.run().speed == "slow"
    assert job.pace == SLOW


def test_training_on_every_change_is_always_fast(open_lab: OpenLab) -> None:
    lab = open_lab(f"{SMALL}&epochs=5").choose_speed("slow").choose("Train on every change", True)
    assert lab.running.pace == FAST
    assert lab.panel("speed")["fixed"]
    lab.wait_for_status(FINISHED).choose("Train on every change", False)
    assert lab.speed == "slow"
    assert not lab.panel("speed")["fixed"]
