"""One epoch of a run, trained in turn with the other runs of the process."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from core.datasets import Split
from core.engine.epoch_inputs import EpochInputs
from core.engine.program import State, metric_scale
from core.engine.programs import Programs
from core.engine.turns import Turn
from core.experiment import TrainingSpec
from core.training.plan import PlanSegment


@dataclass(frozen=True, eq=False)
class EpochRecord:
    """An epoch in the history.

    Attributes:
        figures: float32 in the order of `menus.HISTORY`, in the units of the target.
        seconds: that the epoch took.
    """

    figures: np.ndarray
    seconds: float


class EpochTrainer:
    """Trains the epochs of one run. Used by the training thread alone.

    Attributes:
        rows: of the split, as programs take them.
        turn: held while an epoch is trained.
        columns: how many figures an epoch has.
    """

    def __init__(self, split: Split, training: TrainingSpec, programs: Programs) -> None:
        self.rows = programs.rows(split, training.class_weight)
        self.turn = Turn(programs.turns)
        self._inputs = EpochInputs(training.seed, len(split.x_train))
        self._scale = metric_scale(split)
        self.columns = len(self._scale)

    def train(self, segment: PlanSegment, state: State, epoch: int) -> tuple[State, EpochRecord]:
        """Train one epoch (0 is the first), compiled if its program is ready, else on the plain graph."""
        program = segment.program
        self.turn.take()
        started = time.perf_counter()
        order = self._inputs.order(epoch)
        rates = self._inputs.rates(segment.experiment.training, program.structure.steps, epoch)
        run = program.epoch if program.ready else program.uncompiled_epoch
        state, figures = run(state, self.rows, order, rates, segment.live)
        seconds = time.perf_counter() - started
        self.turn.share()
        return state, EpochRecord(figures * self._scale, seconds)
