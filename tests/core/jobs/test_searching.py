"""The thread that drives a search, with a trainer that is a formula: no worker, no Keras."""

import threading
from dataclasses import replace

import pytest
from sqlalchemy.exc import OperationalError

from core.errors import ExperimentError, RunsError
from core.jobs.growing import Growing
from core.jobs.live_study import LiveStudy
from core.jobs.searching import Searching
from core.messages.updates import FAILED, FINISHED, RUNNING, STOPPED
from core.studies import proposing
from core.studies.portions import ALONE, TOGETHER, Portion
from core.studies.search import MEDIAN, PRUNED, RANDOM, OneOf, Range, Search
from tests.core.studies.trials import EPOCHS, SPACE, result_of, score_of, search
from tests.waiting import wait_until

RATES = Range("lr", 0.0001, 1.0, log=True)


class Toy:
    """A study that trains at once, or as far as it is told."""

    def __init__(self, plan: Search, workers: int = 2) -> None:
        self.study = LiveStudy("me", plan)
        self.study.share_out([])
        self.study.set_status(RUNNING)
        self.portions: list[Portion] = []
        self.epochs = EPOCHS  # that a trial does before it rests
        self.changed = threading.Condition()
        self.growing = Growing(
            self.changed,
            self.study,
            workers=lambda: workers,
            hand_out=self._train,
            tell=lambda study, places: self.changed.notify_all(),
            settle=self._settle,
            halt=lambda study, status, message: study.halt(status, message),
            stop_portion=lambda key: None,
        )

    def _train(self) -> None:
        with self.changed:
            while self.study.left:
                portion = self.study.left.pop(0)
                self.portions.append(portion)
                for place in portion.places:
                    member = self.study.results[place].member
                    self.study.results[place] = result_of(member, score_of(member), self.epochs)
            self.study.version += 1
            self.changed.notify_all()

    def _settle(self, study: LiveStudy) -> None:
        if all(result.has_ended for result in study.results):
            study.halt(FINISHED)

    def go(self, kept_keys=None) -> LiveStudy:
        Searching(self.study.plan, self.study.key, self.growing, kept_keys).start()
        wait_until(lambda: self.study.status not in (RUNNING,), "the end of the search")
        return self.study


def test_trials_of_one_structure_train_in_programs_of_one_size():
    toy = Toy(search(dimensions=(RATES,), trials=33))
    assert (toy.go().status, len(toy.study.results)) == (FINISHED, 33)
    assert {(portion.way, portion.size) for portion in toy.portions} == {(TOGETHER, 5)}
    places = [place for portion in toy.portions for place in portion.places]
    assert sorted(places) == list(range(33))
    assert max(len(portion.places) for portion in toy.portions) == 5


def test_trials_of_different_structures_train_one_by_one():
    toy = Toy(search(dimensions=SPACE, trials=7))
    assert len(toy.go().results) == 7
    assert {(portion.way, len(portion.places)) for portion in toy.portions} == {(ALONE, 1)}


def test_no_trial_begins_after_the_time_is_over():
    toy = Toy(search(dimensions=(RATES,), trials=500, seconds=10.0))
    toy.study._seconds = 11.0
    assert (toy.go().status, toy.study.results) == (FINISHED, [])


def test_a_storage_that_does_not_answer_costs_nothing(monkeypatch):
    def refuse(*_):
        raise OperationalError("", {}, Exception("away"))

    monkeypatch.setattr(proposing, "open_storage", refuse)
    toy = Toy(search(dimensions=(RATES,), trials=12, sampler=RANDOM))
    assert (toy.go(lambda: frozenset()).status, len(toy.study.results)) == (FINISHED, 12)


