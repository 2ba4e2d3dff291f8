"""What SECURITY.md says of the packages: code is run in the places that it names, and nowhere else."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("autograd_tiny", "nn", "visualize", "autograd_tiny_cli")

RUNS = {"eval", "exec", "__import__", "exec_module", "run_path", "run_module", "system", "popen", "import_module"}
LIBRARIES = {"pickle", "cPickle", "_pickle", "dill", "cloudpickle", "joblib", "marshal", "shelve", "subprocess", "runpy",
             "ctypes", "socket", "http", "code", "codeop", "multiprocessing", "yaml"}  # fmt: skip

ALLOWED = {
    "autograd_tiny/compiler/run/binding.py": {"exec"},  # the compiled program
    "autograd_tiny/compiler/run/taking_down.py": {"exec"},  # the same lines, to be taken down
    "autograd_tiny/table/namespaces/floats.py": {"exec"},  # a special function of the table, written out
    "autograd_tiny/core/replay.py": {"exec"},  # the rule of a primitive, written out
    "autograd_tiny/__init__.py": {"import_module"},  # `debug`, and modules by the names that they had
    "autograd_tiny/_old_names.py": {"import_module"},
    "autograd_tiny_cli/examples.py": {"runpy", "run_path", "exec_module"},  # an example, by name
    "autograd_tiny_cli/lesson.py": {"exec_module"},
    "visualize/layout.py": {"subprocess"},  # dot
    "nn/training/engines.py": {"joblib", "cloudpickle"},  # fit(engine=) was given one: between its own processes
    # An optional library of ours, by a name that stands in the file.
    "autograd_tiny_cli/libraries.py": {"import_module"},
    "autograd_tiny/testing/messages.py": {"import_module"},
    "autograd_tiny/testing/strategies.py": {"import_module"},
    "visualize/curves/panel.py": {"import_module"},
}


def found(source: str) -> Iterator[str]:
    """The calls and libraries in the source by which something might be run."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in RUNS and not (called == "eval" and isinstance(node.func, ast.Attribute)):  # model.eval()
                yield called
            if any(k.arg == "shell" and ast.unparse(k.value) != "False" for k in node.keywords):
                yield "shell="
        elif isinstance(node, ast.Import):
            yield from LIBRARIES & {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield from LIBRARIES & {(node.module or "").partition(".")[0]}
            yield from RUNS & {alias.name for alias in node.names if node.module in ("os", "importlib", "builtins")}


@pytest.mark.once
def test_code_is_run_where_the_note_says_and_nowhere_else() -> None:
    there = {
        path.relative_to(ROOT).as_posix(): names
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
        if (names := set(found(path.read_text(encoding="utf-8"))))
    }
    assert there == ALLOWED


@pytest.mark.parametrize(
    "source",
    ["eval(x)", "exec(x)", "builtins.exec(x)", "import pickle", "from pickle import loads as f", "from os import system as s",
     "subprocess.run(x, shell=True)", "import os; os.system(x)", "__import__(x)", "import multiprocessing.pool"],
)  # fmt: skip
def test_the_check_would_see_it(source: str) -> None:
    assert list(found(source))


def test_the_note_names_the_places() -> None:
    text = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    assert "autograd_tiny/compiler/run/binding.py" in text
    assert "`pytest -p no:autograd_tiny`" in text
