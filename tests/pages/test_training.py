"""Training from the page: what the buttons do, what a changed control does to a run, what is shown at the end."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from core.analysis.axes import Axes
from core.experiment import read_query
from core.jobs.job import Job
from core.messages.updates import FAILED, FINISHED, PAUSED, QUEUED, RUNNING, STOPPED
from tests.pages.lab_page import LabPage

OpenLab = Callable[..., LabPage]

IDLE = {"Train": True, "Step": True, "Stop": False, "Reset": False, "New weights": True}
AT_WORK = {"Pause": True, "Step": False, "Stop": True, "Reset": True, "New weights": True}
HELD = {"Resume": True, "Step": True, "Stop": True, "Reset": True, "New weights": True}
ENDED = {"Train": True, "Step": False, "Stop": False, "Reset": True, "New weights": True}

SLOW = 2.0  # epochs a second: a run at this pace does not end while a test looks at it


def test_train_runs_to_the_end_and_says_what_came_of_it(lab: LabPage) -> None:
    assert lab.buttons == IDLE
    lab.press("train")
    assert lab.running.status in (QUEUED, RUNNING)
    assert lab.buttons == AT_WORK
    lab.wait_for_status(FINISHED)
    assert lab.buttons == ENDED
    history = lab.running.history()
    assert [len(column) for column in history.values()] == [100] * 4
    assert history["val_accuracy"][-1] > 0.99
    assert _figures(lab) == (
        f"After epoch 100: training loss **{history['loss'][-1]:.4f}**, accuracy "
        f"**{history['accuracy'][-1]:.3f}** · held-out loss **{history['val_loss'][-1]:.4f}**, accuracy "
        f"**{history['val_accuracy'][-1]:.3f}**"
    )
    assert lab.popover("parameters").proto.popover.label == "25 parameters"


def test_numbers_end_with_their_own_figures(open_lab: OpenLab) -> None:
    lab = open_lab("data=plane&epochs=5").press("train").wait_for_status(FINISHED)
    loss, mae, r2, val_loss, val_mae, val_r2 = (column[-1] for column in lab.running.history().values())
    assert _figures(lab) == (
        f"After epoch 5: training loss **{loss:.4f}**, MAE **{mae:.4f}**, R² **{r2:.3f}** · "
        f"held-out loss **{val_loss:.4f}**, MAE **{val_mae:.4f}**, R² **{val_r2:.3f}**"
    )


@pytest.mark.parametrize("data", ["moons", "hills"])
def test_three_parts_end_with_validation_and_test_figures(open_lab: OpenLab, data: str) -> None:
    lab = open_lab(f"data={data}&validation=0.25&epochs=5").press("step").wait_for_status(PAUSED)
    assert _groups(lab) == ["training", "validation"]
    lab.press("train").wait_for_status(FINISHED)
    assert _groups(lab) == ["training", "validation", "test"]
    assert lab.running.test_metrics is not None
    last = str(_figures(lab)).partition(" · test ")[2]
    assert last.startswith(f"loss **{lab.running.test_metrics[0]:.4f}**, ")
    assert last.endswith(f"**{lab.running.test_metrics[-1]:.3f}**")
    assert last.count("**") == 2 * len(lab.running.test_metrics)


def test_figures_are_those_of_the_epoch_whose_weights_are_back(open_lab: OpenLab) -> None:
    query = "data=moons&points=60&noise=0.5&layers=tanh-3&batch=16&lr=0.1&epochs=60&patience=100"
    lab = open_lab(query).press("train").wait_for_status(FINISHED)
    losses = lab.running.history()["val_loss"]
    best = losses.index(min(losses)) + 1
    assert best < 60
    assert str(_figures(lab)).startswith(f"After epoch {best}: ")
    assert f"held-out loss **{min(losses):.4f}**" in str(_figures(lab))


def test_data_of_one_feature_train(open_lab: OpenLab) -> None:
    lab = open_lab("data=curve&epochs=3").press("train").wait_for_status(FINISHED)
    assert lab.running.axes is None
    assert "R²" in str(_figures(lab))


def test_there_are_no_final_figures_before_and_while_it_trains(lab: LabPage) -> None:
    assert _figures(lab) is None
    lab.choose("Speed", SLOW).press("train")
    lab.wait_for(lambda: lab.running.epoch > 0)
    assert lab.running.status == RUNNING
    assert _figures(lab) is None


def test_train_after_the_end_starts_a_new_run_with_the_same_history(open_lab: OpenLab) -> None:
    lab = open_lab("epochs=10").press("train").wait_for_status(FINISHED)
    first = lab.running
    lab.press("train")
    assert lab.running is not first
    lab.wait_for_status(FINISHED)
    assert lab.running.history() == first.history()


def test_pause_holds_a_run_and_resume_goes_on(lab: LabPage) -> None:
    lab.choose("Speed", SLOW).press("train").wait_for(lambda: lab.running.epoch > 0)
    job = lab.running
    lab.press("pause").wait_for_status(PAUSED)
    assert lab.buttons == HELD
    held = job.epoch
    assert 0 < held < 100
    assert f"After epoch {held}:" in str(_figures(lab))
    before = job.history()
    lab.choose("Speed", 0.0).press("train").wait_for_status(FINISHED)
    assert lab.running is job
    assert {name: column[:held] for name, column in job.history().items()} == before


def test_step_trains_exactly_one_epoch(open_lab: OpenLab) -> None:
    lab = open_lab("epochs=3")
    lab.press("step").wait_for_status(PAUSED)
    job = lab.running
    assert (job.epoch, len(job.history()["loss"])) == (1, 1)
    assert lab.buttons == HELD
    lab.press("step").wait_for(lambda: (job.epoch, job.status) == (2, PAUSED)).wait_for_status(PAUSED)
    lab.press("step").wait_for_status(FINISHED)
    assert job.epoch == 3
    assert lab.buttons == ENDED
    # Step by step or at one go is the same training.
    other = open_lab("epochs=3").press("train").wait_for_status(FINISHED).running
    assert other.history() == job.history()


def test_stop_ends_a_run_and_keeps_its_curves(lab: LabPage) -> None:
    lab.choose("Speed", SLOW).press("train").wait_for(lambda: lab.running.epoch > 0)
    lab.press("stop").wait_for_status(STOPPED)
    assert lab.buttons == ENDED
    job = lab.running
    assert len(job.history()["loss"]) == job.epoch > 0
    assert f"After epoch {job.epoch}:" in str(_figures(lab))


def test_a_paused_run_can_be_stopped(lab: LabPage) -> None:
    lab.press("step").wait_for_status(PAUSED).press("stop").wait_for_status(STOPPED)
    assert lab.running.epoch == 1


def test_reset_forgets_the_run_and_the_same_first_weights_give_the_same_history(open_lab: OpenLab) -> None:
    lab = open_lab("epochs=20&seed=5").press("train").wait_for_status(FINISHED)
    first = lab.running.history()
    lab.press("reset")
    assert lab.job is None
    assert lab.buttons == IDLE
    assert _figures(lab) is None
    assert lab.address["seed"] == "5"
    lab.press("train").wait_for_status(FINISHED)
    assert lab.running.history() == first


def test_reset_in_mid_training_stops_it(lab: LabPage) -> None:
    lab.choose("Speed", SLOW).press("train").wait_for(lambda: lab.running.epoch > 0)
    job = lab.running
    lab.press("reset")
    assert lab.job is None
    assert lab.buttons == IDLE
    assert lab.at.toast == []
    assert lab.run().job is None
    assert job.epoch < 100


def test_new_weights_is_the_next_seed(open_lab: OpenLab) -> None:
    lab = open_lab("epochs=5&seed=41").press("train").wait_for_status(FINISHED)
    first = lab.running.history()
    lab.press("new-weights")
    assert lab.address["seed"] == "42"
    assert lab.control("Weight seed").value == 42
    assert lab.job is None  # it does not train unasked
    lab.press("train").wait_for_status(FINISHED)
    assert lab.running.experiment == read_query("epochs=5&seed=42")
    assert lab.running.history()["loss"][0] != first["loss"][0]


def test_the_seed_after_the_last_is_the_first(open_lab: OpenLab) -> None:
    assert open_lab("seed=2147483647").press("new-weights").address["seed"] == "0"


def test_new_weights_while_it_trains_starts_afresh(lab: LabPage) -> None:
    lab.choose("Speed", SLOW).press("train")
    first = lab.running
    lab.press("new-weights")
    assert lab.running is not first
    assert lab.running.experiment.training.seed == 1
    assert lab.notes == ["New weights: training restarted."]


def test_more_epochs_go_on_with_the_run(lab: LabPage) -> None:
    job = _slow_run(lab)
    lab.choose("Epochs", 200)
    assert lab.running is job
    assert lab.notes == []
    assert lab.panel("strip")["epochs"] == 200
    lab.choose("Speed", 0.0).wait_for_status(FINISHED)
    assert job.epoch == len(job.history()["loss"]) == 200


def test_fewer_epochs_end_the_run_there(lab: LabPage) -> None:
    job = _slow_run(lab)
    lab.choose("Epochs", 10).choose("Speed", 0.0).wait_for_status(FINISHED)
    assert lab.running is job
    assert job.epoch == len(job.history()["loss"]) == 10


@pytest.mark.parametrize(
    ("start", "label", "chosen"),
    [
        ("", "Learning rate", 0.1),
        ("", "Batch size", 64),
        ("optimizer=sgd&momentum=0.9", "Momentum", 0.5),
        ("", "L1 penalty", 0.001),
        ("l2=0.001", "L2 penalty", 0.1),
        ("dropout=0.1", "Dropout after every hidden layer", 0.5),
        ("layers=tanh-4-drop0.2", "Layer 1: dropout", 0.5),
    ],
)
def test_what_a_network_can_take_reaches_a_run_as_it_trains(
    open_lab: OpenLab, start: str, label: str, chosen: object
) -> None:
    lab = open_lab(start)
    job = _slow_run(lab)
    lab.choose(label, chosen)
    assert lab.running is job
    assert lab.notes == []
    assert job.experiment == lab.experiment
    epoch = job.epoch
    lab.wait_for(lambda: job.epoch > epoch)
    assert job.status == RUNNING
    assert len(job.history()["loss"]) == job.epoch


@pytest.mark.parametrize(("label", "chosen"), [("Learning rate", 1.0), ("Batch size", 8)])
def test_a_change_between_two_epochs_counts_from_the_second_on(open_lab: OpenLab, label: str, chosen: object) -> None:
    """Another history from there, the same before."""
    lab = open_lab("epochs=2").press("step").wait_for_status(PAUSED)
    job = lab.running
    lab.choose(label, chosen)
    assert lab.running is job
    lab.press("step").wait_for_status(FINISHED)
    assert lab.running is job
    plain = open_lab("epochs=2").press("train").wait_for_status(FINISHED).running.history()["loss"]
    assert job.history()["loss"][0] == plain[0]
    assert job.history()["loss"][1] != plain[1]


def test_more_epochs_after_the_end_train_on(open_lab: OpenLab) -> None:
    lab = open_lab("epochs=5").press("train").wait_for_status(FINISHED)
    job, before = lab.running, lab.running.history()
    lab.choose("Epochs", 9).wait_for(lambda: job.epoch == 9).wait_for_status(FINISHED)
    assert lab.running is job
    assert lab.notes == []
    assert {name: column[:5] for name, column in job.history().items()} == before
    # Training that was interrupted so is the training of so many epochs.
    assert job.history() == open_lab("epochs=9").press("train").wait_for_status(FINISHED).running.history()


@pytest.mark.parametrize(("label", "chosen"), [("Epochs", 4), ("Learning rate", 0.1), ("Batch size", 64)])
def test_no_other_change_after_the_end_trains_on(open_lab: OpenLab, label: str, chosen: object) -> None:
    lab = open_lab("epochs=5").press("train").wait_for_status(FINISHED)
    first, epochs = lab.running, lab.running.epoch
    lab.choose(label, chosen)
    assert lab.job is None
    assert lab.buttons == IDLE
    assert (first.status, first.epoch) == (FINISHED, epochs)


def test_more_epochs_do_not_wake_a_run_that_ended_for_another_reason(open_lab: OpenLab) -> None:
    early = open_lab("lr=0.00001&patience=1&target=0.01&epochs=20").press("train").wait_for_status(FINISHED)
    assert early.running.epoch < 20
    assert early.choose("Epochs", 30).job is None
    stopped = open_lab("epochs=20").press("step").wait_for_status(PAUSED).press("stop").wait_for_status(STOPPED)
    assert stopped.choose("Epochs", 30).job is None
    query = "data=wine&scaling=none&layers=linear-64,linear-64&optimizer=sgd&lr=10&epochs="
    last = open_lab(f"{query}20").press("train").wait_for_status(FAILED).running.epoch
    failed = open_lab(f"{query}{last}").press("train").wait_for_status(FAILED)
    assert failed.running.epoch == last
    assert failed.choose("Epochs", 30).job is None


@pytest.mark.parametrize(
    ("label", "chosen", "what"),
    [
        ("Noise", 0.2, "Data changed"),
        ("Data set", "iris", "Data changed"),
        ("Scaling (fitted on training rows)", "standard", "Data changed"),
        ("Hidden layers", 1, "Network changed"),
        ("Layer 1: units", 16, "Network changed"),
        ("Validation share of training rows", 0.2, "Data changed"),
        ("Dropout after every hidden layer", 0.1, "Network changed"),
        ("Layer 1: normalization", "batch", "Network changed"),
        ("Weight initializer", "he_normal", "Network changed"),
        ("Max-norm", 1.0, "Network changed"),
        ("Optimizer", "sgd", "Training changed"),
        ("Beta 1", 0.5, "Training changed"),
        ("Learning-rate schedule", "cosine", "Training changed"),
        ("Loss", "hinge", "Training changed"),
        ("Early-stopping patience (epochs)", 10, "Training changed"),
        ("Weight seed", 3, "New weights"),
        ("Recipe", "circles-linear", "Data, network and training changed"),
    ],
)
def test_a_change_of_anything_else_starts_a_running_run_afresh_and_says_so(
    lab: LabPage, label: str, chosen: object, what: str
) -> None:
    job = _slow_run(lab)
    lab.choose(label, chosen)
    assert lab.running is not job
    assert lab.running.experiment == lab.experiment
    assert lab.running.status in (QUEUED, RUNNING)
    assert lab.notes == [f"{what}: training restarted."]
    assert lab.run().notes == []


def test_a_change_after_the_end_does_not_train_unasked(open_lab: OpenLab) -> None:
    lab = open_lab("epochs=5").press("train").wait_for_status(FINISHED)
    job = lab.running
    lab.choose("Layer 1: units", 8)
    assert lab.job is None
    assert lab.buttons == IDLE
    assert lab.notes == []
    # What was trained is found again when the controls say it again.
    lab.choose("Layer 1: units", 4)
    assert lab.running is job
    assert "After epoch 5:" in str(_figures(lab))


def test_a_loss_that_is_no_number_ends_the_run_with_advice(open_lab: OpenLab) -> None:
    lab = open_lab("data=wine&scaling=none&layers=linear-64,linear-64&optimizer=sgd&lr=10&epochs=20")
    lab.press("train").wait_for_status(FAILED)
    assert "standardize the data" in lab.running.message
    assert lab.buttons == ENDED


def test_a_chosen_axis_reaches_a_run_as_it_trains(open_lab: OpenLab) -> None:
    lab = open_lab("data=iris")
    job = _slow_run(lab)
    assert job.axes == Axes(0, 1)
    lab.choose("Horizontal axis", 2)
    assert lab.running is job
    assert job.axes == Axes(2, 1)


def test_pictures_are_answered(open_lab: OpenLab) -> None:
    lab = open_lab("recipe=digits&epochs=2").press("train").wait_for_status(FINISHED)
    answers = lab.running.array("strip")
    assert answers is not None
    assert answers.shape == (20,)
    assert lab.running.array("boundary") is None


def test_kerass_own_summary_appears(open_lab: OpenLab) -> None:
    lab = open_lab("layers=tanh-5,relu-3&dropout=0.1")
    lab.wait_for(lambda: bool(lab.popover("parameters").code))
    summary = lab.popover("parameters").code[0].value
    assert summary.count("(Dense)") == 3
    assert summary.count("(Dropout)") == 2
    assert "Total params: 37" in summary


def test_two_browsers_do_not_share_a_run_and_two_tabs_do(open_lab: OpenLab) -> None:
    lab = open_lab("epochs=5", browser="mine").press("train").wait_for_status(FINISHED)
    assert open_lab("epochs=5", browser="another's").job is None
    assert open_lab("epochs=5", browser="mine").job is lab.job


def test_a_second_tab_looks_at_a_run_as_the_first_does(open_lab: OpenLab) -> None:
    """As after a reload: the run keeps its speed and the features its boundary is drawn over."""
    first = open_lab("data=iris", browser="one").choose("Horizontal axis", 2)
    job = _slow_run(first)
    second = open_lab("data=iris", browser="one")
    assert second.running is job
    assert (second.control("Speed").value, second.control("Horizontal axis").value) == (SLOW, 2)
    assert (job.pace, job.axes) == (SLOW, Axes(2, 1))
    assert second.choose("Speed", 0.0).wait_for_status(FINISHED).running is job


def test_a_tab_that_began_without_controls_looks_at_a_run_as_the_others_do(open_lab: OpenLab) -> None:
    second = LabPage("one")
    second.at.switch_page("../pages/results.py")
    assert second.open("data=iris").job is None
    first = open_lab("data=iris", browser="one").choose("Horizontal axis", 2)
    job = _slow_run(first)
    second.at.query_params = {}
    second.turn_to("lab")
    assert second.running is job
    assert (second.control("Speed").value, second.control("Horizontal axis").value) == (SLOW, 2)
    assert (job.pace, job.axes) == (SLOW, Axes(2, 1))


def _figures(lab: LabPage) -> str | None:
    """Return the line of the final figures, or None where there is none."""
    return next((text for text in lab.texts if text.startswith("After epoch")), None)


def _groups(lab: LabPage) -> list[str]:
    """Return whose figures the line says, in its order."""
    return [group.split()[0] for group in str(_figures(lab)).partition(": ")[2].split(" · ")]


def _slow_run(lab: LabPage) -> Job:
    """Start a run that does not end while a test looks at it, and wait until it trains."""
    lab.choose("Speed", SLOW).press("train").wait_for(lambda: lab.running.epoch > 0)
    assert lab.running.status == RUNNING
    return lab.running
