"""An experiment: data, network and training in one immutable value.

Every spec validates itself and raises `ExperimentError` naming the key, what is allowed and what
came. Equal experiments train to the same history on the same machine.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from core.errors import ExperimentError
from core.experiment import menus


@dataclass(frozen=True)
class DataSpec:
    """A data set, its settings, and how its rows are prepared and parted.

    `points`, `noise`, `arms` and `classes` are None where the data set has no such setting, and
    take the data set's default where it has one and none is given (as do `seed`, `train_rows`
    and `scaling`). `test` is the held-out share of the stratified split, `train_rows` the number
    of leading rows that train in the ordered one; the one that does not apply is set back to its
    default, so that equal experiments are equal values. With `split="all"` every row trains and
    the held-out rows are the training rows.
    """

    name: str = "moons"
    points: int | None = None
    noise: float | None = None
    arms: int | None = None
    classes: int | None = None
    seed: int | None = None
    split: str = "stratified"
    test: float = 0.2
    train_rows: int | None = None
    scaling: str | None = None

    def __post_init__(self) -> None:
        choice = menus.DATA[menus.DATA_KEY.check(self.name)]
        for name in ("points", "noise", "arms", "classes"):
            setting = choice.settings.get(name)
            value = getattr(self, name)
            if setting is None:
                if value is not None:
                    raise ExperimentError(name, f"absent: {choice.title} has no such setting", value)
            else:
                object.__setattr__(self, name, setting.key.check(setting.default if value is None else value))
        self._default("seed", choice.seed)
        self._default("train_rows", choice.train_rows)
        self._default("scaling", choice.scaling)
        menus.DATA_SEED.check(self.seed)
        menus.SPLIT.check(self.split)
        if self.split != "ordered":
            object.__setattr__(self, "train_rows", choice.train_rows)
        if self.split != "stratified":
            object.__setattr__(self, "test", DataSpec.test)
        object.__setattr__(self, "test", menus.TEST.check(self.test))
        menus.TRAIN_ROWS.check(self.train_rows)
        menus.SCALING.check(self.scaling)

    def _default(self, name: str, value: object) -> None:
        if getattr(self, name) is None:
            object.__setattr__(self, name, value)


@dataclass(frozen=True)
class LayerSpec:
    """One hidden layer: a Dense layer of `units` units (1 to 512) and its activation."""

    units: int = 4
    activation: str = "relu"

    def __post_init__(self) -> None:
        menus.UNITS.check(self.units)
        menus.ACTIVATION.check(self.activation)


@dataclass(frozen=True)
class NetworkSpec:
    """The hidden layers, input side first, and what regularizes them.

    `l2` is the strength of the L2 penalty, `l2_on` what it falls on (kernel, bias, activity) in
    every layer, the output layer too; where the strength is 0 it is set back to its default.
    `dropout` is the rate of a Dropout layer after every hidden layer. The output layer follows
    from the data.
    """

    layers: tuple[LayerSpec, ...] = (LayerSpec(4, "tanh"), LayerSpec(2, "tanh"))
    l2: float = 0.0
    l2_on: tuple[str, ...] = ("kernel",)
    dropout: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "layers", tuple(self.layers))
        if not all(isinstance(layer, LayerSpec) for layer in self.layers):
            raise ExperimentError("layers", "hidden layers, each a LayerSpec", self.layers)
        if len(self.layers) > menus.LAYERS_MOST:
            raise ExperimentError("layers", f"at most {menus.LAYERS_MOST} layers", f"{len(self.layers)} layers")
        object.__setattr__(self, "l2", menus.L2.check(self.l2))
        places = menus.L2_ON.check(self.l2_on)
        object.__setattr__(self, "l2_on", places if self.l2 else NetworkSpec.l2_on)
        object.__setattr__(self, "dropout", menus.DROPOUT.check(self.dropout))


@dataclass(frozen=True)
class TrainingSpec:
    """How the network is trained.

    `seed` fixes the first weights, the order of the rows in every epoch, and dropout.
    """

    optimizer: str = "adam"
    learning_rate: float = 0.01
    batch_size: int = 32
    epochs: int = 100
    seed: int = 0

    def __post_init__(self) -> None:
        menus.OPTIMIZER.check(self.optimizer)
        object.__setattr__(self, "learning_rate", menus.LEARNING_RATE.check(self.learning_rate))
        menus.BATCH.check(self.batch_size)
        menus.EPOCHS.check(self.epochs)
        menus.SEED.check(self.seed)


@dataclass(frozen=True)
class Experiment:
    """Everything that decides a training run."""

    data: DataSpec = field(default_factory=DataSpec)
    network: NetworkSpec = field(default_factory=NetworkSpec)
    training: TrainingSpec = field(default_factory=TrainingSpec)


def output_units(classes: int) -> int:
    """Return the units of the output layer: 1 (sigmoid) for two classes, else one a class."""
    return 1 if classes == 2 else classes


def layer_parameters(network: NetworkSpec, features: int, classes: int) -> Iterator[tuple[int, int, int]]:
    """Yield (inputs, units, parameters) of every Dense layer, the output layer last."""
    inputs = features
    for units in (*(layer.units for layer in network.layers), output_units(classes)):
        yield inputs, units, inputs * units + units
        inputs = units


def count_parameters(network: NetworkSpec, features: int, classes: int) -> int:
    """Return the number of weights and biases of the network, the output layer's included."""
    return sum(parameters for _, _, parameters in layer_parameters(network, features, classes))
