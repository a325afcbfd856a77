"""`python -m core run`: built-in data, files and downloads."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import psutil
import pytest
from PIL import Image

from core.__main__ import main
from core.commands.run import train
from core.datasets.downloads import HOME_VARIABLE
from core.experiment import from_json, read_query
from core.messages.commands import Command
from core.training.trainer import Trainer
from core.workers.worker import programs
from tests.core.datasets.picture_zips import folders
from tests.core.training.record import Record

QUICK = "data=moons&points=60&layers=tanh-3&batch=16"
KEYS = {
    "experiment",
    "status",
    "parameters",
    "epochs",
    "history",
    "test",
    "confusion_matrix",
    "class_names",
    "ms_per_epoch",
    "seconds",
    "first_epoch_seconds",
    "notes",
}


@dataclass(frozen=True)
class Done:
    """What a command has printed, and its exit status."""

    returncode: int
    stdout: str
    stderr: str


Run = Callable[..., Done]


@pytest.fixture
def run(capsys) -> Run:
    """Run `python -m core run` in this process, which has loaded Keras already."""

    def run_here(*arguments: str) -> Done:
        capsys.readouterr()
        status = main(["run", *arguments])
        return Done(status, *capsys.readouterr())

    return run_here


@pytest.fixture
def data_home(monkeypatch) -> None:
    """Take back afterwards what `--data-home` sets in this process."""
    for variable in ("KERAS_HOME", "SCIKIT_LEARN_DATA", HOME_VARIABLE):
        monkeypatch.setenv(variable, os.environ.get(variable, ""))


def run_apart(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `python -m core run` in a process of its own, as a person does."""
    command = [sys.executable, "-m", "core", "run", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_figures_printed_are_those_of_the_epoch_whose_weights_are_back(capsys):
    query = "data=moons&points=60&noise=0.5&layers=tanh-3&batch=16&lr=0.1&epochs=60&patience=100"
    losses = train(read_query(query), quiet=True)[0]["history"]["val_loss"]
    best = losses.index(min(losses)) + 1
    assert best < 60
    assert main(["run", query]) == 0
    printed = capsys.readouterr()
    assert f"held-out: loss {min(losses):.4f}" in printed.out
    assert f"The weights from epoch {best} (lowest held-out loss) are restored." in printed.err


def test_a_run_prints_one_json_object():
    query = f"{QUICK}&epochs=30&lr=0.05&seed=3"
    done = run_apart(query, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    result = json.loads(done.stdout)
    assert set(result) == KEYS
    assert from_json(json.dumps(result["experiment"])) == read_query(query)
    assert (result["parameters"], result["epochs"]) == (13, 30)
    assert set(result["history"]) == {"loss", "accuracy", "val_loss", "val_accuracy"}
    assert {len(column) for column in result["history"].values()} == {30}
    assert result["history"]["loss"][-1] < result["history"]["loss"][0]
    assert sum(map(sum, result["confusion_matrix"])) == 12
    right = sum(result["confusion_matrix"][label][label] for label in (0, 1))
    assert right / 12 == pytest.approx(result["history"]["val_accuracy"][-1])
    assert result["class_names"] == ["class 0", "class 1"]
    assert 0 < result["ms_per_epoch"] < 1000 * result["seconds"]
    assert 0 < result["first_epoch_seconds"] <= result["seconds"]


def test_a_run_is_the_run_of_the_page():
    query = f"{QUICK}&epochs=30&lr=0.05&seed=3"
    record = Record()
    trainer = Trainer(read_query(query), record, programs())
    trainer.send(Command("train"))
    trainer.attend()
    result, message = train(read_query(query), quiet=True)
    assert message == ""
    np.testing.assert_array_equal(np.array(list(result["history"].values()), np.float32).T, record.history)
    assert result["confusion_matrix"] == record.last.arrays["confusion"].tolist()


def test_numbers_in_three_parts_have_errors_and_a_test(capsys):
    query = "data=curve&points=60&validation=0.25&layers=tanh-3&batch=16&epochs=3"
    assert main(["run", query, "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert list(result["history"]) == ["loss", "mae", "r2", "val_loss", "val_mae", "val_r2"]
    assert set(result["test"]) == {"loss", "mae", "r2"}
    assert result["confusion_matrix"] is None
    assert main(["run", query]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines[1:]] == ["training", "validation", "test"]
    for line in lines[1:]:
        assert "mean absolute error 0." in line
        assert "R² " in line


def test_a_run_that_ends_by_itself_has_not_failed_and_says_why(capsys):
    assert main(["run", f"{QUICK}&epochs=200&lr=0.1&target=0.5", "--json"]) == 0
    out, err = capsys.readouterr()
    assert err.startswith("The held-out accuracy reached ")
    assert json.loads(out)["epochs"] < 200


def test_a_run_prints_text_for_people(capsys):
    assert main(["run", f"{QUICK}&epochs=40&split=all"]) == 0
    out, err = capsys.readouterr()
    lines = out.splitlines()
    assert lines[0].startswith("13 parameters, 40 epochs in ")
    assert lines[1].startswith("training: loss 0.")
    assert lines[2].startswith("held-out (the training rows): loss 0.")
    assert lines[4] == "confusion matrix, rows true, columns predicted:"
    cells = [line.removeprefix(f"class {label}").split() for label, line in enumerate(lines[5:])]
    assert sum(int(cell) for row in cells for cell in row) == 60
    assert "epoch 40/40 [########################]" in err


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("data=mooons", "`data`"),
        ("data=moons&layers=tanh-0", "`layers`"),
        ("data=moons&lr=fast", "`lr`"),
        ("data=moons&epochs=0", "`epochs`"),
        ("data=moons&colour=red", "`colour`"),
        ("data=moons&arms=3", "`arms`"),
        ("recipe=imagenet", "`recipe`"),
        ("lr=0.1&lr=0.2", "`lr`"),
    ],
)
def test_a_mistake_is_named_on_one_line(query, named, capsys):
    assert main(["run", query]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"error: {named} must be ")
    assert "Received: " in err
    assert err.count("\n") == 1


def test_a_mistake_is_found_without_loading_tensorflow():
    done = run_apart("data=moons&lr=-1", "--json")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "error: `lr` must be a number from 1e-05 to 10. Received: -1.0.\n"
    code = (
        "import sys; from core.__main__ import main; status = main(['run', 'lr=x']);"
        "sys.exit(status if not {'tensorflow', 'keras', 'sklearn', 'numpy'} & set(sys.modules) else 3)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 2


def test_data_that_cannot_be_parted_are_a_mistake_too(capsys):
    assert main(["run", "data=iris&split=ordered&train_rows=100", "--json"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: `train_rows` must be a whole number from 101 to 149")
    assert err.count("\n") == 1


def test_a_network_too_large_is_a_mistake_too(capsys, monkeypatch):
    free = psutil.virtual_memory()._replace(available=0)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: free)
    assert main(["run", QUICK]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: This network of 13 parameters needs about ")
    assert err.count("\n") == 1


def test_a_run_that_breaks_down_is_still_json(capsys):
    status = main(["run", "data=moons&points=60&batch=8&layers=tanh-3&optimizer=sgd&lr=10&l2=1&epochs=50", "--json"])
    out, err = capsys.readouterr()
    assert status == 1

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON")

    result = json.loads(out, parse_constant=refuse)
    assert set(result) == KEYS
    assert 0 < result["epochs"] < 50
    assert {len(column) for column in result["history"].values()} == {result["epochs"]}
    assert result["history"]["loss"][-1] is None
    assert result["history"]["loss"][0] is not None
    assert err.startswith("The loss became ")
    assert err.count("\n") == 1


def test_a_test_that_is_no_number_is_json_too(tmp_path, capsys):
    path = tmp_path / "same.csv"
    path.write_text("x,y\n" + "".join(f"{row},5\n" for row in range(20)))
    query = "data=file_numbers&layers=none&init=zeros&epochs=1&validation=0.3"  # which is right about all of them
    home = os.environ[HOME_VARIABLE]
    assert main(["run", query, "--file", str(path), "--json"]) == 0
    assert os.environ[HOME_VARIABLE] == home  # where the file was kept is gone, and what was kept before is found again
    result = json.loads(capsys.readouterr().out, parse_constant=lambda constant: pytest.fail(f"{constant} is not JSON"))
    assert result["test"]["r2"] is None
    assert main(["run", query, "--file", str(path)]) == 0
    assert "R² NaN" in capsys.readouterr().out


def test_text_of_a_run_that_breaks_down(capsys):
    assert main(["run", "data=moons&points=60&batch=8&layers=tanh-3&optimizer=sgd&lr=10&l2=1&epochs=50"]) == 1
    out, err = capsys.readouterr()
    assert "training: loss NaN, accuracy " in out
    assert err.splitlines()[-1].startswith("The loss became ")


# A file of one's own

TREES = "\n".join(
    ["height,soil,kind", *(f"{100 + row},{'dry' if row % 3 else 'wet'},{row // 30}" for row in range(90))]
)


@pytest.fixture
def trees(tmp_path):
    path = tmp_path / "trees.csv"
    path.write_text(TREES)
    return path


def test_a_file_trains(run, trees):
    done = run("layers=relu-16&epochs=150&lr=0.05", "--file", str(trees), "--target", "kind", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    result = json.loads(done.stdout)
    assert set(result) == KEYS
    assert result["class_names"] == ["0", "1", "2"]
    assert result["parameters"] == 3 * 16 + 16 + 16 * 3 + 3  # height, dry and wet
    assert result["history"]["val_accuracy"][-1] > 0.9
    data = result["experiment"]["data"]
    assert (data["name"], data["table"]["target_column"]) == ("file", "kind")


def test_a_target_of_many_numbers_is_predicted_as_a_number_unless_the_query_says_otherwise(run, data_home, trees):
    home = ["--data-home", str(trees.parent)]  # where no file is looked for
    query = "layers=none&epochs=2"
    done = run(query, "--file", str(trees), "--target", "height", "--inputs", "kind", "--json", *home)
    result = json.loads(done.stdout)
    assert set(result["history"]) == {"loss", "mae", "r2", "val_loss", "val_mae", "val_r2"}
    assert result["parameters"] == 2
    done = run("data=file_numbers&layers=none&epochs=2", "--file", str(trees), "--target", "kind", "--json")
    assert json.loads(done.stdout)["class_names"] == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--target", "wood"], "`target_column` must be one of the table's columns: 'height', 'soil', 'kind'"),
        (["--inputs", "soil,leaf"], "`columns` must be one of"),
        (["--target", "soil", "--inputs", "soil"], "must not include the target"),
    ],
)
def test_a_mistake_about_a_file_is_one_line(run, trees, arguments, words):
    done = run("epochs=2", "--file", str(trees), *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: ")
    assert words in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_file_that_is_not_there_and_columns_of_none(run, tmp_path, capsys):
    done = run("epochs=2", "--file", str(tmp_path / "none.csv"))
    assert (done.returncode, done.stdout) == (2, "")
    assert "cannot be read: No such file or directory" in done.stderr
    assert main(["run", "epochs=2", "--target", "kind"]) == 2
    assert "give it with `--file`" in capsys.readouterr().err


def test_a_zip_of_pictures_trains(run, tmp_path):
    path = tmp_path / "pets.zip"
    path.write_bytes(folders(cats=[*range(20)], dogs=[*range(230, 250)]))
    done = run("layers=relu-32&epochs=3&side=8", "--file", str(path), "--json")
    assert (done.returncode, done.stderr) == (0, "")
    result = json.loads(done.stdout)
    assert result["class_names"] == ["cats", "dogs"]
    assert result["parameters"] == 64 * 32 + 32 + 32 + 1
    data = result["experiment"]["data"]
    assert (data["name"], data["scaling"], data["table"]["side"]) == ("file", "none", 8)


@pytest.mark.parametrize(
    ("query", "arguments", "words"),
    [
        ("epochs=2", ["--target", "kind"], "whose folders are the classes: leave these options out"),
        ("data=file_numbers&epochs=2", [], "no number to predict"),
        ("epochs=2&side=4", [], "`side` must be a whole number from 8 to 64"),
        ("epochs=2", [], "there is only 'cats'"),
    ],
)
def test_a_mistake_about_pictures_is_one_line(run, tmp_path, query, arguments, words):
    path = tmp_path / "pets.zip"
    path.write_bytes(folders(cats=[1, 2, 3]))
    done = run(query, "--file", str(path), *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    assert done.stderr.count("\n") == 1


# Downloaded data


def test_a_data_home_says_where_downloads_lie(run, data_home, tmp_path):
    folder = tmp_path / "lfw_home"
    for person in ("Ada_Lovelace", "Emmy_Noether"):
        (folder / "lfw_funneled" / person).mkdir(parents=True)
        for number in range(20):
            shade = 40 + 5 * number + 60 * (person == "Ada_Lovelace")
            picture = Image.fromarray(np.full((250, 250, 3), shade, np.uint8))
            picture.save(folder / "lfw_funneled" / person / f"{person}_{number:04}.jpg")
    for name in ("pairs.txt", "pairsDevTrain.txt", "pairsDevTest.txt"):
        (folder / name).touch()
    done = run("data=lfw&min_pictures=20&layers=none&epochs=2", "--data-home", str(tmp_path), "--json")
    assert (done.returncode, done.stderr) == (0, "")
    result = json.loads(done.stdout)
    assert result["class_names"] == ["Ada Lovelace", "Emmy Noether"]
    assert result["parameters"] == 62 * 47 + 1


def test_whoever_has_read_enough_gets_no_traceback(tmp_path):
    path = tmp_path / "wide.csv"
    path.write_text("\n".join([",".join(f"c{place}" for place in range(9000)), ",".join("1" * 9000)]))
    command = [sys.executable, "-m", "core", "inspect", str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "1 rows, 9,000 columns\n"
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 1
