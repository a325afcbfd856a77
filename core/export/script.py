"""An experiment as plain Keras code: a script or a notebook that runs as it is.

Rows, network and first weights equal the app's. Only the row order of `fit` is Keras's own, so the results differ as
with another seed.
"""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from core.experiment import Experiment, menus
from core.export.data_code import (
    Parts,
    count_classes,
    input_lines,
    is_frame,
    loading_lines,
    parts_of,
    scaling_lines,
    splitting_lines,
)
from core.export.file_code import drawing_of, encoding_lines
from core.export.network_code import network_lines, training_lines
from core.export.python_text import WIDTH, assign, call

FILE_NAME = "data.csv"  # if the name of the file is unknown

# Where a name in the code is imported from: (module, name); "" imports the module itself.
_SOURCES: dict[str, tuple[str, str]] = {
    "keras": ("keras", ""),
    "np": ("numpy", "np"),
    "pd": ("pandas", "pd"),
    "px": ("plotly.express", "px"),
    **{name: (name, "") for name in ("bz2", "gzip", "json", "lzma", "re", "zipfile")},
    **{
        name: (module, name)
        for module, found in {
            "keras": ("layers",),
            "keras.constraints": ("MaxNorm",),
            "keras.initializers": (
                "GlorotUniform", "GlorotNormal", "HeUniform", "HeNormal", "LecunUniform", "LecunNormal",
                "RandomUniform", "RandomNormal", "Zeros",
            ),
            "keras.optimizers.schedules": (
                "CosineDecay", "ExponentialDecay", "LearningRateSchedule", "PolynomialDecay",
            ),
            "keras.regularizers": ("L1", "L2", "L1L2"),
            "palmerpenguins": ("load_penguins",),
            "PIL": ("Image", "ImageOps"),
            "sklearn.compose": ("ColumnTransformer",),
            "sklearn.datasets": (
                "fetch_lfw_people", "fetch_olivetti_faces", "load_breast_cancer", "load_diabetes", "load_digits",
                "load_iris", "load_svmlight_file", "load_wine", "make_circles", "make_classification", "make_moons",
            ),
            "sklearn.impute": ("SimpleImputer",),
            "sklearn.model_selection": ("train_test_split",),
            "sklearn.pipeline": ("make_pipeline",),
            "sklearn.preprocessing": ("MinMaxScaler", "OneHotEncoder", "StandardScaler"),
        }.items()
        for name in found
    },
}  # fmt: skip
# The packages that provide a module; NumPy comes with Keras.
_PACKAGES = {
    "keras": "keras tensorflow",
    "palmerpenguins": "palmerpenguins",
    "pandas": "pandas",
    "PIL": "pillow",
    "plotly": "plotly",
    "sklearn": "scikit-learn",
}
# The packages that pandas reads a file with.
_READERS = {"read_excel": "python-calamine", "read_parquet": "pyarrow"}


@dataclass(frozen=True)
class _Section:
    title: str
    code: str


def script(experiment: Experiment, file_name: str = FILE_NAME) -> str:
    """Return the experiment as a Python script for Keras 3, formatted as by `ruff format`.

    Args:
        file_name: the name of the person's file, if the data are one; a constant at the top of the script.

    Raises:
        DataError: where the data cannot be prepared.
    """
    sections = _sections(experiment, file_name)
    imports, packages = _imports("\n\n".join(section.code for section in sections))
    blocks = [f'"""{_title(experiment)}"""', f"# pip install {packages}", imports]
    text = "\n\n".join([*blocks, *(f"# {section.title}\n{section.code}" for section in sections)])
    return text + "\n"


