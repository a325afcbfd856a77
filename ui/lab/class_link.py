"""The link that a teacher gives to a class: the experiment, and which of its controls are hidden or locked."""

from __future__ import annotations

from html import escape
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from core.experiment import Experiment
from core.experiment.control_limits import CONTROL_GROUPS, HIDE, LOCK, Control
from core.experiment.short_query import short_query
from ui.links import link_to_this_page
from ui.session import lesson, limits


def class_link(experiment: Experiment) -> str:
    """Return the shortest link to an experiment, with the controls that are planned to be hidden or locked.

    While a lesson is open, the link opens that from its beginning.
    """
    parts = [
        urlencode(lesson.to_params()) or short_query(experiment),
        urlencode(limits.planned().to_params(), safe=","),
    ]
    return link_to_this_page("&".join(filter(None, parts)))


def show_class_link(experiment: Experiment) -> None:
    """Offer a link for a class, made by ticking boxes."""
    fold = st.expander("For a class", icon=":material/school:", key="class-link", on_change="rerun")
    if not fold.open:
        return
    with fold:
        st.caption("The shortest link. What you tick here is hidden or locked for whoever opens it, and not for you.")
        link = st.container()
        for title, controls in CONTROL_GROUPS.items():
            _show_row(f"**{title}**", "Hide", "Lock")
            for name, control in controls.items():
                _show_boxes(name, control)
        address = class_link(experiment)
        link.code(address, language=None, wrap_lines=True)
        st.caption("For a page of another site: the lab as that link opens it. What is trained there is not kept.")
        st.code(_frame(address), language="html", wrap_lines=True)


def _frame(link: str) -> str:
    """Return the HTML that embeds a link in a page of another site."""
    source = f"{link}{'&' if '?' in link else '?'}embed=true"
    return f'<iframe src="{escape(source)}" title="Hidden Layers" width="100%" height="900"></iframe>'


def _show_boxes(name: str, control: Control) -> None:
    hide, lock = _show_row(control.title)
    keys = limits.tick_key(HIDE, name), limits.tick_key(LOCK, name)
    hide.checkbox(f"Hide: {control.title}", key=keys[0], on_change=limits.keep_ticks, label_visibility="collapsed")
    if control.can_be_locked:
        lock.checkbox(f"Lock: {control.title}", key=keys[1], on_change=limits.keep_ticks, label_visibility="collapsed")


def _show_row(*texts: str) -> list[Any]:
    """Draw a row of up to three captions; return where the boxes of the row belong."""
    columns = st.columns([8, 1, 1], vertical_alignment="center", wrap=False, gap="xsmall")
    for column, text in zip(columns, texts, strict=False):
        column.caption(text)
    return list(columns[1:])
