"""Faults of uploads: files that unpack to much, many first visitors of one file, and many who store at once."""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial

import psutil

from benchmarks import bombs
from benchmarks.fault_rows import PAGE_MOST_MS, Row, bounded
from benchmarks.person import Person
from benchmarks.report import quantile
from benchmarks.server import serving
from core.datasets.downloads import HOME_VARIABLE
from core.datasets.upload_store import keep_upload, read_upload
from core.errors import DataError

PROCESS_MOST_MB = 2000.0
ANSWER_MOST_S = 60.0
VISIT_SECONDS = 300.0
VISITORS = 8
RACERS, ROUNDS = 30, 20
_LOOK_SECONDS = 0.02
_PAGE_SECONDS = 0.2  # between two looks of somebody else at a page
_MB = 1e6


def bomb_rows(name: str) -> list[Row]:
    """Return what a bomb takes: the memory of the largest process, the time to an answer, and of others' pages."""
    with _server() as (url, web), Person(url) as somebody_else:
        file = keep_upload(bombs.BOMBS[name]())
        seconds, peak_mb, pages_ms = _meanwhile(web, somebody_else, partial(_visit, url, file))
    fault = f"bomb: {name}"
    return [
        bounded(fault, "largest process", peak_mb, "MB", PROCESS_MOST_MB),
        bounded(fault, "until it is read or refused", seconds, "s", ANSWER_MOST_S),
        bounded(fault, "others' pages, p95", pages_ms, "ms", PAGE_MOST_MS),
    ]


def stampede_rows() -> list[Row]:
    """Return what VISITORS first visitors of one file of MNIST's size take, who come at once."""
    with _server() as (url, web), Person(url) as somebody_else:
        file = keep_upload(bombs.pixels())

        def visit_together() -> None:
            with ThreadPoolExecutor(VISITORS) as pool:
                list(pool.map(lambda _: _visit(url, file), range(VISITORS)))

        seconds, peak_mb, pages_ms = _meanwhile(web, somebody_else, visit_together)
    return [
        bounded("stampede", "largest process", peak_mb, "MB", PROCESS_MOST_MB),
        bounded("stampede", "until all have their page", seconds, "s", ANSWER_MOST_S),
        bounded("stampede", "others' pages, p95", pages_ms, "ms", PAGE_MOST_MS),
    ]


def upload_race_rows() -> list[Row]:
    """Return how many uploads are lost of RACERS threads that store one content, or contents of their own, at once."""
    same = [[bytes([number]) * 40_000] * RACERS for number in range(ROUNDS)]
    others = [[bytes([number, racer]) * 20_000 for racer in range(RACERS)] for number in range(ROUNDS)]
    with _home():
        return [
            bounded("upload race", f"lost, {what}", float(sum(map(_lost, rounds))), "uploads", 0.0)
            for what, rounds in (("one content", same), ("different contents", others))
        ]


def _lost(contents: list[bytes]) -> int:
    ready = threading.Barrier(len(contents))

    def is_lost(content: bytes) -> bool:
        ready.wait()
        try:
            return read_upload(keep_upload(content)) != content
        except DataError:
            return True

    with ThreadPoolExecutor(len(contents)) as pool:
        return sum(pool.map(is_lost, contents))


def _visit(url: str, file: str) -> None:
    with Person(url, f"data=file&file={file}", patience=VISIT_SECONDS):
        pass


def _meanwhile(web: psutil.Process, somebody_else: Person, act: Callable[[], None]) -> tuple[float, float, float]:
    """Act, and return the seconds it took, the most megabytes of one process, and p95 of others' pages in ms."""
    done = threading.Event()
    peaks: list[float] = [0.0]
    pages_ms: list[float] = []

    def look() -> None:
        while not done.wait(_LOOK_SECONDS):
            peaks.append(max(map(_held_mb, [web, *web.children(recursive=True)]), default=0.0))

    def use_the_page() -> None:
        while not done.wait(_PAGE_SECONDS):
            pages_ms.append(1000 * somebody_else.rerun())

    threads = [threading.Thread(target=look), threading.Thread(target=use_the_page)]
    for thread in threads:
        thread.start()
    started = time.perf_counter()
    try:
        act()
    finally:
        seconds = time.perf_counter() - started
        done.set()
        for thread in threads:
            thread.join()
    return seconds, max(peaks), quantile(pages_ms, 0.95) if pages_ms else 0.0


def _held_mb(process: psutil.Process) -> float:
    try:
        return float(process.memory_info().rss / _MB)
    except psutil.Error:
        return 0.0


@contextmanager
def _server() -> Iterator[tuple[str, psutil.Process]]:
    with _home(), serving() as served:
        yield served


@contextmanager
def _home() -> Iterator[None]:
    """Keep uploads in a folder of their own, here and in servers that are started here."""
    before = os.environ.get(HOME_VARIABLE)
    with tempfile.TemporaryDirectory() as folder:
        os.environ[HOME_VARIABLE] = folder
        try:
            yield
        finally:
            os.environ.pop(HOME_VARIABLE)
            if before is not None:
                os.environ[HOME_VARIABLE] = before
