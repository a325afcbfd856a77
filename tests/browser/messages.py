"""Streamlit's WebSocket messages, each as one short line for the report of a failed journey."""

from __future__ import annotations

from typing import Any

from google.protobuf.message import DecodeError
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

_SHORT = 6  # letters of a hash


def sent_to_server(payload: bytes | str) -> str:
    """Describe a message of the browser."""
    message = _read(BackMsg, payload)
    if message is None:
        return f"→ {len(payload)} bytes"
    words = [f"→ {message.WhichOneof('type')}"]
    if message.WhichOneof("type") == "rerun_script":
        asked = message.rerun_script
        words += [f"page {asked.page_script_hash[:_SHORT]}"] if asked.page_script_hash else []
        words += [f"fragment {asked.fragment_id[:_SHORT]}"] if asked.fragment_id else []
        words += ["on a timer"] if asked.is_auto_rerun else []
        words += ["by Back or Forward"] if asked.is_history_navigation else []
        words += [f"?{asked.query_string}"] if asked.query_string else []
        words += [widget.id for widget in asked.widget_states.widgets if "trigger" in str(widget.WhichOneof("value"))]
    return " ".join(words)


def sent_to_browser(payload: bytes | str) -> str:
    """Describe a message of the server."""
    message = _read(ForwardMsg, payload)
    if message is None:
        return f"← {len(payload)} bytes"
    kind = message.WhichOneof("type")
    words = [f"← {kind}"]
    run = message.metadata.run
    if kind in ("delta", "ref_hash"):
        words.append(str(list(message.metadata.delta_path)))
    if kind == "delta":
        words.append(message.delta.new_element.WhichOneof("type") or str(message.delta.WhichOneof("type")))
        words += [f"of fragment {message.delta.fragment_id[:_SHORT]}"] if message.delta.fragment_id else []
    if kind == "new_session":
        words.append(f"page {message.new_session.page_script_hash[:_SHORT]}")
    if kind == "script_finished":
        words.append(ForwardMsg.ScriptFinishedStatus.Name(message.script_finished))
    if kind == "page_info_changed":
        words.append(f"?{message.page_info_changed.query_string}")
    if run.script_run_id:
        words.append(f"run {run.script_run_id[:_SHORT]}")
        words += [f"of fragment {fragment[:_SHORT]}" for fragment in run.fragment_ids]
    return " ".join(words)


def _read(kind: Any, payload: bytes | str) -> Any:
    """Return the message that a frame holds, or None where it is none of Streamlit's."""
    try:
        return kind.FromString(payload)
    except (DecodeError, TypeError):
        return None
