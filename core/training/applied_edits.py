"""What edits do to a network's weights, and what it takes to undo them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from core.engine.fitted_program import FittedProgram
from core.engine.program import State
from core.messages.edits import Begin, Edit, SetWeight, Silence, TakeStep, Timeline, Unit, undone_place, with_edit

Tensors = dict[str, np.ndarray]
# Returns the state after a step of training, with the edits that stand before it.
MakeStep = Callable[[State, TakeStep, Timeline], State]


@dataclass(frozen=True, eq=False)
class AppliedEdits:
    """The edits that a network's weights contain: an immutable value that goes with its state.

    Attributes:
        count: how many edits of the run's timeline have been applied.
        standing: those of them that were not undone.
        replaced: the weight that each standing edit replaced; 0 for edits other than `SetWeight`.
        outgoing: the outgoing weights that silenced units had, float32 (units of the next layer,).
    """

    count: int = 0
    standing: Timeline = ()
    replaced: tuple[float, ...] = ()
    outgoing: Mapping[Unit, np.ndarray] = field(default_factory=dict)

    def apply(self, epoch: int, edit: Edit, weights: Tensors) -> AppliedEdits:
        """Apply one more edit to the weights, and return what has been applied then.

        Args:
            weights: by name, from the input side on; their arrays are changed in place.
        """
        standing = with_edit(self.standing, epoch, edit)
        after = replace(self, count=self.count + 1, standing=standing)
        if len(standing) > len(self.standing):
            value, outgoing = self._write(edit, weights)
            return replace(after, replaced=(*self.replaced, value), outgoing=outgoing)
        place = undone_place(self.standing)
        if place is not None and len(standing) < len(self.standing):
            inverse = _inverse(self.standing[place][1], self.replaced[place])
            _, outgoing = self._write(inverse, weights)
            return replace(after, replaced=self.replaced[:place] + self.replaced[place + 1 :], outgoing=outgoing)
        return after

    def _write(self, edit: Edit, weights: Tensors) -> tuple[float, Mapping[Unit, np.ndarray]]:
        """Change the weights; return the weight that was replaced, and the outgoing weights of silenced units."""
        if isinstance(edit, Begin):
            for name, weight in edit.weights.items():
                weights[name][...] = weight
        kernels = [name for name in weights if name.endswith("/kernel")]
        outgoing = dict(self.outgoing)
        if isinstance(edit, Silence):
            unit = edit.layer, edit.unit
            row = weights[kernels[edit.layer + 1]][edit.unit]
            if edit.on:
                outgoing[unit] = row.copy()
                row[:] = 0
            else:
                row[:] = outgoing.pop(unit)
        if not isinstance(edit, SetWeight):
            return 0.0, outgoing
        place: tuple[int, ...] = edit.index
        tensor = weights[edit.name]
        sender = (kernels.index(edit.name) - 1, place[0]) if edit.name in kernels else None
        if sender in outgoing:  # the unit is silenced: the weight takes effect when the unit is switched on again
            tensor = outgoing[sender] = outgoing[sender].copy()
            place = place[1:]
        replaced = float(tensor[place])
        tensor[place] = edit.value
        return replaced, outgoing


@dataclass(frozen=True, eq=False)
class EditedNetwork:
    """A network's weights and its optimizer's variables, and the edits that they contain."""

    state: State
    applied: AppliedEdits = AppliedEdits()

    def with_edits(self, edits: Timeline, program: FittedProgram, make_step: MakeStep) -> EditedNetwork:
        """Return the network after some more edits, or itself where there are none.

        Args:
            make_step: makes the steps of training among them.
        """
        state, applied = self.state, self.applied
        for is_step, some in itertools.groupby(edits, lambda line: isinstance(line[1], TakeStep)):
            weights = {name: weight.copy() for name, weight in program.named_weights(state).items()}
            for epoch, edit in some:
                if is_step and isinstance(edit, TakeStep) and edit.epoch == epoch:
                    state = make_step(state, edit, applied.standing)
                applied = applied.apply(epoch, edit, weights)
            if not is_step:
                state = program.with_weights(state, weights)
        return EditedNetwork(state, applied) if edits else self


def _inverse(edit: Edit, replaced: float) -> Edit:
    if isinstance(edit, SetWeight):
        return replace(edit, value=replaced)
    return replace(edit, on=not edit.on) if isinstance(edit, Silence) else edit
