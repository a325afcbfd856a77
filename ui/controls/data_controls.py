"""The data set, its settings, how its rows are parted and scaled, and what the boundary is drawn over."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

from core.analysis.axes import Axes
from core.datasets import Split, prepare
from core.errors import DataError
from core.experiment import DataSpec, Experiment, menus
from core.experiment.keys import Real, Whole
from ui import session
from ui.controls.file_controls import file_controls
from ui.controls.input_maps import input_map
from ui.controls.widgets import choice, fold, percent, seed, stops

_POINTS = (*range(20, 201, 20), *range(250, 1001, 50), *range(1100, 3001, 100), *range(3500, 10_001, 500))
_TESTS = (0.1, 0.2, 0.25, 0.3, 0.4, 0.5)
_FILE = "Your own file"
_IMBALANCES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0)
_RANDOM_LABELS = (0.0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
_IMBALANCE_HELP = "The first class keeps all its rows, the last one this share of them; the others lie between."
_RANDOM_LABELS_HELP = (
    "Their class is drawn by lot. Held-out rows keep theirs: where training accuracy rises and held-out accuracy "
    "falls, the network learns these labels by heart."
)
_WEIGHTS = "weights"  # not of the rows that train but of how much each counts
_BALANCES = {**menus.BALANCES, _WEIGHTS: menus.CLASS_WEIGHTS["balanced"]}
_VALIDATIONS = (0.0, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5)


def data_controls(data: DataSpec) -> DataSpec:
    """Choose a data set, its settings, and how its rows are prepared and parted."""
    chosen = choice("Data set", _titles(), _menu_name(data.name), "data", hide_label=True)
    if chosen != _menu_name(data.name):
        # What another data set needs of split and scaling is its own; its settings start at their defaults.
        data = session.last_file_data() if menus.DATA[chosen].uploaded else DataSpec(chosen)
    if data.table is not None:
        data = file_controls(data)
        session.keep_file_data(data)
    settings = menus.DATA[data.name].settings
    values: dict[str, Any] = {setting: _setting(data, setting) for setting in settings if setting in menus.MAKING}
    if "inputs" in settings:
        values["inputs"] = _inputs_control(data)
    return fold("Split and scaling", "split", replace(data, **values), _split_controls)


def class_controls(experiment: Experiment) -> Experiment:
    """Choose how many rows the classes keep, how many labels are drawn by lot, and what makes up for the rarer."""
    data, training = experiment.data, experiment.training
    settings = menus.DATA[data.name].settings
    values: dict[str, Any] = {}
    for name, options, help in (
        ("imbalance", _IMBALANCES, _IMBALANCE_HELP),
        ("random_labels", _RANDOM_LABELS, _RANDOM_LABELS_HELP),
    ):
        value = getattr(data, name)
        values[name] = stops(settings[name].label, options, value, f"{name}-{data.name}", help, percent)
    before = _WEIGHTS if data.balance == "none" and training.class_weight == "balanced" else str(data.balance)
    chosen = choice(settings["balance"].label, _BALANCES, before, f"balance-{data.name}")
    if chosen != before:
        values["balance"] = "none" if chosen == _WEIGHTS else chosen
        training = replace(training, class_weight="balanced" if chosen == _WEIGHTS else "none")
    return replace(experiment, data=replace(data, **values), training=training)


def look_control(data: DataSpec) -> None:
    """Choose what the boundary is drawn over, where the data have more than two features."""
    try:
        split = prepare(data)
    except DataError:  # which the page says where the figures would be
        return
    if split.image_shape is None and split.features > 2:
        drawn = "Boundary" if data.task == menus.CLASSES else "Surface"
        session.set_axes(_axes_control(drawn, split, session.axes(split)))


def _titles() -> dict[str, str]:
    """Return the data sets on the menu; the two kinds of file are one."""
    entries = [name for name in menus.DATA if name == _menu_name(name)]
    return {name: _FILE if menus.DATA[name].uploaded else _title(name) for name in entries}


def _menu_name(name: str) -> str:
    """Return which entry of the menu a data set belongs to."""
    return "file" if menus.DATA[name].uploaded else name


def _title(name: str) -> str:
    """Return a data set's title on the menu, which says where its target is a number."""
    data = menus.DATA[name]
    return f"{data.title} · numbers" if data.task == menus.NUMBERS else data.title


