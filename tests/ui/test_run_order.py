"""A browser can place every element and gets all of them, whatever runs when and however busy the server is.

The sessions are Streamlit's own, with script threads. The tests say how far the event loop gets between two requests.
"""

from __future__ import annotations

import asyncio
import contextlib
import runpy
from collections.abc import Iterator, Sequence
from pathlib import Path
from unittest.mock import MagicMock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from streamlit import config
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.runtime import Runtime, app_session, websocket_session_manager
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage
from streamlit.runtime.script_data import ScriptData
from streamlit.runtime.scriptrunner import ScriptRunner
from streamlit.runtime.scriptrunner.script_cache import ScriptCache

from tests.ui import slow_callback
from tests.ui.streamlit_page import BadDeltaPath, MessageGone, Page
from tests.waiting import PATIENCE
from ui.run_order import OrderedSession, WholeCallbacks

# A fragment in a fragment, as on several pages. The query says how many elements there are and what they say, as "3b";
# with "r" the outer fragment runs the whole page again, once.
SCRIPT = """
import streamlit as st

@st.fragment
def outer():
    shows = st.query_params["shows"]
    for number in range(int(shows[0])):
        with st.container():
            st.markdown(f"{number} of {shows}")
    st.markdown(f"large {shows}".ljust(20_000, "."))  # so large that Streamlit would send a reference to it
    inner()
    if shows[1] == "r" and st.session_state.get("rerun") != shows:
        st.session_state["rerun"] = shows
        st.rerun()

@st.fragment
def inner():
    with st.container():
        st.markdown("inner " + st.query_params["shows"])

st.markdown("page " + st.query_params["shows"])
outer()
st.markdown("below")
"""

BUTTON_SCRIPT = """
import streamlit as st
from tests.ui import slow_callback

st.button("read", on_click=slow_callback.read)
st.markdown(st.session_state.get("read", "nothing"))
"""

# Widgets of the page, of a fragment, and of a fragment in it. Each part says what it knows when it runs.
WIDGETS_SCRIPT = """
import streamlit as st

@st.fragment
def outer():
    pressed = st.button("outer button")
    st.markdown(f"outer {st.session_state['number']} {pressed}")
    inner()

@st.fragment
def inner():
    st.text_input("inner text", key="text")
    pressed = st.button("inner button")
    st.markdown(f"inner {st.session_state['number']} {pressed}")

st.number_input("number", value=1, key="number")
pressed = st.button("page button")
st.markdown(f"page {st.session_state['number']} {pressed}")
outer()
"""

WHOLE, OUTER, INNER = range(3)
# How far the server gets before the next request: nowhere; the script ends but its messages are not handled; they are
# in the queue; they are sent.
NOTHING, BUSY, HANDLE, SEND = range(4)
Step = tuple[int, str, int]  # what runs, what it shows, what the server does then


