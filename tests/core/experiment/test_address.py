"""Mistakes in the address: each gives one message and is replaced by the default."""

import contextlib
import math
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ExperimentError
from core.experiment import DataSpec, Experiment, TableSpec, menus, read_address, read_query, to_params
from core.experiment.address import KEYS
from tests.core.experiment.strategies import experiments

# Smallest and largest values, as in messages.
WHOLES = {
    "points": ("20", "10000"),
    "arms": ("2", "5"),
    "classes": ("2", "8"),
    "min_pictures": ("20", "200"),
    "max_pictures": ("20", "530"),
    "rare": ("1", "1000"),
    "rare_classes": ("1", "1000"),
    "side": ("8", "64"),
    "data_seed": ("0", "2147483647"),
    "train_rows": ("10", "100000"),
    "batch": ("1", "4096"),
    "epochs": ("1", "2000"),
    "seed": ("0", "2147483647"),
    "patience": ("0", "500"),
    "every": ("1", "2000"),
    "warm_up": ("1", "500"),
}
REALS = {
    "noise": ("0", "0.5"),
    "imbalance": ("0.01", "1"),
    "random_labels": ("0", "1"),
    "test": ("0.05", "0.9"),
    "validation": ("0", "0.5"),
    "train_share": ("0.01", "1"),
    "l1": ("0", "1"),
    "l2": ("0", "1"),
    "max_norm": ("0", "10"),
    "dropout": ("0", "0.9"),
    "lr": ("1e-05", "10"),
    "target": ("0", "1"),
    "momentum": ("0", "0.9999"),
    "beta_1": ("0", "0.9999"),
    "beta_2": ("0", "0.9999"),
    "rho": ("0", "0.9999"),
    "epsilon": ("1e-10", "1"),
    "accumulator": ("0", "10"),
    "weight_decay": ("0", "1"),
    "factor": ("0.01", "1"),
    "final": ("0", "1"),
    "rise": ("0.05", "0.95"),
    "clip_at": ("0.001", "100"),
    "label_smoothing": ("0", "0.5"),
    "gamma": ("0", "10"),
    "delta": ("0.01", "10"),
}
FLAGS = ("colour", "nesterov", "amsgrad", "centered", "restore_best")
WORDS = {
    "recipe": "one of linear, moons-linear, moons, ",
    "data": "one of linear, moons, circles, ",
    "balance": "one of none, cut",
    "missing": "one of median, most_frequent, constant, drop",
    "inputs": "one or more of x1, x2, x1x1, x2x2, x1x2, sinx1, sinx2, separated by commas",
    "split": "one of stratified, ordered, all",
    "scaling": "one of none, standard, minmax",
    "init": "one of glorot_uniform, glorot_normal, he_uniform, he_normal, lecun_uniform, lecun_normal, uniform, ",
    "optimizer": "one of sgd, rmsprop, adam, adamw, adamax, nadam, adagrad, adadelta, adafactor, lion, lamb, muon",
    "schedule": "one of constant, step, exponential, cosine, warm_up, one_cycle",
    "clip": "one of none, value, norm, global_norm",
    "loss": "one of crossentropy, focal, hinge, squared_error where the target is a class",
    "class_weight": "one of none, balanced",
    "l1_on": "one or more of kernel, bias, activity, separated by commas",
    "l2_on": "one or more of kernel, bias, activity, separated by commas",
    "layers": "at most 6 layers, each ACTIVATION-UNITS, separated by commas, or none: units from 1 to 512, activation ",
}
LOSS_OF_NUMBERS = "one of squared_error, absolute_error, huber where the target is a number"
ALLOWED = (
    {key: f"a whole number from {low} to {high}." for key, (low, high) in WHOLES.items()}
    | {key: f"a number from {low} to {high}." for key, (low, high) in REALS.items()}
    | dict.fromkeys(FLAGS, "yes or no.")
    | WORDS
)
# Other keys that a key needs.
BESIDE = {
    "train_rows": "split=ordered",
    "arms": "data=spiral",
    "classes": "data=blobs",
    "rare": "data=file",
    "rare_classes": "data=file",
    "side": "data=file",
    "colour": "data=file",
    "missing": "data=file",
    "min_pictures": "data=lfw",
    "max_pictures": "data=lfw",
    "l1_on": "l1=0.1",
    "l2_on": "l2=0.1",
    "restore_best": "patience=5",
    "momentum": "optimizer=sgd",
    "nesterov": "optimizer=sgd",
    "rho": "optimizer=rmsprop",
    "centered": "optimizer=rmsprop",
    "accumulator": "optimizer=adagrad",
    "every": "schedule=step",
    "factor": "schedule=exponential",
    "final": "schedule=cosine",
    "warm_up": "schedule=warm_up",
    "rise": "schedule=one_cycle",
    "clip_at": "clip=norm",
    "gamma": "loss=focal",
    "delta": "data=curve&loss=huber",
}

# Keys with free text, and a text that each rejects.
FREE = {
    "file": "../../etc/passwd",
    "target_column": "a\nb",
    "columns": "a,a",
    "number_columns": "a,",
    "category_columns": "\0",
    "encoding": "x" * 21,
    "delimiter": ";;",
    "decimal": "x",
    "header": "maybe",
    "sheet": "\ud800",
    "dates": "year",
}

# All other keys reject these.
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


def _beside(key: str) -> list[tuple[str, str]]:
    return parse_qsl(BESIDE.get(key, ""))


