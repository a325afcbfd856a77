"""YAML in which every value knows its line, for headers and goals of lessons.

PyYAML's safe loader composes the nodes, so nothing is ever constructed but text, lists and mappings of these. Anchors
are refused: with them a few lines can stand for more values than fit into memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches

import yaml

from core.errors import LessonError

_DEPTH_MOST = 5
_LETTERS_MOST = 10_000  # which are read in a moment, whatever they are


@dataclass(frozen=True)
class Value:
    """A value of YAML: text, a list or a mapping, and the line of the file on which it begins."""

    line: int
    content: str | list[Value] | dict[str, Value]

    def text(self, what: str, most: int) -> str:
        """Return the text, one line of at most so many characters; raises `LessonError` where it is something else."""
        if not isinstance(self.content, str):
            raise LessonError(self.line, f"`{what}` must be text.")
        found = " ".join(self.content.split())
        if not found or len(found) > most or not found.isprintable():
            raise LessonError(self.line, f"`{what}` must be a line of 1 to {most} characters.")
        return found

    def address(self, what: str) -> str:
        """Return text that may be empty, without a leading question mark and spaces around it."""
        if not isinstance(self.content, str):
            raise LessonError(self.line, f"`{what}` must be an address, such as data=moons&layers=tanh-4.")
        return self.content.strip().removeprefix("?")

    def mapping(self, what: str, keys: tuple[str, ...]) -> dict[str, Value]:
        """Return the mapping; raises `LessonError` where it is something else, or has a key that is not among these."""
        if not isinstance(self.content, dict):
            raise LessonError(self.line, f"`{what}` must be lines of `key: value`.")
        for key, value in self.content.items():
            if key not in keys:
                like = get_close_matches(key, keys, 1)
                hint = f"Did you mean `{like[0]}`?" if like else f"Known keys: {', '.join(keys)}."
                raise LessonError(value.line, f"`{key}` is not a key of {what}. {hint}")
        return self.content

    def items(self, what: str) -> list[Value]:
        """Return the list; a single value counts as a list of one."""
        if isinstance(self.content, dict):
            raise LessonError(self.line, f"`{what}` must be a list, such as [lr, epochs].")
        return self.content if isinstance(self.content, list) else [self]


def read_yaml(text: str, first_line: int) -> Value:
    """Return the value of a text.

    Args:
        first_line: the line of the file on which the text begins, from 1.

    Raises:
        LessonError: where it is not YAML, has anchors, a key twice, or is nested too deeply.
    """
    if len(text) > _LETTERS_MOST:
        raise LessonError(first_line, f"YAML of a lesson has at most {_LETTERS_MOST:,} characters.")
    try:
        _check_events(text, first_line)
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = first_line + (mark.line if mark else 0)
        raise LessonError(line, f"This is not YAML: {error.problem or error.context}.") from error
    except (yaml.YAMLError, RecursionError) as error:
        raise LessonError(first_line, "This is not YAML.") from error
    if node is None:
        return Value(first_line, {})
    return _value(node, first_line)


def _check_events(text: str, first_line: int) -> None:
    """Refuse anchors and deep nesting where they begin: the rest, which may take very long to read, is not read."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        line = first_line + (event.start_mark.line if event.start_mark else 0)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise LessonError(line, "Anchors (& and *) are not allowed.")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEPTH_MOST:
            raise LessonError(line, "This is nested too deeply.")


def _value(node: yaml.Node, first_line: int) -> Value:
    line = first_line + node.start_mark.line
    if isinstance(node, yaml.ScalarNode):
        return Value(line, str(node.value))
    if isinstance(node, yaml.SequenceNode):
        return Value(line, [_value(item, first_line) for item in node.value])
    return Value(line, dict(_pairs(node, first_line)))


def _pairs(node: yaml.Node, first_line: int) -> Iterator[tuple[str, Value]]:
    seen = set()
    for key, value in node.value:
        line = first_line + key.start_mark.line
        if not isinstance(key, yaml.ScalarNode):
            raise LessonError(line, "A key must be text.")
        if key.value in seen:
            raise LessonError(line, f"`{key.value}` is given twice.")
        seen.add(key.value)
        found = _value(value, first_line)
        # An unknown key is reported on its own line, also where its value begins on the next one.
        yield str(key.value), Value(line, found.content)
