"""QR codes of links."""

from __future__ import annotations

import functools

import segno


@functools.lru_cache(maxsize=256)
def qr_rows(text: str) -> tuple[str, ...]:
    """Return the rows of a text's QR code, top first, each as the digits 1 (dark) and 0; () where it is too long.

    The margin that a code needs around it, four dots wide, is not in it.
    """
    try:
        code = segno.make(text, error="m", micro=False)
    except segno.DataOverflowError:
        return ()
    return tuple("".join("1" if dot else "0" for dot in row) for row in code.matrix)
