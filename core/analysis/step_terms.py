"""Parts of an explained step: the sum of a unit, the chain rule of a weight, and what is drawn between units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.analysis.one_step import ExplainedStep, LayerStep


@dataclass(frozen=True)
class SumTerm:
    """One product in a unit's sum: the input with this number, its value, the weight, and both multiplied."""

    source: int
    value: float
    weight: float
    product: float


@dataclass(frozen=True)
class UnitSum:
    """The sum of a unit for one row.

    Attributes:
        terms: the largest products, by size.
        others: how many products there are besides.
        rest: their sum.
        bias: of the unit.
        total: z, as the engine computed it.
    """

    terms: tuple[SumTerm, ...]
    others: int
    rest: float
    bias: float
    total: float


@dataclass(frozen=True)
class Factor:
    """A factor of the chain rule: what it is, in letters, and its value."""

    name: str
    letters: str
    value: float


def unit_sum(step: ExplainedStep, layer: int, unit: int, row: int, most: int) -> UnitSum:
    """Return the sum of a unit of a layer (from 0; the last is the output layer), with at most so many terms."""
    found = step.layers[layer]
    values = found.inputs[row].astype(np.float64)
    weights = step.tensors[f"{found.name}/kernel"].before[:, unit].astype(np.float64)
    with np.errstate(invalid="ignore", over="ignore"):
        products = values * weights
    sizes = np.where(np.isfinite(products), np.abs(products), np.inf)  # what is no number comes first
    order = np.argsort(-sizes, kind="stable")
    terms = tuple(
        SumTerm(int(place), float(values[place]), float(weights[place]), float(products[place]))
        for place in order[:most]
    )
    rest = float(products[order[most:]].sum())
    bias = float(step.tensors[f"{found.name}/bias"].before[unit])
    return UnitSum(terms, max(0, len(products) - most), rest, bias, float(found.sums[row, unit]))


def delta_factors(step: ExplainedStep, layer: int, unit: int, row: int) -> list[Factor]:
    """Return how the delta of a unit comes about for one row: what is multiplied or added, then dL/dz itself."""
    found = step.layers[layer]
    factors: list[Factor] = []
    if found.output_slopes is not None:
        factors.append(Factor("from the next layer", "Σ w·δ", float(found.output_slopes[row, unit])))
        kept = 1.0 if found.kept is None else float(found.kept[row, unit])
        if found.kept is not None:
            factors.append(Factor("dropout", "× factor", kept))
        if "activity" in step.loss.penalties and found.activated_slopes is not None:
            added = float(found.activated_slopes[row, unit]) - kept * float(found.output_slopes[row, unit])
            factors.append(Factor("penalty on the activation", "+ dP/da", added))
    elif _is_through_activation(found, row, unit):
        assert found.activated_slopes is not None
        factors.append(Factor("slope of the loss", "dL/da", float(found.activated_slopes[row, unit])))
    if found.slopes is not None and factors:
        factors.append(Factor("slope of the activation", "× f′", float(found.slopes[row, unit])))
    name = "through the normalization" if found.normalized is not None else "delta of the unit"
    return [*factors, Factor(name, "δ = dL/dz", float(found.deltas[row, unit]))]


def _is_through_activation(layer: LayerStep, row: int, unit: int) -> bool:
    """Return whether an output's delta is dL/da times f′: cross-entropy is computed from z instead."""
    if layer.activated_slopes is None or layer.slopes is None:
        return False
    product = layer.activated_slopes[row, unit] * layer.slopes[row, unit]
    return bool(np.isclose(product, layer.deltas[row, unit], rtol=1e-3, atol=1e-7))


def row_shares(step: ExplainedStep, layer: int, unit: int, source: int | None) -> np.ndarray:
    """Return what each shown row adds to the gradient of a weight, δ times its input: float64 (shown,).

    Args:
        source: the number of the input; None for the bias.
    """
    found = step.layers[layer]
    deltas = found.deltas[:, unit].astype(np.float64)
    shares: np.ndarray = deltas if source is None else deltas * found.inputs[:, source]
    return shares


def drawn_units(step: ExplainedStep, most: int, chosen: tuple[int, int], source: int | None) -> list[list[int]]:
    """Return the units to draw of every level, inputs first: those with the strongest weights, in their order.

    Args:
        most: of each level.
        chosen: a layer and a unit that are drawn in any case.
        source: an input of that unit that is drawn in any case.
    """
    kernels = [step.tensors[f"{layer.name}/kernel"].before for layer in step.layers]
    levels = []
    for level in range(len(kernels) + 1):
        into = np.abs(kernels[level - 1]).sum(axis=0) if level else 0.0
        out_of = np.abs(kernels[level]).sum(axis=1) if level < len(kernels) else 0.0
        strength = np.nan_to_num(np.asarray(into + out_of, np.float64), nan=np.inf)
        units = set(np.argsort(-strength, kind="stable")[:most].tolist())
        wanted = {chosen[0] + 1: chosen[1], chosen[0]: source}.get(level)
        if wanted is not None and wanted not in units:
            units.remove(max(units, key=lambda unit: (-strength[unit], unit)))
            units.add(wanted)
        levels.append(sorted(units))
    return levels


def between(step: ExplainedStep, of: str, units: Sequence[Sequence[int]]) -> list[np.ndarray]:
    """Return numbers between the drawn units, float32 (senders, receivers) for each layer.

    Args:
        of: "weight", "gradient" or "change".
        units: as `drawn_units` returns them.
    """
    kernels = [step.tensors[f"{layer.name}/kernel"] for layer in step.layers]
    attribute = {"weight": "before", "gradient": "gradient", "change": "change"}[of]
    return [getattr(kernel, attribute)[np.ix_(units[at], units[at + 1])] for at, kernel in enumerate(kernels)]
