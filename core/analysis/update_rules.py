"""How each optimizer moves one weight, line by line, in float64: for the eye, beside what the optimizer did itself."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from core.analysis.one_step import ExplainedStep, TensorStep
from core.experiment import TrainingSpec

_NADAM_DECAY = 0.96  # Keras's schedule of Nadam's momentum


@dataclass(frozen=True)
class UpdateLine:
    """A number on the way from a gradient to a new weight.

    Attributes:
        name: what it is.
        formula: how it comes about; "" where the optimizer needs the whole tensor for it.
        before: its value before the step, of numbers that the optimizer remembers; otherwise None.
        value: after the step.
    """

    name: str
    formula: str
    before: float | None
    value: float


@dataclass(frozen=True)
class _Weight:
    """One weight's numbers, as the rules take them."""

    gradient: float
    memory: Mapping[str, tuple[float, float]]
    shared: Mapping[str, tuple[float, float]]
    rate: float
    count: int
    training: TrainingSpec

    def setting(self, name: str) -> float:
        return float(getattr(self.training, name))

    def remembered(self, label: str, name: str, formula: str) -> UpdateLine:
        before, after = self.memory[label]
        return UpdateLine(f"{label}, {name}", formula, before, after)


_ADAM_MOVE = "−η·m̂ / (√{} + ε/√(1 − β₂ᵗ))"  # Keras adds ε before the correction of v
_MEAN = "mean of the gradients"
_SQUARES = "mean of the squared gradients"


def memory_at(tensor: TensorStep, index: tuple[int, ...]) -> dict[str, tuple[float, float]]:
    """Return what the optimizer remembers of a weight, before and after, by its label.

    Adafactor remembers one mean for each row and one for each column of a kernel.
    """
    found: dict[str, tuple[float, float]] = {}
    for label, (before, after) in tensor.memory.items():
        place = index
        if before.ndim < len(index):
            place = index[-1:] if label == "column mean" else index[:1]
        if before.ndim == 0:
            continue  # of a bias Adafactor keeps no means
        found[label] = float(before[place]), float(after[place])
    return found


def update_lines(step: ExplainedStep, tensor: TensorStep, index: tuple[int, ...]) -> tuple[UpdateLine, ...]:
    """Return the lines from the gradient of a weight to what the optimizer moves it by; the move is the last line.

    Where the move depends on the whole tensor (Adafactor, LAMB, Muon), it is the optimizer's own, without a formula in
    numbers.
    """
    training = step.experiment.training
    weight = _Weight(
        gradient=float(tensor.used_gradient[index]),
        memory=memory_at(tensor, index),
        shared=step.optimizer,
        rate=step.rate,
        count=step.count,
        training=training,
    )
    own = own_move(tensor, index)
    if training.optimizer == "muon" and "v" in weight.memory:
        # Muon trains biases with Adam, whose betas and epsilon are Keras's.
        return (*_remembered_adam(weight, 0.9, 0.999), UpdateLine("move", _ADAM_MOVE.format("v̂"), None, own))
    return tuple(_RULES[training.optimizer](weight, own))


def own_move(tensor: TensorStep, index: tuple[int, ...]) -> float:
    """Return what the optimizer moved a weight by, without weight decay and limits, from the weights themselves."""
    last = tensor.after if tensor.free is None else tensor.free
    decay = 0.0 if tensor.decay is None else float(tensor.decay[index])
    return float(last[index]) - float(tensor.before[index]) - decay


def _sgd(weight: _Weight, _: float) -> list[UpdateLine]:
    if "momentum" not in weight.memory:
        return [UpdateLine("move", "−η·g", None, -weight.rate * weight.gradient)]
    momentum = weight.memory["momentum"][1]
    line = weight.remembered("momentum", "the last moves", "μ·momentum − η·g")
    if not weight.training.nesterov:
        return [line, UpdateLine("move", "momentum", None, momentum)]
    move = weight.setting("momentum") * momentum - weight.rate * weight.gradient
    return [line, UpdateLine("move", "μ·momentum − η·g", None, move)]


