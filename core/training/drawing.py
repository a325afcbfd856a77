"""What the frames of a run draw, and how often each part of it."""

from __future__ import annotations

import math
import time

import numpy as np
import tensorflow as tf

from core.analysis.axes import Axes
from core.datasets import Split
from core.engine.program import Program, State
from core.experiment import Experiment
from core.training.inside_arrays import Inside, Seen
from core.training.plan import Stretch
from core.training.views import Arrays, View

_ANSWERS_SECONDS = 0.4  # between two looks at the held-out rows


class Drawing:
    """What a watcher sees of a run's network.

    Args:
        axes: the plane that is drawn, or None for no plane.
        held_out: the inputs of the validation rows.
        levels: of the network: inputs, hidden layers and output.

    Attributes:
        is_inside: whether somebody looks inside.
    """

    def __init__(self, split: Split, axes: Axes | None, held_out: tf.Tensor, levels: int) -> None:
        self._view = View(split, axes, held_out)
        self._inside = Inside(split, axes, levels)
        self._answers_at = -math.inf
        self.is_inside = False

    def now(self, stretch: Stretch, state: State, epoch: int, final: bool) -> Arrays:
        """Return what is drawn of the present state; all of it where nothing comes after."""
        program = stretch.program
        arrays = self._view.picture(program, state)
        if final or time.perf_counter() - self._answers_at >= _ANSWERS_SECONDS:
            self._answers_at = time.perf_counter()
            arrays |= self._view.answers(program, state)
        if self.is_inside:
            seen = program.named_weights(state), stretch.silenced
            looked = self._inside.look(stretch.experiment, seen, final)
            if "separable" in looked:
                looked["separable_epoch"] = np.array([epoch], np.int32)
            arrays |= looked
        return arrays

    def past(self, program: Program, weights: State) -> Arrays:
        """Return everything that is drawn of other weights; from any thread."""
        return self._view.picture(program, weights) | self._view.answers(program, weights)

    def inside_past(self, experiment: Experiment, past: Seen, latest: Seen) -> Arrays:
        """Return `weights` and `spaces` of earlier weights, which lie as those of the latest; from any thread."""
        return self._inside.look_back(experiment, past, latest)
