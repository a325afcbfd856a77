"""Networks that nobody has trained, with weights of any seed."""

import numpy as np
import pandas as pd

from core.datasets import Split, prepare
from core.datasets.upload_store import keep_upload
from core.experiment import Experiment, NetworkSpec, menus, read_query
from core.trained import TrainedNetwork, weight_shapes
from core.trained.bundle import Bundle

QUERIES = {
    "two classes": "data=moons&points=40&layers=tanh-4-batch,relu-3&noise=0.2",
    "derived inputs": "data=circles&points=40&inputs=x1x1,x2x2,sinx1&layers=none",
    "a number": "data=plane&points=40&layers=gelu-5-layer&loss=huber",
    "one feature": "data=curve&points=40&layers=sine-5",
    "forty classes": "data=olivetti&layers=relu-6&loss=hinge",
    "pictures": "data=digits&layers=relu-4&scaling=none",
    "three parts": "data=penguins&validation=0.25&layers=selu-4",
}
NAUGHTY = ('size, "cm"', "<b>colour</b>", "🐧 & co", "it's")


def some_weights(network: NetworkSpec, inputs: int, classes: int, seed: int = 0) -> dict[str, np.ndarray]:
    """Weights under which values keep about their size from layer to layer; variances above 0."""
    random = np.random.default_rng(seed)
    weights = {}
    for name, shape in weight_shapes(network, inputs, classes).items():
        scale = 1 / np.sqrt(shape[0]) if name.endswith("/kernel") else 0.3
        drawn = random.normal(1 if name.endswith("/gamma") else 0, scale, shape)
        weights[name] = (np.abs(drawn) + 0.2 if name.endswith("variance") else drawn).astype(np.float32)
    return weights


def table_query(missing: str = "median", rare: int = 2, target: str = "kind") -> str:
    """The query of an uploaded table with names that have to be escaped everywhere, missing values and a date."""
    random = np.random.default_rng(0)
    rows = 60
    frame = pd.DataFrame(
        {
            NAUGHTY[0]: random.normal(10, 3, rows).round(2),
            NAUGHTY[1]: random.choice(["red", "green, dark", "<i>blue</i>"], rows),
            NAUGHTY[2]: random.choice(["yes", "no"], rows),
            "day": pd.date_range("2024-01-01", periods=rows).astype(str),
            "kind": random.choice(['a "b"', "<script>", "ü"], rows),
        }
    )
    frame.loc[3, NAUGHTY[1]] = "once"
    if missing != "none":
        frame.loc[[5, 6], NAUGHTY[0]] = None
        frame.loc[[7], NAUGHTY[1]] = None
    file = keep_upload(frame.to_csv(index=False).encode())
    name = "file_numbers" if target != "kind" else "file"
    rest = f"&missing={'median' if missing == 'none' else missing}&rare={rare}"
    return f"data={name}&file={file}&target_column={target}{rest}&layers=relu-4"


def points_query(inputs: str = "x1,x1x1") -> str:
    """The query of an uploaded table of points, with inputs derived from them; the names are those of other inputs."""
    random = np.random.default_rng(0)
    frame = pd.DataFrame(random.uniform(-2, 5, (60, 2)).round(3), columns=["x1", "x1x1"])
    frame["kind"] = np.where(frame["x1"] ** 2 > 4, "far", "near")
    frame.loc[[5, 6], "x1"] = None
    file = keep_upload(frame.to_csv(index=False).encode())
    return f"data=file&file={file}&inputs={inputs}&scaling=standard&layers=relu-4"


def untrained(query: str, seed: int = 0) -> tuple[TrainedNetwork, Split]:
    """Return a network of an experiment, and its rows."""
    experiment = read_query(query)
    split = prepare(experiment.data)
    return network_for(experiment, split, seed), split


def network_for(experiment: Experiment, split: Split, seed: int = 0) -> TrainedNetwork:
    return TrainedNetwork(experiment, some_weights(experiment.network, split.inputs, split.classes, seed))


def bundle_of(query: str, seed: int = 0) -> Bundle:
    network, split = untrained(query, seed)
    names = menus.HISTORY[split.task]
    return Bundle.of(network, split, {name: [0.1 + place, 1 / 3] for place, name in enumerate(names)})
