"""Parts of an explained step, by hand: the sum of a unit, the chain rule, and what is drawn."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import numpy as np

from core.analysis.one_step import ExplainedStep, LayerStep, StepLoss, TensorStep
from core.analysis.step_terms import between, delta_factors, drawn_units, row_shares, unit_sum
from core.experiment import Experiment


def _floats(values: Any) -> np.ndarray:
    return np.array(values, np.float32)


def _tensor(name: str, before: Any, gradient: Any) -> TensorStep:
    weights = _floats(before)
    return TensorStep(
        name=name, before=weights, after=weights - 1, error_gradient=_floats(gradient), penalty_gradient=None,
        gradient=_floats(gradient), clipped=None, decay=None, free=None, held=None, memory={}, idle=False,
    )  # fmt: skip


def _layer(name: str, inputs: Any, sums: Any, **values: Any) -> LayerStep:
    given = dict.fromkeys(("normalized", "kept", "noise", "output_slopes", "activated_slopes", "slopes"))
    given |= {"spread": None, "curve": None, "activated": _floats(sums), "outputs": _floats(sums)} | values
    return LayerStep(
        name=name, activation="relu", normalization="none", inputs=_floats(inputs), sums=_floats(sums), **given
    )


def _step() -> ExplainedStep:
    """Two rows, three inputs, two units, one output."""
    inputs = [[1, 2, -3], [0, 1, 1]]
    hidden = _layer(
        "hidden_1", inputs, [[-5.5, 1], [2.5, 0]],
        kept=_floats([[2, 0], [2, 2]]), output_slopes=_floats([[0.5, 1], [1, 1]]),
        activated_slopes=_floats([[1, 0], [2, 2]]), slopes=_floats([[0, 1], [1, 1]]), deltas=_floats([[0, 0], [2, 2]]),
    )  # fmt: skip
    last = _layer("output", [[0, 2], [5, 0]], [[1], [2]], deltas=_floats([[0.25], [0.5]]))
    tensors = [
        _tensor("hidden_1/kernel", [[1, 0], [-0.5, 4], [2, 3]], [[0, 0], [2, 2], [2, 2]]),
        _tensor("hidden_1/bias", [0.5, 0], [2, 2]),
        _tensor("output/kernel", [[3], [-1]], [[2.5], [0.5]]),
        _tensor("output/bias", [0], [0.75]),
    ]
    return ExplainedStep(
        experiment=Experiment(), epoch=3, weights_epoch=3, generation=0, edits=0, asked=(4, 7),
        rows=np.array([4, 7]), shown=2, targets=_floats([[0], [1]]), rate=0.1, count=8, optimizer={},
        layers=(hidden, last), loss=StepLoss(_floats([0.1, 0.2]), None, 0.15, {}),
        tensors=MappingProxyType({tensor.name: tensor for tensor in tensors}), others=(), broken=(),
    )  # fmt: skip


def test_the_sum_of_a_unit_has_its_largest_terms_first():
    found = unit_sum(_step(), layer=0, unit=0, row=0, most=2)
    assert [(term.source, term.value, term.weight, term.product) for term in found.terms] == [
        (2, -3, 2, -6),
        (0, 1, 1, 1),
    ]
    assert (found.others, found.rest, found.bias, found.total) == (1, -1, 0.5, -5.5)


def test_a_delta_is_the_product_of_its_factors():
    step = _step()
    factors = delta_factors(step, layer=0, unit=0, row=1)
    assert [(factor.letters, factor.value) for factor in factors] == [
        ("Σ w·δ", 1.0), ("× factor", 2.0), ("× f′", 1.0), ("δ = dL/dz", 2.0),
    ]  # fmt: skip
    assert [factor.letters for factor in delta_factors(step, layer=1, unit=0, row=0)] == ["δ = dL/dz"]


def test_the_shares_of_the_rows_add_up_to_the_gradient():
    step = _step()
    np.testing.assert_allclose(row_shares(step, 0, 1, 2), [0, 2])
    np.testing.assert_allclose(row_shares(step, 1, 0, 0).sum(), step.tensors["output/kernel"].gradient[0, 0])
    np.testing.assert_allclose(row_shares(step, 1, 0, None).sum(), step.tensors["output/bias"].gradient[0])


def test_the_strongest_units_are_drawn_and_the_chosen_ones():
    step = _step()
    assert drawn_units(step, most=1, chosen=(0, 0), source=0) == [[0], [0], [0]]
    assert drawn_units(step, most=1, chosen=(1, 0), source=None) == [[2], [1], [0]]
    assert drawn_units(step, most=9, chosen=(0, 0), source=None) == [[0, 1, 2], [0, 1], [0]]
    first, last = between(step, "gradient", [[2], [0, 1], [0]])
    assert (first.tolist(), last.tolist()) == ([[2, 2]], [[2.5], [0.5]])
    assert between(step, "change", [[2], [1], [0]])[0].tolist() == [[-1]]
