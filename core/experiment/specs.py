"""An experiment: data, network and training in one immutable value.

Every spec validates itself and raises an `ExperimentError` with the key, what is allowed and what
was received. Equal experiments give the same history on the same machine.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from core.errors import ExperimentError
from core.experiment import menus
from core.experiment.table_spec import TableSpec


def _set(spec: object, name: str, value: object) -> None:
    object.__setattr__(spec, name, value)


@dataclass(frozen=True)
class DataSpec:
    """A data set, its settings, and how its rows are split and scaled.

    The settings from `points` to `inputs` are None if the data set doesn't have them; if it does, None is replaced by
    the data set's default. So is None for `seed`, `train_rows` and `scaling`. Those of `test`, `train_rows`,
    `validation` and `train_share` that don't apply are reset to their defaults, so that equal experiments are equal
    values.

    Attributes:
        name: a key of `menus.DATA`.
        points: the number of points.
        noise: its meaning depends on the data set.
        arms, classes: of the spiral, and of the blobs.
        min_pictures, max_pictures: people with fewer pictures are left out, and further pictures of a person too.
        imbalance: the share of its rows that the last class keeps; class sizes form a geometric sequence.
        random_labels: the share of training rows that get a random label, all classes equally likely.
        balance: a key of `menus.BALANCES`; "cut" undersamples the training rows to the size of the smallest class.
        inputs: for points in the plane, the inputs of the network, keys of `menus.INPUTS`. A file has points if its
            inputs are two columns of numbers; otherwise it must have `menus.PLAIN_INPUTS`, which are all its features.
        seed: generates the points and splits the rows.
        split: a key of `menus.SPLITS`; with "all", the training rows are also the held-out rows.
        test: the held-out share of the stratified split.
        train_rows: the number of training rows of the ordered split.
        validation: the share of the training rows that is set aside for validation after every epoch; if 0, the test
            rows are used.
        train_share: the share of the training rows that is used, the first ones of every class.
        scaling: a key of `menus.SCALINGS`; learned from the training rows.
        table: for uploaded files only.
    """

    name: str = "moons"
    points: int | None = None
    noise: float | None = None
    arms: int | None = None
    classes: int | None = None
    min_pictures: int | None = None
    max_pictures: int | None = None
    imbalance: float | None = None
    random_labels: float | None = None
    balance: str | None = None
    inputs: tuple[str, ...] | None = None
    seed: int | None = None
    split: str = "stratified"
    test: float = 0.2
    train_rows: int | None = None
    validation: float = 0.0
    train_share: float = 1.0
    scaling: str | None = None
    table: TableSpec | None = None

    def __post_init__(self) -> None:
        choice = menus.DATA[menus.DATA_KEY.check(self.name)]
        for name in menus.setting_names(menus.DATA):
            setting = choice.settings.get(name)
            value = getattr(self, name)
            if setting is None:
                if value is not None:
                    raise ExperimentError(name, f"absent: {choice.title} has no such setting", value)
            else:
                _set(self, name, setting.key.check(setting.default if value is None else value))
        if choice.uploaded:
            self._default("table", TableSpec())
        elif self.table is not None:
            raise ExperimentError("table", f"absent: {choice.title} is not a file", self.table)
        self._default("seed", choice.seed)
        self._default("train_rows", choice.train_rows)
        self._default("scaling", choice.scaling)
        menus.DATA_SEED.check(self.seed)
        menus.SPLIT.check(self.split)
        menus.TRAIN_ROWS.check(self.train_rows)
        _set(self, "test", menus.TEST.check(self.test))
        _set(self, "validation", menus.VALIDATION.check(self.validation))
        _set(self, "train_share", menus.TRAIN_SHARE.check(self.train_share))
        menus.SCALING.check(self.scaling)
        if self.split != "ordered":
            _set(self, "train_rows", choice.train_rows)
        if self.split != "stratified":
            _set(self, "test", DataSpec.test)
        if self.split == "all":
            _set(self, "validation", DataSpec.validation)
            _set(self, "train_share", DataSpec.train_share)

    @property
    def task(self) -> str:
        """`menus.CLASSES` for classification, or `menus.NUMBERS` for regression."""
        return menus.DATA[self.name].task

    @property
    def derives_inputs(self) -> bool:
        """Whether the inputs of the network are computed from two features, and not these themselves."""
        return self.inputs not in (None, menus.PLAIN_INPUTS)

    def _default(self, name: str, value: object) -> None:
        if getattr(self, name) is None:
            _set(self, name, value)


@dataclass(frozen=True)
class LayerSpec:
    """A hidden layer: Dense, normalization, activation, Gaussian noise and Dropout, in this order.

    Attributes:
        units: 1 to 512.
        activation: a key of `menus.ACTIVATIONS`.
        normalization: a key of `menus.NORMALIZATIONS`.
        noise: standard deviation of the noise added in training; 0 for none.
        dropout: the rate; None for the network's rate.
    """

    units: int = 4
    activation: str = "relu"
    normalization: str = "none"
    noise: float = 0.0
    dropout: float | None = None

    def __post_init__(self) -> None:
        menus.UNITS.check(self.units)
        menus.ACTIVATION.check(self.activation)
        menus.NORMALIZATION.check(self.normalization)
        _set(self, "noise", menus.LAYER_NOISE.check(self.noise))
        if self.dropout is not None:
            _set(self, "dropout", menus.LAYER_DROPOUT.check(self.dropout))


@dataclass(frozen=True)
class NetworkSpec:
    """The hidden layers, their initialization and regularization; the output layer follows from the data.

    Attributes:
        layers: at most `menus.LAYERS_MOST`, from the input side.
        initializer: of the kernels of all layers, a key of `menus.INITIALIZERS`.
        l1, l2: strengths of the penalties, on every layer including the output layer.
        l1_on, l2_on: what is penalized, keys of `menus.PENALTY_PLACES`; reset to the default if the strength is 0.
        max_norm: the largest norm of the incoming weights of a unit (Keras's MaxNorm); 0 for no limit.
        dropout: the rate after every hidden layer without a rate of its own.
    """

    layers: tuple[LayerSpec, ...] = (LayerSpec(4, "tanh"), LayerSpec(2, "tanh"))
    initializer: str = "glorot_uniform"
    l1: float = 0.0
    l1_on: tuple[str, ...] = ("kernel",)
    l2: float = 0.0
    l2_on: tuple[str, ...] = ("kernel",)
    max_norm: float = 0.0
    dropout: float = 0.0

    def __post_init__(self) -> None:
        _set(self, "layers", tuple(self.layers))
        if not all(isinstance(layer, LayerSpec) for layer in self.layers):
            raise ExperimentError("layers", "hidden layers, each a LayerSpec", self.layers)
        if len(self.layers) > menus.LAYERS_MOST:
            raise ExperimentError("layers", f"at most {menus.LAYERS_MOST} layers", f"{len(self.layers)} layers")
        menus.INITIALIZER.check(self.initializer)
        _set(self, "l1", menus.L1.check(self.l1))
        _set(self, "l2", menus.L2.check(self.l2))
        places = menus.L1_ON.check(self.l1_on)
        _set(self, "l1_on", places if self.l1 else NetworkSpec.l1_on)
        places = menus.L2_ON.check(self.l2_on)
        _set(self, "l2_on", places if self.l2 else NetworkSpec.l2_on)
        _set(self, "max_norm", menus.MAX_NORM.check(self.max_norm))
        _set(self, "dropout", menus.DROPOUT.check(self.dropout))

    @property
    def dropouts(self) -> tuple[float, ...]:
        """The dropout rate after each hidden layer."""
        return tuple(self.dropout if layer.dropout is None else layer.dropout for layer in self.layers)


@dataclass(frozen=True)
class TrainingSpec:
    """How the network is trained.

    Optimizer, schedule, clip and loss each have their own settings (see `menus`). A setting is None if the
    choice doesn't have it; if it does, None is replaced by the choice's default.

    Attributes:
        optimizer: with momentum, nesterov, beta_1, beta_2, rho, epsilon, amsgrad, centered, accumulator,
            weight_decay.
        learning_rate: the base rate, which the schedule multiplies.
        schedule: how the rate changes over the epochs; with every, factor, final, warm_up, rise.
        clip: how gradients are clipped; with clip_at.
        loss: None until an Experiment replaces it by the default of its task; with label_smoothing, gamma, delta.
        class_weight: whether rows are weighted so that all classes have the same total weight.
        batch_size: rows per step.
        epochs: passes over the training rows.
        patience: training stops after so many epochs without a lower held-out loss; 0 for never.
        restore_best: whether the weights of the best epoch are restored then; True if patience is 0.
        target: the held-out accuracy (or R²) at which training stops; 0 for never.
        seed: of the initial weights, the order of the rows in every epoch, noise and dropout.
    """

    optimizer: str = "adam"
    learning_rate: float = 0.01
    batch_size: int = 32
    epochs: int = 100
    seed: int = 0
    momentum: float | None = None
    nesterov: bool | None = None
    beta_1: float | None = None
    beta_2: float | None = None
    rho: float | None = None
    epsilon: float | None = None
    amsgrad: bool | None = None
    centered: bool | None = None
    accumulator: float | None = None
    weight_decay: float | None = None
    schedule: str = "constant"
    every: int | None = None
    factor: float | None = None
    final: float | None = None
    warm_up: int | None = None
    rise: float | None = None
    clip: str = "none"
    clip_at: float | None = None
    loss: str | None = None
    label_smoothing: float | None = None
    gamma: float | None = None
    delta: float | None = None
    class_weight: str = "none"
    patience: int = 0
    restore_best: bool = True
    target: float = 0.0

    def __post_init__(self) -> None:
        menus.OPTIMIZER.check(self.optimizer)
        menus.SCHEDULE.check(self.schedule)
        menus.CLIP.check(self.clip)
        if self.loss is not None:
            menus.LOSS.check(self.loss)
        self._check_settings()
        _set(self, "learning_rate", menus.LEARNING_RATE.check(self.learning_rate))
        menus.BATCH.check(self.batch_size)
        menus.EPOCHS.check(self.epochs)
        menus.SEED.check(self.seed)
        menus.CLASS_WEIGHT.check(self.class_weight)
        menus.PATIENCE.check(self.patience)
        menus.RESTORE_BEST.check(self.restore_best)
        if not self.patience:
            _set(self, "restore_best", True)
        _set(self, "target", menus.TARGET.check(self.target))

    def _check_settings(self) -> None:
        for choice, methods in menus.METHODS.items():
            chosen = getattr(self, choice)
            settings = {} if chosen is None else methods[chosen].settings
            for name in menus.setting_names(methods):
                value = getattr(self, name)
                setting = settings.get(name)
                if setting is not None:
                    _set(self, name, setting.key.check(setting.default if value is None else value))
                elif value is not None:
                    raise ExperimentError(name, f"absent: {choice} {chosen} has no such setting", value)


@dataclass(frozen=True)
class Experiment:
    """Everything that determines a training run."""

    data: DataSpec = field(default_factory=DataSpec)
    network: NetworkSpec = field(default_factory=NetworkSpec)
    training: TrainingSpec = field(default_factory=TrainingSpec)

    def __post_init__(self) -> None:
        task = self.data.task
        if self.training.loss is None:
            _set(self, "training", replace(self.training, loss=next(iter(menus.LOSSES[task]))))
        menus.LOSS_OF[task].check(self.training.loss)
        menus.CLASS_WEIGHT_OF[task].check(self.training.class_weight)


def with_data(experiment: Experiment, data: DataSpec) -> Experiment:
    """Return the experiment with other data, and with their default loss if the task changes."""
    training = experiment.training if data.task == experiment.data.task else without_loss(experiment.training)
    return replace(experiment, data=data, training=training)


def without_loss(training: TrainingSpec) -> TrainingSpec:
    """Return the training with the loss of the task's default, and without class weights."""
    absent: dict[str, Any] = dict.fromkeys(menus.setting_names(menus.ALL_LOSSES))
    return replace(training, loss=None, class_weight=TrainingSpec.class_weight, **absent)


def output_units(classes: int) -> int:
    """Return the number of output units: one for each class, but 1 for two classes or a number (0 classes)."""
    return classes if classes > 2 else 1


def layer_parameters(network: NetworkSpec, features: int, classes: int) -> Iterator[tuple[int, int, int]]:
    """Yield (inputs, units, parameters) for every Dense layer, the output layer last."""
    inputs = features
    for units in (*(layer.units for layer in network.layers), output_units(classes)):
        yield inputs, units, inputs * units + units
        inputs = units


# Parameters of a normalization layer per unit: scale and shift, and for batches the moving mean and variance.
NORMALIZATION_PARAMETERS = {"none": 0, "batch": 4, "layer": 2}


def normalization_parameters(network: NetworkSpec) -> int:
    """Return the number of parameters of the normalization layers, moving statistics included."""
    return sum(NORMALIZATION_PARAMETERS[layer.normalization] * layer.units for layer in network.layers)


def count_parameters(network: NetworkSpec, features: int, classes: int) -> int:
    """Return the number of parameters as Keras counts them, the output layer included."""
    dense = sum(parameters for _, _, parameters in layer_parameters(network, features, classes))
    return dense + normalization_parameters(network)
