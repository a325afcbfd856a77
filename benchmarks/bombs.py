"""Small files that unpack to much: what a stranger may upload."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

_CONTENT_TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_CONTENT_TYPES}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_CONTENT_TYPES}.worksheet+xml"/>'
    f'<Override PartName="/xl/sharedStrings.xml" ContentType="{_CONTENT_TYPES}.sharedStrings+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
    f'Type="{_RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}"><sheets>'
    '<sheet name="One" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_RELATIONS}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
}


def words(rows: int = 1_000_000, columns: int = 60) -> bytes:
    """Return a Parquet file of words: a few bytes a column, and a text in every cell once it is read."""
    return _parquet({f"word {place}": _repeated(["yes", "no"], rows) for place in range(columns)})


def wide_words() -> bytes:
    """Return a Parquet file of 10,000 columns of words."""
    return words(6_000, 10_000)


def numbers(rows: int = 1_000_000, columns: int = 60) -> bytes:
    """Return a Parquet file with as many numbers as a table may have."""
    return _parquet({f"number {place}": pa.array(np.arange(rows) % 7 + 0.5) for place in range(columns)})


def long_words() -> bytes:
    """Return a Parquet file of texts of 30,000 signs."""
    columns = {"text": _repeated(["x" * 30_000, "y"], 20_000), "number": pa.array(np.arange(20_000) % 2)}
    return _parquet(columns)


def long_cells(rows: int = 20_000, length: int = 30_000) -> bytes:
    """Return a sheet with one long text in a cell of every row."""
    cells = "".join(
        f'<row r="{row}"><c r="A{row}" t="s"><v>0</v></c><c r="B{row}"><v>{row % 3}</v></c></row>'
        for row in range(1, rows + 1)
    )
    return _zipped(
        {
            **_PARTS,
            "xl/sharedStrings.xml": f'<sst xmlns="{_MAIN}"><si><t>{"w" * length}</t></si></sst>',
            "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{_MAIN}"><sheetData>{cells}</sheetData></worksheet>',
        }
    )


def pixels() -> bytes:
    """Return an .npz archive with as many pictures as MNIST, all of them black."""
    out = io.BytesIO()
    np.savez_compressed(out, x=np.zeros((70_000, 28, 28), np.uint8), y=np.arange(70_000) % 10)
    return out.getvalue()


def large_pictures(side: int = 7_000, count: int = 40) -> bytes:
    """Return a zip of pictures of one shade with 49 megapixels each."""
    from PIL import Image

    out = io.BytesIO()
    Image.new("L", (side, side), 128).save(out, "PNG")
    return _zipped({f"{'ab'[number % 2]}/{number}.png": out.getvalue() for number in range(count)})


BOMBS: Mapping[str, Callable[[], bytes]] = {
    "words": words,
    "wide words": wide_words,
    "numbers": numbers,
    "long words": long_words,
    "long cells": long_cells,
    "pixels": pixels,
    "large pictures": large_pictures,
}


def _parquet(columns: Mapping[str, pa.Array]) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out, compression="zstd")
    return out.getvalue()


def _repeated(texts: list[str], rows: int) -> pa.Array:
    return pa.array(texts).take(pa.array(np.arange(rows) % len(texts)))


def _zipped(members: Mapping[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, member in members.items():
            archive.writestr(name, member)
    return out.getvalue()
