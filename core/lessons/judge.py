"""Whether a goal is reached: judged on finished runs alone, with what is missing in numbers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from core.experiment import Experiment, menus, to_params
from core.experiment.control_limits import ControlLimits
from core.experiment.keys import format_number
from core.lessons.finished_run import FinishedRun
from core.lessons.goal import Bound, Goal, SettingValue
from core.lessons.lesson import Step
from core.lessons.mistakes import mistake_of
from core.lessons.places import PLACES
from core.runs.naming import label_of
from core.studies.results import MemberResult
from core.studies.study import Study

REACHED, MISSED, WAITING, SEEDS = "reached", "missed", "waiting", "seeds"

# Settings that say what is trained on and how it is judged; a goal fixes them unless it says otherwise.
_OF_DATA = (
    "data",
    *menus.setting_names(menus.DATA),
    *("data_seed", "split", "test", "train_rows", "validation", "train_share", "scaling"),
)
_SEED = "seed"


@dataclass(frozen=True)
class Verdict:
    """How a goal stands.

    Attributes:
        state: REACHED; MISSED; WAITING for a run or for a place to be opened; or SEEDS, where `study` has to be trained
            and `judge_seeds` says how it has ended.
        missing: what is missing, each a phrase with numbers, such as "held-out accuracy 0.91, asked at least 0.95".
        met: what holds, likewise.
        mistake: a sentence that names a typical mistake; "" where none is recognized.
        study: the runs that differ in their seed alone; None where none have to be trained.
    """

    state: str
    missing: tuple[str, ...] = ()
    met: tuple[str, ...] = ()
    mistake: str = ""
    study: Study | None = None

    @property
    def sentence(self) -> str:
        """What is missing as one sentence; "" where nothing is."""
        text = "; ".join(self.missing)
        return f"{text[0].upper()}{text[1:]}." if text else ""


@dataclass(frozen=True)
class _Finding:
    """Something that was asked: whether it holds, in words."""

    holds: bool
    words: str


def judge(step: Step, run: FinishedRun | None, opened: Collection[str] = ()) -> Verdict:
    """Return how a step's goal stands.

    Args:
        run: the newest one that has ended since the step began; None where there is none.
        opened: the places that were opened since then.

    Raises:
        ValueError: if the step has no goal.
    """
    goal = _goal_of(step)
    places = tuple(f"open {PLACES[place]}" for place in goal.opened if place not in opened)
    if goal.needs_run and run is None:
        return Verdict(WAITING, (*asked(goal), *places))
    findings = [] if run is None or not goal.needs_run else list(_findings(step, goal, run))
    missing = tuple(finding.words for finding in findings if not finding.holds)
    met = tuple(finding.words for finding in findings if finding.holds)
    if missing:
        assert run is not None
        has_missed_figures = goal.seeds is None and not all(_bound(bound, run).holds for bound in _lucky(goal))
        mistake = mistake_of(goal, step.setup, run, has_missed_figures=has_missed_figures)
        return Verdict(MISSED, missing, met, mistake)
    if goal.seeds is not None and run is not None:
        return Verdict(SEEDS, places, met, study=seeds_study(step, run.experiment))
    return Verdict(WAITING if places else REACHED, places, met)


def seeds_study(step: Step, experiment: Experiment) -> Study:
    """Return the runs over which a goal is judged: the experiment with the seeds that follow the set-up's.

    So nobody gains anything by trying seeds, and the same network is always judged over the same runs.

    Raises:
        ValueError: if the goal is not judged over seeds.
    """
    goal = _goal_of(step)
    if goal.seeds is None:
        raise ValueError("the goal is about one run")
    training = replace(experiment.training, seed=step.setup.training.seed)
    return Study(replace(experiment, training=training), seeds=goal.seeds.of)


def judge_seeds(step: Step, run: FinishedRun, results: Sequence[MemberResult], opened: Collection[str] = ()) -> Verdict:
    """Return how a goal stands once its study has ended.

    Args:
        run: that `judge` answered SEEDS about.
        results: of all members of the study; those that have not ended by themselves count as missed.
    """
    goal = _goal_of(step)
    if goal.seeds is None:
        raise ValueError("the goal is about one run")
    runs = [FinishedRun.of_member(result, run.parameters) for result in results]
    lucky = _lucky(goal)
    count = sum(reaches(step, one) for one in runs)
    words = f"{count} of {len(results)} seeds reach {' and '.join(bound.in_words for bound in lucky)}"
    places = tuple(f"open {PLACES[place]}" for place in goal.opened if place not in opened)
    if count >= goal.seeds.least:
        return Verdict(WAITING if places else REACHED, places, (words,))
    spread = (f"{bound.quantity.words} {_range(bound, runs)}" for bound in lucky)
    missing = f"{words}, asked {goal.seeds.least} ({', '.join(spread)})"
    closest = min(runs, key=lambda one: sum(_bound(bound, one).holds for bound in lucky), default=run)
    return Verdict(MISSED, (missing,), mistake=mistake_of(goal, step.setup, closest, has_missed_figures=True))


def reaches(step: Step, run: FinishedRun) -> bool:
    """Return whether one of the runs over which a goal is judged has reached its figures."""
    return run.is_whole and all(_bound(bound, run).holds for bound in _lucky(_goal_of(step)))


def asked(goal: Goal) -> tuple[str, ...]:
    """Return what a goal asks for, each a phrase; without the places that have to be opened."""
    found = [bound.in_words for bound in goal.bounds]
    if goal.diverged:
        found.append("a run that diverges")
    found += [f"{label_of(setting.key)} {_asked_value(setting)}" for setting in goal.settings]
    if goal.only_changed is not None:
        *names, last = map(label_of, goal.only_changed or ("",))
        allowed = f"{', '.join(names)} and {last}" if names else last
        found.append(f"only {allowed} changed" if goal.only_changed else "the run as it is set up")
    if goal.seeds:
        found.append(f"{goal.seeds.least} of {goal.seeds.of} seeds")
    return tuple(found)


def must_go_back(step: Step, experiment: Experiment, held: ControlLimits) -> bool:
    """Return whether an experiment has to be set back before the step can be done in it.

    That is where a setting differs from the step's set-up that has to stay, or that the person cannot change.

    Args:
        held: what is hidden and locked.
    """
    is_free = _free_keys(step.goal)
    before, now = to_params(step.setup), to_params(experiment)
    changed = [key for key in {**before, **now} if now.get(key) != before.get(key)]
    return any(not is_free(key) or (key != _SEED and held.holds(key)) for key in changed)


def _goal_of(step: Step) -> Goal:
    if step.goal is None:
        raise ValueError(f"the step {step.id} has no goal")
    return step.goal


def _lucky(goal: Goal) -> list[Bound]:
    """Return the bounds on figures that another seed changes."""
    return [bound for bound in goal.bounds if bound.quantity.is_lucky]


def _findings(step: Step, goal: Goal, run: FinishedRun) -> Iterator[_Finding]:
    """Yield what is asked of the run itself; over seeds, without what depends on them."""
    yield from _ended(goal, run)
    yield from _unchanged(step.setup, goal, run)
    for setting in goal.settings:
        yield _has(setting, run)
    for bound in goal.bounds:
        if not bound.quantity.is_lucky or (goal.seeds is None and run.is_whole):
            yield _bound(bound, run)


def _ended(goal: Goal, run: FinishedRun) -> Iterator[_Finding]:
    if run.was_edited:
        yield _Finding(False, "the network was changed by hand, which a goal does not accept: train it anew")
    asked_epochs = run.experiment.training.epochs
    if goal.diverged:
        words = f"diverged in epoch {run.epochs}" if run.has_diverged else "the run has not diverged"
        yield _Finding(run.has_diverged, words)
    elif run.has_diverged:
        yield _Finding(False, f"the run diverged in epoch {run.epochs}")
    elif not run.is_whole:
        yield _Finding(False, f"the run was stopped after {run.epochs} of {asked_epochs} epochs: let it finish")


def _unchanged(setup: Experiment, goal: Goal, run: FinishedRun) -> Iterator[_Finding]:
    """Yield a finding for each setting that differs from the set-up, and must not."""
    is_free = _free_keys(goal)
    found: dict[str, str] = {}
    before = to_params(setup)
    for experiment in run.experiments:
        now = to_params(experiment)
        for key in {**before, **now}:
            if not is_free(key) and now.get(key) != before.get(key):
                found[key] = f"{label_of(key)} is {now.get(key, 'default')}, must stay {before.get(key, 'default')}"
    for words in found.values():
        yield _Finding(False, words)


def _free_keys(goal: Goal | None) -> Callable[[str], bool]:
    """Return what says whether a setting may differ from the step's set-up."""
    if goal is None or goal.only_changed is None:
        return lambda key: key not in _OF_DATA
    allowed = {*goal.only_changed, _SEED}
    return lambda key: belongs_to(key, allowed)


