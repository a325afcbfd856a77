"""Code that prepares the rows of an experiment exactly as `core.datasets` does."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from core.datasets import prepare
from core.experiment import DataSpec, menus
from core.export.file_code import drawing_of, file_lines
from core.export.python_text import Call, assign, call, items, literal, open_call

_INPUTS = {
    "x1": "x1",
    "x2": "x2",
    "x1x1": "x1 * x1",
    "x2x2": "x2 * x2",
    "x1x2": "x1 * x2",
    "sinx1": "np.sin(x1)",
    "sinx2": "np.sin(x2)",
}
# Known without downloading the data.
_CLASSES = {"mnist": 10, "fashion": 10, "olivetti": 40}


@dataclass(frozen=True)
class Parts:
    """The suffixes of the parts in the code: "" for x and y, "_train" for x_train and y_train."""

    train: str
    validation: str
    test: str

    @property
    def all(self) -> tuple[str, ...]:
        """Every part once, training rows first."""
        return tuple(dict.fromkeys((self.train, self.validation, self.test)))


def parts_of(data: DataSpec) -> Parts:
    """Return the suffixes of the parts."""
    if data.split == "all":
        return Parts("", "", "")
    return Parts("_train", "_val" if data.validation else "_test", "_test")


def count_classes(data: DataSpec) -> int:
    """Return the number of classes, 0 for regression.

    Raises:
        DataError: where the data cannot be prepared.
    """
    return _CLASSES.get(data.name) or prepare(data).classes


def loading_lines(data: DataSpec, file_name: str) -> Iterator[str]:
    """Yield the code that loads x (rows, features) and y (rows,).

    Raises:
        DataError: where the data are a file that cannot be read.
    """
    if menus.DATA[data.name].uploaded:
        yield from file_lines(data, file_name)
    else:
        yield from _SETS[data.name](data)
    if data.derives_inputs and not is_frame(data):
        yield "x1, x2 = x.T"
        yield assign("x", _derived(data))


def splitting_lines(data: DataSpec) -> Iterator[str]:
    """Yield the code that imbalances classes, splits the rows, and changes the training rows."""
    take = "x.iloc[rows]" if is_frame(data) else "x[rows]"
    if data.imbalance is not None and data.imbalance < 1:
        yield from _imbalance_lines(data, take)
    parts = parts_of(data)
    yield from _split_lines(data)
    if data.train_share < 1:
        yield from _share_lines(data, parts)
    if data.balance == "cut":
        yield from _balance_lines(data, parts)
    if data.random_labels:
        yield from _label_lines(data, parts)


def input_lines(data: DataSpec) -> Iterator[str]:
    """Yield the code that derives the inputs of a table's rows, after its columns have become numbers."""
    if data.derives_inputs:
        for part in parts_of(data).all:
            yield f"x1, x2 = x{part}.T"
            yield assign(f"x{part}", _derived(data))


def _derived(data: DataSpec) -> Call:
    return call("np.column_stack", items(_INPUTS[name] for name in data.inputs or ()))


def scaling_lines(data: DataSpec) -> Iterator[str]:
    """Yield the code that scales the inputs, and a numeric target, by the training rows."""
    scaler = {"standard": "StandardScaler()", "minmax": "MinMaxScaler()"}.get(str(data.scaling))
    first, *others = parts_of(data).all
    if scaler is not None:
        yield f"scaler = {scaler}"
        yield f"x{first} = scaler.fit_transform(x{first})"
        yield from (f"x{part} = scaler.transform(x{part})" for part in others)
    if data.task == menus.NUMBERS and scaler is not None:
        yield f"y_scaler = {scaler}"
        yield f"y{first} = y_scaler.fit_transform(y{first}.reshape(-1, 1))"
        yield from (f"y{part} = y_scaler.transform(y{part}.reshape(-1, 1))" for part in others)
    elif data.task == menus.NUMBERS:
        yield from (f"y{part} = y{part}.reshape(-1, 1)" for part in (first, *others))
    if scaler is None and has_table(data):
        yield from _centring_lines(data, (first, *others))


