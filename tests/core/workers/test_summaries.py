"""Keras's own summaries, written by a worker and kept by the server."""

import pytest

from core.engine.keras_network import summary_text
from core.experiment import LayerSpec, NetworkSpec
from core.workers import summaries as summaries_module
from core.workers import worker
from core.workers.summaries import Summaries
from tests.waiting import wait_until


def network(units: int) -> tuple[NetworkSpec, int, int, str]:
    return NetworkSpec((LayerSpec(units, "tanh"),)), 3, 4, "crossentropy"


@pytest.fixture
def asked():
    """What a worker was asked for: what takes the answer, and the call with its arguments."""
    return []


@pytest.fixture
def summaries(asked) -> Summaries:
    return Summaries(lambda *request: asked.append(request))


def test_a_summary_is_asked_for_once_and_kept(summaries, asked):
    for _ in range(2):
        assert summaries.get(*network(7)) is None
    ((on_result, *request),) = asked
    assert request == [worker.summarize, *network(7)]
    on_result("text", None)
    assert summaries.get(*network(7)) == "text"
    assert len(asked) == 1


def test_a_summary_that_failed_is_asked_for_again(summaries, asked):
    summaries.get(*network(7))
    asked[0][0](None, RuntimeError())
    assert summaries.get(*network(7)) is None
    assert len(asked) == 2


def test_the_oldest_summary_goes_first(summaries, asked, monkeypatch):
    monkeypatch.setattr(summaries_module, "_MOST", 2)
    for units in (1, 2, 3):
        summaries.get(*network(units))
        asked[-1][0](f"of {units}", None)
    assert [summaries.get(*network(units)) for units in (2, 3)] == ["of 2", "of 3"]
    assert summaries.get(*network(1)) is None


def test_keras_own_summary_arrives(jobs):
    wait_until(lambda: jobs.summaries.get(*network(7)), "the summary")
    text = jobs.summaries.get(*network(7))
    assert text == summary_text(*network(7))
    assert "Total params: 60" in text
