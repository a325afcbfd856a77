"""The parts of a lesson's Markdown, each with its line: the header, sections by their headings, lists and code."""

from __future__ import annotations

import re
from dataclasses import dataclass
from textwrap import dedent

from markdown_it import MarkdownIt
from markdown_it.token import Token

from core.errors import LessonError

_FENCE = "---"
_MARKDOWN = MarkdownIt("commonmark", {"html": False})
_BOX = re.compile(r"\[([ xX])\] *")


@dataclass(frozen=True)
class Block:
    """Lines of the file.

    Attributes:
        line: of the first of them, from 1.
        text: without the line break at the end.
    """

    line: int
    text: str

    @property
    def markdown(self) -> str:
        """The text without empty lines around it."""
        return self.text.strip()


@dataclass(frozen=True)
class Section:
    """A heading with what follows it, down to the next heading of its level or a higher one.

    Attributes:
        line: of the heading.
        title: its text.
        body: what stands before the first section below.
        sections: one level below.
    """

    line: int
    title: str
    body: Block
    sections: tuple[Section, ...]


@dataclass(frozen=True)
class Item:
    """An item of a list: its first line, and the lines below it.

    Attributes:
        is_checked: whether it has a box with a cross; None where it has no box.
    """

    line: int
    is_checked: bool | None
    text: str
    rest: str


def split_header(text: str) -> tuple[Block, Block]:
    """Return the YAML between the first two lines of three dashes, and the Markdown below.

    Raises:
        LessonError: where there is no such header.
    """
    lines = text.split("\n")
    if lines[0].strip() != _FENCE:
        raise LessonError(1, "A lesson begins with a line of three dashes, `---`.")
    for number, line in enumerate(lines[1:], start=1):
        if line.rstrip() == _FENCE:
            return Block(2, "\n".join(lines[1:number])), Block(number + 2, "\n".join(lines[number + 1 :]))
    raise LessonError(1, "The header must end with a line of three dashes, `---`.")


def read_sections(block: Block, level: int = 2) -> tuple[Block, tuple[Section, ...]]:
    """Return what stands before the first heading of a level, and the sections of that level.

    Raises:
        LessonError: where a heading of a higher level comes, or the first one is of a lower level.
    """
    lines = block.text.split("\n")
    headings = _headings(block)
    for line, depth, _ in headings:
        if depth < level:
            expected = f"Headings here begin with {'#' * level}"
            raise LessonError(line, f"{expected}. Received: one that begins with {'#' * depth}.")
    tops = [(line - block.line, title) for line, depth, title in headings if depth == level]
    if headings and headings[0][1] > level:
        raise LessonError(headings[0][0], f"A heading of {'#' * level} must come first.")
    ends = [*(start for start, _ in tops), len(lines)]
    before = Block(block.line, "\n".join(lines[: ends[0]]))
    sections = []
    for (start, title), end in zip(tops, ends[1:], strict=True):
        inner = Block(block.line + start + 1, "\n".join(lines[start + 1 : end]))
        body, below = read_sections(inner, level + 1) if level < 3 else (inner, ())
        sections.append(Section(block.line + start, title, body, below))
    return before, tuple(sections)


def read_code(block: Block) -> Block:
    """Return the one block of code, between ``` lines, that a block holds and nothing else.

    Raises:
        LessonError: where it holds something else.
    """
    tokens = [token for token in _parse(block) if token.level == 0]
    if len(tokens) != 1 or tokens[0].type != "fence" or tokens[0].map is None:
        raise LessonError(block.line, "Here must be one block of code, between two lines of ```.")
    return Block(block.line + tokens[0].map[0] + 1, tokens[0].content)


def read_list(block: Block) -> tuple[Block, tuple[Item, ...]]:
    """Return what stands before the last list of a block, and that list's items; none where it ends in something else.

    An item's first line is its text; the lines below, which are indented, are its rest.
    """
    tokens = _parse(block)
    lines = block.text.split("\n")
    tops = [token for token in tokens if token.level == 0 and token.nesting >= 0 and token.map is not None]
    if not tops or tops[-1].type != "bullet_list_open" or tops[-1].map is None:
        return block, ()
    start = tops[-1].map[0]
    items = []
    for token in tokens:
        if token.type == "list_item_open" and token.level == 1 and token.map and token.map[0] >= start:
            items.append(_item(lines[slice(*token.map)], block.line + token.map[0]))
    return Block(block.line, "\n".join(lines[:start])), tuple(items)


def _item(lines: list[str], line: int) -> Item:
    first = lines[0].strip()[1:].strip()
    box = _BOX.match(first)
    text = first[box.end() :] if box else first
    return Item(line, None if box is None else box[1] != " ", text, dedent("\n".join(lines[1:])).strip())


def _headings(block: Block) -> list[tuple[int, int, str]]:
    """Return the line, level and text of every heading."""
    tokens = _parse(block)
    return [
        (block.line + token.map[0], int(token.tag[1:]), tokens[place + 1].content.strip())
        for place, token in enumerate(tokens)
        if token.type == "heading_open" and token.level == 0 and token.map is not None
    ]


def _parse(block: Block) -> list[Token]:
    return _MARKDOWN.parse(block.text)
