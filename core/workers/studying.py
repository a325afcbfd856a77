"""The functions that the server calls in a worker for studies: a portion of a study trains here.

As in `core.workers.worker`, nothing here imports Keras before it is called.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from distributed import get_worker, secede

from core.experiment import Experiment
from core.studies.news import MemberNews, PortionNews
from core.studies.portions import ALONE, IN_A_SWEEP, IN_LOCKSTEP, TOGETHER
from core.workers.worker import programs

_TELL_SECONDS = 0.1  # between two times that the server hears of runs that go on

Tell = Callable[[list[MemberNews]], None]


@dataclass(frozen=True)
class Task:
    """A portion as a worker gets it.

    Attributes:
        key: names this attempt at it.
        way: how it is trained, as in `core.studies.portions.Portion`.
        size: of the program.
        experiments: those of the runs that are wanted, by their places in the study.
        options: what else `way` needs; see `options_of`.
    """

    key: str
    way: str
    size: int
    experiments: Mapping[int, Experiment]
    options: Any = None


class _Stopped:
    """The portions that are to stop, whether they have begun here yet or not. Safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._keys: set[str] = set()

    def add(self, key: str) -> None:
        with self._lock:
            self._keys.add(key)

    def remove(self, key: str) -> None:
        with self._lock:
            self._keys.discard(key)

    def __contains__(self, key: str) -> bool:
        with self._lock:
            return key in self._keys


_stopped = _Stopped()  # state of the process, as in `core.workers.worker`


def train_portion(task: Task, topic: str) -> Mapping[str, Any]:
    """Train the runs of a portion, one way or the other, and publish what comes of them.

    Args:
        topic: where `PortionNews` are published, as {"portion": key, "news": message}.

    Returns:
        The message of the portion's last news, which are not published.
    """
    secede()  # questions have the worker's pool to themselves
    shared = programs().politely()
    from core.studies.alone import train_alone
    from core.studies.lockstep import train_in_lockstep
    from core.studies.sweeping import train_sweep
    from core.studies.together import train_together

    worker = get_worker()
    teller = _Teller(lambda news: worker.log_event(topic, {"portion": task.key, "news": news.to_message()}))

    def is_wanted() -> bool:
        return task.key not in _stopped

    try:
        if task.way == TOGETHER:
            train_together(task.experiments, task.size, shared, teller.tell, is_wanted)
        elif task.way == ALONE:
            for place, experiment in task.experiments.items():
                train_alone(place, experiment, shared, teller.tell, is_wanted)
        elif task.way == IN_LOCKSTEP:
            train_in_lockstep(task.experiments, task.options, shared, teller.tell, is_wanted)
        elif task.way == IN_A_SWEEP:
            for place, experiment in task.experiments.items():
                train_sweep(place, experiment, task.options, shared, teller.tell, is_wanted)
        else:
            raise ValueError(f"`way` must be one that this worker knows. Received: {task.way!r}.")
    finally:
        _stopped.remove(task.key)
    return teller.finish().to_message()


def stop_portion(key: str) -> None:
    """Have a portion stop soon, whether it has begun here yet or not."""
    _stopped.add(key)


class _Teller:
    """Joins the news of runs, and publishes them now and then.

    Used by the thread that trains.
    """

    def __init__(self, publish: Callable[[PortionNews], None]) -> None:
        self._publish = publish
        self._started = time.perf_counter()
        self._began: float | None = None  # when the first epoch did
        self._told_at = 0.0
        self._waiting: dict[int, MemberNews] = {}
        self._rows: dict[int, int] = {}  # how many each run has

    def tell(self, news: list[MemberNews]) -> None:
        """Take in what is new."""
        now = time.perf_counter()
        if self._began is None:
            self._began = now
        for one in news:
            before = self._waiting.get(one.place)
            self._waiting[one.place] = one if before is None else before.then(one)
            self._rows[one.place] = one.first_row + len(one.rows)
        if now - self._told_at >= _TELL_SECONDS:
            self._told_at = now
            self._publish(self._take())

    def finish(self) -> PortionNews:
        """Return what was not told yet; nothing is published any more."""
        return self._take()

    def _take(self) -> PortionNews:
        now = time.perf_counter()
        began = self._began or now
        members, self._waiting = tuple(self._waiting.values()), {}
        return PortionNews(members, began - self._started, now - began, sum(self._rows.values()))
