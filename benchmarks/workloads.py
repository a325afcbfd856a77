"""What the engine is measured on: recipes, and the shapes of two tutorials whose data would have to be downloaded."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.analysis.axes import Axes
from core.datasets import Split, prepare
from core.experiment import Experiment, menus, read_query


@dataclass(frozen=True)
class Shapes:
    """How many random rows, numbers a row and classes stand in for a data set."""

    train_rows: int
    val_rows: int
    features: int
    classes: int


@dataclass(frozen=True)
class Workload:
    """What is trained.

    Attributes:
        query: the experiment; where there are shapes, what it says of the data does not count.
        ratio: how many times faster than `model.fit` its epochs are to be at least.
        shapes: of the random data, or None where the experiment's own are trained on.
    """

    query: str
    ratio: float
    shapes: Shapes | None = None

    @property
    def experiment(self) -> Experiment:
        return read_query(self.query)

    def split(self) -> Split:
        """Return the rows to train and to validate on."""
        return prepare(self.experiment.data) if self.shapes is None else _random_split(self.shapes)

    @property
    def axes(self) -> Axes | None:
        """The two features that the page draws the boundary over, or None where it draws none."""
        return None if menus.DATA[self.experiment.data.name].group == "images" else Axes()


WORKLOADS: dict[str, Workload] = {
    "linear": Workload("recipe=linear", 120),
    "moons": Workload("recipe=moons", 120),
    "circles": Workload("recipe=circles", 120),
    "four-blobs": Workload("recipe=four-blobs", 70),
    "sine": Workload("recipe=sine", 50),
    "spiral": Workload("recipe=spiral", 50),
    "digits": Workload("recipe=digits", 80),
    "penguins": Workload("recipe=penguins", 80),
    # "At most 1.0 ms an epoch on a machine where fit takes 100": a ratio, so that it can be told on any machine.
    "800-points": Workload("data=moons&points=1000&layers=tanh-4,tanh-2&batch=32", 100),
    "mnist-shapes": Workload(
        "data=digits&layers=sigmoid-128,sigmoid-64&optimizer=sgd&lr=0.01&batch=128&epochs=3",
        5,
        Shapes(train_rows=52_500, val_rows=17_500, features=784, classes=10),
    ),
    "faces-shapes": Workload(
        "data=digits&layers=relu-512&optimizer=adam&lr=0.001&batch=25&epochs=10",
        4,
        Shapes(train_rows=400, val_rows=100, features=2914, classes=5),
    ),
}


def _random_split(shapes: Shapes) -> Split:
    random = np.random.default_rng(0)
    x_train, x_val = (
        random.random((rows, shapes.features), np.float32) for rows in (shapes.train_rows, shapes.val_rows)
    )
    y_train, y_val = (np.arange(rows) % shapes.classes for rows in (shapes.train_rows, shapes.val_rows))
    return Split(
        x_train=x_train,
        x_val=x_val,
        x_test=x_val,
        raw_train=x_train,
        raw_val=x_val,
        raw_test=x_val,
        y_train=y_train,
        y_val=y_val,
        y_test=y_val,
        feature_names=tuple(map(str, range(shapes.features))),
        input_names=tuple(map(str, range(shapes.features))),
        class_names=tuple(map(str, range(shapes.classes))),
        image_shape=None,
        dropped_rows=0,
        offset=np.zeros(shapes.features, np.float32),
        factor=np.ones(shapes.features, np.float32),
        all_rows_train=False,
    )
