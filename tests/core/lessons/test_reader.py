"""Lessons are read as they are written, and every mistake is told with its file and line."""

import pickle
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import LessonError
from core.experiment import read_query
from core.lessons.goal import Bound, Seeds, SettingValue
from core.lessons.goal_reader import GOAL_KEYS
from core.lessons.lesson import Choice, Controls, More
from core.lessons.quantities import BEST
from core.lessons.reader import BYTES_MOST, read_lesson
from tests.core.lessons.files import LESSON, lesson_with, step_with
from tests.layers import ROOT

SETUP = read_query("data=moons&points=100&layers=none&epochs=5")


def test_a_lesson_is_read_whole():
    lesson = lesson_with()
    assert (lesson.id, lesson.title, lesson.minutes, lesson.file) == ("a-test", "A test", 5, "test.md")
    assert lesson.setup == SETUP
    assert lesson.controls == Controls(("layers", "lr"), ("data",), ())
    assert lesson.intro == "Before the steps, with $x_1$."
    assert (lesson.remember, lesson.more) == ("A sentence.", More("inside/one-step", "See more"))
    first, second = lesson.steps
    assert (first.id, first.title, first.task, first.hints, first.meaning) == (
        "first",
        "First",
        "Train.",
        ("One.", "Two."),
        "A meaning.",
    )
    assert first.prediction is not None
    assert first.prediction.question == "What now?"
    assert first.prediction.choices == (Choice("This", "No.\n\nNot at all.", False), Choice("That", "Yes.", True))
    assert first.goal is not None
    assert first.goal.bounds == (Bound("val_accuracy", True, 0.9),)
    assert first.goal.reached_by == read_query("data=moons&points=100&layers=tanh-4&epochs=5")
    assert first.goal.missed_by == SETUP
    assert (second.prediction, second.goal, second.hints, second.setup) == (None, None, (), SETUP)
    assert (first.is_set_up, second.is_set_up) == (True, False)
    assert lesson.step("second") is second
    assert lesson.step("third") is None


@pytest.mark.parametrize(
    ("controls", "goal", "words"),
    [
        (
            "locked: [lr]",
            "only changed: [layers, lr]\nreached by: layers=tanh-4\nmissed by:",
            "needs `lr`, which is locked",
        ),
        ("hidden: [seed]", "settings:\n  seed: 3\nreached by: seed=3\nmissed by:", "needs `seed`, which is hidden"),
        (
            "hidden: [stopping]",
            "loss: at most 9\nreached by: patience=3\nmissed by:",
            "needs `patience`, which is hidden",
        ),
        ("hidden: [pages]", "opened: inside", "needs `pages`, which is hidden"),
        ("hidden: [pages]", "opened: lab", ""),
        ("hidden: [train]", "opened: inside", ""),
        ("locked: [l2_on, momentum]", "loss: at most 9\nreached by: l2=0.1&optimizer=sgd\nmissed by:", ""),
        ("locked: [depth, activation]", "loss: at most 9\nreached by: lr=0.1\nmissed by:", ""),
        ("shown: [balance]", "only changed: [class_weight]\nreached by: class_weight=balanced\nmissed by:", ""),
        ("locked: [batch]\n  shown: [lr]", "loss: at most 9\nreached by: lr=0.1\nmissed by: batch=8", ""),
    ],
)
def test_a_step_must_be_able_to_use_what_it_needs(controls: str, goal: str, words: str) -> None:
    text = LESSON.replace("shown: [layers, lr]\n  locked: [data]", controls)
    text = text.replace("val_accuracy: at least 0.9\nreached by: layers=tanh-4\nmissed by:", goal)
    if not words:
        read_lesson(text, "test.md")
        return
    with pytest.raises(LessonError, match=words):
        read_lesson(text, "test.md")


def test_a_step_may_have_a_set_up_that_starts_from_the_one_before():
    lesson = lesson_with("## Second\n", "## Second\n\n### Set-up\n\n```\nlr=0.5\n```\n")
    assert lesson.steps[1].setup == read_query("data=moons&points=100&layers=none&epochs=5&lr=0.5")
    assert lesson.steps[1].is_set_up


