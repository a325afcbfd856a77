"""One step in numbers, against Keras's GradientTape and the step of Keras's own optimizer."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from sklearn.utils.class_weight import compute_class_weight

from core.analysis.loss_terms import row_error
from core.analysis.one_step import ExplainedStep
from core.analysis.update_rules import own_move, update_lines
from core.engine.explained_step import Moment, explained
from core.engine.one_step import MadeStep, StepRows
from core.engine.runtime_settings import runtime_settings
from core.engine.step_objective import StepObjective
from core.engine.turns import BackgroundWork, Turns
from core.trained.network import weight_shapes
from tests.core.engine.cases import CASES, TWO, Case
from tests.core.engine.oracle import keras_model, keras_targets, set_state

NEAR = {"rtol": 1e-5, "atol": 1e-5}
NOISY = "data=moons&points=70&noise=0.3&batch=56&layers=tanh-6-noise0.2,relu-5-batch&dropout=0.4&l2=0.01&optimizer=adam"
BY_TENSOR = ("adafactor", "lamb", "muon")  # whose moves depend on whole tensors


def step_on(case: Case, state, rows, rate: float, held=((), ())) -> tuple[MadeStep, ExplainedStep]:
    chosen = StepRows.of(case.rows, np.array(rows))
    made = MadeStep.of(case.program, state, case.experiment, chosen, rate, held)
    many = tf.constant(case.split.x_train)
    return made, explained(made, case.experiment, Moment(0, 0, 0, 0), tuple(rows), many)


class KerasStep:
    """A step as Keras's documentation says, with all that is computed on the way."""

    def __init__(self, model: keras.Model, case: Case, rows: np.ndarray) -> None:
        split, variables = case.split, model.trainable_variables
        weights = None
        if case.experiment.training.class_weight == "balanced":
            classes = np.arange(split.classes)
            weights = compute_class_weight("balanced", classes=classes, y=split.y_train)[split.y_train[rows]]
        targets = tf.constant(keras_targets(split.y_train, split)[rows], tf.float32)
        self.sums, self.before = [], [variable.numpy() for variable in variables]
        with tf.GradientTape(persistent=True) as tape:
            values = tf.constant(split.x_train[rows])
            penalties = []
            for layer in model.layers:
                if isinstance(layer, keras.layers.Dense):
                    sums = values @ layer.kernel.value + layer.bias.value
                    self.sums.append(sums)
                    values = layer.activation(sums)
                else:
                    values = layer(values, training=True)
                if layer.activity_regularizer is not None:
                    penalties.append(layer.activity_regularizer(values) / len(rows))
            penalties += [v.regularizer(v) for v in variables if v.regularizer is not None]
            self.error = model.loss(targets, values, sample_weight=weights)
            self.loss = tf.add_n([self.error, *penalties])
        self.outputs = values
        zero = tf.UnconnectedGradients.ZERO
        self.gradients = tape.gradient(self.loss, variables, unconnected_gradients=zero)
        self.error_gradients = tape.gradient(self.error, variables, unconnected_gradients=zero)
        self.deltas = tape.gradient(self.loss, self.sums)
        # As in training: rounding errors of biases that batch normalization subtracts again are no gradients.
        for layer, following in zip(model.layers, model.layers[1:], strict=False):
            if isinstance(following, keras.layers.BatchNormalization):
                idle = next(at for at, v in enumerate(variables) if v is layer.bias)
                self.gradients[idle] = self.error_gradients[idle] = tf.zeros_like(layer.bias)
        self.memory_before = [variable.numpy() for variable in model.optimizer.variables]
        model.optimizer.apply(self.gradients, variables)


