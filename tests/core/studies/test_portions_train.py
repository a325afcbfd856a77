"""Portions that train, each way, against runs of their own."""

import numpy as np
import pytest

from core.analysis.decision import paint
from core.engine.programs import Programs
from core.experiment import Experiment, menus, read_query
from core.messages.commands import Command
from core.messages.pace import FAST, Pace
from core.messages.updates import FAILED, FINISHED, STOPPED
from core.studies.lockstep import train_in_lockstep
from core.studies.news import MemberNews, PortionNews
from core.studies.surfaces import Surfaces
from core.studies.together import train_together
from core.training.trainer import Trainer

WORSENING = "data=moons&points=60&noise=0.5&layers=tanh-3&batch=16&lr=0.1&epochs=40"


class Heard:
    """What is told of the runs of a portion."""

    def __init__(self) -> None:
        self.rows: dict[int, np.ndarray] = {}
        self.last: dict[int, MemberNews] = {}
        self.surfaces: dict[int, np.ndarray] = {}
        self.epochs: list[tuple[int, ...]] = []  # of all runs, every time

    def __call__(self, news: list[MemberNews]) -> None:
        for one in news:
            before = self.rows.get(one.place, one.rows[:0])
            assert one.first_row == len(before)
            self.rows[one.place] = np.concatenate([before, one.rows])
            self.last[one.place] = one
            if one.surface is not None:
                self.surfaces[one.place] = one.surface
        self.epochs.append(tuple(len(rows) for rows in self.rows.values()))


def own_run(experiment: Experiment, programs: Programs) -> Trainer:
    trainer = Trainer(experiment, lambda update: None, programs)
    trainer.send(Command("train"))
    trainer.attend()
    return trainer


def own_surface(trainer: Trainer) -> np.ndarray:
    """Paint what a run predicts with the weights that it keeps."""
    progress = trainer.progress
    program = progress.segment.program
    return paint(program.predict(progress.outcome.state, Surfaces(trainer.split).inputs))


def assert_nearly_same_picture(painted: np.ndarray, expected: np.ndarray) -> None:
    is_same = painted[0] == expected[0]
    assert is_same.mean() > 0.995  # cells on the boundary may go either way
    assert np.abs(painted[1].astype(int) - expected[1])[is_same].max() <= 2


@pytest.mark.parametrize("ending", ["", "&patience=3&restore_best=no", "&patience=3&restore_best=yes", "&target=0.8"])
def test_runs_of_one_program_end_and_look_as_their_own_runs(programs, ending):
    experiments = {place + 4: read_query(f"{WORSENING}{ending}&seed={place}") for place in range(3)}
    heard = Heard()
    train_together(experiments, 4, programs, heard, lambda: True)
    for place, experiment in experiments.items():
        trainer = own_run(experiment, programs)
        assert (heard.last[place].status, len(heard.rows[place])) == (FINISHED, trainer.progress.epoch)
        assert heard.surfaces[place].dtype == np.uint8
        assert_nearly_same_picture(heard.surfaces[place], own_surface(trainer))


def test_a_run_that_diverges_fails_and_the_others_go_on(programs):
    query = "data=curve&layers=relu-4&optimizer=sgd&epochs=6&batch=16"
    experiments = {0: read_query(f"{query}&lr=0.001"), 1: read_query(f"{query}&lr=10")}
    heard = Heard()
    train_together(experiments, 2, programs, heard, lambda: True)
    assert heard.last[0].status == FINISHED
    assert heard.last[1].status == FAILED
    assert not np.isfinite(heard.rows[1][-1, 0])
    assert heard.surfaces == {}  # one feature has no plane


def test_a_portion_that_is_not_wanted_any_more_stops(programs):
    asked = []
    heard = Heard()
    experiments = {place: read_query(f"{WORSENING}&seed={place}") for place in range(2)}

    def is_wanted() -> bool:
        asked.append(True)
        return len(asked) < 2

    train_together(experiments, 2, programs, heard, is_wanted)
    assert {one.status for one in heard.last.values()} == {STOPPED}
    assert 0 < len(heard.rows[0]) < 40


def test_racers_go_epoch_by_epoch_and_their_histories_are_their_own_bit_for_bit(programs):
    queries = (WORSENING, WORSENING.replace("tanh-3", "tanh-5"), f"{WORSENING}&patience=3&restore_best=yes")
    experiments = {place: read_query(query) for place, query in enumerate(queries)}
    heard = Heard()
    train_in_lockstep(experiments, FAST, programs, heard, lambda: True)
    for place, experiment in experiments.items():
        trainer = own_run(experiment, programs)
        names = menus.HISTORY[experiment.data.task]
        assert heard.rows[place].shape == (trainer.progress.epoch, len(names))
        np.testing.assert_array_equal(heard.rows[place], np.stack([one.figures for one in trainer._run.history]))
        np.testing.assert_array_equal(heard.surfaces[place], own_surface(trainer))
    for epochs in heard.epochs:
        assert max(epochs[:2]) == min(epochs[:2])  # the third one ends early


def test_a_race_that_is_not_wanted_any_more_stops(programs):
    heard = Heard()
    experiments = {place: read_query(f"{WORSENING}&seed={place}") for place in range(2)}
    train_in_lockstep(experiments, Pace(50.0), programs, heard, lambda: len(heard.rows.get(0, ())) < 3)
    assert {one.status for one in heard.last.values()} == {STOPPED}
    assert len(heard.rows[0]) >= 3


def test_news_come_out_as_they_went_in():
    surface = np.arange(8, dtype=np.uint8).reshape(2, 2, 2)
    first = MemberNews(3, FINISHED, 2, np.ones((2, 4), np.float32), 0.5, surface, "words")
    second = MemberNews(4, FINISHED, 0, np.empty((0, 4), np.float32), 0.5)
    news = PortionNews.from_message(PortionNews((first, second), 1.0, 2.0, 7).to_message())
    assert (news.compiling, news.training, news.epochs) == (1.0, 2.0, 7)
    read, other = news.members
    assert (read.place, read.status, read.first_row, read.seconds, read.message) == (3, FINISHED, 2, 0.5, "words")
    np.testing.assert_array_equal(read.rows, first.rows)
    np.testing.assert_array_equal(read.surface, surface)
    assert other.rows.shape == (0, 4)
    assert other.surface is None


def test_later_news_replace_what_they_tell_anew():
    first = MemberNews(0, "running", 2, np.zeros((3, 4), np.float32), 0.5, np.zeros((1, 1), np.uint8))
    joined = first.then(MemberNews(0, FINISHED, 4, np.ones((2, 4), np.float32), 0.7))
    assert (joined.status, joined.first_row, joined.rows[:, 0].tolist()) == (FINISHED, 2, [0, 0, 1, 1])
    assert joined.surface is not None
    again = first.then(MemberNews(0, FINISHED, 1, np.ones((2, 4), np.float32), 0.7))
    assert (again.first_row, again.rows[:, 0].tolist()) == (1, [1, 1])
