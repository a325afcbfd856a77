"""The fused epoch against Keras's own `fit`."""

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import tensorflow as tf

from core.datasets import Split, prepare
from core.experiment import Experiment, menus, read_query
from core.training.network import build_network
from core.training.program import Program, Rows, State, Structure
from tests.core.training.oracle import keras_fit, keras_model, set_state

# 56 rows train and 14 are held out: with batches of 16 the last one is smaller.
BINARY = "data=moons&points=70&noise=0.3&batch=16"
THREE_CLASSES = "data=blobs&points=70&classes=3&noise=0.3&batch=16&layers=tanh-5,relu-4"


def open_program(query: str) -> tuple[Experiment, Split, Program, Rows]:
    experiment = read_query(query)
    split = prepare(experiment.data)
    return experiment, split, Program(Structure.of(experiment, split)), Rows.of(split)


def some_orders(rows: int, epochs: int) -> list[np.ndarray]:
    random = np.random.default_rng(1)
    return [random.permutation(rows).astype(np.int32) for _ in range(epochs)]


def run(program: Program, state: State, rows: Rows, orders: list[np.ndarray]) -> tuple[State, np.ndarray]:
    history = []
    for order in orders:
        state, metrics = program.epoch(state, rows, order)
        history.append(metrics)
    return state, np.array(history)


def assert_same(one: tuple[State, np.ndarray], other: tuple[State, np.ndarray]) -> None:
    """Bit for bit."""
    np.testing.assert_array_equal(one[1], other[1])
    for first, second in zip(one[0], other[0], strict=True):
        np.testing.assert_array_equal(first, second)


CASES = {
    "two hidden layers": f"{THREE_CLASSES}&optimizer=momentum&lr=0.1",
    "no hidden layer, two classes": f"{BINARY}&layers=none&optimizer=adamw",
    "no hidden layer, three classes": "data=blobs&points=70&classes=3&layers=none&optimizer=adagrad&lr=0.1",
    "every activation": f"{BINARY}&layers=elu-4,selu-4,gelu-4,swish-4,leaky_relu-4,linear-4&optimizer=nadam",
    "all penalties": f"{THREE_CLASSES}&l2=0.02&l2_on=kernel,bias,activity&optimizer=sgd&lr=0.1",
    "some penalties": f"{BINARY}&l2=0.02&l2_on=bias,activity&optimizer=adam",
    "no smaller batch at the end": "data=moons&points=70&split=all&batch=7&optimizer=rmsprop",
    "nothing but a smaller batch": "data=moons&points=70&batch=4096&optimizer=adam",
}


def test_every_optimizer_has_its_case():
    assert {read_query(query).training.optimizer for query in CASES.values()} == set(menus.OPTIMIZERS)


@pytest.mark.parametrize("query", CASES.values(), ids=CASES)
def test_epochs_are_those_of_keras_fit(query):
    experiment, split, program, rows = open_program(query)
    orders = some_orders(len(split.x_train), epochs=4)
    first = program.first_state(seed=3, learning_rate=experiment.training.learning_rate)
    model = keras_model(experiment, split.features, split.classes)
    set_state(model, first)

    state, history = run(program, first, rows, orders)
    expected = keras_fit(model, split, orders, experiment.training.batch_size)

    np.testing.assert_allclose(history, expected, rtol=1e-5, atol=1e-6)
    for ours, variable in zip(state, model.trainable_variables, strict=False):
        np.testing.assert_allclose(ours, variable, rtol=1e-4, atol=1e-5)
    assert program.parameters == model.count_params()

    plain_state, plain_history = first, []
    for order in orders:
        plain_state, metrics = program.plain_epoch(plain_state, rows, order)
        plain_history.append(metrics)
    np.testing.assert_allclose(plain_history, history, rtol=1e-5, atol=1e-6)
    for plain, compiled in zip(plain_state, state, strict=True):
        np.testing.assert_allclose(plain, compiled, rtol=1e-4, atol=1e-5)


@pytest.fixture(scope="module")
def binary() -> tuple[Experiment, Split, Program, Rows]:
    return open_program(BINARY)


@pytest.fixture(scope="module")
def dropping() -> tuple[Experiment, Split, Program, Rows]:
    return open_program(f"{BINARY}&dropout=0.5")


@pytest.mark.parametrize("seed", [0, 1, 2**31 - 1])
def test_first_state_is_that_of_a_network_built_with_the_seed(seed, dropping):
    experiment, split, program, _ = dropping
    model = build_network(experiment.network, split.features, split.classes, seed)
    variables = [*model.trainable_variables, *model.non_trainable_variables]
    assert len(variables) > len(model.trainable_variables)  # dropout's seeds are among them
    for ours, keras_own in zip(program.first_state(seed, 0.01), variables, strict=False):
        np.testing.assert_array_equal(ours, keras_own.numpy())


def test_predictions_are_the_models(binary):
    experiment, split, program, _ = binary
    state = program.first_state(3, 0.01)
    model = keras_model(experiment, split.features, split.classes)
    set_state(model, state)
    positive = model.predict(split.x_test, verbose=0)[:, 0]
    probabilities = program.predict(state, tf.constant(split.x_test))
    assert probabilities.dtype == np.float32
    np.testing.assert_allclose(probabilities, np.column_stack([1 - positive, positive]), atol=1e-6)


