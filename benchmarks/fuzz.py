"""Damaged files, read one after another: `python -m benchmarks.fuzz --count 10000 --seed 0`.

Valid files of every format are made here; then bytes are flipped, cut out, inserted, doubled, and spliced between
files. Each file must be read or refused with a DataError; anything else is counted, shown, and a failure.

With `--page` the files are uploaded to the lab and the data page instead, including zips of pictures. Each must be
loaded or refused with a message on the page."""

from __future__ import annotations

import argparse
import io
import random
import sys
import time
import traceback
import zipfile
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import Literal

import numpy as np
import pandas as pd
import psutil

from core.errors import DataError
from core.tables import read_table

_WARM = 0.1  # share of the files after which memory is counted: libraries load what they need first
_SHOWN = 5  # traces
_PIECES = (b'"', b",", b";", b"\n", b"\r", b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"1e999", b"-", b"\t|", b"9" * 400)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the outcomes; the exit status is 1 if a file was neither loaded nor refused."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fuzz", description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--page", action="store_true", help="bring them to the page")
    options = parser.parse_args(arguments)
    with ExitStack() as stack:
        if options.page:
            from benchmarks.fuzz_page import two_pages

            return _report(stack.enter_context(two_pages()).bring, valid_files() | {"pets.zip": _pictures()}, options)
        return _report(read, valid_files(), options)


def _report(bring: Callable[[bytes, str], str], files: dict[str, bytes], options: argparse.Namespace) -> int:
    draw = random.Random(options.seed)
    outcomes: Counter[str] = Counter()
    slowest, slowest_file = 0.0, ""
    process = psutil.Process()
    before = process.memory_info().rss
    for number in range(options.count):
        if number == int(_WARM * options.count):
            before = process.memory_info().rss
        name = draw.choice(list(files))
        content = damage(files, name, draw)
        started = time.perf_counter()
        outcome = bring(content, name)
        seconds = time.perf_counter() - started
        if seconds > slowest:
            slowest, slowest_file = seconds, f"{name}, number {number}"
        outcomes[outcome] += 1
        if outcome not in ("loaded", "refused") and outcomes[outcome] <= _SHOWN:
            print(f"{name}, number {number}: {outcome}", flush=True)
    grown = (process.memory_info().rss - before) / 1e6
    others = options.count - outcomes["loaded"] - outcomes["refused"]
    loaded, refused = outcomes["loaded"], outcomes["refused"]
    print(f"{options.count:,} files: {loaded:,} loaded, {refused:,} refused, {others:,} neither")
    print(f"slowest {slowest:.2f} s ({slowest_file}), memory grew by {grown:.0f} MB")
    return 1 if others else 0


def read(content: bytes, name: str) -> str:
    """Return "loaded", "refused", or what was raised instead."""
    try:
        read_table(content, name)
    except DataError:
        return "refused"
    except Exception as error:  # noqa: BLE001 what is looked for
        traceback.print_exc()
        return type(error).__name__
    return "loaded"


def damage(files: dict[str, bytes], name: str, draw: random.Random) -> bytes:
    """Return a file with one to four damages; half of the zip archives have them inside, with right checksums."""
    if files[name].startswith(b"PK") and draw.random() < 0.5:
        return _damage_member(files, name, draw)
    return _damaged(files[name], files, draw)


def _damaged(valid: bytes, files: dict[str, bytes], draw: random.Random) -> bytes:
    content = bytearray(valid)
    for _ in range(draw.randint(1, 4)):
        draw.choice(_DAMAGES)(content, files, draw)
    return bytes(content)


def _damage_member(files: dict[str, bytes], name: str, draw: random.Random) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(files[name])) as valid, zipfile.ZipFile(out, "w") as archive:
        chosen = draw.choice(valid.namelist())
        for member in valid.namelist():
            content = valid.read(member)
            archive.writestr(member, _damaged(content, files, draw) if member == chosen else content)
    return out.getvalue()


def _flip(content: bytearray, _: dict[str, bytes], draw: random.Random) -> None:
    for _unused in range(draw.randint(1, 8)):
        if content:
            content[draw.randrange(len(content))] ^= 1 << draw.randrange(8)


def _overwrite(content: bytearray, _: dict[str, bytes], draw: random.Random) -> None:
    if content:
        start = draw.randrange(len(content))
        length = draw.choice((1, 2, 4, 8))
        content[start : start + length] = draw.choice((b"\0", b"\xff", b"\x7f", draw.randbytes(1))) * length


def _cut(content: bytearray, _: dict[str, bytes], draw: random.Random) -> None:
    start, end = _range(content, draw)
    del content[start:end]


def _insert(content: bytearray, _: dict[str, bytes], draw: random.Random) -> None:
    start, _end = _range(content, draw)
    content[start:start] = draw.choice((*_PIECES, draw.randbytes(draw.randint(1, 64))))


