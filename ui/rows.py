"""The prepared rows of a data set, or what a person can do to get them."""

from __future__ import annotations

import streamlit as st

from core.datasets import Split, prepare
from core.datasets.downloads import DOWNLOADS, NotDownloadedError, is_downloaded
from core.datasets.upload_store import NotUploadedError
from core.errors import DataError
from core.experiment import DataSpec, menus
from ui.components.markdown import literal
from ui.server import jobs
from ui.session import files

_POLL_SECONDS = 0.5


def title_of(data: DataSpec) -> str:
    """Return the title of a data set as Markdown: of a file, its name."""
    return menus.DATA[data.name].title if data.table is None else literal(files.name_of(data.table.file))


def split_or_message(data: DataSpec) -> Split | None:
    """Return the prepared rows, or say on the page why there are none."""
    try:
        return prepare(data)
    except NotDownloadedError as error:
        _show_download(error.name)
    except NotUploadedError:
        st.info("Upload a file in the sidebar, under **Data**. You can train on it right away.")
    except DataError as error:
        st.error(literal(str(error)), icon=":material/table_rows:")
    return None


def _show_download(name: str) -> None:
    """Offer to download a data set, or show the progress; once it is here, the page is drawn again with it."""
    progress = jobs().downloads.progress(name)
    under_way = progress is not None and not progress.failure
    st.fragment(_show_progress if under_way else _show_offer, run_every=_POLL_SECONDS if under_way else None)(name)


def _show_offer(name: str) -> None:
    download = DOWNLOADS[name]
    progress = jobs().downloads.progress(name)
    with st.container(border=True):
        st.markdown(f"**{download.title}** is not on this server yet.")
        if progress is not None:
            st.error(progress.failure, icon=":material/cloud_off:")
        st.caption(
            "It is downloaded once and kept for everyone on this server. You can use other data sets in the meantime."
        )
        label = f"Download {download.megabytes:.0f} MB"
        if st.button(label, key="download", type="primary", icon=":material/download:"):
            jobs().downloads.start(name)
            st.rerun()


def _show_progress(name: str) -> None:
    progress = jobs().downloads.progress(name)
    if progress is None or progress.failure or is_downloaded(name):
        st.rerun()  # of the whole page, which ends the polling
    with st.container(border=True):
        st.markdown(f"Downloading **{DOWNLOADS[name].title}**…")
        st.progress(progress.share, text=f"{progress.share:.0%} downloaded")
        st.caption(
            "After the download, reading it takes a few more seconds. You can use other data sets in the meantime."
        )
