"""``autograd-tiny lesson``: the usual mistakes, each run beside what is right, step by step.

A lesson is a script in examples/lessons with a ``main(print)``; its file's name is the lesson's, and the first line of
its docstring is what the list shows.
"""

from __future__ import annotations

import argparse
import ast
import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from autograd_tiny.errors import close_to, shorten
from autograd_tiny.explaining.questions import read_file

from . import examples, questions

FOLDER = examples.FOLDER / "lessons"

DESCRIPTION = """\
Run a common mistake beside what is right, on the smallest example, step by step; the first number that differs is
marked. Without a name, list the lessons.

With --quiz the lesson's questions come first: what a gradient becomes, and which mistake another answer is. They are in
a small file beside the lesson, NAME.toml; a file of your own is asked by its path: autograd-tiny lesson my.toml.
"""


def add_to(commands: Any) -> None:
    """Make ``lesson`` one of the subcommands."""
    parser = commands.add_parser(
        "lesson",
        help="see a common mistake beside what is right, step by step",
        description=DESCRIPTION,
        epilog="example: autograd-tiny lesson topological-order",
    )
    parser.add_argument("name", nargs="?", metavar="NAME", help="which one; leave it out for the list")
    parser.add_argument("--quiz", action="store_true", help="ask the lesson's questions first")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """List the lessons, or run one."""
    found = lessons()
    if options.name is None:
        width = max(map(len, found))
        for name, path in found.items():
            print(f"{name:<{width}}  {title(path)}")
        print("\nrun one: autograd-tiny lesson NAME")
        return 0
    if options.name.endswith(".toml"):
        ask(Path(options.name))
        return 0
    path = find(options.name, found)
    if options.quiz:
        ask(path.with_suffix(".toml"))
        print()
    load(path).main()
    print(f"\nThe lesson's code: {path}")
    return 0


def ask(path: Path) -> None:
    """The questions of a file, at the terminal or from a pipe; an error names the file."""
    if not path.exists():
        written = ", ".join(sorted(name for name, each in files().items() if each.with_suffix(".toml").exists()))
        raise FileNotFoundError(f"there are no questions in {str(path)!r}: the lessons with questions are {written}")
    questions.quiz(read_file(path), input, print)


def lessons(folder: Path | None = None) -> dict[str, Path]:
    """Name -> file of each lesson; `FileNotFoundError` if there are none."""
    folder = folder or FOLDER
    found = files(folder)
    if not found:
        raise examples.none_in(folder)
    return found


def files(folder: Path = FOLDER) -> dict[str, Path]:
    """Name -> file of each lesson, though there be none."""
    return {path.stem.replace("_", "-"): path for path in sorted(folder.glob("*.py")) if has_main(path)}


def has_main(path: Path) -> bool:
    """Whether a file is a lesson, and not what the lessons share."""
    return any(isinstance(node, ast.FunctionDef) and node.name == "main" for node in _tree(path).body)


def title(path: Path) -> str:
    """What the list says of a lesson: the first line of its docstring, without its name if it begins with that."""
    first = (ast.get_docstring(_tree(path)) or path.stem).splitlines()[0]
    return first.partition(": ")[2] or first


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def find(name: str, found: dict[str, Path]) -> Path:
    """The file of a lesson, written with dashes, underscores, spaces or capitals; else an error with the nearest."""
    wanted = name.lower().replace("_", "-").replace(" ", "-").removesuffix(".py")
    if wanted in found:
        return found[wanted]
    near = close_to(wanted, found) or [known for known in found if wanted and wanted in known]
    hint = f"did you mean {near[0]!r}?" if near else f"choose one of {', '.join(found)}"
    raise ValueError(f"unknown lesson {shorten(name)}: {hint}")


def load(path: Path) -> ModuleType:
    """The lesson as a module; its folder is importable meanwhile, as it is when the file is run as a script."""
    spec = importlib.util.spec_from_file_location(f"lesson_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise ImportError(f"cannot load {str(path)!r}: expected a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(path.parent))
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(path.parent))
    return module
