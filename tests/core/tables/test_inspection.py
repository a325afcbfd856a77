"""`python -m core inspect`."""

import json
import subprocess
import sys

import pytest

from core.__main__ import main
from tests.core.datasets.picture_zips import folders

NOTES = [
    "1 line has more than 3 values and was skipped (5).",
    (
        "No inputs: 'id' (an identifier: its values are all different, and its name is that of an identifier). To "
        "learn from one all the same, choose it as an input (`columns`)."
    ),
    "Missing values are replaced by their median of the training rows: 'size' (1).",
]
CONTENT = "id;size;colour\n7;1,5;red\n9;2,5;blau ä\n4;;red\n6;3,5;red;9\n"


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "table.csv"
    path.write_bytes(CONTENT.encode("latin-1"))
    return path


def test_inspect_prints_one_json_object(file):
    command = [sys.executable, "-m", "core", "inspect", str(file), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == {
        "encoding": "latin-1",
        "delimiter": ";",
        "decimal": ",",
        "header": True,
        "sheet": None,
        "sheets": [],
        "rows": 3,
        "image_shape": None,
        "columns": [
            {"name": "id", "type": "identifier", "missing": 0, "unique": 3},
            {"name": "size", "type": "number", "missing": 1, "unique": 2},
            {"name": "colour", "type": "category", "missing": 0, "unique": 2},
        ],
        "warnings": NOTES,
    }


def test_inspect_prints_text_for_people(file, capsys):
    assert main(["inspect", str(file)]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    lines = out.splitlines()
    assert lines[:2] == ["3 rows, 3 columns", "encoding latin-1, delimiter semicolon, decimal separator ,, a header"]
    assert lines[4].split() == ["size", "number", "2", "different", "1", "missing"]
    assert lines[-4:] == ["", *(f"note: {note}" for note in NOTES)]


@pytest.mark.parametrize(
    ("make", "what"),
    [
        (lambda path: None, "No such file"),
        (lambda path: path.mkdir(), "is a folder"),
        (lambda path: path.write_bytes(b""), "The file is empty"),
        (lambda path: path.write_bytes(b"\x89PNG\r\n"), "a PNG picture"),
    ],
)
@pytest.mark.parametrize("name", ["file.csv", "two\nlines.csv"])
def test_what_cannot_be_read_is_said_on_one_line(make, what, name, tmp_path, capsys):
    make(tmp_path / name)
    assert main(["inspect", str(tmp_path / name), "--json"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: ")
    assert what in err
    assert err.count("\n") == 1


def test_inspect_prints_what_is_in_a_zip_of_pictures(tmp_path, capsys):
    path = tmp_path / "pets.zip"
    path.write_bytes(folders(cats=[1, 2], dogs=[3]))
    assert main(["inspect", str(path)]) == 0
    assert capsys.readouterr().out.split() == ["3", "pictures,", "2", "classes", "cats", "2", "dogs", "1"]
    assert main(["inspect", str(path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "rows": 3,
        "image_shape": [28, 28],
        "classes": {"cats": 2, "dogs": 1},
        "warnings": [],
    }


def test_a_path_that_is_none(capsys):
    assert main(["inspect", "a\0b"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_inspect_loads_no_tensorflow(file):
    code = (
        "import sys; from core.__main__ import main; status = main(['inspect', sys.argv[1]]);"
        "sys.exit(status if not {'tensorflow', 'keras', 'streamlit'} & set(sys.modules) else 3)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(file)], capture_output=True, check=False)
    assert done.returncode == 0
