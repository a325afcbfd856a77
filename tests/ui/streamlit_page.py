"""A model of how Streamlit's browser side (1.67) builds a page from messages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

_WHOLE = ForwardMsg.FINISHED_SUCCESSFULLY
_FRAGMENT = ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY


class BadDeltaPath(Exception):
    """An element has no place on the page, which stops it."""


class MessageGone(Exception):
    """The server refers to a message that the browser no longer keeps, which stops the page."""


@dataclass(frozen=True)
class Node:
    """An element with its text, or a block with what is in it."""

    text: str | None
    run: str = ""
    fragment: str = ""
    children: tuple[Node, ...] = ()


@dataclass
class Kept:
    """A message that the browser keeps, so that the server may refer to it.

    Attributes:
        used: how many runs were over when it was used last.
    """

    message: ForwardMsg
    used: int


@dataclass
class Page:
    """A page as a browser has it."""

    root: Node = field(default_factory=lambda: Node(None, children=(Node(None),) * 4))
    run: str = ""
    cache: dict[str, Kept] = field(default_factory=dict)
    runs: int = 0  # that are over
    longest: int = 0  # runs for which a message is kept that is not used

    def apply(self, messages: Iterable[ForwardMsg]) -> None:
        for message in messages:
            kind = message.WhichOneof("type")
            if kind == "new_session":
                self.run = message.metadata.run.script_run_id
                self.longest = message.new_session.config.max_cached_message_age
            elif kind == "script_finished":
                self._finish(message)
            elif kind in ("delta", "ref_hash"):
                self._add(message)

    @property
    def texts(self) -> list[str]:
        """The texts of all elements, from top to bottom."""
        return _texts(self.root)

    @property
    def fragments(self) -> list[str]:
        """The fragments that are on the page, each before those inside it."""
        return list(dict.fromkeys(_fragments(self.root)))

    def _add(self, message: ForwardMsg) -> None:
        content = message
        if message.WhichOneof("type") == "ref_hash":
            if message.ref_hash not in self.cache:
                raise MessageGone(message.ref_hash)
            kept = self.cache[message.ref_hash]
            kept.used, content = self.runs, kept.message
        elif message.metadata.cacheable:
            self.cache[message.hash] = Kept(message, self.runs)
        fragment = content.delta.fragment_id
        path = message.metadata.delta_path
        if content.delta.WhichOneof("type") == "add_block":
            before = _find(self.root, path)
            kept = before.children if before is not None and before.text is None else ()
            node = Node(None, self.run, fragment, kept)
        else:
            node = Node(content.delta.new_element.markdown.body, self.run, fragment)
        self.root = _set(self.root, path, node, self.run)

    def _finish(self, message: ForwardMsg) -> None:
        run, fragments = message.metadata.run.script_run_id, message.metadata.run.fragment_ids
        if message.script_finished == _FRAGMENT or (message.script_finished == _WHOLE and run == self.run):
            parts = [_without_stale(part, run, fragments, inside=False) for part in self.root.children]
            self.root = replace(self.root, children=tuple(part or Node(None, run) for part in parts))
        if message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
            self.runs += 1
            self.cache = {name: kept for name, kept in self.cache.items() if not self._is_over(kept, fragments)}

    def _is_over(self, kept: Kept, fragments: Sequence[str]) -> bool:
        """Return whether a message that is kept goes when a run of some fragments is over, or of the whole page."""
        is_of_run = not fragments or kept.message.delta.fragment_id in fragments
        return is_of_run and self.runs - kept.used > self.longest


def _find(node: Node, path: Sequence[int]) -> Node | None:
    for index in path:
        if index >= len(node.children):
            return None
        node = node.children[index]
    return node


def _set(node: Node, path: Sequence[int], new: Node, run: str) -> Node:
    if not path:
        return new
    index, *rest = path
    count = len(node.children)
    if node.text is not None or index > count or (index == count and rest):
        raise BadDeltaPath(f"Bad delta path index {index} (should be between [0, {count}])")
    child = _set(node.children[index], rest, new, run) if index < count else new
    return replace(node, run=run, children=(*node.children[:index], child, *node.children[index + 1 :]))


def _without_stale(node: Node, run: str, fragments: Sequence[str], inside: bool) -> Node | None:
    """Return what is left of a node when a run is over.

    Args:
        run: the one that is over.
        fragments: those that it was of; none for the whole page.
        inside: whether the node is in one of these.
    """
    if (inside or not fragments) and node.run != run:
        return None
    inside = inside or (node.run == run and node.fragment in fragments)
    left = (_without_stale(child, run, fragments, inside) for child in node.children)
    return replace(node, children=tuple(child for child in left if child is not None))


def _texts(node: Node) -> list[str]:
    return [node.text] if node.text is not None else [text for child in node.children for text in _texts(child)]


def _fragments(node: Node) -> list[str]:
    own = [node.fragment] if node.fragment else []
    return own + [fragment for child in node.children for fragment in _fragments(child)]
