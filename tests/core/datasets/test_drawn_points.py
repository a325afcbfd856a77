"""Points drawn by hand: checks, CSV, noise, starters, and the text in a link."""

from __future__ import annotations

import base64
import io
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.datasets import prepare
from core.datasets.downloads import HOME_VARIABLE
from core.datasets.drawn_points import (
    CLASSES_MOST,
    POINTS_MOST,
    SHARED_MOST,
    STARTERS,
    DrawnPoints,
    add_noise,
    decode,
    encode,
    read_csv,
    read_points,
    to_csv,
    why_not_trainable,
)
from core.datasets.upload_store import keep_upload
from core.errors import DataError
from core.experiment import DataSpec, TableSpec

_COORDINATES = st.integers(-1000, 1000)
POINTS = st.tuples(_COORDINATES, _COORDINATES, st.integers(0, CLASSES_MOST - 1))
DRAWINGS = st.builds(DrawnPoints, st.lists(POINTS, max_size=60).map(tuple))


def drawn(*counts: int) -> DrawnPoints:
    """Return a drawing with these numbers of points of each class."""
    return DrawnPoints(
        tuple((10 * row, -10 * row, label) for label, count in enumerate(counts) for row in range(count))
    )


def test_invalid_points_are_refused() -> None:
    for point in (
        (1001, 0, 0),
        (0, -1001, 0),
        (0, 0, CLASSES_MOST),
        (0, 0, -1),
        (0.0, 0, 0),
        (float("nan"), 0, 0),
        (0, float("inf"), 0),
        (True, 0, 0),
        (0, 0),
        (0, 0, 0, 0),
        ("0", 0, 0),
        (None, 0, 0),
        (10**400, 0, 0),
        ([0], 0, 0),
    ):
        with pytest.raises(DataError, match="A point must be"):
            DrawnPoints(((0, 0, 0), point))
        with pytest.raises(DataError, match="A point must be"):
            read_points([[0, 0, 0], list(point)])


def test_other_messages_are_refused() -> None:
    for received in (None, 7, "[]", {}, [1], [None], [(0, 0, 0)], {"points": []}, [{"0": 0}]):
        with pytest.raises(DataError, match="must be a list of points"):
            read_points(received)


def test_points_of_the_browser_become_a_drawing() -> None:
    assert read_points([]) == DrawnPoints()
    assert read_points([[-1000, 1000, 7], [0, 1, 0]]) == DrawnPoints(((-1000, 1000, 7), (0, 1, 0)))


