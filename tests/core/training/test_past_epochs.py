"""Looking back at epochs whose weights are not kept: they are trained again, to the same bits."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from core.analysis.axes import Axes
from core.engine.programs import Programs
from core.experiment import read_query
from core.messages.commands import Command
from core.messages.edits import Freeze, SetWeight, Silence, TakeStep, Undo
from core.training import past_epochs as past_module
from core.training import run_state as run_state_module
from core.training.trainer import Trainer
from tests.core.training.record import Record
from tests.core.training.runs import QUICK, begin_slowly, change, open_run, rich, tell
from tests.waiting import wait_until

EPOCHS = 16
# Epoch -> what is done to the run after it.
DONE = {
    2: [Command("edit", SetWeight("output/bias", (0,), 2.0)), Command("edit", Freeze(0, 1, True))],
    3: [Command("edit", Silence(0, 2, True)), Command("edit", Undo())],
    4: [Command("edit", TakeStep(read_query(rich()), 4, None))],
    5: [change(rich(lr=0.3, l2=0.1, dropout=0.5, noise=0.3, momentum=0.9))],
    7: [Command("edit", Silence(0, 0, True))],
    9: [change(rich(lr=0.1, batch=8)), Command("edit", Freeze(0, 1, False))],
    11: [Command("edit", TakeStep(read_query(rich(lr=0.1, batch=8)), 11, (4, 9))), Command("edit", Freeze(0, 0, True))],
    13: [Command("edit", SetWeight("output/bias", (0,), -1.0))],
}


def follow(programs: Programs) -> Trainer:
    """Train step by step, and do what DONE says on the way."""
    trainer = open_run(rich(), programs, Record(), axes=Axes(0, 1))
    for epoch in range(EPOCHS + 1):
        if epoch in DONE:
            tell(trainer, *DONE[epoch])
        if epoch < EPOCHS:
            tell(trainer, "step")
    assert trainer.progress.epoch == EPOCHS
    assert [at for at, edit in trainer.record().edits if isinstance(edit, TakeStep)] == [4, 11]
    return trainer


@pytest.fixture(scope="module")
def followed(programs: Programs) -> Trainer:
    """The run of which every epoch is kept, on programs that are compiled from the second time on."""
    follow(programs)
    trainer = follow(programs)
    assert trainer.kept_epochs == tuple(range(trainer.progress.epoch + 1))
    return trainer


@pytest.fixture
def few_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the weights of the first epoch and the last, and the full states of four."""
    monkeypatch.setattr(run_state_module, "BUDGET", 0)
    monkeypatch.setattr(run_state_module, "FULL_MOST", 4)


def test_every_epoch_that_is_not_kept_is_trained_again_to_the_same_bits(followed, programs, few_kept):
    trainer = follow(programs)
    assert trainer.kept_epochs == (0, EPOCHS)
    assert trainer.progress.full_states.epochs == (0, 8, 16)
    for epoch in range(followed.progress.epoch + 1):
        ours, kept = (run.look_back(epoch, inside=True) for run in (trainer, followed))
        assert (ours.epoch, kept.epoch) == (epoch, epoch)
        assert set(ours.arrays) == set(kept.arrays) >= {"boundary", "confusion", "weights"}
        for name, array in kept.arrays.items():
            np.testing.assert_array_equal(ours.arrays[name], array)
    assert trainer.progress.epoch == followed.progress.epoch  # the run itself has not moved


def test_what_takes_too_long_is_stood_in_for_by_the_nearest_kept_epoch(followed, programs, few_kept, monkeypatch):
    trainer = follow(programs)
    monkeypatch.setattr(past_module, "_SECONDS_MOST", 0)
    assert [trainer.look_back(epoch, inside=False).epoch for epoch in (0, 1, 15, 16)] == [0, 0, 16, 16]


def test_what_takes_longer_than_expected_is_given_up(followed, programs, few_kept, monkeypatch):
    trainer = follow(programs)
    times = iter([0.0, 0.5, 2.0])  # when it begins, and before the first two epochs
    monkeypatch.setattr(past_module, "time", SimpleNamespace(perf_counter=lambda: next(times)))
    assert trainer.look_back(3, inside=False).epoch == 0


def test_epochs_of_the_plain_graph_are_not_trained_again(attending, busy_compiler, few_kept):
    record = Record()
    trainer = open_run(f"{QUICK}&epochs=2000", Programs(), record, axes=Axes(0, 1))
    begin_slowly(trainer, attending, record, pace=200, epoch=7)
    trainer.send(Command("pause"))
    wait_until(lambda: not trainer._is_training)
    assert trainer.progress.is_preview
    for epoch in range(trainer.progress.epoch + 1):
        assert trainer.look_back(epoch, inside=False).epoch in trainer.kept_epochs


def test_beyond_the_last_epoch_is_the_last(followed):
    assert followed.look_back(99, inside=False).epoch == followed.progress.epoch
