"""The arrows of the design, held over the syntax tree of every module.

`tests/layers.py` has the layers. Here are the rules: imports go down, only workers load Keras, and a few habits that
the project keeps everywhere. Every rule is shown to fail on a snippet that breaks it.
"""

import ast
from collections.abc import Iterator

import pytest

from tests.layers import Module, inside, last_name, may_import, read_modules

# Keras lives in the worker processes.
KERAS = ("keras", "tensorflow")
MAY_IMPORT_KERAS = ("core.engine", "core.training", "core.workers", "benchmarks", "tests")
# What the web process runs: these and all they import when they are imported must come without Keras.
WEB = ("app", "ui", "pages", "core.jobs", "core.figures")

EMPTY_NAMES = {"util", "utils", "helper", "helpers", "manager", "managers"}
# Plotly's figures in WebGL, which the content policy does not allow (ui/front_door.py).
WEBGL = ("gl", "3d", "Surface", "Cone", "Streamtube", "Volume", "Parcoords", "Splom")
BROAD = {"Exception", "BaseException"}


def violations(module: Module) -> list[str]:
    """Return what is wrong with a module, one line each."""
    return [f"{module.name}:{line}: {what}" for line, what in (*_wrong_imports(module), *_wrong_habits(module))]


def _wrong_imports(module: Module) -> Iterator[tuple[int, str]]:
    for found in module.imports():
        is_streamlit_in_core = inside(module.name, ("core",)) and inside(found.name, ("streamlit",))
        if is_streamlit_in_core or not may_import(module.name, found.name):
            yield found.line, f"imports {found.name}"
        if inside(found.name, KERAS) and not inside(module.name, MAY_IMPORT_KERAS):
            yield found.line, f"imports {found.name}, which only workers load"


def _wrong_habits(module: Module) -> Iterator[tuple[int, str]]:
    package = module.name.partition(".")[0]
    for part in module.name.split("."):
        if EMPTY_NAMES & set(part.split("_")):
            yield 1, f"the name {part} says nothing of what is in it"
    for node in ast.walk(module.tree):
        match node:
            case ast.ImportFrom(level=level) if level:
                yield node.lineno, "a relative import"
            case ast.ExceptHandler(type=None):
                yield node.lineno, "a bare except"
            case ast.ExceptHandler(type=caught, body=body) if _is_broad(caught) and all(map(_is_nothing, body)):
                yield node.lineno, "an error swallowed"
            case ast.Call(func=func, args=args) if last_name(func) == "suppress" and any(map(_is_broad, args)):
                yield node.lineno, "an error swallowed"
            case ast.Attribute(attr="session_state") | ast.alias(name="session_state") if package in (
                "app",
                "ui",
                "pages",
            ) and not inside(module.name, ("ui.session",)):
                yield node.lineno, "only ui.session touches st.session_state"
            case ast.Attribute(attr="dataframe" | "data_editor") if package in ("ui", "pages") and not inside(
                module.name, ("ui.components.frame",)
            ):
                yield node.lineno, "only ui.components.frame shows a table, whose cells can be downloaded"
            case ast.Attribute(value=ast.Name(id="go"), attr=figure) if figure.endswith(WEBGL):
                yield node.lineno, f"go.{figure} is drawn by WebGL, for which Plotly needs eval"
            case ast.ClassDef(name=name) if package == "pages":
                yield node.lineno, f"class {name} in a page: Streamlit makes it anew at every run"


def _is_broad(caught: ast.expr) -> bool:
    parts = caught.elts if isinstance(caught, ast.Tuple) else [caught]
    return any(last_name(part) in BROAD for part in parts)


def _is_nothing(statement: ast.stmt) -> bool:
    match statement:
        case ast.Pass() | ast.Continue() | ast.Expr(value=ast.Constant()):
            return True
    return False


