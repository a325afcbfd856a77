"""What a run is to do: the experiment, and the units held by edits, that are in force from each epoch on."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import tensorflow as tf

from core.datasets import Split
from core.engine.epoch_inputs import row_orders
from core.engine.fitted_program import FittedProgram
from core.engine.one_step import MadeStep, StepRows
from core.engine.program import State
from core.engine.programs import Programs
from core.engine.runtime_settings import held_unit_masks, runtime_settings
from core.engine.structure import Structure
from core.experiment import Experiment
from core.experiment.schedule import step_rates
from core.messages.edits import Edit, TakeStep, Timeline, Unit, added, frozen_units, in_force, silenced_units


@dataclass(frozen=True, eq=False)
class PlanSegment:
    """What is in force from an epoch on.

    Attributes:
        silenced: units that output 0.
        program: the one that trains it.
        live: the numbers that the program takes as an argument, float32.
    """

    experiment: Experiment
    silenced: Collection[Unit]
    program: FittedProgram
    live: tf.Tensor


@dataclass(frozen=True, eq=False)
class Plan:
    """The segments of a run by their first epoch, and its edits: an immutable value.

    Attributes:
        programs: where the programs of new segments come from.
        split: the rows that the run trains on.
    """

    programs: Programs
    split: Split
    segments: Mapping[int, PlanSegment]
    edits: Timeline = ()

    @classmethod
    def of(cls, programs: Programs, split: Split, experiment: Experiment) -> Plan:
        """Return the plan to train an experiment."""
        return cls(programs, split, {}).with_experiment(0, experiment)

    @property
    def experiments(self) -> tuple[tuple[int, Experiment], ...]:
        """The experiments of all segments, each with its first epoch."""
        return tuple((epoch, segment.experiment) for epoch, segment in self.segments.items())

    def at(self, epoch: int) -> PlanSegment:
        """Return the segment in force after an epoch."""
        return self.segments[self._start(epoch)]

    def programs_since(self, epoch: int) -> list[FittedProgram]:
        """Return the programs of all segments in force after an epoch or later."""
        start = self._start(epoch)
        return [segment.program for first, segment in self.segments.items() if first >= start]

    def with_experiment(self, epoch: int, experiment: Experiment) -> Plan:
        """Return the plan with another experiment from an epoch on. May build a program, which takes seconds."""
        frozen, silenced = self._held(epoch)
        is_held = bool(frozen or silenced)
        program = self.programs.get(Structure.of(experiment, self.split, is_held))
        live = runtime_settings(experiment)
        if is_held:
            live = np.concatenate([live, held_unit_masks(program.sizes, frozen, silenced)])
        segment = PlanSegment(experiment, silenced, program, tf.constant(live))
        return replace(self, segments={**self.segments, epoch: segment})

    def with_edit(self, epoch: int, edit: Edit) -> Plan:
        """Return the plan with one more edit, made after the given epoch, the latest so far."""
        after = replace(self, edits=added(self.edits, epoch, edit))
        if after._held(epoch) == self._held(epoch):
            return after
        return after.with_experiment(epoch, self.at(epoch).experiment)

    def with_all(self, experiments: Iterable[tuple[int, Experiment]], edits: Timeline) -> Plan:
        """Return the plan with all that a run was to do: its experiments by their first epochs, and its edits."""
        plan = replace(self, edits=edits)
        for epoch, experiment in experiments:
            plan = plan.with_experiment(epoch, experiment)
        return plan

    def edits_between(self, count: int, epoch: int) -> Timeline:
        """Return the edits made up to an epoch, without the first `count`."""
        return tuple(edit for edit in self.edits[count:] if edit[0] <= epoch)

    def make_step(self, state: State, step: TakeStep, standing: Timeline) -> State:
        """Return the state after a step of training that was made by hand.

        Args:
            standing: the edits in force before it.
        """
        return self.step(state, step, standing).state

    def step(self, state: State, step: TakeStep, standing: Timeline) -> MadeStep:
        """Make a step of training, and return all that was computed for it.

        Args:
            standing: the edits in force before it.
        """
        experiment, split = step.experiment, self.split
        held = frozen_units(standing), silenced_units(standing)
        structure = Structure.of(experiment, split, any(held))
        rows = self.rows_of(step)
        rate = step_rates(experiment.training, step.epoch, structure.steps)[0]
        chosen = StepRows.of(self.programs.rows(split, experiment.training.class_weight), rows)
        return MadeStep.of(self.programs.get(structure), state, experiment, chosen, float(rate), held)

    def rows_of(self, step: TakeStep) -> np.ndarray:
        """Return the numbers of a step's training rows, int64 (rows,)."""
        if step.rows is not None:
            return np.array(step.rows, np.int64)
        training, epoch = step.experiment.training, step.epoch
        (order,) = row_orders(training.seed, range(epoch, epoch + 1), len(self.split.x_train))
        return order[: training.batch_size].astype(np.int64)

    def _start(self, epoch: int) -> int:
        """Return the first epoch of the segment in force after an epoch."""
        return max(first for first in self.segments if first <= epoch)

    def _held(self, epoch: int) -> tuple[frozenset[Unit], frozenset[Unit]]:
        """Return the units that are frozen after an epoch, and those that are silenced."""
        standing = in_force(tuple(edit for edit in self.edits if edit[0] <= epoch))
        return frozen_units(standing), silenced_units(standing)
