"""The house itself: imports run downward, start-up is light, generated files are fresh, types are complete."""

from __future__ import annotations

import ast
import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

import autograd_tiny
from autograd_tiny import Value
from autograd_tiny.table.ops import ROWS

ROOT = Path(__file__).parent.parent.parent
PACKAGE = ROOT / "autograd_tiny"

LAYERS = ["looking", "errors", "modes", "sources", "primitive", "recording", "ops", "namespaces", "masks", "answers", "operands", "_operations", "value",
          "columns", "backward", "tapes", "replay", "_engine", "core", "functions", "differentiate", "structure", "functional",
          "naming", "wording", "digits", "names", "ledger", "nonfinite_search", "stepping", "parsing", "debugging", "plugins",
          "codegen", "compiler", "testing", "",
          "cli", "__main__"]  # fmt: skip
"""From the ground up; "" is the package's ``__init__``. A module may import from those before it only."""

OPENED_LATER = {
    ("value", "backward"),
    ("value", "stepping"),
    ("errors", "primitive"),
    ("_operations", "value"),
    ("_operations", "primitive"),
    ("debugging", "cli"),
}
"""``Value.backward`` opens the sweep above it when it is called; the others are for type checkers only."""


def imported(path: Path) -> set[str]:
    """The modules of our packages that a file imports, as dotted paths from the root of the repository."""
    here = [*path.relative_to(ROOT).parts[:-1], path.stem]
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(here[: len(here) - node.level]) if node.level else ""
            module = ".".join(part for part in (base, node.module) if part)
            names = [f"{module}.{alias.name}" for alias in node.names]
            found |= {name if _is_module(name) else module for name in names}
    return {name for name in found if name.split(".")[0] in ("autograd_tiny", "nn", "visualize")}


def _is_module(dotted: str) -> bool:
    path = ROOT.joinpath(*dotted.split("."))
    return path.is_dir() or path.with_suffix(".py").exists()


def layer(dotted: str) -> str:
    return [*dotted.split("."), ""][1]


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_run_downward(path: Path) -> None:
    me = "" if path == PACKAGE / "__init__.py" else path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    assert me in LAYERS, f"{path.name} has no place in the layers yet: add it"
    for dotted in imported(path):
        package, other = dotted.split(".")[0], layer(dotted)
        if package != "autograd_tiny":
            assert me == "cli", f"{path.name} imports {dotted}: only the command line may look up to it"
        elif other != me and (me, other) not in OPENED_LATER:
            assert LAYERS.index(other) < LAYERS.index(me), f"{path.name} imports {dotted}, which is above it"


def test_nn_does_not_know_visualize() -> None:
    for path in (ROOT / "nn").rglob("*.py"):
        assert not [name for name in imported(path) if name.startswith("visualize")]


def test_importing_the_package_imports_none_of_the_heavy_libraries() -> None:
    code = "import sys, autograd_tiny; print([m for m in ('numpy','rich','graphviz','mpmath','matplotlib') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "[]\n"


def test_generated_files_are_what_the_table_gives() -> None:
    pytest.importorskip("ruff", reason="ruff lays the generated files out: pip install 'autograd-tiny[dev]'")
    spec = importlib.util.spec_from_file_location("generate", ROOT / "tools" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    generate = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generate)
    for path, text in generate.generated().items():
        assert path.read_text() == text, f"{path.name} is stale: run make generate"


def test_every_row_is_method_and_function() -> None:
    for row in ROWS:
        assert row.name in autograd_tiny.derivatives.functions.__all__
        assert (getattr(autograd_tiny, row.name).__doc__ or "").strip()
        if not (row.variadic and len(row.arguments) > 1):
            assert (getattr(Value, row.name).__doc__ or "").strip()


def test_modules_open_with_what_they_are_for() -> None:
    for folder in ("autograd_tiny", "nn", "visualize"):
        for path in (ROOT / folder).rglob("*.py"):
            assert ast.get_docstring(ast.parse(path.read_text())), f"{path} has no docstring"


def test_no_two_tests_of_a_file_share_a_name() -> None:
    for path in (ROOT / "tests").rglob("test_*.py"):
        names = [node.name for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef)]
        assert len(names) == len(set(names)), f"{path} defines a test twice: the earlier never runs"


def test_names_that_were_meant_are_found_in_one_place() -> None:
    users = [
        path.name for folder in ("autograd_tiny", "nn", "visualize") for path in (ROOT / folder).rglob("*.py")
        if "get_close_matches" in path.read_text()
    ]  # fmt: skip
    assert users == ["errors.py"], "write errors.close_to or errors.did_you_mean"