def test_an_address_with_a_data_set_stands_for_itself():
    text = LESSON.replace("reached by: layers=tanh-4", "reached by: ?data=circles&layers=relu-3")
    lesson = read_lesson(text.replace("controls:\n  shown: [layers, lr]\n  locked: [data]\n", ""), "test.md")
    assert lesson.steps[0].goal.reached_by == read_query("data=circles&layers=relu-3")


def test_all_that_a_goal_can_ask_is_read():
    goal = step_with(
        "best val_loss: at most 1e-3\nparameters: at most 30\nlayers: [at least 1, at most 2]\n"
        "gap accuracy: at least -0.1\n"
        "only changed: [layers, lr]\nsettings:\n  batch: 1\n  lr: at most 0.1\nseeds: 8 of 10\nopened: [inside, draw]"
    ).goal
    assert set(goal.bounds) == {
        Bound("best val_loss", False, 0.001),
        Bound("parameters", False, 30.0),
        Bound("layers", True, 1.0),
        Bound("layers", False, 2.0),
        Bound("gap accuracy", True, -0.1),
    }
    assert goal.only_changed == ("layers", "lr")
    assert goal.settings == (SettingValue("batch", "1"), SettingValue("lr", is_least=False, bound=0.1))
    assert (goal.seeds, goal.opened) == (Seeds(8, 10), ("inside", "draw"))
    assert step_with("only changed: nothing").goal.only_changed == ()
    assert step_with("diverged: yes").goal.diverged
    assert not step_with("opened: draw", addresses=False).goal.needs_run


def line_of(text: str) -> int:
    return LESSON[: LESSON.index(text)].count("\n") + 1