@pytest.mark.parametrize("query", CASES.values(), ids=CASES)
def test_every_number_is_that_of_keras(query, programs):
    case = Case.of(query, programs)
    training, rate = case.experiment.training, 0.03
    state = case.first()
    model = keras_model(case.experiment, case.split, rate)
    model.optimizer.build(model.trainable_variables)
    set_state(model, case.values(state))
    random = np.random.default_rng(2)
    for size in (14, 5):
        rows = random.permutation(len(case.split.x_train))[:size]
        made, step = step_on(case, state, rows, rate)
        state = made.state
        expected = KerasStep(model, case, rows)

        np.testing.assert_allclose(step.loss.error, expected.error, **NEAR)
        np.testing.assert_allclose(step.loss.total, expected.loss, **NEAR)
        for layer, sums, deltas in zip(step.layers, expected.sums, expected.deltas, strict=True):
            np.testing.assert_allclose(layer.sums, sums, **NEAR)
            np.testing.assert_allclose(layer.deltas, deltas, **NEAR)
        np.testing.assert_allclose(step.layers[-1].outputs, expected.outputs, **NEAR)
        for place, tensor in enumerate(step.tensors.values()):
            np.testing.assert_allclose(tensor.before, expected.before[place], **NEAR)
            np.testing.assert_allclose(tensor.gradient, expected.gradients[place], **NEAR)
            np.testing.assert_allclose(tensor.error_gradient, expected.error_gradients[place], **NEAR)
            np.testing.assert_allclose(tensor.after, model.trainable_variables[place], **NEAR)
            penalty = 0 if tensor.penalty_gradient is None else tensor.penalty_gradient
            np.testing.assert_allclose(tensor.error_gradient + penalty, tensor.gradient, **NEAR)
        assert_memory(step, expected.memory_before, model)
        assert_moves(step)
        for row in range(step.shown):
            error = row_error(training, case.split.classes, step.targets[row], step.layers[-1].outputs[row])
            np.testing.assert_allclose(error.value, step.loss.rows[row], rtol=1e-4, atol=1e-5)


def assert_memory(step: ExplainedStep, before: list[np.ndarray], model: keras.Model) -> None:
    """Compare what the optimizer remembers with all variables that Keras's own has, found by their names."""
    found = 0
    for place, tensor in enumerate(step.tensors.values()):
        variable = model.trainable_variables[place]
        remembered = list(tensor.memory.values())
        theirs = [
            (was, now.numpy())
            for was, now in zip(before, model.optimizer.variables, strict=True)
            if variable.path.replace("/", "_") in now.path
        ]
        if step.experiment.training.optimizer == "adafactor":
            continue  # it names its means after no weight; the weights themselves are compared
        assert len(remembered) == len(theirs)
        for ours in remembered:
            assert any(
                np.allclose(ours[0], was, **NEAR) and np.allclose(ours[1], now, **NEAR)
                for was, now in theirs
                if was.shape == ours[0].shape
            )
        found += len(theirs)
    if step.experiment.training.optimizer not in ("adafactor", "nadam"):
        assert found == len(before) - 2  # the others are the count of steps and the learning rate
    assert step.count == int(model.optimizer.iterations)


def assert_moves(step: ExplainedStep) -> None:
    """Compare the rules, as a person reads them, with what the optimizer did."""
    training, rate = step.experiment.training, step.rate
    for tensor in step.tensors.values():
        index = tuple(size - 1 for size in tensor.before.shape)
        *_, move = update_lines(step, tensor, index)
        if training.optimizer not in BY_TENSOR:
            np.testing.assert_allclose(move.value, own_move(tensor, index), rtol=1e-3, atol=2e-6)
        decay = 0 if tensor.decay is None else tensor.decay[index]
        if training.weight_decay:
            np.testing.assert_allclose(
                decay, -rate * training.weight_decay * tensor.before[index], rtol=1e-3, atol=1e-6
            )
        if training.clip == "value":
            np.testing.assert_allclose(tensor.clipped, np.clip(tensor.gradient, -training.clip_at, training.clip_at))
        elif training.clip == "norm":
            np.testing.assert_allclose(tensor.clipped, tf.clip_by_norm(tensor.gradient, training.clip_at), rtol=1e-5)
        if tensor.free is None:
            np.testing.assert_allclose(tensor.before[index] + move.value + decay, tensor.after[index], **NEAR)


@pytest.mark.parametrize("query", [NOISY, CASES["Adadelta, nothing but a smaller batch"]], ids=["drawn", "not drawn"])
def test_a_step_is_that_of_an_epoch_of_one_batch_with_its_dropout_and_noise(query, programs):
    case = Case.of(query, programs)
    order = case.orders(1)[0]
    made, step = step_on(case, case.first(), order, 0.02)
    assert case.program.structure.steps == 1
    state, _ = case.program.uncompiled_epoch(
        case.first(), case.rows, order, np.array([0.02], np.float32), runtime_settings(case.experiment)
    )
    for ours, theirs in zip(case.values(made.state), case.values(state), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)
    for layer in step.layers[:-1]:
        noise = 0 if layer.noise is None else layer.noise
        kept = 1 if layer.kept is None else layer.kept
        np.testing.assert_allclose(layer.outputs, (layer.activated + noise) * kept, atol=1e-6)
        if layer.kept is not None:
            np.testing.assert_allclose(np.unique(layer.kept), [0, 1 / 0.6], rtol=1e-6)


