"""What was wrong in the address."""

from __future__ import annotations

import streamlit as st

from core.errors import ExperimentError
from ui.components.markdown import code
from ui.session import current, limits


def show_address_problems() -> None:
    """Say that the address was wrong, and list on request what; defaults replace it.

    The line stands above the page's title and takes no room, so that nothing moves when it comes or goes.
    """
    problems = (*current.address_problems(), *limits.problems())
    if not problems:
        return
    what = "Part of this address was not used" if len(problems) == 1 else "Parts of this address were not used"
    with st.popover(what, key="address-problems", type="tertiary", icon=":material/warning:"):
        lines = "\n".join(f"- {_line(problem)}" for problem in problems)
        st.warning(f"Parts of this address could not be used; defaults are used instead.\n{lines}")
        st.button("Dismiss", key="dismiss-address-problems", on_click=_dismiss)


def _dismiss() -> None:
    current.dismiss_address_problems()
    limits.dismiss_problems()


def _line(problem: ExperimentError) -> str:
    """Return a problem as Markdown that shows text from the address letter for letter."""
    received = str(problem).partition(f"{problem.expected}. Received: ")[2].removesuffix(".")
    return f"{code(problem.key)} must be {problem.expected}. Received: {code(received)}."