def test_a_mistake_is_one_message_and_the_default() -> None:
    for key in ALLOWED:
        default, problems = read_address(_beside(key))
        assert problems == ()
        for text in HOSTILE:
            experiment, problems = read_address([*_beside(key), (key, text)])
            (problem,) = problems
            assert experiment == default, ascii(text[:20])
            assert problem.key == key
            message = str(problem)
            assert message.startswith(f"`{key}` must be {ALLOWED[key]}")
            assert message.isprintable()
            assert len(message) < 400


def test_an_empty_text_is_a_mistake() -> None:
    for key in ALLOWED:
        _, problems = read_address([*_beside(key), (key, "")])
        assert [problem.key for problem in problems] == ([] if key == "layers" else [key])


def test_bounds_belong_to_the_range() -> None:
    for key, bounds in (WHOLES | REALS).items():
        low, high = ([*_beside(key), (key, text)] for text in bounds)
        assert read_address(low)[1] == read_address(high)[1] == ()
        assert read_address(low)[0] != read_address(high)[0]
        for params in (low, high):
            printed = to_params(read_address(params)[0])  # some keys are not written at their default
            assert printed.get(key, dict(params)[key]) == dict(params)[key]


def test_the_next_whole_number_is_outside() -> None:
    for key, bounds in WHOLES.items():
        low, high = map(int, bounds)
        for outside in (low - 1, high + 1):
            _, (problem,) = read_address([*_beside(key), (key, str(outside))])
            assert (problem.key, problem.received) == (key, outside)


def test_the_next_number_is_outside() -> None:
    for key, bounds in REALS.items():
        low, high = map(float, bounds)
        for outside in (math.nextafter(low, -math.inf), math.nextafter(high, math.inf)):
            _, (problem,) = read_address([*_beside(key), (key, repr(outside))])
            assert (problem.key, problem.received) == (key, outside)


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


def test_unknown_key_is_named() -> None:
    for key in (
        "color",
        "Data",
        "data ",
        "DATA",
        "lr[]",
        "__class__",
        "",
        "\0",
        "<b>",
        "\ud800",
        "λ",
    ):
        experiment, problems = read_address([(key, "x"), ("epochs", "7")])
        (problem,) = problems
        assert experiment == read_query("epochs=7")
        assert str(problem).startswith(f"`{repr(key)[1:-1]}` must be a known key, such as ")
        assert str(problem).isprintable()


def test_similar_keys_are_suggested_for_an_unknown_one() -> None:
    for key, meant in (
        ("epoch", "epochs"),
        ("beta1", "beta_1"),
        ("dropuot", "dropout"),
    ):
        _, (problem,) = read_address([(key, "x")])
        assert meant in problem.expected.partition("such as ")[2].split(", ")


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


def test_settings_that_do_not_apply_are_refused() -> None:
    for query, message in (
        ("momentum=0.9", "`momentum` must be left out: optimizer adam has no such setting. Received: '0.9'."),
        ("optimizer=sgd&beta_1=0.9", "`beta_1` must be left out: optimizer sgd has no such setting. Received: '0.9'."),
        ("every=20", "`every` must be left out: schedule constant has no such setting. Received: '20'."),
        ("clip_at=1", "`clip_at` must be left out: clip none has no such setting. Received: '1'."),
        ("gamma=2", "`gamma` must be left out: loss crossentropy has no such setting. Received: '2'."),
        (
            "data=curve&label_smoothing=0.1",
            "`label_smoothing` must be left out: loss squared_error has no such setting. Received: '0.1'.",
        ),
        ("data=curve&loss=hinge", f"`loss` must be {LOSS_OF_NUMBERS}. Received: 'hinge'."),
        ("loss=huber", f"`loss` must be {WORDS['loss']}. Received: 'huber'."),
        (
            "data=curve&class_weight=balanced",
            "`class_weight` must be none where the target is a number. Received: 'balanced'.",
        ),
    ):
        *good, bad = parse_qsl(query)
        experiment, (problem,) = read_address([*good, bad])
        assert str(problem) == message
        assert (experiment, ()) == read_address(good)
        # The order of the keys does not matter.
        assert str(read_address([bad, *good])[1][0]) == message


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
    # Names of data sets and methods stay, because others have other settings, and free text is almost always valid.
    named = {"data", *menus.METHODS, *FREE}
    bad = data.draw(st.sets(st.sampled_from([key for key in params if key not in named])))
    hostile = st.sampled_from(["\0", "nan", "<b>", "½", "-1"])
    spoilt = [(key, data.draw(hostile) if key in bad else text) for key, text in params.items()]
    read, problems = read_address(spoilt)
    assert sorted(problem.key for problem in problems) == sorted(bad)
    assert (read, ()) == read_address([(key, text) for key, text in params.items() if key not in bad])


def test_a_mistake_in_free_text() -> None:
    for key, text in FREE.items():
        experiment, (problem,) = read_address([("data", "file"), (key, text)])
        assert problem.key == key
        assert str(problem).isprintable()
        assert experiment.data == DataSpec("file")
        assert read_address([("data", "file"), (key, "")]) == (experiment, ())


def test_settings_of_files_are_refused_for_other_data() -> None:
    experiment, (problem,) = read_address([("data", "moons"), ("target_column", "species")])
    assert str(problem) == "`target_column` must be left out: Moons has no such setting. Received: 'species'."
    assert experiment.data == DataSpec("moons")
    with pytest.raises(ExperimentError, match="`table` must be absent: Moons is not a file"):
        DataSpec("moons", table=TableSpec())


def test_every_key_is_tried() -> None:
    assert set(ALLOWED) | set(FREE) == set(KEYS)
    assert len(KEYS) == len(set(KEYS))
    assert set(WORDS["optimizer"].removeprefix("one of ").split(", ")) == set(menus.OPTIMIZERS)
