"""Rows of a file, predicted: columns by name, what is missing as in training, and what is said when that cannot be."""

import io

import numpy as np
import pandas as pd
import pytest

from core.__main__ import main
from core.datasets import prepare
from core.datasets.upload_store import keep_upload, read_upload
from core.errors import DataError
from core.experiment import DataSpec, Experiment, NetworkSpec, TableSpec
from core.trained import TrainedNetwork
from core.trained import row_predictions as rows_module
from core.trained.bundle import Bundle, save_bundle
from core.trained.preparation import Preparation
from core.trained.row_predictions import Predictions, predict_file
from tests.core.trained.networks import NAUGHTY, QUERIES, bundle_of, table_query


def predict(bundle: Bundle, frame: pd.DataFrame | bytes, filename: str = "rows.csv") -> Predictions:
    content = frame if isinstance(frame, bytes) else frame.to_csv(index=False).encode()
    return predict_file(bundle.network, bundle.preparation, content, filename)


def read_back(predictions: Predictions) -> pd.DataFrame:
    return pd.read_csv(io.BytesIO(predictions.to_csv()), keep_default_na=False, na_values=[""])


@pytest.mark.parametrize("name", ["two classes", "derived inputs", "a number", "one feature", "three parts"])
def test_held_out_rows_get_what_the_network_says_of_them(name):
    bundle = bundle_of(QUERIES[name])
    split = prepare(bundle.experiment.data)
    frame = pd.DataFrame(split.raw_val, columns=list(split.feature_names))
    shuffled = frame[frame.columns[::-1]].assign(id=[f"row {place}" for place in range(len(frame))])
    table = read_back(predict(bundle, shuffled))
    said = bundle.network.predict(split.x_val)
    own = [*frame.columns[::-1], "id"]
    np.testing.assert_allclose(table[own[:-1]], shuffled[own[:-1]], rtol=1e-6)
    if split.classes:
        columns = ["predicted class", *(f"probability of {name}" for name in split.class_names)]
        assert list(table) == own + columns
        assert table["predicted class"].tolist() == [split.class_names[label] for label in said.argmax(axis=1)]
        np.testing.assert_allclose(table[columns[1:]], said, rtol=1e-5, atol=1e-7)
    else:
        assert list(table) == [*own, f"predicted {split.target_name}"]
        np.testing.assert_allclose(table.iloc[:, -1], split.unscale_target(said)[:, 0], rtol=1e-5)
    assert table["id"].tolist() == [f"row {place}" for place in range(len(frame))]


def test_rows_of_points_are_predicted_from_what_is_derived_of_them():
    """By hand: x1 and its square, standardized; a missing x1 is the median of the training rows, 3."""
    lines = "x1,x1x1,kind\n1,9,a\n2,8,b\n3,7,a\n4,6,b\n5,5,a"
    table = TableSpec(keep_upload(lines.encode()))
    data = DataSpec("file", table=table, inputs=("x1", "x1x1"), split="all", scaling="standard")
    experiment = Experiment(data, NetworkSpec(()))
    kernel, bias = np.array([[0.5], [-2.0]], np.float32), np.array([0.25], np.float32)
    network = TrainedNetwork(experiment, {"output/kernel": kernel, "output/bias": bias})
    preparation = Preparation.of(prepare(data))
    found = predict_file(network, preparation, b"x1x1,x1\n7,10\n0,-1\n1,\n", "rows.csv")
    x1 = np.array([10.0, -1.0, 3.0])
    squares = np.array([1.0, 4.0, 9.0, 16.0, 25.0])
    score = 0.5 * (x1 - 3) / np.sqrt(2) - 2 * (x1**2 - 11) / squares.std() + 0.25
    np.testing.assert_allclose(found.frame["probability of b"], 1 / (1 + np.exp(-score)), rtol=1e-5, atol=1e-7)
    with pytest.raises(DataError, match="x₁² can reach 1e\\+40"):
        predict_file(network, preparation, b"x1,x1x1\n1e20,7\n", "rows.csv")


def the_table(bundle: Bundle) -> pd.DataFrame:
    assert bundle.experiment.data.table is not None
    return pd.read_csv(io.BytesIO(read_upload(bundle.experiment.data.table.file)))


