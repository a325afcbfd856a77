"""Text files: their encoding, delimiter, decimal sign and header, and their values as text."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain, pairwise

import pyarrow as pa
import pyarrow.csv

from core.errors import DataError
from core.tables.table import MAX_CELLS, MAX_COLUMNS, MAX_ROWS, RawTable, Reading, Values, cut_rows

# In the order in which one is preferred where several part all lines evenly: commas are decimal signs too.
DELIMITERS = ("\t", ";", "|", ",")
SPACES = " "
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
MISSING = ("", "?", "na", "n/a", "#n/a", "<na>", "null", "-", "nan", "nat")  # in any case
NUMBER = re.compile(r"[+-]?((\d+[.,]?\d*|[.,]\d+)([eE][+-]?\d+)?|inf|Inf|Infinity)")

_COMMA = re.compile(r"\s*[+-]?(\d+|\d{1,3}(\.\d{3})+),\d+\s*")  # a number with a decimal comma
_DOT = re.compile(r"\s*[+-]?(\d*|\d{1,3}(,\d{3})+)\.\d+\s*")  # one with a point
_GROUP = re.compile(r"\s*[+-]?[1-9]\d{0,2},\d{3}\s*")  # what could be either

_LONGEST_NUMBER = 60  # characters

_SAMPLE = 1 << 20  # bytes that say how the file is laid out
_SAMPLE_LINES = 2_000
_MAX_UNEVEN = 100_000_000  # bytes of a file whose lines are mended one by one, which takes four times as long
_BLOCK = 1 << 24  # bytes; no line may be longer
_CHUNK = 1 << 20
_MOST_LINES_ABOVE = 20  # a title and remarks, before the table begins
_LEAST_SHARE = 0.5  # of the lines that a delimiter parts into the same number of values
_SHOWN_LINES = 5  # line numbers in a warning

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_Record = list[str]

# Python's own bound of 131,072 characters a value is less than what the fast way reads.
csv.field_size_limit(_BLOCK)


@dataclass(frozen=True)
class Layout:
    """How the lines of a file are parted.

    Attributes:
        delimiter: one character; `SPACES` for runs of spaces.
        width: the number of values in most lines, or in the first if that has more.
        above: how many lines stand above the table.
        even: whether every line of the sample has `width` values and none stands above.
        records: the lines of the sample from the first of the table on, parted.
    """

    delimiter: str
    width: int
    above: int
    even: bool
    records: list[_Record]


def read_text(content: bytes, reading: Reading) -> RawTable:
    """Return the table of a text file, all values text.

    Raises:
        DataError: where the bytes are no text, or there is no table in it.
    """
    encoding = find_encoding(content) if reading.encoding is None else _known_encoding(reading.encoding)
    text = _to_utf8(content, encoding)
    raw = read_utf8(text, replace(reading, delimiter=_known_delimiter(reading.delimiter)))
    return replace(raw, reading=replace(raw.reading, encoding=encoding))


def read_utf8(text: pa.Buffer, reading: Reading) -> RawTable:
    """Return the table of a text in UTF-8 without a byte order mark.

    Raises:
        DataError: where there is no table in it.
    """
    text = _from_first_line(text)
    layout = find_layout(text, reading.delimiter)
    if layout.width > MAX_COLUMNS:
        raise DataError(f"A table may have at most {MAX_COLUMNS:,} columns. This one has {layout.width:,}.")
    header = has_header(layout.records) if reading.header is None else reading.header
    decimal = reading.decimal or find_decimal(layout)
    warnings: list[str] = []
    columns, rows = _parse(text, layout, header, warnings)
    first = [str(column[0]) for column in columns] if header else []
    if header:
        columns, rows = [column[1:] for column in columns], rows - 1
    if not rows:
        raise DataError("The file has names of columns and no row below them. Add rows, or say that it has no header.")
    warnings += cut_rows(len(columns[0]), rows)
    names = first or [""] * layout.width
    found = replace(reading, delimiter=layout.delimiter, decimal=decimal, header=header)
    return RawTable(names, list[Values](columns), found, warnings=tuple(warnings))


def layout_of(content: bytes, reading: Reading) -> Layout:
    """Return how the lines of a file that was read so are parted; the reading has its encoding and delimiter.

    Raises:
        DataError: where it cannot be read so.
    """
    return find_layout(_from_first_line(_to_utf8(content, reading.encoding or "utf-8")), reading.delimiter)


def find_encoding(content: bytes) -> str:
    """Return the encoding: by the mark at the beginning, else UTF-16 by its zeros, else UTF-8, else Western.

    Raises:
        DataError: where the bytes are no text.
    """
    for mark, encoding in _BOMS:
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


def find_layout(text: pa.Buffer, delimiter: str | None = None) -> Layout:
    """Return how the lines are parted, by a sample from the beginning.

    A delimiter fits where it parts most lines into the same number of values, two or more. Among those the one that
    fits from the first line on comes first, then the one that parts more lines evenly, then the order of
    `DELIMITERS`. Runs of spaces count where nothing else fits, all lines are even and a column holds numbers.

    Raises:
        DataError: where the text is empty.
    """
    sample, whole = _sample(text)
    if whole and not sample.strip():
        raise _empty()
    if delimiter is not None:
        return _fit(_records(sample, delimiter, whole), delimiter)
    fits = [
        layout
        for candidate in DELIMITERS
        if candidate in sample and _fits(layout := _fit(_records(sample, candidate, whole), candidate))
    ]
    if fits:
        return max(fits, key=_rank)
    if SPACES in sample:
        spaced = _fit(_records(sample, SPACES, whole), SPACES)
        named = spaced.even or _misses_first_name(spaced)
        if spaced.width > 1 and named and not spaced.above and _has_numbers(spaced.records):
            return spaced
    # One column: any delimiter that does not occur.
    absent = next((sign for sign in (",", ";", "\t", "|") if sign not in sample), "\x1f")
    return _fit(_records(sample, absent, whole), absent)


def _sample(text: pa.Buffer) -> tuple[str, bool]:
    """Return the beginning of the text, with two lines at least if they are not too long, and whether it is all."""
    for size in (_SAMPLE, _BLOCK):
        sample = text.slice(0, min(text.size, size)).to_pybytes()
        if len(sample.splitlines()) > 2:
            break
    return sample.decode("utf-8", "ignore"), len(sample) == text.size


def has_header(records: list[_Record]) -> bool:
    """Return whether the first record holds names.

    Columns of numbers vote: yes where a word stands above them, no where a number does. Numbers that count
    (0, 1, 2 … or 2019, 2020), which no second row goes on with, are names too. Without such columns the first row
    holds names unless its values come again below.
    """
    first, rest = records[0], records[1:]
    if not rest:
        return not any(map(is_number, first))
    if _counts(first) and not _counts(rest[0]):
        return True
    yes = no = again = 0
    for place, name in enumerate(first):
        below = [record[place] for record in rest if place < len(record) and not is_missing(record[place])]
        if not below or not name.strip():
            continue
        numbers = sum(map(is_number, below)) > 0.9 * len(below)
        if numbers:
            yes, no = yes + (not is_number(name)), no + is_number(name)
        else:
            again += name in below
    if yes != no:
        return yes > no
    return yes > 0 or not again


def find_decimal(layout: Layout) -> str:
    """Return the decimal sign of most numbers in the sample: "," or "."; groups as in 1,234 say little."""
    commas = dots = clear = 0
    for value in chain.from_iterable(layout.records):
        if _COMMA.fullmatch(value):
            commas += 1
            clear += not _GROUP.fullmatch(value)
        elif _DOT.fullmatch(value):
            dots += 1
    if layout.delimiter == ";":
        return "," if commas > dots else "."
    return "," if clear > dots else "."


def is_missing(value: str) -> bool:
    """Return whether a value stands for none."""
    return value.strip().lower() in MISSING


def is_number(value: str) -> bool:
    """Return whether a value is a number, with either decimal sign."""
    stripped = value.strip()
    # The expression tries a million digits and a letter in a million ways.
    return len(stripped) <= _LONGEST_NUMBER and NUMBER.fullmatch(stripped) is not None


def _empty() -> DataError:
    return DataError("The file is empty. Expected: a table with at least one row.")


def _known_encoding(name: str) -> str:
    for encoding in ENCODINGS:
        if name.lower().replace("_", "-") == encoding.replace("_", "-"):
            return encoding
    raise DataError(f"`encoding` must be one of {', '.join(ENCODINGS)}. Received: {name[:40]!r}.")


def _known_delimiter(delimiter: str | None) -> str | None:
    if delimiter is None:
        return None
    if len(delimiter) != 1 or not delimiter.isascii() or delimiter.isalnum() or delimiter in '"\r\n\0.':
        raise DataError(
            "`delimiter` must be one sign such as a comma, a semicolon, a tab, | or a space. "
            f"Received: {delimiter[:40]!r}."
        )
    return delimiter


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
    for start in range(0, len(content), _CHUNK):
        yield decoder.decode(content[start : start + _CHUNK])
    yield decoder.decode(b"", final=True)


def _to_utf8(content: bytes, encoding: str) -> pa.Buffer:
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


def _parted(lines: Iterator[str] | io.TextIOBase, delimiter: str, quoted: bool = True) -> Iterator[_Record]:
    """Yield the values of every line that has any.

    Raises:
        csv.Error: where a value is longer than a block.
    """
    reader = csv.reader(
        lines,
        delimiter=delimiter,
        quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE,
        skipinitialspace=delimiter == SPACES,
    )
    for record in reader:
        if delimiter == SPACES and record:
            # Spaces at the ends of a line part nothing.
            record = record[record[0] == "" : len(record) - (record[-1] == "")]
        if record:
            yield record


def _records(sample: str, delimiter: str, whole: bool) -> list[_Record]:
    records: list[_Record] = []
    for record in _parted(io.StringIO(sample, newline=""), delimiter):
        records.append(record)
        if len(records) == _SAMPLE_LINES:
            return records
    # The sample ends within a line.
    return records if whole or len(records) < 2 else records[:-1]


def _fit(records: list[_Record], delimiter: str) -> Layout:
    if not records:
        raise _empty()
    counts = Counter(map(len, records))
    most = max(counts.values())
    likely = {width for width, count in counts.items() if count == most}
    usual = len(records[0]) if len(records[0]) in likely else max(likely)
    above = _lines_above(records, usual)
    table = records[above:]
    width = max(usual, len(table[0]))
    # A delimiter at the end of every line but the first is no further column.
    if len(table[0]) == usual - 1 and not any(record[-1].strip() for record in table[1:] if len(record) == usual):
        width = usual - 1
    even = not above and all(len(record) == width for record in table)
    return Layout(delimiter, width, above, even, table)


def _lines_above(records: list[_Record], width: int) -> int:
    """Return how many lines come before the first that could be of the table."""
    if width < 2:
        return 0
    for place, record in enumerate(records[: _MOST_LINES_ABOVE + 1]):
        remark = record[0].startswith("#") and len(record) != width
        if len(record) >= max(2, width - 1) and not remark and not _is_title(records[place : place + 6], width):
            return place
    return 0


def _is_title(records: list[_Record], width: int) -> bool:
    """Return whether the first record is a title padded with empty values, as spreadsheets save it."""
    filled = [value for value in records[0] if value.strip()]
    if width < 3 or len(filled) > 1 or any(map(is_number, filled)):
        return False
    return any(
        len(record) == width and all(value.strip() and not is_number(value) for value in record)
        for record in records[1:]
    )


def _share(layout: Layout) -> float:
    return sum(len(record) == layout.width for record in layout.records) / len(layout.records)


def _fits(layout: Layout) -> bool:
    if layout.width < 2 or len(layout.records[0]) < 2:
        return False
    usual = Counter(map(len, layout.records)).most_common(1)[0][1] / len(layout.records)
    if usual < _LEAST_SHARE:
        return False
    # A name above numbers with a decimal comma is one column.
    decimals = layout.delimiter == "," and layout.width == 2 and layout.above
    return not (decimals and all(all(map(str.isdigit, record)) for record in layout.records))


def _rank(layout: Layout) -> tuple[bool, float, int]:
    return not layout.above, round(_share(layout), 1), -DELIMITERS.index(layout.delimiter)


def _has_numbers(records: list[_Record]) -> bool:
    below = records[1:] or records
    return any(all(map(is_number, values)) for values in zip(*below, strict=True))


def _counts(record: _Record) -> bool:
    """Return whether the numbers of a record count on by one: three or more, or two years."""
    numbers = [int(value) for value in record if re.fullmatch(r"\s*\d{1,9}\s*", value)]
    if len(numbers) < 2 or any(after - before != 1 for before, after in pairwise(numbers)):
        return False
    return len(numbers) > 2 or 1800 <= numbers[0] <= 2100


def _parse(text: pa.Buffer, layout: Layout, header: bool, warnings: list[str]) -> tuple[list[pa.ChunkedArray], int]:
    """Return the columns of text, the header among their values, and how many rows there are.

    Fewer rows come back where they have too many cells. Files whose lines are not even take a slower way.
    """
    most = min(MAX_ROWS, MAX_CELLS // layout.width) + header
    # An odd number of quotation marks may be one that swallows all that follows it.
    if layout.even and layout.delimiter != SPACES and not _odd_quotes(text):
        try:
            return _parse_even(text, layout.delimiter, layout.width, most)
        except pa.ArrowInvalid:
            pass  # a line with another number of values; the slow way counts them
    try:
        even, rows = _even_out(_shortened(text, warnings), layout, most, warnings)
        return _parse_even(even, ",", layout.width, most)[0], rows
    except (csv.Error, pa.ArrowInvalid) as error:
        raise DataError(
            "The file cannot be parted into columns: its lines are too long, or all have other numbers of values. "
            "Choose another delimiter, or close the quotation mark that is open."
        ) from error


def _from_first_line(text: pa.Buffer) -> pa.Buffer:
    """Return the text without the empty lines that it begins with."""
    start = 0
    for piece in _pieces(text):
        rest = piece.lstrip(b"\r\n")
        start += len(piece) - len(rest)
        if rest:
            break
    return text.slice(start)


def _shortened(text: pa.Buffer, warnings: list[str]) -> pa.Buffer:
    if text.size <= _MAX_UNEVEN:
        return text
    end = text.slice(0, _MAX_UNEVEN).to_pybytes().rfind(b"\n") + 1
    warnings.append(
        f"Only the first {_MAX_UNEVEN // 1_000_000} MB were read, as not all lines have the same number of values."
    )
    return text.slice(0, end or _MAX_UNEVEN)


def _pieces(text: pa.Buffer) -> Iterator[bytes]:
    view = memoryview(text)
    return (bytes(view[start : start + _CHUNK]) for start in range(0, text.size, _CHUNK))


def _odd_quotes(text: pa.Buffer) -> bool:
    return sum(piece.count(b'"') for piece in _pieces(text)) % 2 == 1


def _parse_even(text: pa.Buffer, delimiter: str, width: int, most: int) -> tuple[list[pa.ChunkedArray], int]:
    reader = pyarrow.csv.open_csv(
        pa.BufferReader(text),
        read_options=pyarrow.csv.ReadOptions(autogenerate_column_names=True, block_size=_BLOCK),
        parse_options=pyarrow.csv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
        convert_options=pyarrow.csv.ConvertOptions(
            column_types={f"f{place}": pa.string() for place in range(width)}, strings_can_be_null=False
        ),
    )
    if len(reader.schema) != width:
        raise pa.ArrowInvalid(f"{len(reader.schema)} columns instead of {width}")
    batches: list[pa.RecordBatch] = []
    kept = rows = 0
    for batch in reader:
        if kept < most:
            batches.append(batch.slice(0, most - kept))
            kept += batches[-1].num_rows
        rows += batch.num_rows
    table = pa.Table.from_batches(batches, reader.schema)
    return list(table.columns), rows


def _even_out(text: pa.Buffer, layout: Layout, most: int, warnings: list[str]) -> tuple[pa.Buffer, int]:
    """Return the table as commas part it, its first `most` lines with `width` values each, and how many it has.

    What was mended is added to `warnings`.

    Raises:
        csv.Error: where a value is longer than a block.
    """
    if any(b'"' in piece for piece in _pieces(text)) and _ends_in_quotes(text, layout.delimiter):
        warnings.append("A quotation mark is never closed, so quotation marks were read as any other sign.")
        quoted = False
    else:
        quoted = True
    out = io.BytesIO()
    written = io.TextIOWrapper(out, "utf-8", newline="", write_through=False)
    writer = csv.writer(written, quoting=csv.QUOTE_ALL, lineterminator="\n")
    padded = rows = 0
    left_out: list[int] = []
    for number, record in enumerate(_parted(_lines(text), layout.delimiter, quoted), start=1):
        if number <= layout.above:
            continue
        if len(record) > layout.width and not any(map(str.strip, record[layout.width :])):
            record = record[: layout.width]
        if len(record) > layout.width:
            left_out.append(number)
            continue
        if len(record) < layout.width:
            missing = [""] * (layout.width - len(record))
            # Names without one for the first column: R writes row names so.
            shifted = number == layout.above + 1 and _misses_first_name(layout)
            padded += not shifted
            record = missing + record if shifted else record + missing
        rows += 1
        if rows <= most:
            writer.writerow(record)
    written.flush()
    warnings += _mended(layout, padded, left_out)
    return pa.py_buffer(out.getbuffer()), rows


def _lines(text: pa.Buffer) -> io.TextIOWrapper:
    # pa.BufferReader has all that a wrapped file needs; its type does not say so.
    return io.TextIOWrapper(io.BufferedReader(pa.BufferReader(text)), "utf-8", newline="")


def _ends_in_quotes(text: pa.Buffer, delimiter: str) -> bool:
    """Return whether a line put at the end would be swallowed by a value."""
    end = "\x02end"
    last = [""]
    try:
        for record in _parted(chain(_lines(text), [end]), delimiter):
            last = record
    except csv.Error:  # one that has swallowed more than a block
        return True
    return last != [end]


def _misses_first_name(layout: Layout) -> bool:
    first, *rest = layout.records
    return (
        len(first) == layout.width - 1
        and len(first) > 1
        and all(len(record) == layout.width for record in rest)
        and any(record[-1].strip() for record in rest)
        and has_header([["", *first], *rest])
    )


def _mended(layout: Layout, padded: int, left_out: list[int]) -> Iterator[str]:
    if layout.above:
        yield f"{_lines_have(layout.above)} been left out above the table."
    if padded:
        yield f"{_lines_have(padded)} fewer than {layout.width} values: what they lack is missing."
    if left_out:
        shown = ", ".join(f"{number:,}" for number in left_out[:_SHOWN_LINES])
        more = ", …" if len(left_out) > _SHOWN_LINES else ""
        which = "it was" if len(left_out) == 1 else "they were"
        yield f"{_lines_have(len(left_out))} more than {layout.width} values: {which} left out ({shown}{more})."


def _lines_have(count: int) -> str:
    return "1 line has" if count == 1 else f"{count:,} lines have"
