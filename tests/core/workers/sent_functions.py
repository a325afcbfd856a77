"""Functions that tests have workers call.

A worker imports this module to call them, maybe while it loads Keras on another thread. TensorFlow does not survive
being imported by two threads at once, so nothing here may import it.
"""

import threading

from core.errors import ExperimentError
from core.workers import worker

# In the worker that has been sent one of these.
_is_asked = threading.Event()
_may_answer = threading.Event()


def fail_as_we_do() -> None:
    raise ExperimentError("x", "y", "z")


def answer_late(run: str) -> str:
    """Answer after `let_answer`."""
    _is_asked.set()
    _may_answer.wait()
    return run


def was_asked() -> bool:
    """Return whether `answer_late` was called."""
    return _is_asked.is_set()


def let_answer() -> None:
    _may_answer.set()


def open_runs() -> list[str]:
    return list(worker._runs._trainers)


def settled_at(run: str) -> tuple[int, int] | None:
    """Return the generation and epoch of a run for which its worker has nothing left to do, not even to compile."""
    trainer = worker._runs.get(run)
    if trainer is None or trainer.has_to_do:
        return None
    return trainer.progress.generation, trainer.progress.epoch


def compile_never() -> None:
    """Have runs that are opened from now on wait for a compiler that never begins."""
    worker._COMPILE_DELAY_SECONDS = float("inf")


def keep_a_thread(run: str) -> bool:
    """Have a run that trains keep its thread for good, as a single step that takes minutes would."""
    is_kept = threading.Event()

    def train_for_ever() -> None:
        is_kept.set()
        threading.Event().wait()

    worker._runs.get(run)._run.train_epoch = train_for_ever
    return is_kept.wait()
