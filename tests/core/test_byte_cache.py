import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from core.byte_cache import ByteCache, bytes_of
from core.errors import DataError

SECONDS = 60  # after which a thread that hangs fails its test
THREADS = 8


class Name:
    """An argument that knows when others have found its computation under way: a look-up compares equal arguments."""

    def __init__(self) -> None:
        self.others = 0
        self.all_wait = threading.Event()

    def __hash__(self) -> int:
        return 1

    def __eq__(self, other: object) -> bool:
        for name in (self, other):
            assert isinstance(name, Name)
            name.others += 1
            if name.others == THREADS - 1:
                name.all_wait.set()
        return True


def ask_at_once(cache: ByteCache, compute: Callable[[], object]) -> tuple[list[object], int]:
    """Return what each of THREADS threads got or was told, and how often it was computed.

    The computation begins when all threads but the one that computes wait for it.
    """
    started = threading.Event()
    calls = 0

    @cache.cached
    def computed(name: Name) -> object:
        nonlocal calls
        calls += 1
        started.set()
        assert name.all_wait.wait(SECONDS)
        return compute()

    def ask() -> object:
        try:
            return computed(Name())
        except DataError as error:
            return error

    with ThreadPoolExecutor(THREADS) as pool:
        asked = [pool.submit(ask)]
        assert started.wait(SECONDS)
        asked += [pool.submit(ask) for _ in range(THREADS - 1)]
        return [future.result(SECONDS) for future in asked], calls


def test_threads_that_ask_at_once_share_one_computation() -> None:
    found, calls = ask_at_once(ByteCache(100_000), lambda: np.zeros(10))
    assert calls == 1
    assert all(isinstance(array, np.ndarray) and array is found[0] for array in found)


def test_an_error_reaches_all_who_wait() -> None:
    error = DataError("The file is damaged.")

    def fail() -> None:
        raise error

    assert ask_at_once(ByteCache(100_000), fail) == ([error] * THREADS, 1)


def test_a_result_that_is_too_large_to_keep_reaches_all_who_wait() -> None:
    cache = ByteCache(100_000)
    found, calls = ask_at_once(cache, lambda: np.zeros(100_000, np.uint8))
    assert calls == 1
    assert all(array is found[0] for array in found)
    assert cache.size == 0


def test_an_error_is_not_kept() -> None:
    uploaded: list[str] = []

    @ByteCache(100_000).cached
    def read(file: str) -> str:
        if file not in uploaded:
            raise DataError(f"{file} is not here.")
        return "read"

    with pytest.raises(DataError):
        read("a")
    uploaded.append("a")
    assert read("a") == "read"


def test_a_refusal_that_stays_is_raised_again_without_computing_again() -> None:
    cache = ByteCache(100_000, lambda error: 60.0 if isinstance(error, DataError) else 0.0)
    calls: list[str] = []

    @cache.cached
    def read(file: str) -> str:
        calls.append(file)
        raise DataError(f"{file} is damaged.") if file == "a" else OSError(file)

    raised = []
    for _ in range(3):
        with pytest.raises(DataError, match="a is damaged") as found:
            read("a")
        raised.append(found.value)
        with pytest.raises(OSError, match="b"):
            read("b")
    assert calls == ["a", "b", "b", "b"]
    # Each is an error of its own: raised again, one error would keep the frames of all who got it.
    assert len({id(error) for error in raised}) == 3
    cache.clear()
    with pytest.raises(DataError):
        read("a")
    assert calls[4:] == ["a"]


def test_different_results_are_computed_side_by_side() -> None:
    side_by_side = threading.Barrier(2, timeout=SECONDS)

    @ByteCache(100_000).cached
    def computed(name: str) -> str:
        side_by_side.wait()
        return name

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(computed, ["a", "b"])) == ["a", "b"]


def test_what_is_kept_stays_within_the_bound_and_the_longest_unused_goes_first() -> None:
    cache = ByteCache(100_000)
    made = []

    @cache.cached
    def zeros(name: str, size: int) -> np.ndarray:
        made.append(name)
        return np.zeros(size, np.uint8)

    zeros("a", 40_000)
    zeros("b", 40_000)
    zeros("a", 40_000)
    zeros("c", 40_000)  # b goes
    zeros("larger than the bound", 100_000)
    assert 80_000 < cache.size < 85_000
    zeros("a", 40_000)
    zeros("c", 40_000)
    assert made == ["a", "b", "c", "larger than the bound"]
    zeros("d", 99_000)  # a and c go
    assert 99_000 < cache.size <= 100_000
    zeros("a", 40_000)
    assert made[4:] == ["d", "a"]


def test_many_small_results_stay_within_the_bound() -> None:
    cache = ByteCache(100_000)
    nothing = cache.cached(lambda _: None)
    for number in range(1000):
        nothing(number)
    assert cache.size <= 100_000


def test_functions_that_share_a_cache_keep_their_results_apart_and_may_ask_each_other() -> None:
    cache = ByteCache(100_000)

    @cache.cached
    def read(file: str) -> str:
        return f"the text of {file}"

    @cache.cached
    def length(file: str) -> int:
        return len(read(file))

    assert length("a") == 13
    assert read("a") == "the text of a"


def test_after_clear_everything_is_computed_again() -> None:
    cache = ByteCache(100_000)
    made: list[str] = []
    cached = cache.cached(made.append)
    cached("a")
    cached("a")
    cache.clear()
    assert cache.size == 0
    cached("a")
    assert made == ["a", "a"]


@dataclass(frozen=True, eq=False)
class Pair:
    first: object
    second: object


def test_bytes_of_counts_what_a_value_holds() -> None:
    pixels = np.zeros(100_000, np.float32)
    for value, expected in (
        (pixels, 400_000),
        (Pair(pixels, {"the same": [pixels]}), 400_000),
        (Pair(pixels, pixels.copy()), 800_000),
        (pixels[:10], 400_000),  # a view holds all of it
        (b"x" * 10_000, 10_000),
        (pd.DataFrame({"a": np.zeros(1000), "b": np.zeros(1000)}), 16_000),
        (pd.Series(["x" * 100] * 1000), 100_000),
        (None, 0),
    ):
        assert expected <= bytes_of(value) < 1.1 * expected + 1000
