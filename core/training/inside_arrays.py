"""What a run shows of the inside of its network while somebody looks there."""

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

_SPACES_SECONDS = 0.25  # between two looks at where the points lie
_SEPARABLE_SECONDS = 1.0  # … at how well a line parts them
_SHARE = 0.03  # of the time that each of the two may take

Arrays = dict[str, np.ndarray]
Seen = tuple[Mapping[str, Floats], Collection[Unit]]  # weights by name, and the units that are silenced
Result = TypeVar("Result")


class Inside:
    """The points that are followed through a network's levels, and where they lay last.

    One thread calls `look`; any may call `look_back` meanwhile.

    Args:
        axes: the plane that is drawn, or None for no plane.
    """

    def __init__(self, split: Split, axes: Axes | None, levels: int) -> None:
        self._split, self._axes, self._levels = split, axes, levels
        self._last: Sequence[Floats] | None = None
        self._follows = _Rhythm(_SPACES_SECONDS)
        self._probes = _Rhythm(_SEPARABLE_SECONDS)

    def look(self, experiment: Experiment, seen: Seen, everything: bool) -> Arrays:
        """Return the arrays of `core.analysis.packed_weights.ARRAYS` as they are now; none where a weight is no number.

        Args:
            seen: the present weights by name, as `TrainedNetwork` takes them, and the units that give 0.
            everything: whether `spaces` and `separable` are wanted however short ago they came.
        """
        weights, silenced = seen
        network = _network(experiment, weights)
        if network is None:
            return {}
        arrays = pack_weights(network.weights)
        if everything or self._follows.due:
            self._last = self._follows.take(lambda: self._lay_out(network, silenced, self._last))
            arrays["spaces"] = half_bits(np.stack(self._last))
        if everything or self._probes.due:
            arrays["separable"] = self._probes.take(lambda: self._score(network, silenced))[None]
        return arrays

    def look_back(
        self,
        experiment: Experiment,
        past: Seen,
        latest: Seen,
    ) -> Arrays:
        """Return `weights` and `spaces` of earlier weights; components lie as those of the latest do."""
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
        """That of the inputs, which never changes."""
        (train, y_train), (held_out, y_held_out) = self._probed
        return spaces.separability([train], y_train, [held_out], y_held_out, self._split.classes)

    def _lay_out(
        self, network: TrainedNetwork, silenced: Collection[Unit], before: Sequence[Floats] | None = None
    ) -> list[Floats]:
        return spaces.lay_out([self._points, *_outputs(network, self._points, silenced)], before)

    def _score(self, network: TrainedNetwork, silenced: Collection[Unit]) -> Floats:
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
    try:
        return TrainedNetwork(experiment, weights)
    except DataError:
        return None


class _Rhythm:
    """When something is done again: some seconds later, or later still where it took long."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._next = 0.0

    @property
    def due(self) -> bool:
        return time.perf_counter() >= self._next

    def take(self, call: Callable[[], Result]) -> Result:
        started = time.perf_counter()
        result = call()
        ended = time.perf_counter()
        self._next = started + max(self._seconds, (ended - started) / _SHARE)
        return result