@pytest.mark.parametrize(
    ("old", "new", "at", "words"),
    [
        ("minutes: 5", "minute: 5", "minutes: 5", "`minute` is not a key of the header. Did you mean `minutes`"),
        ("minutes: 5", "minutes: soon", "minutes: 5", "whole number from 1"),
        ("minutes: 5\n", "", "id:", "The header needs `minutes`"),
        ("id: a-test", "id: A test", "id:", "small letters"),
        ("title: A test", "title: [a]", "title:", "must be text"),
        ("title: A test", "title: A test\nid: b", "title:", None),
        ("epochs=5\n", "epoch=5\n", "setup:", "`epoch` must be a known key"),
        ("data=moons&points=100", "data=file&points=100", "setup:", None),
        ("shown: [layers, lr]", "shown: [layers, rate]", "  shown", "`rate` is no control for `shown`"),
        ("locked: [data]", "locked: [pages]", "  locked", "`pages` is no control for `locked`"),
        ("locked: [data]", "hidden: [layers]", "  locked", "both hidden and shown"),
        (
            "shown: [layers, lr]\n  locked: [data]",
            "locked: [units]\n  hidden: [layers]",
            "  locked",
            "hidden and locked",
        ),
        ("locked: [data]", "locked: [layers]", "controls:", "“First” needs `depth`, which is locked"),
        ("locked: [data]", "locked: [activation]", "controls:", "needs `activation`, which is locked"),
        ("locked: [data]", "hidden: [train]", "controls:", "needs `train`, which is hidden"),
        ("shown: [layers, lr]", "shown: [lr]", "controls:", "needs `depth`, which is not among `shown`"),
        ("place: inside/one-step", "place: inside/out", "  place", "There is no place `inside/out`"),
        ("remember: A sentence.", "remember: *all", "remember", "Anchors"),
        ("remember: A sentence.", "remember: {a", None, "not YAML"),
        ("val_accuracy: at least 0.9", "val_acuracy: at least 0.9", "val_accuracy", "Did you mean `val_accuracy`"),
        ("val_accuracy: at least 0.9", "val_accuracy: over 0.9", "val_accuracy", "`at least NUMBER`"),
        ("val_accuracy: at least 0.9", "val_accuracy: at least 90", "val_accuracy", "lies between 0 and 1"),
        ("val_accuracy: at least 0.9", "val_r2: at least 0.9", "val_accuracy", "have no `val_r2`"),
        ("val_accuracy: at least 0.9", "seeds: 8 of 10", "val_accuracy", "figure of the run"),
        ("val_accuracy: at least 0.9", "seeds: 11 of 10", "val_accuracy", "K of N"),
        ("val_accuracy: at least 0.9", "diverged: no", "val_accuracy", "must be yes"),
        ("val_accuracy: at least 0.9", "lowest recall: at least 0.9\nseeds: 1 of 2", "val_accuracy", "confusion"),
        ("val_accuracy: at least 0.9\n", "", "val_accuracy", "must ask for something"),
        ("missed by:\n", "", "val_accuracy", "needs `missed by`"),
        ("layers=tanh-4", "layers=tan-4", "reached by", "`reached by`: `layers`"),
        ("layers=tanh-4", "lr=1&lr=2", "reached by", "given once"),
        ("### Do\n", "### Task\n", "### Do", "There is no part `Task`"),
        ("### Do\n\nTrain.\n", "", "## First", "needs a part `### Do`"),
        ("Train.\n", "", "### Do", "no text"),
        ("### Hint\n", "### Do\n", "### Hint", "given twice"),
        ("## First\n", "## First\n\nText.\n", "## First", None),
        ("## Second", "## First", "## Second", "the same title"),
        ("## Second", "# Second", "## Second", "begin with ##"),
        ("- [x] That", "- [ ] That", "### Predict", "Exactly one choice"),
        ("- [x] That", "- That", "- [x] That", "begins with `- [ ]`"),
        ("  Yes.\n", "", "- [x] That", "stands its answer"),
        ("What now?\n", "", "### Predict", "begins with a question"),
        ("```yaml\n", "Text.\n\n```yaml\n", None, "one block of code"),
    ],
)
def test_a_mistake_is_told_with_its_file_and_line(old, new, at, words):
    with pytest.raises(LessonError) as raised:
        lesson_with(old, new)
    assert str(raised.value).startswith("test.md, line ")
    assert str(raised.value).isprintable()
    assert words is None or words in str(raised.value)
    if at is not None:
        assert abs(raised.value.line - line_of(at)) <= (1 if words is None else 0)
    again = pickle.loads(pickle.dumps(raised.value))
    assert (str(again), again.line) == (str(raised.value), raised.value.line)


@pytest.mark.parametrize(
    "text", ["", "---", "---\n---", "---\n- a\n---\n", "text", "---\nid: a\n", "\0", "-" * BYTES_MOST * 2]
)
def test_what_is_no_lesson_is_refused(text):
    with pytest.raises(LessonError):
        read_lesson(text, "test.md")


def test_yaml_that_unfolds_or_nests_without_end_is_refused():
    for header in ("a: &a [1]\nb: [*a, *a]", "a: " + "[" * 10_000, "a: [[[[[[1]]]]]]"):
        with pytest.raises(LessonError):
            read_lesson(f"---\n{header}\n---\n", "test.md")


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(LESSON)), st.integers(0, 40), st.text(max_size=12))
def test_whatever_is_in_a_file_it_is_a_lesson_or_refused_in_words(at, cut, text):
    """No text makes the reader raise anything else."""
    with suppress(LessonError):
        assert read_lesson(LESSON[:at] + text + LESSON[at + cut :], "test.md").steps


def test_the_lesson_in_the_guide_for_authors_can_be_read():
    guide = (ROOT / "docs" / "writing-lessons.md").read_text("utf-8")
    text = guide.partition("```markdown\n")[2].partition("\n```\n")[0]
    lesson = read_lesson(text, "guide.md")
    assert lesson.steps[0].goal.seeds == Seeds(8, 10)


def test_the_guide_for_authors_names_every_key():
    guide = (ROOT / "docs" / "writing-lessons.md").read_text("utf-8")
    assert [key for key in GOAL_KEYS if key.removeprefix(f"{BEST} ") not in guide] == []