def _centring_lines(data: DataSpec, parts: tuple[str, ...]) -> Iterator[str]:
    """Yield the code that moves numbers near 0 that are too far from it for float32, if the app does."""
    from core.datasets import prepare

    split = prepare(data)
    if split.offset.any():
        yield "# Numbers far from 0 lose digits in float32, so their mean is subtracted."
        yield assign("offset", f"np.array({split.offset.tolist()})")
        yield from (f"x{part} = x{part} - offset" for part in parts)
    if data.task == menus.NUMBERS and split.target_offset:
        yield "# Targets far from 0 lose digits in float32, so their mean is subtracted."
        yield from (f"y{part} = y{part} - {split.target_offset!r}" for part in parts)


def has_table(data: DataSpec) -> bool:
    """Return whether the data are an uploaded table, not pictures."""
    from core.datasets.uploaded_data import holds_pictures

    return data.table is not None and not holds_pictures(data.table.file)


def is_frame(data: DataSpec) -> bool:
    """Return whether x is a pandas table in the code until its columns are encoded: not pictures, not drawn points."""
    return has_table(data) and drawing_of(data) is None


def _imbalance_lines(data: DataSpec, take: str) -> Iterator[str]:
    last = count_classes(data) - 1
    yield "# Each class keeps fewer rows than the one before."
    yield f"random = np.random.default_rng([{data.seed}, 0])"
    yield "kept = []"
    yield f"for label in range({last + 1}):"
    yield "    rows = np.flatnonzero(y == label)"
    yield f"    share = {data.imbalance!r} ** (label / {last})"
    yield "    kept.append(random.permutation(rows)[: max(2, round(len(rows) * share))])"
    yield "rows = np.sort(np.concatenate(kept))"
    yield f"x, y = {take}, y[rows]"


def _split_lines(data: DataSpec) -> Iterator[str]:
    if data.split == "ordered":
        rows = data.train_rows
        yield f"x_train, y_train = x[:{rows}], y[:{rows}]"
        yield f"x_test, y_test = x[{rows}:], y[{rows}:]"
    elif data.split == "stratified":
        yield _drawn("x_train, x_test, y_train, y_test", "x, y", data.test, data, "y")
    if data.validation and data.split == "ordered":
        assert data.train_rows is not None
        left = data.train_rows - math.ceil(data.validation * data.train_rows)
        yield f"x_val, y_val = x_train[{left}:], y_train[{left}:]"
        yield f"x_train, y_train = x_train[:{left}], y_train[:{left}]"
    elif data.validation:
        yield _drawn("x_train, x_val, y_train, y_val", "x_train, y_train", data.validation, data, "y_train")


def _drawn(target: str, rows: str, share: float, data: DataSpec, strata: str) -> str:
    stratify = strata if data.task == menus.CLASSES else None
    arguments = call("train_test_split", rows, test_size=repr(share), stratify=stratify, random_state=repr(data.seed))
    return assign(target, arguments)


def _share_lines(data: DataSpec, parts: Parts) -> Iterator[str]:
    x, y = f"x{parts.train}", f"y{parts.train}"
    yield f"# This share of the training rows is used: {data.train_share!r}."
    if data.task == menus.NUMBERS:
        yield f"count = int(np.ceil({data.train_share!r} * len({y})))"
        yield f"{x}, {y} = {x}[:count], {y}[:count]"
        return
    take = f"{x}.iloc[rows]" if is_frame(data) else f"{x}[rows]"
    yield f"groups = [np.flatnonzero({y} == label) for label in np.unique({y})]"
    yield f"kept = [rows[: int(np.ceil({data.train_share!r} * len(rows)))] for rows in groups]"
    yield "rows = np.sort(np.concatenate(kept))"
    yield f"{x}, {y} = {take}, {y}[rows]"


