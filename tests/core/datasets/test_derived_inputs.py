"""Inputs that are derived from the points of the plane, and from the rows of a file with two columns of numbers."""

import numpy as np
import pytest

from core.datasets import input_columns, make_dataset, prepare, uploaded_data
from core.datasets.derived_inputs import INPUTS
from core.datasets.drawn_points import ring, to_csv
from core.datasets.file_notes import file_notes
from core.datasets.upload_store import keep_upload
from core.errors import DataError
from core.experiment import DataSpec, TableSpec, menus
from tests.core.datasets.picture_zips import folders

SQUARES = ("x1", "x1x1", "x2x2", "x1x2")
POINTS = ["wide,long,kind", "1,2,a", "3,-1,b", "2,0.5,a", "0,4,b"]


def spec_of(lines: list[str], inputs: tuple[str, ...] = SQUARES, name: str = "file", **changes: object) -> DataSpec:
    """Return the data of a file of which all rows train, not scaled unless it is said."""
    table = {key: changes.pop(key) for key in ("columns", "missing", "target_column") if key in changes}
    spec = TableSpec(keep_upload("\n".join(lines).encode()), **table)
    return DataSpec(name, table=spec, inputs=inputs, split="all", **{"scaling": "none", **changes})


def test_every_input_on_the_menu_is_computed():
    assert list(INPUTS) == list(menus.INPUTS)


def test_two_columns_of_numbers_are_points():
    split = prepare(spec_of(POINTS))
    assert split.x_train.tolist() == [[1, 1, 4, 2], [3, 9, 1, -3], [2, 4, 0.25, 1], [0, 0, 16, 0]]
    assert split.x_train.dtype == np.float32
    assert split.raw_train.tolist() == [[1, 2], [3, -1], [2, 0.5], [0, 4]]
    assert (split.feature_names, split.input_names, split.derived) == (("wide", "long"), SQUARES, True)
    np.testing.assert_array_equal(split.to_inputs(split.raw_train.astype(np.float64)), split.x_train)


def test_a_number_is_predicted_from_them():
    lines = ["x,z,sum", *(f"{row},{row * row % 11},{row + row * row % 11}.5" for row in range(30))]
    split = prepare(spec_of(lines, ("x2", "x2x2"), "file_numbers"))
    assert split.x_train[:4].tolist() == [[0, 0], [1, 1], [4, 16], [9, 81]]
    assert split.y_train[:4].tolist() == [0.5, 2.5, 6.5, 12.5]


def test_inputs_are_derived_first_and_scaled_then_as_those_of_the_built_in_points_are():
    split = prepare(spec_of(POINTS, ("x1", "x1x1"), scaling="minmax"))
    np.testing.assert_allclose(split.x_train, [[1 / 3, 1 / 9], [1, 1], [2 / 3, 4 / 9], [0, 0]], rtol=1e-6)
    points = prepare(DataSpec("circles", points=40, inputs=SQUARES, split="all", scaling="standard"))
    lines = [
        "x1,x2,class",
        *(
            f"{x1!r},{x2!r},{label}"
            for (x1, x2), label in zip(points.raw_train.astype(float).tolist(), points.y_train.tolist(), strict=True)
        ),
    ]
    of_file = prepare(spec_of(lines, scaling="standard"))
    np.testing.assert_array_equal(of_file.x_train, points.x_train)
    np.testing.assert_array_equal(of_file.offset, points.offset)


def test_the_columns_themselves_stay_what_they_are():
    split = prepare(spec_of(POINTS, menus.PLAIN_INPUTS))
    assert (split.input_names, split.derived) == (("wide", "long"), False)
    np.testing.assert_array_equal(split.x_train, split.raw_train)


def test_x1_is_the_column_that_was_chosen_first():
    split = prepare(spec_of(POINTS, ("x1",), columns=("long", "wide")))
    assert split.x_train.tolist() == [[2], [-1], [0.5], [4]]


def test_columns_that_have_the_names_of_inputs_are_still_what_these_are_derived_from():
    lines = ["x1,x1x1,kind", "2,5,a", "3,7,b", "4,1,a", "5,2,b"]
    split = prepare(spec_of(lines, ("x1", "x1x1")))
    assert split.x_train.tolist() == [[2, 4], [3, 9], [4, 16], [5, 25]]
    assert split.to_inputs(split.raw_train).tolist() == split.x_train.tolist()