def test_a_program_keeps_nothing_of_earlier_runs(binary):
    _, split, program, rows = binary
    orders = some_orders(len(split.x_train), epochs=5)
    alone = run(open_program(BINARY)[2], program.first_state(3, 0.01), rows, orders)
    other = prepare(read_query(f"{BINARY}&data_seed=9").data)
    run(program, program.first_state(8, 0.5), Rows.of(other), orders[:3])
    program.plain_epoch(program.first_state(8, 0.5), Rows.of(other), orders[0])
    assert_same(run(program, program.first_state(3, 0.01), rows, orders), alone)


def test_the_learning_rate_can_change_between_epochs(binary):
    experiment, split, program, rows = binary
    orders = some_orders(len(split.x_train), epochs=4)
    state = program.first_state(3, 0.01)
    model = keras_model(experiment, split.features, split.classes)
    set_state(model, state)
    state, _ = run(program, state, rows, orders[:2])
    _, history = run(program, program.with_learning_rate(state, 0.2), rows, orders[2:])
    expected = keras_fit(model, split, orders, 16, rates=[0.01, 0.01, 0.2, 0.2])
    np.testing.assert_allclose(history, expected[2:], rtol=1e-5, atol=1e-6)


def test_threads_that_share_a_program_get_what_they_get_alone():
    query = "data=moons&points=400&batch=16&layers=tanh-4"
    _, split, program, _ = open_program(query)
    orders = some_orders(len(split.x_train), epochs=30)
    runs = [
        (program.first_state(seed, rate), Rows.of(prepare(read_query(f"{query}&data_seed={seed}").data)))
        for seed, rate in ((1, 0.01), (2, 0.3), (3, 0.001))
    ]
    alone = [run(program, state, rows, orders) for state, rows in runs]
    together = {}
    begin = threading.Barrier(len(runs) + 1)

    def work(place: int) -> None:
        begin.wait()
        together[place] = run(program, *runs[place], orders)

    threads = [threading.Thread(target=work, args=(place,)) for place in range(len(runs))]
    for thread in threads:
        thread.start()
    begin.wait()
    while any(thread.is_alive() for thread in threads):  # as a preview does that is not over yet
        program.plain_epoch(*runs[0], orders[0])
        program.predict(runs[1][0], runs[1][1].x_test)
    for place, expected in enumerate(alone):
        assert_same(together[place], expected)


def test_previews_that_share_a_program_get_what_they_get_alone():
    query = "data=moons&points=400&batch=16&layers=tanh-4"
    _, split, program, _ = open_program(query)
    orders = some_orders(len(split.x_train), epochs=15)

    def preview(seed: int) -> list[np.ndarray]:
        state, rows = program.first_state(seed, 0.05), Rows.of(prepare(read_query(f"{query}&data_seed={seed}").data))
        history = []
        for order in orders:
            state, metrics = program.plain_epoch(state, rows, order)
            history.append(metrics)
        return history

    alone = [preview(seed) for seed in range(3)]
    with ThreadPoolExecutor(3) as pool:
        together = list(pool.map(preview, range(3)))
    np.testing.assert_array_equal(together, alone)


def test_dropout_follows_from_the_seed(dropping):
    _, split, program, rows = dropping
    orders = some_orders(len(split.x_train), epochs=3)
    first = run(program, program.first_state(0, 0.01), rows, orders)
    assert_same(run(program, program.first_state(0, 0.01), rows, orders), first)
    assert_same(run(open_program(f"{BINARY}&dropout=0.5")[2], program.first_state(0, 0.01), rows, orders), first)

    # The same weights, but another seed for dropout: another history.
    other = list(program.first_state(0, 0.01))
    for place, tensor in enumerate(program.first_state(1, 0.01)):
        if tensor.shape == (2,) and tensor.dtype.is_integer:
            other[place] = tensor
    assert not np.array_equal(run(program, tuple(other), rows, orders)[1], first[1])


def test_dropout_of_the_plain_graph_is_that_of_keras_fit():
    """The compiler draws other numbers from the same seed."""
    experiment, split, program, rows = open_program(f"{THREE_CLASSES}&dropout=0.4&lr=0.05")
    state = program.first_state(3, 0.05)
    model = keras_model(experiment, split.features, split.classes)
    set_state(model, state)
    orders = some_orders(len(split.x_train), epochs=3)
    history = []
    for order in orders:
        state, metrics = program.plain_epoch(state, rows, order)
        history.append(metrics)
    np.testing.assert_allclose(history, keras_fit(model, split, orders, 16), rtol=1e-5, atol=1e-6)


def test_dropout_drops_in_training_only(binary, dropping):
    _, split, whole, rows = binary
    order = np.arange(len(split.x_train), dtype=np.int32)
    # A rate near zero leaves the weights where they are, so both networks are the same when they validate.
    _, dropped = dropping[2].epoch(dropping[2].first_state(0, 1e-12), rows, order)
    _, expected = whole.epoch(whole.first_state(0, 1e-12), rows, order)
    np.testing.assert_allclose(dropped[2:], expected[2:], rtol=1e-5)
    assert abs(dropped[0] - expected[0]) > 1e-3


def test_compiling_in_the_background_ends_in_ready():
    _, split, program, rows = open_program(BINARY)
    assert not program.ready
    state = program.first_state(0, 0.01)
    program.start_compiling(state, rows)
    program.start_compiling(state, rows)
    done = threading.Event()
    for _ in range(1200):
        if program.ready:
            break
        done.wait(0.05)
    assert program.ready
    order = np.arange(len(split.x_train), dtype=np.int32)
    assert_same(program.epoch(state, rows, order), program.epoch(state, rows, order))
