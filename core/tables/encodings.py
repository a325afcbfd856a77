"""Detection of the encoding of a text file."""

from __future__ import annotations

import codecs

from core.errors import DataError
from core.tables.code_pages import find_code_page
from core.tables.decoding import FoundEncoding, damaged_bytes, decodes

_SAMPLE = 1 << 20  # bytes
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark is a prefix of it
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def find_encoding(content: bytes) -> FoundEncoding:
    """Return the encoding: by its byte order mark, else UTF-16 by its zeros, else UTF-8, else a code page.

    Raises:
        DataError: if the bytes are not text.
    """
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return FoundEncoding(encoding)
    sample = content[:_SAMPLE]
    zeros_even, zeros_odd = sample[::2].count(0), sample[1::2].count(0)
    if zeros_even + zeros_odd:
        # In UTF-16, every other byte of Latin text is zero, and of delimiters; in other encodings none is.
        half = len(sample) // 2
        if zeros_odd > 0.3 * half and zeros_even < 0.1 * half:
            return FoundEncoding("utf-16-le")
        if zeros_even > 0.3 * half and zeros_odd < 0.1 * half:
            return FoundEncoding("utf-16-be")
        for encoding in ("utf-16-le", "utf-16-be") if zeros_odd >= zeros_even else ("utf-16-be", "utf-16-le"):
            if _is_printable(sample[: len(sample) // 2 * 2], encoding):
                return FoundEncoding(encoding)
    controls = sum(sample.count(code) for code in range(32) if code not in b"\t\n\r\f\v\x1a\x1b")
    if controls > 0.01 * len(sample):
        raise DataError(
            "This isn't a text file, nor a table of another kind that can be read. "
            "Expected: CSV, Excel, Parquet or .npz. Save it as CSV."
        )
    if content.isascii() or decodes(content, "utf-8") or damaged_bytes(content):
        return FoundEncoding("utf-8")
    return find_code_page(content)


def _is_printable(sample: bytes, encoding: str) -> bool:
    """Return whether a sample is printable text of several lines in an encoding; its last sign may be cut."""
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(sample)
    except UnicodeDecodeError:
        return False
    return ("\n" in text or "\r" in text) and "".join(text.split()).isprintable()
