"""What a training run says of itself on the way from its worker to the server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

# What a run can be doing. The last five are ends: nothing more comes until a person acts.
QUEUED, RUNNING, PAUSED = "queued", "running", "paused"
FINISHED, STOPPED, FAILED, INTERRUPTED = "finished", "stopped", "failed", "interrupted"
ENDED = frozenset({FINISHED, STOPPED, FAILED, INTERRUPTED})


@dataclass(frozen=True)
class Update:
    """One report of a run.

    `generation` rises when the history starts anew. `rows` are the history's rows from `first_row`
    on, float32 (rows, columns) in the order of `menus.HISTORY`. `arrays` holds what changed among
    `boundary`, `confusion` and `strip`, for numbers among `surface`, `line` and `predicted` (see
    `core.messages.frames`). `ms_per_epoch` is None before it is known. `test` holds the figures of the test
    rows, loss first, once a run with three sets of rows has ended. `edited` holds the epochs behind which
    something was done by hand, one for every edit since the update before.
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
    edited: tuple[int, ...] = ()

    def to_message(self) -> dict[str, Any]:
        """Return plain values and bytes, which any message format carries."""
        message = {field.name: getattr(self, field.name) for field in fields(self)}
        arrays = {name: _pack(array) for name, array in self.arrays.items()}
        return message | {"rows": _pack(self.rows), "arrays": arrays}

    @classmethod
    def from_message(cls, message: Mapping[str, Any]) -> Update:
        """Return the update that `to_message` turned into `message`."""
        values = {field.name: message[field.name] for field in fields(cls)}
        arrays = {name: _unpack(packed) for name, packed in values["arrays"].items()}
        return cls(**values | {"rows": _unpack(values["rows"]), "arrays": arrays})


def _pack(array: np.ndarray) -> tuple[str, tuple[int, ...], bytes]:
    return array.dtype.str, array.shape, array.tobytes()


def _unpack(packed: tuple[str, tuple[int, ...], bytes]) -> np.ndarray:
    dtype, shape, data = packed
    return np.frombuffer(data, dtype).reshape(shape)
