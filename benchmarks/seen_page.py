"""What a person sees of the lab, and what must hold of it once the page is at rest."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl

from playwright.sync_api import Page

from core.errors import ExperimentError
from core.experiment import Experiment, menus, read_query
from core.experiment.keys import format_number

# What a person sees of the lab, as plain values.
_LOOK = r"""
() => {
  const app = document.querySelector("[data-testid=stApp]");
  const textOf = (node) => node?.innerText.trim() ?? "";
  const isFresh = (node) => !node.closest("[data-stale=true]");
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const labelOf = (widget) => textOf(widget.querySelector("[data-testid=stWidgetLabel]"));

  const controls = {};
  for (const widget of all("[data-testid=stSidebar] [data-testid=stSlider]").filter(isFresh)) {
    const slider = widget.querySelector("[role=slider], input[type=range]");
    if (slider) controls[labelOf(widget)] = slider.getAttribute("aria-valuetext") ?? slider.value;
  }
  for (const widget of all("[data-testid=stSidebar] [data-testid=stSelectbox]").filter(isFresh)) {
    const field = widget.querySelector("input");
    const label = labelOf(widget) || (field?.getAttribute("aria-label") ?? "");
    if (field) controls[label] = field.value;
  }
  for (const widget of all("[data-testid=stSidebar] [data-testid=stNumberInput]").filter(isFresh)) {
    controls[labelOf(widget)] = widget.querySelector("input")?.value ?? "";
  }

  const strip = document.querySelector(".hl-strip");
  const figures = document.querySelector(".hl-figures");
  const charts = Object.fromEntries(
    all(".hl-card").map((card) => [textOf(card.querySelector(".hl-title")), card.querySelector(".js-plotly-plot")]),
  );
  const titled = (start) => Object.entries(charts).find(([title]) => title.startsWith(start))?.[1];
  const curves = titled("Training curves")?.data?.slice(0, 4).map(({ x, y }) => ({ x: x.at(-1), y: y.at(-1) }));
  const matrix = titled("Confusion matrix")?.data?.[0].z;
  const plane = titled("Decision boundary") ?? titled("Predicted");

  return {
    isBusy: app?.dataset.testScriptState !== "notRunning" || all("[data-stale=true]").length > 0,
    address: location.search.slice(1),
    controls,
    buttons: Object.fromEntries(
      ["train", "pause", "step", "stop", "reset", "new-weights"].flatMap((key) => {
        const button = document.querySelector(`.st-key-${key} button`);
        if (!button || !isFresh(button)) return [];
        return [[key, { label: textOf(button).split("\n").at(-1), enabled: !button.disabled }]];
      }),
    ),
    strip: strip && { ...strip.dataset, text: textOf(strip) },
    figures: figures && { ...figures.dataset },
    curves: curves ?? null,
    matrix: matrix ? [...matrix].map((row) => [...row]) : null,
    isPainted: plane ? Boolean(plane.layout?.images?.[0]?.source) : null,
    line: textOf(document.querySelector(".hl-metrics")),
    alerts: all("[data-testid=stAlert], [data-testid=stException]").map(textOf),
  };
}
"""
ACTIVE = ("queued", "running")
_LINE = re.compile(r"After epoch (?P<epoch>\d+): training loss (?P<loss>\S+), ")
_TITLES_OF_METHODS = {
    "Optimizer": ("optimizer", menus.OPTIMIZERS),
    "Learning-rate schedule": ("schedule", menus.SCHEDULES),
    "Gradient clipping": ("clip", menus.CLIPS),
}
_NUMBERS_OF_TRAINING = {"Learning rate": "learning_rate", "Batch size": "batch_size", "Epochs": "epochs"}

Seen = dict[str, Any]


def look(page: Page) -> Seen:
    """Return what the page shows, by the names in `_LOOK`."""
    seen: Seen = page.evaluate(_LOOK)
    return seen


def what_is_wrong(seen: Seen) -> list[str]:
    """Return the broken invariants of a page at rest, one line each."""
    try:
        experiment = read_query(seen["address"])
    except ExperimentError as error:
        return [f"the address is no experiment: {error}"]
    return [
        *_controls(seen["controls"], experiment),
        *_trained(seen),
        *_buttons(seen),
        *(_ready(seen) if seen["strip"] and seen["strip"]["status"] == "ready" else ()),
        *(_at_rest(seen, experiment) if seen["strip"] and seen["strip"]["status"] not in (*ACTIVE, "ready") else ()),
        *(f"the page says: {alert}" for alert in seen["alerts"]),
    ]


def expected_controls(experiment: Experiment) -> dict[str, str]:
    """Return what the controls of an experiment show, by their labels; those that are folded away included."""
    data, network, training = experiment.data, experiment.network, experiment.training
    title, is_number = menus.DATA[data.name].title, data.task == menus.NUMBERS
    shown = {
        "Data set": f"{title} · regression" if is_number else title,
        "Hidden layers": str(len(network.layers)),
        "Weight initializer": menus.INITIALIZERS[network.initializer],
        "Dropout after every hidden layer": format_number(network.dropout),
        "L1 penalty": format_number(network.l1),
        "L2 penalty": format_number(network.l2),
        "Weight seed": str(training.seed),
        "Held-out rows": "Random"
        if (data.split, data.task) == ("stratified", menus.NUMBERS)
        else menus.SPLITS[data.split],
        "Scaling (fitted on training rows)": menus.SCALINGS[str(data.scaling)],
        "Data seed": str(data.seed or 0),
    }
    for name, setting in menus.DATA[data.name].settings.items():
        value = getattr(data, name, None)
        if name in menus.MAKING and isinstance(value, int | float):
            shown[setting.label] = format_number(value)
    for place, layer in enumerate(network.layers, start=1):
        shown[f"Layer {place}: units"] = str(layer.units)
        shown[f"Layer {place}: activation"] = menus.ACTIVATIONS[layer.activation]
    for label, (field, methods) in _TITLES_OF_METHODS.items():
        shown[label] = methods[getattr(training, field)].title
    return shown | {label: format_number(getattr(training, field)) for label, field in _NUMBERS_OF_TRAINING.items()}


def _controls(controls: Mapping[str, str], experiment: Experiment) -> Iterator[str]:
    for label, text in expected_controls(experiment).items():
        if label in controls and not _same(controls[label], text):
            yield f"{label} shows {controls[label]!r}, and the address says {text!r}"
    for label in ("Data set", "Hidden layers", "Optimizer", "Learning rate", "Batch size", "Epochs"):
        if label not in controls:
            yield f"the control {label} is not there"


def _same(one: str, other: str) -> bool:
    """Return whether two controls' texts are the same text or the same number: "0.10" is "0.1"."""
    try:
        return abs(float(one) - float(other)) < 1e-9
    except ValueError:
        return one == other


