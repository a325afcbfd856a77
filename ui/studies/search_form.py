"""The form of a search: what may vary and between which bounds, how many trials, and how they are proposed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from core.errors import ExperimentError
from core.experiment import Experiment, format_layers
from core.studies.search import (
    AT_BEST,
    AT_LAST,
    CHOICES_MOST,
    DIMENSIONS_MOST,
    GRID,
    GRID_VALUES,
    HALVING,
    LAYERS,
    MEDIAN,
    NO_PRUNER,
    RANDOM,
    TPE,
    TRIALS,
    Dimension,
    OneOf,
    Range,
    Search,
    searchable_settings,
)
from core.studies.sentences import score_word
from core.studies.setting_menu import DEPTH, WIDTH, VariableSetting
from ui.studies.setting_choice import say_what_to_change

_FIRST = ("lr", WIDTH)
_TRIALS = 30
_SAMPLERS: Mapping[str, str] = {TPE: "TPE", RANDOM: "Random", GRID: "Grid"}
_SAMPLER_HELP = (
    "TPE: ten trials at random, then more of them where the best ones were. Random: anywhere in the ranges. "
    "Grid: every combination."
)
_PRUNERS: Mapping[str, str] = {NO_PRUNER: "None", MEDIAN: "Median", HALVING: "Halving"}
_PRUNER_HELP = (
    "Median: trials below the median of earlier trials at the same epoch. Halving: all but the "
    "best quarter, again and again."
)
_OBJECTIVES: Mapping[str, str] = {AT_LAST: "last epoch", AT_BEST: "best epoch"}
# Bounds to begin with, where those of the usual values are too narrow.
_BOUNDS = {"lr": (0.0001, 1.0), WIDTH: (2.0, 32.0), DEPTH: (1.0, 3.0), "batch": (8.0, 128.0), "l2": (0.00001, 0.1)}
_RATIOS_FROM = 8.0  # a range that is so many times as high as low


def search_form(base: Experiment) -> Search | None:
    """Choose what may vary, the budget, and how trials are proposed."""
    settings = searchable_settings(base)
    titles = {name: setting.label for name, setting in settings.items()} | {LAYERS: "Network, from a list"}
    chosen = st.multiselect(
        "What may vary",
        list(titles),
        list(_FIRST),
        format_func=lambda name: titles.get(name, name),
        max_selections=DIMENSIONS_MOST,
        key="search-settings",
        persist_state="session",
    )
    try:
        dimensions = tuple(
            _listed_networks(base) if name == LAYERS else _dimension(settings[name])
            for name in chosen
            if name in titles
        )
        return Search(base, dimensions, **_budget(), **_more(base))
    except ExperimentError as error:
        say_what_to_change(error)
        return None


def trials_in_words(plan: Search) -> str:
    """Say how much is trained."""
    time = "" if plan.seconds is None else f", for {plan.seconds / 60:g} minutes at most"
    return f"Up to {plan.total:,} trials of {plan.base.training.epochs:,} epochs{time}"


def _dimension(setting: VariableSetting) -> Dimension:
    """Choose the range or the values of a setting, in a line of its own."""
    name = setting.name
    with st.container(key=f"search-line-{name}"):
        if not setting.is_number:
            titles = dict(setting.titles) or {"no": "no", "yes": "yes"}
            values = st.multiselect(
                setting.label,
                list(titles),
                list(setting.first),
                format_func=lambda one: titles.get(one, one),
                max_selections=CHOICES_MOST,
                key=f"search-{name}-choices",
                persist_state="session",
            )
            return OneOf(name, tuple(values))
        low, high, ratios = st.columns([3, 3, 2], vertical_alignment="bottom")
        first = _BOUNDS.get(name) or _bounds(setting)
        begin = _number(low, f"{setting.label} from", first[0], f"search-{name}-low")
        end = _number(high, "to", first[1], f"search-{name}-high")
        is_wide = first[0] > 0 and first[1] >= _RATIOS_FROM * first[0]
        log = ratios.checkbox(
            "Equal ratios",
            is_wide,
            key=f"search-{name}-ratios",
            persist_state="session",
            help="0.001 to 0.01 is as likely as 0.01 to 0.1.",
        )
        return Range(name, begin, end, bool(log))


def _bounds(setting: VariableSetting) -> tuple[float, float]:
    numbers = [float(value) for value in setting.first]
    return min(numbers), max(numbers)


def _listed_networks(base: Experiment) -> OneOf:
    """Choose networks, one a line, as in the address."""
    present = format_layers(base.network.layers)
    first = dict.fromkeys((present, "tanh-8", "tanh-8,tanh-8", "relu-16"))
    text = st.text_area(
        "Networks, one a line",
        "\n".join(first),
        key="search-networks",
        persist_state="session",
        help="Each layer is ACTIVATION-UNITS, such as relu-16; commas between layers.",
    )
    lines = [line.strip().replace(" ", "") for line in str(text or "").splitlines()]
    return OneOf(LAYERS, tuple(dict.fromkeys(line for line in lines if line)))


def _budget() -> dict[str, Any]:
    trials, minutes, sampler = st.columns([1, 1, 2])
    count = trials.number_input(
        "Trials", TRIALS.low, TRIALS.high, _TRIALS, key="search-trials", persist_state="session"
    )
    time = minutes.number_input(
        "Minutes at most",
        0.0,
        1440.0,
        0.0,
        1.0,
        format="%g",
        key="search-minutes",
        persist_state="session",
        help="0 for no limit. No trial begins after that.",
    )
    with sampler:
        chosen = _segments("Proposed by", _SAMPLERS, TPE, "search-sampler", _SAMPLER_HELP)
    values: dict[str, Any] = {"trials": int(count), "seconds": 60.0 * float(time) or None, "sampler": chosen}
    if chosen == GRID:
        values["grid_values"] = int(
            st.number_input(
                "Values of each range",
                GRID_VALUES.low,
                GRID_VALUES.high,
                Search.grid_values,
                key="search-grid-values",
                persist_state="session",
            )
        )
    return values


def _more(base: Experiment) -> dict[str, Any]:
    objective, pruner = st.columns(2)
    with objective:
        judged = _segments(
            f"Held-out {score_word(base)} after the",
            _OBJECTIVES,
            AT_LAST,
            "search-objective",
            "The best epoch is the one with the lowest held-out loss.",
        )
        price = st.checkbox(
            "Fewer parameters are better",
            key="search-price",
            persist_state="session",
            help="Then there is no single best trial, but a front: all that none beats in both.",
        )
    with pruner:
        ends = _segments("End hopeless trials early", _PRUNERS, NO_PRUNER, "search-pruner", _PRUNER_HELP)
    return {"objective": judged, "price": bool(price), "pruner": ends}


def _segments(label: str, words: Mapping[str, str], first: str, key: str, help: str) -> str:
    chosen = st.segmented_control(
        label,
        list(words),
        default=first,
        required=True,
        format_func=words.__getitem__,
        key=key,
        persist_state="session",
        help=help,
    )
    return chosen or first


def _number(place: Any, label: str, value: float, key: str) -> float:
    return float(place.number_input(label, value=value, format="%g", step=None, key=key, persist_state="session") or 0)
