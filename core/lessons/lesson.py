"""A lesson as values: steps, each with something to predict, something to do, a goal, hints and an explanation."""

from __future__ import annotations

from dataclasses import dataclass

from core.experiment import Experiment
from core.experiment.control_limits import ControlLimits, all_but, make_limits
from core.lessons.goal import Goal


@dataclass(frozen=True)
class Choice:
    """One answer to a prediction.

    Attributes:
        text: what a person chooses, one line of Markdown.
        reply: what they read then, Markdown.
        is_right: whether it is what happens.
    """

    text: str
    reply: str
    is_right: bool


@dataclass(frozen=True)
class Prediction:
    """A question about what will happen, before anything is trained: Markdown, with 2 choices or more, one right."""

    question: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True)
class Step:
    """One thing to do.

    Attributes:
        id: names it within the lesson; made of its title.
        title: one line.
        setup: the experiment that the goal compares with: the step's own, or that of the step before.
        is_set_up: whether the lab is set to `setup` when the step begins; if not, it stays as the person left it.
        prediction: what to think about first; may be None.
        task: what to do, Markdown.
        goal: what the app checks; None where there is only something to read.
        hints: from a nudge to nearly the answer, Markdown.
        meaning: what the result means, Markdown, shown when the step is done; may be empty.
    """

    id: str
    title: str
    setup: Experiment
    is_set_up: bool
    prediction: Prediction | None
    task: str
    goal: Goal | None
    hints: tuple[str, ...]
    meaning: str


@dataclass(frozen=True)
class Controls:
    """Which controls of the lab a lesson uses, by names of `core.experiment.control_limits`.

    Attributes:
        shown: the other settings are folded away, without those that are locked; () for all.
        locked: are shown and cannot be changed.
        hidden: are not shown at all.
    """

    shown: tuple[str, ...] = ()
    locked: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()

    def limits(self, *, is_unfolded: bool) -> ControlLimits:
        """Return what is hidden and locked while the lesson is open, with what is folded away unfolded or not."""
        limits = make_limits(self.hidden, self.locked)
        if is_unfolded or not self.shown:
            return limits
        return limits.joined(all_but((*self.shown, *self.locked)))


@dataclass(frozen=True)
class More:
    """Where a lesson leads at its end: a key of `core.lessons.places.PLACES`, and what the link says."""

    place: str
    text: str


@dataclass(frozen=True)
class Lesson:
    """A lesson.

    Attributes:
        id: names it among all lessons.
        title: one line.
        minutes: that it takes, about.
        about: what it is about, one or two sentences for the gallery.
        setup: the experiment that it begins with.
        controls: which ones it uses.
        intro: Markdown, before the first step; may be empty.
        steps: one or more.
        remember: the sentence to repeat at its end.
        more: a link to what shows more; may be None.
        file: the name of its file.
    """

    id: str
    title: str
    minutes: int
    about: str
    setup: Experiment
    controls: Controls
    intro: str
    steps: tuple[Step, ...]
    remember: str
    more: More | None
    file: str

    def step(self, step_id: str) -> Step | None:
        """Return a step by its id, or None where there is none."""
        return next((step for step in self.steps if step.id == step_id), None)


@dataclass(frozen=True)
class BrokenLesson:
    """A file that is no lesson, and why, for its author."""

    file: str
    problem: str
