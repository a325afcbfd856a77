"""The epochs of a run, trained in turn with the other runs of the process."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np

from core.datasets import Split
from core.engine.epoch_inputs import EpochInputs
from core.engine.fitted_program import FittedProgram
from core.engine.pieces import EpochNumbers, PartOfEpoch
from core.engine.program import State, metric_scale
from core.engine.programs import Programs
from core.engine.turns import SLICE_SECONDS, Turn
from core.experiment import TrainingSpec
from core.training.plan import PlanSegment

PIECE_SECONDS = 0.1  # of a long epoch, while nobody waits for the turn


@dataclass(frozen=True, eq=False)
class EpochRecord:
    """An epoch in the history.

    Attributes:
        figures: float32 in the order of `menus.HISTORY`, in the units of the target.
        seconds: that the epoch took.
    """

    figures: np.ndarray
    seconds: float


@dataclass(frozen=True, eq=False)
class _Epoch:
    """What an epoch's results depend on.

    Attributes:
        program, is_compiled: what trains it.
        before: the state from which it begins.
        number: 0 for the first.
        numbers: what it is trained with.
    """

    program: FittedProgram
    is_compiled: bool
    before: State
    number: int
    numbers: EpochNumbers

    def is_same(self, other: _Epoch) -> bool:
        """Return whether the results are the same."""
        mine, its = self.numbers, other.numbers
        return (
            (self.program, self.is_compiled, self.number) == (other.program, other.is_compiled, other.number)
            and self.before is other.before
            and np.array_equal(mine.rates, its.rates)
            and np.array_equal(mine.settings, its.settings)
        )


@dataclass(frozen=True, eq=False)
class _Begun:
    """A long epoch of which some pieces are trained.

    Attributes:
        part: how far it has come.
        seconds: that this took.
        steps: that the next piece has at most.
    """

    epoch: _Epoch
    part: PartOfEpoch
    seconds: float = 0.0
    steps: int = 1


class EpochTrainer:
    """Trains the epochs of one run, long ones in pieces. Used by the training thread alone.

    Attributes:
        rows: of the split, as programs take them.
        turn: held while an epoch, or a piece of it, is trained.
        columns: how many figures an epoch has.
    """

    def __init__(self, split: Split, training: TrainingSpec, programs: Programs) -> None:
        self.rows = programs.rows(split, training.class_weight)
        self.turn = Turn(programs.turns, polite=programs.is_polite)
        self._inputs = EpochInputs(training.seed, len(split.x_train))
        self._scale = metric_scale(split)
        self._begun: _Begun | None = None
        self.columns = len(self._scale)

    @property
    def is_inside_an_epoch(self) -> bool:
        """Whether some pieces of an epoch are trained and others are not."""
        return self._begun is not None

    def train(self, segment: PlanSegment, state: State, epoch: int) -> tuple[State, EpochRecord] | None:
        """Train one epoch (0 is the first), compiled if its program is ready, else on the plain graph.

        A long one is trained in pieces: this trains the next one, and returns None until the last. Called with
        something else meanwhile, as after a change by hand, it begins anew.
        """
        program = segment.program
        is_compiled = program.ready
        self.turn.take()
        started = time.perf_counter()
        order = self._inputs.order(epoch)
        rates = self._inputs.rates(segment.experiment.training, program.structure.steps, epoch)
        if program.is_long(is_compiled):
            numbers = EpochNumbers(self.rows.tensors, order, rates, segment.live)
            result = self._train_piece(_Epoch(program, is_compiled, state, epoch, numbers))
        else:
            run = program.epoch if is_compiled else program.uncompiled_epoch
            after, figures = run(state, self.rows, order, rates, segment.live)
            self._begun = None
            result = after, EpochRecord(figures * self._scale, time.perf_counter() - started)
        self.turn.share()
        return result

    def _train_piece(self, epoch: _Epoch) -> tuple[State, EpochRecord] | None:
        """Train the next piece of an epoch, the first one unless some are trained."""
        begun, program = self._begun, epoch.program
        if begun is None or not begun.epoch.is_same(epoch):
            begun = _Begun(epoch, program.begin(epoch.before))
        started = time.perf_counter()
        part = program.go_on(begun.part, epoch.numbers, begun.steps, epoch.is_compiled)
        seconds = time.perf_counter() - started
        if part.results is not None:
            self._begun = None
            record = EpochRecord(part.results.numpy() * self._scale, begun.seconds + seconds)
            return program.state_after(part), record
        done = part.done - begun.part.done
        # The others wait less if each piece is shorter where they are many.
        wanted = max(SLICE_SECONDS, PIECE_SECONDS / (1 + self.turn.others))
        steps = max(1, min(8 * done, int(done * wanted / seconds)))
        is_first_to_validate = begun.part.done < program.structure.steps <= part.done
        self._begun = replace(
            begun, part=part, seconds=begun.seconds + seconds, steps=1 if is_first_to_validate else steps
        )
        return None