def notebook(experiment: Experiment, file_name: str = FILE_NAME) -> str:
    """Return the experiment as a Jupyter notebook, JSON of nbformat 4.5: the script's sections, then the curves.

    Args:
        file_name: as in `script`.

    Raises:
        DataError: where the data cannot be prepared.
    """
    sections = [*_sections(experiment, file_name), _Section("Curves", _curves(experiment))]
    imports, packages = _imports("\n\n".join(section.code for section in sections))
    cells = [_cell("markdown", f"# {_title(experiment)}"), _cell("code", f"%pip install -q {packages}")]
    cells.append(_cell("code", imports))
    for section in sections:
        cells += [_cell("markdown", f"## {section.title}"), _cell("code", section.code)]
    content = {
        "cells": [cell | {"id": f"cell-{place}"} for place, cell in enumerate(cells, start=1)],
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def reads_file(experiment: Experiment) -> bool:
    """Return whether the script reads a file of the person's own, which must then be in the same folder."""
    return experiment.data.table is not None and drawing_of(experiment.data) is None


def _title(experiment: Experiment) -> str:
    layers = len(experiment.network.layers)
    hidden = "no hidden layer" if layers == 0 else "one hidden layer" if layers == 1 else f"{layers} hidden layers"
    data = menus.DATA[experiment.data.name]
    title = "Your own file" if data.uploaded else data.title
    return f"{title}, {hidden}: a Hidden Layers experiment in plain Keras."


def _sections(experiment: Experiment, file_name: str) -> list[_Section]:
    data = experiment.data
    classes, parts = count_classes(data), parts_of(data)
    rows = [*loading_lines(data, file_name), *splitting_lines(data)]
    if is_frame(data):
        rows += [*encoding_lines(data, parts.all), *input_lines(data)]
    rows += scaling_lines(data)
    return [
        _Section("Data", "\n".join(rows)),
        _Section("Network", "\n".join(network_lines(experiment, classes, parts))),
        _Section("Training", "\n".join(training_lines(experiment, classes, parts))),
        _Section("Figures", "\n".join(_figure_lines(parts))),
    ]


def _figure_lines(parts: Parts) -> Iterator[str]:
    titles = {"": "all rows", "_train": "training", "_val": "validation", "_test": "held out"}
    for part in parts.all:
        yield f"figures = model.evaluate(x{part}, y{part}, verbose=0, return_dict=True)"
        yield f'print("{titles[part]}:", figures)'


def _curves(experiment: Experiment) -> str:
    """Return the code that plots loss and score by epoch."""
    score = "accuracy" if experiment.data.task == menus.CLASSES else "r2_score"
    return "\n".join(
        assign(
            f"{name}_figure",
            call("px.line", "history.history", y=f'["{name}", "val_{name}"]', labels='{"index": "epoch"}'),
        )
        + f"\n{name}_figure.show()"
        for name in ("loss", score)
    )


def _imports(code: str) -> tuple[str, str]:
    """Return the imports that the code needs, in the usual order, and the packages to install."""
    nodes = list(ast.walk(ast.parse(code)))
    used = {node.id for node in nodes if isinstance(node, ast.Name)}
    called = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    sources = [_SOURCES[name] for name in used if name in _SOURCES]
    modules = {module.partition(".")[0] for module, _ in sources}
    packages = [package for module, package in _PACKAGES.items() if module in modules]
    packages += [package for reader, package in _READERS.items() if reader in called]
    plain = sorted(_plain_imports(sources), key=str.lower)
    grouped: dict[str, list[str]] = {}
    for module, name in sources:
        if name and name not in ("np", "pd", "px"):
            grouped.setdefault(module, []).append(name)
    named = [_from_import(module, grouped[module]) for module in sorted(grouped, key=str.lower)]
    standard = [line for line in plain if line.split()[1] in sys.stdlib_module_names]
    others = [line for line in plain if line not in standard]
    return "\n\n".join("\n".join(block) for block in (standard, [*others, *named]) if block), " ".join(packages)


def _plain_imports(sources: list[tuple[str, str]]) -> Iterator[str]:
    for module, name in sources:
        if not name:
            yield f"import {module}"
        elif name in ("np", "pd", "px"):
            yield f"import {module} as {name}"


def _from_import(module: str, found: list[str]) -> str:
    # As isort orders them: constants first, then classes, then functions.
    ordered = sorted(found, key=lambda name: (0 if name.isupper() else 1 if name[0].isupper() else 2, name))
    line = f"from {module} import {', '.join(ordered)}"
    return line if len(line) <= WIDTH else f"from {module} import (\n    " + ",\n    ".join(ordered) + ",\n)"


def _cell(kind: str, source: str) -> dict[str, Any]:
    code: dict[str, Any] = {"execution_count": None, "outputs": []} if kind == "code" else {}
    return {"cell_type": kind, "metadata": {}, "source": source.splitlines(keepends=True), **code}
