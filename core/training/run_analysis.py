"""What the kept weights of a run show: its health, and the loss landscape around its path."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Sequence

import numpy as np

from core.analysis import layer_health
from core.analysis.histograms import Histogram
from core.analysis.landscape import Landscape, grid_axes, grid_places, path_plane
from core.analysis.layer_health import Health
from core.analysis.regression import shown_rows
from core.analysis.spaces import on_one_thread
from core.datasets import Split
from core.engine.objective import Objective
from core.messages.weights import Weights
from core.trained.network import TrainedNetwork, weight_shapes
from core.training.snapshots import even_choice
from core.training.trainer import Trainer

ROWS_MOST = 2000
_EPOCHS_MOST = 12  # for which histograms and gradients are computed
_MOVES_MOST = 60  # kept epochs between which the change of the weights is measured
_PATH_MOST = 60  # epochs of a path
_PRODUCTS_MOST = 5e10  # multiplications for one analysis: some seconds of a core
_FEWEST_ROWS = 100


def kept_weights(trainer: Trainer, most: int) -> list[Weights]:
    """Return the weights of at most so many kept epochs, evenly spaced, the first and the last among them.

    Epochs whose weights contain NaN or infinity, as the last one of a failed run, are left out.
    """
    chosen = {weights.epoch: weights for weights in map(trainer.weights_near, even_choice(trainer.kept_epochs, most))}
    # In order, and each once: a run that is replayed meanwhile has fewer epochs for a moment.
    return [chosen[epoch] for epoch in sorted(chosen) if _is_finite(chosen[epoch])]


def _is_finite(weights: Weights) -> bool:
    return all(np.isfinite(array).all() for array in weights.arrays.values())


def health_of(trainer: Trainer) -> Health:
    """Return the health of a run by its kept weights; from any thread, in turn with the runs of the process.

    Raises:
        WorkersError: where the run is abandoned meanwhile.
    """
    split, aside = trainer.split, trainer.aside()
    path = kept_weights(trainer, _MOVES_MOST)
    by_epoch = {weights.epoch: weights for weights in path}
    analyzed = [by_epoch[epoch] for epoch in even_choice(tuple(by_epoch), _EPOCHS_MOST)]
    experiment = path[-1].experiment
    layers = experiment.network.layers
    rows = _rows(split, trainer.parameters, 3 * len(analyzed))
    objective = Objective(experiment, split, rows, aside)
    inputs = split.x_train[rows]
    networks = [TrainedNetwork(experiment, weights.arrays) for weights in analyzed]
    with aside:
        outputs = [aside.do(functools.partial(network.layer_outputs, inputs)) for network in networks]
        slopes = [objective.gradients(weights.arrays) for weights in analyzed]
    gradients = [layer_health.layer_values(by_name, len(layers)) for by_name in slopes]
    values = {weights.epoch: layer_health.layer_values(weights.arrays, len(layers)) for weights in path}
    idle = [
        [layer_health.idle_share(layer.activation, given) for layer, given in zip(layers, at_epoch, strict=False)]
        for at_epoch in outputs
    ]
    moved = [
        [layer_health.moved_share(*pair, after - before) for pair in zip(values[before], values[after], strict=True)]
        for before, after in itertools.pairwise(values)
    ]
    return Health(
        epochs=tuple(weights.epoch for weights in analyzed),
        weights=_histograms([values[weights.epoch] for weights in analyzed]),
        activations=_histograms(outputs),
        gradients=_histograms(gradients),
        gradient_norms=np.array([[layer_health.norm(layer) for layer in at_epoch] for at_epoch in gradients]).T,
        idle=np.array(idle, np.float64).reshape(len(analyzed), len(layers)).T,
        moved_epochs=tuple(values)[1:],
        moved=np.array(moved, np.float64).reshape(len(values) - 1, len(layers) + 1).T,
        rows=len(rows),
        steps=-(-len(split.x_train) // experiment.training.batch_size),
    )


def landscape_of(trainer: Trainer) -> Landscape | None:
    """Return the loss over the plane of a run's path; None with fewer than three kept epochs, or if no weight moved.

    From any thread, in turn with the runs of the process.

    Raises:
        WorkersError: where the run is abandoned meanwhile.
    """
    split = trainer.split
    path = kept_weights(trainer, _PATH_MOST)
    experiment = path[-1].experiment
    shapes = weight_shapes(experiment.network, split.inputs, split.classes)
    flat = np.stack([np.concatenate([weights.arrays[name].ravel() for name in shapes]) for weights in path])
    plane = on_one_thread(path_plane)(flat)
    if plane is None:
        return None
    across, up = grid_axes(plane.path)
    places = grid_places(across, up)
    rows = _rows(split, trainer.parameters, len(places))
    objective = Objective(experiment, split, rows, trainer.aside())
    losses = objective.over_plane(plane.origin, plane.directions, places, shapes)
    return Landscape(
        epochs=tuple(weights.epoch for weights in path),
        path=plane.path,
        path_losses=objective.at(flat, shapes),
        shares=plane.shares,
        across=across,
        up=up,
        losses=losses.reshape(len(up), len(across)),
        rows=len(rows),
    )


def _histograms(by_epoch: Sequence[Sequence[np.ndarray]]) -> tuple[Histogram, ...]:
    """Return one histogram for each layer, from values by epoch and layer."""
    return tuple(layer_health.spread_histogram(layer) for layer in zip(*by_epoch, strict=True))


def _rows(split: Split, parameters: int, passes: int) -> np.ndarray:
    """Return the training rows to use: as many as the bound on multiplications allows for so many passes."""
    most = int(np.clip(_PRODUCTS_MOST / (parameters * passes), _FEWEST_ROWS, ROWS_MOST))
    return shown_rows(len(split.x_train), most)
