"""Code that reads an uploaded file with pandas and scikit-learn, as `core.datasets.uploaded_data` does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from core.bounded_process import bounded
from core.datasets.drawn_points import DrawnPoints, read_csv
from core.datasets.input_columns import ABSENT, CATEGORIES_MOST
from core.datasets.upload_store import read_upload
from core.experiment import DataSpec, TableSpec, menus
from core.export.column_code import date_lines, missing_lines, number_lines, word_lines
from core.export.format_code import AS_TEXT, opened
from core.export.python_text import Call, assign, call, items, literal, names
from core.export.source_code import kind_of, read_source
from core.tables.formats.packed import PICTURES

if TYPE_CHECKING:
    from core.tables import Column, Table
    from core.tables.layout import Layout

_POOL = """rare = np.bincount(y) < {least}
places = np.cumsum(~rare) - 1
places[rare] = np.sum(~rare)  # all rare classes become one, the last
y = places[y]"""
_PICTURES = """groups = {name: [] for name in CLASSES}
for path in sorted(archive.namelist(), key=lambda path: path.split("/")):
    *folders, file = path.split("/")
    folder = next((name for name in folders[DEPTH:] if name in groups), None)
    hidden = any(part.startswith((".", "__MACOSX")) for part in [*folders, file])
    if folder and file.lower().endswith(ENDINGS) and not hidden:
        groups[folder].append(path)


def read_picture(path):
    image = Image.open(archive.open(path))
    image.draft(MODE, (2 * SIDE, 2 * SIDE))
    image = ImageOps.exif_transpose(image)
    if image.has_transparency_data:
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image.convert("RGBA"))
    edge = min(image.size)
    left, top = (image.width - edge) // 2, (image.height - edge) // 2
    box = (left, top, left + edge, top + edge)
{pixels}


# Alternate between the classes.
turns = [
    (place, label, path)
    for label, name in enumerate(CLASSES)
    for place, path in enumerate(groups[name])
]
turns.sort()"""
_PIXELS = """    image = image.convert(MODE).resize((SIDE, SIDE), Image.Resampling.BOX, box)
    return np.asarray(image, "float32").ravel() / 255"""
_DEEP_PIXELS = """    deep = image.mode[0] in "IF"  # more than 256 shades of grey
    image = image.convert("F" if deep else MODE)
    pixels = np.asarray(image.resize((SIDE, SIDE), Image.Resampling.BOX, box), "float32")
    if deep:
        pixels = np.rint(np.clip(pixels / np.float32(WHITE), 0, 1) * 255)
        if MODE == "RGB":
            pixels = np.repeat(pixels[..., None], 3, axis=-1)
    return pixels.ravel() / 255"""
_ALL_READ = """x = np.stack([read_picture(path) for *_, path in turns])
y = np.array([label for _, label, _ in turns])"""
_SOME_READ = """pixels, labels = [], []
for _, label, path in turns:
    try:
        pixels.append(read_picture(path))
        labels.append(label)
    except Exception as error:
        print("Skipped", path, "which cannot be read:", error)
x, y = np.stack(pixels), np.array(labels)"""


@bounded  # pandas reads files here that only the app's own readers are careful with
def file_lines(data: DataSpec, file_name: str) -> list[str]:
    """Return the code that loads x and y from a file; x is a table of columns, or pixels.

    Raises:
        DataError: where the file is missing or cannot be read.
    """
    return list(_lines(data, file_name))


def _lines(data: DataSpec, file_name: str) -> Iterator[str]:
    from core.datasets.uploaded_data import holds_pictures

    spec = data.table
    assert spec is not None
    drawn = drawing_of(data)
    if drawn is not None:
        yield from _drawing_lines(drawn)
    elif holds_pictures(spec.file):
        yield from _picture_lines(spec, file_name)
    else:
        yield from _table_lines(data, spec, file_name)


def drawing_of(data: DataSpec) -> DrawnPoints | None:
    """Return the points that a person drew, if the data are only these; the code then contains them."""
    if data.table is None or replace(data.table, file="", target_column="") != TableSpec():
        return None
    return read_csv(read_upload(data.table.file)) if data.table.target_column in ("", "class") else None


def encoding_lines(data: DataSpec, parts: tuple[str, ...]) -> Iterator[str]:
    """Yield the code that encodes a table's columns as numbers, fitted on the first part."""
    from core.datasets.table_columns import inputs_of, numbers_and_categories, table_of

    assert data.table is not None
    table = table_of(data.table)
    numbers, categories = numbers_and_categories(inputs_of(table, data.table))
    number_step, category_step = _number_step(data.table, numbers), _category_step(data.table, categories)
    first, *others = parts
    if category_step is None and number_step is None:
        yield from (f"x{part} = x{part}.to_numpy()" for part in parts)
        return
    steps = []
    if numbers:
        steps.append(_step("numbers", number_step or '"passthrough"', "NUMBERS"))
    if category_step is not None:
        steps.append(_step("categories", category_step, "CATEGORIES"))
    yield assign("encoder", call("ColumnTransformer", items(steps, open=True), sparse_threshold="0"))
    yield f"x{first} = encoder.fit_transform(x{first})"
    yield from (f"x{part} = encoder.transform(x{part})" for part in others)


def _step(name: str, transformer: Call | str, columns: str) -> Call:
    return call("", literal(name), transformer, columns)


