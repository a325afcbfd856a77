"""The documents name files and link to pages that exist."""

import re
from collections.abc import Iterator
from pathlib import Path

from tests.layers import ROOT

DOCUMENTS = (ROOT / "README.md", ROOT / "ARCHITECTURE.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md"))
_NAMED_FILE = re.compile(r"`([\w./]+/[\w.]+\.(?:py|js|css|md|toml))`")
_LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
# A file may be named from the root, or from the packages that hold most of the code.
_FROM = (ROOT, ROOT / "core", ROOT / "ui")


def missing_files(document: Path) -> Iterator[str]:
    """Yield what a document names or links to that is not there."""
    text = document.read_text("utf-8")
    for name in _NAMED_FILE.findall(text):
        if "NAME" not in name and not any((folder / name).exists() for folder in _FROM):
            yield f"{document.name} names {name}"
    for target in _LINK.findall(text):
        if not (document.parent / target).exists():
            yield f"{document.name} links to {target}"


def test_files_and_links_in_the_documents_exist():
    assert len(DOCUMENTS) > 20
    assert [missing for document in DOCUMENTS for missing in missing_files(document)] == []


def test_a_file_that_is_gone_and_a_dead_link_are_found(tmp_path):
    document = tmp_path / "page.md"
    document.write_text("See `core/gone.py`, `engine/plain.py` and [that](nowhere.md), [this](page.md#part).")
    assert list(missing_files(document)) == ["page.md names core/gone.py", "page.md links to nowhere.md"]
