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
from tools.floors import UPWARD, arrows, circles, dotted, downward, files, rooms

pytestmark = pytest.mark.once

ROOT = Path(__file__).parent.parent


FOLDERS = ["", *sorted(dotted(path) for path in files() if path.stem == "__init__")]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder or "the packages")
def test_no_two_rooms_of_a_folder_need_each_other(folder: str) -> None:
    assert circles(rooms(folder, downward())) == []


def test_no_two_files_import_each_other_not_even_late() -> None:
    assert circles(downward()) == []


@pytest.mark.parametrize("arrow", UPWARD, ids=" to ".join)
def test_what_runs_upward_is_there_and_late(arrow: tuple[str, str]) -> None:
    name, other = arrow
    assert other in arrows()[name], f"{name} no longer imports {other}: take it off the list"
    folder, _, module = name.rpartition(".")
    path = ROOT.joinpath(*folder.split("."), f"{module}.py")
    top = [node for node in ast.parse(path.read_text()).body if isinstance(node, (ast.Import, ast.ImportFrom))]
    late = module == "__main__" or not [n for n in top if (getattr(n, "module", "") or "") == other.rpartition(".")[2]]
    assert late, f"{name} imports {other} at its top"


def test_the_checker_sees_a_circle_a_late_import_and_no_types(tmp_path: Path) -> None:
    graph = {"a.x": {"b.y"}, "b.y": {"a.z"}, "a.z": set[str]()}
    assert circles(graph) == []
    assert circles(rooms("", graph)) == [["a", "b"]]
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}) == [["a", "b", "c"]]
    assert "autograd_tiny_cli.demo" in arrows()["autograd_tiny_cli.pictures"]
    assert "autograd_tiny_cli.debugging" not in arrows()["autograd_tiny"]


def test_importing_the_package_imports_none_of_the_heavy_libraries() -> None:
    code = "import sys, autograd_tiny; print([m for m in ('numpy','rich','graphviz','mpmath','matplotlib') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "[]\n"


def test_generated_files_are_what_the_table_and_the_tree_give() -> None:
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
    for folder in ("autograd_tiny", "nn", "visualize", "autograd_tiny_cli"):
        for path in (ROOT / folder).rglob("*.py"):
            assert ast.get_docstring(ast.parse(path.read_text())), f"{path} has no docstring"


def test_no_two_tests_of_a_file_share_a_name() -> None:
    for path in (ROOT / "tests").rglob("test_*.py"):
        names = [node.name for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef)]
        assert len(names) == len(set(names)), f"{path} defines a test twice: the earlier never runs"


def test_names_that_were_meant_are_found_in_one_place() -> None:
    users = [
        str(path.relative_to(ROOT)) for folder in ("autograd_tiny", "nn", "visualize", "autograd_tiny_cli") for path in (ROOT / folder).rglob("*.py")
        if "get_close_matches" in path.read_text()
    ]  # fmt: skip
    assert users == ["autograd_tiny/errors/words.py"], "write errors.close_to or errors.did_you_mean"
