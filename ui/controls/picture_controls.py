"""A zip of picture folders: what is in it, and the size and colour of its pictures."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import streamlit as st

from core.datasets.pictures import Pictures
from core.datasets.upload_store import NotUploadedError
from core.datasets.uploaded_data import pictures_of
from core.errors import DataError
from core.experiment import DataSpec, TableSpec, menus
from ui.components.frame import show_frame
from ui.components.markdown import literal
from ui.controls.input_controls import with_plain_inputs
from ui.controls.table_controls import MERGE_SIZES, show_notes, with_task
from ui.controls.widgets import stops, switch
from ui.session import files

_SIDES = (8, 12, 16, 20, 24, 28, 32, 40, 48, 56, 64)


def picture_controls(data: DataSpec, spec: TableSpec) -> DataSpec:
    """Show what is in a zip of pictures, and choose their size, their colour and which classes are merged."""
    try:
        _show_pictures(spec, pictures_of(spec.file, spec.side, spec.colour))
    except NotUploadedError:
        raise
    except DataError:  # the page says it in place of the figures
        st.caption(literal(files.name_of(spec.file)))
    merge, key = "Merge classes with fewer pictures than", f"rare-classes-{spec.file}"
    spec = replace(
        spec,
        side=int(stops("Picture size (pixels)", _SIDES, spec.side, f"side-{spec.file}", "picture_size")),
        colour=switch("Use colour", spec.colour, f"colour-{spec.file}", "colour"),
        rare_classes=int(stops(merge, MERGE_SIZES, spec.rare_classes, key, "rare")),
    )
    return with_plain_inputs(with_task(data, menus.CLASSES, spec))


def _show_pictures(spec: TableSpec, pictures: Pictures) -> None:
    counts = np.bincount(pictures.labels, minlength=len(pictures.class_names))
    left, right = st.columns([3, 2], vertical_alignment="center")
    left.caption(f"{literal(files.name_of(spec.file))}  \n{len(pictures.labels):,} pictures, {len(counts):,} classes")
    help = "How many pictures each folder holds"
    with right.popover("Classes", icon=":material/photo_library:", help=help, width="stretch"):
        show_frame({"class": pictures.class_names, "pictures": counts})
    show_notes(pictures.warnings)
