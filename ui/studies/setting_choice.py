"""The choice of a setting and its values, for studies that vary one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

import streamlit as st

from core.errors import ExperimentError
from core.experiment import Experiment
from core.experiment.keys import Whole
from core.studies.setting_menu import VariableSetting, settings_of, spread_values
from core.studies.varied import VALUES_MOST, Varied
from ui.components.markdown import literal

_LIST, _RANGE = "List", "Range"
_COUNT = 5


def choose_setting(
    base: Experiment, name: str, label: str, first: str, without: Collection[str] = ()
) -> VariableSetting:
    """Choose one of the settings of an experiment.

    Args:
        base: the experiment.
        name: of the control.
        label: of the control.
        first: the name of the setting that is chosen at first.
        without: keys of the address whose settings are left out.
    """
    found = {one: setting for one, setting in settings_of(base).items() if setting.key not in without}
    names = list(found)
    chosen = st.selectbox(
        label,
        names,
        names.index(first) if first in found else 0,
        format_func=lambda one: found[one].label,
        key=f"{name}-setting",
        persist_state="session",
    )
    return found[chosen]


def choose_varied(
    base: Experiment, name: str, label: str, first: str, *, most: int = _COUNT, without: Collection[str] = ()
) -> Varied | None:
    """Choose a setting and its values; None where the values are not right, which is said beside them.

    Args:
        base: the experiment.
        name: of the controls.
        label: of the menu of settings.
        first: the name of the setting that is chosen at first.
        most: how many values are filled in.
        without: keys of the address whose settings are left out.
    """
    left, right = st.columns([2, 3])
    with left:
        setting = choose_setting(base, name, label, first, without)
    with right:
        try:
            filled_in = replace(setting, first=setting.first[-most:])
            return setting.varied(_choose_values(filled_in, f"{name}-{setting.name}"))
        except ExperimentError as error:
            say_what_to_change(error)
            return None


def say_what_to_change(error: Exception) -> None:
    """Say beside a control what is wrong with it."""
    st.error(literal(str(error)), icon=":material/edit:")


def _choose_values(setting: VariableSetting, name: str) -> tuple[str, ...]:
    if not setting.is_number:
        titles = setting.titles or {"no": "no", "yes": "yes"}
        chosen = st.multiselect(
            "Values",
            list(titles),
            list(setting.first),
            format_func=lambda one: titles[one],
            key=f"{name}-choices",
            persist_state="session",
        )
        return tuple(chosen)
    form = st.segmented_control(
        "Values", (_LIST, _RANGE), default=_LIST, required=True, key=f"{name}-form", persist_state="session"
    )
    if form == _RANGE:
        return _choose_range(setting, name)
    text = st.text_input(
        "Values, separated by commas",
        ", ".join(setting.first),
        key=f"{name}-list",
        label_visibility="collapsed",
        persist_state="session",
    )
    return tuple(part.strip() for part in str(text or "").replace(";", ",").split(",") if part.strip())


def _choose_range(setting: VariableSetting, name: str) -> tuple[str, ...]:
    low, high, count = st.columns(3, wrap=False)
    numbers = [float(value) for value in setting.first]
    begin = _number(low, "From", min(numbers), f"{name}-low")
    end = _number(high, "To", max(numbers), f"{name}-high")
    values = int(count.number_input("Count", 2, VALUES_MOST, _COUNT, key=f"{name}-count", persist_state="session"))
    is_wide = min(numbers) > 0 and max(numbers) >= 8 * min(numbers)
    ratios = st.toggle(
        "Equal ratios",
        is_wide,
        key=f"{name}-ratios",
        persist_state="session",
        help="Each value is the one before times the same factor, such as 0.01, 0.1, 1.",
    )
    whole = isinstance(setting.kind, Whole)
    found = spread_values(begin, end, values, equal_ratios=bool(ratios), whole=whole)
    st.caption(", ".join(found))
    return found


def _number(place: Any, label: str, value: float, key: str) -> float:
    return float(place.number_input(label, value=value, format="%g", step=None, key=key, persist_state="session") or 0)
