"""One step of training in numbers: which rows, which stage, and whether the run is to make it."""

from __future__ import annotations

import re

import streamlit as st

from core.analysis.one_step import ExplainedStep
from core.datasets import Split
from core.errors import ExperimentError, HiddenLayersError
from core.jobs.job import Job
from core.messages.edits import ROWS_MOST, Edit, TakeStep, Undo, check_rows
from core.messages.updates import FINISHED, PAUSED, STOPPED
from ui.components.markdown import literal
from ui.inside.views import step_stages
from ui.inside.views.explained import explained_step
from ui.inside.views.step_unit import StepView, choose_row, choose_unit, show_network, show_network_without_numbers
from ui.server import jobs
from ui.session import edits, one_step, widgets
from ui.session.one_step import STAGES, Look

_CHOICES = ("Next batch", "One row", "A few rows")
_CHOICE, _ROW, _ROWS = "step-choice", "step-row", "step-rows"
_AT_REST = (PAUSED, FINISHED, STOPPED)
_PLAY_SECONDS = 4.0  # of a stage
_WHERE = {
    "weights": "in the weights, in {name}",
    "forward": "going forward, in {name}",
    "loss": "in the loss",
    "backward": "going backward, in {name}",
    "update": "in the new weights, in {name}",
}


def show(job: Job, split: Split) -> None:
    """Let the person choose rows, and explain a step on them."""
    _choose_rows(job, split)
    look = one_step.look(job)
    if look is None:
        st.caption(
            "See one training step with all its numbers: what flows forward, the loss, what flows backward, and what "
            "the optimizer changes. The run stays as it is."
        )
        show_network_without_numbers(job.experiment, split)
        return
    try:
        with st.spinner("Explaining…"):
            step = explained_step(job, look.number, look.rows)
            if _is_trained_again(job, step):
                one_step.explain_again()
                look = one_step.look(job) or look
                step = explained_step(job, look.number, look.rows)
    except HiddenLayersError as error:
        st.warning(literal(str(error)))
        return
    _say_where_from(job, step)
    _choose_stage(look)
    # While it plays, this part is drawn again every few seconds, and moves on.
    st.fragment(_show_stage, run_every=_PLAY_SECONDS if look.plays else None)(job, split, step)


def _choose_rows(job: Job, split: Split) -> None:
    rows = len(split.x_train)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        choice = st.segmented_control(
            "Training rows", _CHOICES, default=_CHOICES[0], required=True, key=_CHOICE, persist_state="session"
        )
        if choice == "One row":
            st.number_input(f"Row, 0 to {rows - 1:,}", 0, rows - 1, key=_ROW, width=160, persist_state="session")
        elif choice == "A few rows":
            st.text_input("Rows", "0, 1, 2", key=_ROWS, width=220, help="For example 3, 17, 40 or 0-9.", max_chars=400)
        st.button("Explain a step", key="step-explain", type="primary", on_click=_explain, args=(job, rows))
        if _can_undo(job) and st.button("Undo the applied step", key="step-undo", icon=":material/undo:"):
            _edit(job, Undo())
    if problem := one_step.pop_problem():
        st.warning(literal(problem))


def _explain(job: Job, rows: int) -> None:
    """Look at a step on the rows that are chosen now."""
    try:
        chosen = _chosen_rows()
        check_rows(chosen, rows)
    except ExperimentError as error:
        one_step.set_problem(str(error))
        return
    one_step.begin(job, chosen)


def _chosen_rows() -> tuple[int, ...] | None:
    choice = widgets.value(_CHOICE)
    if choice == "One row":
        return (int(widgets.value(_ROW) or 0),)
    return read_rows(str(widgets.value(_ROWS) or "")) if choice == "A few rows" else None


def read_rows(text: str) -> tuple[int, ...]:
    """Return the rows that a person has written, such as "3, 17" or "0-9", each once.

    Raises:
        ExperimentError: where it is anything else, or too many rows.
    """
    rows: dict[int, None] = {}
    for part in re.split(r"[,;\s]+", text.strip()):
        found = re.fullmatch(r"(\d{1,9})(?:[-–](\d{1,9}))?", part)
        if found is None or int(found[2] or found[1]) - int(found[1]) >= ROWS_MOST:
            raise ExperimentError("rows", f"up to {ROWS_MOST} row numbers such as 3, 17 or 0-9", text)
        rows |= dict.fromkeys(range(int(found[1]), int(found[2] or found[1]) + 1))
    return tuple(rows)


