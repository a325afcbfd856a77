"""A QR code is read as what it says."""

import numpy as np
import zxingcpp

from ui.qr_code import qr_rows

LINK = "http://lab.school.example:8501/lab/?recipe=circles&layers=tanh-8,relu-4-drop0.2&hide=optimizer&lock=lr"


def test_a_reader_reads_the_link() -> None:
    rows = qr_rows(LINK)
    dots = np.array([[int(dot) for dot in row] for row in rows], np.uint8)
    assert dots.shape == (len(rows), len(rows))
    picture = np.kron(np.pad(1 - dots, 4, constant_values=1), np.ones((4, 4), np.uint8)) * 255
    (found,) = zxingcpp.read_barcodes(picture)
    assert found.text == LINK


def test_a_link_that_is_too_long_has_none() -> None:
    assert qr_rows(LINK + "x" * 3000) == ()
