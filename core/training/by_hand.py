"""What edits by hand do to a network's weights, and what they leave to be taken back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from core.messages.edits import Begin, Edit, SetWeight, Silence, Timeline, Unit, with_edit

Tensors = dict[str, np.ndarray]


@dataclass(frozen=True, eq=False)
class ByHand:
    """What was done by hand to a network until now: an immutable value that goes with its state.

    Attributes:
        done: how many edits of the run's timeline are in it.
        standing: those that were not taken back.
        replaced: of each of these the weight that it replaced; 0 where it is no `SetWeight`.
        outgoing: the outgoing weights that silenced units had, float32 (units of the next layer,).
    """

    done: int = 0
    standing: Timeline = ()
    replaced: tuple[float, ...] = ()
    outgoing: Mapping[Unit, np.ndarray] = field(default_factory=dict)

    def obey(self, epoch: int, edit: Edit, weights: Tensors) -> ByHand:
        """Return what is behind an edit, and write into the weights what it does to them.

        Args:
            weights: by name, from the input side on; their arrays are changed.
        """
        standing = with_edit(self.standing, epoch, edit)
        after = replace(self, done=self.done + 1, standing=standing)
        if len(standing) > len(self.standing):
            value, outgoing = self._do(edit, weights)
            return replace(after, replaced=(*self.replaced, value), outgoing=outgoing)
        if len(standing) < len(self.standing):
            back = _inverse(self.standing[-1][1], self.replaced[-1])
            _, outgoing = self._do(back, weights)
            return replace(after, replaced=self.replaced[:-1], outgoing=outgoing)
        return after

    def _do(self, edit: Edit, weights: Tensors) -> tuple[float, Mapping[Unit, np.ndarray]]:
        """Change the weights; returns the weight that was replaced, and the outgoing ones of silenced units."""
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
        if sender in outgoing:  # it counts when the unit is switched on again
            tensor = outgoing[sender] = outgoing[sender].copy()
            place = place[1:]
        replaced = float(tensor[place])
        tensor[place] = edit.value
        return replaced, outgoing


def _inverse(edit: Edit, replaced: float) -> Edit:
    if isinstance(edit, SetWeight):
        return replace(edit, value=replaced)
    return replace(edit, on=not edit.on) if isinstance(edit, Silence) else edit
