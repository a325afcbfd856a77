"""The reports of a training run, on the way from its worker to the server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

# What a run can be doing.
QUEUED, RUNNING, PAUSED = "queued", "running", "paused"
FINISHED, STOPPED, FAILED, INTERRUPTED = "finished", "stopped", "failed", "interrupted"
# Nothing more comes from a run that has ended, unless a person lets it go on.
ENDED = frozenset({FINISHED, STOPPED, FAILED, INTERRUPTED})


@dataclass(frozen=True)
class Update:
    """One report of a run.

    Attributes:
        status: what it is doing, one of the words above.
        generation: rises when the history starts again from its first row.
        epoch: epochs done.
        epochs: epochs asked for.
        first_row: where `rows` begin in the history; they replace everything from there on.
        rows: of the history, float32 (rows, columns), columns in the order of `menus.HISTORY`.
        learning_rate: the rate in use.
        ms_per_epoch: mean time of an epoch, or None before it is known.
        message: for the user; may be empty.
        test: the metrics on the test set, loss first, once a run with a test set has ended.
        arrays: those that have changed, by name, as in `core.messages.frames`.
        arrays_epoch: the epoch that they belong to: not the last one where a run ends with the weights of its best.
        edited: for each edit obeyed since the last update, the epoch after which it took effect.
        obeyed: the number of the last command that was obeyed; the run is in the state that all up to it lead to.
    """

    status: str
    generation: int
    epoch: int
    epochs: int
    first_row: int
    rows: np.ndarray
    learning_rate: float
    ms_per_epoch: float | None
    message: str
    test: tuple[float, ...] | None
    arrays: Mapping[str, np.ndarray]
    arrays_epoch: int
    edited: tuple[int, ...] = ()
    obeyed: int = 0

    def to_message(self) -> dict[str, Any]:
        """Return the update as plain values and bytes, which any message format can hold."""
        message = {field.name: getattr(self, field.name) for field in fields(self)}
        arrays = {name: _pack(array) for name, array in self.arrays.items()}
        return message | {"rows": _pack(self.rows), "arrays": arrays}

    @classmethod
    def from_message(cls, message: Mapping[str, Any]) -> Update:
        """Return the update that `to_message` was called on."""
        values = {field.name: message[field.name] for field in fields(cls)}
        arrays = {name: _unpack(packed) for name, packed in values["arrays"].items()}
        return cls(**values | {"rows": _unpack(values["rows"]), "arrays": arrays})


def _pack(array: np.ndarray) -> tuple[str, tuple[int, ...], bytes]:
    return array.dtype.str, array.shape, array.tobytes()


def _unpack(packed: tuple[str, tuple[int, ...], bytes]) -> np.ndarray:
    dtype, shape, data = packed
    return np.frombuffer(data, dtype).reshape(shape)
