"""How long the rest of a study takes, by hand."""

import pytest

from core.studies.estimate import Estimate
from core.studies.news import PortionNews


def told(compiling: float, training: float, epochs: int) -> PortionNews:
    return PortionNews((), compiling, training, epochs)


def test_nothing_is_known_before_the_first_epochs():
    assert Estimate().seconds_left(100, ["a"], 2) is None
    assert Estimate().after("1", "a", told(3.0, 0.0, 0)).seconds_left(100, ["a"], 2) is None


def test_the_rest_takes_as_long_an_epoch_as_what_was_trained():
    estimate = Estimate().after("1", "a", told(3.0, 2.0, 100))
    assert estimate.seconds_left(300, [], 1) == pytest.approx(6.0)
    assert estimate.seconds_left(300, ["a"], 2) == pytest.approx(3.0)  # one is training, one is left, on two workers
    assert estimate.seconds_left(300, [], 2) == pytest.approx(6.0)  # the second worker has nothing to do
    later = estimate.after("1", "a", told(3.0, 4.0, 400)).after("2", "a", told(0.0, 1.0, 100))
    assert later.seconds_left(100, [], 1) == pytest.approx(1.0)


def test_programs_that_no_worker_has_compiled_take_as_long_as_the_others_did():
    estimate = Estimate().after("1", "a", told(3.0, 1.0, 100)).after("2", "b", told(5.0, 1.0, 100))
    assert estimate.seconds_left(0, ["a", "b"], 1) == 0
    assert estimate.seconds_left(0, ["c", "c", "d"], 1) == pytest.approx(8.0)
