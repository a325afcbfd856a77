"""The forms of studies: each returns what is to be trained, or None while something in it is not right."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

import streamlit as st

from core.errors import ExperimentError
from core.experiment import Experiment
from core.messages.pace import SPEEDS
from core.studies.race import RACERS_LEAST, RACERS_MOST, Race
from core.studies.sentences import score_word
from core.studies.study import BOTH, DATA, SEEDS_MOST, WEIGHTS, Study
from ui.components.markdown import literal
from ui.session import studies as session
from ui.studies.setting_choice import choose_setting, choose_varied, say_what_to_change

_Plan = TypeVar("_Plan", Study, Race)

_LUCK_SEEDS, _SEEDS_EACH = 20, 3
_EACH_WAY = 4  # values of each of two settings that are filled in
LUCK_WORDS: Mapping[str, str] = {WEIGHTS: "the first weights", DATA: "the data", BOTH: "weights and data"}
_LUCK_HELP = (
    "Weights: the first weights, the order of the rows, noise and dropout. Data: which points there are, and which of "
    "them are held out."
)
_SPEED_WORDS = {"slow": "Slow", "watch": "Watch", "fast": "Fast"}


def luck_form(base: Experiment) -> Study | None:
    """Choose how many seeds, and what another seed changes."""
    left, right = st.columns([1, 2])
    with left:
        seeds = _seeds("Runs", 2, _LUCK_SEEDS, "luck-seeds")
    with right:
        luck = _luck("luck-of")
    return _made(lambda: Study(base, (), seeds, luck))


def one_setting_form(base: Experiment) -> Study | None:
    """Choose a setting, its values, and how many seeds each."""
    varied = choose_varied(base, "one", "What varies", "lr")
    seeds, luck = _seeds_and_luck("one")
    return None if varied is None else _made(lambda: Study(base, (varied,), seeds, luck))


def two_settings_form(base: Experiment) -> Study | None:
    """Choose two settings, their values, and how many seeds each."""
    across = choose_varied(base, "across", "What varies across", "lr", most=_EACH_WAY)
    taken = {across.key} if across else set()
    down = choose_varied(base, "down", "What varies down", "width", most=_EACH_WAY, without=taken)
    seeds, luck = _seeds_and_luck("two")
    if across is None or down is None:
        return None
    # Rows first: the members of a study go through its last setting fastest.
    return _made(lambda: Study(base, (down, across), seeds, luck))


def race_form(base: Experiment) -> Race | None:
    """Choose the racers, a target, and a speed."""
    ticked = session.racers()
    if ticked:
        racers: tuple[Experiment, ...] | None = tuple(experiment for _, experiment in ticked)
        _say_ticked([name for name, _ in ticked])
    else:
        racers = _choose_rivals(base)
    left, right = st.columns(2)
    score = score_word(base)
    target = left.number_input(
        f"First to reach a held-out {score} of",
        0.0,
        1.0,
        0.95,
        0.01,
        format="%g",
        key="race-target",
        persist_state="session",
        help="0 for no target.",
    )
    speed = right.segmented_control(
        "Speed",
        list(_SPEED_WORDS),
        default="watch",
        required=True,
        format_func=_SPEED_WORDS.__getitem__,
        key="race-speed",
        persist_state="session",
    )
    if racers is None:
        return None
    return _made(lambda: Race(racers, float(target) or None, SPEEDS[speed or "watch"]))


def _say_ticked(names: list[str]) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"Runs that you ticked: {literal('; '.join(names))}.", width="content")
        st.button(
            "Race the lab's experiment instead",
            on_click=session.set_racers,
            args=((),),
            icon=":material/science:",
            key="race-lab",
        )


def _choose_rivals(base: Experiment) -> tuple[Experiment, ...] | None:
    """Choose what the lab's experiment races against: itself with other values of a setting."""
    left, right = st.columns([2, 3])
    with left:
        setting = choose_setting(base, "race", "The lab's experiment against other values of", "lr")
    with right:
        try:
            if setting.is_number:
                text = st.text_input(
                    f"Values, {RACERS_LEAST - 1} to {RACERS_MOST - 1}, separated by commas",
                    ", ".join((setting.first[0], setting.first[-1])),
                    key=f"race-{setting.name}-list",
                    persist_state="session",
                )
                values = [part.strip() for part in str(text or "").split(",") if part.strip()]
            else:
                titles = setting.titles or {"no": "no", "yes": "yes"}
                values = st.multiselect(
                    f"Values, {RACERS_LEAST - 1} to {RACERS_MOST - 1}",
                    list(titles),
                    list(setting.first[:1]),
                    format_func=lambda one: titles[one],
                    max_selections=RACERS_MOST - 1,
                    key=f"race-{setting.name}-choices",
                    persist_state="session",
                )
            if not 1 <= len(values) <= RACERS_MOST - 1:
                raise ExperimentError(setting.label, f"given 1 to {RACERS_MOST - 1} values", ", ".join(values))
            return (base, *(setting.applied(base, value) for value in values))
        except ExperimentError as error:
            say_what_to_change(error)
            return None


def _seeds_and_luck(name: str) -> tuple[int, str]:
    left, right = st.columns([1, 2])
    with left:
        seeds = _seeds("Runs of each", 1, _SEEDS_EACH, f"{name}-seeds")
    with right:
        return seeds, _luck(f"{name}-of")


def _seeds(label: str, least: int, first: int, key: str) -> int:
    help = "Each run has another seed: that of the experiment, and the ones that follow it."
    return int(st.number_input(label, least, SEEDS_MOST, first, key=key, persist_state="session", help=help))


def _luck(key: str) -> str:
    chosen = st.segmented_control(
        "Another run changes",
        list(LUCK_WORDS),
        default=WEIGHTS,
        required=True,
        format_func=LUCK_WORDS.__getitem__,
        key=key,
        persist_state="session",
        help=_LUCK_HELP,
    )
    return chosen or WEIGHTS


def _made(make: Callable[[], _Plan]) -> _Plan | None:
    """Return what was chosen; where it cannot be, say why."""
    try:
        return make()
    except ExperimentError as error:
        say_what_to_change(error)
        return None
