import json
import math
from contextlib import suppress
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from core.messages.frames import _KINDS, Frame, decode, encode

DTYPES = (np.uint8, np.uint16, np.int32, np.float32)
FIELDS = tuple(_KINDS)


def frame(**changes) -> Frame:
    fields = {
        "seq": 7,
        "generation": 2,
        "status": "running",
        "epoch": 37,
        "epochs": 100,
        "ms_per_epoch": 1.25,
        "learning_rate": 0.01,
        "message": "",
        "speed": "watch",
        "first_row": 30,
        "arrays": {},
    }
    return Frame(**(fields | changes))


def hand_made(header: dict | bytes, body: bytes = b"") -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    text += b" " * (-len(text) % 4)
    return len(text).to_bytes(4, "little") + text + body


def header(**changes) -> dict:
    fields = {name: getattr(frame(), name) for name in FIELDS}
    return fields | {"arrays": []} | changes


any_array = st.sampled_from(DTYPES).flatmap(
    lambda dtype: arrays(dtype, array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=5))
)
any_count = st.integers(0, 2**53)
any_frame = st.builds(
    Frame,
    seq=any_count,
    generation=any_count,
    status=st.text(max_size=20),
    epoch=any_count,
    epochs=any_count,
    ms_per_epoch=st.none() | st.floats(allow_nan=False, allow_infinity=False),
    learning_rate=st.floats(allow_nan=False, allow_infinity=False),
    message=st.text(max_size=50),
    speed=st.sampled_from(("watch", "")),
    first_row=any_count,
    arrays=st.dictionaries(st.text(max_size=10), any_array, max_size=4),
).flatmap(
    lambda sent: st.dictionaries(st.sampled_from(list(sent.arrays) or [""]), any_count).map(
        lambda epochs: replace(sent, epochs_of={name: epochs[name] for name in sent.arrays if name in epochs})
    )
)


@given(any_frame)
def test_a_frame_comes_back_as_it_was(sent):
    received = decode(encode(sent))
    for name in FIELDS:
        assert getattr(received, name) == getattr(sent, name)
    assert list(received.arrays) == list(sent.arrays)
    assert received.epochs_of == sent.epochs_of
    for name, array in sent.arrays.items():
        assert received.arrays[name].dtype == array.dtype
        np.testing.assert_array_equal(received.arrays[name], array)


