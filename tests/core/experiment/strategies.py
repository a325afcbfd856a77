"""Hypothesis strategies for all valid experiments."""

from typing import Any

from hypothesis import strategies as st

from core.experiment import DataSpec, Experiment, LayerSpec, NetworkSpec, TableSpec, TrainingSpec, menus
from core.experiment.keys import Choice, Flag, Key, Names, Real, Several, Text, Whole
from core.experiment.menus import Setting
from core.experiment.table_spec import TABLE_KEYS

# The data sets that need no uploaded file.
BUILT_IN = [name for name, data in menus.DATA.items() if not data.uploaded]


def values(key: Key) -> st.SearchStrategy[Any]:
    match key:
        case Whole():
            return st.integers(key.low, key.high)
        case Real():
            return st.just(key.low) | st.floats(key.low, key.high)  # often 0, which turns a setting off
        case Choice():
            return st.sampled_from(list(key.options))
        case Several():
            return st.lists(st.sampled_from(key.options), min_size=1, unique=True).map(tuple)
        case Flag():
            return st.booleans()
        case Text(pattern=pattern):
            return st.from_regex(pattern, fullmatch=True) if pattern else lines(key.most)
        case Names(each=each):
            return st.lists(lines(each.most).filter(bool), unique=True, max_size=5).map(tuple)


def lines(most: int) -> st.SearchStrategy[str]:
    """Draw one line of text."""
    return st.text(max_size=most).filter(str.isprintable)


def settings(of: dict[str, Setting]) -> st.SearchStrategy[dict[str, Any]]:
    """Draw a value for each setting, or None for its default."""
    return st.fixed_dictionaries({name: st.none() | values(setting.key) for name, setting in of.items()})


table_specs = st.builds(TableSpec, **{name: values(key) for name, key in TABLE_KEYS.items()})


@st.composite
def data_specs(draw: st.DrawFn) -> DataSpec:
    name = draw(st.sampled_from(list(menus.DATA)))
    return DataSpec(
        name,
        **draw(settings(menus.DATA[name].settings)),
        seed=draw(st.none() | values(menus.DATA_SEED)),
        split=draw(values(menus.SPLIT)),
        test=draw(values(menus.TEST)),
        train_rows=draw(st.none() | values(menus.TRAIN_ROWS)),
        validation=draw(values(menus.VALIDATION)),
        train_share=draw(values(menus.TRAIN_SHARE)),
        scaling=draw(st.none() | values(menus.SCALING)),
        table=draw(table_specs) if menus.DATA[name].uploaded else None,
    )


layer_specs = st.builds(
    LayerSpec,
    units=values(menus.UNITS),
    activation=values(menus.ACTIVATION),
    normalization=values(menus.NORMALIZATION),
    noise=values(menus.LAYER_NOISE),
    dropout=st.none() | values(menus.LAYER_DROPOUT),
)
network_specs = st.builds(
    NetworkSpec,
    layers=st.lists(layer_specs, max_size=menus.LAYERS_MOST).map(tuple),
    initializer=values(menus.INITIALIZER),
    l1=values(menus.L1),
    l1_on=values(menus.L1_ON),
    l2=values(menus.L2),
    l2_on=values(menus.L2_ON),
    max_norm=values(menus.MAX_NORM),
    dropout=values(menus.DROPOUT),
)


@st.composite
def training_specs(draw: st.DrawFn, task: str = menus.CLASSES) -> TrainingSpec:
    chosen: dict[str, Any] = {
        "optimizer": draw(values(menus.OPTIMIZER)),
        "schedule": draw(values(menus.SCHEDULE)),
        "clip": draw(values(menus.CLIP)),
        "loss": draw(st.none() | values(menus.LOSS_OF[task])),
    }
    for choice, methods in menus.METHODS.items():
        if chosen[choice] is not None:
            chosen |= draw(settings(methods[chosen[choice]].settings))
    return TrainingSpec(
        **chosen,
        learning_rate=draw(values(menus.LEARNING_RATE)),
        batch_size=draw(values(menus.BATCH)),
        epochs=draw(values(menus.EPOCHS)),
        seed=draw(values(menus.SEED)),
        class_weight=draw(values(menus.CLASS_WEIGHT_OF[task])),
        patience=draw(values(menus.PATIENCE)),
        restore_best=draw(values(menus.RESTORE_BEST)),
        target=draw(values(menus.TARGET)),
    )


@st.composite
def any_experiment(draw: st.DrawFn) -> Experiment:
    data = draw(data_specs())
    return Experiment(data, draw(network_specs), draw(training_specs(data.task)))


experiments = any_experiment()
