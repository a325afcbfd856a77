"""The plane that the decision boundary, or the surface of predicted numbers, is drawn over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from hashlib import blake2b

import streamlit as st

from core.analysis.axes import Axes
from core.datasets import Split, prepare
from core.errors import DataError
from core.experiment import DataSpec, menus
from ui.components.explained import help_of
from ui.session import limits, view, widgets

_KINDS = {False: "two features", True: "principal components"}


def axes_controls(data: DataSpec) -> None:
    """Choose the plane, where the data have more than two features."""
    if limits.hides("plane"):
        return
    try:
        split = prepare(data)
    except DataError:  # the page says it in place of the figures
        return
    if split.image_shape is None and split.features > 2:
        drawn = "Boundary" if data.task == menus.CLASSES else "Surface"
        view.set_axes(split, _choose_axes(drawn, split, view.axes(split)))


def _choose_axes(drawn: str, split: Split, axes: Axes) -> Axes:
    # Of data with other features, these are other controls.
    of = blake2b("\n".join(split.feature_names).encode(), digest_size=4).hexdigest()
    is_locked = limits.locks("plane")
    components = st.selectbox(
        f"{drawn} plane",
        list(_KINDS),
        int(axes.components),
        format_func=_KINDS.__getitem__,
        key=f"over-{of}",
        disabled=is_locked,
        help=help_of("plane"),
    )
    if components:
        return replace(axes, components=True)
    names = dict(enumerate(split.feature_names))
    left, right = st.columns(2, wrap=False)
    across_key, up_key = f"across-{of}", f"up-{of}"
    with left:
        across = _choose_feature("Horizontal axis", names, lambda: view.axes(split).across, across_key, up_key)
    with right:
        up = _choose_feature("Vertical axis", names, lambda: view.axes(split).up, up_key, across_key)
    row = st.number_input(
        "Other features from training row",
        0,
        len(split.y_train) - 1,
        axes.row,
        key=f"row-{of}",
        placeholder="medians",
        disabled=is_locked,
        help=help_of("plane_row"),
    )
    return Axes(across, up, row)


def _choose_feature(label: str, names: dict[int, str], shown: Callable[[], int], key: str, other: str) -> int:
    """Choose the feature of one axis.

    Args:
        shown: returns the feature that the figure has there.
        other: the key of the other axis.
    """
    chosen: int = st.selectbox(
        label,
        list(names),
        shown(),
        format_func=names.__getitem__,
        key=key,
        on_change=_keep_different,
        args=(key, other, shown),
        disabled=limits.locks("plane"),
        help=help_of("plane_axis"),
    )
    return chosen


def _keep_different(chosen: str, other: str, shown: Callable[[], int]) -> None:
    """Give the other axis what the figure has on this one, where both would show the same feature."""
    if widgets.value(chosen) == widgets.value(other):
        widgets.set_value(other, shown())
