"""A lesson beside the lab: predict, do, be judged, skip, come back, and take the progress along."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from core.experiment import read_query
from core.lessons.shelf import FOLDER_VARIABLE
from core.messages.updates import FINISHED
from core.runs.lesson_progress import BEGUN, DONE, SKIPPED
from core.runs.writer import RunWriter
from tests.pages.lab_page import SMALL, LabPage
from ui import server
from ui.learn.opened_places import file_of, opened_by
from ui.session import widgets

OpenLab = Callable[..., LabPage]

SETUP = f"{SMALL}&epochs=5"
LESSON = f"""---
id: small
title: A small lesson
minutes: 5
about: What a lesson does.
setup: {SETUP}
remember: Small things work.
more:
  place: results/per-class
  text: See every class
---

This is how it begins.

## Train it

### Predict

Will it train?

- [ ] No
  It will.
- [x] Yes
  It will indeed.

### Do

Press **Train**.

### Goal

```yaml
only changed: nothing
epochs: at least 5
reached by:
missed by: epochs=2
```

### Hint

Train stands above.

### Hint

Press it.

### What it means

It has trained.

## Try other seeds

### Do

Train for 10 epochs.

### Goal

```yaml
val_accuracy: at least 0.01
epochs: at least 10
seeds: 2 of 3
reached by: epochs=10
missed by: epochs=1
```

### What it means

Luck plays no part.

## Look at the results

### Do

Open **Results**.

### Goal

```yaml
opened: results
```
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A school's folder with one lesson."""
    folder = tmp_path / "lessons"
    folder.mkdir()
    (folder / "small.md").write_text(LESSON, "utf-8")
    monkeypatch.setenv(FOLDER_VARIABLE, str(folder))
    return folder


CONTROLS = """controls:
  shown: [epochs, batch]
  locked: [points, batch, speed]
  hidden: [reset]
"""


@pytest.fixture
def held(folder: Path) -> str:
    """The id of a lesson that hides, locks and folds away."""
    text = LESSON.replace("id: small", "id: held").replace("remember:", f"{CONTROLS}remember:")
    (folder / "held.md").write_text(text, "utf-8")
    return "held"


@pytest.fixture
def begun(open_lab: OpenLab) -> LabPage:
    """The lab with the lesson, opened from the gallery."""
    return open_lab("data=xor").turn_to("learn").press("lesson-small").turn_to("lab")


def said(lab: LabPage) -> str:
    """Everything that the page says."""
    boxes = (*lab.at.success, *lab.at.warning, *lab.at.info)
    return "\n".join([*lab.texts, *(box.value for box in boxes)])


def predict(lab: LabPage, place: int) -> LabPage:
    lab.at.radio[0].set_value(place)
    return lab.run()


def test_a_lesson_begins_with_its_set_up_and_with_a_prediction(begun: LabPage) -> None:
    assert begun.experiment_beside("lesson") == read_query(SETUP)
    assert begun.address["lesson"] == "small"
    assert "This is how it begins." in begun.texts
    assert "Lesson · Step 1 of 3" in begun.texts
    assert "Press **Train**." not in begun.texts
    predict(begun, 0)
    assert "It will." in said(begun)
    assert "Press **Train**." in begun.texts
    assert [radio.label for radio in begun.at.radio] == []


def test_whoever_does_not_know_sees_the_task_too(begun: LabPage) -> None:
    begun.press("lesson-dont-know")
    assert "Press **Train**." in begun.texts
    begun.press("lesson-hint")
    assert "**Hint 1.** Train stands above." in begun.texts
    begun.press("lesson-hint")
    assert "**Hint 2.** Press it." in begun.texts
    assert "lesson-hint" not in {button.key for button in begun.at.button}


def test_a_goal_is_judged_when_a_run_ends_and_says_what_is_missing(begun: LabPage) -> None:
    predict(begun, 1).choose("Epochs", 2).press("train").wait_for_status(FINISHED)
    assert "Not yet." in said(begun)
    assert "Epochs is 2, must stay 5" in said(begun)
    assert "It has trained." not in said(begun)
    begun.choose("Epochs", 5)
    if "Goal reached" not in said(begun):
        begun.wait_for_status(FINISHED)
    assert "Goal reached" in said(begun)
    assert "**What it means**\n\nIt has trained." in begun.texts
    begun.press("lesson-next")
    assert "Lesson · Step 2 of 3" in begun.texts


