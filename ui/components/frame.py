"""A table on a page, safe to open in a spreadsheet program."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from core.analysis.overview import unique_names
from core.tables.formulas import without_formulas


def show_frame(
    data: pd.DataFrame | Mapping[str, Sequence[Any] | np.ndarray], *, key: str | None = None, **options: Any
) -> None:
    """Show a table without its index.

    Its own menu offers it as a CSV file, and its cells can be copied: so names and texts that a spreadsheet program
    would run as formulas are shown with an apostrophe before them, which is said below.

    Args:
        data: a frame, or columns by name.
        key: of the element.
        options: more of `st.dataframe`.
    """
    safe, count = without_formulas(pd.DataFrame(data))
    if not safe.columns.is_unique:  # one that got an apostrophe may be like another
        safe.columns = unique_names(list(safe.columns))
    st.dataframe(safe, hide_index=True, key=key, **options)
    if count:
        st.caption(
            f"An apostrophe is before {count:,} {'text' if count == 1 else 'texts'} that a spreadsheet program would "
            "run as a formula."
        )
