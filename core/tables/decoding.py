"""Decoding of text in one of the known encodings, to UTF-8."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa

from core.errors import DataError

# No other codecs are used: some of Python's don't decode text, and punycode takes forever.
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
    "cp866",
    "iso8859-5",
    "mac-cyrillic",
    "cp1253",
    "iso8859-7",
    "cp1254",
    "cp1255",
    "cp1256",
    "cp1257",
    "cp850",
    "cp852",
    "cp874",
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

_PIECE = 1 << 20  # bytes
_LETTER = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")  # in UTF-8
_ASCII = bytes(range(128))
_FEW = 0.25  # damaged letters for each whole one, in a text that is still UTF-8


@dataclass(frozen=True)
class FoundEncoding:
    """The encoding of a text.

    Attributes:
        name: one of `ENCODINGS`.
        others: others that are about as likely and give another text, the likeliest first.
        words: the first words that the first of them reads otherwise.
        other_words: the same words, read with it.
    """

    name: str
    others: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    other_words: tuple[str, ...] = ()


def known_encoding(name: str) -> str:
    """Return one of `ENCODINGS` by its name, in any case and with - or _.

    Raises:
        DataError: if it is not one of them.
    """
    for encoding in ENCODINGS:
        if name.lower().replace("_", "-") == encoding.replace("_", "-"):
            return encoding
    raise DataError(f"`encoding` must be one of {', '.join(ENCODINGS)}. Received: {name[:40]!r}.")


def to_utf8(content: bytes, encoding: str) -> pa.Buffer:
    """Return the text in UTF-8, without a byte order mark; a few damaged letters of UTF-8 become �.

    Raises:
        DataError: if the bytes are not valid in that encoding.
    """
    errors = "strict"
    try:
        if encoding in ("utf-8", "utf-8-sig"):
            bom = codecs.BOM_UTF8 if content.startswith(codecs.BOM_UTF8) else b""
            if content.isascii() or decodes(content, "utf-8"):
                return pa.py_buffer(content).slice(len(bom))
            errors = "replace" if damaged_bytes(content) else "strict"
        out = io.BytesIO()
        for piece in _decoded(content, encoding, errors):
            out.write(piece.encode("utf-8"))
    except UnicodeError as error:
        raise DataError(
            f"The file cannot be read as {encoding}: it has bytes that are not valid there. Choose another encoding."
        ) from error
    return pa.py_buffer(out.getbuffer())


def damaged_bytes(content: bytes) -> int:
    """Return the number of bytes that are not valid in a text that is nearly all UTF-8; 0 if it isn't."""
    if content.isascii() or decodes(content, "utf-8"):
        return 0
    beyond = sum(len(piece.translate(None, _ASCII)) for piece in pieces(content))
    letters = 0
    for letter in _LETTER.finditer(content):
        letters += 1
        beyond -= letter.end() - letter.start()
    return beyond if beyond <= _FEW * letters else 0


def decodes(content: bytes, encoding: str) -> bool:
    """Return whether the bytes are valid in an encoding."""
    try:
        for _ in _decoded(content, encoding):
            pass
    except UnicodeDecodeError:
        return False
    return True


def _decoded(content: bytes, encoding: str, errors: str = "strict") -> Iterator[str]:
    """Yield the text in pieces: as one string, a single emoji would make all letters take four bytes."""
    decoder = codecs.getincrementaldecoder(encoding)(errors)
    for piece in pieces(content):
        yield decoder.decode(piece)
    yield decoder.decode(b"", final=True)


def pieces(text: bytes | pa.Buffer) -> Iterator[bytes]:
    """Yield the bytes of a text in pieces of about a million."""
    view = memoryview(text)
    return (bytes(view[start : start + _PIECE]) for start in range(0, len(view), _PIECE))