def _rmsprop(weight: _Weight, _: float) -> list[UpdateLine]:
    lines = [weight.remembered("v", _SQUARES, "ρ·v + (1 − ρ)·g²")]
    under, root = weight.memory["v"][1] + weight.setting("epsilon"), "√(v + ε)"
    if weight.training.centered:
        lines.append(weight.remembered("mean", _MEAN, "ρ·mean + (1 − ρ)·g"))
        under, root = under - weight.memory["mean"][1] ** 2, "√(v − mean² + ε)"
    step = weight.rate * weight.gradient / math.sqrt(under) if under > 0 else math.nan
    if "momentum" not in weight.memory:
        return [*lines, UpdateLine("move", f"−η·g / {root}", None, -step)]
    lines.append(weight.remembered("momentum", "the last moves", f"μ·momentum + η·g / {root}"))
    return [*lines, UpdateLine("move", "−momentum", None, -weight.memory["momentum"][1])]


def _remembered_adam(weight: _Weight, beta_1: float, beta_2: float) -> list[UpdateLine]:
    (_, m), (_, v) = weight.memory["m"], weight.memory["v"]
    return [
        weight.remembered("m", _MEAN, "β₁·m + (1 − β₁)·g"),
        weight.remembered("v", _SQUARES, "β₂·v + (1 − β₂)·g²"),
        UpdateLine("m̂, bias corrected", "m / (1 − β₁ᵗ)", None, m / (1 - beta_1**weight.count)),
        UpdateLine("v̂, bias corrected", "v / (1 − β₂ᵗ)", None, v / (1 - beta_2**weight.count)),
    ]


def _adam(weight: _Weight, _: float) -> list[UpdateLine]:
    beta_1, beta_2 = weight.setting("beta_1"), weight.setting("beta_2")
    lines = _remembered_adam(weight, beta_1, beta_2)
    rest = 1 - beta_2**weight.count
    mean, squares, name = lines[2].value, lines[3].value, "v̂"
    if "largest v" in weight.memory:
        lines.append(weight.remembered("largest v", "so far", "max(largest v, v)"))
        squares, name = weight.memory["largest v"][1] / rest, "largest v̂"
    move = -weight.rate * mean / (_root(squares) + weight.setting("epsilon") / math.sqrt(rest))
    return [*lines, UpdateLine("move", _ADAM_MOVE.format(name), None, move)]


def _adamax(weight: _Weight, _: float) -> list[UpdateLine]:
    (_, m), (_, u) = weight.memory["m"], weight.memory["u"]
    mean = m / (1 - weight.setting("beta_1") ** weight.count)
    return [
        weight.remembered("m", _MEAN, "β₁·m + (1 − β₁)·g"),
        weight.remembered("u", "largest recent gradient", "max(β₂·u, |g|)"),
        UpdateLine("m̂, bias corrected", "m / (1 − β₁ᵗ)", None, mean),
        UpdateLine("move", "−η·m̂ / (u + ε)", None, -weight.rate * mean / (u + weight.setting("epsilon"))),
    ]


def _nadam(weight: _Weight, _: float) -> list[UpdateLine]:
    (_, m), (_, v), t = weight.memory["m"], weight.memory["v"], weight.count
    beta_1, beta_2 = weight.setting("beta_1"), weight.setting("beta_2")
    now, following = (beta_1 * (1 - 0.5 * _NADAM_DECAY**time) for time in (t, t + 1))
    product = weight.shared["product"][1]
    mean = following * m / (1 - product * following) + (1 - now) * weight.gradient / (1 - product)
    squares = v / (1 - beta_2**t)
    return [
        weight.remembered("m", _MEAN, "β₁·m + (1 − β₁)·g"),
        weight.remembered("v", _SQUARES, "β₂·v + (1 − β₂)·g²"),
        UpdateLine("product of the momentums", "Πμ", *weight.shared["product"]),
        UpdateLine("m̂, looking ahead", "μₜ₊₁·m / (1 − Πμ·μₜ₊₁) + (1 − μₜ)·g / (1 − Πμ)", None, mean),
        UpdateLine("v̂, bias corrected", "v / (1 − β₂ᵗ)", None, squares),
        UpdateLine("move", "−η·m̂ / (√v̂ + ε)", None, -weight.rate * mean / (_root(squares) + weight.setting("epsilon"))),
    ]


