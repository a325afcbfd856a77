"""A cache for large results: bounded by bytes, and each result is computed once however many threads ask for it."""

from __future__ import annotations

import functools
import sys
import threading
from collections.abc import Callable, Hashable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, ParamSpec, TypeVar

import numpy as np
from cachetools import LRUCache

_ENTRY_BYTES = 1000  # of the key and the bookkeeping, so that small results are bounded too

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, eq=False)
class _Entry:
    value: Any
    size: int


class ByteCache:
    """The most recently used results of any number of functions, within one bound of bytes.

    Threads that ask for the same result at the same time share one computation; different results do not wait for each
    other. An error reaches every thread that waits for it and is not kept, since the reason may be gone the next time
    (a file that has been uploaded meanwhile). A result larger than the bound is returned and not kept.

    >>> cache = ByteCache(1_000_000)
    >>> @cache.cached
    ... def square(number):
    ...     print("computing")
    ...     return number**2
    >>> square(3), square(3)
    computing
    (9, 9)

    Args:
        most_bytes: the bound, on all results together.
    """

    def __init__(self, most_bytes: int) -> None:
        self._lock = threading.Lock()  # guards the two mappings; nothing is computed while it is held
        self._kept: LRUCache[Hashable, _Entry] = LRUCache(most_bytes, getsizeof=lambda entry: entry.size)
        self._pending: dict[Hashable, Future[Any]] = {}

    @property
    def size(self) -> int:
        """How many bytes are kept."""
        with self._lock:
            return int(self._kept.currsize)

    def cached(self, function: Callable[P, R]) -> Callable[P, R]:
        """Decorate a function of hashable arguments so that its results are kept here."""

        @functools.wraps(function)
        def look_up(*args: P.args, **kwargs: P.kwargs) -> R:
            key = function, args, frozenset(kwargs.items())
            with self._lock:
                if key in self._kept:
                    found: R = self._kept[key].value
                    return found
                others: Future[R] | None = self._pending.get(key)
                if others is None:
                    own = self._pending[key] = Future[R]()
            if others is not None:
                return others.result()
            return self._compute(key, own, functools.partial(function, *args, **kwargs))

        return look_up

    def clear(self) -> None:
        """Forget every result."""
        with self._lock:
            self._kept.clear()

    def _compute(self, key: Hashable, own: Future[R], compute: Callable[[], R]) -> R:
        try:
            value = compute()
            entry = _Entry(value, bytes_of(value) + _ENTRY_BYTES)
        except BaseException as error:
            with self._lock:
                del self._pending[key]
            own.set_exception(error)
            del own  # else the error's traceback would hold itself and all that was computed
            raise
        with self._lock:
            del self._pending[key]
            if entry.size <= self._kept.maxsize:
                self._kept[key] = entry
        own.set_result(value)
        return value


def bytes_of(value: object) -> int:
    """Return about how many bytes a value holds: arrays, frames, texts and what contains them, each object once.

    >>> pixels = np.zeros(1000, np.float32)
    >>> 4000 <= bytes_of((pixels, pixels)) < 4500
    True
    """
    return _bytes_of(value, set())


def _bytes_of(value: Any, seen: set[int]) -> int:
    if id(value) in seen:
        return 0
    seen.add(id(value))
    if isinstance(value, np.ndarray):
        # A view holds the whole array that it looks at.
        return _bytes_of(value.base, seen) if isinstance(value.base, np.ndarray) else value.nbytes
    if isinstance(nbytes := getattr(value, "nbytes", None), int):  # what knows its own size, as the rows of a program
        return nbytes
    if hasattr(value, "memory_usage"):  # a frame or a series of pandas, which stays unimported where nothing needs it
        return int(np.sum(value.memory_usage(deep=True)))
    size = sys.getsizeof(value)
    if isinstance(value, Mapping):
        return size + sum(_bytes_of(part, seen) for pair in value.items() for part in pair)
    if isinstance(value, tuple | list | set | frozenset):
        return size + sum(_bytes_of(part, seen) for part in value)
    if is_dataclass(value) and not isinstance(value, type):
        return size + sum(_bytes_of(getattr(value, field.name), seen) for field in fields(value))
    return size
