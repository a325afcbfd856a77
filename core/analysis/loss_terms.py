"""The error of one row, as the formula of its loss with the row's numbers in it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from core.experiment import TrainingSpec

_LEAST = 1e-7  # Keras's: a probability is not taken to be nearer to 0 or 1, except where the loss is taken from z
_FOCAL_SHARE = 0.25  # Keras's alpha of the focal loss with more than two classes
_TERMS_MOST = 4  # of a sum that are written out


@dataclass(frozen=True)
class RowError:
    """The error of one row.

    Attributes:
        formula: in letters: y is the target, p an output.
        numbers: the formula with the row's numbers.
        value: what it comes to.
    """

    formula: str
    numbers: str
    value: float


def row_error(training: TrainingSpec, classes: int, targets: np.ndarray, outputs: np.ndarray) -> RowError:
    """Return the error of a row.

    Args:
        classes: 0 for regression.
        targets: float (outputs,), encoded as the loss takes them.
        outputs: float (outputs,), of the output layer.
    """
    kind = "two" if classes == 2 else "many" if classes else "number"
    y, p = targets.astype(np.float64), outputs.astype(np.float64)
    with np.errstate(invalid="ignore", over="ignore"):
        return _ERRORS[str(training.loss), kind](training, y, p)


def _smooth(training: TrainingSpec, y: np.ndarray) -> np.ndarray:
    smoothing, outputs = training.label_smoothing or 0.0, max(2, len(y))
    smoothed: np.ndarray = y * (1 - smoothing) + smoothing / outputs
    return smoothed


def _inside(p: np.ndarray) -> np.ndarray:
    clipped: np.ndarray = np.clip(p, _LEAST, 1 - _LEAST)
    return clipped


def _two_crossentropy(training: TrainingSpec, y: np.ndarray, p: np.ndarray) -> RowError:
    (target,), (output,) = _smooth(training, y), _inside(p)
    value = -(target * math.log(output) + (1 - target) * math.log1p(-output)) if output == output else math.nan
    parts = [f"{_n(share)}·ln {_n(p)}" for share, p in ((target, output), (1 - target, 1 - output)) if share]
    return RowError("−(y·ln p + (1 − y)·ln(1 − p))", f"−({' + '.join(parts)})", value)


def _two_focal(training: TrainingSpec, y: np.ndarray, p: np.ndarray) -> RowError:
    gamma, base = training.gamma or 0.0, _two_crossentropy(training, y, p)
    (target,), (output,) = _smooth(training, y), p
    right = target * output + (1 - target) * (1 - output)
    return RowError(
        f"(1 − q)^γ·cross-entropy, with q = y·p + (1 − y)·(1 − p) and γ = {_n(gamma)}",
        f"(1 − {_n(right)})^{_n(gamma)}·{_n(base.value)}",
        float((1 - right) ** gamma * base.value),
    )


def _many_crossentropy(training: TrainingSpec, y: np.ndarray, p: np.ndarray) -> RowError:
    target, output = _smooth(training, y), _inside(p / p.sum())
    terms = target * np.log(output)
    parts = [f"{_n(share)}·ln {_n(p)}" for share, p in zip(target, output, strict=True) if share]
    return RowError("−Σ yₖ·ln pₖ", f"−({_sum(parts)})", float(-terms.sum()))


def _many_focal(training: TrainingSpec, y: np.ndarray, p: np.ndarray) -> RowError:
    gamma = training.gamma or 0.0
    target, output = _smooth(training, y), _inside(p / p.sum())
    terms = -_FOCAL_SHARE * (1 - output) ** gamma * target * np.log(output)
    parts = [
        f"(1 − {_n(p)})^{_n(gamma)}·{_n(share)}·ln {_n(p)}" for share, p in zip(target, output, strict=True) if share
    ]
    formula = f"−{_FOCAL_SHARE}·Σ (1 − pₖ)^γ·yₖ·ln pₖ, with γ = {_n(gamma)}"
    return RowError(formula, f"−{_FOCAL_SHARE}·({_sum(parts)})", float(terms.sum()))


def _two_hinge(_: TrainingSpec, y: np.ndarray, p: np.ndarray) -> RowError:
    sign = 2 * y[0] - 1
    return RowError(
        "max(0, 1 − y·z), with y = −1 or 1", f"max(0, 1 − ({_n(sign)})·({_n(p[0])}))", _most(0.0, 1 - sign * p[0])
    )


def _many_hinge(_: TrainingSpec, y: np.ndarray, p: np.ndarray) -> RowError:
    own, others = float((y * p).sum()), float(((1 - y) * p).max())
    return RowError(
        "max(0, 1 + highest other score − score of the right class)",
        f"max(0, 1 + ({_n(others)}) − ({_n(own)}))",
        _most(0.0, 1 + others - own),
    )


def _squared(_: TrainingSpec, y: np.ndarray, p: np.ndarray) -> RowError:
    parts = [f"({_n(output)} − {_n(target)})²" for target, output in zip(y, p, strict=True)]
    value = float(np.square(p - y).mean())
    if len(y) == 1:
        return RowError("(p − y)²", parts[0], value)
    return RowError("mean of (pₖ − yₖ)²", f"({_sum(parts)}) / {len(y)}", value)


def _absolute(_: TrainingSpec, y: np.ndarray, p: np.ndarray) -> RowError:
    return RowError("|p − y|", f"|{_n(p[0])} − {_n(y[0])}|", abs(float(p[0] - y[0])))


def _huber(training: TrainingSpec, y: np.ndarray, p: np.ndarray) -> RowError:
    delta, error = training.delta or 1.0, abs(float(p[0] - y[0]))
    if error <= delta:
        return RowError(f"½·(p − y)², up to an error of {_n(delta)}", f"½·({_n(p[0])} − {_n(y[0])})²", error**2 / 2)
    return RowError(
        f"δ·|p − y| − ½·δ², beyond an error of δ = {_n(delta)}",
        f"{_n(delta)}·|{_n(p[0])} − {_n(y[0])}| − ½·{_n(delta)}²",
        delta * error - delta**2 / 2,
    )


def _most(one: float, other: float) -> float:
    return other if other != other else max(one, other)


def _sum(parts: list[str]) -> str:
    rest = len(parts) - _TERMS_MOST
    return " + ".join(parts[:_TERMS_MOST]) + (f" + … {rest} more" if rest > 0 else "")


def _n(number: float) -> str:
    """Return a number with four digits, or with more where it is only almost 1."""
    return f"{number:.9g}" if number != 1 and f"{number:.4g}" == "1" else f"{number:.4g}"


_ERRORS: Mapping[tuple[str, str], Callable[[TrainingSpec, np.ndarray, np.ndarray], RowError]] = {
    ("crossentropy", "two"): _two_crossentropy,
    ("crossentropy", "many"): _many_crossentropy,
    ("focal", "two"): _two_focal,
    ("focal", "many"): _many_focal,
    ("hinge", "two"): _two_hinge,
    ("hinge", "many"): _many_hinge,
    ("squared_error", "two"): _squared,
    ("squared_error", "many"): _squared,
    ("squared_error", "number"): _squared,
    ("absolute_error", "number"): _absolute,
    ("huber", "number"): _huber,
}
