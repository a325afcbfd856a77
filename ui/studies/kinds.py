"""The kinds of studies: what each is for, its form, and its view."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from core.experiment import Experiment
from core.studies.plans import Plan
from core.studies.rate_sweep import RATE_FINDER
from core.studies.search import SEARCH
from core.studies.snapshot import StudySnapshot
from ui.session import studies as session
from ui.studies import luck, one_setting, race, rate_finder, search, two_settings
from ui.studies.forms import luck_form, one_setting_form, race_form, two_settings_form
from ui.studies.search_form import search_form, trials_in_words


@dataclass(frozen=True)
class StudyKind:
    """A kind of study.

    Attributes:
        title: what it is called.
        purpose: a sentence that says what it shows.
        form: draws the controls below the experiment that it starts from; returns what is to be trained, or None while
            something in the controls is not right, which the form says.
        view: draws a study, which may still be training. It is called again and again, so its figures have to stay.
        amount: says how much is to be trained, such as "20 runs of 100 epochs".
        every: seconds between two pictures while it trains.
    """

    title: str
    purpose: str
    form: Callable[[Experiment], Any]
    view: Callable[[StudySnapshot], None]
    amount: Callable[[Any], str]
    every: float = 1.0


def runs_and_epochs(plan: Plan) -> str:
    """Say how many runs a plan has, and of how many epochs."""
    members = plan.members
    epochs = sorted({member.experiment.training.epochs for member in members})
    return f"{len(members):,} runs of {' to '.join(f'{count:,}' for count in sorted({epochs[0], epochs[-1]}))} epochs"


# By the kind of their plans, in the order of the page.
KINDS: dict[str, StudyKind] = {
    "luck": StudyKind(
        "Luck",
        "Trains the same experiment many times. How much of its result is luck?",
        luck_form,
        luck.show,
        runs_and_epochs,
    ),
    "one setting": StudyKind(
        "One setting",
        "Tries several values of one setting. Which one is best, and how sure is that?",
        one_setting_form,
        one_setting.show,
        runs_and_epochs,
    ),
    "two settings": StudyKind(
        "Two settings",
        "Tries every combination of two settings. Does one depend on the other?",
        two_settings_form,
        two_settings.show,
        runs_and_epochs,
    ),
    "race": StudyKind(
        "Race",
        "Trains two to four experiments side by side. Who gets there first?",
        race_form,
        race.show,
        runs_and_epochs,
        every=0.5,
    ),
    RATE_FINDER: StudyKind(
        session.RATE_FINDER,
        "Trains for a few seconds while the learning rate rises from batch to batch. Which rate is a good one?",
        rate_finder.rate_finder_form,
        rate_finder.show,
        rate_finder.batches_in_words,
        every=0.5,
    ),
    SEARCH: StudyKind(
        "Search",
        "Looks for good values of several settings at once, and learns from every trial where to look next.",
        search_form,
        search.show,
        trials_in_words,
        every=2.0,
    ),
}
