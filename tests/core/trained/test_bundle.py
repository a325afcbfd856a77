"""A run in a file: it comes back as it was, and whatever else is brought is refused with a message."""

import io
import json
import zipfile
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.datasets import prepare
from core.errors import DataError, HiddenLayersError
from core.experiment import DataSpec, read_query
from core.trained import bundle as bundle_module
from core.trained.bundle import Bundle, fingerprint_of, load_bundle, save_bundle
from tests.core.trained.networks import NAUGHTY, QUERIES, bundle_of, points_query, table_query, untrained

EVERY = {**QUERIES, "a table": "", "a table of numbers": "", "points of a file": ""}


def query_of(name: str) -> str:
    if name in ("a table", "points of a file"):
        return table_query() if name == "a table" else points_query()
    return table_query(target=f"{NAUGHTY[0]}".replace('"', "%22")) if name == "a table of numbers" else QUERIES[name]


def members_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(members, compression=zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, content in members.items() if isinstance(members, dict) else members:
            archive.writestr(name, content)
    return file.getvalue()


def with_data(change) -> bytes:
    """The file of a bundle with something else in its data.json."""
    members = members_of(save_bundle(bundle_of(QUERIES["two classes"])))
    data = json.loads(members["data.json"])
    change(data)
    return zipped(members | {"data.json": json.dumps(data).encode()})


@pytest.mark.parametrize("name", EVERY)
def test_a_bundle_comes_back_to_the_last_bit(name):
    saved = bundle_of(query_of(name))
    content = save_bundle(saved)
    loaded = load_bundle(content)
    assert loaded.experiment == saved.experiment
    assert loaded.history == saved.history
    assert loaded.fingerprint == saved.fingerprint
    assert save_bundle(loaded) == content
    split = prepare(saved.experiment.data)
    np.testing.assert_array_equal(loaded.network.predict(split.x_val), saved.network.predict(split.x_val))
    np.testing.assert_array_equal(loaded.preparation.to_inputs(split.raw_val), split.x_val)
    np.testing.assert_array_equal(
        loaded.preparation.answer(loaded.network, split.raw_val),
        saved.preparation.answer(saved.network, split.raw_val),
    )


@pytest.mark.parametrize("name", ["two classes", "derived inputs"])
def test_an_older_bundle_says_by_its_names_what_is_derived(name):
    saved = bundle_of(QUERIES[name])
    members = members_of(save_bundle(saved))
    data = json.loads(members["data.json"])
    del data["preparation"]["derived"]
    loaded = load_bundle(zipped(members | {"data.json": json.dumps(data).encode()}))
    assert loaded.preparation.derived == saved.preparation.derived == (name == "derived inputs")
    raw = prepare(saved.experiment.data).raw_val
    np.testing.assert_array_equal(loaded.preparation.to_inputs(raw), saved.preparation.to_inputs(raw))


@pytest.mark.parametrize("name", EVERY)
def test_what_a_bundle_says_of_the_data_is_what_the_training_rows_say(name):
    _, split = untrained(query_of(name))
    preparation = bundle_of(query_of(name)).preparation
    np.testing.assert_array_equal(preparation.low, split.raw_train.min(axis=0))
    np.testing.assert_array_equal(preparation.high, split.raw_train.max(axis=0))
    numbers = len(split.encoding.numbers) if split.encoding else split.features
    np.testing.assert_array_equal(preparation.typical[:numbers], np.median(split.raw_train, axis=0)[:numbers])
    if split.encoding is not None:
        assert set(preparation.typical[numbers:]) <= {0.0, 1.0}
        assert preparation.typical[numbers:].sum() == len(split.encoding.categories)
        assert preparation.columns == (*split.encoding.columns,)
    if not split.classes:
        answer = preparation.answer(bundle_of(query_of(name)).network, split.raw_val)
        said = bundle_of(query_of(name)).network.predict(split.x_val)
        np.testing.assert_allclose(answer, split.unscale_target(said), rtol=1e-6)
        assert (preparation.target_low, preparation.target_high) == (split.y_train.min(), split.y_train.max())


def test_the_parts_are_plain_files():
    saved = bundle_of(QUERIES["a number"])
    members = members_of(save_bundle(saved))
    assert set(members) == {"experiment.json", "weights.npz", "history.csv", "data.json"}
    assert members["history.csv"].startswith(b"epoch,loss,mae,r2,val_loss,val_mae,val_r2\n1,0.1,1.1,")
    arrays = np.load(io.BytesIO(members["weights.npz"]), allow_pickle=False)
    assert set(arrays) == set(saved.network.weights)
    for name, weight in saved.network.weights.items():
        np.testing.assert_array_equal(arrays[name], weight)


def test_rows_that_are_others_have_another_fingerprint():
    data = DataSpec("moons", points=50)
    assert fingerprint_of(prepare(data)) == fingerprint_of(prepare(DataSpec("moons", points=50)))
    others = [
        DataSpec("moons", points=51),
        DataSpec("moons", points=50, seed=5),
        DataSpec("moons", points=50, test=0.5),
    ]
    assert len({fingerprint_of(prepare(other)) for other in (data, *others)}) == 4


SMALL = save_bundle(bundle_of("data=moons&points=20&layers=tanh-2-batch"))


@given(st.data())
@settings(max_examples=150)
def test_a_damaged_bundle_is_refused_or_still_whole(data):
    content = bytearray(SMALL)
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content) - 1))
        match data.draw(st.sampled_from(["byte", "cut", "insert", "drop"])):
            case "byte":
                content[place] = data.draw(st.integers(0, 255))
            case "cut":
                del content[place + 1 :]
            case "insert":
                content[place:place] = data.draw(st.binary(min_size=1, max_size=8))
            case "drop":
                del content[place : place + data.draw(st.integers(1, 50))]
                content = content or bytearray(b"P")
    load_or_refuse(bytes(content))


