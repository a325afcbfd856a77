"""The data set and its settings, class balance, and how the rows are split and scaled."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

from core.experiment import DataSpec, Experiment, menus
from core.experiment.keys import Real, Whole
from core.glossary.now import held_out_share
from ui.components.explained import help_of
from ui.controls.file_controls import file_controls
from ui.controls.input_controls import input_controls
from ui.controls.widgets import choice, fold, percent, seed, stops
from ui.session import current, files, limits

_POINTS = (*range(20, 201, 20), *range(250, 1001, 50), *range(1100, 3001, 100), *range(3500, 10_001, 500))
_TESTS = (0.1, 0.2, 0.25, 0.3, 0.4, 0.5)
_VALIDATIONS = (0.0, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5)
_IMBALANCES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0)
_RANDOM_LABELS = (0.0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
_TRAIN_SHARES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0)
_TERMS = {"classes": "blob_classes", "min_pictures": "pictures_per_person", "max_pictures": "pictures_per_person"}
_FILE = "Your own file"
_WEIGHTS = "weights"  # a choice of `class_weight` on the menu of `balance`
_BALANCES = {**menus.BALANCES, _WEIGHTS: menus.CLASS_WEIGHTS["balanced"]}


def data_controls(data: DataSpec) -> DataSpec:
    """Choose a data set, its settings, and how its rows are split and scaled."""
    chosen = choice("Data set", _titles(), _menu_name(data.name), "data", "data_set", hide_label=True)
    if chosen != _menu_name(data.name):
        # Another data set starts with its own defaults, split and scaling included.
        data = files.last_data() if menus.DATA[chosen].uploaded else DataSpec(chosen)
    if data.table is not None and not limits.holds("data"):
        data = file_controls(data)
        files.keep_data(data)
    settings = menus.DATA[data.name].settings
    values: dict[str, Any] = {setting: _setting(data, setting) for setting in settings if setting in menus.MAKING}
    data = replace(data, **values)
    if menus.DATA[data.name].planar and not limits.hides("inputs"):
        data = input_controls(data)
    return fold("Split and scaling", "split", data, _split_controls)


def class_controls(experiment: Experiment) -> Experiment:
    """Choose how rare the classes become, how many labels are random, and how rare classes are compensated for."""
    data, training = experiment.data, experiment.training
    settings = menus.DATA[data.name].settings
    values: dict[str, Any] = {}
    for name, options in (("imbalance", _IMBALANCES), ("random_labels", _RANDOM_LABELS)):
        value = getattr(data, name)
        values[name] = stops(settings[name].label, options, value, f"{name}-{data.name}", name, percent)
    before = _WEIGHTS if data.balance == "none" and training.class_weight == "balanced" else str(data.balance)
    chosen = choice(settings["balance"].label, _BALANCES, before, f"balance-{data.name}", "balance")
    if chosen != before:
        values["balance"] = "none" if chosen == _WEIGHTS else chosen
        training = replace(training, class_weight="balanced" if chosen == _WEIGHTS else "none")
    return replace(experiment, data=replace(data, **values), training=training)


def _titles() -> dict[str, str]:
    """Return the titles of the data sets on the menu; the two kinds of file share one entry."""
    entries = [name for name in menus.DATA if name == _menu_name(name)]
    return {name: _FILE if menus.DATA[name].uploaded else _title(name) for name in entries}


def _menu_name(name: str) -> str:
    """Return which entry of the menu a data set belongs to."""
    return "file" if menus.DATA[name].uploaded else name


def _title(name: str) -> str:
    """Return a data set's title on the menu, which says where the task is regression."""
    data = menus.DATA[name]
    return f"{data.title} · regression" if data.task == menus.NUMBERS else data.title


def _setting(data: DataSpec, name: str) -> Any:
    if limits.hides(name):
        return getattr(data, name)
    setting = menus.DATA[data.name].settings[name]
    if name == "points":
        return int(stops(setting.label, _POINTS, data.points or _POINTS[0], f"points-{data.name}", "points"))
    bounds = setting.key
    assert isinstance(bounds, Whole | Real)  # every other setting that makes data is a number
    kind = type(bounds.low)
    return st.slider(
        setting.label,
        bounds.low,
        bounds.high,
        kind(getattr(data, name)),
        kind(setting.step),
        key=current.widget_key(f"{name}-{data.name}"),
        disabled=limits.locks(name),
        help=help_of(_TERMS.get(name, name)),
    )


def _split_controls(data: DataSpec) -> DataSpec:
    values: dict[str, Any] = {}
    titles = menus.SPLITS if data.task == menus.CLASSES else menus.SPLITS | {"stratified": "Random"}
    split = choice("Held-out rows", titles, data.split, f"split-{data.name}", "split")
    if split == "stratified":
        key, term = f"test-{data.name}", "held_out_share"
        values["test"] = stops("Held-out share", _TESTS, data.test, key, term, percent, held_out_share)
    elif split == "ordered" and not limits.hides("train_rows"):
        low, high = menus.TRAIN_ROWS.low, menus.TRAIN_ROWS.high
        key = current.widget_key(f"train-rows-{data.name}")
        help, is_locked = help_of("train_rows"), limits.locks("train_rows")
        values["train_rows"] = st.number_input(
            "Training rows", low, high, data.train_rows, key=key, help=help, disabled=is_locked
        )
    if split != "all":
        label, key = "Validation share of training rows", f"validation-{data.name}"
        values["validation"] = stops(label, _VALIDATIONS, data.validation, key, "validation", percent)
        label, key = "Training rows used", f"train-share-{data.name}"
        values["train_share"] = stops(label, _TRAIN_SHARES, data.train_share, key, "train_share", percent)
    label = "Scaling (fitted on training rows)"
    values["scaling"] = choice(label, menus.SCALINGS, str(data.scaling), f"scaling-{data.name}", "scaling")
    values["seed"] = seed("Data seed", data.seed or 0, f"data-seed-{data.name}", "data_seed")
    return replace(data, split=split, **values)
