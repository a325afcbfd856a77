"""The coach beside the lab's name: one sentence about the run, and a button that does something about it."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import lru_cache

import numpy as np
import streamlit as st

from core.coach.advice import Advice, Change, FindRate
from core.coach.evidence import Evidence, idle_shares
from core.coach.rows import RowFacts, row_facts
from core.coach.rules import advise
from core.datasets import Split, prepare
from core.errors import HiddenLayersError
from core.experiment import DataSpec, Experiment, to_params
from core.jobs.job import Job
from core.messages.updates import FAILED, FINISHED, RUNNING, STOPPED
from core.studies.rate_sweep import RateSweep
from ui import training
from ui.components.explained import glossary_link
from ui.components.markdown import literal
from ui.server import jobs, studies
from ui.session import coach, current, lesson, limits, run

_LOOK_SECONDS = 2.0  # between two looks at a run that trains
_ANSWER_SECONDS = 2.0  # to wait for the weights of one that has ended
_FINDER_SECONDS = 20.0


def show_coach(job: Job | None, split: Split, tagline: str) -> None:
    """Say what goes wrong with a run, or where there is nothing to say, what the app is; the place stays as high."""
    trains = job is not None and job.status == RUNNING
    look = st.fragment(_look, run_every=_LOOK_SECONDS if trains and coach.is_on() else None)
    look(job, split, tagline)


def _look(job: Job | None, split: Split, tagline: str) -> None:
    advice = _advice(job, split) if job is not None else None
    if job is None or advice is None:
        st.html(tagline)
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="coach-says"):
        st.markdown(f"{literal(advice.sentence)} {glossary_link(advice.term)}", width="stretch")
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", width="content"):
            if st.button(advice.button, key="coach-do", type="primary"):
                _do(advice, job)
            st.button(
                "Dismiss for this run",
                key="coach-dismiss",
                icon=":material/close:",
                type="tertiary",
                on_click=coach.dismiss,
                args=(job,),
                help="Dismiss for this run.",
            )
            if not limits.locks("coach") and st.button(
                "Turn the coach off",
                key="coach-off",
                icon=":material/notifications_off:",
                type="tertiary",
                on_click=coach.switch,
                args=(False,),
                help="Turn the coach off. A switch under Training turns it on again.",
            ):
                st.rerun()  # of the whole page, whose switch shows it


def _advice(job: Job, split: Split) -> Advice | None:
    """Return what to say about a job: nothing in a lesson, which has hints. While it trains, what was said stays."""
    if lesson.present() is not None:
        return None
    is_other = job.experiment != current.experiment() or bool(job.edits)
    if is_other or not job.epoch or not coach.is_on() or coach.is_dismissed(job):
        return None
    if job.status in (FINISHED, STOPPED, FAILED):
        advice = advise(_at_end(job, split))
    elif advice := coach.said(job) or advise(_evidence(job)):
        coach.say(job, advice)
    return None if advice is None or _is_withheld(advice, job.experiment) else advice


def _is_withheld(advice: Advice, experiment: Experiment) -> bool:
    """Return whether the link to this page hides or locks a control of what the advice changes."""
    if not isinstance(advice.action, Change):
        return limits.holds("lr")
    before, after = to_params(experiment), to_params(advice.action.experiment)
    return limits.in_force().hold_any(key for key in before | after if before.get(key) != after.get(key))


def _evidence(job: Job) -> Evidence:
    history = {name: np.array(column) for name, column in job.history().items()}
    status = job.status
    is_over = status in (FINISHED, STOPPED, FAILED)
    return Evidence(job.experiment, history, _rows(job.experiment.data), is_over, status == FAILED)


def _at_end(job: Job, split: Split) -> Evidence:
    """Return all that can be known of a job that has ended."""
    evidence = replace(_evidence(job), confusion=job.array("confusion"))
    if not evidence.could_be_idle:
        return evidence
    try:
        network = jobs().trained(job, seconds=_ANSWER_SECONDS)
    except HiddenLayersError:  # its worker is gone or busy: then nothing is said about units
        return evidence
    return replace(evidence, idle=idle_shares(network, split))


# Kept because every look at a run asks for it.
@lru_cache(maxsize=64)
def _rows(data: DataSpec) -> RowFacts:
    return row_facts(prepare(data))


# What the button does


def _do(advice: Advice, job: Job) -> None:
    """Do what was advised, and draw the whole page anew."""
    match advice.action:
        case Change(experiment):
            _go_on_with(experiment, job)
        case FindRate() as action:
            with st.spinner("Looking for a learning rate…"):
                rate = action.rate(_suggested_rate(job.experiment))
            of_run = job.experiment.training
            _go_on_with(replace(job.experiment, training=replace(of_run, learning_rate=rate)), job, anew=True)
    st.rerun()


def _go_on_with(experiment: Experiment, job: Job, anew: bool = False) -> None:
    """Put an experiment into the lab; a run that can become it does, otherwise it trains from the start."""
    current.set_experiment(experiment)
    if anew or not training.can_go_on(job, experiment):
        training.train_anew()


def _suggested_rate(experiment: Experiment) -> float | None:
    """Return what the learning-rate finder suggests, or None where it suggests nothing or does not answer in time."""
    plan, owner = RateSweep(experiment), run.owner()
    try:
        key = studies().start(owner, plan)
        snapshot = studies().snapshot(owner, key)
        until = time.monotonic() + _FINDER_SECONDS
        while snapshot.is_live and time.monotonic() < until:
            snapshot = studies().wait(owner, key, snapshot.version, until - time.monotonic())
        if snapshot.is_live:
            studies().stop(owner, key)
    except HiddenLayersError:
        return None
    return plan.curve(snapshot.results[0].history["loss"]).suggestion if snapshot.results else None
