"""What the run store takes and returns: frozen values, without a database behind them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from core.experiment import Experiment, from_json
from core.messages.edits import Timeline
from core.messages.updates import FINISHED, INTERRUPTED, PAUSED, RUNNING, STOPPED

DIVERGED = "diverged"  # the loss became NaN or infinite
LIVE = (RUNNING, PAUSED)
OUTCOMES = (FINISHED, STOPPED, DIVERGED, INTERRUPTED)
LAST, BEST = "last", "best"  # which epoch weights are of

Plan = tuple[tuple[int, Experiment], ...]  # experiments, each with the epoch from which it is in force


@dataclass(frozen=True, eq=False)
class RunWeights:
    """A network's weights after an epoch, float32 by the names of `core.trained.TrainedNetwork`."""

    epoch: int
    arrays: Mapping[str, np.ndarray]


@dataclass(frozen=True, eq=False)
class Trained:
    """What a worker knows of a run that has ended.

    Attributes:
        plan: what was in force from which epoch on.
        edits: all changes by hand.
        parameters: the network's parameter count.
        last: the weights after the last epoch; None where they are NaN or infinite, or too large to keep.
        best: those after the epoch with the lowest held-out loss; likewise.
        preparation: what it takes to predict new rows, as the JSON of `core.trained.preparation`.
        fingerprint: of the rows it was trained on, as `core.trained.bundle` computes it.
    """

    plan: Plan
    edits: Timeline
    parameters: int
    last: RunWeights | None
    best: RunWeights | None
    preparation: str
    fingerprint: str

    @property
    def bytes(self) -> int:
        """How many bytes the weights take."""
        return sum(array.nbytes for kept in (self.last, self.best) if kept for array in kept.arrays.values())


@dataclass(frozen=True, eq=False)
class RunChange:
    """What is to be written about a run: how it stands, and what is new of its history.

    Attributes:
        key: 32 hexadecimal digits that name the run.
        owner: the browser whose run it is.
        created_at: when it was started, in seconds since 1970.
        status: one of LIVE or OUTCOMES.
        message: for the person; may be empty.
        epoch: epochs done.
        seconds: that training them took.
        first_row: where `rows` begin in the history; they replace everything from there on.
        rows: float32 (rows, columns) in the order of `menus.HISTORY`.
        plan: what is in force from which epoch on; None where that is as it was written last.
        edits: all changes by hand; likewise.
        trained: once the run has ended and its worker has answered.
    """

    key: str
    owner: str
    created_at: float
    status: str
    message: str
    epoch: int
    seconds: float
    first_row: int
    rows: np.ndarray
    plan: Plan | None = None
    edits: Timeline | None = None
    trained: Trained | None = None

    @property
    def is_urgent(self) -> bool:
        """Whether it is to be written at once."""
        return self.status in OUTCOMES

    @property
    def heavy_bytes(self) -> int:
        """How many bytes of it are given up first where too much waits to be written."""
        return self.trained.bytes if self.trained else 0

    def lightened(self) -> RunChange:
        """Return it without these."""
        return self if self.trained is None else replace(self, trained=replace(self.trained, last=None, best=None))

    def then(self, newer: RunChange) -> RunChange:
        """Return one change that says what this one and a newer one say.

        >>> old = RunChange("k", "o", 0.0, RUNNING, "", 3, 0.1, 1, np.zeros((2, 4), np.float32))
        >>> new = RunChange("k", "o", 0.0, RUNNING, "", 4, 0.1, 2, np.ones((2, 4), np.float32))
        >>> both = old.then(new)
        >>> both.first_row, both.rows[:, 0].tolist()
        (1, [0.0, 1.0, 1.0])
        """
        if newer.first_row < self.first_row:
            first_row, rows = newer.first_row, newer.rows
        else:
            first_row = self.first_row
            rows = np.concatenate([self.rows[: newer.first_row - first_row], newer.rows])
        return replace(
            newer,
            first_row=first_row,
            rows=rows,
            plan=newer.plan if newer.plan is not None else self.plan,
            edits=newer.edits if newer.edits is not None else self.edits,
            trained=newer.trained or self.trained,
        )


@dataclass(frozen=True)
class RunSummary:
    """A run as a line of the table.

    Attributes:
        key: names the run.
        name: what a person called it, or else what differs from their run before.
        note: what they wrote about it.
        tags: in alphabetical order.
        starred: whether it has a star, and so is never deleted to make room.
        status: one of LIVE or OUTCOMES.
        message: what the run told.
        created_at: when it was started, in seconds since 1970.
        seconds: that training its epochs took.
        experiment_text: the experiment in force in the end, as JSON.
        data: its data set.
        layers: its hidden layers, as `core.experiment.format_layers` writes them.
        parameters: the network's parameter count; None where its worker never told.
        epoch: epochs done.
        best_epoch: the one with the lowest held-out loss; 0 where there is none.
        best_loss, best_score: the held-out loss and score after that epoch: accuracy, or R² for regression.
        last_loss, last_score: those after the last epoch; None where they are NaN or infinite.
        edit_count: how many changes by hand it has.
        bytes: that it takes in the database.
    """

    key: str
    name: str
    note: str
    tags: tuple[str, ...]
    starred: bool
    status: str
    message: str
    created_at: float
    seconds: float
    experiment_text: str
    data: str
    layers: str
    parameters: int | None
    epoch: int
    best_epoch: int
    best_loss: float | None
    best_score: float | None
    last_loss: float | None
    last_score: float | None
    edit_count: int
    bytes: int

    @cached_property  # a table of ten thousand runs needs none of them
    def experiment(self) -> Experiment:
        """The experiment in force in the end."""
        return from_json(self.experiment_text)


@dataclass(frozen=True, eq=False)
class KeptRun:
    """A run with all that is kept of it except its weights.

    Attributes:
        history: the columns of `menus.HISTORY`, one value an epoch.
        plan: what was in force from which epoch on.
        edits: the changes by hand, each with the epoch after which it took effect.
        preparation: what it takes to predict new rows, as JSON; "" where its worker never told.
        fingerprint: of the rows it was trained on; likewise.
        weights_of: the epochs whose weights are kept: LAST, BEST, both or none.
        share: the unguessable part of its link; "" where it is not shared.
    """

    summary: RunSummary
    history: Mapping[str, list[float]]
    plan: Plan
    edits: Timeline
    preparation: str
    fingerprint: str
    weights_of: tuple[str, ...]
    share: str


@dataclass(frozen=True, eq=False)
class RunSketch:
    """What the small curve and the small boundary of a run are made of.

    Attributes:
        losses: float32 (epochs,), the held-out loss.
        weights: after the last epoch; None where they are not kept.
        preparation: as JSON; "" where it is not known.
    """

    losses: np.ndarray
    weights: RunWeights | None
    preparation: str


@dataclass(frozen=True)
class Usage:
    """How much a person has kept, and how much they may keep."""

    runs: int
    bytes: int
    runs_most: int
    bytes_most: int

    @property
    def share(self) -> float:
        """The larger share of the two that is used up."""
        return max(self.runs / self.runs_most, self.bytes / self.bytes_most)
