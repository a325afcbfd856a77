"""The project's exceptions.

    HiddenLayersError
    ├── ExperimentError   a choice is outside what is allowed; carries key, expected, received
    ├── DataError         data cannot be used
    │   └── TookTooLongError  … because reading it took too long
    ├── TooLargeError     a network would not fit into memory
    ├── TooManyEditsError a run has the largest number of edits already
    ├── WorkersError      no training worker can take the work
    ├── LessonError       a lesson's file is not as it must be; carries line and problem
    ├── RunsError         the database of the runs cannot be used
    │   └── NoRunError        … or has no such run
    └── EncoderError      a video could not be encoded

Every message is written for the user of the page: it names the thing, what is expected and
what was received.
"""

from __future__ import annotations


class HiddenLayersError(Exception):
    """Base class of the errors that this project raises on purpose."""


class ExperimentError(HiddenLayersError):
    """A value of an experiment is not allowed.

    Args:
        key: the name of the value, as in the address.
        expected: what is allowed, as a phrase ("a number from 0 to 1").
        received: the value.
    """

    def __init__(self, key: str, expected: str, received: object) -> None:
        super().__init__(f"`{key}` must be {expected}. Received: {_shorten(received)}.")
        self.key = key
        self.expected = expected
        self.received = received

    def __reduce__(self) -> tuple[type[ExperimentError], tuple[str, str, object]]:
        return (ExperimentError, (self.key, self.expected, self.received))


class DataError(HiddenLayersError):
    """Data cannot be used."""


class TookTooLongError(DataError):
    """Data were not read within the time for it; a less busy machine may read them."""


class TooLargeError(HiddenLayersError):
    """A network would not fit into memory."""


class TooManyEditsError(HiddenLayersError):
    """A run has the largest number of edits already."""


class WorkersError(HiddenLayersError):
    """No training worker can take the work."""


class LessonError(HiddenLayersError):
    """A lesson's file is not as it must be.

    Args:
        line: of the file, from 1.
        problem: what is wrong, as a sentence.
        file: its name; "" where that is not known yet.
    """

    def __init__(self, line: int, problem: str, file: str = "") -> None:
        super().__init__(f"{file or 'The lesson'}, line {line}: {problem}")
        self.line = line
        self.problem = problem
        self.file = file

    def __reduce__(self) -> tuple[type[LessonError], tuple[int, str, str]]:
        return (LessonError, (self.line, self.problem, self.file))


class RunsError(HiddenLayersError):
    """The database of the runs cannot be used."""


class NoRunError(RunsError):
    """There is no such run, or it is another person's."""


class EncoderError(HiddenLayersError):
    """A video could not be encoded."""


def _shorten(value: object, limit: int = 60) -> str:
    text = repr(value)
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
