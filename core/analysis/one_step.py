"""One step of training in numbers: what flowed forward and backward, and what the optimizer made of it.

Only plain arrays. `core.engine.one_step` computes them; `step_terms`, `loss_terms` and `update_rules` write them as
formulas.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.experiment import Experiment

Floats = NDArray[np.float32]
Memory = Mapping[str, tuple[Floats, Floats]]


@dataclass(frozen=True, eq=False)
class Spread:
    """What the units of a layer feed into their activation, over many training rows.

    Attributes:
        low, high: float32 (units,), the ends of every unit's histogram; NaN and infinity are left out.
        counts: int64 (units, bins).
        rows: how many rows were counted.
        dead: bool (units,), ReLU units that are 0 for every row.
        saturated: bool (units,), units near an end of their range for most rows.
    """

    low: Floats
    high: Floats
    counts: NDArray[np.int64]
    rows: int
    dead: NDArray[np.bool_]
    saturated: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Curve:
    """An activation and its derivative.

    Attributes:
        at: float32 (points,), rising.
        values, slopes: float32 (points,), f and f′ there.
    """

    at: Floats
    values: Floats
    slopes: Floats


@dataclass(frozen=True, eq=False)
class LayerStep:
    """What a layer computed for the shown rows, and how the loss depends on it. All arrays are float32 (rows, units).

    Attributes:
        name: "hidden_1" …, or "output".
        activation: as in `menus.ACTIVATIONS`, or the output layer's.
        normalization: as in `menus.NORMALIZATIONS`.
        inputs: (rows, inputs of the layer), what the layer before gave to it.
        sums: weighted sums of the inputs plus bias, z.
        normalized: z after normalization; None where there is none.
        activated: the activation's values, a.
        outputs: a after noise and dropout.
        kept: the factor of dropout, 0 for a dropped unit; None without dropout.
        noise: what noise added; None without noise.
        output_slopes: dL/d outputs; None for the output layer.
        activated_slopes: dL/da; None where the loss is computed from z, as with softmax and cross-entropy.
        slopes: f′ at what the activation took; None for softmax, whose values depend on all units.
        deltas: dL/dz.
        spread: over many rows; None for softmax.
        curve: f and f′; None for softmax.
    """

    name: str
    activation: str
    normalization: str
    inputs: Floats
    sums: Floats
    normalized: Floats | None
    activated: Floats
    outputs: Floats
    kept: Floats | None
    noise: Floats | None
    output_slopes: Floats | None
    activated_slopes: Floats | None
    slopes: Floats | None
    deltas: Floats
    spread: Spread | None
    curve: Curve | None

    @property
    def fed(self) -> Floats:
        """What the activation took: z, or z after normalization."""
        return self.sums if self.normalized is None else self.normalized


@dataclass(frozen=True, eq=False)
class TensorStep:
    """What a step does to one tensor of weights. Arrays have the tensor's shape.

    Attributes:
        name: as in `core.trained.network.weight_shapes`.
        before, after: the weights.
        error_gradient: of the mean error of the rows.
        penalty_gradient: of the penalties; None where there are none.
        gradient: of the whole loss.
        clipped: the gradient after clipping; None where nothing clips.
        decay: what weight decay adds; None without it.
        free: the weights as the optimizer leaves them, before their norm is limited and held ones are put back; None
            without either.
        held: bool, the weights that a person has frozen or silenced; None where there are none.
        memory: the optimizer's own numbers before and after. Adafactor's means have fewer dimensions.
        idle: whether it is a bias that batch normalization subtracts again, which is not trained.
    """

    name: str
    before: Floats
    after: Floats
    error_gradient: Floats
    penalty_gradient: Floats | None
    gradient: Floats
    clipped: Floats | None
    decay: Floats | None
    free: Floats | None
    held: NDArray[np.bool_] | None
    memory: Memory
    idle: bool

    @property
    def used_gradient(self) -> Floats:
        """The gradient that the optimizer took."""
        return self.gradient if self.clipped is None else self.clipped

    @property
    def change(self) -> Floats:
        """What the step changes in all."""
        return self.after - self.before


@dataclass(frozen=True, eq=False)
class StepLoss:
    """The loss of the rows of a step.

    Attributes:
        rows: float32 (shown rows,), the error of each.
        weights: float32 (shown rows,), how much each counts; None where all count the same.
        error: the mean of the errors of all rows.
        penalties: by their place in `menus.PENALTY_PLACES`; without those that are off.
    """

    rows: Floats
    weights: Floats | None
    error: float
    penalties: Mapping[str, float]

    @property
    def total(self) -> float:
        """What the step makes smaller."""
        return self.error + sum(self.penalties.values())


@dataclass(frozen=True)
class Broken:
    """Where NaN or infinity appears first in a stage of a step: "weights", "forward", "loss", "backward" or "update".

    Attributes:
        name: of the layer, in the backward stage counted from the output; "" for the loss.
    """

    stage: str
    name: str


@dataclass(frozen=True, eq=False)
class ExplainedStep:
    """One step of training.

    Attributes:
        experiment: in force.
        epoch: epochs done.
        weights_epoch: the epoch whose weights they are: an earlier one where the best were restored.
        generation: of the run's history.
        edits: how many changes by hand the run had.
        asked: the rows that were chosen, or None for the next batch.
        rows: int64 (all rows,), numbers of training rows.
        shown: how many of them have values in `layers`: the first ones.
        targets: float32 (shown, outputs), encoded as the loss takes them.
        rate: the learning rate.
        count: the steps that the optimizer has made, this one included.
        optimizer: further numbers of the optimizer that belong to no weight, before and after.
        layers: input side first.
        loss: of the rows.
        tensors: by name, input side first; those that are trained.
        others: the network's other variables before the step: moving statistics, and seeds of dropout and noise.
        broken: where NaN or infinity appears first in each stage.
    """

    experiment: Experiment
    epoch: int
    weights_epoch: int
    generation: int
    edits: int
    asked: tuple[int, ...] | None
    rows: NDArray[np.int64]
    shown: int
    targets: Floats
    rate: float
    count: int
    optimizer: Mapping[str, tuple[float, float]]
    layers: tuple[LayerStep, ...]
    loss: StepLoss
    tensors: Mapping[str, TensorStep]
    others: tuple[np.ndarray, ...]
    broken: tuple[Broken, ...]

    @property
    def nbytes(self) -> int:
        """About how much memory it takes."""
        tensors = sum(tensor.before.nbytes * (6 + 2 * len(tensor.memory)) for tensor in self.tensors.values())
        return tensors + sum(layer.sums.nbytes * 10 for layer in self.layers)


@dataclass(frozen=True, eq=False)
class LossLine:
    """The loss of the rows of a step along its direction.

    Attributes:
        times: float64 (points,), multiples of the step; 1 is the step itself.
        losses: float64 (points,).
    """

    times: NDArray[np.float64]
    losses: NDArray[np.float64]


@dataclass(frozen=True)
class GradientCheck:
    """The gradient of one weight, and the same from two losses beside it.

    Attributes:
        name, index: of the weight.
        gradient: the engine's, computed backward in float32.
        difference: (loss(w + h) - loss(w - h)) / 2h, computed in float64.
        width: h.
    """

    name: str
    index: tuple[int, ...]
    gradient: float
    difference: float
    width: float
