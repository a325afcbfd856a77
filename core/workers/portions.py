"""Portions of studies on the workers: at most one at a time on each, whichever studies they are of."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from distributed import Future

from core.studies.news import PortionNews
from core.workers import studying
from core.workers.dispatcher import Dispatcher
from core.workers.outcomes import outcome
from core.workers.placement import Placement
from core.workers.studying import Task

_PROGRAMS_MOST = 16  # for portions, that a worker keeps; `core.engine.many` has the same number

OnNews = Callable[[PortionNews], None]
OnEnd = Callable[[PortionNews | None, BaseException | None], None]


@dataclass(frozen=True)
class _Out:
    """A portion that is on a worker."""

    address: str
    on_news: OnNews
    on_end: OnEnd


@dataclass(frozen=True)
class Workers:
    """The workers that have Keras loaded.

    Attributes:
        compiled: the programs that each has compiled for portions.
        idle: those that can take a portion now.
    """

    compiled: Mapping[str, frozenset[object]]
    idle: frozenset[str]


class Portions:
    """Hands portions to workers, and their news and endings to whoever asked.

    Any thread may call the public methods, which return at once.

    Args:
        lock: guards the placement; see `Cluster`. It guards what is out too.
        submit: has a worker make a call, on the dispatcher's thread.
        topic: where workers publish.
    """

    def __init__(
        self,
        lock: threading.Lock,
        placement: Placement,
        dispatcher: Dispatcher,
        submit: Callable[..., Future[Any]],
        topic: str,
    ) -> None:
        self._lock = lock
        self._placement = placement
        self._dispatcher = dispatcher
        self._submit = submit
        self._topic = topic
        self._out: dict[str, _Out] = {}  # by the key of the task
        # What each worker has compiled for portions, the latest last.
        self._compiled: dict[str, OrderedDict[object, None]] = {}

    def look(self) -> Workers:
        """Return the workers, as far as portions are concerned."""
        with self._lock:
            warm = self._placement.warm
            self._compiled = {address: known for address, known in self._compiled.items() if address in warm}
            compiled = {address: frozenset(self._compiled.get(address, ())) for address in sorted(warm)}
            return Workers(compiled, frozenset(self._placement.takers))

    @property
    def workers(self) -> int:
        """How many workers there are."""
        with self._lock:
            return len(self._placement.warm)

    def start(self, address: str, program: object, task: Task, on_news: OnNews, on_end: OnEnd) -> None:
        """Have a worker train a portion.

        Args:
            address: one that is idle.
            program: what the portion needs compiled.
            on_news: called on Dask's event loop.
            on_end: called once, with the last news or with what went wrong, on another thread.
        """
        with self._lock:
            self._placement.add_portion(address)
            known = self._compiled.setdefault(address, OrderedDict())
            known[program] = None
            known.move_to_end(program)
            while len(known) > _PROGRAMS_MOST:
                known.popitem(last=False)
            self._out[task.key] = _Out(address, on_news, on_end)
        self._dispatcher.submit(self._start, task)

    def stop(self, key: str) -> None:
        """Have a portion stop soon; it ends as any other."""
        self._dispatcher.submit(self._stop, key)

    def receive(self, message: Mapping[str, Any]) -> None:
        """Take in what a worker has published of a portion."""
        with self._lock:
            out = self._out.get(message["portion"])
        if out is not None:
            out.on_news(PortionNews.from_message(message["news"]))

    def lose_all(self, error: BaseException) -> None:
        """End all portions, as where the connection is lost."""
        with self._lock:
            lost = list(self._out)
        for key in lost:
            self._end(key, None, error)

    # On the dispatcher's thread

    def _start(self, task: Task) -> None:
        with self._lock:
            out = self._out.get(task.key)
        if out is None:
            return
        try:
            future = self._submit(out.address, studying.train_portion, task, self._topic)
        except Exception as error:
            self._end(task.key, None, error)
            raise
        future.add_done_callback(partial(self._take_end, task.key))

    def _stop(self, key: str) -> None:
        with self._lock:
            out = self._out.get(key)
        if out is not None:
            self._submit(out.address, studying.stop_portion, key)

    # On Dask's thread for callbacks

    def _take_end(self, key: str, future: Future[Any]) -> None:
        message, error = outcome(future)
        self._end(key, None if message is None else PortionNews.from_message(message), error)

    def _end(self, key: str, news: PortionNews | None, error: BaseException | None) -> None:
        with self._lock:
            out = self._out.pop(key, None)
            if out is not None:
                self._placement.remove_portion(out.address)
        if out is not None:
            out.on_end(news, error)
