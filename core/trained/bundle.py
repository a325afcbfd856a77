"""A run in one file: a zip with its experiment, weights, history and what it takes to predict new rows.

    experiment.json   as `core.experiment.to_json` writes it
    weights.npz       float32 arrays by the names of `TrainedNetwork`
    history.csv       epoch and the columns of `menus.HISTORY`
    data.json         format, the data's fingerprint, and `Preparation`

Nothing in a bundle is trusted when it is opened: it holds no pickles and no code, declared sizes are checked before
anything is unpacked, and every name and shape must match the experiment.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.bounded_process import bounded
from core.damage import log_suspicious
from core.datasets import Split
from core.errors import DataError
from core.experiment import Experiment, from_json, menus, to_json
from core.trained.history import history_csv, read_history
from core.trained.network import TrainedNetwork, weight_shapes
from core.trained.preparation import Preparation

FORMAT = "Hidden Layers run, version 2"
_READABLE = ("Hidden Layers run, version 1", FORMAT)  # the first one lacks how a file was read
MAX_BYTES = 200_000_000  # of a bundle, and of what it unpacks to

_EXPERIMENT, _WEIGHTS, _HISTORY, _DATA = "experiment.json", "weights.npz", "history.csv", "data.json"
_MEMBERS = (_EXPERIMENT, _WEIGHTS, _HISTORY, _DATA)
_MOST = {_EXPERIMENT: 10_000_000, _WEIGHTS: MAX_BYTES, _HISTORY: 1_000_000, _DATA: 20_000_000}
_HEADER = 1000  # bytes of an array's header in an .npz file, at most
_ARRAYS_MOST = 64
_FINGERPRINT = 32  # hexadecimal digits
_WRITTEN = (1980, 1, 1, 0, 0, 0)  # the date of every member, so that equal runs give equal files


@dataclass(frozen=True, eq=False)
class Bundle:
    """A run to save and open again.

    Attributes:
        network: the trained network, with its experiment.
        preparation: what it takes to predict new rows.
        history: one column a metric, by the names of `menus.HISTORY`, one value an epoch.
        fingerprint: of the rows it was trained and validated on; see `fingerprint_of`.

    Raises:
        DataError: where these are inconsistent.
    """

    network: TrainedNetwork
    preparation: Preparation
    history: Mapping[str, Sequence[float]]
    fingerprint: str

    def __post_init__(self) -> None:
        inputs, classes = len(self.preparation.input_names), len(self.preparation.class_names)
        if (self.network.inputs, self.network.classes) != (inputs, classes):
            raise DataError(
                f"The network must have {inputs} inputs and {classes} classes, like its data. Received: "
                f"{self.network.inputs} and {self.network.classes}."
            )
        names, lengths = menus.HISTORY[self.experiment.data.task], set(map(len, self.history.values()))
        if tuple(self.history) != names or len(lengths) > 1 or max(lengths) > menus.EPOCHS.high:
            raise DataError(f"The history must have {', '.join(names)} for every epoch.")

    @classmethod
    def of(cls, network: TrainedNetwork, split: Split, history: Mapping[str, Sequence[float]]) -> Bundle:
        """Return the bundle of a run on the rows of a split."""
        return cls(network, Preparation.of(split), history, fingerprint_of(split))

    @property
    def experiment(self) -> Experiment:
        """The experiment that trained the network."""
        return self.network.experiment


def fingerprint_of(split: Split) -> str:
    """Return 32 hexadecimal digits of the SHA-256 of all rows of a split; equal splits have equal digits."""
    digest = hashlib.sha256()
    for part in (split.raw_train, split.raw_val, split.raw_test, split.y_train, split.y_val, split.y_test):
        digest.update(f"{part.dtype.str} {part.shape}".encode())
        digest.update(np.ascontiguousarray(part).data)
    return digest.hexdigest()[:_FINGERPRINT]


def save_bundle(bundle: Bundle) -> bytes:
    """Return the file of a bundle; the same run always gives the same bytes.

    Raises:
        DataError: where it would be too large to open again.
    """
    data = {"format": FORMAT, "fingerprint": bundle.fingerprint, "preparation": bundle.preparation.to_json()}
    members = {
        _EXPERIMENT: to_json(bundle.experiment).encode(),
        _WEIGHTS: weights_file(bundle.network.weights),
        _HISTORY: history_csv(bundle.history).encode(),
        _DATA: json.dumps(data).encode(),
    }
    for name, member in members.items():
        if len(member) > _MOST[name]:
            raise _too_large(name, _MOST[name])
    return _zip(members)


@bounded
def load_bundle(content: bytes) -> Bundle:
    """Return the bundle that `save_bundle` wrote, bit for bit.

    Raises:
        DataError: where the file is not a bundle, is damaged or too large, or its parts are inconsistent.
        ExperimentError: where its experiment is invalid.
    """
    if len(content) > MAX_BYTES:
        raise _too_large("file", MAX_BYTES)
    members = _unzip(content)
    experiment = from_json(_utf8(members[_EXPERIMENT], _EXPERIMENT))
    data = _data(members[_DATA])
    preparation = Preparation.from_json(data["preparation"])
    if (experiment.data.task == menus.NUMBERS) != (not preparation.class_names):
        raise DataError("The bundle's experiment must predict classes if its data have classes, else a number.")
    shapes = weight_shapes(experiment.network, len(preparation.input_names), len(preparation.class_names))
    network = TrainedNetwork(experiment, _read_weights(members[_WEIGHTS], shapes))
    history = read_history(_utf8(members[_HISTORY], _HISTORY), menus.HISTORY[experiment.data.task])
    return Bundle(network, preparation, history, data["fingerprint"])


def _zip(members: Mapping[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name, _WRITTEN), content, zipfile.ZIP_DEFLATED)
    return file.getvalue()


def weights_file(weights: Mapping[str, np.ndarray]) -> bytes:
    """Return the weights as `numpy.savez` writes them, but without the time: the same weights give the same bytes."""
    arrays = {}
    for name, weight in weights.items():
        array = io.BytesIO()
        np.lib.format.write_array(array, weight, allow_pickle=False)
        arrays[f"{name}.npy"] = array.getvalue()
    return _zip(arrays)


def _unzip(content: bytes) -> dict[str, bytes]:
    """Return the members of a bundle, after checking their names and declared sizes."""
    from core.tables.binary_files import ARCHIVE_ERRORS, open_zip  # imports PyArrow

    if content.startswith(b"\x89HDF"):
        raise DataError(f"The file is a saved Keras model (HDF5), which can hold code. {_EXPECTED}")
    if not content.startswith(b"PK\x03\x04"):
        raise DataError(f"The file is not a zip archive. {_EXPECTED}")
    archive = open_zip(content, MAX_BYTES, _ARRAYS_MOST)
    names = archive.namelist()
    if "model.weights.h5" in names or "config.json" in names:
        raise DataError(f"The file is a saved Keras model (.keras), which can hold code. {_EXPECTED}")
    if sorted(names) != sorted(_MEMBERS):
        raise DataError(f"The file must hold {', '.join(_MEMBERS)}, each once, and nothing else. {_EXPECTED}")
    for name, most in _MOST.items():
        if archive.getinfo(name).file_size > most:
            raise _too_large(name, most)
    try:
        return {name: archive.read(name) for name in names}
    except ARCHIVE_ERRORS as error:
        log_suspicious(error)
        raise _damaged() from error


_EXPECTED = "Expected: a bundle saved by Hidden Layers."


def _damaged() -> DataError:
    return DataError(f"The bundle is damaged and cannot be read. {_EXPECTED}")


def _too_large(what: str, most: int) -> DataError:
    return DataError(f"A bundle's {what} may have at most {most // 1_000_000:,} MB. This one has more.")


def _utf8(content: bytes, name: str) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise DataError(f"The bundle's {name} must be text in UTF-8.") from error


def _data(content: bytes) -> Mapping[str, Any]:
    try:
        data = json.loads(_utf8(content, _DATA))
    except (ValueError, RecursionError) as error:
        raise DataError(f"The bundle's {_DATA} must be JSON.") from error
    if not isinstance(data, dict) or set(data) != {"format", "fingerprint", "preparation"}:
        raise DataError(f"The bundle's {_DATA} must be an object with format, fingerprint and preparation.")
    if data["format"] not in _READABLE:
        raise DataError(f"The bundle's format must be {FORMAT!r}. Received: {repr(data['format'])[:60]}.")
    digits = data["fingerprint"]
    if not isinstance(digits, str) or len(digits) != _FINGERPRINT or set(digits) - set("0123456789abcdef"):
        raise DataError(f"The bundle's fingerprint must be {_FINGERPRINT} hexadecimal digits.")
    return data


def _read_weights(content: bytes, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, np.ndarray]:
    """Return the arrays of an .npz file, which must have these names and shapes."""
    from core.tables.binary_files import ARCHIVE_ERRORS, open_zip

    archive = open_zip(content, MAX_BYTES, _ARRAYS_MOST)
    if sorted(archive.namelist()) != sorted(f"{name}.npy" for name in shapes):
        raise DataError(f"The bundle's {_WEIGHTS} must hold {', '.join(shapes)}, each once, and nothing else.")
    return {name: _read_weight(archive, name, shape, ARCHIVE_ERRORS) for name, shape in shapes.items()}


def _read_weight(
    archive: zipfile.ZipFile, name: str, shape: tuple[int, ...], errors: tuple[type[Exception], ...]
) -> np.ndarray:
    size = 4 * int(np.prod(shape))
    try:
        if not size < archive.getinfo(f"{name}.npy").file_size <= size + _HEADER:
            raise DataError(f"The bundle's weight {name} must be float32 {shape}.")
        content = io.BytesIO(archive.read(f"{name}.npy"))
        version = np.lib.format.read_magic(content)
        if version != (1, 0):
            raise _damaged()
        declared, _, dtype = np.lib.format.read_array_header_1_0(content)
        if declared != shape or dtype != np.float32:
            raise DataError(f"The bundle's weight {name} must be float32 {shape}. Received: {dtype} {declared}.")
        content.seek(0)
        array: np.ndarray = np.lib.format.read_array(content, allow_pickle=False)
    except errors as error:
        log_suspicious(error)
        raise _damaged() from error
    return array.astype(np.float32, order="C", copy=False)