def test_the_number_of_points_is_bounded() -> None:
    assert len(drawn(*[POINTS_MOST // 20] * 2).points) == 200
    full = [[0, 0, 0]] * POINTS_MOST
    assert len(read_points(full).points) == POINTS_MOST
    with pytest.raises(DataError, match=r"at most 2,000 points. Received: 2,001"):
        read_points([*full, [0, 0, 0]])


def test_why_a_drawing_cannot_be_trained_on() -> None:
    for counts, said in (
        ((), "at least two classes"),
        ((50,), "at least two classes"),
        ((0, 0, 9), "at least two classes"),
        ((5, 4), "needs 5 points: class 2 has 4"),
        ((1, 0, 2, 5), "class 1 has 1, class 3 has 2."),
        ((5, 5), ""),
        ((5, 0, 0, 0, 0, 0, 0, 5), ""),
    ):
        reason = why_not_trainable(drawn(*counts))
        assert said in reason
        assert bool(reason) == bool(said)


@given(DRAWINGS)
def test_csv_has_every_point_exactly(drawing: DrawnPoints) -> None:
    frame = pd.read_csv(io.StringIO(to_csv(drawing)))
    assert list(frame.columns) == ["x1", "x2", "class"]
    rows = zip(frame["x1"], frame["x2"], frame["class"], strict=True)
    assert drawing.points == tuple((round(1000 * x1), round(1000 * x2), int(name[6:]) - 1) for x1, x2, name in rows)
    assert "-0.000" not in to_csv(drawing)


def test_a_large_file_is_no_drawing() -> None:
    drawing = STARTERS["ring"]()
    content = to_csv(drawing).encode()
    assert read_csv(content) == drawing
    assert read_csv(content + b"\n" * 1_000_000) is None
    assert read_csv(b" " + content) is None


def test_a_drawing_is_a_data_set(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for drawing in (
        *(make() for make in STARTERS.values()),
        drawn(*[5] * CLASSES_MOST),
        DrawnPoints(tuple((x1, 1000, label) for label, x1 in enumerate((-1000, 1000)) for _ in range(5))),
    ):
        assert why_not_trainable(drawing) == ""
        monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
        file = keep_upload(to_csv(drawing).encode())
        split = prepare(DataSpec("file", scaling="none", table=TableSpec(file=file, target_column="class")))
        assert split.feature_names == ("x1", "x2")
        assert split.class_names == tuple(f"class {label + 1}" for label in drawing.counts)
        rows = np.concatenate([split.x_train, split.x_test])
        points = np.array(drawing.points)[:, :2] / 1000
        np.testing.assert_allclose(np.sort(rows, axis=0), np.sort(points, axis=0), atol=1e-6)


def test_starters_are_always_the_same_and_fit_into_a_link() -> None:
    for make in STARTERS.values():
        assert make() == make()
        assert make().counts == {0: 100, 1: 100}
        assert decode(encode(make())) == make()


def test_noise_is_normal_seeded_and_stays_on_the_plane() -> None:
    still = DrawnPoints(((0, 0, 3),) * POINTS_MOST)
    moved = add_noise(still, 0.1, 7)
    assert moved == add_noise(still, 0.1, 7) != add_noise(still, 0.1, 8)
    places = np.array(moved.points)
    assert np.std(places[:, :2], axis=0) == pytest.approx(100, rel=0.1)
    assert np.mean(places[:, :2], axis=0) == pytest.approx(0, abs=10)
    assert set(places[:, 2]) == {3}
    assert np.abs(np.array(add_noise(still, 1.0, 0).points)[:, :2]).max() == 1000


def test_no_noise_moves_nothing() -> None:
    assert add_noise(DrawnPoints(), 0.1, 0) == DrawnPoints()
    assert add_noise(drawn(9, 9), 0.0, 0) == drawn(9, 9)


def test_noise_outside_its_range_is_refused() -> None:
    for deviation in (-0.1, 1.1, float("nan"), float("inf")):
        with pytest.raises(DataError, match="`deviation` must be from 0 to 1"):
            add_noise(drawn(5, 5), deviation, 0)


@given(DRAWINGS)
def test_a_link_has_every_point_exactly(drawing: DrawnPoints) -> None:
    assert decode(encode(drawing)) == drawing


@given(
    st.one_of(st.text(), st.text("ABCDEFGHabcdefgh0123456789-_"), st.binary(max_size=40).map(base64.urlsafe_b64encode))
)
def test_any_text_is_points_or_is_refused(text: str | bytes) -> None:
    written = text if isinstance(text, str) else text.decode().rstrip("=")
    try:
        drawing = decode(written)
    except DataError:
        return
    assert decode(encode(drawing)) == drawing


def test_a_damaged_link_is_refused() -> None:
    for text in ("AAAA", "A", "AAAAAAA", "_____w", "AAAAAA==", "AAAAAA\n", "ä", " ", "+/+/+w"):
        with pytest.raises(DataError):
            decode(text)


def test_the_length_of_a_link_is_bounded() -> None:
    most = drawn(SHARED_MOST // 4, SHARED_MOST // 4, SHARED_MOST // 4, SHARED_MOST // 4)
    assert len(encode(most)) < 2200
    assert decode(encode(most)) == most
    with pytest.raises(DataError, match=r"at most 400 points. Received: 404"):
        encode(drawn(101, 101, 101, 101))
    with pytest.raises(DataError, match=r"at most 400 points. Received: 401"):
        decode("A" * 4 * ((SHARED_MOST + 1) * 4 // 3) + "AAA")