def _balance_lines(data: DataSpec, parts: Parts) -> Iterator[str]:
    x, y = f"x{parts.train}", f"y{parts.train}"
    take = f"{x}.iloc[rows]" if is_frame(data) else f"{x}[rows]"
    yield "# Every class keeps as many training rows as the smallest."
    yield f"random = np.random.default_rng([{data.seed}, 1])"
    yield f"smallest = np.unique({y}, return_counts=True)[1].min()"
    yield f"groups = [np.flatnonzero({y} == label) for label in np.unique({y})]"
    yield "kept = [random.permutation(rows)[:smallest] for rows in groups]"
    yield "rows = np.sort(np.concatenate(kept))"
    yield f"{x}, {y} = {take}, {y}[rows]"


def _label_lines(data: DataSpec, parts: Parts) -> Iterator[str]:
    y = f"y{parts.train}"
    yield f"# This share of the training labels is random: {data.random_labels!r}."
    yield f"random = np.random.default_rng([{data.seed}, 2])"
    yield f"count = round({data.random_labels!r} * len({y}))"
    yield f"rows = random.permutation(len({y}))[:count]"
    yield f"{y}[rows] = random.integers({count_classes(data)}, size=count)"


# The sets


def _made(maker: str) -> Callable[[DataSpec], Iterator[str]]:
    def lines(data: DataSpec) -> Iterator[str]:
        making = call(maker, repr(data.points), noise=repr(data.noise), random_state=repr(data.seed))
        yield assign("x, y", making)

    return lines


def _linear(data: DataSpec) -> Iterator[str]:
    making = open_call(
        "make_classification",
        repr(data.points),
        n_features="2",
        n_redundant="0",
        n_informative="2",
        n_clusters_per_class="1",
        flip_y=repr(data.noise),
        random_state=repr(data.seed),
    )
    yield assign("x, y", making)


def _circles(data: DataSpec) -> Iterator[str]:
    making = call("make_circles", repr(data.points), noise=repr(data.noise), factor="0.3", random_state=repr(data.seed))
    yield assign("x, y", making)


def _xor(data: DataSpec) -> Iterator[str]:
    yield f"random = np.random.RandomState({data.seed})"
    yield f"x = random.uniform(-1, 1, ({data.points}, 2))"
    yield "y = (x[:, 0] * x[:, 1] > 0).astype(int)"
    yield f"x = x + random.normal(0, {data.noise!r}, x.shape)"


def _clouds(centres: str) -> Callable[[DataSpec], Iterator[str]]:
    def lines(data: DataSpec) -> Iterator[str]:
        yield from centres.format(classes=data.classes).splitlines()
        yield f"y = np.arange({data.points}) % len(centres)"
        yield f"random = np.random.RandomState({data.seed})"
        yield f"x = centres[y] + random.normal(0, {data.noise!r}, ({data.points}, 2))"

    return lines


_BLOBS = """angles = np.radians(102) + 2 * np.pi * np.arange({classes}) / {classes}
centres = 0.5 + 0.35 * np.column_stack([np.cos(angles), np.sin(angles)])"""


def _sine(data: DataSpec) -> Iterator[str]:
    yield f"random = np.random.RandomState({data.seed})"
    yield f"x1 = np.linspace(-3 * np.pi, 3 * np.pi, {data.points})"
    yield "wave = np.sin(x1)"
    yield f"away = np.abs(random.normal(0, {data.noise!r}, {data.points}) + 0.1)"
    yield f"quarter = np.arange({data.points}) * 12 // {data.points}"
    yield "x = np.column_stack([x1 + 0.3 * quarter, wave + np.sign(wave) * away])"
    yield "y = quarter % 2"


def _spiral(data: DataSpec) -> Iterator[str]:
    apart = "4.0" if data.arms == 3 else f"2 * np.pi / {data.arms}"
    yield f"random = np.random.RandomState({data.seed})"
    yield f"y = np.sort(np.arange({data.points}) % {data.arms})"
    yield "arms = []"
    yield "for arm, size in enumerate(np.bincount(y)):"
    yield "    radius = np.linspace(0, 1, size)"
    yield f"    begin = {apart} * arm"
    yield "    angle = np.linspace(begin, begin + 4, size)"
    yield f"    angle += {data.noise!r} * random.standard_normal(size)"
    yield "    arms.append(np.column_stack([radius * np.sin(angle), radius * np.cos(angle)]))"
    yield "x = np.concatenate(arms)"