@pytest.mark.parametrize("query", [*CASES.values(), NOISY], ids=[*CASES, "dropout and noise"])
def test_gradients_are_finite_differences_and_the_line_begins_at_the_loss(query, programs):
    case = Case.of(query, programs)
    _, step = step_on(case, case.first(), range(9), 0.02)
    chosen = StepRows.of(case.rows, step.rows)
    objective = StepObjective(step, case.split, chosen, BackgroundWork(Turns(), lambda: True))
    for name in ("output/kernel", next(iter(step.tensors))):
        check = objective.check(name, (0, 0))
        assert check.gradient == step.tensors[name].gradient[0, 0]
        np.testing.assert_allclose(check.difference, check.gradient, rtol=1e-3, atol=2e-6)
    line = objective.line()
    np.testing.assert_allclose(line.times[[0, -1]], [0, 4])
    assert 1.0 in line.times
    np.testing.assert_allclose(line.losses[0], step.loss.total, rtol=1e-5)


def test_a_held_unit_stays_as_it_is(programs):
    case = Case.of(f"{TWO}&layers=tanh-4,relu-3&lr=0.05", programs)
    _, step = step_on(case, case.first(), range(9), 0.05, held=([(0, 1)], [(1, 2)]))
    first, last = step.tensors["hidden_1/kernel"], step.tensors["output/kernel"]
    assert not first.change[:, 1].any()
    assert first.change[:, [0, 2, 3]].any()
    assert not last.change[2].any()
    assert last.held is not None
    assert last.held[2].all()
    assert first.free is not None
    assert (first.free - first.before)[:, 1].any()


def test_units_are_counted_and_dead_and_saturated_ones_marked(programs):
    case = Case.of(f"{TWO}&layers=relu-4,tanh-3", programs)
    named = {"hidden_1/bias": np.array([0, -100, 0, 0], np.float32), "hidden_2/bias": np.array([50, 0, 0], np.float32)}
    _, step = step_on(case, case.program.with_weights(case.first(), named), range(9), 0.05)
    relu, tanh, _ = step.layers
    assert relu.spread is not None
    assert tanh.spread is not None
    assert relu.curve is not None
    assert relu.spread.dead.tolist() == [False, True, False, False]
    assert not relu.spread.saturated.any()
    assert tanh.spread.saturated.tolist() == [True, False, False]
    assert not tanh.spread.dead.any()
    assert (relu.spread.counts.sum(axis=1) == len(case.split.x_train)).all()
    assert relu.spread.rows == 56
    sums = case.split.x_train @ step.tensors["hidden_1/kernel"].before + named["hidden_1/bias"]
    np.testing.assert_allclose(relu.spread.low, sums.min(axis=0), rtol=1e-5)
    np.testing.assert_allclose(relu.curve.values, np.maximum(relu.curve.at, 0))
    assert set(relu.curve.slopes.tolist()) == {0.0, 1.0}
    assert relu.curve.at[0] <= relu.spread.low.min()
    assert relu.curve.at[-1] >= relu.spread.high.max()


def test_where_it_breaks_is_said_for_every_stage(programs):
    case = Case.of(f"{TWO}&layers=tanh-4,relu-3", programs)
    _, fine = step_on(case, case.first(), [3], 0.05)
    assert fine.broken == ()
    for value in (np.nan, np.inf):
        broken = case.program.with_weights(case.first(), {"hidden_2/bias": np.array([0, value, 0], np.float32)})
        _, step = step_on(case, broken, [3], 0.05)
        found = {one.stage: one.name for one in step.broken}
        assert found["weights"] == found["forward"] == "hidden_2"
        assert not np.isfinite(step.layers[1].sums).all()
        assert np.isfinite(step.layers[0].sums).all()
        assert found["loss"] == "" or np.isinf(value)


def test_only_some_rows_are_sent_but_all_of_them_count(programs):
    case = Case.of(f"{TWO}&layers=tanh-4", programs)
    made, step = step_on(case, case.first(), range(50), 0.05)
    assert step.shown == len(step.layers[0].sums) == len(step.loss.rows) == 32
    np.testing.assert_allclose(step.loss.error, made.row_errors.numpy().mean(), rtol=1e-6)
    assert list(step.tensors) == list(weight_shapes(case.experiment.network, case.split.inputs, case.split.classes))
