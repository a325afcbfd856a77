"""The errors can be pickled, and their messages are printable."""

import logging
import pickle

import pytest

from core.damage import log_suspicious
from core.errors import DataError, ExperimentError, HiddenLayersError, TooLargeError, TooManyEditsError, WorkersError
from core.experiment import read_query


def test_experiment_error_travels() -> None:
    with pytest.raises(ExperimentError) as raised:
        read_query("epochs=0")
    error = pickle.loads(pickle.dumps(raised.value))
    assert type(error) is ExperimentError
    assert (error.key, error.expected, error.received) == ("epochs", "a whole number from 1 to 2000", 0)
    assert str(error) == str(raised.value) == "`epochs` must be a whole number from 1 to 2000. Received: 0."


def test_other_errors_travel() -> None:
    for kind in (
        DataError,
        TooLargeError,
        TooManyEditsError,
        WorkersError,
    ):
        error = pickle.loads(pickle.dumps(kind("No rows are left.")))
        assert type(error) is kind
        assert str(error) == "No rows are left."
        assert isinstance(error, HiddenLayersError)


def test_long_values_are_cut() -> None:
    message = str(ExperimentError("layers", "fewer", "tanh-4," * 1000))
    assert message.startswith("`layers` must be fewer. Received: 'tanh-4,tanh-4,")
    assert message.endswith("….")
    assert len(message) < 120


def test_control_characters_are_escaped() -> None:
    for received in (
        "a\nb",
        "\0",
        "\x1b[31m",
        "\u202e",
    ):
        assert str(ExperimentError("data", "known", received)).isprintable()


def test_what_may_be_a_mistake_of_ours_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    for error, logged in (
        (TypeError("a"), True),
        (AttributeError("b"), True),
        (MemoryError(), True),
        (OSError(), False),
    ):
        caplog.clear()
        log_suspicious(error)
        assert [record.levelno for record in caplog.records] == ([logging.WARNING] if logged else [])
