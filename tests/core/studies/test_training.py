"""Studies that train: their members against runs of their own."""

from dataclasses import replace

import numpy as np
import pytest

from core.engine.programs import Programs
from core.errors import DataError
from core.experiment import Experiment, menus, read_query
from core.messages.commands import Command
from core.messages.updates import FAILED, FINISHED, STOPPED
from core.studies import portions
from core.studies.portions import groups_of
from core.studies.results import StudyResult
from core.studies.study import BOTH, DATA, Study
from core.studies.training import StudyProgress, train_study
from core.studies.varied import Varied
from core.training.trainer import Trainer
from tests.core.training.record import Record
from tests.core.training.runs import QUICK

WORSENING = read_query("data=moons&points=60&noise=0.5&layers=tanh-3&batch=16&lr=0.1&epochs=40")


def own_run(experiment: Experiment, programs: Programs) -> Record:
    record = Record()
    trainer = Trainer(experiment, record, programs)
    trainer.send(Command("train"))
    trainer.attend()
    return record


def with_training(base: Experiment, **values: object) -> Experiment:
    return replace(base, training=replace(base.training, **values))


def histories(done: StudyResult) -> list[np.ndarray]:
    return [np.stack(list(result.history.values()), axis=1) for result in done.results]


def assert_members_are_own_runs(done: StudyResult, programs: Programs) -> None:
    for result, history in zip(done.results, histories(done), strict=True):
        record = own_run(result.member.experiment, programs)
        assert tuple(result.history) == menus.HISTORY[result.member.experiment.data.task]
        assert (result.status, result.epochs) == (record.last.status, record.last.epoch)
        np.testing.assert_allclose(history, record.history, rtol=1e-4, atol=1e-4)


def test_seeds_of_weights_train_together_and_are_their_own_runs(programs):
    done = train_study(Study(WORSENING, seeds=3), programs)
    assert groups_of([member.experiment for member in done.study.members]) == [[0, 1, 2]]
    assert_members_are_own_runs(done, programs)
    assert len({result.last for result in done.results}) > 1
    again = train_study(Study(WORSENING, seeds=3), programs)
    assert all(map(np.array_equal, histories(done), histories(again)))


def test_seeds_of_data_train_on_other_points_one_after_the_other(programs):
    base = read_query(f"{QUICK}&epochs=4")
    done = train_study(Study(base, seeds=2, luck=DATA), programs)
    assert groups_of([member.experiment for member in done.study.members]) == [[0], [1]]
    for result, history in zip(done.results, histories(done), strict=True):
        np.testing.assert_array_equal(history, own_run(result.member.experiment, programs).history)
    first, second = histories(done)
    assert not np.array_equal(first, second)


def test_early_stopping_ends_members_where_their_own_runs_end(programs):
    done = train_study(Study(with_training(WORSENING, patience=3), seeds=3), programs)
    assert_members_are_own_runs(done, programs)
    ends = [result.epochs for result in done.results]
    assert min(ends) < 40
    for result in done.results:
        if result.epochs < 40:
            assert result.best_epoch == result.epochs - 3


def test_the_target_ends_members_where_it_is_reached(programs):
    base = with_training(WORSENING, target=0.75)
    done = train_study(Study(base, seeds=3), programs)
    for result in done.results:
        reached = result.history["val_accuracy"] >= 0.75
        assert result.status == FINISHED
        assert not reached[:-1].any()
        assert reached[-1] or result.epochs == 40
    assert min(result.epochs for result in done.results) < 40


def test_a_member_that_diverges_ends_there_and_the_others_go_on(programs):
    base = read_query("data=plane&points=60&layers=tanh-3&optimizer=sgd&batch=16&l2=1&epochs=50&lr=0.001")
    done = train_study(Study(base, (Varied.parse("lr=0.001,10"),), seeds=1), programs)
    assert groups_of([member.experiment for member in done.study.members]) == [[0, 1]]
    fine, diverged = done.results
    assert (fine.status, fine.epochs, diverged.status) == (FINISHED, 50, FAILED)
    record = own_run(diverged.member.experiment, programs)
    assert (record.last.status, record.last.epoch) == (FAILED, diverged.epochs)
    assert [summary.failed for summary in done.summaries()] == [0, 1]


