"""Programs: shared by runs and threads, compiled in the background."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import tensorflow as tf

from core.datasets import prepare
from core.engine.structure import RowTensors
from core.experiment import read_query
from tests.core.conftest import drain_compiler
from tests.core.engine.cases import TWO, Case, assert_same
from tests.waiting import wait_until


def test_a_program_keeps_nothing_of_earlier_runs(programs):
    binary = Case.of(f"{TWO}&layers=tanh-4", programs)
    orders = binary.orders(epochs=5)
    alone = binary.run(binary.first(), orders)
    other = Case.of(f"{TWO}&layers=tanh-4&data_seed=9&lr=0.5&init=too_large")
    strange = replace(binary, rows=other.rows, experiment=other.experiment)
    strange.run(strange.first(8), orders[:3])
    strange.run(strange.first(8), orders[:1], compiled=False)
    assert_same(binary.run(binary.first(), orders), alone)
    assert_same(
        other.run(binary.first(), orders),
        replace(binary, experiment=other.experiment, rows=other.rows).run(binary.first(), orders),
    )


def test_threads_that_share_a_program_get_what_they_get_alone():
    query = "data=moons&points=400&batch=16&layers=tanh-4"
    base = Case.of(query)
    orders = base.orders(epochs=30)
    runs = []
    for seed, rate in ((1, 0.01), (2, 0.3), (3, 0.001)):
        experiment = read_query(f"{query}&data_seed={seed}&lr={rate}&seed={seed}")
        runs.append(replace(base, experiment=experiment, rows=RowTensors.of(prepare(experiment.data))))
    alone = [run.run(run.first(place), orders) for place, run in enumerate(runs)]
    previews = [run.run(run.first(place), orders[:10], compiled=False) for place, run in enumerate(runs)]
    together = {}
    begin = threading.Barrier(len(runs) + 1)

    def work(place: int) -> None:
        begin.wait()
        together[place] = runs[place].run(runs[place].first(place), orders)

    threads = [threading.Thread(target=work, args=(place,)) for place in range(len(runs))]
    for thread in threads:
        thread.start()
    begin.wait()
    while any(thread.is_alive() for thread in threads):  # like a preview that is not over yet
        base.run(base.first(), orders[:1], compiled=False)
        base.program.predict(base.first(), base.rows.x_val)
    for place, expected in enumerate(alone):
        assert_same(together[place], expected)

    with ThreadPoolExecutor(3) as pool:
        found = pool.map(lambda place: runs[place].run(runs[place].first(place), orders[:10], compiled=False), range(3))
        for ours, expected in zip(found, previews, strict=True):
            assert_same(ours, expected)


def test_compiling_in_the_background_ends_in_ready():
    case = Case.of("data=moons&points=40&layers=none")
    program, state = case.program, case.first()
    assert not program.ready
    program.start_compiling(state, case.rows)
    program.start_compiling(state, case.rows)
    wait_until(lambda: program.ready)
    assert_same(case.run(state, case.orders(2)), case.run(state, case.orders(2)))


def test_a_program_for_which_no_run_waits_is_not_compiled(busy_compiler):
    one, two = Case.of("data=moons&points=40&layers=none"), Case.of("data=moons&points=44&layers=none")
    for case in (one, one, two):
        case.program.start_compiling(case.first(), case.rows)
    one.program.stop_waiting()
    two.program.stop_waiting()
    busy_compiler(False)
    wait_until(lambda: one.program.ready)  # a run still waits
    drain_compiler()
    assert not two.program.ready
    two.program.start_compiling(two.first(), two.rows)
    wait_until(lambda: two.program.ready)


def test_an_error_of_the_compiler_is_raised_where_the_program_is_asked_for():
    case = Case.of("data=moons&points=40&layers=relu-40")
    case.program.start_compiling(case.first(), replace(case.rows, x_train=tf.zeros((32, 5))))

    def refused() -> bool:
        try:
            return case.program.ready
        except tf.errors.InvalidArgumentError:
            return True

    wait_until(refused)
    with pytest.raises(tf.errors.InvalidArgumentError, match="MatMul"):
        _ = case.program.ready
    case.program.start_compiling(case.first(), case.rows)  # tried again
    wait_until(lambda: case.program.ready)
