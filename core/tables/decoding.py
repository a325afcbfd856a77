"""The bytes of a text file become UTF-8: which encoding they are in, and the text in another."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator

import pyarrow as pa

from core.errors import DataError

# No codec beside these is asked: some of Python's are no text, and punycode takes forever.
ENCODINGS = (
    "utf-8",
    "utf-8-sig",
    "latin-1",
    "cp1252",
    "cp1250",
    "cp1251",
    "cp437",
    "mac-roman",
    "iso8859-2",
    "iso8859-15",
    "koi8-r",
    "utf-16",
    "utf-16-le",
    "utf-16-be",
    "utf-32",
    "gb18030",
    "big5",
    "shift_jis",
    "euc-jp",
    "euc-kr",
)

_SAMPLE = 1 << 20  # bytes that say what the encoding is
_PIECE = 1 << 20  # bytes
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def find_encoding(content: bytes) -> str:
    """Return the encoding: by the mark at the beginning, else UTF-16 by its zeros, else UTF-8, else Western.

    Raises:
        DataError: where the bytes are no text.
    """
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return encoding
    sample = content[:_SAMPLE]
    zeros_even, zeros_odd = sample[::2].count(0), sample[1::2].count(0)
    if zeros_even + zeros_odd:
        # Every other byte of Latin letters is zero in UTF-16, and none is in any other text.
        half = len(sample) // 2
        if zeros_odd > 0.3 * half and zeros_even < 0.1 * half:
            return "utf-16-le"
        if zeros_even > 0.3 * half and zeros_odd < 0.1 * half:
            return "utf-16-be"
    controls = sum(sample.count(code) for code in range(32) if code not in b"\t\n\r\f\v\x1a\x1b")
    if controls > 0.01 * len(sample):
        raise DataError(
            "The file is not a table in a form that is known: it holds bytes that are no text. "
            "Expected: CSV, Excel, Parquet or .npz. Save it as CSV."
        )
    if content.isascii() or _decodes(content, "utf-8"):
        return "utf-8"
    # Where the two agree, the standard's name says more than the vendor's.
    if not re.search(rb"[\x80-\x9f]", content):
        return "latin-1"
    return "cp1252" if _decodes(content, "cp1252") else "latin-1"


def known_encoding(name: str) -> str:
    """Return one of `ENCODINGS` by its name, in any case, with - or _.

    Raises:
        DataError: where it is none of them.
    """
    for encoding in ENCODINGS:
        if name.lower().replace("_", "-") == encoding.replace("_", "-"):
            return encoding
    raise DataError(f"`encoding` must be one of {', '.join(ENCODINGS)}. Received: {name[:40]!r}.")


def to_utf8(content: bytes, encoding: str) -> pa.Buffer:
    """Return the text in UTF-8, without a byte order mark.

    Raises:
        DataError: where the bytes mean nothing in that encoding.
    """
    try:
        if encoding in ("utf-8", "utf-8-sig"):
            bom = codecs.BOM_UTF8 if content.startswith(codecs.BOM_UTF8) else b""
            for _ in () if content.isascii() else _decoded(content, "utf-8"):
                pass
            return pa.py_buffer(content).slice(len(bom))
        out = io.BytesIO()
        for piece in _decoded(content, encoding):
            out.write(piece.encode("utf-8"))
    except UnicodeError as error:
        raise DataError(
            f"The file cannot be read as {encoding}: it holds bytes that mean nothing there. Choose another encoding."
        ) from error
    return pa.py_buffer(out.getbuffer())


def _decodes(content: bytes, encoding: str) -> bool:
    try:
        for _ in _decoded(content, encoding):
            pass
    except UnicodeDecodeError:
        return False
    return True


def _decoded(content: bytes, encoding: str) -> Iterator[str]:
    """Yield the text piece by piece: as one string it would take four bytes a letter for a single emoji."""
    decoder = codecs.getincrementaldecoder(encoding)()
    for piece in pieces(content):
        yield decoder.decode(piece)
    yield decoder.decode(b"", final=True)


def pieces(text: bytes | pa.Buffer) -> Iterator[bytes]:
    """Yield the bytes of a text, about a million at a time."""
    view = memoryview(text)
    return (bytes(view[start : start + _PIECE]) for start in range(0, len(view), _PIECE))
