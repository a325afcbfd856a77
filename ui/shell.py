"""The frame around every page: configuration, navigation, brand. The script that st.App runs."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from ui.learn.panel import WITH_FIGURES, show_beside
from ui.session import lesson, limits

_ROOT = Path(__file__).parent.parent
_STYLES = (Path(__file__).with_name("style.css"), _ROOT / "ui" / "learn" / "learn.css")
_ICON = Path(__file__).with_name("icon.svg")

st.set_page_config(
    page_title="Hidden Layers",
    page_icon=_ICON,
    layout="wide",
    initial_sidebar_state=320,
    menu_items={"About": "**Hidden Layers**: a neural-network lab in the browser, powered by real Keras."},
)
for style in _STYLES:
    st.html(style)
lesson.follow()
limits.follow()
page = st.navigation(
    [
        st.Page(_ROOT / "pages" / "lab.py", title="Lab", icon=":material/science:", url_path="lab", default=True),
        st.Page(_ROOT / "pages" / "learn.py", title="Learn", icon=":material/school:", url_path="learn"),
        st.Page(_ROOT / "pages" / "inside.py", title="Inside", icon=":material/visibility:", url_path="inside"),
        st.Page(_ROOT / "pages" / "results.py", title="Results", icon=":material/query_stats:", url_path="results"),
        st.Page(_ROOT / "pages" / "predict.py", title="Try it", icon=":material/touch_app:", url_path="try"),
        st.Page(_ROOT / "pages" / "runs.py", title="Runs", icon=":material/history:", url_path="runs"),
        st.Page(_ROOT / "pages" / "studies.py", title="Studies", icon=":material/grid_view:", url_path="studies"),
        st.Page(_ROOT / "pages" / "take_home.py", title="Take home", icon=":material/download:", url_path="take-home"),
        st.Page(_ROOT / "pages" / "data.py", title="Data", icon=":material/table_chart:", url_path="data"),
        st.Page(_ROOT / "pages" / "draw.py", title="Draw", icon=":material/draw:", url_path="draw"),
        st.Page(_ROOT / "pages" / "camera.py", title="Camera", icon=":material/photo_camera:", url_path="camera"),
        # An old address, which leads to Learn.
        st.Page(_ROOT / "pages" / "recipes.py", title="Recipes", url_path="recipes", visibility="hidden"),
        # Reached by links and by the help of every control: the bar has no room for a twelfth page.
        st.Page(_ROOT / "pages" / "glossary.py", title="Glossary", url_path="glossary", visibility="hidden"),
    ],
    position="hidden" if limits.hides("pages") else "top",
)
page.run()
if page.url_path not in WITH_FIGURES:
    show_beside(page.url_path)