def _setting(data: DataSpec, name: str) -> Any:
    setting = menus.DATA[data.name].settings[name]
    if name == "points":
        return int(stops(setting.label, _POINTS, data.points or _POINTS[0], f"points-{data.name}"))
    bounds = setting.key
    assert isinstance(bounds, Whole | Real)  # data are made of numbers
    kind = type(bounds.low)
    return st.slider(
        setting.label,
        bounds.low,
        bounds.high,
        kind(getattr(data, name)),
        kind(setting.step),
        key=session.widget_key(f"{name}-{data.name}"),
    )


def _inputs_control(data: DataSpec) -> tuple[str, ...]:
    """Choose what the network is given of the points."""
    assert data.inputs is not None
    chosen = st.pills(
        "Inputs",
        list(menus.INPUTS),
        selection_mode="multi",
        default=list(data.inputs),
        format_func=lambda name: f"![]({input_map(name)}) {menus.INPUTS[name]}",
        key=session.widget_key(f"inputs-{data.name}"),
        help="What the network is given of every point. On the small maps orange is high and blue is low.",
    )
    if not chosen:
        st.warning("Choose at least one input; the network keeps those it has.")
        return data.inputs
    return tuple(name for name in menus.INPUTS if name in chosen)


def _split_controls(data: DataSpec) -> DataSpec:
    values: dict[str, Any] = {}
    titles = menus.SPLITS if data.task == menus.CLASSES else menus.SPLITS | {"stratified": "Random"}
    split = choice("Held-out rows", titles, data.split, f"split-{data.name}")
    if split == "stratified":
        values["test"] = stops("Share held out", _TESTS, data.test, f"test-{data.name}", written=percent)
    elif split == "ordered":
        low, high = menus.TRAIN_ROWS.low, menus.TRAIN_ROWS.high
        key = session.widget_key(f"train-rows-{data.name}")
        values["train_rows"] = st.number_input("Rows that train", low, high, data.train_rows, key=key)
    if split != "all":
        values["validation"] = stops(
            "Of the training rows, to validate on",
            _VALIDATIONS,
            data.validation,
            f"validation-{data.name}",
            "With a share above 0 there are three parts: one trains, one is measured after every epoch, and the "
            "held-out rows are tested once, at the end.",
            percent,
        )
    label = "Scaling, learned from the training rows"
    values["scaling"] = choice(label, menus.SCALINGS, str(data.scaling), f"scaling-{data.name}")
    values["seed"] = seed("Seed of the data", data.seed or 0, f"data-seed-{data.name}")
    return replace(data, split=split, **values)


def _axes_control(drawn: str, split: Split, axes: Axes) -> Axes:
    """Choose the plane that the decision boundary, or the surface of predicted numbers, is drawn over."""
    size = len(split.feature_names)
    kinds = {False: "two features", True: "principal components"}
    components = st.selectbox(
        f"{drawn} over", list(kinds), int(axes.components), format_func=kinds.__getitem__, key=f"over-{size}"
    )
    if components:
        return replace(axes, components=True)
    names = dict(enumerate(split.feature_names))
    left, right = st.columns(2, wrap=False)
    across = left.selectbox("Across", list(names), axes.across, format_func=names.__getitem__, key=f"across-{size}")
    up = right.selectbox("Up", list(names), axes.up, format_func=names.__getitem__, key=f"up-{size}")
    row = st.number_input(
        "Other features as in training row",
        0,
        len(split.y_train) - 1,
        axes.row,
        key=f"row-{size}",
        placeholder="at their medians",
        help="Empty: every other feature stands at its median over the training rows.",
    )
    if across == up:
        st.warning("Choose two different features; the figure keeps those it has.")
        return replace(axes, components=False)
    return Axes(across, up, row)
