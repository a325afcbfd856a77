"""Optuna's figures of a search, in our colours and readable at 500 trials.

Whoever imports this loads Optuna. The studies that these functions take name parameters as people do; trial 0 is shown
as trial 1.
"""

from __future__ import annotations

import json
import textwrap
import warnings
from collections.abc import Callable, Sequence

import numpy as np
import optuna
import plotly.graph_objects as go
from optuna import visualization
from optuna.trial import FrozenTrial

from core.figures.palette import (
    HELD_OUT_COLOUR,
    MATRIX_COLOUR,
    TRAINING_COLOUR,
    ordered_colours,
    translucent,
)
from core.figures.template import TEMPLATE

# It is told what to take of a trial where there are two objectives, and warns that low values count: see below.
warnings.filterwarnings("ignore", message="PedAnovaImportanceEvaluator computes")

_BINS = 8  # colours of lines in the parallel coordinates; a trace for each, as one for each of 500 trials is slow
_LOW = 0.1  # the quantile of the scores where the colours begin
_FEW_DECADES = 2  # in which 2 and 5 have ticks too
_LABEL_MOST = 16  # characters in a line
_COLOURS = ordered_colours(_BINS)
_SCALE = [[place / (_BINS - 1), colour] for place, colour in enumerate(_COLOURS)]


def history_figure(study: optuna.Study, score: str, texts: Sequence[str]) -> go.Figure:
    """Return the score of every trial in the order of the trials, and the best so far.

    Args:
        score: what the trials are judged by, in words.
        texts: the settings of every trial.
    """
    figure = visualization.plot_optimization_history(study, target=_score, target_name=score)
    # Optuna draws no best where it is told what to draw of a trial, as it must be where there are two objectives.
    numbers = np.asarray(figure.data[0].x if figure.data else (), int)
    scores = np.asarray(figure.data[0].y if figure.data else (), float)
    drawn = _figure(320, xaxis={"title": {"text": "trial"}, "tickformat": "d"}, yaxis={"title": {"text": score}})
    drawn.add_trace(
        go.Scatter(
            x=numbers + 1,
            y=scores,
            name="each trial",
            mode="markers",
            text=[texts[number] for number in numbers],
            marker={"color": translucent(TRAINING_COLOUR, 0.7), "size": 6},
            hovertemplate="trial %{x}: %{y:.4f}<br>%{text}<extra></extra>",
        )
    )
    drawn.add_trace(
        go.Scatter(
            x=numbers + 1,
            y=np.maximum.accumulate(scores),
            name="best so far",
            mode="lines",
            line={"color": HELD_OUT_COLOUR, "width": 2, "shape": "hv"},
            hoverinfo="skip",
        )
    )
    return drawn


def parallel_figure(study: optuna.Study, score: str) -> go.Figure:
    """Return a line for every trial across its settings, blue for the low scores to orange for the highest.

    The best trials are drawn last. What is worse than nine tenths of the others is as blue as these, so that a trial
    that went wrong leaves the others their colours.
    """
    figure = visualization.plot_parallel_coordinate(study, target=_score, target_name=score)
    lines = [trace for trace in figure.data if trace.mode == "lines"]
    scores = np.array([trial.values[0] for trial in study.get_trials(deepcopy=False) if trial.values], float)[
        : len(lines)
    ]
    low, high = (float(np.quantile(scores, _LOW)), float(scores.max())) if len(lines) else (0.0, 1.0)
    shares = (scores - low) / (high - low) if high > low else np.ones(len(scores))
    bins = np.clip(np.floor(shares * _BINS), 0, _BINS - 1).astype(int)
    drawn = _figure(400, showlegend=False, hovermode="closest")
    drawn.update_layout(
        margin={"l": 48, "r": 8, "t": 8, "b": 8},
        xaxis={
            **_without_place(figure.layout.xaxis.to_plotly_json()),
            "ticktext": [_wrapped(label) for label in (score, *sorted(_labels(study)))],
            "fixedrange": True,
        },
        yaxis={"range": [-0.04, 1.04], "visible": False, "fixedrange": True},
        shapes=figure.layout.shapes,
        annotations=[{**note.to_plotly_json(), "font": {"size": 11}} for note in figure.layout.annotations],
    )
    for place, colour in enumerate(_COLOURS):
        x, y, notes = [], [], []
        for index in np.flatnonzero(bins == place):
            x += [*lines[index].x, None]
            y += [*lines[index].y, None]
            notes += [*map(tuple, lines[index].customdata), ("", "")]
        is_best = place == _BINS - 1
        drawn.add_trace(
            go.Scatter(
                x=x,
                y=y,
                customdata=notes,
                mode="lines",
                line={"color": colour, "width": 1.5 if is_best else 1.2},
                opacity=_opacity(len(lines)) * (1.6 if is_best else 1.0),
                hovertemplate="%{customdata[0]}: %{customdata[1]}<extra></extra>",
            )
        )
    marker = {"color": [low, high], "colorscale": _SCALE, "showscale": True, "colorbar": _colour_bar(score)}
    drawn.add_trace(go.Scatter(x=[None, None], y=[None, None], mode="markers", marker=marker, hoverinfo="skip"))
    return drawn