def test_missing_numbers_are_filled_in_before():
    lines = ["wide,long,kind", "1,2,a", ",1,b", "3,4,a", "5,3,b"]
    assert prepare(spec_of(lines, ("x1x1", "x1x2"))).x_train.tolist() == [[1, 2], [9, 3], [9, 12], [25, 15]]
    assert prepare(spec_of(lines, ("x1x1",), missing="drop")).x_train.tolist() == [[1], [9], [25]]


def test_squares_of_numbers_far_from_0_keep_their_digits():
    seconds = [1_700_000_000 + 60 * row for row in range(40)]
    lines = ["at,x,kind", *(f"{at},{row % 5},{'ab'[row % 2]}" for row, at in enumerate(seconds))]
    squares = np.array(seconds, np.float64) ** 2
    wanted = (squares - squares.mean()) / squares.std()
    split = prepare(spec_of(lines, ("x1x1",), scaling="standard"))
    np.testing.assert_allclose(split.x_train[:, 0], wanted, atol=1e-5)
    centred = prepare(spec_of(lines, ("x1x1",)))
    np.testing.assert_allclose(centred.x_train[:, 0], squares - squares.mean(), rtol=1e-6, atol=1e3)


@pytest.mark.parametrize(
    ("lines", "received"),
    [
        (["a,b,c,kind", "1,2,3,a", "2,3,5,b", "3,4,1,a", "5,5,2,b"], r"'a' \(number\), 'b' \(number\), 'c' \(number\)"),
        (["a,kind", "1,a", "2,b", "3,a", "5,b"], r"'a' \(number\)\."),
        (["a,soil,kind", "1,wet,a", "2,dry,b", "3,wet,a", "5,dry,b"], r"'soil' \(category\)"),
        (["a,day,kind", *(f"{row},2024-01-{row + 10},{'ab'[row % 2]}" for row in range(9))], r"'day' \(date\)"),
    ],
)
def test_other_columns_have_no_inputs_to_derive(lines, received):
    with pytest.raises(DataError, match=rf"`inputs` are derived from exactly two columns of numbers.*{received}"):
        prepare(spec_of(lines, ("x1", "x1x1")))
    assert prepare(spec_of(lines, menus.PLAIN_INPUTS, scaling="none")).derived is False


def test_pictures_have_none_either():
    file = keep_upload(folders(cats=[1, 2, 3], dogs=[4, 5, 6]))
    with pytest.raises(DataError, match="this file has pictures"):
        prepare(DataSpec("file", table=TableSpec(file), inputs=("x1x1",)))


def test_squares_too_large_for_float32_are_refused():
    lines = ["a,b,kind", "1e16,2,a", "3,-1,b", "2,0.5,a", "0,4,b"]
    with pytest.raises(DataError, match=r"`inputs` must be numbers from -1e30 to 1e30: x₁² can reach 1e\+32"):
        prepare(spec_of(lines, ("x1", "x1x1")))
    assert np.isfinite(prepare(spec_of(lines, ("x1", "x2x2", "x1x2", "sinx1"))).x_train).all()


def test_many_inputs_of_many_rows_are_refused(monkeypatch):
    for module in (input_columns, uploaded_data):
        monkeypatch.setattr(module, "VALUES_MOST", 15)
    assert len(make_dataset(spec_of(POINTS, ("x1", "x2", "x1x1"))).labels) == 4
    with pytest.raises(DataError, match=r"`inputs` may be at most 3 for 4 rows\. Received: 4"):
        make_dataset(spec_of(POINTS, SQUARES))


def test_what_the_network_gets_is_said():
    notes = file_notes(spec_of(POINTS, ("x1", "x2x2")))
    assert "The network gets x₁, x₂², where x₁ is 'wide' and x₂ is 'long' before scaling." in notes
    assert not any("network gets" in note for note in file_notes(spec_of(POINTS, menus.PLAIN_INPUTS)))


def test_squares_separate_a_drawn_ring_by_a_straight_line():
    """What they are for: in x1² and x2², the ring is a line."""
    from sklearn.linear_model import LogisticRegression

    table = TableSpec(keep_upload(to_csv(ring()).encode()), target_column="class")

    def score(*inputs: str) -> float:
        split = prepare(DataSpec("file", table=table, inputs=inputs, scaling="standard"))
        return LogisticRegression().fit(split.x_train, split.y_train).score(split.x_test, split.y_test)

    assert score("x1x1", "x2x2") > 0.95 > 0.8 > score("x1", "x2")