def _adagrad(weight: _Weight, _: float) -> list[UpdateLine]:
    root = _root(weight.memory["sum"][1] + weight.setting("epsilon"))
    return [
        weight.remembered("sum", "of the squared gradients", "sum + g²"),
        UpdateLine("move", "−η·g / √(sum + ε)", None, -weight.rate * weight.gradient / root),
    ]


def _adadelta(weight: _Weight, _: float) -> list[UpdateLine]:
    epsilon = weight.setting("epsilon")
    ratio = _root(weight.memory["d"][0] + epsilon) / _root(weight.memory["v"][1] + epsilon)
    return [
        weight.remembered("v", _SQUARES, "ρ·v + (1 − ρ)·g²"),
        UpdateLine("u, without the rate", "−g·√(d + ε) / √(v + ε), with d before", None, -weight.gradient * ratio),
        weight.remembered("d", "mean of the squared moves", "ρ·d + (1 − ρ)·u²"),
        UpdateLine("move", "η·u", None, -weight.rate * weight.gradient * ratio),
    ]


def _lion(weight: _Weight, _: float) -> list[UpdateLine]:
    beta_1, before = weight.setting("beta_1"), weight.memory["m"][0]
    mixed = beta_1 * before + (1 - beta_1) * weight.gradient
    sign = math.copysign(1.0, mixed) if mixed else 0.0
    return [
        UpdateLine("c, direction", "β₁·m + (1 − β₁)·g, with m before", None, mixed),
        weight.remembered("m", _MEAN, "β₂·m + (1 − β₂)·g"),
        UpdateLine("move", "−η·sign(c)", None, -weight.rate * (sign if mixed == mixed else math.nan)),
    ]


def _lamb(weight: _Weight, own: float) -> list[UpdateLine]:
    lines = _remembered_adam(weight, weight.setting("beta_1"), weight.setting("beta_2"))
    u = lines[2].value / (_root(lines[3].value) + weight.setting("epsilon"))
    return [
        *lines,
        UpdateLine("u", "m̂ / (√v̂ + ε)", None, u),
        UpdateLine("move", "−η·u·(norm of all weights here / norm of all u here)", None, own),
    ]


def _adafactor(weight: _Weight, own: float) -> list[UpdateLine]:
    lines = [weight.remembered("v", _SQUARES, "β·v + (1 − β)·g²")]
    if "row mean" in weight.memory:
        lines = [
            weight.remembered("row mean", "of the squared gradients", "β·row mean + (1 − β)·mean of g²"),
            weight.remembered("column mean", "of the squared gradients", "β·column mean + (1 − β)·mean of g²"),
            weight.remembered("v", "estimated from both", "row mean·column mean / mean of the row means"),
        ]
    return [*lines, UpdateLine("move", "−α·g / √v, limited over the whole tensor", None, own)]


def _muon(weight: _Weight, own: float) -> list[UpdateLine]:
    return [
        weight.remembered("m", "sum of the gradients", "μ·m + g"),
        UpdateLine("move", "−η·(m of all weights here, made orthogonal)", None, own),
    ]


def _root(value: float) -> float:
    return math.sqrt(value) if value >= 0 else math.nan


_RULES: Mapping[str, Callable[[_Weight, float], list[UpdateLine]]] = {
    "sgd": _sgd,
    "rmsprop": _rmsprop,
    "adam": _adam,
    "adamw": _adam,
    "adamax": _adamax,
    "nadam": _nadam,
    "adagrad": _adagrad,
    "adadelta": _adadelta,
    "adafactor": _adafactor,
    "lion": _lion,
    "lamb": _lamb,
    "muon": _muon,
}