def importance_figure(study: optuna.Study, labels: Sequence[str]) -> go.Figure:
    """Return how much of the differences between trials each setting explains.

    By PED-ANOVA, Optuna's default, which takes milliseconds at 500 trials: what sets the best tenth of the trials
    apart from the others (Watanabe, Bansal and Hutter, "PED-ANOVA", 2023).

    Args:
        labels: of the settings; those that Optuna leaves out, as they have a single value, are drawn as 0.
    """
    target: Callable[[FrozenTrial], float] | None = None
    if len(study.directions) > 1:
        target = _negative_score  # PED-ANOVA looks at the lowest ones where a target is given
    figure = visualization.plot_param_importances(study, target=target)
    found = dict(zip(figure.data[0].y or (), figure.data[0].x or (), strict=True)) if figure.data else {}
    shares = sorted(((found.get(label, 0.0), label) for label in labels), key=lambda pair: pair[0])
    drawn = _figure(
        90 + 34 * len(labels),
        showlegend=False,
        xaxis={"title": {"text": "share of the differences"}, "range": [0, 1.08], "tickformat": ".0%"},
        yaxis={"showgrid": False, "fixedrange": True},
    )
    drawn.add_trace(
        go.Bar(
            x=[share for share, _ in shares],
            y=[label for _, label in shares],
            orientation="h",
            text=[f"{share:.0%}" for share, _ in shares],
            textposition="outside",
            cliponaxis=False,
            marker={"color": MATRIX_COLOUR},
            hovertemplate="%{y}: %{x:.1%}<extra></extra>",
        )
    )
    return drawn


def slice_figure(study: optuna.Study, label: str, score: str, texts: Sequence[str]) -> go.Figure:
    """Return the score against one setting, a point for every trial, blue for the first to orange for the last."""
    figure = visualization.plot_slice(study, params=[label], target=_score, target_name=score)
    drawn = _figure(
        280,
        showlegend=False,
        hovermode="closest",
        xaxis=_without_place({**figure.layout.xaxis.to_plotly_json(), "title": {"text": label}}),
        yaxis={"title": {"text": score}},
    )
    for trace in figure.data:
        numbers = np.asarray(trace.marker.color, int)
        marker = {"color": numbers + 1, "colorscale": _SCALE, "size": 6, "showscale": True}
        drawn.add_trace(
            go.Scatter(
                x=trace.x,
                y=trace.y,
                mode="markers",
                text=[texts[number] for number in numbers],
                customdata=numbers + 1,
                marker={**marker, "colorbar": _colour_bar("trial")},
                hovertemplate="trial %{customdata}: %{y:.4f}<br>%{text}<extra></extra>",
            )
        )
    if drawn.layout.xaxis.type == "log":
        drawn.update_xaxes(dtick=_log_step(trace.x), exponentformat="none", tickformat="~g")
    return drawn


def pareto_figure(study: optuna.Study, score: str, texts: Sequence[str]) -> go.Figure:
    """Return score against parameters; a line joins the trials that none beats in both."""
    figure = visualization.plot_pareto_front(study, target_names=[score, "parameters"])
    drawn = _figure(
        380,
        hovermode="closest",
        xaxis={"title": {"text": "parameters"}, "type": "log", "exponentformat": "none"},
        yaxis={"title": {"text": score}},
    )
    groups = (
        ("other trials", translucent(TRAINING_COLOUR, 0.6), "markers"),
        ("none better in both", HELD_OUT_COLOUR, "lines+markers"),
    )
    for trace, (name, colour, mode) in zip(figure.data, groups, strict=True):
        # Optuna writes of each point which trial it is, as JSON.
        numbers = [int(json.loads(text.replace("<br>", " "))["number"]) for text in trace.text or ()]
        points = sorted(zip(trace.y or (), trace.x or (), numbers, strict=True))
        drawn.add_trace(
            go.Scatter(
                x=[point[0] for point in points],
                y=[point[1] for point in points],
                name=name,
                mode=mode,
                text=[texts[point[2]] for point in points],
                customdata=[point[2] + 1 for point in points],
                marker={"color": colour, "size": 7},
                line={"color": colour, "width": 2, "shape": "hv"},
                hovertemplate="trial %{customdata}: %{y:.4f}, %{x} parameters<br>%{text}<extra></extra>",
            )
        )
    every = [value for trace in drawn.data for value in trace.x]
    if every:
        drawn.update_xaxes(dtick=_log_step(every), tickformat="~g")
    return drawn


def _log_step(values: Sequence[float]) -> str | int:
    """Return Plotly's distance of ticks on a logarithmic axis: at 1, 2 and 5, or at powers of ten."""
    low, high = np.log10([min(values), max(values)])
    return "D2" if high - low < _FEW_DECADES else 1


def _labels(study: optuna.Study) -> set[str]:
    """Return the names of the parameters of trials that have values."""
    return {label for trial in study.get_trials(deepcopy=False) if trial.values for label in trial.params}


def _wrapped(label: str) -> str:
    return "<br>".join(textwrap.wrap(label, _LABEL_MOST))


def _opacity(lines: int) -> float:
    """Return how opaque lines are: hundreds of them cover each other."""
    return 0.6 if lines <= 50 else 0.35 if lines <= 200 else 0.2


def _score(trial: FrozenTrial) -> float:
    return float(trial.values[0])


def _negative_score(trial: FrozenTrial) -> float:
    return -float(trial.values[0])


def _figure(height: int, **layout: object) -> go.Figure:
    return go.Figure(
        layout={"template": TEMPLATE, "height": height, "margin": {"l": 8, "r": 16, "t": 8, "b": 8}, **layout}
    )


def _colour_bar(title: str) -> dict[str, object]:
    return {"thickness": 10, "outlinewidth": 0, "title": {"text": title, "side": "right", "font": {"size": 12}}}


def _without_place(axis: dict[str, object]) -> dict[str, object]:
    """Return an axis without what fixes its place among several."""
    return {name: value for name, value in axis.items() if name not in ("anchor", "domain")}