@given(st.sampled_from(["experiment.json", "weights.npz", "history.csv", "data.json"]), st.data())
@settings(max_examples=150)
def test_a_bundle_with_a_damaged_part_is_refused_or_still_whole(name, data):
    members = members_of(SMALL)
    part = bytearray(members[name])
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(part) - 1))
        part[place : place + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=4))
    load_or_refuse(zipped(members | {name: bytes(part)}))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.data(), json_values)
@settings(max_examples=150)
def test_a_bundle_with_another_value_in_its_data_is_refused_or_still_whole(data, value):
    members = members_of(table_file())
    document = json.loads(members["data.json"])
    place = document
    while True:
        key = data.draw(st.sampled_from(list(place)) if isinstance(place, dict) else st.integers(0, len(place) - 1))
        if not isinstance(place[key], dict | list) or not place[key] or data.draw(st.booleans()):
            break
        place = place[key]
    place[key] = value
    load_or_refuse(zipped(members | {"data.json": json.dumps(document).encode()}))


@cache
def table_file() -> bytes:
    return save_bundle(bundle_of(table_query()))


def load_or_refuse(content: bytes) -> None:
    try:
        loaded = load_bundle(content)
    except HiddenLayersError:
        return
    rows = np.zeros((3, len(loaded.preparation.feature_names)), np.float32)
    with np.errstate(all="ignore"):
        assert len(loaded.preparation.answer(loaded.network, rows)) == 3
    save_bundle(loaded)


def keras_file() -> bytes:
    return zipped({"metadata.json": b"{}", "config.json": b"{}", "model.weights.h5": b"\x89HDF"})


def pickled_weights() -> bytes:
    members = members_of(SMALL)
    arrays = {}
    for name in np.load(io.BytesIO(members["weights.npz"])):
        arrays[name] = np.array([{"code": "print()"}], dtype=object)
    file = io.BytesIO()
    np.savez(file, **arrays)
    return zipped(members | {"weights.npz": file.getvalue()})


def other_shape() -> bytes:
    members = members_of(SMALL)
    arrays = dict(np.load(io.BytesIO(members["weights.npz"])))
    arrays["hidden_1/kernel"] = arrays["hidden_1/kernel"].T.reshape(4, 1)
    file = io.BytesIO()
    np.savez(file, **arrays)
    return zipped(members | {"weights.npz": file.getvalue()})


