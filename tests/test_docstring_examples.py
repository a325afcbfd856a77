"""The examples in docstrings are true."""

import ast
import doctest
import importlib
from collections.abc import Iterator
from pathlib import Path

from tests.layers import ROOT


def examples(path: Path) -> Iterator[doctest.DocTest]:
    """Yield the docstrings of a file that have examples; doctest's own search misses decorated functions."""
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            text = ast.get_docstring(node) or ""
            if ">>> " in text:
                names = dict(vars(importlib.import_module(name)))
                yield doctest.DocTestParser().get_doctest(text, names, getattr(node, "name", name), str(path), 0)


def test_examples_are_true() -> None:
    paths = [path for package in ("core", "ui") for path in (ROOT / package).rglob("*.py")]
    found = [example for path in paths for example in examples(path)]
    assert {"prepare", "ByteCache", "read_table"} <= {example.name for example in found}
    results = [doctest.DocTestRunner().run(example) for example in found]
    assert all(result.attempted for result in results)
    assert sum(result.failed for result in results) == 0
