"""`python -m core export`: what is written, and where."""

import json

import keras
import numpy as np
import pytest

from core.__main__ import main
from core.datasets import prepare
from core.experiment import read_query
from core.export.script import notebook, script
from core.trained.bundle import load_bundle

QUICK = "data=moons&points=60&layers=tanh-3&batch=16&epochs=3"


@pytest.fixture
def trees(tmp_path, monkeypatch):
    monkeypatch.setenv("HIDDEN_LAYERS_HOME", str(tmp_path))  # set back where the command has set another
    path = tmp_path / "my trees.csv"
    rows = [f"{height},{'dry' if height % 3 else 'wet'},{'oak' if height % 2 else 'ash'}" for height in range(40)]
    path.write_text("\n".join(["height,soil,kind", *rows]), "utf-8")
    return path


def test_a_script_is_printed_and_a_notebook_written(tmp_path, capsysbinary):
    assert main(["export", QUICK, "--format", "script"]) == 0
    assert capsysbinary.readouterr().out.decode() == script(read_query(QUICK))
    assert main(["export", QUICK, "--format", "notebook", "-o", str(tmp_path / "moons.ipynb")]) == 0
    written = (tmp_path / "moons.ipynb").read_text("utf-8")
    assert written == notebook(read_query(QUICK))
    assert json.loads(written)["nbformat"] == 4
    assert capsysbinary.readouterr().out == b""


def test_a_script_of_a_file_names_it_and_pictures_are_fetched_only_where_it_takes_them(trees, capsysbinary):
    assert main(["export", "layers=none", "--file", str(trees), "--format", "script"]) == 0
    assert b'FILE = "my trees.csv"' in capsysbinary.readouterr().out
    assert main(["export", "data=mnist", "--format", "script"]) == 0  # which is not here
    assert b"keras.datasets.mnist" in capsysbinary.readouterr().out


def test_a_trained_network_is_written_as_a_keras_file_and_as_a_bundle(tmp_path, capsysbinary):
    path = tmp_path / "moons.keras"
    assert main(["export", QUICK, "--format", "keras", "-o", str(path)]) == 0
    assert main(["export", QUICK, "--format", "bundle", "-o", "-"]) == 0
    bundle = load_bundle(capsysbinary.readouterr().out)
    assert len(bundle.history["loss"]) == 3
    inputs = prepare(read_query(QUICK).data).x_val
    outputs = keras.saving.load_model(path).predict(inputs, verbose=0)
    np.testing.assert_allclose(outputs[:, 0], bundle.network.predict(inputs)[:, 1], rtol=1e-5)


def test_a_report_is_one_page(tmp_path, trees):
    path = tmp_path / "report.html"
    query = "layers=relu-4&epochs=2&validation=0.2"
    assert main(["export", query, "--file", str(trees), "--format", "report", "-o", str(path)]) == 0
    text = path.read_text("utf-8")
    assert "<td>test</td>" in text
    assert "Your file: predict a class (my trees.csv)" in text
    assert "hidden_1 (Dense)" in text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([QUICK, "--format", "keras"], "give a file with `-o`"),
        ([QUICK, "--format", "script", "-o", "/nowhere/x.py"], "cannot be written: No such file"),
        (["lr=x", "--format", "script"], "`lr` must be"),
        (["data=hills&layers=linear-9,linear-9&optimizer=sgd&lr=10", "--format", "bundle", "-o", "-"], "learning rate"),
        (["", "--format", "script", "--target", "kind"], "give it with `--file`"),
    ],
)
def test_a_mistake_is_one_line(arguments, words, capsysbinary):
    assert main(["export", *arguments]) == 2
    captured = capsysbinary.readouterr()
    assert captured.out == b""
    assert words in captured.err.decode().splitlines()[-1]
