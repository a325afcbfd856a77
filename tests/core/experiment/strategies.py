"""Any valid experiment, drawn from the menus."""

from hypothesis import strategies as st

from core.experiment import DataSpec, Experiment, LayerSpec, NetworkSpec, TrainingSpec, menus
from core.experiment.keys import Real, Whole


def numbers(key: Whole | Real) -> st.SearchStrategy[float]:
    if isinstance(key, Whole):
        return st.integers(key.low, key.high)
    return st.floats(key.low, key.high)


@st.composite
def data_specs(draw: st.DrawFn) -> DataSpec:
    name = draw(st.sampled_from(list(menus.DATA)))
    settings = {field: draw(st.none() | numbers(setting.key)) for field, setting in menus.DATA[name].settings.items()}
    return DataSpec(
        name,
        **settings,
        seed=draw(st.none() | numbers(menus.DATA_SEED)),
        split=draw(st.sampled_from(list(menus.SPLITS))),
        test=draw(numbers(menus.TEST)),
        train_rows=draw(st.none() | numbers(menus.TRAIN_ROWS)),
        scaling=draw(st.none() | st.sampled_from(list(menus.SCALINGS))),
    )


layers = st.builds(LayerSpec, numbers(menus.UNITS), st.sampled_from(list(menus.ACTIVATIONS)))
network_specs = st.builds(
    NetworkSpec,
    st.lists(layers, max_size=menus.LAYERS_MOST).map(tuple),
    l2=st.just(0.0) | numbers(menus.L2),
    l2_on=st.lists(st.sampled_from(menus.L2_PLACES), min_size=1, unique=True).map(tuple),
    dropout=numbers(menus.DROPOUT),
)
training_specs = st.builds(
    TrainingSpec,
    optimizer=st.sampled_from(list(menus.OPTIMIZERS)),
    learning_rate=numbers(menus.LEARNING_RATE),
    batch_size=numbers(menus.BATCH),
    epochs=numbers(menus.EPOCHS),
    seed=numbers(menus.SEED),
)
experiments = st.builds(Experiment, data_specs(), network_specs, training_specs)
