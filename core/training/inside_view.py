"""What frames carry of the inside of a network while somebody looks there."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cached_property
from typing import TypeVar

import numpy as np

from core.analysis import spaces
from core.analysis.axes import Axes
from core.analysis.packed_weights import followed_points, half_bits, pack_weights, spread_rows
from core.datasets import Split
from core.errors import DataError
from core.experiment import Experiment
from core.messages.edits import Unit
from core.trained.network import Floats, TrainedNetwork

_SPACES_SECONDS = 0.25  # between two computations of where the points lie
_SEPARABLE_SECONDS = 1.0  # … of how well a linear model separates them
_SHARE = 0.03  # of the time that each of the two may take

Arrays = dict[str, np.ndarray]
Seen = tuple[Mapping[str, Floats], Collection[Unit]]  # weights by name, and the silenced units
Result = TypeVar("Result")


class InsideView:
    """The points that are followed through a network's levels, and where they were last.

    One thread calls `now`; any thread may call `past` meanwhile: it only reads `_last`, whose lists are replaced and
    never changed.

    Args:
        axes: the plane to draw, or None for no plane.
    """

    def __init__(self, split: Split, axes: Axes | None, levels: int) -> None:
        self._split, self._axes, self._levels = split, axes, levels
        self._last: Sequence[Floats] | None = None
        self._spaces_timer = _Timer(_SPACES_SECONDS)
        self._separable_timer = _Timer(_SEPARABLE_SECONDS)

    def now(self, experiment: Experiment, seen: Seen, everything: bool) -> Arrays:
        """Return the arrays of `core.analysis.packed_weights.ARRAYS`; none where a weight is NaN or infinite.

        Args:
            seen: the present weights by name, as `TrainedNetwork` takes them, and the silenced units, which output 0.
            everything: whether to include `spaces` and `separable` however recently they were computed.
        """
        weights, silenced = seen
        network = _network(experiment, weights)
        if network is None:
            return {}
        arrays = pack_weights(network.weights)
        if everything or self._spaces_timer.is_due:
            self._last = self._spaces_timer.run(lambda: self._lay_out(network, silenced, self._last))
            arrays["spaces"] = half_bits(np.stack(self._last))
        if everything or self._separable_timer.is_due:
            arrays["separable"] = self._separable_timer.run(lambda: self._scores(network, silenced))[None]
        return arrays

    def past(self, experiment: Experiment, past: Seen, latest: Seen) -> Arrays:
        """Return `weights` and `spaces` of earlier weights, with components oriented like those of the latest."""
        network, now = _network(experiment, past[0]), _network(experiment, latest[0])
        if network is None:
            return {}
        before = self._last if now is None else self._lay_out(now, latest[1], self._last)
        places = self._lay_out(network, past[1], before)
        return pack_weights(network.weights) | {"spaces": half_bits(np.stack(places))}

    @cached_property
    def _points(self) -> Floats:
        return followed_points(self._split, self._axes, self._levels)

    @cached_property
    def _probed(self) -> tuple[tuple[Floats, np.ndarray], tuple[Floats, np.ndarray]]:
        """Inputs and targets of training rows, and of held-out rows."""
        split = self._split
        train, held_out = (spread_rows(targets, spaces.PROBED_ROWS) for targets in (split.y_train, split.y_val))
        return (split.x_train[train], split.y_train[train]), (split.x_val[held_out], split.y_val[held_out])

    @cached_property
    def _input_score(self) -> Floats:
        """The score of a linear model on the inputs, which never changes: float32 (1,)."""
        (train, y_train), (held_out, y_held_out) = self._probed
        return spaces.separability([train], y_train, [held_out], y_held_out, self._split.classes)

    def _lay_out(
        self, network: TrainedNetwork, silenced: Collection[Unit], before: Sequence[Floats] | None = None
    ) -> list[Floats]:
        return spaces.lay_out([self._points, *_outputs(network, self._points, silenced)], before)

    def _scores(self, network: TrainedNetwork, silenced: Collection[Unit]) -> Floats:
        """Return the score of a linear model at every level: float32 (levels,)."""
        (train, y_train), (held_out, y_held_out) = self._probed
        levels = (_outputs(network, rows, silenced) for rows in (train, held_out))
        scores = spaces.separability(next(levels), y_train, next(levels), y_held_out, self._split.classes)
        return np.concatenate([self._input_score, scores])


@spaces.on_one_thread
def _outputs(network: TrainedNetwork, inputs: Floats, silenced: Collection[Unit]) -> list[Floats]:
    outputs = network.layer_outputs(inputs)
    for layer, unit in silenced:
        outputs[layer][:, unit] = 0
    return outputs


def _network(experiment: Experiment, weights: Mapping[str, Floats]) -> TrainedNetwork | None:
    """Return the network, or None where a weight is NaN or infinite."""
    try:
        return TrainedNetwork(experiment, weights)
    except DataError:
        return None


class _Timer:
    """Says when a computation is due again: some seconds later, or later still if it takes long."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._next = 0.0

    @property
    def is_due(self) -> bool:
        return time.perf_counter() >= self._next

    def run(self, compute: Callable[[], Result]) -> Result:
        started = time.perf_counter()
        result = compute()
        ended = time.perf_counter()
        self._next = started + max(self._seconds, (ended - started) / _SHARE)
        return result
