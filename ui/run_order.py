"""Keep Streamlit's messages in order where one run of a page follows another."""

from __future__ import annotations

from typing import Any

from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.runtime import app_session, websocket_session_manager
from streamlit.runtime.app_session import AppSession, AppSessionState
from streamlit.runtime.scriptrunner import RerunData, ScriptRunner, ScriptRunnerEvent
from streamlit.runtime.scriptrunner_utils.script_requests import (
    ScriptRequests,
    ScriptRequestType,
    _has_active_trigger_value,
)


def keep_runs_in_order() -> None:
    """Make Streamlit use `OrderedSession` and `WholeCallbacks` for every tab that connects from now on."""
    websocket_session_manager.AppSession = OrderedSession  # type: ignore[attr-defined]
    app_session.ScriptRunner = WholeCallbacks  # type: ignore[attr-defined]


class WholeCallbacks(ScriptRunner):
    """Runs the script of a tab, and lets every callback of a widget come to its end.

    Streamlit (1.67) stops a run at the next access to the session's state when another run is asked for. In a callback
    that reads an uploaded file, what it was about to keep is lost, and the widget does not call it again.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._is_calling_back = False
        call_back = self._session_state.on_script_will_rerun

        def call_back_to_the_end(*args: Any, **options: Any) -> None:
            self._is_calling_back = True
            try:
                call_back(*args, **options)
            finally:
                self._is_calling_back = False

        object.__setattr__(self._session_state, "on_script_will_rerun", call_back_to_the_end)

    def _maybe_handle_execution_control_request(self) -> None:
        if not self._is_calling_back:
            super()._maybe_handle_execution_control_request()


class OrderedSession(AppSession):
    """The session of one tab. It sends every message of a run before those of a fragment's run that follows.

    Each element has a path of indices on the page, and the browser refuses one whose predecessors are missing: "Bad
    delta path index 4 (should be between [0, 3])". The page then stops. On a busy server Streamlit (1.67) drops
    predecessors in two places:

    - When a fragment starts, it removes this fragment's unsent messages from the queue. It keeps those of the fragments
      inside it, and references to what the browser has cached, which do not name their fragment.
    - A runner that has finished takes no more requests. When a request for a fragment comes before its last messages
      are in the queue, a new runner replaces it and those messages are ignored.

    And it runs the whole page where a request for a fragment brings news of a widget elsewhere. Streamlit's browser
    side puts all that happens in one moment into one request, and names the fragment of whatever in it has one: a
    slider that is let go as a fragment's trigger fires would show a value that the page never hears of.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._waiting = ScriptRequests()  # requests that a finished runner refused
        self._heard: dict[str, WidgetState] = {}  # by widget, as it was when what draws it was last asked to run

    def request_rerun(self, client_state: ClientState | None) -> None:
        super().request_rerun(client_state and self._with_all_news(client_state))

    def _with_all_news(self, asked: ClientState) -> ClientState:
        """Return a request for the whole page in the place of one for a fragment that brings news from elsewhere."""
        states = {state.id: state for state in asked.widget_states.widgets}
        inside = {name: state for name, state in states.items() if self._fragment_of(name) == asked.fragment_id}
        if asked.fragment_id and not any(self._is_news(states[name]) for name in states.keys() - inside):
            self._heard |= inside
            return asked
        self._heard = states
        whole = ClientState()
        whole.CopyFrom(asked)
        whole.fragment_id = ""
        return whole

    def _fragment_of(self, widget: str) -> str | None:
        """Return the fragment that draws a widget, or None where the page itself does, or has not drawn it yet."""
        metadata = self._session_state._new_widget_state.widget_metadata.get(widget)
        return None if metadata is None else metadata.fragment_id

    def _is_news(self, state: WidgetState) -> bool:
        known = self._heard.get(state.id) or self._session_state._new_widget_state.get_serialized(state.id)
        return _has_active_trigger_value(state) or (known is not None and known != state)

    def _clear_queue(self, fragment_ids_this_run: list[str] | None = None) -> None:
        if fragment_ids_this_run:
            # Only forget where elements are in the queue, so that new ones do not replace those of the run before.
            self._browser_queue._delta_index_map = {}
        else:
            super()._clear_queue()

    def _create_scriptrunner(self, initial_rerun_data: RerunData) -> None:
        if self._scriptrunner is not None:
            self._waiting.request_rerun(initial_rerun_data)
            return
        self._waiting = ScriptRequests()  # a run of the whole page includes the fragments that waited
        super()._create_scriptrunner(initial_rerun_data)

    def _handle_scriptrunner_event_on_event_loop(
        self, sender: ScriptRunner | None, event: ScriptRunnerEvent, *args: Any, **options: Any
    ) -> None:
        super()._handle_scriptrunner_event_on_event_loop(sender, event, *args, **options)
        # SHUTDOWN is a runner's last event, so all its messages are in the queue now.
        ended = event is ScriptRunnerEvent.SHUTDOWN and self._scriptrunner is None
        if not ended or self._state is AppSessionState.SHUTDOWN_REQUESTED:
            return
        request = self._waiting.on_scriptrunner_ready()
        self._waiting = ScriptRequests()
        if request.type is ScriptRequestType.RERUN:
            self._create_scriptrunner(request.rerun_data)
