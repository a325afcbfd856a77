"""What a person can choose from: data sets with their settings, activations, optimizers.

Only names, bounds and defaults stand here; `core.datasets` makes the data and `core.training`
knows the Keras objects. Tests hold the registries there to these menus.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from core.experiment.keys import Choice, Real, Several, Whole

LAYERS_MOST = 6
UNITS_MOST = 512

ACTIVATIONS = {
    "relu": "ReLU",
    "tanh": "tanh",
    "sigmoid": "sigmoid",
    "elu": "ELU",
    "selu": "SELU",
    "gelu": "GELU",
    "swish": "swish",
    "leaky_relu": "leaky ReLU",
    "linear": "linear",
}
OPTIMIZERS = {
    "sgd": "SGD",
    "momentum": "SGD with momentum 0.9",
    "rmsprop": "RMSprop",
    "adam": "Adam",
    "adamw": "AdamW",
    "adagrad": "Adagrad",
    "nadam": "Nadam",
}
SCALINGS = {"none": "as they are", "standard": "standardized", "minmax": "min-max"}
SPLITS = {
    "stratified": "random, same class shares",
    "ordered": "first rows train",
    "all": "every row trains",
}
L2_PLACES = ("kernel", "bias", "activity")

SEED = Whole("seed", 0, 2**31 - 1)
DATA_SEED = Whole("data_seed", 0, 2**31 - 1)
UNITS = Whole("layers", 1, UNITS_MOST)
ACTIVATION = Choice("layers", tuple(ACTIVATIONS))
SPLIT = Choice("split", tuple(SPLITS))
TEST = Real("test", 0.05, 0.9)
TRAIN_ROWS = Whole("train_rows", 10, 100_000)
SCALING = Choice("scaling", tuple(SCALINGS))
L2 = Real("l2", 0.0, 1.0)
L2_ON = Several("l2_on", L2_PLACES)
DROPOUT = Real("dropout", 0.0, 0.9)
OPTIMIZER = Choice("optimizer", tuple(OPTIMIZERS))
LEARNING_RATE = Real("lr", 0.00001, 10.0)
BATCH = Whole("batch", 1, 4096)
EPOCHS = Whole("epochs", 1, 2000)


@dataclass(frozen=True)
class Setting:
    """One setting of a data set: its key (with this data set's bounds), default, step and label."""

    key: Whole | Real
    default: float
    step: float
    label: str


@dataclass(frozen=True)
class DataChoice:
    """One data set on the menu.

    `settings` is empty where there is nothing to set; `seed` is the default of `data_seed`, which
    makes the points and parts the rows; `train_rows` is the default of the ordered split.
    """

    title: str
    group: str
    settings: dict[str, Setting] = field(default_factory=dict)
    seed: int = 0
    scaling: str = "none"
    train_rows: int = 800


def _points(default: int) -> Setting:
    return Setting(Whole("points", 20, 10_000), default, 20, "Points")


def _noise(high: float, default: float, label: str = "Noise") -> Setting:
    return Setting(Real("noise", 0.0, high), default, 0.01, label)


DATA: dict[str, DataChoice] = {
    "linear": DataChoice(
        "Linear", "points", {"points": _points(1000), "noise": _noise(0.5, 0.01, "Share of random labels")}, seed=7
    ),
    "moons": DataChoice("Moons", "points", {"points": _points(1000), "noise": _noise(0.5, 0.05)}),
    "circles": DataChoice("Circles", "points", {"points": _points(1000), "noise": _noise(0.5, 0.05)}),
    "xor": DataChoice("XOR", "points", {"points": _points(1000), "noise": _noise(0.5, 0.05)}),
    "gaussians": DataChoice("Two Gaussians", "points", {"points": _points(1000), "noise": _noise(2.0, 0.6, "Spread")}),
    "sine": DataChoice("Sine wave", "points", {"points": _points(2400), "noise": _noise(0.5, 0.1)}),
    "spiral": DataChoice(
        "Spiral",
        "points",
        {
            "points": _points(1500),
            "noise": _noise(0.5, 0.2),
            "arms": Setting(Whole("arms", 2, 5), 3, 1, "Arms"),
        },
    ),
    "blobs": DataChoice(
        "Blobs",
        "points",
        {
            "points": _points(1000),
            "noise": _noise(0.5, 0.1, "Spread"),
            "classes": Setting(Whole("classes", 2, 8), 4, 1, "Classes"),
        },
    ),
    "iris": DataChoice("Iris", "tables", scaling="standard", train_rows=120),
    "wine": DataChoice("Wine", "tables", scaling="standard", train_rows=140),
    "cancer": DataChoice("Breast cancer", "tables", scaling="standard", train_rows=450),
    "digits": DataChoice("Digits 8x8", "images", scaling="minmax", train_rows=1000),
    "penguins": DataChoice("Palmer penguins", "tables", scaling="standard", train_rows=300),
}
DATA_KEY = Choice("data", tuple(DATA))