def _double(content: bytearray, _: dict[str, bytes], draw: random.Random) -> None:
    start, end = _range(content, draw)
    content[start:start] = content[start:end]


def _splice(content: bytearray, files: dict[str, bytes], draw: random.Random) -> None:
    start, end = _range(content, draw)
    other = bytearray(draw.choice(list(files.values())))
    first, last = _range(other, draw)
    content[start:end] = other[first:last]


_DAMAGES: tuple[Callable[[bytearray, dict[str, bytes], random.Random], None], ...] = (
    _flip, _flip, _overwrite, _cut, _insert, _double, _splice,
)  # fmt: skip


def _range(content: bytearray, draw: random.Random) -> tuple[int, int]:
    start, end = sorted((draw.randint(0, len(content)), draw.randint(0, len(content))))
    # Mostly short ones, which leave a file that still looks like one.
    return start, end if draw.random() < 0.2 else min(end, start + draw.randint(0, 20))


def valid_files() -> dict[str, bytes]:
    """Return small files of every form that is read, by name."""
    draw = np.random.default_rng(0)
    rows = 40
    frame = pd.DataFrame(
        {
            "id": range(rows),
            "size": draw.random(rows).round(3),
            "colour": draw.choice(["red", "green", "blü, or so"], rows),
            "day": pd.date_range("2024-01-01", periods=rows).astype("str"),
            "text": [f'says "{number}"\nand more' for number in range(rows)],
        }
    )
    plain = frame[["id", "size"]]
    return {
        "comma.csv": frame.to_csv(index=False).encode(),
        "semicolon.csv": frame.to_csv(index=False, sep=";", decimal=",").encode("cp1252"),
        "tab.tsv": frame.to_csv(index=False, sep="\t").encode("utf-16"),
        "bar.txt": frame.to_csv(index=False, sep="|", lineterminator="\r").encode("utf-8-sig"),
        "spaces.txt": plain.to_string(index=False).encode(),
        "numbers.csv": plain.to_csv(index=False, header=False).encode(),
        "table.parquet": _parquet(frame, "snappy"),
        "plain.parquet": _parquet(frame, None),
        "arrays.npz": _arrays(np.savez, draw),
        "packed.npz": _arrays(np.savez_compressed, draw),
        "sheet.xlsx": sheet(frame),
        "stored.xlsx": sheet(frame, zipfile.ZIP_STORED),
    }


def _pictures() -> bytes:
    """Return a zip of two folders of pictures."""
    from PIL import Image

    out = io.BytesIO()
    draw = np.random.default_rng(0)
    with zipfile.ZipFile(out, "w") as archive:
        for number, form in enumerate(("png", "jpeg", "bmp", "gif", "webp") * 4):
            picture = io.BytesIO()
            Image.fromarray(draw.integers(0, 255, (12, 16, 3), dtype=np.uint8)).save(picture, form)
            archive.writestr(f"{('cats', 'dogs')[number % 2]}/{number}.{form}", picture.getvalue())
    return out.getvalue()


def sheet(frame: pd.DataFrame, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return an .xlsx file of one sheet, written by hand: numbers as numbers, all else as text in its cell."""
    rows = "".join(_row(number, values) for number, values in enumerate([list(frame), *frame.to_numpy().tolist()], 1))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, text in _WORKBOOK.items():
            archive.writestr(name, text)
        archive.writestr(
            "xl/worksheets/sheet1.xml",
            f'<worksheet xmlns="{_SPREADSHEET}"><sheetData>{rows}</sheetData></worksheet>',
        )
    return out.getvalue()


_SPREADSHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_WORKBOOK = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"/>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1" '
    f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_SPREADSHEET}" xmlns:r="{_OFFICE}"><sheets>'
    '<sheet name="Sheet1" sheetId="1" r:id="r1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1" '
    f'Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
}


def _row(number: int, values: list[object]) -> str:
    cells = "".join(
        f"<c><v>{value}</v></c>"
        if isinstance(value, int | float)
        else f'<c t="inlineStr"><is><t>{str(value).replace("&", "&amp;").replace("<", "&lt;")}</t></is></c>'
        for value in values
    )
    return f'<row r="{number}">{cells}</row>'


def _parquet(frame: pd.DataFrame, compression: Literal["snappy"] | None) -> bytes:
    out = io.BytesIO()
    frame.to_parquet(out, compression=compression)
    return out.getvalue()


def _arrays(save: Callable[..., None], draw: np.random.Generator) -> bytes:
    out = io.BytesIO()
    save(out, x_train=draw.integers(0, 255, (30, 4, 4), dtype=np.uint8), y_train=np.arange(30) % 10,
         x_test=np.zeros((5, 4, 4), np.uint8), y_test=np.zeros(5, np.int64))  # fmt: skip
    return out.getvalue()


if __name__ == "__main__":
    sys.exit(main())
