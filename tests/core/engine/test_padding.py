"""Programs of padded layers against programs of the network's own widths."""

from dataclasses import replace

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import HealthCheck, Phase, assume, given, settings

from core.datasets import prepare
from core.engine.fitted_program import FittedProgram
from core.engine.keras_network import ACTIVATIONS
from core.engine.padding import is_shifted, padded_sizes, program_shape
from core.engine.program import Program
from core.engine.programs import Programs
from core.engine.structure import RowTensors, Structure
from core.errors import HiddenLayersError
from core.experiment import LayerSpec, NetworkSpec, menus, read_query
from tests.core.engine.cases import CASES, THREE, TWO, Case, assert_same
from tests.core.engine.test_any_experiment import small
from tests.core.experiment.strategies import experiments

COUNTED = f"{TWO}&layers=sigmoid-5-drop0.3,tanh-3&dropout=0.2&lr=0.05"


def own(case: Case) -> Case:
    """Return the same experiment with a program of its own widths."""
    structure = case.program.structure
    return replace(case, program=FittedProgram(structure, Program(structure)))


def sizes(layers: str, optimizer: str = "adam") -> tuple[int, ...]:
    return padded_sizes(read_query(f"data=moons&layers={layers}").network, optimizer)


def test_a_layer_has_the_next_size_of_a_short_list():
    assert sizes("tanh-1,relu-4,tanh-5,tanh-8") == (4, 4, 8, 8)
    assert sizes("tanh-9,tanh-17,tanh-33,tanh-64") == (16, 32, 64, 64)
    assert sizes("tanh-65,tanh-97,tanh-160,tanh-512") == (96, 128, 160, 512)


def test_what_depends_on_the_width_keeps_it():
    assert sizes("tanh-5-layer,tanh-5-noise0.1,tanh-5-batch,tanh-5-drop0.1") == (5, 5, 8, 8)
    assert sizes("tanh-5,tanh-9", "adafactor") == sizes("tanh-5,tanh-9", "muon") == (5, 9)


def test_a_large_network_is_not_padded_where_that_costs_more_than_compiling():
    def structure(units: int, rows: int) -> Structure:
        experiment = read_query(f"data=moons&layers=tanh-{units},tanh-{units}")
        return replace(Structure.of(experiment, prepare(experiment.data)), train_rows=rows)

    assert structure(70, 1000).padded.units == (96, 96)
    assert structure(70, 100_000).padded == structure(70, 100_000)
    assert structure(95, 100_000).padded.units == (96, 96)  # hardly any more


@pytest.mark.parametrize("activation", menus.ACTIVATIONS)
def test_which_activations_need_a_mask(activation):
    function = ACTIVATIONS[activation]
    value = tf.keras.activations.get(function)(tf.zeros((1, 2))).numpy()
    assert is_shifted(LayerSpec(4, activation)) == bool(value.any())


def test_widths_share_a_program(programs):
    base = Case.of(f"{TWO}&layers=tanh-5,relu-3", programs)
    for layers in ("tanh-8,relu-4", "tanh-7,relu-1"):
        other = Case.of(f"{TWO}&layers={layers}", programs)
        assert other.program.program is base.program.program
        assert program_shape(other.experiment) == program_shape(base.experiment)
    for layers in ("tanh-4,relu-3", "tanh-5,tanh-3"):
        other = Case.of(f"{TWO}&layers={layers}", programs)
        assert other.program.program is not base.program.program
        assert program_shape(other.experiment) != program_shape(base.experiment)


@pytest.mark.parametrize("query", [*CASES.values(), COUNTED], ids=[*CASES, "counted"])
def test_what_is_padded_stays_zero_and_is_seen_by_nobody(query, programs):
    case = Case.of(query, programs)
    state, _ = case.run(case.first(), case.orders(3))
    program = case.program
    padded = program.program.values(program.weights(state))
    for value, corner in zip(padded, case.values(program.weights(state)), strict=True):
        rest = value.numpy()
        rest[tuple(slice(size) for size in corner.shape)] -= corner
        np.testing.assert_array_equal(rest, np.zeros_like(rest))
    shapes = [variable.shape for variable in own(case).program.steps.trainable]
    assert [value.shape for value in case.values(state)][: len(shapes)] == shapes
    assert_same((program.packed(program.values(state)), np.zeros(1)), (state, np.zeros(1)))
    assert_same((program.with_weights(state, program.named_weights(state)), np.zeros(1)), (state, np.zeros(1)))


def test_dropout_draws_for_the_units_that_there_are(programs):
    case = Case.of(COUNTED, programs)
    exact, orders = own(case), case.orders(5)
    assert case.program.sizes == (8, 4)
    for compiled in (True, False):
        state, history = case.run(case.first(), orders, compiled)
        expected, its_history = exact.run(exact.first(), orders, compiled)
        np.testing.assert_allclose(history, its_history, rtol=1e-5, atol=1e-6)
        weights = case.values(case.program.weights(state)), exact.values(exact.program.weights(expected))
        for ours, its_own in zip(*weights, strict=True):
            np.testing.assert_allclose(ours, its_own, rtol=1e-5, atol=1e-5)


def test_a_history_does_not_depend_on_what_the_program_trained_before(programs):
    case, other = (Case.of(f"{THREE}&layers=sigmoid-{units}", programs) for units in (5, 7))
    orders = case.orders(3)
    alone = case.run(case.first(), orders)
    other.run(other.first(9), orders)
    assert other.program.program is case.program.program
    assert_same(case.run(case.first(), orders), alone)
    assert_same(Case.of(f"{THREE}&layers=sigmoid-5").run(case.first(), orders), alone)


@given(experiments.map(small))
@settings(
    max_examples=6,
    derandomize=True,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
def test_padded_histories_are_those_of_the_own_widths(experiment):
    network = replace(experiment.network, initializer="glorot_uniform")
    training = replace(experiment.training, learning_rate=min(0.01, experiment.training.learning_rate))
    experiment = replace(experiment, network=network, training=training)
    try:
        split = prepare(experiment.data)
    except HiddenLayersError:
        assume(False)
    structure = Structure.of(experiment, split)
    assume(structure.padded != structure)
    rows = RowTensors.of(split, training.class_weight)
    case = Case(experiment, split, Programs().get(structure), rows)
    history, its_own = (one.run(one.first(), one.orders(5), compiled=False)[1] for one in (case, own(case)))
    np.testing.assert_allclose(history, its_own, rtol=1e-5, atol=1e-5)


def test_a_network_without_hidden_layers_is_what_it_was():
    structure = replace(Structure.of(read_query("data=moons"), prepare(read_query("data=moons").data)))
    structure = replace(structure, network=NetworkSpec(layers=()))
    assert structure.padded == structure
