"""What people are told of their files on this server, and the way to delete them."""

from __future__ import annotations

import streamlit as st

from core.datasets.upload_store import KEPT_DAYS, NotUploadedError, delete_upload, uploads_of
from core.experiment import DataSpec
from ui.components.markdown import literal
from ui.session import files, run
from ui.words import count_of

WHO_CAN_OPEN_IT = (
    "Anyone with the link, a report or a bundle of this experiment can open your file on this server, until "
    f"{KEPT_DAYS} days after it was last used."
)
_WHERE_TO_DELETE = "You can delete it in the lab, under the data set."


def show_who_can_open_it(data: DataSpec) -> None:
    """Say who can open the file of an experiment, if it has one, before the experiment is shared."""
    if data.table is not None and data.table.file:
        st.caption(f"{WHO_CAN_OPEN_IT} {_WHERE_TO_DELETE}")


def show_stored_uploads() -> None:
    """Show the files that this browser has stored on the server, each with a button that deletes it."""
    stored = uploads_of(run.owner())
    if not stored:
        return
    megabytes = sum(upload.size for upload in stored) / 1e6
    label = f"{count_of(len(stored), 'stored file')}, {megabytes:,.1f} MB"
    with st.popover(label, icon=":material/folder_delete:", key="stored-uploads", width="stretch"):
        st.caption(WHO_CAN_OPEN_IT)
        for upload in stored:
            name, button = st.columns([3, 2], vertical_alignment="center")
            name.markdown(f"{literal(files.name_of(upload.file))}, {upload.size / 1e6:,.1f} MB")
            button.button(
                "Delete",
                icon=":material/delete:",
                key=f"delete-{upload.file}",
                on_click=_delete,
                args=(upload.file,),
                width="stretch",
            )


def _delete(file: str) -> None:
    name = files.name_of(file)
    try:
        is_gone = delete_upload(file, run.owner())
    except NotUploadedError:  # by another tab
        is_gone = True
    if is_gone:
        said = f"{name} is deleted. Links to it no longer work."
    else:
        said = f"{name} is no longer yours. Somebody else has stored the same file, so links to it still work."
    st.toast(literal(said), icon=":material/delete:")
