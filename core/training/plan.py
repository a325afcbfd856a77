"""What a run is to do: the experiment, and what is held by hand, that are in force from each epoch on."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from core.datasets import Split
from core.engine.program import Program
from core.engine.programs import Programs
from core.engine.runtime_settings import held_unit_masks, runtime_settings
from core.engine.structure import Structure
from core.experiment import Experiment
from core.messages.edits import Edit, Timeline, Unit, added, frozen_units, in_force, silenced_units


@dataclass(frozen=True)
class Stretch:
    """What is in force from an epoch on, its program, and the numbers that it is given."""

    experiment: Experiment
    silenced: Collection[Unit]
    program: Program
    live: tf.Tensor


class Plan:
    """The stretches of a run by their first epoch, and everything that was done by hand."""

    def __init__(self, programs: Programs, split: Split, experiment: Experiment) -> None:
        self._programs = programs
        self._split = split
        self._stretches: dict[int, Stretch] = {}
        self.edits: Timeline = ()
        self.change(0, experiment)

    def take(self, experiments: Iterable[tuple[int, Experiment]], edits: Timeline) -> None:
        """Take in all that a run was to do: its `experiments` and `edits`."""
        self.edits = edits
        for epoch, experiment in experiments:
            self.change(epoch, experiment)

    @property
    def experiments(self) -> tuple[tuple[int, Experiment], ...]:
        """The experiments that are in force, with the first epoch of each stretch."""
        return tuple((epoch, stretch.experiment) for epoch, stretch in self._stretches.items())

    def at(self, epoch: int) -> Stretch:
        """Return what is in force behind an epoch."""
        stretches = self._stretches
        return stretches[max(first for first in stretches if first <= epoch)]

    def since(self, epoch: int) -> list[Stretch]:
        """Return everything that has been in force from an epoch on."""
        begun = max(first for first in self._stretches if first <= epoch)
        return [stretch for first, stretch in self._stretches.items() if first >= begun]

    def change(self, epoch: int, experiment: Experiment) -> None:
        """Have another experiment in force from an epoch on."""
        frozen, silenced = self._held(epoch)
        is_held = bool(frozen or silenced)
        program = self._programs.get(Structure.of(experiment, self._split, is_held))
        live = runtime_settings(experiment)
        if is_held:
            live = np.concatenate([live, held_unit_masks(experiment.network, frozen, silenced)])
        # A new dict, since other threads may look into the one there is.
        self._stretches = self._stretches | {epoch: Stretch(experiment, silenced, program, tf.constant(live))}

    def edit(self, epoch: int, edit: Edit) -> None:
        """Have something done by hand behind an epoch, the latest so far."""
        before = self._held(epoch)
        self.edits = added(self.edits, epoch, edit)
        if self._held(epoch) != before:
            self.change(epoch, self.at(epoch).experiment)

    def _held(self, epoch: int) -> tuple[frozenset[Unit], frozenset[Unit]]:
        """Return the units that are frozen behind an epoch, and those that are silenced."""
        standing = in_force(tuple(edit for edit in self.edits if edit[0] <= epoch))
        return frozen_units(standing), silenced_units(standing)
