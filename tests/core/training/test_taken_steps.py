"""Steps of training made by hand between two epochs: explained, made, undone, and trained again."""

import numpy as np
import pytest

from core.engine.epoch_inputs import row_orders
from core.engine.program import Program
from core.engine.programs import Programs
from core.errors import ExperimentError
from core.experiment import read_query
from core.messages.commands import Command
from core.messages.edits import Freeze, SetWeight, TakeStep, Undo
from core.training.step_explanation import check_gradient, explain_step, loss_line
from core.training.trainer import Trainer
from tests.core.engine.oracle import keras_fit, keras_model, keras_targets, set_state
from tests.core.training.record import Record
from tests.core.training.runs import begin_slowly, change, history_of, open_run, tell, values_of

QUERY = "data=moons&points=70&noise=0.3&batch=14&layers=tanh-4,relu-3&lr=0.05&l2=0.01&epochs=12"
# With everything that a step draws, remembers and schedules.
RICH = (
    "data=moons&points=70&noise=0.3&batch=14&layers=tanh-4-batch-noise0.1,relu-3&dropout=0.3&schedule=cosine&epochs=6"
)


def step_of(trainer: Trainer, rows: tuple[int, ...] | None = None) -> Command:
    progress = trainer.progress
    return Command("edit", TakeStep(progress.segment.experiment, progress.epoch, rows))


def epochs(trainer: Trainer, count: int) -> None:
    for _ in range(count):
        tell(trainer, "step")


def weights_of(trainer: Trainer) -> dict[str, np.ndarray]:
    return dict(trainer.weights().arrays)


