"""The arrays of a run's frames, and how often each of them is computed."""

from __future__ import annotations

import time

import numpy as np
import tensorflow as tf

from core.analysis.axes import Axes
from core.datasets import Split
from core.engine.fitted_program import FittedProgram
from core.engine.program import State
from core.experiment import Experiment
from core.training.inside_view import InsideView, Seen
from core.training.network_view import Arrays, NetworkView
from core.training.plan import PlanSegment

_HELD_OUT_SECONDS = 0.3  # between two predictions for the held-out rows: on the screen they are at most 0.5 s old


class FrameContents:
    """Computes what a watcher sees of a run's network.

    The training thread calls `now`; any thread may call the other methods meanwhile.

    Args:
        axes: the plane to draw, or None for no plane.
        held_out: the inputs of the validation rows.
        levels: of the network: inputs, hidden layers and output.
    """

    def __init__(self, split: Split, axes: Axes | None, held_out: tf.Tensor, levels: int) -> None:
        self._view = NetworkView(split, axes, held_out)
        self._inside = InsideView(split, axes, levels)
        self._held_out_at: float | None = None

    def now(self, segment: PlanSegment, state: State, epoch: int, everything: bool, is_inside: bool) -> Arrays:
        """Return the arrays of the present state.

        Args:
            epoch: the one that the state belongs to.
            everything: whether to include what is computed only from time to time.
            is_inside: whether to include the inside of the network.
        """
        program = segment.program
        arrays = self._view.over_inputs(program, state)
        if everything or self._is_held_out_due:
            self._held_out_at = time.perf_counter()
            arrays |= self._view.of_held_out_rows(program, state)
        if is_inside:
            seen = program.named_weights(state), segment.silenced
            inside = self._inside.now(segment.experiment, seen, everything)
            if "separable" in inside:
                inside["separable_epoch"] = np.array([epoch], np.int32)
            arrays |= inside
        return arrays

    def past(self, program: FittedProgram, weights: State) -> Arrays:
        """Return everything but the network's inside for earlier weights."""
        return self._view.over_inputs(program, weights) | self._view.of_held_out_rows(program, weights)

    def inside_past(self, experiment: Experiment, past: Seen, latest: Seen) -> Arrays:
        """Return `weights` and `spaces` of earlier weights, with components oriented like those of the latest."""
        return self._inside.past(experiment, past, latest)

    @property
    def _is_held_out_due(self) -> bool:
        return self._held_out_at is None or time.perf_counter() - self._held_out_at >= _HELD_OUT_SECONDS
