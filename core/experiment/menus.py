"""The choices: data sets, layers, optimizers, schedules and losses, with their settings.

Only names, bounds and defaults are defined here. `core.datasets` makes the data and `core.engine` the Keras objects;
tests check that their registries match these menus.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from core.experiment.keys import Choice, Flag, Key, Real, Several, Whole

LAYERS_MOST = 6
UNITS_MOST = 512
CLASSES, NUMBERS = "classes", "numbers"  # the kind of target: classification or regression
# The columns of a run's history, by their Keras names; those of the training rows first.
HISTORY = {
    CLASSES: ("loss", "accuracy", "val_loss", "val_accuracy"),
    NUMBERS: ("loss", "mae", "r2", "val_loss", "val_mae", "val_r2"),
}

ACTIVATIONS = {
    "relu": "ReLU",
    "tanh": "tanh",
    "sigmoid": "sigmoid",
    "elu": "ELU",
    "selu": "SELU",
    "gelu": "GELU",
    "swish": "swish",
    "mish": "mish",
    "leaky_relu": "leaky ReLU",
    "softplus": "softplus",
    "softsign": "softsign",
    "hard_sigmoid": "hard sigmoid",
    "sine": "sine",
    "linear": "linear",
}
NORMALIZATIONS = {"none": "none", "batch": "batch normalization", "layer": "layer normalization"}
INITIALIZERS = {
    "glorot_uniform": "Glorot uniform",
    "glorot_normal": "Glorot normal",
    "he_uniform": "He uniform",
    "he_normal": "He normal",
    "lecun_uniform": "LeCun uniform",
    "lecun_normal": "LeCun normal",
    "uniform": "uniform, ±0.05",
    "normal": "normal, std. dev. 0.05",
    "zeros": "zeros (units stay identical)",
    "too_large": "too large (normal, std. dev. 10)",
}
SCALINGS = {"none": "not scaled", "standard": "standardized", "minmax": "min-max scaled"}
SPLITS = {
    "stratified": "Random, stratified",
    "ordered": "Ordered: the first rows train",
    "all": "All rows train",
}
# Inputs that are derived from points in the plane, as in TensorFlow Playground, by `core.datasets.derived_inputs`.
# The points are those of a data set, or the rows of a file whose inputs are two columns of numbers, x1 and x2.
INPUTS = {
    "x1": "x₁",
    "x2": "x₂",
    "x1x1": "x₁²",
    "x2x2": "x₂²",
    "x1x2": "x₁x₂",
    "sinx1": "sin x₁",
    "sinx2": "sin x₂",
}
PLAIN_INPUTS = ("x1", "x2")  # the features themselves; of a file, however many they are
BALANCES = {"none": "unbalanced", "cut": "undersampled to the smallest class"}
# How missing values are treated: filled in with a value learned from the training rows, or the row is dropped.
MISSING = {
    "median": "median or most frequent category",
    "most_frequent": "most frequent value",
    "constant": "0 or a separate category",
    "drop": "drop the row",
}
PENALTY_PLACES = ("kernel", "bias", "activity")
CLASS_WEIGHTS = {"none": "rows weighted equally", "balanced": "classes weighted equally"}

SEED = Whole("seed", 0, 2**31 - 1)
DATA_SEED = Whole("data_seed", 0, 2**31 - 1)
UNITS = Whole("layers", 1, UNITS_MOST)
ACTIVATION = Choice("layers", tuple(ACTIVATIONS))
NORMALIZATION = Choice("layers", tuple(NORMALIZATIONS))
LAYER_DROPOUT = Real("layers", 0.0, 0.9)
LAYER_NOISE = Real("layers", 0.0, 1.0)  # Keras's bounds
SPLIT = Choice("split", tuple(SPLITS))
TEST = Real("test", 0.05, 0.9)
VALIDATION = Real("validation", 0.0, 0.5)
TRAIN_SHARE = Real("train_share", 0.01, 1.0)
TRAIN_ROWS = Whole("train_rows", 10, 100_000)
SCALING = Choice("scaling", tuple(SCALINGS))
INITIALIZER = Choice("init", tuple(INITIALIZERS))
L1 = Real("l1", 0.0, 1.0)
L1_ON = Several("l1_on", PENALTY_PLACES)
L2 = Real("l2", 0.0, 1.0)
L2_ON = Several("l2_on", PENALTY_PLACES)
MAX_NORM = Real("max_norm", 0.0, 10.0)
DROPOUT = Real("dropout", 0.0, 0.9)
LEARNING_RATE = Real("lr", 0.00001, 10.0)
BATCH = Whole("batch", 1, 4096)
EPOCHS = Whole("epochs", 1, 2000)
CLASS_WEIGHT = Choice("class_weight", tuple(CLASS_WEIGHTS))
PATIENCE = Whole("patience", 0, 500)
RESTORE_BEST = Flag("restore_best")
TARGET = Real("target", 0.0, 1.0)


@dataclass(frozen=True)
class Setting:
    """A setting of a method or data set: its key (with the bounds that apply here), default, slider step and label."""

    key: Key
    default: float | bool | str | tuple[str, ...]
    step: float
    label: str


@dataclass(frozen=True)
class Method:
    """An entry of a menu, with its own settings."""

    title: str
    settings: Mapping[str, Setting] = field(default_factory=dict)


def _share(name: str, default: float, label: str) -> Setting:
    return Setting(Real(name, 0.0, 0.9999), default, 0.001, label)


_MOMENTUM = "Momentum"
_EPSILON = {"epsilon": Setting(Real("epsilon", 1e-10, 1.0), 1e-7, 1e-7, "Epsilon")}
_NO_DECAY = {"weight_decay": Setting(Real("weight_decay", 0.0, 1.0), 0.0, 0.001, "Weight decay")}
_DECAY = {"weight_decay": Setting(Real("weight_decay", 0.0, 1.0), 0.004, 0.001, "Weight decay")}
_NESTEROV = Setting(Flag("nesterov"), False, 1, "Nesterov momentum")


def _betas(first: float = 0.9, second: float = 0.999) -> dict[str, Setting]:
    return {"beta_1": _share("beta_1", first, "Beta 1"), "beta_2": _share("beta_2", second, "Beta 2")}


# Keras's optimizers for dense layers, with Keras's defaults. Not included: Ftrl, which is meant for wide, sparse
# features, and the wrappers (loss scaling, several optimizers).
OPTIMIZERS: Mapping[str, Method] = {
    "sgd": Method("SGD", {"momentum": _share("momentum", 0.0, _MOMENTUM), "nesterov": _NESTEROV, **_NO_DECAY}),
    "rmsprop": Method(
        "RMSprop",
        {
            "momentum": _share("momentum", 0.0, _MOMENTUM),
            "rho": _share("rho", 0.9, "Rho"),
            "centered": Setting(Flag("centered"), False, 1, "Centered"),
            **_EPSILON,
            **_NO_DECAY,
        },
    ),
    "adam": Method(
        "Adam", {**_betas(), **_EPSILON, "amsgrad": Setting(Flag("amsgrad"), False, 1, "AMSGrad"), **_NO_DECAY}
    ),
    "adamw": Method(
        "AdamW", {**_betas(), **_EPSILON, "amsgrad": Setting(Flag("amsgrad"), False, 1, "AMSGrad"), **_DECAY}
    ),
    "adamax": Method("Adamax", {**_betas(), **_EPSILON, **_NO_DECAY}),
    "nadam": Method("Nadam", {**_betas(), **_EPSILON, **_NO_DECAY}),
    "adagrad": Method(
        "Adagrad",
        {
            "accumulator": Setting(Real("accumulator", 0.0, 10.0), 0.1, 0.1, "Initial accumulator"),
            **_EPSILON,
            **_NO_DECAY,
        },
    ),
    "adadelta": Method("Adadelta", {"rho": _share("rho", 0.95, "Rho"), **_EPSILON, **_NO_DECAY}),
    "adafactor": Method("Adafactor", _NO_DECAY),
    # Keras rejects 0 as Lion's first beta.
    "lion": Method(
        "Lion",
        {
            "beta_1": Setting(Real("beta_1", 0.0001, 0.9999), 0.9, 0.001, "Beta 1"),
            "beta_2": _share("beta_2", 0.99, "Beta 2"),
            **_NO_DECAY,
        },
    ),
    "lamb": Method("LAMB", {**_betas(), **_EPSILON, **_NO_DECAY}),
    "muon": Method(
        "Muon",
        {
            "momentum": _share("momentum", 0.95, _MOMENTUM),
            "nesterov": Setting(Flag("nesterov"), True, 1, "Nesterov momentum"),
            **_DECAY,
        },
    ),
}
_FINAL = Setting(Real("final", 0.0, 1.0), 0.0, 0.01, "Final share of the learning rate")
# How the learning rate changes over the epochs; computed by `core.experiment.schedule`.
SCHEDULES: Mapping[str, Method] = {
    "constant": Method("constant"),
    "step": Method(
        "step decay",
        {
            "every": Setting(Whole("every", 1, 2000), 20, 1, "Step length (epochs)"),
            "factor": Setting(Real("factor", 0.01, 1.0), 0.5, 0.01, "Factor per step"),
        },
    ),
    "exponential": Method(
        "exponential decay",
        {
            "every": Setting(Whole("every", 1, 2000), 20, 1, "Decay period (epochs)"),
            "factor": Setting(Real("factor", 0.01, 1.0), 0.5, 0.01, "Decay factor"),
        },
    ),
    "cosine": Method("cosine decay", {"final": _FINAL}),
    "warm_up": Method("warm-up", {"warm_up": Setting(Whole("warm_up", 1, 500), 10, 1, "Warm-up (epochs)")}),
    "one_cycle": Method(
        "one cycle", {"rise": Setting(Real("rise", 0.05, 0.95), 0.3, 0.05, "Share of the epochs spent rising")}
    ),
}
CLIPS: Mapping[str, Method] = {
    "none": Method("none"),
    **{
        name: Method(title, {"clip_at": Setting(Real("clip_at", 0.001, 100.0), 1.0, 0.1, "Clip at")})
        for name, title in (
            ("value", "by value"),
            ("norm", "by norm"),
            ("global_norm", "by global norm"),
        )
    },
}
_SMOOTHING = {"label_smoothing": Setting(Real("label_smoothing", 0.0, 0.5), 0.0, 0.01, "Label smoothing")}
# By task; the default comes first.
LOSSES: Mapping[str, Mapping[str, Method]] = {
    CLASSES: {
        "crossentropy": Method("cross-entropy", _SMOOTHING),
        "focal": Method(
            "focal cross-entropy",
            {"gamma": Setting(Real("gamma", 0.0, 10.0), 2.0, 0.5, "Focusing (gamma)"), **_SMOOTHING},
        ),
        "hinge": Method("hinge"),
        "squared_error": Method("squared error"),
    },
    NUMBERS: {
        "squared_error": Method("squared error"),
        "absolute_error": Method("absolute error"),
        "huber": Method(
            "Huber", {"delta": Setting(Real("delta", 0.01, 10.0), 1.0, 0.01, "Linear beyond this error (delta)")}
        ),
    },
}
ALL_LOSSES: Mapping[str, Method] = {**LOSSES[CLASSES], **LOSSES[NUMBERS]}
OPTIMIZER = Choice("optimizer", tuple(OPTIMIZERS))
SCHEDULE = Choice("schedule", tuple(SCHEDULES))
CLIP = Choice("clip", tuple(CLIPS))
LOSS = Choice("loss", tuple(ALL_LOSSES))
# The losses and class weights that are allowed, by task.
LOSS_OF = {
    CLASSES: Choice("loss", tuple(LOSSES[CLASSES]), "where the target is a class"),
    NUMBERS: Choice("loss", tuple(LOSSES[NUMBERS]), "where the target is a number"),
}
CLASS_WEIGHT_OF = {
    CLASSES: CLASS_WEIGHT,
    NUMBERS: Choice("class_weight", ("none",), "where the target is a number"),
}
# The fields of a TrainingSpec whose choices have settings of their own. No setting belongs to two fields.
METHODS: Mapping[str, Mapping[str, Method]] = {
    "optimizer": OPTIMIZERS,
    "schedule": SCHEDULES,
    "clip": CLIPS,
    "loss": ALL_LOSSES,
}


def setting_names(methods: Mapping[str, Method] | Mapping[str, DataChoice]) -> tuple[str, ...]:
    """Return the names of all settings of a menu, without duplicates."""
    return tuple(dict.fromkeys(name for method in methods.values() for name in method.settings))


@dataclass(frozen=True)
class DataChoice:
    """A data set of the menu.

    Attributes:
        title: the name that people see.
        group: points, tables, images or files.
        settings: of the data set itself, then those that modify its rows and inputs.
        seed: the default of `data_seed`, which generates the points and splits the rows.
        scaling: the default.
        train_rows: the default for the ordered split.
        task: CLASSES or NUMBERS.
        planar: whether the rows are points (x1, x2).
        downloaded: whether it has to be downloaded first.
        uploaded: whether it is a person's file, described by a TableSpec.
    """

    title: str
    group: str
    settings: dict[str, Setting] = field(default_factory=dict)
    seed: int = 0
    scaling: str = "none"
    train_rows: int = 800
    task: str = CLASSES
    planar: bool = False
    downloaded: bool = False
    uploaded: bool = False


def _points(default: int) -> Setting:
    return Setting(Whole("points", 20, 10_000), default, 20, "Points")


def _noise(high: float, default: float, label: str = "Noise") -> Setting:
    return Setting(Real("noise", 0.0, high), default, 0.01, label)


_CLASS_CHANGES = {
    "imbalance": Setting(Real("imbalance", 0.01, 1.0), 1.0, 0.01, "Size of the smallest class"),
    "random_labels": Setting(Real("random_labels", 0.0, 1.0), 0.0, 0.01, "Random training labels"),
    "balance": Setting(Choice("balance", tuple(BALANCES)), "none", 1, "Class balance in training"),
}
_SETS: dict[str, DataChoice] = {
    "linear": DataChoice(
        "Linear",
        "points",
        {"points": _points(1000), "noise": _noise(0.5, 0.01, "Share of random labels")},
        seed=7,
        planar=True,
    ),
    "moons": DataChoice("Moons", "points", {"points": _points(1000), "noise": _noise(0.5, 0.05)}, planar=True),
    "circles": DataChoice("Circles", "points", {"points": _points(1000), "noise": _noise(0.5, 0.05)}, planar=True),
    "xor": DataChoice("XOR", "points", {"points": _points(1000), "noise": _noise(0.5, 0.05)}, planar=True),
    "gaussians": DataChoice(
        "Two Gaussians", "points", {"points": _points(1000), "noise": _noise(2.0, 0.6, "Spread")}, planar=True
    ),
    "sine": DataChoice("Sine wave", "points", {"points": _points(2400), "noise": _noise(0.5, 0.1)}, planar=True),
    "spiral": DataChoice(
        "Spiral",
        "points",
        {
            "points": _points(1500),
            "noise": _noise(0.5, 0.2),
            "arms": Setting(Whole("arms", 2, 5), 3, 1, "Arms"),
        },
        train_rows=1200,  # the rows are ordered by arm
        planar=True,
    ),
    "blobs": DataChoice(
        "Blobs",
        "points",
        {
            "points": _points(1000),
            "noise": _noise(0.5, 0.1, "Spread"),
            "classes": Setting(Whole("classes", 2, 8), 4, 1, "Classes"),
        },
        planar=True,
    ),
    "iris": DataChoice("Iris", "tables", scaling="standard", train_rows=120),
    "wine": DataChoice("Wine", "tables", scaling="standard", train_rows=140),
    "cancer": DataChoice("Breast cancer", "tables", scaling="standard", train_rows=450),
    "digits": DataChoice("Digits 8x8", "images", scaling="minmax", train_rows=1000),
    "mnist": DataChoice("MNIST digits", "images", train_rows=60_000, downloaded=True),
    "fashion": DataChoice("Fashion-MNIST", "images", train_rows=60_000, downloaded=True),
    "lfw": DataChoice(
        "Faces in the Wild",
        "images",
        {
            "min_pictures": Setting(Whole("min_pictures", 20, 200), 100, 5, "Minimum pictures per person"),
            "max_pictures": Setting(Whole("max_pictures", 20, 530), 100, 10, "Maximum pictures per person"),
        },
        train_rows=400,
        downloaded=True,
    ),
    "olivetti": DataChoice("Olivetti faces", "images", train_rows=320, downloaded=True),
    "file": DataChoice("Your file: predict a class", "files", scaling="standard", uploaded=True),
    "file_numbers": DataChoice("Your file: predict a number", "files", scaling="standard", task=NUMBERS, uploaded=True),
    "penguins": DataChoice("Palmer penguins", "tables", scaling="standard", train_rows=300),
    "plane": DataChoice(
        "Plane", "points", {"points": _points(1000), "noise": _noise(0.5, 0.05)}, task=NUMBERS, planar=True
    ),
    "hills": DataChoice(
        "Gaussian hills", "points", {"points": _points(1000), "noise": _noise(0.5, 0.05)}, task=NUMBERS, planar=True
    ),
    "curve": DataChoice(
        "Noisy curve", "points", {"points": _points(300), "noise": _noise(0.5, 0.1)}, train_rows=240, task=NUMBERS
    ),
    "diabetes": DataChoice("Diabetes progression", "tables", scaling="standard", train_rows=350, task=NUMBERS),
}


MAKING = ("points", "noise", "arms", "classes", "min_pictures", "max_pictures")  # settings that define the data


def _with_changes(data: DataChoice) -> DataChoice:
    """Return a data set with the settings that modify its rows and inputs, which depend only on its kind."""
    changes = dict(_CLASS_CHANGES) if data.task == CLASSES else {}
    if data.planar or data.uploaded:
        changes["inputs"] = Setting(Several("inputs", tuple(INPUTS)), PLAIN_INPUTS, 1, "Inputs")
    return replace(data, settings=data.settings | changes)


DATA = {name: _with_changes(data) for name, data in _SETS.items()}
DATA_KEY = Choice("data", tuple(DATA))