def keras_in_web_process(
    modules: dict[str, Module], roots: tuple[str, ...] = WEB, heavy: tuple[str, ...] = KERAS
) -> list[str]:
    """Return the chains of imports over which the web process would load Keras, or something else that is heavy."""
    chains = []
    seen: set[str] = set()
    pending = [[name] for name in modules if inside(name, roots)]
    while pending:
        chain = pending.pop()
        if chain[-1] in seen:
            continue
        seen.add(chain[-1])
        for found in modules[chain[-1]].imports():
            if not found.at_import:
                continue
            if inside(found.name, heavy):
                chains.append(" -> ".join([*chain, found.name]))
            # Importing a.b.c runs a, then a.b, then a.b.c where that is a module and not a name.
            parts = found.name.split(".")
            steps = (".".join(parts[:length]) for length in range(1, len(parts) + 1))
            pending += [[*chain, step] for step in steps if step in modules]
    return chains


MODULES = read_modules()


def test_every_module_keeps_the_rules() -> None:
    assert [line for module in MODULES.values() for line in violations(module)] == []


def test_web_process_loads_no_keras() -> None:
    assert keras_in_web_process(MODULES) == []


def test_no_page_loads_optuna_before_there_is_a_search() -> None:
    assert keras_in_web_process(MODULES, ("app", "ui", "pages", "core.jobs", "core.workers"), ("optuna",)) == []


def test_modules_are_found() -> None:
    assert {"core", "core.errors", "core.experiment.specs", "tests.test_architecture"} <= set(MODULES)