def test_the_layout_is_the_documented_one():
    arrays = {"strip": np.array([1, 2, 3], np.uint8), "loss": np.array([0.5], np.float32)}
    data = encode(frame(arrays=arrays, epochs_of={"strip": 36}))
    length = int.from_bytes(data[:4], "little")
    assert json.loads(data[4 : 4 + length])["arrays"] == [
        {"name": "strip", "dtype": "u1", "shape": [3], "epoch": 36},
        {"name": "loss", "dtype": "<f4", "shape": [1]},
    ]
    start = -(-(4 + length) // 4) * 4
    assert not any(data[4 + length : start])
    assert data[start:] == bytes([1, 2, 3, 0]) + np.array(0.5, "<f4").tobytes()


def test_planes_take_as_many_bits_as_their_largest_number():
    planes = np.array(
        [[[1, 0, 0], [1, 0, 1]], [[3, 0, 1], [2, 0, 0]], [[9, 1, 2], [0, 0, 15]], [[255, 0, 7], [0, 0, 1]]]
    )
    data = encode(frame(arrays={"boundary": planes.astype(np.uint8)}))
    length = int.from_bytes(data[:4], "little")
    assert json.loads(data[4 : 4 + length])["arrays"] == [
        {"name": "boundary", "dtype": "u1", "shape": [4, 2, 3], "bits": [1, 2, 4, 8]}
    ]
    body = data[-(-(4 + length) // 4) * 4 :]
    assert body[:12] == bytes([0b101001, 0b10010011, 0b0000, 0x19, 0x02, 0xF0, 255, 0, 7, 0, 0, 1])
    assert not any(body[12:])
    np.testing.assert_array_equal(decode(data).arrays["boundary"], planes)


def test_a_boundary_of_two_classes_takes_little_more_than_its_probabilities():
    classes = np.arange(4900, dtype=np.uint8).reshape(70, 70) % 2
    boundary = np.stack([classes, np.full((70, 70), 200, np.uint8)])
    assert len(encode(frame(arrays={"boundary": boundary}))) < 6000


@pytest.mark.parametrize("bits", [[1], [1, 3], [1, True], [], "18", 8, {"0": 1}, [8, 8, 8]])
def test_bits_that_cannot_be_are_refused(bits):
    entry = {"name": "boundary", "dtype": "u1", "shape": [2, 2, 2], "bits": bits}
    with pytest.raises(ValueError, match="'boundary' has no usable number of bits"):
        decode(hand_made(header(arrays=[entry]), bytes(16)))


def test_what_is_not_finite_survives_in_arrays():
    values = np.array([np.nan, np.inf, -np.inf, 0], np.float32)
    np.testing.assert_array_equal(decode(encode(frame(arrays={"loss": values}))).arrays["loss"], values)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_the_header_is_json_whatever_the_numbers(value):
    data = encode(frame(ms_per_epoch=value, learning_rate=value))
    text = data[4 : 4 + int.from_bytes(data[:4], "little")]

    def refuse(constant: str):
        raise AssertionError(f"{constant} is no JSON")

    json.loads(text, parse_constant=refuse)
    received = decode(data)
    assert received.ms_per_epoch is None
    assert math.isnan(received.learning_rate)


def test_other_byte_orders_and_strides_are_sent_little_endian_and_contiguous():
    matrix = np.arange(6, dtype=">i4").reshape(2, 3).T
    received = decode(encode(frame(arrays={"confusion": matrix}))).arrays["confusion"]
    np.testing.assert_array_equal(received, [[0, 3], [1, 4], [2, 5]])
    assert received.dtype == np.dtype("<i4")


@pytest.mark.parametrize("dtype", [np.float64, np.int64, np.bool_, object, "U3"])
def test_other_kinds_of_array_are_refused_by_name(dtype):
    with pytest.raises(ValueError, match="'val_loss'"):
        encode(frame(arrays={"val_loss": np.zeros(2, dtype)}))


def test_a_live_frame_is_small():
    rows = {name: np.zeros(50, np.float32) for name in ("loss", "accuracy", "val_loss", "val_accuracy")}
    boundary, confusion = np.zeros((2, 70, 70), np.uint8), np.zeros((3, 3), np.int32)
    assert len(encode(frame(arrays=rows | {"boundary": boundary, "confusion": confusion}))) < 12_000


@given(any_frame, st.data())
def test_a_truncated_frame_is_refused(sent, data):
    whole = encode(sent)
    with pytest.raises(ValueError, match="frame"):
        decode(whole[: data.draw(st.integers(0, len(whole) - 1))])


@given(st.binary(max_size=200))
def test_random_bytes_raise_nothing_but_value_errors(data):
    with suppress(ValueError):
        decode(data)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "at least 4 bytes"),
        (b"\xff\xff\xff\xff{}", "should end at byte"),
        (hand_made(b"\xff\xfe"), "not JSON"),
        (hand_made(b"{"), "not JSON"),
        (hand_made(b"[" * 100_000), "not JSON"),
        (hand_made(b"[1, 2]"), "JSON object"),
        (hand_made(header(seq=None)), "`seq`"),
        (hand_made(header(seq=True)), "`seq`"),
        (hand_made(header(seq=1.5)), "`seq`"),
        (hand_made(header(status=3)), "`status`"),
        (hand_made({name: value for name, value in header().items() if name != "ms_per_epoch"}), "`ms_per_epoch`"),
        (hand_made(header(arrays=None)), "list its arrays"),
        (hand_made(header(arrays=["loss"])), "name, a dtype and a shape"),
        (hand_made(header(arrays=[{"name": 1, "dtype": "u1", "shape": []}])), "have a name"),
        (hand_made(header(arrays=[{"name": "a", "dtype": "<f8", "shape": [0]}])), "dtype"),
        (hand_made(header(arrays=[{"name": "a", "dtype": "O", "shape": [0]}])), "dtype"),
        (hand_made(header(arrays=[{"name": "a", "dtype": ["u1"], "shape": [0]}])), "dtype"),
        (hand_made(header(arrays=[{"name": "a", "dtype": "u1", "shape": [-4]}])), "shape"),
        (hand_made(header(arrays=[{"name": "a", "dtype": "u1", "shape": [True]}])), "shape"),
        (hand_made(header(arrays=[{"name": "a", "dtype": "u1", "shape": 4}])), "shape"),
        (hand_made(header(arrays=[{"name": "a", "dtype": "u1", "shape": [1] * 100}])), "shape"),
        (hand_made(header(arrays=[{"name": "a", "dtype": "<f4", "shape": [2**62, 2**62]}])), "ends before"),
        (hand_made(header(arrays=[{"name": "a", "dtype": "u1", "shape": [0], "epoch": "3"}])), "epoch"),
        (hand_made(header(arrays=[{"name": "a", "dtype": "u1", "shape": [4]}] * 2), bytes(8)), "two arrays"),
        (hand_made(header(), b"rest"), "4 more bytes"),
    ],
)
def test_malformed_frames_are_refused_by_name(data, problem):
    with pytest.raises(ValueError, match=problem):
        decode(data)