class Tab:
    """A browser's page and the server's session for it, on the running event loop."""

    def __init__(self, kind: type[AppSession], script: Path) -> None:
        self.page = Page()
        self.session = kind(ScriptData(str(script)), MagicMock(), ScriptCache(), lambda: None, {})

    async def play(self, steps: Sequence[Step]) -> None:
        for what, shows, then in steps:
            self.ask(what, shows)
            if then == BUSY and (runner := self.session._scriptrunner):
                assert runner._script_thread is not None
                runner._script_thread.join()
            if then >= HANDLE:
                await self.handle()
            if then >= SEND:
                self.send()

    def ask(self, what: int, shows: str) -> None:
        """Have the page run, or a fragment that is on it."""
        state = ClientState(query_string=f"shows={shows}", cached_message_hashes=list(self.page.cache))
        if what > len(self.page.fragments):
            return
        if what:
            state.fragment_id = self.page.fragments[what - 1]
        self.session.request_rerun(state)

    async def handle(self) -> None:
        """Wait until nothing runs and all messages are in the queue."""
        while (runner := self.session._scriptrunner) is not None:
            assert runner._script_thread is not None
            await asyncio.to_thread(runner._script_thread.join)

    def send(self) -> None:
        self.page.apply(self.session.flush_browser_queue())


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    path = tmp_path_factory.mktemp("script") / "page.py"
    path.write_text(SCRIPT)
    runtime = MagicMock(spec=Runtime)
    runtime.media_file_mgr = MediaFileManager(MemoryMediaFileStorage("/media"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Runtime, "_instance", runtime)
        yield path


@pytest.fixture
def references() -> Iterator[None]:
    """Large messages are sent as references, as Streamlit does it by itself."""
    option = "global.minCachedMessageSize"
    ours = config.get_option(option)
    config.set_option(option, 10_000)
    yield
    config.set_option(option, ours)


def _play(kind: type[AppSession], script: Path, steps: Sequence[Step]) -> list[str]:
    """Play steps on a page that was drawn before, let the server catch up, and return what is then on the page."""

    async def play() -> list[str]:
        tab = Tab(kind, script)
        await tab.play([(WHOLE, "0a", SEND), *steps])
        await tab.handle()
        tab.send()
        tab.session.shutdown()
        return [text.rstrip(".") for text in tab.page.texts]

    return asyncio.run(play())


def _shown(page: str, outer: str, inner: str) -> list[str]:
    """Return what is on a page of which each part showed this when it ran last."""
    numbers = [f"{number} of {outer}" for number in range(int(outer[0]))]
    return [f"page {page}", *numbers, f"large {outer}", f"inner {inner}", "below"]


OVERTAKING: dict[str, tuple[list[Step], list[str]]] = {
    "a fragment twice before anything is sent": (
        # The second run drops the messages of the first, but not those of the inner fragment.
        [(OUTER, "3b", HANDLE), (OUTER, "3b", HANDLE)],
        _shown("0a", "3b", "3b"),
    ),
    "a fragment with a text that the browser has": (
        # A reference to it does not name the fragment, so it is not dropped.
        [(OUTER, "3b", SEND), (OUTER, "0b", SEND), (OUTER, "3b", HANDLE), (OUTER, "3b", HANDLE)],
        _shown("0a", "3b", "3b"),
    ),
    "a fragment just as the whole page is done": (
        # The messages of the whole page are not handled yet, and another runner replaces the first.
        [(WHOLE, "0b", BUSY), (OUTER, "3c", HANDLE)],
        _shown("0b", "3c", "3c"),
    ),
    "the inner fragment just as the outer one is done": (
        [(OUTER, "0b", BUSY), (INNER, "0c", HANDLE)],
        _shown("0a", "0b", "0c"),
    ),
    "two fragments just as the whole page is done": (
        [(WHOLE, "0b", BUSY), (OUTER, "2c", NOTHING), (INNER, "2c", NOTHING), (OUTER, "3d", HANDLE)],
        _shown("0b", "3d", "3d"),
    ),
    "the whole page while a fragment waits": (
        [(WHOLE, "0b", BUSY), (OUTER, "2c", NOTHING), (WHOLE, "3d", HANDLE)],
        _shown("3d", "3d", "3d"),
    ),
}


@pytest.mark.parametrize(("steps", "shown"), OVERTAKING.values(), ids=OVERTAKING)
def test_all_of_a_run_is_on_the_page_when_a_fragment_overtakes_it(
    script: Path, steps: list[Step], shown: list[str]
) -> None:
    assert _play(OrderedSession, script, steps) == shown


@pytest.mark.parametrize(("steps", "shown"), list(OVERTAKING.values())[:4], ids=list(OVERTAKING)[:4])
@pytest.mark.usefixtures("references")
def test_streamlit_alone_loses_part_of_a_run(script: Path, steps: list[Step], shown: list[str]) -> None:
    # If this fails, Streamlit has mended it: remove `ui.run_order`.
    with contextlib.suppress(BadDeltaPath):
        assert _play(AppSession, script, steps) != shown


# A text is shown, not shown for two runs, and shown again, asked for before the browser knew of the second of them.
SHOWN_AGAIN: list[Step] = [(OUTER, "0b", SEND), (WHOLE, "0c", HANDLE), (OUTER, "0a", SEND)]


def test_a_text_that_the_browser_had_is_shown_again(script: Path) -> None:
    assert _play(OrderedSession, script, SHOWN_AGAIN) == _shown("0c", "0a", "0a")


@pytest.mark.usefixtures("references")
def test_streamlit_refers_to_a_message_that_the_browser_has_dropped(script: Path) -> None:
    # If this fails, Streamlit has mended it: remove `minCachedMessageSize` from its settings here.
    with pytest.raises(MessageGone):
        _play(AppSession, script, SHOWN_AGAIN)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    some.lists(
        some.tuples(
            some.sampled_from((WHOLE, OUTER, INNER)),
            some.sampled_from(("0b", "2b", "3b", "0c", "3c", "0r", "3r")),
            some.sampled_from((NOTHING, BUSY, HANDLE, SEND)),
        ),
        max_size=8,
    ),
    some.sampled_from((BUSY, HANDLE, SEND)),
)
def test_every_element_has_its_place_whatever_runs_when(script: Path, steps: list[Step], then: int) -> None:
    # A run of the whole page that waits when the fragment is asked for includes it, and shows what was asked for last.
    page = "3z" if then == BUSY else "2y"
    last: list[Step] = [(WHOLE, page, then), (OUTER, "3z", then)]
    assert _play(OrderedSession, script, [*steps, *last]) == _shown(page, "3z", "3z")


