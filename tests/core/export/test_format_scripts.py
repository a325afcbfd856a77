"""The script of a table in another known format, or in a packed file."""

import gzip
import json

import pytest

from core.errors import DataError
from tests.core.export.test_file_scripts import check_rows
from tests.core.tables.formats.written_formats import FILES, FRAME, RECORDS, arff, zipped


@pytest.mark.parametrize("name", [name for name in FILES if name not in ("trees.html", "trees.xpt")])
def test_the_script_reads_the_same_rows(name, tmp_path):
    check_rows(FILES[name], name, tmp_path)


def test_a_number_of_sas(tmp_path):
    check_rows(FILES["trees.xpt"], "trees.xpt", tmp_path, "file_numbers", target_column="SIZE")


def test_objects_within_objects_and_missing_values(tmp_path):
    records = [{"size": {"w": row["size"], "h": row["count"]}, "kind": row["kind"]} for row in RECORDS]
    del records[3]["size"]["h"]
    records[5]["size"] = {}
    check_rows(json.dumps(records).encode(), "trees.json", tmp_path)


def test_arff_with_quotes_and_comments(tmp_path):
    frame = FRAME.assign(colour="'a, b'", kind=["'oak, old'", "ash"] * 12)
    text = "\n".join(",".join(map(str, row)) for row in frame.to_numpy())
    head = arff().decode().partition("@DATA")[0]
    check_rows(f"{head}@DATA\n% rows\n{text}\n".encode(), "trees.arff", tmp_path)


def test_a_packed_sheet_and_arrays(tmp_path):
    check_rows(gzip.compress(FILES["trees.arff"]), "trees.arff.gz", tmp_path)
    check_rows(zipped(**{"a/trees.json": FILES["trees.json"]}), "trees.zip", tmp_path)


def test_formats_that_a_script_cannot_read(tmp_path):
    nested = json.dumps({f"row {place}": record for place, record in enumerate(RECORDS)})
    for content, what in (
        (FILES["trees.html"], "a web page"),
        (nested.encode(), "JSON of this form"),
        (b"\xef\xbb\xbf" + FILES["trees.json"], "JSON that is not in UTF-8"),
    ):
        with pytest.raises(DataError, match=f"A script cannot read {what}"):
            check_rows(content, "trees", tmp_path)