@pytest.mark.parametrize("missing", ["median", "most_frequent", "constant"])
@pytest.mark.parametrize("form", ["csv", "parquet", "one by one"])
def test_a_tables_own_rows_get_what_they_got_in_training(missing, form):
    bundle = bundle_of(table_query(missing))
    frame = the_table(bundle).drop(columns="kind")
    split = prepare(bundle.experiment.data)
    whole = predict(bundle, frame)
    assert whole.left_out == 0
    answers = whole.frame.filter(like="probability of").to_numpy()
    # The split has shuffled them: every held-out row is found among the answers.
    for said in bundle.network.predict(split.x_val):
        assert np.abs(answers - said).max(axis=1).min() < 1e-6
    if form == "parquet":
        file = io.BytesIO()
        frame.to_parquet(file)
        again = predict(bundle, file.getvalue(), "rows.parquet").frame.filter(like="probability of").to_numpy()
    elif form == "one by one":  # a column of one row says little of its type
        parts = [predict(bundle, frame.iloc[[row]]) for row in range(12)]
        again = np.concatenate([part.frame.filter(like="probability of").to_numpy() for part in parts])
        answers = answers[:12]
    else:
        again = predict(bundle, frame).frame.filter(like="probability of").to_numpy()
    np.testing.assert_allclose(again, answers, rtol=1e-5, atol=1e-7)


def test_names_and_classes_may_be_anything():
    bundle = bundle_of(table_query())
    frame = the_table(bundle)
    table = read_back(predict(bundle, frame))
    names = [f"probability of {name}" for name in ("<script>", 'a "b"', "ü")]
    assert list(table) == [*frame.columns, "predicted kind", *names]
    assert set(table["predicted kind"]) <= {"<script>", 'a "b"', "ü"}


def test_a_category_that_did_not_train_counts_as_rare():
    bundle = bundle_of(table_query(rare=2))
    assert bundle.preparation.encoding.categories[0].pools
    frame = the_table(bundle).iloc[[3, 3]].reset_index(drop=True)
    assert frame.loc[0, NAUGHTY[1]] == "once"
    frame.loc[1, NAUGHTY[1]] = "never seen"
    answers = predict(bundle, frame).frame.filter(like="probability of").to_numpy()
    np.testing.assert_array_equal(answers[0], answers[1])


def test_rows_are_left_out_where_training_dropped_them():
    bundle = bundle_of(table_query("drop"))
    frame = the_table(bundle)
    predictions = predict(bundle, frame)
    assert predictions.left_out == 3
    unsaid = read_back(predictions)["predicted kind"].isna()
    assert np.flatnonzero(unsaid).tolist() == [5, 6, 7]
    assert any("3 rows are left without a prediction" in note for note in predictions.notes)


def test_where_nothing_was_missing_in_training_the_median_still_fills():
    bundle = bundle_of(table_query("none"))
    frame = the_table(bundle).iloc[:4].copy()
    median = np.median(prepare(bundle.experiment.data).raw_train[:, 0])
    gap, filled = frame.copy(), frame.copy()
    gap.loc[0, NAUGHTY[0]], filled.loc[0, NAUGHTY[0]] = None, median
    np.testing.assert_allclose(
        predict(bundle, gap).frame.filter(like="probability of").to_numpy(),
        predict(bundle, filled).frame.filter(like="probability of").to_numpy(),
        rtol=1e-4,
    )


def test_built_in_data_know_nothing_to_fill_with():
    bundle = bundle_of(QUERIES["two classes"])
    predictions = predict(bundle, b"x1,x2\n1,2\n,3\n0.5,0.5\n")
    assert predictions.left_out == 1
    assert predictions.frame["predicted class"].isna().tolist() == [False, True, False]