def test_a_storage_that_goes_away_on_the_way_costs_nothing(monkeypatch, tmp_path):
    monkeypatch.setenv("HIDDEN_LAYERS_DATABASE", f"sqlite:///{tmp_path / 'runs.db'}")
    whole = Toy(search(dimensions=(RATES,), trials=12)).go()
    calls = iter(range(100))
    propose = proposing.Proposer.propose

    def breaks(self):
        if next(calls) == 7:
            raise RunsError("The database is away.")
        return propose(self)

    monkeypatch.setattr(proposing.Proposer, "propose", breaks)
    toy = Toy(search(dimensions=(RATES,), trials=12))
    assert (toy.go(lambda: frozenset()).status, len(toy.study.results)) == (FINISHED, 12)
    first = [result.member for result in whole.results]
    assert [result.member for result in toy.study.results][:6] == first[:6]
    places = [place for portion in toy.portions for place in portion.places]
    assert sorted(places) == list(range(12))  # none was trained twice


def test_a_hopeless_trial_is_ended_and_the_others_are_not():
    rates = OneOf("lr", ("0.01", "0.02", "0.0001"))
    toy = Toy(search(dimensions=(rates,), trials=60, sampler=RANDOM, pruner=MEDIAN), workers=1)
    toy.epochs = 10
    searching = Searching(toy.study.plan, toy.study.key, toy.growing, None)
    searching.start()

    def goes_on() -> bool:
        """Let trials go to their ends, but for bad ones once there are enough to compare them with.

        These do an epoch more after each look of the pruner, which may have come before the others had ended.
        """
        with toy.changed:
            for place, result in enumerate(toy.study.results):
                if result.has_ended:
                    continue
                if place < 10 or dict(result.member.settings)["lr"] != "0.0001":
                    toy.study.results[place] = result_of(result.member, score_of(result.member))
                elif searching._looked.get(place) == result.epochs < EPOCHS - 1:
                    more = result_of(result.member, score_of(result.member), result.epochs + 1)
                    toy.study.results[place] = more
            toy.study.version += 1
            toy.changed.notify_all()
        return any(result.message == PRUNED for result in toy.study.results)

    wait_until(goes_on, "a trial that is ended")
    with toy.changed:
        toy.study.set_status(STOPPED)
        toy.changed.notify_all()
    pruned = [result for result in toy.study.results if result.message == PRUNED]
    assert {dict(result.member.settings)["lr"] for result in pruned} == {"0.0001"}
    assert all(result.status == FINISHED for result in pruned)


def test_networks_that_are_too_large_fail_and_the_others_train(monkeypatch):
    from core.errors import TooLargeError
    from core.jobs import searching

    groups_of = searching.groups_of

    def refuse_large(experiments):
        if any(layer.units > 8 for one in experiments for layer in one.network.layers):
            raise TooLargeError("The network is too large.")
        return groups_of(experiments)

    monkeypatch.setattr(searching, "groups_of", refuse_large)
    toy = Toy(search(dimensions=(OneOf("layers", ("tanh-2", "tanh-9")),), trials=6, sampler=RANDOM))
    results = toy.go().results
    assert {(dict(one.member.settings)["layers"], one.status, one.message) for one in results} == {
        ("tanh-2", FINISHED, ""),
        ("tanh-9", FAILED, "The network is too large."),
    }


def test_values_that_do_not_go_together_fail_and_keep_their_places(monkeypatch):
    made = Search.member

    def refuse(self, values):
        if values["lr"] == "0.02":
            raise ExperimentError("lr", "another one", values["lr"])
        return made(self, values)

    one = search(dimensions=(OneOf("lr", ("0.01", "0.02", "0.03")),), trials=12, sampler=RANDOM)
    monkeypatch.setattr(Search, "member", refuse)
    monkeypatch.setattr(Searching, "_at_once", 2)
    toy = Toy(one)
    results = toy.go().results
    assert len(results) == 12
    for result in results:
        rate = dict(result.member.settings)["lr"]
        assert (result.status == FAILED) == (rate == "0.02")
        if result.status == FINISHED:
            assert result.member.experiment.training.learning_rate == float(rate)


@pytest.mark.parametrize("error", [ValueError("a mistake of ours"), RunsError("away")])
def test_a_mistake_fails_the_search_in_words(monkeypatch, error):
    def breaks(self):
        raise error

    monkeypatch.setattr(proposing.Proposer, "propose", breaks)
    toy = Toy(replace(search(dimensions=(RATES,)), trials=5))
    study = toy.go()
    assert study.status == FAILED
    assert str(error) in study.message
