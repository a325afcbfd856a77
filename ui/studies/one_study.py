"""The study that is open: how far it is, what can be done with it, and its view, which follows while it trains."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from core.errors import HiddenLayersError
from core.messages import updates
from core.runs.limits import NAME_MOST
from core.studies import snapshot as snapshots
from core.studies.sentences import time_words
from core.studies.snapshot import ASKING, StudySnapshot
from ui.components.markdown import literal
from ui.server import studies
from ui.session import studies as session
from ui.session import widgets
from ui.studies.kinds import KINDS

_FIRST_NEWS_SECONDS = 0.5  # for which a page waits that opens a study without any epoch


def show_study(owner: str, snapshot: StudySnapshot) -> None:
    """Draw a study; while it trains, all below its name is drawn again and again."""
    _show_name(owner, snapshot)
    if problem := session.problem():
        st.error(literal(problem))
    every = KINDS[snapshot.plan.kind].every
    is_live = snapshot.is_live
    st.fragment(_follow, run_every=every if is_live else None)(owner, snapshot.key, is_live)


def _follow(owner: str, key: str, was_live: bool) -> None:
    snapshot = studies().snapshot(owner, key)
    if snapshot.is_live and not any(result.epochs for result in snapshot.results):
        snapshot = studies().wait(owner, key, snapshot.version, _FIRST_NEWS_SECONDS)
    if snapshot.is_live != was_live:
        st.rerun()
    _show_progress(owner, snapshot)
    KINDS[snapshot.plan.kind].view(snapshot)


def _show_name(owner: str, snapshot: StudySnapshot) -> None:
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.title(literal(snapshot.name), width="content")
        with st.container(horizontal=True, vertical_alignment="center", width="content"):
            st.button(
                "All studies", on_click=session.open_study, args=("",), icon=":material/arrow_back:", key="all-studies"
            )
            with st.popover("Rename", icon=":material/edit:", key="rename-study"):
                name = f"study-name-{snapshot.key}"
                st.text_input("Name", snapshot.name, max_chars=NAME_MOST, key=name)
                st.button("Save", on_click=_rename, args=(owner, snapshot.key, name), key="save-study-name")
            st.button(
                "Delete",
                on_click=_delete,
                args=(owner, snapshot.key, snapshot.name),
                icon=":material/delete:",
                key="delete-study",
            )


def _show_progress(owner: str, snapshot: StudySnapshot) -> None:
    """Say how far the study is, with the buttons that its status allows."""
    key = snapshot.key
    with st.container(horizontal=True, vertical_alignment="center", key="study-progress"):
        if snapshot.is_live and snapshot.status != ASKING:
            _button("Stop study", "stop-study", "stop", lambda: studies().stop(owner, key))
        elif snapshot.can_resume:
            _button("Resume study", "resume-study", "play_arrow", lambda: studies().resume(owner, key), primary=True)
        st.markdown(progress_words(snapshot), width="content")
        if snapshot.status == ASKING:
            _button(
                "Train them all", "confirm-study", "play_arrow", lambda: studies().confirm(owner, key), primary=True
            )
            _button("Stop here", "stop-study", "stop", lambda: studies().stop(owner, key))
    if snapshot.is_live:
        st.progress(_share_done(snapshot))
    if snapshot.message:
        show = st.error if snapshot.status == updates.FAILED else st.info
        show(literal(snapshot.message))


def progress_words(snapshot: StudySnapshot) -> str:
    """Say how far a study is."""
    done = f"{snapshot.ended:,} of {snapshot.total:,} runs done"
    left = "" if snapshot.seconds_left is None else f", {time_words(snapshot.seconds_left)} left"
    match snapshot.status:
        case updates.QUEUED:
            return "Waiting for its turn." if snapshot.ended == 0 else f"{done}. Waiting for its turn."
        case snapshots.ASKING:
            time = time_words(snapshot.seconds_left or 0.0)
            return f"{done}. The others will take {time}. Train them all?"
        case updates.FINISHED:
            runs = "1 run" if snapshot.total == 1 else f"{snapshot.total:,} runs"
            return f"{runs}, trained in {_seconds(snapshot.seconds)}."
        case updates.STOPPED:
            return f"Stopped: {done}."
        case updates.INTERRUPTED:
            return f"The server was restarted while this study trained: {done}."
        case updates.FAILED:
            return f"This study has failed: {done}."
    return f"Training: {done}{left}."


def _share_done(snapshot: StudySnapshot) -> float:
    """Return the share of all epochs that is done; runs that have ended count as a whole."""
    shares = [
        1.0 if result.has_ended else result.epochs / result.member.experiment.training.epochs
        for result in snapshot.results
    ]
    return min(1.0, sum(shares) / max(snapshot.total, len(shares), 1))


def _seconds(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 60 else time_words(seconds)


def _button(label: str, key: str, icon: str, make: Callable[[], Any], *, primary: bool = False) -> None:
    kind: Any = "primary" if primary else "secondary"
    st.button(label, on_click=_press, args=(make,), type=kind, icon=f":material/{icon}:", key=key)


def _press(make: Callable[[], Any]) -> None:
    _change(make)


def _change(make: Callable[[], Any]) -> bool:
    """Make a change of a study; where that fails, the page says why, and False is returned."""
    try:
        make()
    except HiddenLayersError as error:
        session.set_problem(str(error))
        return False
    return True


def _rename(owner: str, key: str, name: str) -> None:
    text = str(widgets.value(name) or "")
    _change(lambda: studies().rename(owner, key, text))


def _delete(owner: str, key: str, name: str) -> None:
    if _change(lambda: studies().delete(owner, key)):
        session.note_deleted(key, name)
        session.open_study("")