def assert_same(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> None:
    for name, weight in one.items():
        np.testing.assert_array_equal(weight, other[name], err_msg=name)


def test_a_step_is_one_more_step_of_keras(programs):
    trainer = open_run(QUERY, programs, Record())
    experiment, split = read_query(QUERY), trainer.split
    model = keras_model(experiment, split)
    set_state(model, values_of(trainer))
    orders = row_orders(experiment.training.seed, range(5), len(split.x_train))
    expected = [keras_fit(model, experiment, split, orders[:2])]
    epochs(trainer, 2)
    targets = keras_targets(split.y_train, split)
    for asked, rows in (((3, 40, 7), [3, 40, 7]), (None, orders[2][:14])):
        model.train_on_batch(split.x_train[rows], targets[rows])
        tell(trainer, step_of(trainer, asked))
    expected.append(keras_fit(model, experiment, split, orders[2:]))
    epochs(trainer, 3)
    np.testing.assert_allclose(history_of(trainer), np.concatenate(expected), rtol=1e-4, atol=1e-5)
    for ours, theirs in zip(weights_of(trainer).values(), model.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("query", [QUERY, RICH], ids=["plain", "rich"])
def test_the_explained_step_is_the_one_that_is_made_and_explaining_changes_nothing(query, programs):
    trainer, twin = (open_run(query, programs, Record()) for _ in range(2))
    for run in (trainer, twin):
        epochs(run, 2)
    before, record = weights_of(trainer), trainer.record()
    step = explain_step(trainer, None)
    assert_same(weights_of(trainer), before)
    assert trainer.record() == record
    assert (step.epoch, step.weights_epoch, step.edits, step.asked) == (2, 2, 0, None)
    assert_same({name: tensor.before for name, tensor in step.tensors.items()}, before)
    loss_line(trainer, step)
    check_gradient(trainer, step, "output/kernel", (0, 0))

    tell(trainer, step_of(trainer))
    after = weights_of(trainer)
    for name, tensor in step.tensors.items():
        np.testing.assert_array_equal(tensor.after, after[name], err_msg=name)
        assert tensor.change.any() != tensor.idle
    assert explain_step(trainer, None).count == step.count + 1
    assert trainer.progress.epoch == 2
    epochs(trainer, 1)
    epochs(twin, 1)
    assert (history_of(trainer)[2] != history_of(twin)[2]).any()


def test_a_run_with_steps_is_replayed_and_trained_again_bit_for_bit(busy_compiler):
    shared = Programs()
    trainer = open_run(RICH, shared, Record())
    for _ in range(2):
        without_waiting(trainer, Command("step"))
    without_waiting(trainer, step_of(trainer, (5, 9)), Command("edit", Freeze(0, 1, True)), step_of(trainer))
    # Settings that change after a step, before the next epoch, are not the step's.
    without_waiting(trainer, change(f"{RICH}&lr=0.1".replace("dropout=0.3", "dropout=0.5")), step_of(trainer, (1,)))
    assert trainer.progress.is_preview
    busy_compiler(False)
    tell(trainer, "train")
    assert not trainer.progress.is_preview
    assert [type(edit).__name__ for _, edit in trainer.record().edits] == ["TakeStep", "Freeze", "TakeStep", "TakeStep"]
    again = Trainer.again(trainer.record(), Record(), shared)
    np.testing.assert_array_equal(history_of(again), history_of(trainer))
    assert_same(weights_of(again), weights_of(trainer))


def without_waiting(trainer: Trainer, *commands: Command) -> None:
    """Have commands obeyed and their epochs trained, on whichever graph is there."""
    for command in commands:
        trainer.send(command)
        trainer._obey_all()
        trainer._run.start_preview_if_needed()
        while trainer._is_training:
            trainer._run.train_epoch()


def test_a_step_is_undone_at_its_epoch_and_stays_after_it(programs):
    trainer, twin = (open_run(QUERY, programs, Record()) for _ in range(2))
    for run in (trainer, twin):
        epochs(run, 1)
    before = weights_of(trainer)
    weight = Command("edit", SetWeight("output/bias", (0,), 2.0))
    tell(trainer, weight, step_of(trainer, (3,)), step_of(trainer, (4,)))
    tell(trainer, *[Command("edit", Undo())] * 3)
    assert_same(weights_of(trainer), before)

    tell(trainer, weight, step_of(trainer, (3,)), "step")
    tell(trainer, Command("edit", Undo()))
    kept = trainer.progress
    assert [type(edit) for _, edit in kept.network.applied.standing] == [TakeStep]
    assert weights_of(trainer)["output/bias"][0] == before["output/bias"][0]  # as it was before it was set
    again = Trainer.again(trainer.record(), Record(), programs)
    assert_same(weights_of(again), weights_of(trainer))


def test_a_step_meant_for_another_epoch_is_not_made(programs):
    trainer = open_run(QUERY, programs, Record())
    late = step_of(trainer, (3,))
    epochs(trainer, 1)
    before = weights_of(trainer)
    tell(trainer, late)
    assert_same(weights_of(trainer), before)
    assert trainer.record().edits == ()


def test_another_step_is_made_from_the_last_one_without_making_that_again(programs, monkeypatch):
    trainer = open_run(QUERY, programs, Record())
    asked = []
    steps = Program.steps.fget
    monkeypatch.setattr(Program, "steps", property(lambda self: asked.append(self) or steps(self)))
    counts = []
    for row in range(4):
        tell(trainer, step_of(trainer, (row,)))
        counts.append(len(asked))
    assert len(set(np.diff(counts))) == 1


def test_steps_on_restored_weights_are_those_that_were_explained(programs):
    query = f"{QUERY.replace('epochs=12', 'epochs=200')}&patience=4&restore_best=yes"
    trainer = open_run(query, programs, Record())
    tell(trainer, "train")
    step = explain_step(trainer, (2, 3))
    assert step.weights_epoch < step.epoch
    assert_same({name: tensor.before for name, tensor in step.tensors.items()}, weights_of(trainer))
    tell(trainer, step_of(trainer, (2, 3)))
    assert_same({name: tensor.after for name, tensor in step.tensors.items()}, weights_of(trainer))


def test_a_run_goes_on_while_a_step_of_it_is_explained(programs, attending):
    record = Record()
    trainer = open_run(QUERY.replace("epochs=12", "epochs=2000"), programs, record)
    thread = begin_slowly(trainer, attending, record, pace=50, epoch=3)
    step = explain_step(trainer, (0, 1))
    assert thread.is_alive()
    assert step.epoch >= 2
    check = check_gradient(trainer, step, "output/kernel", (0, 0))
    np.testing.assert_allclose(check.difference, check.gradient, rtol=1e-3, atol=2e-6)
    assert step.loss.total == pytest.approx(loss_line(trainer, step).losses[0], rel=1e-5)


def test_a_run_that_has_diverged_is_explained_too(programs):
    trainer = open_run(
        f"{QUERY}&optimizer=sgd".replace("lr=0.05", "lr=10").replace("tanh", "linear"), programs, Record()
    )
    tell(trainer, "train")
    assert trainer.progress.has_failed
    step = explain_step(trainer, None)
    stages = {one.stage: one.name for one in step.broken}
    assert stages["weights"] == stages["forward"] == "hidden_1"
    assert stages["loss"] == ""
    assert np.isnan(loss_line(trainer, step).losses).all()


@pytest.mark.parametrize("rows", [(56,), (), (1, 1), (-1,)])
def test_rows_that_there_are_not_are_refused(rows, programs):
    trainer = open_run(QUERY, programs, Record())
    with pytest.raises(ExperimentError, match="`rows` must be 1 to 64 different whole numbers from 0 to 55"):
        explain_step(trainer, rows)
