"""Many runs in one program against the single runs of the same experiments."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from core.datasets import prepare
from core.engine import many
from core.engine.many import train_many
from core.engine.programs import Programs
from core.experiment import Experiment, menus, read_query
from core.messages.commands import Command
from core.training.trainer import Trainer
from tests.core.training.record import Record
from tests.core.training.runs import Single, history_of, on_the_plain_graph, variables_of

SMALL = "data=blobs&points=70&classes=3&noise=0.3&batch=16&epochs=3"  # 56 rows train, so the last batch is smaller
EVEN = SMALL.replace("batch=16", "batch=14")  # half as long to compile as two sizes of batches


def compiled(experiment: Experiment, programs: Programs) -> Single:
    """Return a run of its own as a person gets it: with dropout and noise the plain graph's would be another."""
    trainer = Trainer(experiment, Record(), programs, axes=None)
    trainer.send(Command("train"))
    trainer.attend()
    return history_of(trainer), variables_of(trainer.progress)


def assert_each_is_its_own_run(
    experiments: list[Experiment],
    single: Callable[[Experiment, Programs], Single] = on_the_plain_graph,
    structures: int = 1,
) -> None:
    programs = Programs()
    members = train_many(experiments)
    assert [member.experiment for member in members] == experiments
    for member in members:
        history, values = single(member.experiment, programs)
        assert tuple(member.history) == menus.HISTORY[member.experiment.data.task]
        np.testing.assert_allclose(np.stack(list(member.history.values()), axis=1), history, rtol=1e-4, atol=1e-4)
        for ours, its_own in zip(member.weights, values, strict=True):
            np.testing.assert_allclose(ours, its_own, rtol=1e-4, atol=1e-4)
    assert len(programs) == structures
    assert len({tuple(member.history["loss"]) for member in members}) == len(members)


def with_training(base: Experiment, **values: object) -> Experiment:
    return replace(base, training=replace(base.training, **values))


def test_seeds_that_do_not_part_evenly_among_the_cores():
    base = read_query(f"{SMALL}&layers=tanh-5,relu-4-batch&class_weight=balanced&optimizer=adam")
    assert_each_is_its_own_run([with_training(base, seed=seed) for seed in range(3)], compiled)


def test_more_than_the_cores_take_at_once(monkeypatch):
    monkeypatch.setattr(many, "CORES", 2)
    monkeypatch.setattr(many, "_GROUP_MOST", 2)
    base = read_query(f"{SMALL}&layers=tanh-5")
    chosen = [with_training(base, seed=seed) for seed in range(5)]
    assert [len(group) for group in many._groups(chosen)] == [2, 2, 2]
    assert_each_is_its_own_run(chosen)


@pytest.mark.parametrize("optimizer", menus.OPTIMIZERS)
def test_every_optimizer(optimizer: str):
    decay = "&weight_decay=0.01" if "weight_decay" in menus.OPTIMIZERS[optimizer].settings else ""
    base = read_query(f"{EVEN}&layers=tanh-5&optimizer={optimizer}&lr=0.01{decay}")
    assert_each_is_its_own_run([with_training(base, seed=seed) for seed in (1, 2)])


def test_learning_rates_schedules_and_momentum():
    base = read_query(f"{EVEN}&layers=tanh-5&optimizer=sgd&momentum=0.9&nesterov=yes&clip=norm&max_norm=1")
    chosen = [
        with_training(base, learning_rate=0.03),
        with_training(base, learning_rate=0.1, momentum=0.5),
        with_training(base, schedule="cosine"),
    ]
    assert_each_is_its_own_run(chosen)


def test_penalties_dropout_noise_and_initializers():
    base = read_query(
        f"{EVEN}&layers=relu-6-noise0.1-drop0.2,tanh-4&l1=0.01&l2=0.02&l2_on=kernel,bias,activity&optimizer=sgd"
    )
    stronger = replace(base, network=replace(base.network, l1=0.05, l2=0.1, initializer="he_normal"))
    assert_each_is_its_own_run([base, stronger], compiled)


@pytest.mark.parametrize(
    ("rows", "layers", "optimizer", "single"),
    [
        (SMALL, "tanh-{}-batch,relu-{}", "adam", on_the_plain_graph),
        (
            EVEN,
            "sigmoid-{}-drop0.2,softplus-{}",
            "sgd&l2=0.02&l2_on=kernel,bias,activity&clip=norm&max_norm=1",
            compiled,
        ),
    ],
    ids=["a smaller last batch", "dropout, penalties and clipping"],
)
def test_widths(rows: str, layers: str, optimizer: str, single: Callable[[Experiment, Programs], Single]):
    widths = ((3, 9), (5, 2), (12, 7))
    chosen = [read_query(f"{rows}&layers={layers.format(*both)}&optimizer={optimizer}") for both in widths]
    (program,) = {many._common_structure(some, prepare(chosen[0].data)) for some in (chosen, chosen[::-1])}
    assert program.units == (16, 16)
    assert_each_is_its_own_run(chosen, single, structures=3)


def test_numbers_and_an_optimizer_that_looks_at_whole_kernels():
    base = read_query("data=plane&points=70&batch=16&epochs=3&layers=tanh-5-layer&scaling=standard&optimizer=lamb")
    assert_each_is_its_own_run([with_training(base, seed=seed) for seed in (4, 7)])


def test_more_epochs_than_one_call_takes():
    base = read_query("data=moons&points=40&batch=32&epochs=50&layers=tanh-3")
    assert_each_is_its_own_run([with_training(base, seed=seed) for seed in (1, 2)])


@pytest.mark.parametrize(
    "other",
    [
        *("epochs=4", "noise=0.2", "layers=tanh-6", "layers=tanh-65,tanh-2", "layers=relu-4,tanh-2"),
        *("optimizer=sgd", "batch=8", "l2=0.1", "loss=focal"),
    ],
)
def test_what_needs_another_program_or_other_data_is_refused(other):
    with pytest.raises(ValueError, match="must share data, epochs and everything"):
        train_many(
            [
                read_query("data=moons&epochs=3"),
                read_query(f"data=moons&epochs=3&{other}".replace("epochs=3&epochs", "epochs")),
            ]
        )


@pytest.mark.parametrize("same", ["optimizer=muon&layers=tanh-{}", "layers=tanh-{}-layer", "layers=tanh-{}-noise0.1"])
def test_widths_that_the_training_depends_on_are_refused(same):
    with pytest.raises(ValueError, match="must share data, epochs and everything"):
        train_many([read_query(f"data=moons&epochs=3&{same.format(units)}") for units in (4, 5)])


def test_none_at_all_is_refused():
    with pytest.raises(ValueError, match="at least one experiment"):
        train_many([])
