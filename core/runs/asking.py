"""Questions to the run store from pages that may not wait for a database."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as TooLateError
from typing import Any, TypeVar

from core.errors import RunsError
from core.runs.limits import ASK_SECONDS

Result = TypeVar("Result")

_SILENT = "The database of the runs does not answer."


class Asking:
    """Asks each question on a thread of its own. Safe to use from any thread.

    One that is not answered in time goes on asking; until it has its answer, nobody else waits for one.

    `_lock` guards how many questions are overdue, and is never held while the database is asked.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._overdue = 0

    def ask(self, question: Callable[[], Result]) -> Result:
        """Return what a function returns; waits ASK_SECONDS at most.

        Raises:
            RunsError: where that takes longer, or an earlier question is still without an answer.
            Exception: what the function raises.
        """
        if self._overdue:
            raise RunsError(_SILENT)
        answer: Future[Result] = Future()
        threading.Thread(target=_find, args=(question, answer), name="run-question", daemon=True).start()
        try:
            return answer.result(ASK_SECONDS)
        except TooLateError as error:
            with self._lock:
                self._overdue += 1
            answer.add_done_callback(self._note_answer)  # at once where it has come meanwhile
            raise RunsError(_SILENT) from error

    def _note_answer(self, _: Future[Any]) -> None:
        with self._lock:
            self._overdue -= 1


def _find(question: Callable[[], Result], answer: Future[Result]) -> None:
    try:
        answer.set_result(question())
    except Exception as error:  # noqa: BLE001 who asked gets it
        answer.set_exception(error)
