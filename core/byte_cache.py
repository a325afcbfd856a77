"""A cache for large results, bounded by bytes, in which concurrent threads share one computation."""

from __future__ import annotations

import copy
import functools
import sys
import threading
from collections.abc import Callable, Hashable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, ParamSpec, TypeVar

import numpy as np
from cachetools import LRUCache, TLRUCache

_ERRORS_MOST = 1000
_ENTRY_BYTES = 1000  # for the key and bookkeeping, so that small results are bounded too

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, eq=False)
class _Entry:
    value: Any
    size: int


class ByteCache:
    """The most recently used results of any number of functions, bounded by their total size in bytes.

    Threads that ask for the same result at the same time share one computation; different results do not wait for each
    other. An error is raised in every waiting thread, and again for as long as `keeps_error` says, which by default is
    not at all. A result larger than the bound is returned but not cached.

    >>> cache = ByteCache(1_000_000)
    >>> @cache.cached
    ... def square(number):
    ...     print("computing")
    ...     return number**2
    >>> square(3), square(3)
    computing
    (9, 9)

    Args:
        most_bytes: the bound on the size of all results together.
        keeps_error: returns the seconds for which an error is raised again instead of computing again.
    """

    def __init__(self, most_bytes: int, keeps_error: Callable[[BaseException], float] = lambda _: 0.0) -> None:
        self._lock = threading.Lock()  # for both mappings; nothing is computed while it is held
        self._kept: LRUCache[Hashable, _Entry] = LRUCache(most_bytes, getsizeof=lambda entry: entry.size)
        self._pending: dict[Hashable, Future[Any]] = {}
        self._keeps_error = keeps_error
        self._errors: TLRUCache[Hashable, BaseException] = TLRUCache(
            _ERRORS_MOST, lambda _, error, now: now + keeps_error(error)
        )

    @property
    def size(self) -> int:
        """The size of all cached results in bytes."""
        with self._lock:
            return int(self._kept.currsize)

    def cached(self, function: Callable[P, R]) -> Callable[P, R]:
        """Decorate a function of hashable arguments, to cache its results."""

        @functools.wraps(function)
        def look_up(*args: P.args, **kwargs: P.kwargs) -> R:
            key = function, args, frozenset(kwargs.items())
            with self._lock:
                if key in self._kept:
                    found: R = self._kept[key].value
                    return found
                if (error := self._errors.get(key)) is not None:
                    raise copy.copy(error)
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
            self._errors.clear()

    def _compute(self, key: Hashable, own: Future[R], compute: Callable[[], R]) -> R:
        try:
            value = compute()
            entry = _Entry(value, bytes_of(value) + _ENTRY_BYTES)
        except BaseException as error:
            with self._lock:
                del self._pending[key]
                if self._keeps_error(error):
                    self._errors[key] = copy.copy(error)  # which has no traceback, and so keeps no frame alive
            own.set_exception(error)
            del own  # breaks the cycle of error, traceback, this frame and the future
            raise
        with self._lock:
            del self._pending[key]
            if entry.size <= self._kept.maxsize:
                self._kept[key] = entry
        own.set_result(value)
        return value


def bytes_of(value: object) -> int:
    """Return the approximate size of a value in bytes: its arrays, frames, texts and containers, each object once.

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
        # A view keeps the whole array alive.
        return _bytes_of(value.base, seen) if isinstance(value.base, np.ndarray) else value.nbytes
    if hasattr(value, "memory_usage"):  # a pandas frame or series; without importing pandas
        return int(np.sum(value.memory_usage(deep=True)))
    if isinstance(nbytes := getattr(value, "nbytes", None), int):  # something that knows its own size
        return nbytes
    size = sys.getsizeof(value)
    if isinstance(value, Mapping):
        return size + sum(_bytes_of(part, seen) for pair in value.items() for part in pair)
    if isinstance(value, tuple | list | set | frozenset):
        return size + sum(_bytes_of(part, seen) for part in value)
    if is_dataclass(value) and not isinstance(value, type):
        return size + sum(_bytes_of(getattr(value, field.name), seen) for field in fields(value))
    return size
