"""A run as a single HTML page that opens anywhere, without a network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape

import plotly.io

from core.analysis.axes import Axes
from core.analysis.classification_report import report
from core.analysis.evaluation import confusion_matrix, predicted_classes
from core.analysis.first_axes import first_axes
from core.datasets import Split, prepare
from core.experiment import count_parameters, to_query
from core.export.experiment_text import in_words
from core.export.report_figures import Picture, pictures_of, tested_rows
from core.export.script import script
from core.trained.epoch import weights_epoch
from core.trained.network import TrainedNetwork

_STYLE = """
:root { color-scheme: light dark; --line: rgba(123, 135, 152, 0.3); --ground: #fff; --ink: #1d2735; }
@media (prefers-color-scheme: dark) { :root { --ground: #0e1117; --ink: #e6e9ef; } }
body { background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto;
  max-width: 52rem; padding: 0 1rem; overflow-wrap: anywhere; }
h1 { margin-bottom: 0.2rem; }
h2 { border-top: 1px solid var(--line); margin-top: 2.2rem; padding-top: 1rem; }
dl { display: grid; gap: 0.4rem 1.2rem; grid-template-columns: max-content 1fr; }
dt { font-weight: 600; }
dd { margin: 0; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; overflow-wrap: normal; }
th, td { border-bottom: 1px solid var(--line); padding: 0.25rem 0.9rem 0.25rem 0; text-align: right; }
th:first-child, td:first-child { text-align: left; }
pre { background: rgba(123, 135, 152, 0.12); border-radius: 6px; font-size: 13px; overflow-x: auto; padding: 1rem; }
p.caption { font-size: 0.9rem; opacity: 0.75; }
.wide { overflow-x: auto; }
button { background: none; border: 1px solid var(--line); border-radius: 6px; color: inherit; cursor: pointer;
  font: inherit; font-size: 0.8rem; padding: 0.1rem 0.7rem; }
"""
_SAVING = """
for (const button of document.querySelectorAll("button[data-format]")) {
  const section = button.closest("section"), format = button.dataset.format;
  const filename = section.querySelector("h2").textContent.toLowerCase();
  button.onclick = () => {
    const { data, layout } = section.querySelector(".plotly-graph-div");
    const figure = { data, layout: { ...layout, paper_bgcolor: getComputedStyle(document.body).backgroundColor } };
    Plotly.downloadImage(figure, { format, filename, width: 900, height: 560, scale: format === "png" ? 2 : 1 });
  };
}
"""
# Plotly chooses the colour of a cell's number by the cell's colour, but the cells let the page's background through.
_INKING = """
const scheme = matchMedia("(prefers-color-scheme: dark)");
const ink = () => {
  const color = getComputedStyle(document.body).color;
  for (const plot of document.querySelectorAll(".plotly-graph-div")) {
    const matrices = plot.data.filter(({ type }) => type === "heatmap");
    for (const matrix of matrices) matrix.textfont = { color };
    if (matrices.length) Plotly.redraw(plot); // a restyle leaves the numbers as they are
  }
};
scheme.addEventListener("change", ink);
addEventListener("load", ink); // when Plotly has drawn
"""
_FIGURES = {"loss": "loss", "accuracy": "accuracy", "mae": "mean absolute error", "r2": "R²"}


def report_page(
    network: TrainedNetwork,
    history: Mapping[str, Sequence[float]],
    summary: str,
    test: Sequence[float] | None = None,
    file_name: str = "",
    axes: Axes | None = None,
) -> str:
    """Return a run as one self-contained HTML page, including plotly.js.

    Args:
        network: the trained network, with its experiment.
        history: one column a metric, one value an epoch, at least one.
        summary: the output of Keras's `model.summary()`.
        test: the metrics of the test rows, loss first, if there are three parts.
        file_name: the name of the person's file, if the data are one.
        axes: the plane to draw; the one that the data set opens on if None.

    Raises:
        DataError: where the data cannot be prepared.
    """
    experiment = network.experiment
    split = prepare(experiment.data)
    epoch = weights_epoch(experiment, history)
    words = in_words(experiment, file_name)
    title = f"{words['Data'].partition(',')[0]} · Hidden Layers"
    count = count_parameters(experiment.network, split.inputs, split.classes)
    body = [
        f"<h1>{escape(words['Data'].partition(',')[0])}</h1>",
        f'<p class="caption">Hidden Layers run: {count:,} parameters, {len(history["loss"])} epochs.</p>',
        _section("Experiment", _words(words)),
        _section(f"After epoch {epoch:,}", _last_figures(history, epoch, test, split)),
        *_pictures(pictures_of(network, split, history, axes or first_axes(split))),
    ]
    if split.classes:
        body.append(_section("Scores by class", _class_table(network, split)))
    body += [
        _section("Network summary (Keras)", f"<pre>{escape(summary)}</pre>"),
        _section("Keras script", f"<pre>{escape(script(experiment, *_named(file_name)))}</pre>"),
        _section("Reproduce", f"<p>The experiment in one line:</p><pre>{escape(to_query(experiment))}</pre>"),
    ]
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        + "\n".join(body)
        + f"\n<script>{_SAVING}{_INKING}</script>\n</body>\n"
        "</html>\n"
    )


def _named(file_name: str) -> tuple[str, ...]:
    return (file_name,) if file_name else ()


def _section(title: str, content: str) -> str:
    return f"<section>\n<h2>{escape(title)}</h2>\n{content}\n</section>"


def _words(words: Mapping[str, str]) -> str:
    rows = "".join(f"<dt>{escape(topic)}</dt><dd>{escape(text)}</dd>" for topic, text in words.items())
    return f"<dl>{rows}</dl>"


def _pictures(pictures: Iterator[Picture]) -> Iterator[str]:
    """Yield one section a figure; the first includes plotly.js for all."""
    for place, picture in enumerate(pictures):
        drawn = plotly.io.to_html(
            picture.figure,
            full_html=False,
            include_plotlyjs=place == 0,
            default_height=f"{picture.height}px",
            config={"displayModeBar": False, "responsive": True},
        )
        caption = f'<p class="caption">{escape(picture.caption)}</p>' if picture.caption else ""
        saving = " ".join(
            f'<button type="button" data-format="{form}">Save as {form.upper()}</button>' for form in ("png", "svg")
        )
        yield _section(picture.title, f"{drawn}{caption}<p>{saving}</p>")


def _last_figures(
    history: Mapping[str, Sequence[float]], epoch: int, test: Sequence[float] | None, split: Split
) -> str:
    """Return a table of the metrics at the epoch that the weights belong to."""
    names = [name for name in history if not name.startswith("val_")]
    rows = {"training": [history[name][epoch - 1] for name in names]}
    if not split.all_rows_train:
        rows[split.validation_name] = [history[f"val_{name}"][epoch - 1] for name in names]
    if test is not None:
        rows["test"] = list(test)
    return _table(
        ["rows", *(_FIGURES[name] for name in names)],
        [[name, *(f"{value:.4f}" for value in values)] for name, values in rows.items()],
    )


def _class_table(network: TrainedNetwork, split: Split) -> str:
    """Return a table of precision, recall and F1 by class."""
    predicted = predicted_classes(network.predict(split.x_test))
    found = report(confusion_matrix(split.y_test, predicted, split.classes))
    rows = [
        [name, f"{precision:.3f}", f"{recall:.3f}", f"{f1:.3f}", f"{support:,}"]
        for name, precision, recall, f1, support in zip(
            split.class_names, found.precision, found.recall, found.f1, found.support, strict=True
        )
    ]
    table = _table(["class", "precision", "recall", "F1", "rows"], rows)
    return f'{table}<p class="caption">Computed on the {tested_rows(split)}.</p>'


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    above = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    below = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<div class="wide"><table><thead><tr>{above}</tr></thead><tbody>{below}</tbody></table></div>'
