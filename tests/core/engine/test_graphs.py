import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from core.datasets.downloads import HOME_VARIABLE
from core.engine.compiler import COMPILER
from core.engine.graphs import Graph, Graphs
from tests.core.engine.cases import Case
from tests.layers import ROOT

SPEC = [tf.TensorSpec((3,), tf.float32)]
NUMBERS = [tf.constant([1.0, -2.0, 0.5])]
# Of no other test, so that nothing in this process has compiled them.
PLAIN, DROPPING = "data=moons&points=30&layers=tanh-3", "data=moons&points=34&layers=relu-3-drop0.3"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    return tmp_path


def doubled(numbers: tf.Tensor) -> list[tf.Tensor]:
    return [numbers + numbers]


def refused(*_: tf.Tensor) -> list[tf.Tensor]:
    raise AssertionError("This is on disk, and need not be traced.")


def values(graph: Graph, compiled: bool) -> list[float]:
    return graph(compiled, NUMBERS)[0].numpy().tolist()


@pytest.mark.usefixtures("home")
def test_what_was_kept_is_not_traced_again():
    graphs = Graphs("key")
    graphs.add("double", doubled, SPEC)
    with pytest.raises(AssertionError):
        Graphs("key").add("double", refused, SPEC)  # not kept yet
    graphs.keep()
    graph = Graphs("key").add("double", refused, SPEC)
    assert values(graph, compiled=False) == values(graph, compiled=True) == [2, -4, 1]
    for other in (Graphs("other"), graphs):
        with pytest.raises(AssertionError):
            other.add("more", refused, SPEC)


@pytest.mark.parametrize("kept", [False, True])
@pytest.mark.usefixtures("home")
def test_a_graph_becomes_part_of_one_that_is_traced(kept: bool):
    graphs = Graphs("key")
    inner = graphs.add("double", doubled, SPEC)
    if kept:
        graphs.keep()
        inner = Graphs("key").add("double", doubled, SPEC)
    outer = graphs.add("both", lambda numbers: [inner(False, [numbers])[0] * 3], SPEC)
    assert values(outer, compiled=False) == values(outer, compiled=True) == [6, -12, 3]


def epochs_elsewhere(home: Path, *queries: str) -> list[dict]:
    """Return what `known_structures` prints in a process of its own."""
    command = [sys.executable, "-m", "tests.core.engine.known_structures", *queries]
    environment = os.environ | {HOME_VARIABLE: str(home)}
    done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, timeout=120, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_another_process_traces_and_compiles_nothing_that_is_known_and_trains_the_same(home: Path):
    weights = {}
    for query in (PLAIN, DROPPING):
        case = Case.of(query)
        state = case.first()
        case.program.start_compiling(state, case.rows)
        COMPILER.submit(lambda: None).result()
        weights[query], _ = case.run(state, case.orders(1))
    code = max(home.rglob("*.xla"), key=lambda path: path.stat().st_mtime_ns)
    code.write_bytes(code.read_bytes()[:-100])

    first, second = epochs_elsewhere(home, PLAIN, DROPPING)
    assert first["made"] == []
    assert second["made"] == [code.name]  # damaged, and so compiled again
    for query, epoch in ((PLAIN, first), (DROPPING, second)):
        for ours, theirs in zip(weights[query], epoch["weights"], strict=True):
            np.testing.assert_array_equal(ours.numpy(), np.array(theirs, ours.numpy().dtype))
