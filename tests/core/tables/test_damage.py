"""Damaged files are read or refused; nothing else happens."""

import random

from hypothesis import example, given, settings
from hypothesis import strategies as st

from benchmarks.fuzz import damage, valid_files
from core.errors import DataError
from core.tables import Reading, Table, decoding, read_table

FILES = valid_files()
SHEETS = [name for name in FILES if name.endswith(".xlsx")]


def read(content: bytes, reading: Reading | None = None) -> Table | None:
    try:
        table = read_table(content, "file.csv", reading or Reading())
    except DataError:
        return None
    assert len(table.columns) == table.frame.shape[1] == len({column.name for column in table.columns})
    assert len(table.frame) > 0
    for column in table.columns:
        values = table.frame[column.name]
        assert column.missing == values.isna().sum()
        assert column.unique == values.nunique()
        assert {"number": "f", "date": "M"}.get(column.type, "O") == values.dtype.kind
    return table


def test_valid_files_are_read():
    for name in FILES:
        table = read(FILES[name])
        assert table is not None
        assert table.warnings == ()
        assert len(table.frame) in (35, 40)


@given(st.sampled_from([name for name in FILES if name not in SHEETS]), st.integers(0, 2**32))
@settings(max_examples=300)
def test_damaged_files(name, seed):
    read(damage(FILES, name, random.Random(seed)))


@given(st.sampled_from(SHEETS), st.integers(0, 2**32))
@settings(max_examples=40)  # each in a process of its own
def test_damaged_sheets(name, seed):
    read(damage(FILES, name, random.Random(seed)))


@given(
    st.binary(max_size=200) | st.text(alphabet=',;|\t "\n\r1.-ab#', max_size=80).map(str.encode),
    st.builds(
        Reading,
        encoding=st.none() | st.sampled_from(decoding.ENCODINGS),
        delimiter=st.none() | st.sampled_from([",", ";", "\t", "|", " "]),
        decimal=st.sampled_from([None, ".", ","]),
        header=st.sampled_from([None, True, False]),
    ),
)
@settings(max_examples=400)
@example(b"|\r0||\x1a\r!", Reading(delimiter="|"))
def test_any_bytes_with_any_reading(content, reading):
    read(content, reading)