def belongs_to(key: str, allowed: set[str]) -> bool:
    """Return whether a setting is among some, or one of a method that is, such as the momentum of an optimizer."""
    methods = (choice for choice in menus.METHODS if choice in allowed)
    of_penalty = any(key == f"{penalty}_on" for penalty in allowed)
    return key in allowed or of_penalty or any(key in menus.setting_names(menus.METHODS[choice]) for choice in methods)


def _has(setting: SettingValue, run: FinishedRun) -> _Finding:
    text = to_params(run.experiment).get(setting.key, "")
    words = f"{label_of(setting.key)} {text or 'default'}"
    if setting.is_least is None:
        holds = text == setting.text
    else:
        number = _number(text)
        holds = number is not None and (number >= setting.bound if setting.is_least else number <= setting.bound)
    return _Finding(holds, words if holds else f"{words}, asked {_asked_value(setting)}")


def _asked_value(setting: SettingValue) -> str:
    if setting.is_least is None:
        return setting.text
    return f"{'at least' if setting.is_least else 'at most'} {format_number(setting.bound)}"


def _bound(bound: Bound, run: FinishedRun) -> _Finding:
    value = bound.quantity.measure(run)
    words = f"{bound.quantity.words} {'unknown' if value is None else bound.quantity.in_words(value)}"
    if bound.holds_for(value):
        return _Finding(True, words)
    return _Finding(False, f"{words}, asked {bound.in_words.removeprefix(bound.quantity.words).strip()}")


def _range(bound: Bound, runs: Sequence[FinishedRun]) -> str:
    values = [value for one in runs if (value := bound.quantity.measure(one)) is not None]
    if not values:
        return "unknown"
    low, high = bound.quantity.in_words(min(values)), bound.quantity.in_words(max(values))
    return low if low == high else f"from {low} to {high}"


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
