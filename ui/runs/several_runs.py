"""What can be done with several runs at once: compare them, share that, give stars, delete."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.errors import NoRunError
from core.runs.comparison import LEAST, MOST
from core.runs.store import RunStore
from core.runs.values import KeptRun
from core.studies.race import RACERS_LEAST, RACERS_MOST
from ui.runs.compared import ComparedRun, compared
from ui.runs.comparison import show_comparison
from ui.runs.one_run import change, delete
from ui.runs.shared_experiments import link_of
from ui.session import kept_runs, studies

LINK = "compare"  # in the address, before the unguessable parts of the runs' links
_BASELINE = "baseline"


def show(store: RunStore, owner: str, keys: tuple[str, ...]) -> None:
    """Draw what can be done with the ticked runs, and compare them."""

    def star(on: bool) -> None:
        def make(to: RunStore) -> None:
            for key in keys:
                to.star(owner, key, on)

        change(make)

    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"{len(keys):,} runs are ticked.", width="content")
        st.button("Untick", on_click=kept_runs.choose, args=((),), icon=":material/check_box_outline_blank:",
                  key="untick-runs")  # fmt: skip
        st.button("Star", on_click=star, args=(True,), icon=":material/star:", key="star-runs")
        st.button("Remove stars", on_click=star, args=(False,), icon=":material/star_border:", key="unstar-runs")
        st.button("Delete", on_click=delete, args=(owner, keys), icon=":material/delete:", key="delete-runs")
        if RACERS_LEAST <= len(keys) <= RACERS_MOST and st.button(
            "Race them", icon=":material/flag:", key="race-runs", help="Train them again, side by side."
        ):
            _race(store, owner, keys)
    if len(keys) > MOST:
        st.info(f"Tick {LEAST} to {MOST} runs to compare them.", icon=":material/compare:")
        return
    runs = compared([store.run(owner, key) for key in keys])
    st.subheader("Comparison")
    _show_link(owner, runs, show_comparison(store, runs))


def _race(store: RunStore, owner: str, keys: Sequence[str]) -> None:
    """Go to the page of studies, with a race of these runs filled in."""
    runs = [store.run(owner, key).summary for key in keys]
    studies.set_racers(tuple((one.name, one.experiment) for one in runs))
    st.switch_page("../pages/studies.py")


def _show_link(owner: str, runs: Sequence[ComparedRun], baseline: ComparedRun | None) -> None:
    """Offer a link to the comparison, which shares each of its runs, and one of the experiments alone."""
    page = (st.context.url or "").partition("?")[0]
    if all(run.kept.share for run in runs):
        st.caption("Whoever has this link can read these runs, and change nothing. A run's own page ends its link.")
        tokens = ",".join(run.kept.share for run in runs)
        more = f"&{_BASELINE}={baseline.number}" if baseline else ""
        st.code(f"{page}?{LINK}={tokens}{more}", language=None, wrap_lines=True)
    with st.container(horizontal=True):
        if not all(run.kept.share for run in runs):
            st.button(
                "Share this comparison",
                on_click=_share,
                args=(owner, tuple(run.key for run in runs)),
                icon=":material/link:",
                key="share-comparison",
                help="Each of these runs then has a link, to be read only.",
            )
        experiments = tuple(dict.fromkeys(run.experiment for run in runs))
        if len(experiments) >= LEAST:
            with st.popover("Share the experiments", icon=":material/science:", key="share-experiments", width=220):
                st.caption(
                    "Whoever has this link can train the same experiments and compare them. Your runs stay yours."
                )
                st.code(f"{page}{link_of(experiments)}", language=None, wrap_lines=True)


def _share(owner: str, keys: tuple[str, ...]) -> None:
    def make(store: RunStore) -> None:
        for key in keys:
            store.share(owner, key)

    change(make)


def show_shared(store: RunStore, tokens: str) -> None:
    """Draw a comparison that somebody has shared, to be read only."""
    st.title("Shared comparison")
    found: dict[str, KeptRun] = {}
    wanted = list(dict.fromkeys(tokens.split(",")))
    for token in wanted[:MOST]:
        try:
            found[token] = store.shared(token)
        except NoRunError:
            continue
    if missing := len(wanted) - len(found):
        what = "This run" if len(wanted) == 1 else f"{missing} of these {len(wanted)} runs"
        st.info(f"{what} can't be read: deleted, or the link has ended.", icon=":material/link_off:")
    if len(found) < LEAST:
        return
    number = str(st.query_params.get(_BASELINE, ""))
    show_comparison(store, compared(list(found.values())), int(number) if number in map(str, range(1, MOST + 1)) else 0)
