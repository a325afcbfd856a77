"""Tables from binary files: Parquet, and .npz archives of arrays."""

from __future__ import annotations

import io
import math
import struct
import tokenize
import warnings
import zipfile
import zlib

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from core.damage import log_suspicious
from core.errors import DataError
from core.tables.table import (
    MAX_CELLS,
    MAX_ROWS,
    MAX_TEXTS,
    MAX_UNPACKED_BYTES,
    RawTable,
    Reading,
    Values,
    check_width,
    cut_rows,
)

# NumPy's advice to save an old file again is of no use to the user of the page.
warnings.filterwarnings("ignore", "Reading `.npy` or `.npz` file required additional header parsing", UserWarning)

_MAX_MEMBERS = 10_000  # per zip archive
_LISTED = b"PK\1\2"  # starts the entry of every member in the archive's directory
_PARQUET_ROWS = 1 << 14  # read at a time

_Array = NDArray[np.generic]

# Names of arrays, in order of preference.
_FEATURES = ("x", "data", "features", "images")
_TARGETS = ("y", "target", "targets", "labels", "label")
# Endings of the names of arrays that are parts of one array.
_PARTS = ("_train", "_val", "_valid", "_test")


def read_parquet(content: bytes, reading: Reading) -> RawTable:
    """Return the table of a Parquet file; columns of lists and other nested values are left out with a warning.

    Raises:
        DataError: if the file is damaged or too large, or has no usable column.
    """
    try:
        file = _open_parquet(content, [])
        schema, rows = file.schema_arrow, file.metadata.num_rows
        all_names: list[str] = schema.names
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise _damaged("Parquet file") from error
    check_width(len(schema))
    usable = [place for place, field in enumerate(schema) if not is_nested(field.type)]
    if not usable:
        raise DataError("The Parquet file has no column of numbers, dates or text.")
    if rows <= 0:
        raise DataError("The Parquet file has no rows. Expected: a table with at least one row.")
    names = [all_names[place] for place in usable]
    types = [schema[place].type for place in usable]
    texts = sum(_is_text(type) or pa.types.is_string_view(type) or pa.types.is_dictionary(type) for type in types)
    check_width(len(usable), texts)
    most = min(rows, MAX_ROWS, MAX_CELLS // len(usable), MAX_TEXTS // max(1, texts))
    try:
        columns = _parquet_columns(_open_parquet(content, _texts(schema)), names, most)
    except (pa.ArrowException, OSError, UnicodeDecodeError, ValueError, OverflowError) as error:
        raise _damaged("Parquet file") from error
    notes = []
    if len(usable) < len(schema):
        left_out = ", ".join(repr(all_names[place][:100]) for place in range(len(schema)) if place not in usable)
        notes.append(f"Columns of lists and other nested values were left out: {left_out}.")
    notes += cut_rows(len(columns[0]), rows)
    return RawTable(names, columns, Reading(decimal=reading.decimal or "."), warnings=tuple(notes))


def read_arrays(content: bytes, reading: Reading) -> RawTable:
    """Return the table of an .npz archive.

    An array named x, X, data, features or images becomes the first columns, one named y, target or labels the last.
    Parts such as x_train and x_test are concatenated. Without such names, all arrays with as many rows as the first
    become columns. Pictures, (rows, height, width) or (rows, height, width, 3), become columns of pixels.

    Raises:
        DataError: if the archive is damaged or too large, or its arrays do not form a table.
    """
    archive = _open_zip(content)
    names = [info.filename.removesuffix(".npy") for info in archive.infolist() if info.filename.endswith(".npy")]
    shapes = {name: _declared(archive, name) for name in names}
    chosen, rows = _chosen(shapes)
    width = sum(math.prod(shapes[parts[0]][1:]) for parts in chosen.values())
    check_width(width)
    if not width or not rows:
        raise DataError("The .npz file has no array with rows and columns. Expected: x (rows, columns) and y (rows).")
    kept = min(rows, MAX_ROWS, MAX_CELLS // width)
    column_names: list[str] = []
    columns: list[Values] = []
    image_shape: tuple[int, ...] | None = None
    for name, parts in chosen.items():
        array = _stacked(archive, parts)[:kept]
        if array.ndim == 4 and array.shape[-1] == 1:  # one channel
            array = array[..., 0]
        pictures = array.ndim == 3 or (array.ndim == 4 and array.shape[-1] == 3)
        if pictures and name.lower() in _FEATURES:
            image_shape = array.shape[1:]
        flat = array.reshape(kept, -1)
        word = "pixel" if pictures else name
        column_names += [name] if array.ndim == 1 else [f"{word} {place + 1}" for place in range(flat.shape[1])]
        columns += [_values(flat[:, place]) for place in range(flat.shape[1])]
    used = Reading(decimal=reading.decimal or ".")
    return RawTable(column_names, columns, used, (), tuple(cut_rows(kept, rows)), image_shape)


def chosen_arrays(content: bytes) -> list[list[str]]:
    """Return the names of the arrays that form the table of an .npz archive, concatenated ones in one list.

    Raises:
        DataError: as `read_arrays`.
    """
    archive = _open_zip(content)
    names = [info.filename.removesuffix(".npy") for info in archive.infolist() if info.filename.endswith(".npy")]
    return list(_chosen({name: _declared(archive, name) for name in names})[0].values())


def _chosen(shapes: dict[str, tuple[int, ...]]) -> tuple[dict[str, list[str]], int]:
    """Return the arrays that form the table, by the name of their columns, and the number of rows.

    Raises:
        DataError: if features and target have different numbers of rows.
    """
    features, targets = _joined(shapes, _FEATURES), _joined(shapes, _TARGETS)
    if not features:
        rows = next((shape[0] for shape in shapes.values() if shape), 0)
        return {name: [name] for name, shape in shapes.items() if shape and shape[0] == rows}, rows
    rows = sum(shapes[name][0] for name in features)
    labels = sum(shapes[name][0] for name in targets)
    if targets and labels != rows:
        raise DataError(
            f"The arrays {' and '.join(features)} and {' and '.join(targets)} must have the same number of rows. "
            f"Received: {rows:,} and {labels:,}."
        )
    return {_stem(parts[0]): parts for parts in (features, targets) if parts}, rows


def _damaged(what: str) -> DataError:
    return DataError(f"The {what} is damaged and cannot be read. Create it again, or save the table as CSV.")


def check_zip(content: bytes) -> None:
    """Raise a DataError if a zip archive of a sheet or of arrays is damaged or declares too much."""
    _open_zip(content)


def _open_zip(content: bytes) -> zipfile.ZipFile:
    return open_zip(content, MAX_UNPACKED_BYTES, _MAX_MEMBERS)


def open_zip(content: bytes, most_bytes: int, most_members: int) -> zipfile.ZipFile:
    """Return a zip archive whose declared sizes are within bounds; no member unpacks to more than it declares.

    Raises:
        DataError: if it is damaged, or declares more bytes or members.
    """
    listed = content.count(_LISTED)  # before zipfile makes a list of millions
    if listed > 2 * most_members:
        raise DataError(
            f"A zip archive may have at most {most_members:,} files. This one lists {listed:,}. Zip fewer files."
        )
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, struct.error) as error:
        raise _damaged("zip archive") from error
    size = sum(info.file_size for info in members)
    if size > most_bytes or len(members) > most_members:
        raise DataError(
            f"The file may unpack to at most {most_bytes // 1_000_000:,} MB in {most_members:,} parts. "
            f"This one unpacks to {size // 1_000_000:,} MB in {len(members):,} parts."
        )
    return archive


def zip_kind(content: bytes) -> str:
    """Return the kind of a zip archive: "sheet", "arrays" or "other".

    Raises:
        DataError: if it is damaged or too large.
    """
    names = _open_zip(content).namelist()
    if any(name.startswith("xl/") or name == "content.xml" for name in names):
        return "sheet"
    return "arrays" if any(name.endswith(".npy") for name in names) else "other"


def is_nested(type: pa.DataType) -> bool:
    """Return whether a type of Parquet columns is left out: lists and other nested values, and rare types."""
    plain = (
        pa.types.is_integer, pa.types.is_floating, pa.types.is_boolean, pa.types.is_decimal, pa.types.is_date,
        pa.types.is_timestamp, pa.types.is_time,
        pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view, pa.types.is_null,
    )  # fmt: skip
    if pa.types.is_dictionary(type):
        return is_nested(type.value_type)
    return not any(check(type) for check in plain)


def _open_parquet(content: bytes, as_dictionary: list[str]) -> pq.ParquetFile:
    return pq.ParquetFile(
        pa.BufferReader(content),
        read_dictionary=as_dictionary,
        thrift_string_size_limit=1 << 24,
        thrift_container_size_limit=1 << 20,
    )


def _is_text(type: pa.DataType) -> bool:
    return bool(pa.types.is_string(type) or pa.types.is_large_string(type))


def _texts(schema: pa.Schema) -> list[str]:
    """Return the columns of text; read as dictionaries, they store a repeated value once."""
    return [field.name for field in schema if _is_text(field.type)]


def _parquet_columns(file: pq.ParquetFile, names: list[str], rows: int) -> list[Values]:
    batches: list[pa.RecordBatch] = []
    left, size = rows, 0
    for batch in file.iter_batches(batch_size=_PARQUET_ROWS, columns=names, use_threads=False):
        batches.append(batch.slice(0, left))
        left -= batches[-1].num_rows
        size += sum(map(unpacked_bytes, batches[-1].columns))
        if size > MAX_UNPACKED_BYTES:
            raise DataError(
                f"The file may unpack to at most {MAX_UNPACKED_BYTES // 1_000_000:,} MB, and this one unpacks to more."
            )
        if left <= 0:
            break
    if not batches or len(batches[0].schema) != len(names):
        raise pa.ArrowInvalid("columns are missing")
    table = pa.Table.from_batches(batches)
    table.validate(full=True)  # finds invalid UTF-8 and the like, which reading ignores
    return [from_arrow(table.column(place)) for place in range(table.num_columns)]


def unpacked_bytes(values: pa.Array) -> int:
    """Return the size of the values without dictionaries."""
    if not pa.types.is_dictionary(values.type) or not _is_text(values.type.value_type):
        return int(values.nbytes)
    lengths = pc.binary_length(values.dictionary).take(values.indices)
    return int(pc.sum(lengths).as_py() or 0)


def from_arrow(values: pa.ChunkedArray) -> Values:
    """Return numbers and dates as NumPy arrays, everything else as text."""
    type = values.type
    if pa.types.is_dictionary(type):
        return from_arrow(values.cast(type.value_type))
    if pa.types.is_date(type) or pa.types.is_timestamp(type):
        stamps = values.cast(pa.timestamp("us"), safe=False) if pa.types.is_date(type) else values
        return np.asarray(stamps.cast(pa.timestamp("us"), safe=False).to_numpy().astype("datetime64[us]"))
    if pa.types.is_integer(type) and not values.null_count:
        return np.asarray(values.to_numpy())
    if pa.types.is_integer(type) or pa.types.is_floating(type) or pa.types.is_decimal(type):
        return np.asarray(values.cast(pa.float64(), safe=False).to_numpy())
    if pa.types.is_boolean(type):
        return pc.if_else(values, "True", "False")
    return values.cast(pa.string())


def _declared(archive: zipfile.ZipFile, name: str) -> tuple[int, ...]:
    """Return the shape in the header of an array, before anything else is unpacked.

    Raises:
        DataError: if the header is invalid, declares more than the archive has, or the array has objects.
    """
    member = f"{name}.npy"
    try:
        with archive.open(member) as file:
            version = np.lib.format.read_magic(file)
            read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
            shape, _, dtype = read(file)
    except ARCHIVE_ERRORS as error:
        log_suspicious(error)
        raise _damaged(".npz file") from error
    if dtype.kind not in "biufUSM":
        raise DataError(f"The array {name[:100]!r} must have numbers or text. Received: {dtype}.")
    if math.prod(shape) * dtype.itemsize > archive.getinfo(member).file_size:
        raise _damaged(".npz file")
    return tuple(shape)


ARCHIVE_ERRORS = (
    zipfile.BadZipFile, zlib.error, ValueError, TypeError, KeyError, IndexError, AttributeError, SyntaxError, EOFError,
    OSError, NotImplementedError, RuntimeError, MemoryError, RecursionError, OverflowError, tokenize.TokenError,
    UnicodeError,
)  # fmt: skip


def _stem(name: str) -> str:
    for ending in _PARTS:
        name = name.removesuffix(ending)
    return name


def _joined(shapes: dict[str, tuple[int, ...]], words: tuple[str, ...]) -> list[str]:
    """Return the array named by the first possible word, or its parts; empty if there are none."""
    for word in words:
        for endings in (("",), _PARTS):
            found = [name for ending in endings for name in shapes if name.lower() == word + ending and shapes[name]]
            if found:
                return found
    return []


def _stacked(archive: zipfile.ZipFile, names: list[str]) -> _Array:
    arrays = []
    for name in names:
        try:
            with archive.open(f"{name}.npy") as file:
                array: _Array = np.lib.format.read_array(file, allow_pickle=False)
                arrays.append(array)
        except ARCHIVE_ERRORS as error:
            log_suspicious(error)
            raise _damaged(".npz file") from error
    if len({array.shape[1:] for array in arrays}) > 1:
        shapes = " and ".join(str(array.shape) for array in arrays)
        raise DataError(f"The arrays {' and '.join(names)} must have the same columns. Received: {shapes}.")
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays)


def _values(column: _Array) -> Values:
    if column.dtype.kind == "S":
        column = np.char.decode(column.astype(np.bytes_), "latin-1")
    if column.dtype.kind == "U":
        return pa.chunked_array([pa.array(column)])
    if column.dtype.kind == "M":
        return column.astype("datetime64[us]")
    return column
