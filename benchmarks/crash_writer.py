"""A process that keeps runs as a server does, under load, until it is killed: `python -m benchmarks.crash_writer SEED`.

It prints a line for all that is certainly in the database: `kept KEY EPOCHS` and `done KEY EPOCHS`.
"""

from __future__ import annotations

import json
import random
import sys
import time
import uuid
from dataclasses import replace

import numpy as np

from core.datasets import prepare
from core.experiment import Experiment
from core.messages.updates import FINISHED, RUNNING
from core.runs.values import RunChange, RunWeights, Trained
from core.runs.writer import RunWriter
from core.trained.bundle import fingerprint_of
from core.trained.network import weight_shapes
from core.trained.preparation import Preparation

OWNER = "the browser of the crash test"

_AT_ONCE = 8
_EPOCHS = 20
_PATIENCE = 120.0


def rows(first: int, count: int) -> np.ndarray:
    """Return rows of a history, float32 (count, 4), that tell their epochs."""
    epochs = np.arange(first + 1, first + count + 1)
    return np.stack([2 / epochs, epochs / 200, 1 / epochs, epochs / 100], axis=1).astype(np.float32)


def keep_runs(seed: int) -> None:
    """Train eight runs at a time for ever, as far as the run store can tell."""
    writer, draw, trained = RunWriter(), random.Random(seed), _trained()
    writer.start()
    going = [_new() for _ in range(_AT_ONCE)]
    for one in going:
        writer.note(one)
    while True:
        for place, before in enumerate(going):
            more = draw.randint(1, 5)
            now = _further(before, more)
            writer.note(now)
            if now.epoch >= _EPOCHS:
                last = replace(now, status=FINISHED, first_row=now.epoch, rows=rows(0, 0), trained=trained)
                writer.note(last)
                _say_if_written(writer, "done", last)
                now = _new()
                writer.note(now)
            going[place] = now
        if draw.random() < 0.3:
            _say_if_written(writer, "kept", *going)
        time.sleep(0.002)


def _further(one: RunChange, more: int) -> RunChange:
    first = one.epoch
    return replace(one, epoch=first + more, first_row=first, rows=rows(first, more), plan=None, edits=None)


def _new() -> RunChange:
    plan = ((0, Experiment()),)
    return RunChange(uuid.uuid4().hex, OWNER, time.time(), RUNNING, "", 1, 0.1, 0, rows(0, 1), plan, ())


def _trained() -> Trained:
    """Return weights as if they were trained, and what it takes to predict with them."""
    experiment, draw = Experiment(), np.random.default_rng(0)
    split = prepare(experiment.data)
    shapes = weight_shapes(experiment.network, split.inputs, split.classes)
    weights = {name: draw.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}
    kept = RunWeights(_EPOCHS, weights)
    preparation = json.dumps(Preparation.of(split).to_json())
    return Trained(((0, experiment),), (), 29, kept, kept, preparation, fingerprint_of(split))


def _say_if_written(writer: RunWriter, what: str, *changes: RunChange) -> None:
    if writer.flush(_PATIENCE):
        sys.stdout.write("".join(f"{what} {one.key} {one.epoch}\n" for one in changes))
        sys.stdout.flush()


if __name__ == "__main__":
    keep_runs(int(sys.argv[1]))
