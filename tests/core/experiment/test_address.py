"""What an address bar may hold: every mistake becomes one message, and its default stands in its place."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ExperimentError
from core.experiment import DataSpec, Experiment, menus, read_address, read_query, to_params
from core.experiment.address import KEYS
from tests.core.experiment.strategies import experiments

# What is allowed, as a person reads it.
WHOLES = {
    "points": "from 20 to 10000",
    "data_seed": "from 0 to 2147483647",
    "train_rows": "from 10 to 100000",
    "batch": "from 1 to 4096",
    "epochs": "from 1 to 2000",
    "seed": "from 0 to 2147483647",
}
REALS = {
    "noise": "from 0 to 0.5",
    "test": "from 0.05 to 0.9",
    "l2": "from 0 to 1",
    "dropout": "from 0 to 0.9",
    "lr": "from 1e-05 to 10",
}
WORDS = {
    "recipe": "one of linear, moons-linear, moons, ",
    "data": "one of linear, moons, circles, ",
    "split": "one of stratified, ordered, all",
    "scaling": "one of none, standard, minmax",
    "optimizer": "one of sgd, momentum, rmsprop, adam, adamw, adagrad, nadam",
    "l2_on": "one or more of kernel, bias, activity, with commas between",
    "layers": "at most 6 layers of ACTIVATION-UNITS with commas between, or none: units from 1 to 512, activation ",
}
ALLOWED = WHOLES | REALS | WORDS

# No key of any kind takes one of these.
HOSTILE = [
    " ",
    "-",
    "-1",
    "--1",
    "nan",
    "NaN",
    "inf",
    "-inf",
    "Infinity",
    "1e999",
    "-1e999",
    "1e99999999999999999999",
    "0x10",
    "5_0",
    "0.2_5",
    " 50",
    " 0.25",
    "50 ",
    "0.25\n",
    "1,5",
    "\0",
    "50\0",
    "٥٠",
    "٠.٢٥",
    "\uff15\uff10",
    "\u00a00.25",
    "½",
    "5²",
    "\ud800",
    "None",
    "true",
    "[]",
    "{}",
    "'; DROP TABLE runs; --",
    "50 OR 1=1",
    "<script>alert(1)</script>",
    "{{7*7}}",
    "${HOME}",
    "../../etc/passwd",
    "Moons",
    "kernel,kernel",
    "kernel,",
    "none,tanh-4",
    "tanh-4,",
    "tanh-0",
    "tanh-513",
    "tanh--4",
    "tanh-4.0",
    "tanh-٤",
    "tanh4",
    "softmax-4",
    "-4",
    "tanh-1,tanh-2,tanh-3,tanh-4,tanh-5,tanh-6,tanh-7",
    "9" * 30,
    "9" * 5000,
    "0." + "1" * 1_000_000,
    "x" * 1_000_000,
    "," * 1_000_000,
    "tanh-4," * 100_000,
]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text[:20]))
@pytest.mark.parametrize("key", ALLOWED)
def test_a_mistake_is_one_message_and_the_default(key: str, text: str) -> None:
    experiment, problems = read_address([(key, text)])
    (problem,) = problems
    assert experiment == Experiment()
    assert problem.key == key
    message = str(problem)
    assert message.startswith(f"`{key}` must be ")
    assert ALLOWED[key] in message
    assert message.isprintable()
    assert len(message) < 400


@pytest.mark.parametrize("key", ALLOWED)
def test_nothing_is_no_value(key: str) -> None:
    _, problems = read_address([(key, "")])
    assert [problem.key for problem in problems] == ([] if key == "layers" else [key])


@pytest.mark.parametrize(
    ("key", "low", "high"),
    [
        ("points", "20", "10000"),
        ("data_seed", "0", "2147483647"),
        ("train_rows", "10", "100000"),
        ("batch", "1", "4096"),
        ("epochs", "1", "2000"),
        ("seed", "0", "2147483647"),
        ("noise", "0", "0.5"),
        ("test", "0.05", "0.9"),
        ("l2", "0", "1"),
        ("dropout", "0", "0.9"),
        ("lr", "0.00001", "10"),
    ],
)
def test_bounds_belong_to_the_range(key: str, low: str, high: str) -> None:
    # The ordered split is where `train_rows` applies, the stratified one where `test` does.
    split = "ordered" if key == "train_rows" else "stratified"
    for text in (low, high):
        experiment, problems = read_address([("split", split), (key, text)])
        assert problems == ()
        assert float(to_params(experiment)[key]) == float(text)


@pytest.mark.parametrize("text", ["19", "10001"])
def test_next_to_the_bounds_is_outside(text: str) -> None:
    with pytest.raises(
        ExperimentError, match=rf"^`points` must be a whole number from 20 to 10000\. Received: {text}\.$"
    ):
        read_query(f"points={text}")


def test_bounds_are_those_of_the_data_set() -> None:
    assert read_query("data=gaussians&noise=2").data.noise == 2
    with pytest.raises(ExperimentError, match=r"`noise` must be a number from 0 to 0\.5"):
        read_query("data=moons&noise=2")


def test_every_mistake_has_its_message() -> None:
    experiment, problems = read_address([("lr", "fast"), ("epochs", "50"), ("noise", "-1"), ("batch", "0")])
    assert {problem.key for problem in problems} == {"lr", "noise", "batch"}
    assert len(problems) == 3
    assert experiment == read_query("epochs=50")


def test_query_stops_at_the_first_mistake() -> None:
    pairs = [("lr", "fast"), ("color", "red"), ("noise", "-1")]
    _, problems = read_address(pairs)
    with pytest.raises(ExperimentError) as raised:
        read_query("&".join(f"{key}={text}" for key, text in pairs))
    assert str(raised.value) == str(problems[0])


@pytest.mark.parametrize("key", ["color", "Data", "data ", "DATA", "lr[]", "__class__", "", "\0", "<b>", "\ud800", "λ"])
def test_unknown_key_is_named(key: str) -> None:
    experiment, problems = read_address([(key, "x"), ("epochs", "7")])
    (problem,) = problems
    assert experiment == read_query("epochs=7")
    assert str(problem).startswith(f"`{repr(key)[1:-1]}` must be a known key (recipe, data, points, ")
    assert str(problem).isprintable()


def test_unknown_key_is_cut() -> None:
    _, (problem,) = read_address([("x" * 1_000_000, "y" * 1_000_000)])
    assert len(str(problem)) < 400


def test_key_given_twice_keeps_the_first() -> None:
    experiment, (problem,) = read_address([("epochs", "7"), ("epochs", "8")])
    assert str(problem) == "`epochs` must be given once. Received: '8'."
    assert experiment == read_query("epochs=7")
    with pytest.raises(ExperimentError, match="`epochs` must be given once"):
        read_query("epochs=7&epochs=8")


def test_setting_of_another_data_set() -> None:
    experiment, (problem,) = read_address([("data", "iris"), ("noise", "0.1")])
    assert str(problem) == "`noise` must be left out: Iris has no such setting. Received: '0.1'."
    assert experiment.data == DataSpec("iris")


@given(st.lists(st.tuples(st.sampled_from(KEYS) | st.text(), st.text() | st.sampled_from(HOSTILE[:40]))))
def test_no_address_is_an_exception(params: list[tuple[str, str]]) -> None:
    experiment, problems = read_address(params)
    assert len(problems) <= len(params)
    assert read_address(to_params(experiment).items()) == (experiment, ())
    assert all(str(problem).isprintable() for problem in problems)


@given(st.text())
def test_no_query_is_another_exception(query: str) -> None:
    with contextlib.suppress(ExperimentError):
        read_query(query)


@given(experiments, st.data())
def test_the_good_values_of_a_bad_address_count(experiment: Experiment, data: st.DataObject) -> None:
    params = to_params(experiment)
    # Another data set has other settings: the name of the data stays.
    bad = data.draw(st.sets(st.sampled_from([key for key in params if key != "data"])))
    hostile = st.sampled_from(["\0", "nan", "<b>", "½", "-1"])
    spoilt = [(key, data.draw(hostile) if key in bad else text) for key, text in params.items()]
    read, problems = read_address(spoilt)
    assert sorted(problem.key for problem in problems) == sorted(bad)
    assert (read, ()) == read_address([(key, text) for key, text in params.items() if key not in bad])


def test_every_key_is_tried() -> None:
    assert set(ALLOWED) | {"arms", "classes"} == set(KEYS)
    assert set(WORDS["optimizer"].removeprefix("one of ").split(", ")) == set(menus.OPTIMIZERS)
