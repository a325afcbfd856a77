"""The prepared rows of the experiment's data, or what a person has to do to get them."""

from __future__ import annotations

import streamlit as st

from core.datasets import Split, prepare
from core.datasets.downloads import DOWNLOADS, NotDownloadedError, is_downloaded
from core.datasets.upload_store import NotUploadedError
from core.errors import DataError
from core.experiment import DataSpec, menus
from ui import session
from ui.components.markdown import literal
from ui.server import jobs

_ASK_SECONDS = 0.5


def title_of(data: DataSpec) -> str:
    """Return what a data set is called, as Markdown: a file by its name at home."""
    return menus.DATA[data.name].title if data.table is None else literal(session.file_name(data.table.file))


def split_or_message(data: DataSpec) -> Split | None:
    """Return the prepared rows, or say on the page why there are none."""
    try:
        return prepare(data)
    except NotDownloadedError as error:
        _show_download(error.name)
    except NotUploadedError:
        st.info("Bring a file: choose it in the sidebar, under **Data**. It can train as soon as it is here.")
    except DataError as error:
        st.error(literal(str(error)), icon=":material/table_rows:")
    return None


def _show_download(name: str) -> None:
    """Offer to download a data set, or show how far that is; when it is here, the page is drawn again with it."""
    progress = jobs().downloads.progress(name)
    under_way = progress is not None and not progress.failure
    st.fragment(_show_progress if under_way else _show_offer, run_every=_ASK_SECONDS if under_way else None)(name)


def _show_offer(name: str) -> None:
    download = DOWNLOADS[name]
    progress = jobs().downloads.progress(name)
    with st.container(border=True):
        st.markdown(f"**{download.title}** is not on this server yet.")
        if progress is not None:
            st.error(progress.failure, icon=":material/cloud_off:")
        st.caption("It is downloaded once, for everybody here, and kept. Other data sets go on meanwhile.")
        label = f"Download {download.megabytes:.0f} MB"
        if st.button(label, key="download", type="primary", icon=":material/download:"):
            jobs().downloads.start(name)
            st.rerun()


def _show_progress(name: str) -> None:
    progress = jobs().downloads.progress(name)
    if progress is None or progress.failure or is_downloaded(name):
        st.rerun()  # which ends the asking
    with st.container(border=True):
        st.markdown(f"**{DOWNLOADS[name].title}** is on its way.")
        st.progress(progress.share, text=f"{progress.share:.0%} downloaded")
        st.caption("When all of it is here, reading it takes some seconds more. You can try other data sets meanwhile.")
