"""The formats besides text, sheets, Parquet and .npz: those that are read, and those that are named with a way out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core.tables.formats.arff import is_arff, read_arff
from core.tables.formats.html_tables import is_html, read_html
from core.tables.formats.json_tables import is_json, read_json
from core.tables.formats.statistics_files import is_sas, is_stata, read_sas, read_stata
from core.tables.formats.svmlight import is_svmlight, read_svmlight
from core.tables.table import RawTable, Reading


@dataclass(frozen=True)
class Format:
    """A format that is read: its name, how a file of it is known, and how it is read."""

    name: str
    fits: Callable[[bytes], bool]
    read: Callable[[bytes, Reading], RawTable]


FORMATS = (
    Format("arff", is_arff, read_arff),
    Format("json", is_json, read_json),
    Format("html", is_html, read_html),
    Format("svmlight", is_svmlight, read_svmlight),
    Format("stata", is_stata, read_stata),
    Format("sas", is_sas, read_sas),
)
_SAVE = "save the table as CSV"
# The first bytes of files that are not read.
_OTHERS = (
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF89a", "a GIF picture"),
    (b"GIF87a", "a GIF picture"),
    (b"II*\0", "a TIFF picture"),
    (b"MM\0*", "a TIFF picture"),
    (b"%PDF", "a PDF document"),
    (b"{\\rtf", "a document in rich text"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive: unpack it first"),
    (b"7z\xbc\xaf", "a 7z archive: unpack it first"),
    (b"Rar!", "a RAR archive: unpack it first"),
    (b"\x93NUMPY", "a single NumPy array: save it with numpy.savez"),
    (b"\x89HDF", f"an HDF5 file: {_SAVE}"),
    (b"SQLite format 3", f"an SQLite database: {_SAVE}"),
    (b"ARROW1", "an Arrow file: save it as Parquet"),
    (b"FEA1\0", "a Feather file: save it as Parquet"),
    (b"Obj\x01", "an Avro file: save it as Parquet"),
    (b"MATLAB 5.0 MAT-file", f"a MATLAB file: {_SAVE} (writetable)"),
    (b"$FL2@(#)", "an SPSS file: in SPSS, choose File > Export > CSV"),
    (b"$FL3@(#)", "an SPSS file: in SPSS, choose File > Export > CSV"),
    (b"RDX2\n", f"a file of R: {_SAVE} (write.csv)"),
    (b"RDX3\n", f"a file of R: {_SAVE} (write.csv)"),
    (b"X\n\0\0\0", f"a file of R: {_SAVE} (write.csv)"),
    (b"MIME-Version:", "a web page with its parts (.mht): open it, and save the table as CSV"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
)
_PICKLES = tuple(b"\x80" + bytes([protocol]) for protocol in range(2, 6))


def find_format(content: bytes) -> Format | None:
    """Return the format of a file; None for all that has none of `FORMATS`."""
    return next((format for format in FORMATS if format.fits(content)), None)


def other_kind(content: bytes) -> str | None:
    """Return what a file is that cannot be read, with the way out; None if it is not known."""
    if content.startswith(_PICKLES):
        return f"a Python pickle, which is not opened because it may hold a program: {_SAVE}"
    if content[257:262] == b"ustar":
        return "a tar archive: unpack it first"
    if content[4:8] == b"ftyp" and content[8:12] in (b"heic", b"heix", b"mif1", b"avif"):
        return "a HEIC or AVIF picture"
    if content.startswith(b"BM") and content[6:10] == bytes(4):
        return "a BMP picture"
    head = content[:3000].removeprefix(b"\xef\xbb\xbf").lstrip()
    if head.startswith((b"<?xml", b"<Workbook")):
        if b"urn:schemas-microsoft-com:office:spreadsheet" in head:
            return "a sheet of Excel 2003 in XML: open it in Excel, and save it as .xlsx or CSV"
        return f"an XML document: {_SAVE}"
    return next((what for beginning, what in _OTHERS if content.startswith(beginning)), None)
