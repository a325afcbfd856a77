"""The binary form in which the state of a run is sent to the browser.

    uint32 LE   length of the header in bytes
    header      UTF-8 JSON: the plain fields of a Frame, and name, dtype, shape and epoch of every array
    zeros       up to a multiple of 4
    arrays      back to back in the header's order, each C-contiguous, little-endian,
                with zeros up to a multiple of 4

So the browser can view the bytes as typed arrays without copying them. Pictures are smaller: each plane of a uint8
array with three dimensions takes 1, 2, 4 or 8 bits a number, as many as its largest one needs, the lowest bits of a
byte first. The header lists these as `bits` where they are not all 8.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

DTYPES = ("|u1", "<u2", "<i4", "<f4")
_NAMES = {dtype.lstrip("|"): np.dtype(dtype) for dtype in DTYPES}
_MAX_DIMENSIONS = 8
_BITS = (1, 2, 4, 8)  # that a number of a packed plane can take
_PLANES_MOST = 8  # of an array that is packed


# eq=False: comparing arrays gives arrays, so the generated == would raise.
@dataclass(frozen=True, eq=False)
class Frame:
    """The state of a run at one moment.

    Attributes:
        seq: rises with every frame of a job.
        generation: rises when the history starts again from its first row; the client then clears its curves.
        status: what the run is doing, as in `core.messages.updates`.
        epoch: epochs done.
        epochs: epochs asked for.
        ms_per_epoch: mean time of an epoch, or None before it is known; the browser also gets None if it is not finite.
        learning_rate: the rate in use.
        message: plain text for the user; may be empty.
        speed: the name of its pace, as in `core.messages.pace`.
        first_row: where the history arrays begin in the history.
        arrays: uint8, uint16, int32 or float32, by name.
        epochs_of: the epochs that arrays belong to, by name; the history belongs to `epoch`. An array that is not in a
            frame is as old as the last frame with it said.

    Every one-dimensional float32 array is a column of the history (`core.experiment.menus.HISTORY`), all of the same
    length. The others replace the last array of their name:

        boundary         uint8 (2, rows, columns); predicted class, and its probability scaled from 1/classes..1 to
                         0..255; row 0 is the top
        confusion        int32 (classes, classes); rows true, columns predicted
        strip            uint8 or int32 (images,); predicted classes
        worst            int32 (3, images); rows, true and predicted classes of the worst predictions
        weights_epoch    int32 (1,); the epoch that the weights belong to, where a run ends with those of its best epoch
        test             float32 (1, m); the metrics of the test rows, loss first; m is 0 until they are computed
        worst_pictures   uint8 (images, height, width) or (images, height, width, 3); their pixels

    With a numeric target:

        surface          uint8 (rows, columns); predicted values, the range of the training targets scaled to 0..255;
                         row 0 is the top
        line             float32 (1, m); predicted values over the one feature
        predicted        float32 (1, m); predicted values of held-out rows

    While somebody looks inside the network:

        weights          uint16 or uint8, with `scales` and `shown`: see `core.analysis.packed_weights.pack_weights`
        spaces           uint16 (levels, points, 3), half floats; the points' places after the inputs, every hidden
                         layer and the output
        separable        float32 (1, levels); the score of a linear model at each level
        separable_epoch  int32 (1,); the epoch of `separable`, which is sent less often than the others
    """

    seq: int
    generation: int
    status: str
    epoch: int
    epochs: int
    ms_per_epoch: float | None
    learning_rate: float
    message: str
    speed: str
    first_row: int
    arrays: Mapping[str, np.ndarray]
    epochs_of: Mapping[str, int] = field(default_factory=dict)


_KINDS: dict[str, tuple[type, ...]] = {
    "seq": (int,),
    "generation": (int,),
    "status": (str,),
    "epoch": (int,),
    "epochs": (int,),
    "ms_per_epoch": (int, float, type(None)),
    "learning_rate": (int, float, type(None)),
    "message": (str,),
    "speed": (str,),
    "first_row": (int,),
}


def encode(frame: Frame) -> bytes:
    """Return a frame as bytes.

    Raises:
        ValueError: naming an array whose dtype is not one of uint8, uint16, int32 and float32.
    """
    header: dict[str, Any] = {name: getattr(frame, name) for name in _KINDS}
    for name in ("ms_per_epoch", "learning_rate"):  # JSON has no NaN and no infinity
        if header[name] is not None:
            header[name] = float(header[name]) if math.isfinite(header[name]) else None
    header["arrays"], packed = [], []
    for name, array in frame.arrays.items():
        array = _little_endian(name, array)
        bits = _bits_of(array)
        header["arrays"].append(_entry(name, array, bits, frame.epochs_of.get(name)))
        packed.append(_pad(_pack(array, bits)))
    text = json.dumps(header, allow_nan=False, separators=(",", ":")).encode()
    return b"".join([len(text).to_bytes(4, "little"), _pad(text), *packed])


def decode(data: bytes) -> Frame:
    """Return the frame that `encode` was given; its arrays are read-only views of `data`, but for packed ones.

    A `learning_rate` that was not finite comes back as NaN, an `ms_per_epoch` as None.

    Raises:
        ValueError: naming what is wrong, where the bytes are not a frame.
    """
    header, start = _read_header(data)
    fields = {name: _read_field(header, name, kinds) for name, kinds in _KINDS.items()}
    if fields["learning_rate"] is None:
        fields["learning_rate"] = math.nan
    entries = header.get("arrays")
    if not isinstance(entries, list):
        raise ValueError("A frame's header must list its arrays.")
    arrays: dict[str, np.ndarray] = {}
    epochs_of: dict[str, int] = {}
    for entry in entries:
        name, dtype, shape, bits, epoch = _read_entry(entry)
        if name in arrays:
            raise ValueError(f"The frame has two arrays named {name!r}.")
        size = sum(_packed_size(shape, bits)) if bits else math.prod(shape) * dtype.itemsize
        if _padded(start + size) > len(data):
            raise ValueError(f"The frame ends before its array {name!r} does.")
        if bits:
            arrays[name] = _unpack(data[start : start + size], shape, bits)
        else:
            arrays[name] = np.frombuffer(data, dtype, math.prod(shape), start).reshape(shape)
        start = _padded(start + size)
        if epoch is not None:
            epochs_of[name] = epoch
    if start != len(data):
        raise ValueError(f"The frame has {len(data) - start} more bytes than its header says.")
    return Frame(**fields, arrays=arrays, epochs_of=epochs_of)


def _read_header(data: bytes) -> tuple[dict[str, Any], int]:
    """Return the header and where the arrays start."""
    if len(data) < 4:
        raise ValueError(f"A frame has at least 4 bytes. Received: {len(data)}.")
    end = 4 + int.from_bytes(data[:4], "little")
    if _padded(end) > len(data):
        raise ValueError(f"The frame's header should end at byte {end}, but the frame has {len(data)} bytes.")
    try:
        header = json.loads(data[4:end].decode())
    except (ValueError, RecursionError) as error:
        raise ValueError(f"The frame's header is not JSON: {error}.") from error
    if not isinstance(header, dict):
        raise ValueError("The frame's header must be a JSON object.")
    return header, _padded(end)


def _read_field(header: dict[str, Any], name: str, kinds: tuple[type, ...]) -> Any:
    value = header.get(name)
    if name not in header or isinstance(value, bool) or not isinstance(value, kinds):
        raise ValueError(f"The frame's header has no usable `{name}`.")
    return value


def _entry(name: str, array: np.ndarray, bits: tuple[int, ...], epoch: int | None) -> dict[str, Any]:
    """Return what a header says of an array."""
    entry: dict[str, Any] = {"name": name, "dtype": array.dtype.str.lstrip("|"), "shape": array.shape}
    if bits:
        entry["bits"] = bits
    return entry if epoch is None else entry | {"epoch": epoch}


def _read_entry(entry: object) -> tuple[str, np.dtype[Any], tuple[int, ...], tuple[int, ...], int | None]:
    if not isinstance(entry, dict):
        raise ValueError("Every array of a frame must have a name, a dtype and a shape.")
    name, dtype, shape = entry.get("name"), entry.get("dtype"), entry.get("shape")
    if not isinstance(name, str):
        raise ValueError("Every array of a frame must have a name.")
    if not isinstance(dtype, str) or dtype not in _NAMES:
        raise ValueError(f"The array {name!r} must have a dtype of {', '.join(_NAMES)}. Received: {dtype!r}.")
    if (
        not isinstance(shape, list)
        or len(shape) > _MAX_DIMENSIONS
        or any(isinstance(size, bool) or not isinstance(size, int) or size < 0 for size in shape)
    ):
        raise ValueError(f"The array {name!r} has no usable shape.")
    epoch = entry.get("epoch")
    if epoch is not None and (isinstance(epoch, bool) or not isinstance(epoch, int)):
        raise ValueError(f"The array {name!r} has no usable epoch.")
    bits = entry.get("bits")
    if bits is not None and not (
        isinstance(bits, list)
        and bits
        and dtype == "u1"
        and len(shape) == 3
        and len(bits) == shape[0]
        and all(number in _BITS and type(number) is int for number in bits)
    ):
        raise ValueError(f"The array {name!r} has no usable number of bits.")
    return name, _NAMES[dtype], tuple(shape), tuple(bits or ()), epoch


def _bits_of(array: np.ndarray) -> tuple[int, ...]:
    """Return how many bits a number takes in each plane of an array; () for one that is not packed."""
    if array.dtype != np.uint8 or array.ndim != 3 or not array.size or len(array) > _PLANES_MOST:
        return ()
    largest = array.reshape(len(array), -1).max(axis=1).tolist()
    bits = tuple(next(bits for bits in _BITS if number < 2**bits) for number in largest)
    return bits if min(bits) < 8 else ()


def _pack(array: np.ndarray, bits: tuple[int, ...]) -> bytes:
    """Return an array as bytes, with so many bits a number in each plane."""
    if not bits:
        return array.tobytes()
    return b"".join(_pack_plane(plane.ravel(), number).tobytes() for plane, number in zip(array, bits, strict=True))


def _pack_plane(plane: np.ndarray, bits: int) -> np.ndarray:
    if bits == 8:
        return plane
    if bits == 1:
        return np.packbits(plane, bitorder="little")
    shifts = _shifts(bits)
    whole = np.zeros((-(-plane.size // len(shifts)), len(shifts)), np.uint8)
    whole.ravel()[: plane.size] = plane
    packed: np.ndarray = np.bitwise_or.reduce(whole << shifts, axis=1)
    return packed


def _shifts(bits: int) -> np.ndarray:
    """Return where the numbers in a byte begin."""
    return np.arange(0, 8, bits).astype(np.uint8)


def _unpack(data: bytes, shape: tuple[int, ...], bits: tuple[int, ...]) -> np.ndarray:
    """Return the array that `_pack` was given."""
    array, start = np.empty(shape, np.uint8), 0
    for plane, number, size in zip(array, bits, _packed_size(shape, bits), strict=True):
        numbers = np.frombuffer(data, np.uint8, size, start)[:, None] >> _shifts(number) & np.uint8(2**number - 1)
        plane[:] = numbers.ravel()[: plane.size].reshape(plane.shape)
        start += size
    return array


def _packed_size(shape: tuple[int, ...], bits: tuple[int, ...]) -> list[int]:
    """Return the bytes that each plane of a packed array takes."""
    return [-(-math.prod(shape[1:]) * number // 8) for number in bits]


def _little_endian(name: str, array: np.ndarray) -> np.ndarray:
    dtype = array.dtype.newbyteorder("<")
    if dtype.str not in DTYPES:
        raise ValueError(f"The array {name!r} must be uint8, uint16, int32 or float32. Received: {array.dtype}.")
    return array.astype(dtype, copy=False)


def _padded(length: int) -> int:
    return -(-length // 4) * 4


def _pad(data: bytes) -> bytes:
    return data.ljust(_padded(len(data)), b"\0")
