"""A database with as many runs of one person as may be kept, of many kinds, as if they had been trained."""

from __future__ import annotations

import functools
import hashlib
import json
import math
import random
import time

import numpy as np
from sqlalchemy import Engine, insert

from core.datasets import Split, prepare
from core.experiment import DataSpec, Experiment, menus, read_query
from core.messages.updates import FINISHED, INTERRUPTED, STOPPED
from core.runs import tables
from core.runs.database import writing
from core.runs.recording import write_change
from core.runs.values import DIVERGED, RunChange, RunWeights, Trained
from core.trained.bundle import fingerprint_of
from core.trained.network import weight_shapes
from core.trained.preparation import Preparation

_DATA = ("moons", "circles", "spiral", "xor", "sine", "iris")
_LAYERS = ("tanh-3", "relu-8", "tanh-4,tanh-2", "relu-16,relu-16", "sigmoid-6")
_RATES = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3)
_BATCHES = (8, 16, 32, 64)
_OUTCOMES = (FINISHED, FINISHED, FINISHED, STOPPED, INTERRUPTED, DIVERGED)
_EPOCHS = (20, 50, 100)
_TAGS = ("homework", "good", "again")
_AT_ONCE = 1_000  # in a transaction
_APART = 60.0  # seconds from one run to the next


def keep_many(engine: Engine, owner: str, count: int, seed: int = 0) -> None:
    """Write runs of one person into a database of the present version."""
    draw, now = random.Random(seed), time.time()
    for first in range(0, count, _AT_ONCE):
        with writing(engine) as connection:
            for number in range(first, min(count, first + _AT_ONCE)):
                change = _change(owner, number, now - (count - number) * _APART, draw)
                write_change(connection, change, "")
    with writing(engine) as connection:
        ids = range(1, count + 1)
        lines = [{"run_id": one, "name": tag} for one in ids for tag in _TAGS if draw.random() < 0.05]
        connection.execute(insert(tables.tag), lines)


def _change(owner: str, number: int, created_at: float, draw: random.Random) -> RunChange:
    experiment = _experiment(draw)
    status, epochs = draw.choice(_OUTCOMES), experiment.training.epochs
    done = epochs if status == FINISHED else draw.randint(1, epochs)
    history = _history(experiment, done, status == DIVERGED, draw)
    return RunChange(
        key=hashlib.md5(f"{owner} {number}".encode()).hexdigest(),
        owner=owner,
        created_at=created_at,
        status=status,
        message="",
        epoch=done,
        seconds=done * draw.uniform(0.001, 0.02),
        first_row=0,
        rows=history,
        plan=((0, experiment),),
        edits=(),
        trained=None if status in (DIVERGED, INTERRUPTED) else _trained(experiment, done, number),
    )


def _experiment(draw: random.Random) -> Experiment:
    return read_query(
        f"data={draw.choice(_DATA)}&layers={draw.choice(_LAYERS)}&lr={draw.choice(_RATES)}"
        f"&batch={draw.choice(_BATCHES)}&epochs={draw.choice(_EPOCHS)}&seed={draw.randint(1, 100)}"
    )


def _history(experiment: Experiment, epochs: int, diverges: bool, draw: random.Random) -> np.ndarray:
    """Return curves that fall and rise as those of training do, float32 (epochs, columns)."""
    fall = np.exp(-np.arange(1, epochs + 1) * draw.uniform(0.01, 0.1))
    columns = []
    for name in menus.HISTORY[experiment.data.task]:
        is_score = name.endswith(("accuracy", "r2"))
        columns.append(1 - 0.5 * fall if is_score else 0.1 + 0.6 * fall + 0.01 * draw.random())
    rows = np.stack(columns, axis=1).astype(np.float32)
    if diverges:
        rows[-1] = math.nan
    return rows


def _trained(experiment: Experiment, epochs: int, seed: int) -> Trained:
    split = _split(experiment.data)
    shapes = weight_shapes(experiment.network, split.inputs, split.classes)
    draw = np.random.default_rng(seed)
    weights = {name: draw.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}
    kept = RunWeights(epochs, weights)
    preparation, fingerprint = _prepared(experiment.data)
    parameters = sum(array.size for array in weights.values())
    return Trained(((0, experiment),), (), parameters, kept, kept, preparation, fingerprint)


@functools.cache
def _split(data: DataSpec) -> Split:
    return prepare(data)


@functools.cache
def _prepared(data: DataSpec) -> tuple[str, str]:
    split = _split(data)
    return json.dumps(Preparation.of(split).to_json()), fingerprint_of(split)
