"""One run: its curves and settings, and what its owner can do with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from core.errors import HiddenLayersError, NoRunError
from core.experiment import Experiment, menus
from core.export.experiment_text import in_words
from core.figures.curves import COLUMNS, curves_figure
from core.messages.updates import INTERRUPTED
from core.runs.exchange import bundle_of
from core.runs.limits import NAME_MOST, NOTE_MOST
from core.runs.store import RunStore
from core.runs.values import BEST, LAST, KeptRun, RunSummary
from core.trained.bundle import save_bundle
from ui import training
from ui.components.chart import draw
from ui.components.markdown import literal
from ui.server import run_writer
from ui.session import current, kept_runs, trials, widgets

_LINK = "run"


def show_shared(store: RunStore, token: str) -> bool:
    """Draw a run that somebody has shared, to be read only; return whether the lab is to be shown."""
    st.title("Shared run")
    try:
        kept = store.shared(token)
    except NoRunError:
        st.info("There is no such run any more, or its owner has ended the link.", icon=":material/link_off:")
        return False
    _show_figures(kept)
    st.caption("You can read this run, and start one of your own with its settings.")
    return _offer_settings(kept.summary.experiment)


def show_own(store: RunStore, owner: str, key: str) -> bool:
    """Draw a person's run with all that can be done with it; return whether the lab is to be shown."""
    kept = store.run(owner, key)
    _show_figures(kept)
    with st.container(horizontal=True, vertical_alignment="center"):
        label = "Resume in the lab" if kept.summary.status == INTERRUPTED else "Open in the lab"
        opens = st.button(label, type="primary", icon=":material/science:", key="open-run") and _open(owner, kept)
        starts = _offer_settings(kept.summary.experiment)
        tries = LAST in kept.weights_of and st.button("Try it", icon=":material/touch_app:", key="try-run")
        star = "Remove star" if kept.summary.starred else "Star"
        _button(star, "star-run", "star", lambda one: one.star(owner, key, not kept.summary.starred))
        st.button("Delete", on_click=delete, args=(owner, (key,)), icon=":material/delete:", key="delete-run")
    if tries:
        _try_it(store, owner, kept)
    _show_words(owner, kept)
    _show_files(store, owner, kept)
    return opens or starts


def delete(owner: str, keys: tuple[str, ...]) -> None:
    """Delete runs, and note that this can be undone."""
    if change(lambda store: store.delete(owner, keys)):
        kept_runs.note_deleted(keys)
        kept_runs.choose(())


def change(make: Callable[[RunStore], Any]) -> bool:
    """Make a change of kept runs; where that fails, the page says why, and False is returned."""
    try:
        make(run_writer().store)
    except HiddenLayersError as error:
        kept_runs.set_problem(str(error))
        return False
    return True


def curves_of(kept: KeptRun) -> go.Figure:
    """Return the training curves of a run."""
    task = kept.summary.experiment.data.task
    figure = curves_figure(kept.summary.epoch, task)
    epochs = list(range(1, kept.summary.epoch + 1))
    for trace, column in zip(figure.data, COLUMNS[task], strict=True):
        trace.update(x=epochs, y=kept.history[column])
    return figure.update_layout(height=300)


def _show_figures(kept: KeptRun) -> None:
    summary = kept.summary
    st.subheader(literal(summary.name))
    curves, words = st.columns([3, 2], gap="large")
    with curves:
        draw(curves_of(kept), "run-curves", "Training curves")
    with words:
        st.markdown(_in_words(summary))
        for title, text in in_words(summary.experiment).items():
            st.markdown(f"**{title}**: {literal(text)}")
        if summary.note:
            st.text(summary.note)


def _in_words(summary: RunSummary) -> str:
    score = "accuracy" if summary.experiment.data.task == menus.CLASSES else "R²"
    best = "" if summary.best_score is None else f"{summary.best_score:.3f} after epoch {summary.best_epoch}, "
    last = "NaN" if summary.last_score is None else f"{summary.last_score:.3f}"
    edits = "" if not summary.edit_count else f" {summary.edit_count} changes by hand."
    message = f" {literal(summary.message)}" if summary.message else ""
    figures = f"Held-out {score}: best {best}last {last} after epoch {summary.epoch}."
    return f"{figures} The run is {summary.status}.{edits}{message}"


def _offer_settings(experiment: Experiment) -> bool:
    if not st.button("New run with these settings", icon=":material/add:", key="run-settings"):
        return False
    current.set_experiment(experiment)
    return True


def _open(owner: str, kept: KeptRun) -> bool:
    try:
        training.open_kept(kept)
    except HiddenLayersError as error:
        st.error(literal(str(error)))
        return False
    return True


def _try_it(store: RunStore, owner: str, kept: KeptRun) -> None:
    weights = store.weights(owner, kept.summary.key, LAST)
    if weights is not None:
        trials.set_bundle((kept.summary.name, bundle_of(kept, weights)))
        st.switch_page("../pages/predict.py")


def _show_words(owner: str, kept: KeptRun) -> None:
    """Let the owner name, tag and describe the run."""
    summary, key = kept.summary, kept.summary.key
    with st.form(f"run-words-{key}", border=False):
        name, tags = st.columns(2)
        name.text_input("Name", summary.name, max_chars=NAME_MOST, key=f"run-name-{key}")
        tags.text_input("Tags, separated by spaces", " ".join(summary.tags), key=f"run-tags-{key}")
        st.text_area("Note", summary.note, max_chars=NOTE_MOST, height=80, key=f"run-note-{key}")
        st.form_submit_button("Save", on_click=_save_words, args=(owner, summary), key="save-words")


def _save_words(owner: str, summary: RunSummary) -> None:
    key = summary.key
    name, tags, note = (str(widgets.value(f"run-{what}-{key}") or "") for what in ("name", "tags", "note"))

    def make(store: RunStore) -> None:
        if name != summary.name:
            store.rename(owner, key, name)
        store.tag(owner, key, tags.split())
        store.note(owner, key, note)

    change(make)


def _show_files(store: RunStore, owner: str, kept: KeptRun) -> None:
    """Offer the bundles and the link of a run."""
    key = kept.summary.key
    with st.container(horizontal=True, vertical_alignment="center"):
        for which, label in ((LAST, "Bundle of the last epoch"), (BEST, "Bundle of the best epoch")):
            if which in kept.weights_of:
                make = _bundle_maker(store, owner, kept, which)
                st.download_button(
                    label, make, "run.zip", "application/zip", key=f"run-{which}", on_click="ignore",
                    icon=":material/download:",
                )  # fmt: skip
        if kept.share:
            _button("End the link", "unshare-run", "link_off", lambda one: one.unshare(owner, key))
        else:
            _button("Share by link", "share-run", "link", lambda one: one.share(owner, key))
    if kept.share:
        st.caption("Whoever has this link can read the run, and change nothing.")
        st.code(f"{(st.context.url or '').partition('?')[0]}?{_LINK}={kept.share}", language=None, wrap_lines=True)


def _bundle_maker(store: RunStore, owner: str, kept: KeptRun, which: str) -> Callable[[], bytes]:
    def make() -> bytes:
        weights = store.weights(owner, kept.summary.key, which)
        return b"" if weights is None else save_bundle(bundle_of(kept, weights))

    return make


def _button(label: str, key: str, icon: str, make: Callable[[RunStore], Any]) -> None:
    st.button(label, on_click=_change, args=(make,), icon=f":material/{icon}:", key=key)


def _change(make: Callable[[RunStore], Any]) -> None:
    change(make)
