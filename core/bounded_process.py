"""Calls in processes with bounds on memory and time, for files that strangers bring.

A file of 200 kB can unpack to gigabytes, keep a parser busy for minutes, or end the process that reads it. A function
decorated with `bounded` runs in one of a few child processes once `start` was called, as the web process does; the
command line and the training workers run it where they are.

What travels between the two processes is pickled by this program, never anything that was uploaded. Arrays travel
beside it and are not copied.
"""

from __future__ import annotations

import functools
import logging
import os
import pickle
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, ParamSpec, TypeVar

import psutil

from core.errors import DataError, TookTooLongError

COUNT = 2  # calls at a time; others wait for their turn
SECONDS = 60.0  # per call
MEMORY = 1_750_000_000  # resident bytes per process
LENGTH = struct.Struct("<Q")  # before every message
RESULT, ERROR, MEMORY_ERROR, BUG = "result", "error", "memory", "bug"  # kinds of answers

_LATE = "late"
_MUCH = 400_000_000  # bytes that a process has kept of files that it read before
_GO_SECONDS = 5.0  # for a process that answers no more to end by itself, which takes a while on a busy machine
_LOOK_SECONDS = 0.02  # in which a process fills at most some 100 MB
# One thread each is enough, and allocators reserve less memory that way.
_FRUGAL = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MALLOC_ARENA_MAX"), "1")
_FRUGAL |= {"ARROW_DEFAULT_MEMORY_POOL": "system", "HIDDEN_LAYERS_BOUNDED": "1"}
_TOO_LARGE = "The file does not fit into memory once it is unpacked. Use fewer rows or columns."
_TOO_SLOW = "The file takes too long to read: it was not done within {seconds:.0f} s. Use fewer rows or columns."
_FATAL = "The file cannot be read: it is damaged, or too large once it is unpacked. Save it again, or as CSV."

P = ParamSpec("P")
R = TypeVar("R")

_log = logging.getLogger(__name__)


def is_bounded() -> bool:
    """Return whether this process is one of those that `BoundedProcesses` starts."""
    return "HIDDEN_LAYERS_BOUNDED" in os.environ


class BoundedProcesses:
    """A few child processes that make calls; one that fails is replaced. Safe to use from any thread.

    Args:
        modules: what the processes import when they start.
        count: the number of calls at a time.
        memory: bytes that a process may hold. Parsers reserve far more than they ever fill, so it is this that is
            bounded, and not what they reserve.
        seconds: how long a call may take.
    """

    def __init__(
        self, modules: Sequence[str] = (), count: int = COUNT, memory: int = MEMORY, seconds: float = SECONDS
    ) -> None:
        self._turns = threading.BoundedSemaphore(count)
        self._modules = modules
        self._memory = memory
        self._seconds = seconds
        self._lock = threading.Lock()
        self._idle: list[_Child] = []  # the one that was used last is used next, because it may know the file

    def call(self, function: Callable[..., Any], *arguments: object, **named: object) -> Any:
        """Return what a function of a module returns for arguments that can be pickled.

        Raises:
            HiddenLayersError: as the function.
            TookTooLongError: if it takes too long.
            DataError: if it needs too much memory, or ends the process.
        """
        request = pickle.dumps((function.__module__, function.__qualname__, arguments, named), protocol=5)
        with self._turns:
            while True:
                child = self._take()
                try:
                    kind, answer = child.ask(request, self._seconds, self._memory)
                except _IdledOutError:
                    continue
                if kind == MEMORY_ERROR and child.held > _MUCH:
                    child.end()  # a new process has more room
                    continue
                break
            if kind in (RESULT, ERROR):
                with self._lock:
                    self._idle.append(child)
            else:
                child.end()
        if kind == RESULT:
            return answer
        if kind == ERROR:
            raise answer
        if kind == MEMORY_ERROR:
            raise DataError(_TOO_LARGE)
        _log.error("A file was not read, because of an error in %s:\n%s", function.__qualname__, answer)
        raise DataError(_FATAL)

    def close(self) -> None:
        """End the processes that are idle."""
        with self._lock:
            children, self._idle = self._idle, []
        for child in children:
            child.end()

    def _take(self) -> _Child:
        with self._lock:
            if self._idle:
                return self._idle.pop()
        return _Child(self._modules)