def _say_where_from(job: Job, step: ExplainedStep) -> None:
    count = len(step.rows)
    rows = f"row {step.rows[0]:,}" if count == 1 else f"{count:,} rows"
    if step.asked is None:
        rows = f"the next batch ({rows})"
    best = f" (weights of epoch {step.weights_epoch:,} restored)" if step.weights_epoch != step.epoch else ""
    st.markdown(
        f"**After epoch {step.epoch:,}**{best}, on {rows}. Learning rate {step.rate:.4g}, step {step.count:,} of the "
        "optimizer."
    )
    if not _is_current(job, step):
        st.info(
            f"The run has moved on: it is at epoch {job.epoch:,} now. These numbers still belong to epoch "
            f"{step.epoch:,}. Press **Explain a step** for the network as it is now.",
            icon=":material/history:",
        )
    for broken in step.broken[:1]:
        where = _WHERE[broken.stage].format(name=step_stages.layer_name(broken.name))
        st.error(f"NaN or infinity appears first {where}. Lower the learning rate and train again.")


def _is_trained_again(job: Job, step: ExplainedStep) -> bool:
    """Return whether the compiled program has trained the same epochs once more, which moves the last digits."""
    return job.generation > step.generation and (job.epoch, job.edit_count) == (step.epoch, step.edits)


def _is_current(job: Job, step: ExplainedStep) -> bool:
    now = job.generation, job.epoch, job.edit_count, job.experiment
    return now == (step.generation, step.epoch, step.edits, step.experiment)


def _choose_stage(look: Look) -> None:
    with st.container(horizontal=True, key="step-stages"):
        last = len(STAGES) - 1
        st.button(
            "Back", key="step-back", icon=":material/arrow_back:", disabled=look.stage == 0,
            on_click=one_step.change, kwargs={"stage": look.stage - 1, "plays": False},
        )  # fmt: skip
        for place, stage in enumerate(STAGES):
            st.button(
                f"{place + 1} {stage}", key=f"step-stage-{place}", on_click=one_step.change,
                type="primary" if place == look.stage else "secondary", kwargs={"stage": place, "plays": False},
            )  # fmt: skip
        st.button(
            "Next", key="step-next", icon=":material/arrow_forward:", disabled=look.stage == last,
            on_click=one_step.change, kwargs={"stage": look.stage + 1, "plays": False},
        )  # fmt: skip
        if look.plays:
            label, icon, first = "Stop", ":material/stop:", look.stage
        else:
            label, icon, first = "Play", ":material/play_arrow:", look.stage % last
        st.button(
            label, key="step-play", icon=icon, on_click=one_step.change,
            kwargs={"stage": first, "plays": not look.plays},
        )  # fmt: skip


def _show_stage(job: Job, split: Split, step: ExplainedStep) -> None:
    """Draw the stage, or the next one where this is drawn again by itself."""
    look = one_step.look(job)
    if look is None:
        return
    if _is_trained_again(job, step):
        st.rerun()  # while it plays: the step is explained once more, or it could not be applied
    if look.plays and widgets.value("step-drawn") == (look.number, look.stage):
        one_step.change(stage=look.stage + 1, plays=look.stage + 1 < len(STAGES) - 1)
        widgets.set_value("step-drawn", None)
        st.rerun()  # the buttons follow
    widgets.set_value("step-drawn", (look.number, look.stage) if look.plays else None)
    view = StepView(job, split, step, look)
    left, right = st.columns(2, gap="medium")
    with left:
        show_network(view)
        choose_unit(view)
        choose_row(view)
    with right:
        step_stages.STAGE_VIEWS[look.stage](view)
    if look.stage == len(STAGES) - 1:
        _offer_to_apply(job, step)


def _offer_to_apply(job: Job, step: ExplainedStep) -> None:
    rests = job.status in _AT_REST
    with st.container(horizontal=True, vertical_alignment="center"):
        pressed = st.button(
            "Apply", key="step-apply", type="primary", icon=":material/check:",
            disabled=not (rests and _is_current(job, step)),
            help=None if rests else "Pause the run first: this step belongs to one epoch.",
        )  # fmt: skip
        dropped = st.button("Discard", key="step-discard", icon=":material/close:")
    st.caption(
        "**Apply** makes exactly this step in the run: one extra step between two epochs. It is listed with the "
        "changes by hand, and training again makes it again. The next epoch still visits every row. It can be undone "
        "until an epoch follows."
    )
    if pressed or dropped:
        one_step.end()
    if pressed:
        _edit(job, TakeStep(step.experiment, step.epoch, step.asked))
    elif dropped:
        st.rerun()


def _can_undo(job: Job) -> bool:
    """Return whether the last change by hand is a step that no epoch has followed yet."""
    made = job.edits[-1:]
    return job.status in _AT_REST and any(isinstance(edit, TakeStep) and at == job.epoch for at, edit in made)


def _edit(job: Job, edit: Edit) -> None:
    """Change the run, and draw the whole page again, which lists the changes by hand."""
    try:
        jobs().edit(job, edit)
    except HiddenLayersError as error:
        edits.set_problem(str(error))
    st.rerun()
