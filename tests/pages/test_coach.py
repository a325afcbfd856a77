"""The coach beside the lab's name: it speaks, does what it says, and is silent when told."""

from __future__ import annotations

from collections.abc import Callable

from core.messages.updates import FINISHED
from core.trained.epoch import longest_wait
from tests.pages.lab_page import SMALL, LabPage

OpenLab = Callable[..., LabPage]

ZEROS = f"{SMALL}&init=zeros&epochs=30"
SWITCH = "Coach"


def said(lab: LabPage) -> str:
    """Return the sentence beside the name; "" where the coach says nothing."""
    found = [text.value for text in lab.at.main.markdown if "(glossary?" in text.value]
    assert len(found) <= 1
    return found[0] if found else ""


def trained(open_lab: OpenLab, query: str, browser: str | None = None) -> LabPage:
    return open_lab(query, browser).press("train").wait_for_status(FINISHED)


def test_one_click_does_what_it_says(open_lab: OpenLab) -> None:
    lab = trained(open_lab, ZEROS)
    assert "All weights start at zero" in said(lab)
    before = lab.running
    lab.press("coach-do")
    assert lab.experiment.network.initializer == "glorot_uniform"
    assert lab.running is not before
    assert lab.running.experiment == lab.experiment
    assert lab.control("Weight initializer").value == "glorot_uniform"  # the controls follow
    assert "zero" not in said(lab.wait_for_status(FINISHED))


def test_dismissed_it_says_nothing_more_about_this_run(open_lab: OpenLab) -> None:
    lab = trained(open_lab, ZEROS, "dismisses")
    lab.press("coach-dismiss")
    assert said(lab) == ""
    assert said(open_lab(ZEROS, "dismisses")) == ""  # after a reload
    lab.choose("Weight seed", 3).press("train").wait_for_status(FINISHED)
    assert said(lab) != ""


def test_it_can_be_turned_off_and_on_again(open_lab: OpenLab) -> None:
    lab = trained(open_lab, ZEROS, "turns off").press("coach-off")
    assert said(lab) == ""
    assert lab.control(SWITCH).value is False
    other = open_lab(ZEROS, "turns off")
    assert (said(other), other.control(SWITCH).value) == ("", False)
    other.choose(SWITCH, True)
    assert "zero" in said(other)


def test_it_has_the_finder_look_for_a_rate(open_lab: OpenLab) -> None:
    lab = trained(open_lab, f"{SMALL}&lr=0.00001&epochs=30")
    assert "far too small" in said(lab)
    lab.press("coach-do")
    assert lab.experiment.training.learning_rate > 0.00001
    lab.wait_for_status(FINISHED)
    assert lab.running.experiment == lab.experiment


def test_a_run_that_is_over_goes_back_to_its_best_weights(open_lab: OpenLab) -> None:
    lab = trained(open_lab, f"{SMALL}&noise=0.5&lr=0.1&epochs=40")
    run, history = lab.running, lab.running.history()
    wait = longest_wait(history["val_loss"])
    patience = next(stop for stop in (15, 20, 30, 50) if stop > wait)
    lab.choose("Early-stopping patience (epochs)", patience)
    assert lab.running is run
    assert run.history() == history
    best = run.array("weights_epoch")
    assert best is not None
    assert history["val_loss"][best[0] - 1] == min(history["val_loss"])
    trained(open_lab, f"{SMALL}&noise=0.5&lr=0.1&epochs=40&patience={patience}")
    assert lab.running.history() == history


def test_it_says_nothing_about_a_network_that_was_changed_by_hand_or_another_experiment(open_lab: OpenLab) -> None:
    lab = trained(open_lab, ZEROS)
    assert said(lab) != ""
    lab.choose("Weight initializer", "he_normal")
    assert said(lab) == ""


def test_it_changes_nothing_that_the_link_locks_or_hides(open_lab: OpenLab) -> None:
    assert said(trained(open_lab, f"{ZEROS}&lock=init", "locked")) == ""
    assert said(open_lab(f"{ZEROS}&hide=weights", "locked")) == ""
    assert said(open_lab(f"{ZEROS}&hide=coach", "locked")) == ""
    assert "zero" in said(open_lab(f"{ZEROS}&lock=lr,coach", "locked"))