def test_a_callback_comes_to_its_end_when_another_run_is_asked_for(tmp_path: Path, script: Path) -> None:
    assert _press_and_ask(tmp_path, config.get_option("runner.fastReruns"), WholeCallbacks) == "kept"


@pytest.mark.parametrize("is_fast", [True, False])
def test_streamlit_alone_stops_a_callback(tmp_path: Path, script: Path, is_fast: bool) -> None:
    # If this fails, Streamlit has mended it: remove `WholeCallbacks`, and `fastReruns` from its settings here.
    assert _press_and_ask(tmp_path, is_fast, ScriptRunner) == "nothing"


def _press_and_ask(folder: Path, is_fast: bool, runner: type[ScriptRunner]) -> str:
    """Ask for a run while the callback of a button is in its middle, and return what is then on the page."""
    path = folder / "button.py"
    path.write_text(BUTTON_SCRIPT)
    slow_callback.begun.clear()
    slow_callback.may_go_on.clear()

    async def play() -> str:
        tab = Tab(OrderedSession, path)
        await tab.play([(WHOLE, "0a", HANDLE)])
        messages = tab.session.flush_browser_queue()
        button = next(of for message in messages if (of := message.delta.new_element.button.id))
        state = ClientState()
        state.widget_states.widgets.add(id=button, trigger_value=True)
        tab.session.request_rerun(state)
        assert await asyncio.to_thread(slow_callback.begun.wait, PATIENCE)
        tab.session.request_rerun(ClientState())
        if is_fast:  # the run that was asked for is drawn beside the callback
            await tab.handle()
        slow_callback.may_go_on.set()
        await tab.handle()
        tab.send()
        tab.session.shutdown()
        return tab.page.texts[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(app_session, "ScriptRunner", runner)
        fast = config.get_option("runner.fastReruns")
        config.set_option("runner.fastReruns", is_fast)
        try:
            return asyncio.run(play())
        finally:
            config.set_option("runner.fastReruns", fast)


PRESSED = {"trigger_value": True}
TWO, THREE = {"double_value": 2.0}, {"double_value": 3.0}
Moment = tuple[int, dict[str, dict[str, object]]]  # the fragment that the browser names, and the widgets that change
# What happens, and what each part of the page says then.
MOMENTS: dict[str, tuple[list[Moment], list[str]]] = {
    "a fragment's button alone runs that fragment": (
        [(OUTER, {"outer button": PRESSED})],
        ["page 1 False", "outer 1 True", "inner 1 False"],
    ),
    "a number of the page runs the page": (
        [(OUTER, {"outer button": PRESSED, "number": TWO})],
        ["page 2 False", "outer 2 True", "inner 2 False"],
    ),
    "so does a button of the page": (
        [(INNER, {"inner button": PRESSED, "page button": PRESSED})],
        ["page 1 True", "outer 1 False", "inner 1 True"],
    ),
    "so does a button of the fragment around it": (
        [(INNER, {"inner button": PRESSED, "outer button": PRESSED})],
        ["page 1 False", "outer 1 True", "inner 1 True"],
    ),
    "what the page has heard is no news": (
        [(WHOLE, {"number": TWO}), (INNER, {"inner button": PRESSED})],
        ["page 2 False", "outer 2 False", "inner 2 True"],
    ),
    "what another fragment has heard is no news": (
        [(INNER, {"inner text": {"string_value": "a"}}), (OUTER, {"outer button": PRESSED})],
        ["page 1 False", "outer 1 True", "inner 1 False"],
    ),
    "a number is news until the page has run": (
        [(OUTER, {"outer button": PRESSED, "number": TWO}), (OUTER, {"outer button": PRESSED, "number": THREE})],
        ["page 3 False", "outer 3 True", "inner 3 False"],
    ),
}


@pytest.mark.parametrize(("moments", "said"), MOMENTS.values(), ids=MOMENTS)
def test_the_page_hears_of_every_widget_whatever_else_happens_in_the_same_moment(
    tmp_path: Path, script: Path, moments: list[Moment], said: list[str]
) -> None:
    assert _said(OrderedSession, tmp_path, moments) == said


def test_streamlit_alone_does_not_tell_the_page_of_a_widget_that_changes_as_a_fragment_runs(
    tmp_path: Path, script: Path
) -> None:
    # If this fails, Streamlit has mended it: remove `_with_all_news`.
    moments, said = MOMENTS["a number of the page runs the page"]
    assert _said(AppSession, tmp_path, moments) != said


def _said(kind: type[AppSession], folder: Path, moments: Sequence[Moment]) -> list[str]:
    """Return what each part of a page with widgets says in the end."""
    path = folder / "widgets.py"
    path.write_text(WIDGETS_SCRIPT)

    async def play() -> list[str]:
        tab = Tab(kind, path)
        await tab.play([(WHOLE, "0a", HANDLE)])
        messages = tab.session.flush_browser_queue()
        tab.page.apply(messages)
        elements = [message.delta.new_element for message in messages]
        widgets = [getattr(element, element.WhichOneof("type") or "", None) for element in elements]
        ids = {widget.label: widget.id for widget in widgets if getattr(widget, "label", "")}
        kept: dict[str, dict[str, object]] = {"number": {"double_value": 1.0}, "inner text": {"string_value": ""}}
        for what, changes in moments:
            kept |= {label: value for label, value in changes.items() if value is not PRESSED}
            state = ClientState(fragment_id=tab.page.fragments[what - 1] if what else "")
            for label, value in {**kept, **changes}.items():
                state.widget_states.widgets.add(id=ids[label], **value)
            tab.session.request_rerun(state)
            await tab.handle()
            tab.send()
        tab.session.shutdown()
        return [text for text in tab.page.texts if text]

    return asyncio.run(play())


def test_a_request_that_waits_is_dropped_when_the_tab_closes(script: Path) -> None:
    async def close() -> None:
        tab = Tab(OrderedSession, script)
        await tab.play([(WHOLE, "0a", SEND), (WHOLE, "0b", BUSY), (OUTER, "3c", NOTHING)])
        tab.session.shutdown()
        await tab.handle()
        assert tab.session._script_event_loop.is_closed()

    asyncio.run(close())


def test_the_app_gives_every_tab_such_a_session() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(websocket_session_manager, "AppSession", AppSession)
        patch.setattr(app_session, "ScriptRunner", app_session.ScriptRunner)
        runpy.run_path(str(Path(__file__).parents[2] / "app.py"))
        assert websocket_session_manager.AppSession is OrderedSession
        assert app_session.ScriptRunner is WholeCallbacks
