"""What a server would tell the run store, made by hand."""

from __future__ import annotations

import hashlib
import json

import numpy as np

from core.datasets import prepare
from core.experiment import Experiment, read_query
from core.messages.updates import FINISHED, RUNNING
from core.runs.values import RunChange, RunWeights, Trained
from core.trained.bundle import fingerprint_of
from core.trained.network import weight_shapes
from core.trained.preparation import Preparation

ME, OTHER = "my browser", "somebody else's browser"
MOONS = "data=moons&layers=tanh-4,tanh-2&epochs=10"


def key(name: str) -> str:
    return hashlib.md5(name.encode()).hexdigest()


def rows(first: int, count: int) -> np.ndarray:
    """Rows of a classification: the held-out loss of epoch n is 1/n, its score n/100."""
    epochs = np.arange(first + 1, first + count + 1)
    return np.stack([2 / epochs, epochs / 200, 1 / epochs, epochs / 100], axis=1).astype(np.float32)


def change(
    name: str,
    query: str = MOONS,
    first: int = 0,
    count: int = 3,
    status: str = RUNNING,
    at: float = 1000.0,
    owner: str = ME,
    **more,
) -> RunChange:
    experiment = read_query(query)
    values = {"plan": ((0, experiment),), "edits": ()} | more
    return RunChange(
        key=key(name),
        owner=owner,
        created_at=at,
        status=status,
        message="",
        epoch=first + count,
        seconds=0.5,
        first_row=first,
        rows=rows(first, count),
        **values,
    )


def random_weights(experiment: Experiment, seed: int, inputs: int = 2, classes: int = 2) -> dict[str, np.ndarray]:
    generator = np.random.default_rng(seed)
    shapes = weight_shapes(experiment.network, inputs, classes)
    return {name: generator.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}


def trained(query: str = MOONS, last: int = 10, best: int = 7, edits=()) -> Trained:
    experiment = read_query(query)
    split = prepare(experiment.data)
    return Trained(
        plan=((0, experiment),),
        edits=edits,
        parameters=29,
        last=RunWeights(last, random_weights(experiment, 1)),
        best=RunWeights(best, random_weights(experiment, 2)),
        preparation=json.dumps(Preparation.of(split).to_json()),
        fingerprint=fingerprint_of(split),
    )


def finished(name: str, query: str = MOONS, at: float = 1000.0, owner: str = ME, **more) -> RunChange:
    return change(name, query, 0, 10, FINISHED, at, owner, **({"trained": trained(query)} | more))
