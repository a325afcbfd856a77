"""Calls in processes with bounds on memory and time."""

import io
import logging
import os
import threading
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import psutil
import pytest

from core import bounded_process
from core.bounded_process import BoundedProcesses
from core.datasets import prepare
from core.datasets.data_cache import DATA_CACHE
from core.datasets.table_columns import table_of
from core.datasets.upload_store import NotUploadedError, delete_upload, keep_upload
from core.datasets.uploaded_data import holds_pictures, pictures_of
from core.errors import DataError, ExperimentError, TookTooLongError
from core.experiment import DataSpec, TableSpec
from core.tables import read_table
from core.trained.bundle import load_bundle
from tests.core import bounded_functions as functions
from tests.core.datasets.picture_zips import folders
from tests.waiting import wait_until

MODULES = ("tests.core.bounded_functions",)
SMALL = 300_000_000  # bytes


@pytest.fixture(scope="module")
def processes() -> Iterator[BoundedProcesses]:
    started = BoundedProcesses(MODULES, memory=SMALL)
    yield started
    started.close()


def process_of(processes: BoundedProcesses) -> int:
    return int(processes.call(functions.doubled, np.zeros(1))["process"])


def test_a_result_comes_back_and_the_process_stays(processes: BoundedProcesses) -> None:
    values = np.arange(1_000_000, dtype=np.float32)
    found = processes.call(functions.doubled, values=values)
    np.testing.assert_array_equal(found["doubled"], 2 * values)
    assert found["process"] == process_of(processes) != os.getpid()


def test_an_error_of_the_project_is_raised_here(processes: BoundedProcesses) -> None:
    with pytest.raises(ExperimentError, match=r"`epochs` must be fewer\. Received: 5"):
        processes.call(functions.refuse, 5)


def test_any_other_error_is_a_file_that_cannot_be_read_and_is_logged(
    processes: BoundedProcesses, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(DataError, match="cannot be read: it is damaged, or too large"):
        processes.call(functions.fail)
    assert "ZeroDivisionError: only here" in caplog.text
    caplog.clear()
    with pytest.raises(DataError, match="cannot be read: it is damaged, or too large"):
        processes.call(functions.end, 7)
    assert "the process ended with 7" in caplog.text
    process_of(processes)


def test_memory_has_a_bound(processes: BoundedProcesses) -> None:
    assert processes.call(functions.fill, 50) == 50
    for take in ((functions.fill, 100_000), (functions.run_out_of_memory,)):
        with pytest.raises(DataError, match="does not fit into memory"):
            processes.call(*take)
    assert processes.call(functions.fill, 50) == 50


def test_what_a_process_has_kept_of_other_files_is_no_reason_to_refuse_one(
    processes: BoundedProcesses, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounded_process, "_MUCH", 100_000_000)
    processes.call(functions.keep, 150)
    assert processes.call(functions.fill, 150) == 150


def test_time_has_a_bound() -> None:
    short = BoundedProcesses(MODULES, seconds=3.0)
    process_of(short)  # started, which takes a moment
    with pytest.raises(TookTooLongError, match="not done within 3 s"):
        short.call(functions.wait_for_ever)
    short.close()


def test_a_process_that_has_ended_because_it_was_idle_is_replaced(processes: BoundedProcesses) -> None:
    ended = processes.call(functions.end_afterwards)
    wait_until(
        lambda: not psutil.pid_exists(ended) or psutil.Process(ended).status() == psutil.STATUS_ZOMBIE, "its end"
    )
    assert process_of(processes) != ended


def test_a_process_that_takes_a_while_to_end_when_it_is_idle_is_replaced_too(processes: BoundedProcesses) -> None:
    ending = processes.call(functions.end_slowly_afterwards)
    wait_until(lambda: psutil.Process(ending).num_fds() <= 3, "its ears to be closed")
    assert process_of(processes) != ending


def test_only_so_many_calls_are_made_at_a_time(processes: BoundedProcesses) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: process_of(processes), range(8)))
    assert len(set(found)) <= bounded_process.COUNT
    processes.close()
    assert not [child for child in psutil.Process().children() if child.pid in found and child.is_running()]


