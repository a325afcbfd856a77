"""Compiled programs by structure."""

import threading

import pytest

from core.datasets import prepare
from core.engine import programs as programs_module
from core.engine.program import Program
from core.engine.programs import Programs
from core.engine.structure import RowTensors, Structure
from core.experiment import read_query
from core.messages.updates import FINISHED
from tests.core.training.record import Record
from tests.core.training.runs import open_run, tell


def structure(query: str) -> Structure:
    experiment = read_query(query)
    return Structure.of(experiment, prepare(experiment.data))


ONE, TWO, THREE = (structure(f"data=moons&points=40&layers=none&batch={size}") for size in (8, 16, 32))


def test_what_leaves_shapes_alone_leaves_the_structure_alone():
    base = structure("data=blobs&points=60")
    same = (
        *("seed=4", "data_seed=4", "lr=0.5", "epochs=7", "noise=0.4", "scaling=standard", "init=he_normal"),
        *("schedule=cosine", "schedule=step&every=3", "patience=4&restore_best=no", "target=0.5"),
    )
    assert all(structure(f"data=blobs&points=60&{change}") == base for change in same)
    other = (
        *("classes=3", "layers=relu-3", "batch=7", "optimizer=sgd", "dropout=0.1", "test=0.5", "split=all"),
        *("l1=0.1", "l2=0.1", "l2=0.1&l2_on=bias", "max_norm=1", "layers=tanh-4-batch,tanh-2", "validation=0.3"),
        *("layers=tanh-4-noise0.1,tanh-2", "layers=tanh-4-drop0.1,tanh-2", "clip=norm", "clip=norm&clip_at=2"),
        *("loss=focal", "label_smoothing=0.1", "class_weight=balanced", "beta_1=0.5", "amsgrad=yes"),
    )
    others = {structure(f"data=blobs&points=60&{change}") for change in other}
    assert len(others | {base}) == len(other) + 1


def test_strengths_above_nothing_leave_the_structure_alone():
    query = "data=moons&points=60&layers=tanh-4-noise{},relu-3-drop{}&l1={}&l2={}&optimizer=sgd&momentum={}"
    weak = structure(query.format(*[0.1] * 5))
    assert structure(query.format(*[0.5] * 5)) == weak
    for place in range(5):
        without = [0.1] * 5
        without[place] = 0
        assert structure(query.format(*without)) != weak


def test_the_least_recently_used_program_goes_first():
    programs = Programs(most=2)
    one, two = programs.get(ONE), programs.get(TWO)
    assert programs.get(ONE) == one
    programs.get(THREE)
    assert len(programs) == 2
    assert programs.get(ONE) == one
    assert programs.get(TWO) != two


def test_a_structure_that_the_compiler_has_given_up_is_tried_again(monkeypatch):
    programs, record = Programs(), Record()
    query = "data=moons&points=40&layers=none&batch=8&epochs=3"

    def fail(*_):
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(Program, "_compile", fail)
        with pytest.raises(MemoryError):
            tell(open_run(query, programs, record), "train")
    tell(open_run(query, programs, record := Record()), "train")
    assert (record.last.status, record.generations) == (FINISHED, {0, 1})


def test_runs_of_the_same_rows_share_them():
    split, programs = prepare(read_query("data=moons&points=60").data), Programs()
    rows = programs.rows(split, "none")
    assert programs.rows(split, "none") is rows
    assert programs.rows(split, "balanced") is not rows
    assert programs.rows_bytes >= rows.nbytes + programs.rows(split, "balanced").nbytes


def test_the_rows_that_are_kept_have_a_bound_in_bytes(monkeypatch):
    first, second = (prepare(read_query(f"data=moons&points=1000&data_seed={seed}").data) for seed in (1, 2))
    monkeypatch.setattr(programs_module, "_ROWS_BYTES", RowTensors.of(first).nbytes * 3 // 2)
    programs = Programs()
    rows = programs.rows(first, "none")
    programs.rows(second, "none")
    assert programs.rows(first, "none") is not rows


def test_threads_that_ask_at_once_get_one_program():
    programs = Programs()
    found = []
    threads = [threading.Thread(target=lambda: found.append(programs.get(ONE))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert len({id(fitted.program) for fitted in found}) == 1


def test_a_program_that_is_traced_keeps_nobody_from_another_one(monkeypatch):
    programs, known = Programs(), programs_module.Program(ONE)
    is_traced, may_go_on = threading.Event(), threading.Event()
    built = []

    def build(of: Structure) -> Program:
        built.append(of)
        if of == TWO:
            is_traced.set()
            assert may_go_on.wait(60)
        return known

    monkeypatch.setattr(programs_module, "Program", build)
    programs.get(ONE)
    threads = [threading.Thread(target=programs.get, args=(TWO,)) for _ in range(2)]
    for thread in threads:
        thread.start()
    assert is_traced.wait(60)
    assert programs.get(ONE).program is programs.get(THREE).program is known  # one that is known, and one that is not
    may_go_on.set()
    for thread in threads:
        thread.join(60)
    assert sorted(built, key=str) == sorted([ONE, TWO, THREE], key=str)  # two who ask for one share it


def test_a_program_that_cannot_be_built_is_tried_again(monkeypatch):
    programs, known = Programs(), programs_module.Program(ONE)
    results = [MemoryError(), known]

    def build(_: Structure) -> Program:
        result = results.pop(0)
        if isinstance(result, Exception):
            raise result
        return result

    monkeypatch.setattr(programs_module, "Program", build)
    with pytest.raises(MemoryError):
        programs.get(ONE)
    assert programs.get(ONE).program is known
