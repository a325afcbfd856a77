"""The panels' JavaScript and style sheets, as files: what no linter of ours checks."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import ui

ROOT = Path(ui.__file__).parent
SHEETS = sorted(ROOT.rglob("*.css"))
MODULES = sorted(ROOT.rglob("*.js"))
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_STRING = re.compile(r"\"[^\"\n]*\"")
_BLOCK = re.compile(r"[^{};]*\{([^{}]*)\}")  # without blocks in it
_DECLARATION = re.compile(r"\s*(--)?[a-z-]+\s*:\s*\S.*", re.DOTALL)


def test_names_are_unique_over_all_folders_since_they_are_served_side_by_side() -> None:
    counts = Counter(path.name for path in (*SHEETS, *MODULES))
    assert [name for name, count in counts.items() if count > 1] == []


def test_style_sheets_are_well_formed() -> None:
    for sheet in SHEETS:
        text = _STRING.sub('""', _COMMENT.sub("", sheet.read_text()))
        assert text.count("{") == text.count("}"), sheet.name
        assert text.count("(") == text.count(")"), sheet.name
        while _BLOCK.search(text):  # from the innermost block outwards
            for block in _BLOCK.findall(text):
                *declarations, rest = block.split(";")
                assert not rest.strip(), f"{sheet.name}: {rest.strip()!r} has no semicolon"
                for declaration in declarations:
                    assert _DECLARATION.fullmatch(declaration), f"{sheet.name}: {declaration.strip()!r}"
            text = _BLOCK.sub("", text)
        assert all(line.startswith("@import") for line in text.split("\n") if line.strip()), sheet.name


def test_every_custom_property_is_defined_and_used() -> None:
    styles = "\n".join(sheet.read_text() for sheet in SHEETS)
    scripts = "\n".join(module.read_text() for module in MODULES)
    pages = "\n".join(page.read_text() for page in ROOT.rglob("*.py"))  # a page may have a style of its own
    defined = {
        *re.findall(r"(--hl-[\w-]+)\s*:", styles + pages),
        *re.findall(r'setProperty\("(--hl-[\w-]+)"', scripts),
    }
    assert defined == set(re.findall(r"var\((--hl-[\w-]+)", styles))
    # Streamlit's may be missing in another version of it.
    assert re.findall(r"var\(--st-[\w-]+\)", styles) == []


def test_every_class_in_a_style_sheet_is_given_by_a_script_or_by_python() -> None:
    sources = "\n".join(path.read_text() for path in (*MODULES, *ROOT.rglob("*.py")))
    named = set(re.findall(r"hl-[a-z-]+", sources))
    for sheet in SHEETS:
        styled = set(re.findall(r"\.(hl-[a-z-]+)", sheet.read_text()))
        assert styled - named == set(), sheet.name