@pytest.fixture(scope="module")
def _bounded() -> Iterator[None]:
    bounded_process.start(("core.trained.bundle",))
    yield
    bounded_process.stop()
    assert not any("bounded_child.py" in " ".join(child.cmdline()) for child in psutil.Process().children())


TREES = pd.DataFrame(
    {
        "height": np.linspace(1, 20, 60),
        "bark": ["smooth", "rough", None] * 20,
        "day": pd.date_range("2024-01-01", periods=60).astype(str),
        "kind": ["oak", "birch"] * 30,
    }
)


@pytest.mark.usefixtures("_bounded")
def test_uploads_are_read_in_such_processes_as_they_are_here() -> None:
    content = TREES.to_csv(index=False).encode()
    file = keep_upload(content)
    spec = DataSpec("file", table=TableSpec(file))
    table, split = table_of(spec.table), prepare(spec)
    pictures = pictures_of(keep_upload(folders(dark=[0, 0], light=[255])), 8, False)
    assert not holds_pictures(file)
    bounded_process.stop()
    DATA_CACHE.clear()
    here, split_here = read_table(content, "trees.csv"), prepare(spec)
    bounded_process.start()
    pd.testing.assert_frame_equal(table.frame, here.frame)
    assert (table.columns, table.reading) == (here.columns, here.reading)
    for name in ("x_train", "x_val", "raw_train", "y_train", "offset", "factor"):
        np.testing.assert_array_equal(getattr(split, name), getattr(split_here, name))
    assert split.feature_names == split_here.feature_names
    assert split.x_val is split.x_test  # equal parts share their arrays there too
    assert (pictures.labels.tolist(), pictures.images.max()) == ([0, 1, 0], 255)


@pytest.mark.usefixtures("_bounded")
def test_a_refusal_is_kept_and_a_missing_file_is_not(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR)
    file = keep_upload(b"PAR1 but nothing else")
    spec = TableSpec(file)
    said = []
    for _ in range(3):
        with pytest.raises(DataError, match="The Parquet file is damaged") as raised:
            table_of(spec)
        said.append(raised.value)
    assert len({id(error) for error in said}) == 3  # each with its own traceback
    missing = keep_upload(b"a,b\n1,2\n3,4\n", "me")
    delete_upload(missing, "me")
    with pytest.raises(NotUploadedError):
        table_of(TableSpec(missing))
    keep_upload(b"a,b\n1,2\n3,4\n")
    assert len(table_of(TableSpec(missing)).frame) == 2


@pytest.mark.usefixtures("_bounded")
def test_what_was_deleted_is_not_shown_from_memory() -> None:
    content = TREES.to_csv(index=False).encode() + b"1,rough,2024-05-05,oak\n"
    file = keep_upload(content, "me")
    spec = DataSpec("file", table=TableSpec(file))
    prepare(spec)
    delete_upload(file, "me")
    for look in (lambda: prepare(spec), lambda: table_of(TableSpec(file)), lambda: holds_pictures(file)):
        with pytest.raises(NotUploadedError):
            look()


@pytest.mark.usefixtures("_bounded")
def test_many_first_visitors_of_a_file_have_it_read_once() -> None:
    file = keep_upload(TREES.to_csv(index=False).encode() + b"2,rough,2024-05-06,oak\n")
    ready = threading.Barrier(8)

    def visit(_: int) -> object:
        ready.wait()
        return prepare(DataSpec("file", table=TableSpec(file))).x_train

    with ThreadPoolExecutor(8) as pool:
        first, *others = pool.map(visit, range(8))
    assert all(other is first for other in others)


@pytest.mark.usefixtures("_bounded")
def test_a_bundle_is_opened_in_such_a_process() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("other.txt", "x")
    with pytest.raises(DataError, match="The file must hold"):
        load_bundle(out.getvalue())