def test_a_run_from_before_the_step_does_not_count(begun: LabPage) -> None:
    predict(begun, 1).press("train").wait_for_status(FINISHED).press("lesson-next")
    assert "Goal reached" not in said(begun)
    assert "The app checks this as soon as a run has ended." in begun.texts


def test_seeds_are_trained_on_the_workers_and_the_study_is_the_proof(writer: RunWriter, open_lab: OpenLab) -> None:
    lab = open_lab(browser="me").turn_to("learn").press("lesson-small").turn_to("lab").press("lesson-skip")
    lab.choose("Epochs", 10).press("train").wait_for_status(FINISHED)
    lab.wait_for_page(lambda: "Goal reached" in said(lab))
    assert "3 of 3 seeds reach" in said(lab)
    steps = writer.lessons.progress("me")
    assert steps["small", "train-it"].state == SKIPPED
    done = steps["small", "try-other-seeds"]
    assert done.state == DONE
    assert done.proof is not None
    assert server.studies().snapshot("me", done.proof).total == 3


def test_progress_lasts_over_a_reload_with_the_lab_as_it_was(writer: RunWriter, open_lab: OpenLab) -> None:
    lab = open_lab(browser="me").turn_to("learn").press("lesson-small").turn_to("lab")
    predict(lab, 0).choose("Epochs", 20)
    address = "&".join(f"{key}={text}" for key, text in lab.address.items())
    assert writer.lessons.progress("me")["small", "train-it"].state == BEGUN
    again = open_lab(address, browser="me")
    assert again.address == lab.address
    assert "Lesson · Step 1 of 3" in again.texts
    assert "It will." in said(again)
    again.press("lesson-skip")
    assert "Lesson · Step 2 of 3" in open_lab("lesson=small", browser="me").texts
    assert "Lesson · Step 1 of 3" in open_lab("lesson=small", browser="somebody else").texts


def test_a_place_counts_once_it_is_opened_and_the_end_lists_what_was_skipped(begun: LabPage) -> None:
    begun.press("lesson-skip").press("lesson-skip")
    assert "Goal reached" not in said(begun)
    begun.turn_to("results")
    assert "Goal reached" in said(begun)
    begun.turn_to("lab").press("lesson-next")
    assert "Lesson · The end" in begun.texts
    assert "Small things work." in said(begun)
    assert [text for text in begun.texts if text.startswith("Skipped")] == [
        "Skipped: Train it",
        "Skipped: Try other seeds",
    ]
    begun.press("lesson-do-try-other-seeds")
    assert "Lesson · Step 2 of 3" in begun.texts
    assert begun.turn_to("learn").at.button(key="lesson-small").label == "Look again"
    assert "1 of 3 steps done, 2 skipped" in begun.texts


def test_the_link_at_the_end_opens_the_view_that_it_names(begun: LabPage) -> None:
    for _ in range(3):
        begun.press("lesson-skip")
    begun.press("lesson-more")
    assert begun.at.title[0].value == "Results"
    assert begun.at.session_state["results-view"] == "Per class"


def test_a_lesson_folds_away_and_is_left_without_a_trace_in_the_address(begun: LabPage) -> None:
    begun.press("lesson-fold")
    assert "This is how it begins." not in begun.texts
    begun.press("lesson-fold").press("lesson-close")
    assert "Lesson · Step 1 of 3" not in begun.texts
    begun.run()
    assert "lesson" not in begun.address
    assert begun.experiment == read_query(SETUP)


def test_other_data_can_be_set_back(begun: LabPage) -> None:
    begun.press("lesson-dont-know").choose("Data set", "xor").press("lesson-set-up")
    assert begun.experiment_beside("lesson") == read_query(SETUP)


def test_a_lesson_that_does_not_exist_harms_nothing(open_lab: OpenLab) -> None:
    lab = open_lab("lesson=nothing")
    assert "There is no lesson nothing on this server." in said(lab)
    assert lab.buttons["Train"]
    lab.press("lesson-close")
    assert "There is no lesson" not in said(lab)


def test_a_broken_lesson_is_shown_as_broken(folder: Path, lab: LabPage) -> None:
    (folder / "wrong.md").write_text(LESSON.replace("minutes: 5", "minuets: 5").replace("id: small", "id: other"))
    lab.turn_to("learn")
    assert any("This file is not a lesson" in text and "minuets" in text for text in lab.texts)
    assert lab.at.button(key="lesson-small").label == "Start"


