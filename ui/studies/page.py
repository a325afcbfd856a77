"""The page "Studies": the forms of new ones and a person's list, or the study that is open."""

from __future__ import annotations

import streamlit as st

from core.errors import HiddenLayersError, NoRunError
from core.studies.base_words import base_in_words
from core.studies.plans import Plan, base_of
from core.studies.race import RACE
from ui.components.choose_view import choose_view
from ui.components.markdown import literal
from ui.server import studies
from ui.session import current, run
from ui.session import studies as session
from ui.sidebar import experiment_in_address
from ui.studies.kinds import KINDS
from ui.studies.list_of_studies import show_list
from ui.studies.one_study import show_study


def show() -> None:
    """Draw the page."""
    key = session.follow()
    if not key:
        _show_new()
        return
    try:
        snapshot = studies().snapshot(run.owner(), key)
    except NoRunError:
        st.title("Studies")
        st.info(
            "There is no such study here. It may have been deleted, or be another person's.", icon=":material/link_off:"
        )
        st.button(
            "All studies", on_click=session.open_study, args=("",), icon=":material/arrow_back:", key="all-studies"
        )
        return
    session.write()
    if current.is_new():
        current.set_experiment(base_of(snapshot.plan))  # a reload goes on with the same experiment
    show_study(run.owner(), snapshot)


def _show_new() -> None:
    """Draw the forms, and the list of the person's studies."""
    experiment_in_address(follows=not session.is_in_address())
    st.title("Studies")
    if problem := session.problem():
        st.error(literal(problem))
    names = {kind.title: name for name, kind in KINDS.items()}
    kind = KINDS[names[choose_view(list(names), session.KIND)]]
    base = current.experiment()
    with st.container(border=True, key="study-form"):
        st.markdown(kind.purpose)
        if kind is not KINDS[RACE] or not session.racers():
            st.caption(f"The lab's experiment: {literal(base_in_words(base))}. Change it there.")
        plan = kind.form(base)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button(
                "Start",
                on_click=_start,
                args=(plan,),
                disabled=plan is None,
                type="primary",
                icon=":material/play_arrow:",
                key="start-study",
            )
            if plan is not None:
                st.markdown(f"{kind.amount(plan)}.", width="content")
    show_list(run.owner())


def _start(plan: Plan | None) -> None:
    if plan is None:
        return
    try:
        session.open_study(studies().start(run.owner(), plan))
    except HiddenLayersError as error:
        session.set_problem(str(error))