def test_rows_beyond_the_training_rows_are_counted():
    bundle = bundle_of(QUERIES["two classes"])
    predictions = predict(bundle, b"x1,x2\n0,0\n100,0\n0.1,-50\n")
    assert predictions.outside == 2
    assert any("2 rows are outside the range" in note for note in predictions.notes)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"x1,y\n1,2\n3,4\n", "Missing: 'x2'. Received: 'x1', 'y'."),
        (b"a,b\n1,2\n3,4\n", "Missing: 'x1', 'x2'."),
        (b"x1,x2\nred,1\nblue,2\n", "'x1'"),
        (b"x1,x2\n1e31,1\n2,2\n", "-1e30 to 1e30"),
        (b"\x89PNG\r\n", "PNG picture"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_with_the_columns_name(content, said):
    with pytest.raises(DataError) as refused:
        predict(bundle_of(QUERIES["two classes"]), content)
    assert said in str(refused.value)


def test_many_missing_columns_are_counted():
    with pytest.raises(DataError, match="and 59 more"):
        predict(bundle_of(QUERIES["pictures"]), b"a,b\n1,2\n3,4\n")


def test_pictures_are_found_by_the_order_of_their_pixels():
    bundle = bundle_of(QUERIES["pictures"])
    split = prepare(bundle.experiment.data)
    file = io.BytesIO()
    np.savez(file, images=split.raw_val[:20].reshape(-1, 8, 8))
    table = predict(bundle, file.getvalue(), "pictures.npz").frame
    assert table["predicted class"].astype(int).tolist() == bundle.network.predict(split.x_val[:20]).argmax(1).tolist()


def test_a_name_that_is_taken_is_not_written_over():
    bundle = bundle_of(QUERIES["two classes"])
    table = read_back(predict(bundle, b"x1,x2,predicted class\n1,2,a\n3,4,b\n"))
    assert table["predicted class"].tolist() == ["a", "b"]
    assert set(table["predicted class (2)"]) <= {"class 0", "class 1"}


def test_rows_go_through_in_batches(monkeypatch):
    bundle = bundle_of(QUERIES["two classes"])
    split = prepare(bundle.experiment.data)
    frame = pd.DataFrame(split.raw_train, columns=["x1", "x2"])
    whole = predict(bundle, frame).to_csv()
    monkeypatch.setattr(rows_module, "_VALUES_AT_ONCE", 14)
    parts = predict(bundle, frame)
    said, at_once = (
        table.filter(like="probability of") for table in (read_back(parts), pd.read_csv(io.BytesIO(whole)))
    )
    np.testing.assert_allclose(said, at_once, rtol=1e-5)


def test_what_is_carried_is_as_it_was_in_the_file():
    bundle = bundle_of(QUERIES["two classes"])
    said = predict(bundle, b"id,x1,x2,when\n007,1,0.5,2020-01-02\n8,2,-3,2021-05-06\n").to_csv().decode()
    assert [line.rsplit(",", 3)[0] for line in said.splitlines()] == [
        "id,x1,x2,when",
        "007,1,0.5,2020-01-02",
        "8,2,-3.0,2021-05-06",
    ]
    some = predict(bundle, b"x1,x2,count\n1,0.5,\n2,-3,4\n").frame["count"]
    assert np.isnan(some[0])


def test_pixels_of_pictures_are_not_carried():
    bundle = bundle_of(QUERIES["pictures"])
    split = prepare(bundle.experiment.data)
    frame = pd.DataFrame(split.raw_val[:3], columns=list(split.feature_names)).assign(name=["a", "b", "c"])
    table = predict(bundle, frame).frame
    assert list(table)[:2] == ["name", "predicted class"]
    assert len(table.columns) == 2 + split.classes


def test_too_many_rows_are_refused(monkeypatch):
    monkeypatch.setattr(rows_module, "_ANSWERS_MOST", 4)
    with pytest.raises(DataError, match=r"At most 2 rows .* has 3"):
        predict(bundle_of(QUERIES["two classes"]), b"x1,x2\n1,2\n3,4\n5,6\n")


# The command


@pytest.fixture
def files(tmp_path):
    bundle = bundle_of(QUERIES["two classes"])
    (tmp_path / "run.zip").write_bytes(save_bundle(bundle))
    (tmp_path / "rows.csv").write_bytes(b"x1,x2\n0,0\n100,0\n,1\n")
    return tmp_path


def test_the_command_writes_the_table(files, capsys):
    arguments = ["predict", str(files / "run.zip"), "--file", str(files / "rows.csv")]
    assert main([*arguments, "-o", str(files / "out.csv")]) == 0
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "1 row is left without a prediction" in printed.err
    assert "outside the range" in printed.err
    content = (files / "out.csv").read_bytes()
    assert content == predict(bundle_of(QUERIES["two classes"]), (files / "rows.csv").read_bytes()).to_csv()
    assert main(arguments) == 0
    assert capsys.readouterr().out.encode() == content


@pytest.mark.parametrize(
    ("bundle", "file", "output"),
    [
        ("rows.csv", "rows.csv", "out.csv"),
        ("run.zip", "nothing.csv", "out.csv"),
        ("run.zip", "rows.csv", "a/b/out.csv"),
    ],
)
def test_what_the_command_cannot_do_is_said_in_one_line(files, capsys, bundle, file, output):
    assert main(["predict", str(files / bundle), "--file", str(files / file), "-o", str(files / output)]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert error.count("\n") == 1
