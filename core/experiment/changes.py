"""What can change while a network trains, and what a compiled program depends on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from core.experiment import menus
from core.experiment.specs import Experiment, NetworkSpec, TrainingSpec

# What stands for any value above 0.
_SOME_DROPOUT, _SOME_NOISE, _SOME_PENALTY, _SOME_MOMENTUM = 0.5, 1.0, 1.0, 0.5


def shape_of(experiment: Experiment) -> Experiment:
    """Return the experiment with everything at a fixed value that needs no other program.

    Two experiments of one shape, with equal numbers of rows and features, share a compiled program.
    """
    data = replace(experiment.data, seed=None, noise=None, random_labels=None, scaling=None)
    return Experiment(data, _network_shape(experiment.network), _training_shape(experiment.training))


def can_become(before: Experiment, after: Experiment) -> bool:
    """Return whether a run can take this change as it trains: its weights and the optimizer's memory stay.

    Learning rate, epochs, batch size, L1 and L2 (strengths and places), dropout, noise and momentum can change;
    dropout, noise and momentum not from or to 0, where layers or the optimizer's memory would come or go.
    """
    return _fixed(before) == _fixed(after)


def _fixed(experiment: Experiment) -> Experiment:
    """Return the experiment with everything at a fixed value that can change while it trains."""
    network = replace(_network_shape(experiment.network), initializer=experiment.network.initializer, l1=0.0, l2=0.0)
    training = replace(
        experiment.training,
        batch_size=TrainingSpec.batch_size,
        learning_rate=TrainingSpec.learning_rate,
        epochs=TrainingSpec.epochs,
        momentum=_momentum_shape(experiment.training),
    )
    return Experiment(experiment.data, network, training)


def _network_shape(network: NetworkSpec) -> NetworkSpec:
    layers = tuple(
        replace(layer, dropout=_SOME_DROPOUT if rate else 0.0, noise=_SOME_NOISE if layer.noise else 0.0)
        for layer, rate in zip(network.layers, network.dropouts, strict=True)
    )
    return replace(
        network,
        layers=layers,
        initializer=NetworkSpec.initializer,
        l1=_SOME_PENALTY if network.l1 else 0.0,
        l2=_SOME_PENALTY if network.l2 else 0.0,
        dropout=0.0,
    )


def _training_shape(training: TrainingSpec) -> TrainingSpec:
    no_schedule: dict[str, Any] = dict.fromkeys(menus.setting_names(menus.SCHEDULES))
    return replace(
        training,
        learning_rate=TrainingSpec.learning_rate,
        epochs=TrainingSpec.epochs,
        seed=TrainingSpec.seed,
        momentum=_momentum_shape(training),
        schedule=TrainingSpec.schedule,
        patience=TrainingSpec.patience,
        restore_best=TrainingSpec.restore_best,
        target=TrainingSpec.target,
        **no_schedule,
    )


def _momentum_shape(training: TrainingSpec) -> float | None:
    return _SOME_MOMENTUM if training.momentum else training.momentum