class _IdledOutError(Exception):
    """The process had ended by itself, because nobody had asked it anything for a while."""


class _Child:
    """A process that makes one call at a time.

    Attributes:
        held: the bytes that it held before its latest call.
    """

    def __init__(self, modules: Sequence[str]) -> None:
        script = Path(__file__).with_name("bounded_child.py")
        self._process = subprocess.Popen(
            [sys.executable, str(script), *modules],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **_FRUGAL},
        )
        self.held = 0

    def ask(self, request: bytes, seconds: float, memory: int) -> tuple[str, Any]:
        """Return the kind of an answer and the answer.

        Raises:
            TookTooLongError: if there is none after so many seconds; the process has then been ended.
        """
        with suppress(psutil.Error):
            self.held = psutil.Process(self._process.pid).memory_info().rss
        with _Guard(self._process, seconds, memory) as guard:
            try:
                return self._exchange(request)
            except (OSError, EOFError) as error:
                with suppress(subprocess.TimeoutExpired):
                    self._process.wait(_GO_SECONDS)
                self.end()
                if guard.verdict == _LATE:
                    raise TookTooLongError(_TOO_SLOW.format(seconds=seconds)) from error
                if guard.verdict == MEMORY_ERROR:
                    return MEMORY_ERROR, ""
                if self._process.returncode == 0:
                    raise _IdledOutError from error
                return BUG, f"the process ended with {self._process.returncode}"

    def _exchange(self, request: bytes) -> tuple[str, Any]:
        requests, answers = self._process.stdin, self._process.stdout
        assert requests is not None
        assert answers is not None
        requests.write(LENGTH.pack(len(request)))
        requests.write(request)
        requests.flush()
        kind, message, sizes = pickle.loads(_read(answers))
        arrays = [_read_exactly(answers, size) for size in sizes]
        return kind, pickle.loads(message, buffers=arrays) if kind in (RESULT, ERROR) else message.decode()

    def end(self) -> None:
        """End the process, if it has not ended by itself."""
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            with suppress(OSError):
                pipe.close()
        try:
            self._process.wait(0.2 if self._process.poll() is None else 0)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class _Guard:
    """A thread that ends a process which takes too long or too much memory, for as long as the context lasts.

    Attributes:
        verdict: why the process was ended; "" if it was not.
    """

    def __init__(self, process: subprocess.Popen[bytes], seconds: float, memory: int) -> None:
        self.verdict = ""
        self._process = process
        self._until = time.monotonic() + seconds
        self._memory = memory
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="bounded-process", daemon=True)

    def __enter__(self) -> _Guard:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._done.wait(_LOOK_SECONDS):
            try:
                held = psutil.Process(self._process.pid).memory_info().rss
            except psutil.Error:  # it has ended
                return
            if held > self._memory or time.monotonic() > self._until:
                self.verdict = MEMORY_ERROR if held > self._memory else _LATE
                self._process.kill()
                return


def _read(pipe: IO[bytes]) -> bytearray:
    (length,) = LENGTH.unpack(_read_exactly(pipe, LENGTH.size))
    return _read_exactly(pipe, length)


def _read_exactly(pipe: IO[bytes], size: int) -> bytearray:
    content = bytearray(size)
    view = memoryview(content)
    while view:
        count = pipe.readinto(view)  # type: ignore[attr-defined]
        if not count:
            raise EOFError
        view = view[count:]
    return content


_processes: BoundedProcesses | None = None


def start(modules: Sequence[str] = ()) -> None:
    """Make all calls of bounded functions in child processes from now on, which import some modules first."""
    global _processes
    _processes = BoundedProcesses(modules)


def stop() -> None:
    """Make such calls in this process again."""
    global _processes
    processes, _processes = _processes, None
    if processes is not None:
        processes.close()


def bounded(function: Callable[P, R]) -> Callable[P, R]:
    """Decorate a function of a module, so that it runs in a child process once `start` was called.

    Its arguments and its result must be values that can be pickled. What it raises in the child is raised here.
    """

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        processes = _processes
        if processes is None:
            return function(*args, **kwargs)
        result: R = processes.call(function, *args, **kwargs)
        return result

    return call