def _number_step(spec: TableSpec, numbers: Sequence[Column]) -> Call | None:
    """Return the transformer of number columns; None if there is nothing to do."""
    if spec.missing == "drop" or not any(column.missing for column in numbers):
        return None
    fill_value = "0" if spec.missing == "constant" else None
    return call("SimpleImputer", strategy=literal(spec.missing), fill_value=fill_value)


def _category_step(spec: TableSpec, categories: Sequence[Column]) -> Call | None:
    """Return the transformer of category columns; None if there are none."""
    if not categories:
        return None
    one_hot = call(
        "OneHotEncoder",
        min_frequency=repr(spec.rare),
        max_categories=repr(CATEGORIES_MOST),
        handle_unknown='"infrequent_if_exist"',
        sparse_output="False",
    )
    if spec.missing == "drop" or not any(column.missing for column in categories):
        return one_hot
    constant = spec.missing == "constant"
    fill = call(
        "SimpleImputer",
        missing_values="pd.NA",
        strategy='"constant"' if constant else '"most_frequent"',
        fill_value=literal(ABSENT) if constant else None,
    )
    return call("make_pipeline", fill, one_hot)


def _drawing_lines(drawn: DrawnPoints) -> Iterator[str]:
    labels = {label: place for place, label in enumerate(drawn.counts)}
    points = [f"({x1 / 1000!r}, {x2 / 1000!r}, {labels[label]})" for x1, x2, label in drawn.points]
    rows = [", ".join(points[first : first + 4]) for first in range(0, len(points), 4)]
    yield "# The drawn points: x1, x2, class."
    yield "# fmt: off"
    yield "points = np.array([\n    " + ",\n    ".join(rows) + ",\n])"
    yield "# fmt: on"
    yield "x, y = points[:, :2], points[:, 2].astype(int)"


def _picture_lines(spec: TableSpec, file_name: str) -> Iterator[str]:
    from core.datasets.uploaded_data import pictures_of

    pictures = pictures_of(spec.file, spec.side, spec.colour)
    yield f"FILE = {literal(file_name)}"
    yield assign("CLASSES", names(pictures.class_names))
    yield f"SIDE = {spec.side}  # pixels across and down"
    yield 'MODE = "RGB"' if spec.colour else 'MODE = "L"  # shades of grey'
    yield assign("ENDINGS", call("", *map(literal, PICTURES)))
    yield f"DEPTH = {pictures.depth}  # folders around those of the classes"
    if pictures.scale is not None:
        yield f"WHITE = {pictures.scale!r}  # the value of white in pictures with more than 256 shades"
    yield ""
    encoding = None if pictures.encoding is None else literal(pictures.encoding)
    yield assign("archive", call("zipfile.ZipFile", "FILE", metadata_encoding=encoding))
    yield _PICTURES.replace("{pixels}", _PIXELS if pictures.scale is None else _DEEP_PIXELS)
    yield _SOME_READ if pictures.damaged else _ALL_READ
    if spec.rare_classes > 1:
        yield _POOL.format(least=spec.rare_classes)


def _table_lines(data: DataSpec, spec: TableSpec, file_name: str) -> Iterator[str]:
    from core.datasets.table_columns import inputs_of, numbers_and_categories, table_for, target_of
    from core.tables import CATEGORY, DATE, NUMBER
    from core.tables.column_form import form_of
    from core.tables.table import NOT_NUMBERS

    table = table_for(data)
    target, inputs = target_of(table, spec), inputs_of(table, spec)
    numbers, categories = ([column.name for column in kind] for kind in numbers_and_categories(inputs))
    content, opening = opened(read_upload(spec.file), file_name)
    kind = kind_of(content)
    layout = _layout(content, table) if kind == "text" else None
    used = [column.name for column in (*inputs, target)]
    dates = [column.name for column in (*inputs, target) if column.type == DATE]
    forms = [form for name in used if (form := form_of(table.forms, name)) is not None]
    yield f"FILE = {opening}"
    yield f"TARGET = {literal(target.name)}"
    if numbers:
        yield assign("NUMBERS", names(numbers))
    if categories:
        yield assign("CATEGORIES", names(categories))
    yield ""
    source = read_source(content, table, layout, is_packed=opening != literal(file_name))
    yield from source.lines
    if any(warning.startswith("Only the first ") for warning in table.warnings):
        yield f"table = table.head({len(table.frame)})"
    if kind in ("text", "sheet", *AS_TEXT):
        yield from missing_lines(forms)
    else:
        yield from word_lines(source.head, [form for form in forms if form.type == CATEGORY])
    yield from number_lines(
        [form for form in forms if form.type == NUMBER], numbers, target.name, NOT_NUMBERS in table.repairs
    )
    for form in forms:
        if form.name in dates:
            yield from date_lines(form, source.head[form.name], table.frame[form.name])
    columns = " + ".join(["NUMBERS"] * bool(numbers) + ["CATEGORIES"] * bool(categories))
    needed = f"[TARGET] + {columns}" if spec.missing == "drop" else "[TARGET]"
    yield f"table = table.dropna(subset={needed})"
    yield f"x = table[{columns}]"
    if data.task == menus.NUMBERS:
        yield "y = table[TARGET].to_numpy()"
    else:
        yield "y, classes = pd.factorize(table[TARGET], sort=True)"
        if spec.rare_classes > 1:
            yield _POOL.format(least=spec.rare_classes)


def _layout(content: bytes, table: Table) -> Layout:
    from core.tables.text_files import layout_of

    return layout_of(content, table.reading)