def huge_header() -> bytes:
    """Weights whose header says that they are as many as no machine holds."""
    members = members_of(SMALL)
    weights = members_of(members["weights.npz"])
    name = "hidden_1/kernel.npy"
    weights[name] = weights[name].replace(b"(2, 2), }" + b" " * 20, b"(200000000000, 2000000000), }")
    assert b"200000000000" in weights[name]
    return zipped(members | {"weights.npz": zipped(weights)})


def twice() -> bytes:
    with pytest.warns(UserWarning, match="Duplicate"):
        return zipped([*members_of(SMALL).items(), ("data.json", b"{}")])


def bomb() -> bytes:
    return zipped(members_of(SMALL) | {"history.csv": b"0" * 300_000_000})


def long_history() -> bytes:
    return zipped(members_of(SMALL) | {"history.csv": b"0" * 1_000_001})


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "not a zip"),
        (b"hello", "not a zip"),
        (b"\x89HDF\r\n", "saved Keras model"),
        (keras_file, "saved Keras model"),
        (lambda: zipped({"data.json": b"{}"}), "must hold experiment.json"),
        (lambda: zipped(members_of(SMALL) | {"../x": b""}), "nothing else"),
        (twice, "each once"),
        (pickled_weights, "float32"),
        (other_shape, "hidden_1/kernel must be float32 (2, 2)"),
        (huge_header, "hidden_1/kernel must be float32 (2, 2)"),
        (bomb, "unpack"),
        (long_history, "history.csv may have at most 1 MB"),
        (lambda: with_data(lambda data: data.update(format="2")), "format"),
        (lambda: with_data(lambda data: data.update(fingerprint="x" * 32)), "fingerprint"),
        (lambda: with_data(lambda data: data["preparation"].update(factor=[1.0, -1.0])), "Factors"),
        (lambda: with_data(lambda data: data["preparation"].update(offset=[1e39, 0])), "float32"),
        (lambda: with_data(lambda data: data["preparation"].update(offset=[0.0])), "every feature"),
        (lambda: with_data(lambda data: data["preparation"].update(class_names=[])), "must predict classes"),
        (lambda: with_data(lambda data: data["preparation"].update(class_names=["a", "b", "c"])), "output/kernel"),
        (lambda: with_data(lambda data: data["preparation"].update(class_names=["a", "\ud800"])), "text"),
        (lambda: with_data(lambda data: data["preparation"].update(input_names=["x1", "os.system"])), "derived from"),
        (lambda: with_data(lambda data: data["preparation"].update(image_shape=[2, 2])), "2 pixels"),
        (lambda: with_data(lambda data: data["preparation"].update(image_shape=[1, -2])), "height"),
        (lambda: with_data(lambda data: data["preparation"].update(image_shape=[1, 1, 2])), "height"),
    ],
)
def test_what_is_no_bundle_is_refused(content, said):
    with pytest.raises(DataError) as refused:
        load_bundle(content() if callable(content) else content)
    assert said in str(refused.value)


def test_a_file_that_is_too_large_is_not_looked_at(monkeypatch):
    monkeypatch.setattr(bundle_module, "MAX_BYTES", len(SMALL) - 1)
    with pytest.raises(DataError, match="at most"):
        load_bundle(SMALL)


def test_a_bundle_holds_what_fits_together():
    network, _ = untrained(QUERIES["two classes"])
    _, other = untrained(QUERIES["pictures"])
    history = {name: [0.0] for name in ("loss", "accuracy", "val_loss", "val_accuracy")}
    with pytest.raises(DataError, match="64 inputs and 10 classes"):
        Bundle.of(network, other, history)
    with pytest.raises(DataError, match="history"):
        Bundle.of(network, prepare(read_query(QUERIES["two classes"]).data), {"loss": [1.0]})
    with pytest.raises(DataError, match="history"):
        Bundle.of(network, prepare(read_query(QUERIES["two classes"]).data), history | {"loss": [1.0, 2.0]})
