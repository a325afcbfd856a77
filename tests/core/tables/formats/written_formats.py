"""Files in other known formats, as a test writes them."""

import bz2
import gzip
import io
import json
import lzma
import struct
import zipfile

import numpy as np
import pandas as pd
from sklearn.datasets import dump_svmlight_file

FRAME = pd.DataFrame(
    {
        "size": [1.5, -2.25, 0.5, 4.0] * 6,
        "count": [1, 2, 3, 5, 8, 13] * 4,
        "colour": ["red", "blue", "red", "green"] * 6,
        "kind": ["oak", "ash"] * 12,
    }
)


def csv(frame: pd.DataFrame = FRAME) -> bytes:
    return frame.to_csv(index=False).encode()


def arff(frame: pd.DataFrame = FRAME) -> bytes:
    types = {"f": "numeric", "i": "integer", "O": "string"}
    lines = "".join(f"@ATTRIBUTE '{name}' {types.get(frame[name].dtype.kind, 'string')}\n" for name in frame)
    return (
        f"% made by hand\n\n@RELATION trees\n\n{lines}\n@DATA\n".encode()
        + frame.to_csv(index=False, header=False).encode()
    )


def html(frame: pd.DataFrame = FRAME) -> bytes:
    return f"<html><body><h1>Trees</h1>{frame.to_html(index=False)}</body></html>".encode()


def svmlight(frame: pd.DataFrame = FRAME) -> bytes:
    out = io.BytesIO()
    dump_svmlight_file(frame[["size", "count"]].to_numpy(), np.arange(len(frame)) % 2, out, zero_based=False)
    return out.getvalue()


def stata(frame: pd.DataFrame = FRAME, version: int = 118) -> bytes:
    out = io.BytesIO()
    frame.assign(kind=frame["kind"].astype("category")).to_stata(out, write_index=False, version=version)
    return out.getvalue()


def xport(numbers: dict[str, list[float]]) -> bytes:
    """Return a SAS transport file of columns of numbers, version 5."""

    def card(text: str) -> bytes:
        return text.ljust(80).encode()

    names = b"".join(
        struct.pack(">hhhh8s40s8shhh2s8shhl52s", 1, 0, 8, place, name.ljust(8).encode(), b" " * 40, b" " * 8, 0, 0, 0,
                    b"  ", b" " * 8, 0, 0, 8 * (place - 1), bytes(52))
        for place, name in enumerate(numbers, start=1)
    )  # fmt: skip
    rows = b"".join(b"".join(map(_ibm, row)) for row in zip(*numbers.values(), strict=True))
    date = "01JAN24:00:00:00"
    return (
        card("HEADER RECORD*******LIBRARY HEADER RECORD!!!!!!!000000000000000000000000000000")
        + card("SAS     SAS     SASLIB  9.4     X64".ljust(64) + date)
        + card(date)
        + card("HEADER RECORD*******MEMBER  HEADER RECORD!!!!!!!000000000000000001600000000140")
        + card("HEADER RECORD*******DSCRPTR HEADER RECORD!!!!!!!000000000000000000000000000000")
        + card("SAS     TREES   SASDATA 9.4     X64".ljust(64) + date)
        + card(date)
        + card(f"HEADER RECORD*******NAMESTR HEADER RECORD!!!!!!!000000{len(numbers):04d}00000000000000000000")
        + names.ljust(-(-len(names) // 80) * 80)
        + card("HEADER RECORD*******OBS     HEADER RECORD!!!!!!!000000000000000000000000000000")
        + rows.ljust(-(-len(rows) // 80) * 80)
    )


def _ibm(value: float) -> bytes:
    """Return a number as a float of IBM's mainframes: base 16, a 56-bit fraction."""
    if not value:
        return bytes(8)
    exponent, fraction = 64, abs(value)
    while fraction >= 1:
        exponent, fraction = exponent + 1, fraction / 16
    while fraction < 1 / 16:
        exponent, fraction = exponent - 1, fraction * 16
    return bytes([exponent | (0x80 if value < 0 else 0)]) + int(fraction * 2**56).to_bytes(7, "big")


def zipped(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


RECORDS = FRAME.to_dict("records")
FILES = {
    "trees.arff": arff(),
    "trees.json": json.dumps(RECORDS).encode(),
    "trees.ndjson": FRAME.to_json(orient="records", lines=True).encode(),
    "columns.json": FRAME.to_json().encode(),
    "lists.json": json.dumps(FRAME.to_dict("list")).encode(),
    "trees.html": html(),
    "trees.svm": svmlight(),
    "trees.dta": stata(),
    "old.dta": stata(version=114),
    "trees.xpt": xport({"SIZE": list(FRAME["size"]), "COUNT": list(FRAME["count"])}),
    "trees.csv.gz": gzip.compress(csv()),
    "trees.csv.bz2": bz2.compress(csv()),
    "trees.csv.xz": lzma.compress(csv()),
    "trees.zip": zipped(
        **{"data/trees.csv": csv(), "data/README.txt": b"Read me, please.", "__MACOSX/data/._trees.csv": b"x"}
    ),
}