def _plane(data: DataSpec) -> Iterator[str]:
    yield from _square(data)
    yield f"y = x.mean(axis=1) + random.normal(0, {data.noise!r}, {data.points})"


def _hills(data: DataSpec) -> Iterator[str]:
    yield from _square(data)
    yield "centres = [(x1, x2) for x2 in (0.45, -0.45) for x1 in (-0.65, 0.0, 0.65)]"
    yield f"y = np.zeros({data.points})"
    yield "for hill, centre in enumerate(centres):"
    yield "    distances = np.square(x - centre).sum(axis=1)"
    yield "    y += (-1) ** hill * np.exp(-distances / (2 * 0.2**2))"
    yield f"y += random.normal(0, {data.noise!r}, {data.points})"


def _square(data: DataSpec) -> Iterator[str]:
    yield f"random = np.random.default_rng({data.seed})"
    yield f"x = random.uniform(-1, 1, ({data.points}, 2))"


def _curve(data: DataSpec) -> Iterator[str]:
    yield f"random = np.random.default_rng({data.seed})"
    yield f"x = random.uniform(-3, 3, ({data.points}, 1))"
    yield "y = 0.7 * np.sin(1.5 * x[:, 0]) + 0.3 * np.sin(5 * x[:, 0])"
    yield f"y += random.normal(0, {data.noise!r}, {data.points})"


def _loaded(*code: str) -> Callable[[DataSpec], Iterator[str]]:
    return lambda _: iter(code)


def _penguins(_: DataSpec) -> Iterator[str]:
    columns = ("bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g")
    yield assign("columns", items(map(literal, columns)))
    yield 'table = load_penguins()[[*columns, "species"]].dropna()'
    yield "x = table[columns].to_numpy()"
    yield 'species, y = np.unique(table["species"].to_numpy(str), return_inverse=True)'


def _keras_pictures(name: str) -> Callable[[DataSpec], Iterator[str]]:
    return _loaded(
        f"(x_first, y_first), (x_last, y_last) = keras.datasets.{name}.load_data()",
        "x = np.concatenate([x_first, x_last])",
        'x = x.reshape(len(x), -1).astype("float32") / 255',
        "y = np.concatenate([y_first, y_last])",
    )


def _lfw(data: DataSpec) -> Iterator[str]:
    yield "faces = fetch_lfw_people(min_faces_per_person=20)"
    yield f"people = np.flatnonzero(np.bincount(faces.target) >= {data.min_pictures})"
    yield "kept = [np.flatnonzero(faces.target == person) for person in people]"
    yield f"rows = np.sort(np.concatenate([rows[:{data.max_pictures}] for rows in kept]))"
    yield "x = faces.images[rows].reshape(len(rows), -1)"
    yield "y = np.searchsorted(people, faces.target[rows])"


_SETS: Mapping[str, Callable[[DataSpec], Iterator[str]]] = {
    "linear": _linear,
    "moons": _made("make_moons"),
    "circles": _circles,
    "xor": _xor,
    "gaussians": _clouds("centres = np.array([[-1.0, -1.0], [1.0, 1.0]])"),
    "sine": _sine,
    "spiral": _spiral,
    "blobs": _clouds(_BLOBS),
    "iris": _loaded("x, y = load_iris(return_X_y=True)"),
    "wine": _loaded("x, y = load_wine(return_X_y=True)"),
    "cancer": _loaded("x, y = load_breast_cancer(return_X_y=True)"),
    "digits": _loaded("x, y = load_digits(return_X_y=True)"),
    "mnist": _keras_pictures("mnist"),
    "fashion": _keras_pictures("fashion_mnist"),
    "lfw": _lfw,
    "olivetti": _loaded("x, y = fetch_olivetti_faces(return_X_y=True)"),
    "penguins": _penguins,
    "plane": _plane,
    "hills": _hills,
    "curve": _curve,
    "diabetes": _loaded("x, y = load_diabetes(return_X_y=True, scaled=False)"),
}