@pytest.mark.parametrize(
    ("name", "source", "what"),
    [
        ("app", "import pages.train", "imports pages.train"),
        ("ui.shell", "from pages import train", "imports pages.train"),
        ("ui.shell", "import app", "imports app"),
        ("pages.train", "from pages.data import show", "imports pages.data.show"),
        ("core.trained", "import streamlit as st", "imports streamlit"),
        ("core.trained", "from streamlit.runtime import Runtime", "imports streamlit.runtime.Runtime"),
        ("core.messages.frames", "def f():\n    from ui import session", "imports ui.session"),
        ("core.messages.frames", "from ...ui import session", "a relative import"),
        ("core.messages", "from . import frames", "a relative import"),
        ("core.analysis", "from tests import cases", "imports tests.cases"),
        ("core.errors", "from core.experiment import menus", "imports core.experiment.menus"),
        ("core.experiment.specs", "from core.datasets import DATASETS", "imports core.datasets.DATASETS"),
        ("core.experiment.specs", "from core import training", "imports core.training"),
        ("core.experiment.specs", "from core import *", "imports core.*"),
        ("core.experiment.specs", "import core", "imports core"),
        ("core.figures.curves", "from core.training import History", "imports core.training.History"),
        (
            "core.figures.curves",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import core.jobs.jobs",
            "imports core.jobs.jobs",
        ),
        ("core.analysis.spaces", "from core.trained import TrainedNetwork", "imports core.trained.TrainedNetwork"),
        ("core.figures.curves", "from core.runs import Run", "imports core.runs.Run"),
        ("core.figures.curves", "import keras", "imports keras, which only workers load"),
        (
            "core.analysis.layers",
            "from keras.models import Model",
            "imports keras.models.Model, which only workers load",
        ),
        ("ui.shell", "import tensorflow as tf", "imports tensorflow, which only workers load"),
        ("pages.train", "def f():\n    import keras", "imports keras, which only workers load"),
        (
            "core.datasets",
            "import importlib\nimportlib.import_module('tensorflow')",
            "imports tensorflow, which only workers load",
        ),
        ("core.datasets", "__import__('keras.ops')", "imports keras.ops, which only workers load"),
        ("benchmarks.fit", "from tests.core import cases", "imports tests.core.cases"),
        ("core.utils", "", "the name utils says nothing of what is in it"),
        ("core.helpers.tables", "", "the name helpers says nothing of what is in it"),
        ("core.training.job_manager", "", "the name job_manager says nothing of what is in it"),
        ("core.trained", "try:\n    f()\nexcept:\n    raise", "a bare except"),
        ("core.trained", "try:\n    f()\nexcept Exception:\n    pass", "an error swallowed"),
        (
            "core.trained",
            "try:\n    f()\nexcept (OSError, builtins.BaseException) as e:\n    ...",
            "an error swallowed",
        ),
        (
            "core.trained",
            "for x in y:\n    try:\n        f()\n    except Exception:\n        continue",
            "an error swallowed",
        ),
        ("tests.test_x", "with contextlib.suppress(Exception):\n    f()", "an error swallowed"),
        ("pages.train", "st.session_state['x'] = 1", "only ui.session touches st.session_state"),
        ("ui.controls", "from streamlit import session_state", "only ui.session touches st.session_state"),
        ("app", "import streamlit\nstreamlit.session_state.x = 1", "only ui.session touches st.session_state"),
        ("core.figures.pairs", "go.Splom()", "go.Splom is drawn by WebGL, for which Plotly needs eval"),
        (
            "ui.data.page",
            "st.dataframe(frame)",
            "only ui.components.frame shows a table, whose cells can be downloaded",
        ),
        ("pages.train", "class Panel: ...", "class Panel in a page: Streamlit makes it anew at every run"),
        (
            "pages.train",
            "def f():\n    class Panel: ...",
            "class Panel in a page: Streamlit makes it anew at every run",
        ),
    ],
)
def test_a_broken_rule_is_found(name: str, source: str, what: str) -> None:
    found = violations(Module(name, ast.parse(source)))
    assert [line.split(": ", 1)[1] for line in found] == [what]


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("app", "from ui import shell\nfrom core.jobs import stream"),
        ("pages.train", "import streamlit as st\nfrom ui import controls\nfrom core.experiment import Experiment"),
        ("core.experiment.specs", "from core.errors import ExperimentError\nfrom core.experiment import menus"),
        ("core.experiment.specs", "from core import errors"),
        ("core.workers.worker", "import keras\nimport tensorflow as tf\nfrom core.datasets import prepare"),
        ("core.jobs.stream", "from core.workers import cluster"),
        ("core.figures", "import kerastic\nfrom core.experiment import DataSpec"),
        ("ui.session", "import streamlit as st\nst.session_state['x'] = 1"),
        ("ui.session.drawn", "import streamlit as st\nst.session_state['x'] = 1"),
        ("tests.pages.test_train", "at.session_state['x'] = 1\nfrom pages import train"),
        ("core.trained", "try:\n    f()\nexcept Exception as error:\n    raise DataError from error"),
        ("core.trained", "try:\n    f()\nexcept OSError:\n    pass"),
        ("ui.controls", "class Control: ..."),
    ],
)
def test_what_is_allowed_passes(name: str, source: str) -> None:
    assert violations(Module(name, ast.parse(source))) == []


def _web(worker: str) -> dict[str, Module]:
    sources = {
        "app": "from core.jobs import stream",
        "core": "",
        "core.jobs": "",
        "core.jobs.stream": "from core.jobs.jobs import Jobs",
        "core.workers": "",
        "core.jobs.jobs": "from core.workers.worker import train",
        "core.workers.worker": worker,
    }
    return {name: Module(name, ast.parse(source)) for name, source in sources.items()}


def test_a_way_to_keras_is_found() -> None:
    (chain,) = keras_in_web_process(_web("import keras.ops"))
    assert chain.endswith("core.jobs.jobs -> core.workers.worker -> keras.ops")


def test_a_package_on_the_way_counts() -> None:
    modules = _web("") | {"core.workers": Module("core.workers", ast.parse("import keras"))}
    assert any(chain.endswith("core.workers -> keras") for chain in keras_in_web_process(modules))


@pytest.mark.parametrize(
    "worker",
    ["def train():\n    import keras", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import keras"],
)
def test_what_a_function_imports_stays_out_of_the_web_process(worker: str) -> None:
    assert keras_in_web_process(_web(worker)) == []