def _trained(seen: Seen) -> Iterator[str]:
    """The experiment that trains is the one in the address."""
    trained = seen["strip"] and seen["strip"].get("experiment")
    if trained and dict(parse_qsl(trained)) != dict(parse_qsl(seen["address"])):
        yield f"the run trains {trained!r}, and the address says {seen['address']!r}"


def _buttons(seen: Seen) -> Iterator[str]:
    strip, buttons = seen["strip"], seen["buttons"]
    if not strip or not buttons:
        yield f"there is no bar: {sorted(buttons)}"
        return
    status = strip["status"]
    first = "pause" if status in ACTIVE else "train"
    label = {"pause": "Pause", "train": "Resume" if status == "paused" else "Train"}[first]
    found = {key: button["label"] for key, button in buttons.items() if key in ("pause", "train")}
    if found != {first: label}:
        yield f"the run is {status}, and the first button is {found}"
    can = {key: button["enabled"] for key, button in buttons.items()}
    expected = {
        "step": status in ("ready", "paused"),
        "stop": status in (*ACTIVE, "paused"),
        "reset": status != "ready",
        "new-weights": True,
    }
    for key, is_enabled in expected.items():
        if can.get(key) is not is_enabled:
            yield f"the run is {status}, and the button {key} {'is disabled' if is_enabled else 'is not'}"
    if strip["connection"] != "live":
        yield f"the connection is {strip['connection']}"


def _ready(seen: Seen) -> Iterator[str]:
    if seen["line"] or seen["strip"]["epoch"] != "0":
        yield f"nothing is trained, and the page says {seen['strip']['text']!r} and {seen['line']!r}"
    if any(curve["y"] is not None for curve in seen["curves"] or ()):
        yield "nothing is trained, and there are curves"


def _at_rest(seen: Seen, experiment: Experiment) -> Iterator[str]:
    """Status, epoch, curves, matrix, boundary and result line agree."""
    epoch = int(seen["strip"]["epoch"])
    if int(seen["figures"]["epoch"]) != epoch:
        yield f"the figures are of epoch {seen['figures']['epoch']}, and the strip says {epoch}"
    if not epoch:
        return
    curves = [curve for curve in seen["curves"] or () if curve["y"] is not None]
    if any(curve["x"] != epoch for curve in curves):
        yield f"the curves end at {[curve['x'] for curve in curves]}, and the strip says {epoch}"
    line = _LINE.match(seen["line"])
    if line is None:
        yield f"the result line is {seen['line']!r} after epoch {epoch}"
    elif not _restores(experiment):
        if int(line["epoch"]) != epoch:
            yield f"the result line is of epoch {line['epoch']}, and the strip says {epoch}"
        if curves and line["loss"] != (at_end := _in_the_line(curves[0]["y"])):
            yield f"the result line says a loss of {line['loss']}, and the curve ends at {at_end}"
        yield from _matrix(seen)
    if seen["isPainted"] is False:
        yield f"the plane is empty after epoch {epoch}"


def _in_the_line(loss: float) -> str:
    """Return a loss as the result line writes it."""
    if math.isnan(loss):
        return "NaN"
    return f"{loss:.4f}" if math.isfinite(loss) else "Infinity"


def _restores(experiment: Experiment) -> bool:
    return bool(experiment.training.patience) and experiment.training.restore_best


def _matrix(seen: Seen) -> Iterator[str]:
    """The share of the matrix's diagonal is the accuracy at the end of the held-out curve."""
    held_out = (seen["curves"] or [None] * 4)[-1]
    if not seen["matrix"] or held_out is None or held_out["y"] is None or seen["strip"]["status"] == "failed":
        return
    rows = sum(map(sum, seen["matrix"]))
    right = sum(row[place] for place, row in enumerate(seen["matrix"]))
    if rows and abs(right / rows - held_out["y"]) > 1e-4:
        yield f"the matrix has {right} of {rows} right, and the curve ends at {held_out['y']:.4f}"
