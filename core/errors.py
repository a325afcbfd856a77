"""The exceptions of the project.

    HiddenLayersError
    ├── ExperimentError   a choice is outside what is allowed; carries key, expected, received
    ├── DataError         data cannot be used as they are
    ├── TooLargeError     a network would not fit into memory
    ├── TooManyEditsError a run cannot keep another change by hand
    ├── WorkersError      no training worker can take the work
    └── EncoderError      a film could not be made a video

The message of every one of them is written for the person at the page: it names the thing,
what is expected and what was received.
"""

from __future__ import annotations


class HiddenLayersError(Exception):
    """Base of every error this project raises on purpose."""


class ExperimentError(HiddenLayersError):
    """A value of an experiment is not allowed.

    Args:
        key: the name of the value, as in the address.
        expected: what is allowed, as a phrase ("a number from 0 to 1").
        received: what came.
    """

    def __init__(self, key: str, expected: str, received: object) -> None:
        super().__init__(f"`{key}` must be {expected}. Received: {_shorten(received)}.")
        self.key = key
        self.expected = expected
        self.received = received

    def __reduce__(self) -> tuple[type[ExperimentError], tuple[str, str, object]]:
        return (ExperimentError, (self.key, self.expected, self.received))


class DataError(HiddenLayersError):
    """Data cannot be used as they are."""


class TooLargeError(HiddenLayersError):
    """A network would not fit into the memory there is."""


class TooManyEditsError(HiddenLayersError):
    """A run cannot keep another change by hand."""


class WorkersError(HiddenLayersError):
    """No training worker can take the work."""


class EncoderError(HiddenLayersError):
    """A film could not be made a video."""


def _shorten(value: object, limit: int = 60) -> str:
    text = repr(value)
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
