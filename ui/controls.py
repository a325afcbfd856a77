"""The sidebar: one function a control group, each takes and returns values of `core.experiment`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from core.errors import DataError
from core.experiment import RECIPES, DataSpec, Experiment, LayerSpec, NetworkSpec, TrainingSpec, menus, read_query
from core.experiment.keys import format_number
from ui import session
from ui.server import split_of

PACES = {0.0: "as fast as it goes", 30.0: "30 epochs a second", 10.0: "10 epochs a second", 2.0: "2 epochs a second"}

# What the sliders stop at; a value from the address that lies between takes its place among them.
_UNITS = (*range(1, 21), *range(24, 65, 4), *range(72, 129, 8), *range(160, menus.UNITS_MOST + 1, 32))
_RATES = (
    *(float(f"{digit}e{power}") for power in range(-5, 1) for digit in (1, 1.5, 2, 3, 5, 7)),
    menus.LEARNING_RATE.high,
)
_POINTS = (*range(20, 201, 20), *range(250, 1001, 50), *range(1100, 3001, 100), *range(3500, 10_001, 500))
_BATCHES = (1, 2, 4, 8, 10, 16, 25, 32, 50, 64, 100, 128, 256, 512, 1024, 2048, 4096)
_EPOCHS = (*range(1, 11), *range(15, 51, 5), *range(60, 201, 10), *range(250, 501, 50), *range(600, 2001, 100))
_PENALTIES = (0.0, 0.00001, 0.00003, 0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)


def experiment_controls(experiment: Experiment) -> Experiment:
    """Draw the controls of an experiment, and of how it is looked at, and return what they say."""
    _recipe_control()
    st.subheader("Data")
    data = data_controls(experiment.data)
    _look_control(data)
    st.subheader("Network")
    network = layer_controls(experiment.network)
    st.subheader("Training")
    training = training_controls(experiment.training)
    with st.expander("Regularization, seed, speed"):
        network = regularization_controls(network)
        training = replace(training, seed=_seed("Seed of the weights", "seed", training.seed))
        _pace_control()
    return Experiment(data, network, training)


def data_controls(data: DataSpec) -> DataSpec:
    """Choose a data set, its settings, and how its rows are prepared and parted."""
    name = st.selectbox(
        "Data set",
        list(menus.DATA),
        index=list(menus.DATA).index(data.name),
        format_func=lambda option: menus.DATA[option].title,
        key=session.widget_key("data"),
        label_visibility="collapsed",
    )
    if name != data.name:
        # What another data set needs of split and scaling is its own; its settings start at their defaults.
        data = DataSpec(name)
    values = {setting: _data_setting(data, setting) for setting in menus.DATA[name].settings}
    with st.expander("Split and scaling"):
        split = st.selectbox(
            "Held-out rows",
            list(menus.SPLITS),
            index=list(menus.SPLITS).index(data.split),
            format_func=menus.SPLITS.__getitem__,
            key=session.widget_key(f"split-{name}"),
        )
        if split == "stratified":
            values["test"] = _stops("Share held out", (0.1, 0.2, 0.25, 0.3, 0.4, 0.5), data.test, "test", share=True)
        elif split == "ordered":
            values["train_rows"] = st.number_input(
                "Rows that train",
                menus.TRAIN_ROWS.low,
                menus.TRAIN_ROWS.high,
                data.train_rows,
                key=session.widget_key(f"train-rows-{name}"),
            )
        values["scaling"] = st.selectbox(
            "Scaling, learned from the training rows",
            list(menus.SCALINGS),
            index=list(menus.SCALINGS).index(str(data.scaling)),
            format_func=menus.SCALINGS.__getitem__,
            key=session.widget_key(f"scaling-{name}"),
        )
        values["seed"] = _seed("Seed of the data", f"data-seed-{name}", data.seed or 0)
    return DataSpec(name, split=split, **values)


def layer_controls(network: NetworkSpec) -> NetworkSpec:
    """Choose the hidden layers: how many, and the width and activation of each."""
    count = st.slider("Hidden layers", 0, menus.LAYERS_MOST, len(network.layers), key=session.widget_key("layers"))
    spare = session.spare_layers(network.layers, menus.LAYERS_MOST)
    return replace(network, layers=tuple(_layer_control(place, spare[place]) for place in range(count)))


def regularization_controls(network: NetworkSpec) -> NetworkSpec:
    """Choose dropout, and the strength of L2 and what it falls on."""
    dropout = st.slider(
        "Dropout after every hidden layer",
        menus.DROPOUT.low,
        menus.DROPOUT.high,
        network.dropout,
        0.05,
        key=session.widget_key("dropout"),
    )
    strength = _stops("L2 penalty", _PENALTIES, network.l2, "l2")
    places = network.l2_on
    if strength:
        chosen = st.multiselect("L2 on", menus.L2_PLACES, network.l2_on, key=session.widget_key("l2-on"))
        if chosen:
            places = tuple(chosen)
        else:
            st.warning("L2 needs something to fall on: choose kernel, bias or activity.")
    return replace(network, dropout=dropout, l2=strength, l2_on=places)


def training_controls(training: TrainingSpec) -> TrainingSpec:
    """Choose optimizer, learning rate, batch size and epochs."""
    optimizer = st.selectbox(
        "Optimizer",
        list(menus.OPTIMIZERS),
        index=list(menus.OPTIMIZERS).index(training.optimizer),
        format_func=menus.OPTIMIZERS.__getitem__,
        key=session.widget_key("optimizer"),
    )
    rate = _stops("Learning rate", _RATES, training.learning_rate, "rate", "Takes effect at once, also while training")
    batch, epochs = st.columns(2)
    with batch:
        batch_size = _stops("Batch size", _BATCHES, training.batch_size, "batch")
    with epochs:
        count = _stops("Epochs", _EPOCHS, training.epochs, "epochs")
    return replace(training, optimizer=optimizer, learning_rate=rate, batch_size=int(batch_size), epochs=int(count))


def axes_control(feature_names: Sequence[str], axes: tuple[int, int]) -> tuple[int, int]:
    """Choose the two features that the decision boundary is drawn over."""
    names = dict(enumerate(feature_names))
    left, right = st.columns(2)
    across = left.selectbox(
        "Boundary across", list(names), axes[0], format_func=names.__getitem__, key=f"across-{len(names)}"
    )
    up = right.selectbox("and up", list(names), axes[1], format_func=names.__getitem__, key=f"up-{len(names)}")
    if across == up:
        st.warning("Choose two different features; the boundary stays as it was.")
        return axes
    return across, up


def _recipe_control() -> None:
    st.selectbox(
        "Recipe",
        list(RECIPES),
        index=None,
        format_func=lambda name: RECIPES[name].title,
        placeholder="Start from a recipe…",
        label_visibility="collapsed",
        key=session.widget_key("recipe"),
        on_change=_take_recipe,
    )


def _take_recipe() -> None:
    name = session.widget_value("recipe")
    if name is not None:
        session.set_experiment(read_query(f"recipe={name}"))


def _look_control(data: DataSpec) -> None:
    """Choose what the boundary is drawn over, where the data have more than two features."""
    try:
        split = split_of(data)
    except DataError as error:
        st.error(str(error), icon=":material/table_rows:")
        return
    if split.image_shape is None and split.features > 2:
        session.set_axes(axes_control(split.feature_names, session.axes(split.features)))


def _data_setting(data: DataSpec, name: str) -> Any:
    setting = menus.DATA[data.name].settings[name]
    if name == "points":
        return int(_stops(setting.label, _POINTS, data.points or _POINTS[0], f"points-{data.name}"))
    kind = type(setting.key.low)
    return st.slider(
        setting.label,
        setting.key.low,
        setting.key.high,
        kind(getattr(data, name)),
        kind(setting.step),
        key=session.widget_key(f"{name}-{data.name}"),
    )


def _layer_control(place: int, layer: LayerSpec) -> LayerSpec:
    width, activation = st.columns([3, 2], vertical_alignment="bottom")
    with width:
        units = _stops(f"Layer {place + 1}: units", _UNITS, layer.units, f"units-{place}")
    chosen = activation.selectbox(
        f"Layer {place + 1}: activation",
        list(menus.ACTIVATIONS),
        index=list(menus.ACTIVATIONS).index(layer.activation),
        format_func=menus.ACTIVATIONS.__getitem__,
        key=session.widget_key(f"activation-{place}"),
        label_visibility="collapsed",
    )
    return LayerSpec(int(units), chosen)


def _pace_control() -> None:
    paces = list(PACES)
    index = paces.index(session.pace())
    session.set_pace(st.selectbox("Speed", paces, index, format_func=PACES.__getitem__, key="pace-control"))


def _seed(label: str, name: str, value: int) -> int:
    seed = menus.SEED
    return int(st.number_input(label, seed.low, seed.high, value, key=session.widget_key(name)))


def _stops(
    label: str, stops: Sequence[float], value: float, name: str, help: str | None = None, share: bool = False
) -> float:
    """A slider over a few sensible values, and the present one where it is none of them."""
    options = sorted({*stops, value})
    written = (lambda stop: f"{stop:.0%}") if share else format_number
    key = session.widget_key(f"{name}-{len(options)}")
    chosen: float = st.select_slider(label, options, value, format_func=written, key=key, help=help)
    return chosen