def test_structures_train_in_groups_and_results_stay_in_order(programs):
    study = Study(
        read_query(f"{QUICK}&epochs=4"), (Varied.parse("lr=0.1,0.01"), Varied.parse("layers=tanh-3;tanh-2,tanh-2"))
    )
    study = replace(study, seeds=1)
    assert groups_of([member.experiment for member in study.members]) == [[0, 2], [1, 3]]
    done = train_study(study, programs)
    assert [result.member for result in done.results] == list(study.members)
    assert_members_are_own_runs(done, programs)


def test_large_networks_and_many_rows_train_alone(monkeypatch):
    small = [member.experiment for member in Study(WORSENING, seeds=2).members]
    assert groups_of(small) == [[0, 1]]
    monkeypatch.setattr(portions, "_TOGETHER_PRODUCTS_MOST", 48 * 13 - 1)  # 48 rows train 13 parameters
    assert groups_of(small) == [[0], [1]]
    monkeypatch.setattr(portions, "_TOGETHER_PRODUCTS_MOST", 48 * 13)
    assert groups_of(small) == [[0, 1]]
    monkeypatch.setattr(portions, "_TOGETHER_PARAMETERS_MOST", 12)
    assert groups_of(small) == [[0], [1]]


def test_what_cannot_be_trained_is_refused_before_anything_trains(programs):
    study = Study(read_query(f"{QUICK}&split=ordered"), (Varied.parse("train_rows=30,5000"),), seeds=1)
    reports: list[StudyProgress] = []
    with pytest.raises(DataError):
        train_study(study, programs, reports.append)
    assert reports == []


@pytest.mark.parametrize("luck", [DATA, BOTH])
def test_progress_counts_every_epoch_once(programs, luck):
    reports: list[StudyProgress] = []
    train_study(Study(read_query(f"{QUICK}&epochs=4"), seeds=2, luck=luck), programs, reports.append)
    assert_progress(reports, members=2, epochs=8)


def test_progress_of_members_that_train_together(programs):
    reports: list[StudyProgress] = []
    train_study(Study(WORSENING, seeds=3), programs, reports.append)  # one core has a repeat that is not counted
    assert_progress(reports, members=3, epochs=120)
    assert any(report.ended == 0 and 0 < report.epochs_done < 120 for report in reports)


def assert_progress(reports: list[StudyProgress], members: int, epochs: int) -> None:
    done = [report.epochs_done for report in reports]
    assert done == sorted(done)
    assert {(report.members, report.epochs) for report in reports} == {(members, epochs)}
    assert (reports[-1].ended, done[-1]) == (members, epochs)


def test_time_left_follows_from_the_epochs_so_far():
    assert StudyProgress(0, 4, 0, 400, 1.0).seconds_left is None
    assert StudyProgress(1, 4, 100, 400, 2.0).seconds_left == 6.0
    assert StudyProgress(4, 4, 400, 400, 2.0).seconds_left == 0.0


def test_a_study_that_is_stopped_while_members_train_together_keeps_what_they_have(programs):
    whole = train_study(Study(WORSENING, seeds=2), programs)
    reports: list[StudyProgress] = []
    done = train_study(
        Study(WORSENING, seeds=2), programs, reports.append, lambda: not any(report.epochs_done for report in reports)
    )
    assert {result.status for result in done.results} == {STOPPED}
    assert 0 < sum(result.epochs for result in done.results) < 80
    for result, history, all_of_it in zip(done.results, histories(done), histories(whole), strict=True):
        np.testing.assert_array_equal(history, all_of_it[: result.epochs])


def test_a_study_that_is_stopped_during_a_run_begins_no_other(programs):
    reports: list[StudyProgress] = []
    study = Study(read_query(f"{QUICK}&epochs=2000"), seeds=3, luck=DATA)
    done = train_study(study, programs, reports.append, lambda: not reports)
    first, *others = done.results
    assert (first.status, [result.status for result in others]) == (STOPPED, [STOPPED, STOPPED])
    assert first.epochs < 2000
    assert [result.epochs for result in others] == [0, 0]


def test_a_study_that_nobody_wants_trains_nothing(programs):
    done = train_study(Study(WORSENING, seeds=2), programs, is_wanted=lambda: False)
    assert [(result.status, result.epochs, result.last) for result in done.results] == [(STOPPED, 0, None)] * 2
