"""Optimizer, learning rate and schedule, loss, and stopping."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import streamlit as st

from core.experiment import DataSpec, TrainingSpec, menus
from core.experiment.menus import Method
from core.experiment.schedule import rates_at
from core.figures import schedule_figure
from core.glossary import TERMS, now
from ui.components.figure_panel import figure_panel
from ui.controls.widgets import choice, more, none_at_0, seed, setting_control, stops, switch
from ui.session import current, limits, studies
from ui.sidebar import turn_to_studies

_RATES = (
    *(float(f"{digit}e{power}") for power in range(-5, 1) for digit in (1, 1.5, 2, 3, 5, 7)),
    menus.LEARNING_RATE.high,
)
_BATCHES = (1, 2, 4, 8, 10, 16, 25, 32, 50, 64, 100, 128, 256, 512, 1024, 2048, 4096)
_EPOCHS = (*range(1, 11), *range(15, 51, 5), *range(60, 201, 10), *range(250, 501, 50), *range(600, 2001, 100))
_PATIENCES = (0, 1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 100, 200, 500)
_TARGETS = (0.0, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.92, 0.95, 0.97, 0.98, 0.99, 0.995, 1.0)
_CURVE_POINTS = 401


def training_controls(training: TrainingSpec, rows: int | None) -> TrainingSpec:
    """Choose optimizer, learning rate, batch size and epochs.

    Args:
        rows: the number of training rows; None where the data cannot be prepared.
    """
    with st.container():
        training = _optimizer_control(training)
    slider, finder = st.columns([17, 3], vertical_alignment="bottom", gap="xsmall", wrap=False)
    with slider:
        moves = partial(_moves, training)
        rate = stops("Learning rate", _RATES, training.learning_rate, "rate", "learning_rate", now=moves)
    with finder:
        help = TERMS["rate_finder"].text
        if not limits.holds("lr") and st.button(
            "Find a learning rate", icon=":material/troubleshoot:", width="stretch", key="find-rate", help=help
        ):
            turn_to_studies(studies.RATE_FINDER)
    are_both_shown = not limits.hides("batch") and not limits.hides("epochs")
    batch, epochs = st.columns(2, wrap=False) if are_both_shown else (st.container(), st.container())
    with batch:
        steps = partial(now.batch_size, training_rows=rows)
        batch_size = int(stops("Batch size", _BATCHES, training.batch_size, "batch", "batch_size", now=steps))
    with epochs:
        steps = partial(now.epochs, batch=batch_size, training_rows=rows)
        count = int(stops("Epochs", _EPOCHS, training.epochs, "epochs", "epochs", now=steps))
    return replace(training, learning_rate=rate, batch_size=batch_size, epochs=count)


def schedule_controls(training: TrainingSpec) -> TrainingSpec:
    """Choose the learning-rate schedule and gradient clipping."""
    training = _method_control("Learning-rate schedule", training, "schedule", menus.SCHEDULES)
    training = _settings_controls(training, "schedule", menus.SCHEDULES)
    if training.schedule != TrainingSpec.schedule:
        times = np.linspace(0, training.epochs, _CURVE_POINTS)
        figure_panel("schedule-curve", "Learning rate", schedule_figure(times, rates_at(training, times)))
    training = _method_control("Gradient clipping", training, "clip", menus.CLIPS)
    return _settings_controls(training, "clip", menus.CLIPS)


def loss_controls(training: TrainingSpec, task: str) -> TrainingSpec:
    """Choose the loss."""
    training = _method_control("Loss", training, "loss", menus.LOSSES[task], f"loss-{task}")
    return _settings_controls(training, "loss", menus.LOSSES[task])


def stopping_controls(training: TrainingSpec, data: DataSpec) -> TrainingSpec:
    """Choose what stops training before its last epoch."""
    rows = "validation" if data.validation else "held-out"
    measure = "R²" if data.task == menus.NUMBERS else "accuracy"
    label = "Early-stopping patience (epochs)"
    written = none_at_0("off")
    patience = int(stops(label, _PATIENCES, training.patience, "patience", "patience", written, now.patience, rows))
    best = True
    if patience:
        best = switch("Restore the best weights", training.restore_best, "restore-best", "restore_best", rows)
    label, name = f"Stop at {measure}", f"target-{data.task}"
    target = stops(label, _TARGETS, training.target, name, "stop_at", written, rows=rows)
    return replace(training, patience=patience, restore_best=best, target=target)


def seed_control(training: TrainingSpec) -> TrainingSpec:
    """Choose the seed of the initial weights, the order of the rows, and dropout."""
    return replace(training, seed=seed("Weight seed", training.seed, current.SEED, "weight_seed"))


def _optimizer_control(training: TrainingSpec) -> TrainingSpec:
    if limits.hides("optimizer"):
        return training
    optimizer, settings = st.columns([17, 3], vertical_alignment="bottom", gap="xsmall", wrap=False)
    with optimizer:
        training = _method_control("Optimizer", training, "optimizer", menus.OPTIMIZERS)
    with settings:
        training = more("Optimizer settings", "optimizer", training, _optimizer_settings)
    if text := _changed_settings(training):
        st.caption(text)
    return training


def _optimizer_settings(training: TrainingSpec) -> TrainingSpec:
    return _settings_controls(training, "optimizer", menus.OPTIMIZERS)


def _changed_settings(training: TrainingSpec) -> str:
    """Return the settings that differ from their defaults, in words, so that they show while the button is closed."""
    settings = menus.OPTIMIZERS[training.optimizer].settings
    values = {name: getattr(training, name) for name in settings}
    changed = [name for name, setting in settings.items() if values[name] != setting.default]
    return " · ".join(f"{settings[name].label}: {settings[name].key.format(values[name])}" for name in changed)


def _moves(training: TrainingSpec, rate: float) -> str:
    return now.learning_rate(replace(training, learning_rate=rate))


def _method_control(
    label: str, training: TrainingSpec, field: str, methods: Mapping[str, Method], name: str | None = None
) -> TrainingSpec:
    """Choose a method; a new one starts with the defaults of its own settings."""
    before = getattr(training, field)
    titles = {method: choices.title for method, choices in methods.items()}
    chosen = choice(label, titles, before, name or field, field)
    if chosen == before:
        return training
    values: dict[str, Any] = {setting: None for method in methods.values() for setting in method.settings}
    return replace(training, **values | {field: chosen})


def _settings_controls(training: TrainingSpec, field: str, methods: Mapping[str, Method]) -> TrainingSpec:
    """Choose the settings of the method in a field."""
    of = getattr(training, field)
    values = {
        name: setting_control(setting, getattr(training, name), name, of)
        for name, setting in methods[of].settings.items()
    }
    return replace(training, **values)
