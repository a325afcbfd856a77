"""What was wrong in the address."""

from __future__ import annotations

import streamlit as st

from core.errors import ExperimentError
from ui.components.markdown import code
from ui.session import current


def show_address_problems() -> None:
    """List what was wrong in the address; defaults replace it."""
    problems = current.address_problems()
    if problems:
        lines = "\n".join(f"- {_line(problem)}" for problem in problems)
        st.warning(f"Parts of this address could not be used; defaults are used instead.\n{lines}")


def _line(problem: ExperimentError) -> str:
    """Return a problem as Markdown that shows text from the address letter for letter."""
    received = str(problem).partition(f"{problem.expected}. Received: ")[2].removesuffix(".")
    return f"{code(problem.key)} must be {problem.expected}. Received: {code(received)}."
