"""Keras's own summaries of networks, as the server keeps them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial

from core.experiment import NetworkSpec
from core.workers import worker

_MOST = 256

_Network = tuple[NetworkSpec, int, int, str]  # with features, classes and loss


class Summaries:
    """Has a worker write each summary once, and keeps the latest ones. Safe to use from any thread.

    Args:
        ask: has a worker make a call and hands over its result or error, as `Cluster.ask` does.
    """

    def __init__(self, ask: Callable[..., None]) -> None:
        self._ask = ask
        self._lock = threading.Lock()
        self._texts: dict[_Network, str | None] = {}  # oldest first; None until the worker has answered

    def get(self, network: NetworkSpec, features: int, classes: int, loss: str) -> str | None:
        """Return Keras's own summary of a network, or None until a worker has written it: ask again."""
        key = (network, features, classes, loss)
        with self._lock:
            if key in self._texts:
                return self._texts[key]
            while len(self._texts) >= _MOST:
                del self._texts[next(iter(self._texts))]
            self._texts[key] = None
        self._ask(partial(self._keep, key), worker.summarize, *key)
        return None

    def _keep(self, key: _Network, text: str | None, _: BaseException | None) -> None:
        with self._lock:
            if text is None:
                self._texts.pop(key, None)  # so that the next one who asks makes a worker try again
            else:
                self._texts[key] = text
