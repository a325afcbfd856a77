"""Predictions for a file of rows."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.datasets import Split
from core.errors import DataError
from core.figures.text import shortened
from core.tables.formulas import without_formulas
from core.trained.network import TrainedNetwork
from core.trained.preparation import Preparation
from core.trained.row_predictions import predict_file
from core.trained.what_if import CategoryField, Field, fields_of
from ui.components.frame import show_frame
from ui.components.markdown import literal
from ui.session import trials
from ui.try_it.tried_model import TriedModel

_FILE = "rows-file"
_SHOWN_ROWS = 200
_EXAMPLE_ROWS = 5
_SHOWN_COLUMNS = 200
_LETTERS_MOST = 100  # of the categories of a column


def show(model: TriedModel, network: TrainedNetwork) -> None:
    """Let the person upload rows, and show what the network predicts for them, or which columns they need."""
    asked, shown = st.columns([2, 3], gap="large")
    with asked:
        _ask(model, network)
    with shown:
        if trials.predictions(model.name) is None:
            _show_columns(model.preparation)
        else:
            _show_predictions(model)


def _ask(model: TriedModel, network: TrainedNetwork) -> None:
    """Let the person upload rows and have them predicted."""
    st.markdown(
        "Upload rows to predict. They need the columns that the network was trained on; columns are matched by name."
    )
    file = st.file_uploader(
        "Rows to predict: CSV or other text, Excel, Parquet, .npz",
        key=_FILE,
        on_change=trials.keep_predictions,
        args=(model.name, None),
    )
    with st.container(horizontal=True):
        pressed = st.button(
            "Predict", type="primary", disabled=file is None, icon=":material/play_arrow:", key="predict-rows"
        )
        if model.split is not None and model.preparation.encoding is None:
            _show_example(model.split)
    if pressed and file is not None:
        try:
            found = predict_file(network, model.preparation, file.getvalue(), file.name)
        except DataError as error:
            trials.keep_predictions(model.name, None)
            st.error(literal(str(error)), icon=":material/table_rows:")
            return
        trials.keep_predictions(model.name, found)


def _show_columns(preparation: Preparation) -> None:
    """Say which columns a file needs, and what was in them in the training rows."""
    fields = fields_of(preparation)
    show_frame(
        {
            "column": [field.name for field in fields[:_SHOWN_COLUMNS]],
            "in the training rows": [_values_of(field) for field in fields[:_SHOWN_COLUMNS]],
        },
        key="needed-columns",
    )
    if len(fields) > _SHOWN_COLUMNS:
        st.caption(f"The first {_SHOWN_COLUMNS} of {len(fields):,} columns.")


def _values_of(field: Field) -> str:
    if isinstance(field, CategoryField):
        return shortened(", ".join(field.options), _LETTERS_MOST)
    return f"{field.low:.5g} to {field.high:.5g}"


def _show_example(split: Split) -> None:
    st.download_button(
        "Download example rows",
        lambda: _example(split),
        "rows.csv",
        "text/csv",
        icon=":material/download:",
        key="example-rows",
        on_click="ignore",
    )


def _example(split: Split) -> bytes:
    rows = pd.DataFrame(split.raw_test[:_EXAMPLE_ROWS], columns=list(split.feature_names))
    return without_formulas(rows)[0].to_csv(index=False).encode()


def _show_predictions(model: TriedModel) -> None:
    found = trials.predictions(model.name)
    if found is None:
        return
    for note in found.notes:
        st.caption(literal(note))
    show_frame(
        found.frame.head(_SHOWN_ROWS),
        column_config={
            found.predicted: st.column_config.Column(pinned=True),  # stays visible beside many columns
            **{name: st.column_config.NumberColumn(format="%.4f") for name in found.probabilities},
        },
    )
    if len(found.frame) > _SHOWN_ROWS:
        st.caption(f"The first {_SHOWN_ROWS} of {len(found.frame):,} rows.")
    st.download_button(
        "Download predictions",
        found.to_csv,
        "predictions.csv",
        "text/csv",
        type="primary",
        icon=":material/download:",
        key="download-predictions",
        on_click="ignore",
    )
