"""The layers of the house, bottom first, and the imports between them: `python -m tests.layers` prints both.

A module may import its own layer and everything below it. `tests/test_architecture.py` holds the whole tree to that.
"""

from __future__ import annotations

import ast
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGES = ("app", "pages", "ui", "core", "benchmarks", "tests")

# Bottom first. A layer is a package or a module, and everything in it.
LAYERS = (
    "core.errors",
    "core.damage",
    "core.byte_cache",
    "core.bounded_process",
    "core.bounded_child",
    "core.experiment",
    "core.glossary",
    "core.tables",
    "core.datasets",
    "core.analysis",
    "core.trained",
    "core.coach",
    "core.figures",
    "core.messages",
    "core.export",
    "core.runs",
    "core.engine",
    "core.training",
    "core.studies",
    "core.lessons",
    "core.workers",
    "core.jobs",
    "core.commands",
    "core.__main__",
    "ui",
    "app",
    "pages",
    "benchmarks",
    "tests",
)


@dataclass(frozen=True)
class Import:
    """A name that a module imports; `at_import` where that happens as the module itself is imported."""

    name: str
    line: int
    at_import: bool


@dataclass(frozen=True)
class Module:
    """A module's dotted name and syntax tree."""

    name: str
    tree: ast.Module

    @classmethod
    def read(cls, path: Path) -> Module:
        """Parse the file at a path below the project's root."""
        parts = path.relative_to(ROOT).with_suffix("").parts
        return cls(".".join(parts).removesuffix(".__init__"), ast.parse(path.read_text("utf-8")))

    def imports(self) -> Iterator[Import]:
        """Yield every absolute import, also those inside functions and by `import_module`."""
        for node, at_import in _walk(self.tree, at_import=True):
            match node:
                case ast.Import(names=aliases):
                    for alias in aliases:
                        yield Import(alias.name, node.lineno, at_import)
                case ast.ImportFrom(module=base, names=aliases, level=0):
                    for alias in aliases:
                        yield Import(f"{base}.{alias.name}", node.lineno, at_import)
                case ast.Call(func=func, args=[ast.Constant(value=str(name)), *_]) if last_name(func) in (
                    "import_module",
                    "__import__",
                ):
                    yield Import(name, node.lineno, at_import)


def _walk(node: ast.AST, at_import: bool) -> Iterator[tuple[ast.AST, bool]]:
    """Yield every node below, and whether it runs when the module is imported."""
    for child in ast.iter_child_nodes(node):
        now = at_import and not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        if isinstance(child, ast.If) and last_name(child.test) == "TYPE_CHECKING":
            now = False
        yield child, now
        yield from _walk(child, now)


def last_name(node: ast.expr | None) -> str | None:
    """Return c of the expression a.b.c."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return None


def inside(name: str, packages: tuple[str, ...]) -> bool:
    """Return whether a dotted name is one of these packages or something in one of them."""
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def layer_of(name: str) -> str | None:
    """Return the layer that a dotted name belongs to; None for what is not ours, or in no layer."""
    return next((layer for layer in LAYERS if inside(name, (layer,))), None)


def may_import(importer: str, imported: str) -> bool:
    """Return whether an import between two of our modules goes down or stays on its floor."""
    if not inside(imported, PACKAGES):
        return True
    above, below = layer_of(importer), layer_of(imported)
    if above is None or below is None:
        return False
    if above == below == "pages":
        return False  # Streamlit runs each page as a script
    return LAYERS.index(below) <= LAYERS.index(above)


def read_modules() -> dict[str, Module]:
    """Return every Python module of the project by its dotted name."""
    paths = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    modules = [Module.read(path) for path in (*paths, ROOT / "app.py")]
    return {module.name: module for module in modules}


def imports_between(modules: Mapping[str, Module]) -> Counter[tuple[str, str]]:
    """Return how many imports lead from one layer to another, by (importing layer, imported layer)."""
    found = Counter[tuple[str, str]]()
    for module in modules.values():
        above = layer_of(module.name)
        for name in {imported.name for imported in module.imports()}:
            below = layer_of(name)
            if above is not None and below is not None and above != below:
                found[above, below] += 1
    return found


def table(modules: Mapping[str, Module]) -> str:
    """Return the layers as a table, top first: each with its modules, lines of imports down, and arrows up."""
    between = imports_between(modules)
    sizes = Counter(layer_of(name) for name in modules)
    lines = [f"{'layer':<16} {'modules':>7}  imports"]
    for place, layer in reversed(list(enumerate(LAYERS))):
        down = [f"{below.removeprefix('core.')} {between[layer, below]}" for below in LAYERS[:place]]
        up = [f"UP: {above} {between[layer, above]}" for above in LAYERS[place + 1 :] if between[layer, above]]
        used = [text for text in reversed(down) if not text.endswith(" 0")]
        lines.append(f"{layer:<16} {sizes[layer]:>7}  {', '.join([*up, *used])}".rstrip())
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(table(read_modules()) + "\n")
