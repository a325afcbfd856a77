import itertools
import subprocess
import sys
from pathlib import Path

import pytest

from core.datasets.downloads import HOME_VARIABLE
from core.engine.programs import Programs
from core.experiment import read_query
from core.workers import common_structures
from core.workers.common_structures import common_experiments, compile_for_later, main, stop_compiling


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    return tmp_path


def test_there_are_one_to_three_layers_of_8_and_16_units():
    experiments = list(common_experiments())
    assert len(set(experiments)) == 24
    assert {len(one.network.layers) for one in experiments} == {1, 2, 3}
    assert {layer.units for one in experiments for layer in one.network.layers} == {8, 16}
    assert {layer.activation for one in experiments for layer in one.network.layers} == {"tanh", "relu"}
    assert {one.training.optimizer for one in experiments} == {"adam", "sgd"}


def test_what_is_compiled_for_later_is_on_disk_once(home: Path, monkeypatch: pytest.MonkeyPatch):
    experiment = read_query("data=moons&points=38&layers=tanh-3")
    monkeypatch.setattr(common_structures, "programs", Programs)
    compile_for_later(experiment)
    files = {path: path.stat().st_ino for path in home.rglob("*.*")}
    assert {path.suffix for path in files} == {".graphs", ".xla"}
    compile_for_later(experiment)
    assert {path: path.stat().st_ino for path in home.rglob("*.*")} == files


def test_nothing_is_compiled_while_the_machine_is_busy_or_the_server_is_gone(monkeypatch: pytest.MonkeyPatch):
    compiled, asked = [], []
    monkeypatch.setattr(common_structures, "compile_for_later", lambda one: compiled.append((one, len(asked))))
    monkeypatch.setattr(common_structures, "_LOOK_SECONDS", 0.0)
    monkeypatch.setattr(common_structures, "_FIRST_LOOKS", 3)
    idle = itertools.chain((True, True, False, True, True, True, False, False, True), itertools.repeat(True))
    main(lambda: asked.append(1) or next(idle))
    assert [one for one, _ in compiled] == list(common_experiments())
    assert [looks for _, looks in compiled] == [6, *range(9, 9 + len(compiled) - 1)]

    compiled.clear()
    servers = itertools.chain([1] * 5, itertools.repeat(2))
    monkeypatch.setattr(common_structures.os, "getppid", lambda: next(servers))
    main(lambda: True)
    assert len(compiled) == 2


def test_the_process_can_be_stopped():
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    stop_compiling(process)
    assert process.poll() is not None
