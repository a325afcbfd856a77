"""A comparison of experiments: whoever opens its link trains them, and sees the runs side by side as they come."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from urllib.parse import urlencode

import streamlit as st

from core.errors import ExperimentError, HiddenLayersError
from core.experiment import Experiment, read_query, to_query
from core.jobs.job import Job
from core.messages.updates import ENDED, PAUSED
from core.runs.comparison import LEAST, MOST
from core.runs.naming import name_after
from core.runs.store import RunStore
from core.runs.values import OUTCOMES, KeptRun
from ui import training
from ui.components.markdown import literal
from ui.runs.compared import compared
from ui.runs.comparison import show_comparison
from ui.server import jobs
from ui.session import kept_runs

EXPERIMENT = "experiment"  # in the address, once for each: an experiment as the lab's address has it

_AT_ONCE = 2  # that train for one person, so that others train too
_SECONDS = 2.0  # between two looks at what has been trained


def link_of(experiments: Sequence[Experiment]) -> str:
    """Return the query of a link to the comparison of experiments.

    >>> link_of([Experiment()])[:24]
    '?experiment=data%3Dmoons'
    """
    return f"?{urlencode([(EXPERIMENT, to_query(experiment)) for experiment in experiments])}"


def show_experiments(store: RunStore, owner: str, texts: Sequence[str]) -> None:
    """Draw the comparison of a link's experiments: those that the person has trained, and a button for the others."""
    st.title("Shared comparison")
    try:
        experiments = _read(texts)
    except ExperimentError as error:
        st.error(literal(str(error)), icon=":material/link_off:")
        return
    if kept_runs.trains() == experiments:
        st.fragment(_follow, run_every=_SECONDS)(store, owner, experiments)
        return
    found = {experiment: store.newest(owner, experiment) for experiment in experiments}
    missing = [experiment for experiment, kept in found.items() if not _has_ended(kept)]
    if missing:
        names = "; ".join(
            name_after(before, now) for before, now in zip((None, *experiments), experiments, strict=False)
        )
        st.markdown(f"{len(experiments)} experiments: {literal(names)}.")
        st.button(
            "Train them" if len(missing) == len(experiments) else f"Train the other {len(missing)}",
            on_click=_begin, args=(owner, experiments, missing), type="primary", icon=":material/play_arrow:",
            key="train-experiments", help="The runs are yours, and are kept with your others.",
        )  # fmt: skip
    _show_runs(store, found.values())


def _read(texts: Sequence[str]) -> tuple[Experiment, ...]:
    """Return the experiments of a link; raises `ExperimentError` where one is wrong, or there are too few or many."""
    experiments = tuple(dict.fromkeys(read_query(text) for text in texts[: MOST + 1]))
    if not LEAST <= len(experiments) <= MOST:
        raise ExperimentError(EXPERIMENT, f"given {LEAST} to {MOST} times, all different", len(experiments))
    return experiments


def _begin(owner: str, experiments: tuple[Experiment, ...], missing: Sequence[Experiment]) -> None:
    """Have the experiments trained; of those whose runs were deleted, nothing is left."""
    for experiment in missing:
        job = jobs().find(owner, experiment)
        if job is not None and job.status in ENDED:
            jobs().forget(job)
    kept_runs.set_trains(experiments)


def _follow(store: RunStore, owner: str, experiments: tuple[Experiment, ...]) -> None:
    """Draw the runs that are there, and train on; the whole page is drawn again once all have ended."""
    found = {experiment: store.newest(owner, experiment) for experiment in experiments}
    to_come = _train(owner, [experiment for experiment, kept in found.items() if not _has_ended(kept)])
    if not to_come:
        kept_runs.set_trains(())
        st.rerun()
    done = len(experiments) - len(to_come)
    st.progress(done / len(experiments), f"{done} of {len(experiments)} trained")
    _show_runs(store, found.values())


def _has_ended(kept: KeptRun | None) -> bool:
    return kept is not None and kept.summary.status in OUTCOMES


def _show_runs(store: RunStore, found: Iterable[KeptRun | None]) -> None:
    if problem := kept_runs.problem():
        st.error(literal(problem))
    runs = [kept for kept in found if kept is not None]
    if len(runs) >= LEAST:
        show_comparison(store, compared(runs))


def _train(owner: str, missing: Sequence[Experiment]) -> list[Experiment]:
    """Train a few experiments at a time; return those of which a run is still to come."""
    to_come, going = [], 0
    for experiment in missing:
        job = jobs().find(owner, experiment)
        if job is None and going < _AT_ONCE:
            job = _start(experiment)
            if job is None:  # told; it is left out
                continue
        if job is not None:
            if job.status in ENDED and not job.epoch:
                kept_runs.set_problem(job.message)
                continue
            going += 1
            job.watch()  # or it would pause
            if job.status == PAUSED:
                jobs().resume(job)
        to_come.append(experiment)
    return to_come


def _start(experiment: Experiment) -> Job | None:
    try:
        return training.start_aside(experiment)
    except HiddenLayersError as error:
        kept_runs.set_problem(str(error))
        return None
