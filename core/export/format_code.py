"""Code that reads the table of a file in another known format, or of a packed file."""

from __future__ import annotations

import io
import json
from typing import Any

import pandas as pd

from core.errors import DataError
from core.export.python_text import assign, call, literal
from core.tables.formats import arff, json_tables, packed
from core.tables.table import Reading

AS_TEXT = ("arff", "json")  # formats of which the code reads all values as text
_PACKERS = {"gzip": "gzip.open", "bzip2": "bz2.open", "xz": "lzma.open"}


def opened(content: bytes, file_name: str) -> tuple[bytes, str]:
    """Return a file's content, unpacked if it is packed, and the code for its name or, of a packed one, to open it.

    Raises:
        DataError: if it cannot be unpacked.
    """
    from core.tables.binary_files import zip_kind

    kind = packed.packed_kind(content)
    if kind is not None:
        return packed.unpacked(content, kind), f"{_PACKERS[kind]}({literal(file_name)})"
    if content.startswith(b"PK\x03\x04") and zip_kind(content) == "other":
        member, table = packed.table_in_zip(content)
        return table, f"zipfile.ZipFile({literal(file_name)}).open({literal(member)})"
    return content, literal(file_name)


def read_format(kind: str, content: bytes, is_packed: bool) -> tuple[list[str], pd.DataFrame]:
    """Return the code that reads a file of one of `formats.known.FORMATS`, and what it reads.

    Args:
        kind: the name of the format.
        content: the file, unpacked.
        is_packed: whether FILE is an open file in the code, and not a name.

    Raises:
        DataError: if a script cannot read it.
    """
    if kind == "stata":
        return ["table = pd.read_stata(FILE)"], pd.read_stata(io.BytesIO(content))
    if kind == "sas":
        form: Any = "xport" if content.startswith(b"HEADER") else "sas7bdat"
        encoding = "latin-1" if form == "xport" else "infer"
        line = f'table = pd.read_sas(FILE, format="{form}", encoding="{encoding}")'
        return [line], pd.read_sas(io.BytesIO(content), format=form, encoding=encoding)
    if kind == "svmlight":
        return _svmlight(content)
    if kind == "arff":
        return _arff(content)
    if kind == "json":
        return _json(content, is_packed)
    raise _no_code("a web page")


def _svmlight(content: bytes) -> tuple[list[str], pd.DataFrame]:
    from sklearn.datasets import load_svmlight_file

    lines = ["features, label = load_svmlight_file(FILE)"]
    lines.append("table = pd.DataFrame(features.toarray()).assign(label=label)")
    features, label = load_svmlight_file(io.BytesIO(content))
    return lines, pd.DataFrame(features.toarray()).assign(label=label)


def _arff(content: bytes) -> tuple[list[str], pd.DataFrame]:
    found = arff.declared(content, Reading())
    if found.sparse or not _is_utf8(content):
        raise _no_code("ARFF of sparse rows, or not in UTF-8")
    options: dict[str, Any] = {"header": None, "skiprows": found.lines, "quotechar": "'", "skipinitialspace": True}
    options |= {"comment": "%"} if found.commented else {}
    options |= {"dtype": "str", "keep_default_na": False}
    written = {key: literal(value) if isinstance(value, str) else repr(value) for key, value in options.items()}
    return [assign("table", call("pd.read_csv", "FILE", **written))], pd.read_csv(io.BytesIO(content), **options)


def _json(content: bytes, is_packed: bool) -> tuple[list[str], pd.DataFrame]:
    if not _is_utf8(content):
        raise _no_code("JSON that is not in UTF-8, or has a byte order mark")
    records, form = json_tables.records_of(content)
    file = "FILE" if is_packed else 'open(FILE, encoding="utf-8")'
    if form == json_tables.LINES:
        code = f"pd.json_normalize([json.loads(line) for line in {file} if line.strip()])"
        table = pd.json_normalize(list(map(json.loads, _lines(content))))
    elif form == json_tables.OBJECTS:
        code, table = f"pd.json_normalize(json.load({file}))", pd.json_normalize(json.loads(content))
    elif form == json_tables.COLUMNS:
        code, table = f"pd.DataFrame(json.load({file}))", pd.DataFrame(json.loads(content))
    else:
        raise _no_code("JSON of this form")
    lines = [f"table = {code}", 'table = table.astype("str")']
    _, ours = json_tables.flattened(records)
    if ours != list(table.columns):
        if sorted(ours) != sorted(table.columns):
            raise _no_code("JSON of this form")
        lines.append(assign("table", f"table[[{', '.join(map(literal, ours))}]]"))
    return lines, table.astype("str")[ours]


def _lines(content: bytes) -> list[bytes]:
    return [line for line in content.splitlines() if line.strip()]


def _is_utf8(content: bytes) -> bool:
    from core.tables.decoding import decodes

    return not content.startswith(b"\xef\xbb\xbf") and decodes(content, "utf-8")


def _no_code(what: str) -> DataError:
    return DataError(f"A script cannot read {what}. Save the table as CSV, and choose that file.")