def test_a_lesson_is_begun_again_from_the_gallery(begun: LabPage) -> None:
    begun.press("lesson-skip").turn_to("learn").press("over-small").press("lesson-small").turn_to("lab")
    assert "Lesson · Step 1 of 3" in begun.texts


def test_a_view_counts_as_opened_where_it_is_chosen_on_a_page_that_was_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = {"results-view": "Per class", "studies-kind": "Learning rate"}
    monkeypatch.setattr(widgets, "value", chosen.get)
    assert opened_by({"lab", "results"}) == {"lab", "results", "results/per-class"}
    assert opened_by({"studies"}) == {"studies", "studies/rate-finder"}
    assert file_of("take-home") == "../pages/take_home.py"
    assert file_of("results/per-class") == "../pages/results.py"


def test_a_lesson_hides_locks_and_folds_away_controls_until_it_is_left(held: str, open_lab: OpenLab) -> None:
    lab = open_lab("data=xor").turn_to("learn").press(f"lesson-{held}").turn_to("lab")
    assert lab.control("Points").disabled
    assert lab.control("Batch size").disabled
    assert not lab.control("Epochs").disabled
    assert lab.panel("speed")["fixed"]
    assert "Reset" not in lab.buttons
    assert not lab.has_control("Learning rate")
    assert not lab.has_control("Data set")
    assert {"hide", "lock"}.isdisjoint(lab.address)
    lab.choose("Epochs", 10).press("lesson-close")
    assert lab.experiment == read_query(SETUP.replace("epochs=5", "epochs=10"))
    assert not lab.control("Points").disabled
    assert not lab.panel("speed")["fixed"]
    assert "Reset" in lab.buttons
    assert lab.has_control("Learning rate")


def test_what_a_lesson_folds_away_is_unfolded_and_stays_so_in_the_next_step(held: str, open_lab: OpenLab) -> None:
    lab = open_lab(f"lesson={held}").press("lesson-controls")
    assert lab.has_control("Learning rate")
    assert lab.control("Points").disabled
    lab.press("lesson-skip")
    assert "Lesson · Step 2 of 3" in lab.texts
    assert lab.has_control("Learning rate")
    assert not lab.press("lesson-controls").has_control("Learning rate")


@pytest.mark.usefixtures("writer")
def test_the_end_of_a_lesson_frees_the_controls_also_after_a_reload(held: str, open_lab: OpenLab) -> None:
    lab = open_lab(f"lesson={held}", "me").press("lesson-skip").press("lesson-skip").press("lesson-skip")
    assert "Lesson · The end" in lab.texts
    assert not lab.control("Points").disabled
    assert "lesson-controls" not in {button.key for button in lab.at.button}
    again = open_lab(f"lesson={held}", "me")
    assert "Lesson · The end" in again.texts
    assert not again.control("Points").disabled
    again.press("lesson-do-train-it")
    assert again.control("Points").disabled


def test_a_link_and_a_lesson_both_hold_controls_and_the_address_keeps_those_of_the_link(
    held: str, open_lab: OpenLab
) -> None:
    lab = open_lab(f"lesson={held}&lock=epochs&hide=step")
    assert lab.control("Epochs").disabled
    assert lab.control("Points").disabled
    assert not {"Step", "Reset"} & set(lab.buttons)
    assert (lab.address["hide"], lab.address["lock"]) == ("step", "epochs")
    lab.press("lesson-close")
    assert lab.control("Epochs").disabled
    assert not lab.control("Points").disabled


def test_a_lesson_holds_the_controls_of_the_page_about_the_data_too(held: str, open_lab: OpenLab) -> None:
    lab = open_lab(f"lesson={held}").turn_to("data")
    assert lab.control("Points").disabled
    assert not lab.has_control("Data set")
    lab.press("lesson-close")
    assert lab.has_control("Data set")


def test_a_setting_that_a_lesson_locks_can_be_set_back(held: str, open_lab: OpenLab) -> None:
    lab = open_lab(f"lesson={held}&{SETUP.replace('batch=16', 'batch=4')}").press("lesson-dont-know")
    assert lab.control("Batch size").disabled
    lab.press("lesson-set-up")
    assert lab.experiment_beside("lesson") == read_query(SETUP)
    assert "lesson-set-up" not in {button.key for button in lab.at.button}
