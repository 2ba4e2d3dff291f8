"""The repository's examples by name: ``autograd-tiny train digits`` runs ``examples/digits.py``.

They stand beside the packages in the repository, and are not part of what pip installs.
"""

from __future__ import annotations

import ast
import importlib.util
import inspect
import runpy
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .tables import did_you_mean

FOLDER = Path(__file__).parent.parent.parent / "examples"


def found() -> dict[str, Path]:
    """The examples by name: the networks first, then the lessons."""
    files = [*sorted(FOLDER.glob("*.py")), *sorted(FOLDER.glob("lessons/*.py"))]
    return {path.stem: path for path in files if '__name__ == "__main__"' in path.read_text(encoding="utf-8")}


def listing() -> str:
    """The names, each with the first line of its docstring."""
    examples = found()
    if not examples:
        return f"the examples are in the repository only, and there is no folder {str(FOLDER)!r}"
    width = max(map(len, examples))
    lines = []
    for folder in dict.fromkeys(path.parent for path in examples.values()):
        lines.append(f"{folder.name}:")
        lines += [f"  {n:{width}}  {_first_line(path)}" for n, path in examples.items() if path.parent == folder]
    return "\n".join(lines)


def run(name: str, **settings: int | None) -> int:
    """Run one; the exit status. ``settings`` that are not None go to its ``main``, and it must know them."""
    examples = found()
    if name not in examples:
        if not examples:
            raise FileNotFoundError(f"there is no file {name!r}, and {listing()}")
        raise FileNotFoundError(f"there is no file and no example {name!r}{did_you_mean(name, list(examples))}")
    path = examples[name]
    if "main" not in _functions(path):
        _refuse(name, [key for key, x in settings.items() if x is not None])
        with _importing_from(path.parent):
            runpy.run_path(str(path), run_name="__main__")
        return 0
    with _importing_from(path.parent, FOLDER.parent):
        return _call(name, _module(path).main, settings)


def _call(name: str, main: Callable[..., Any], settings: Mapping[str, int | None]) -> int:
    known = inspect.signature(main).parameters
    _refuse(name, [key for key, x in settings.items() if x is not None and key not in known])
    given: dict[str, Any] = {key: x for key, x in settings.items() if x is not None}
    if "arguments" in known:  # a command of its own, which would read ours
        given["arguments"] = []
    status = main(**given)
    return status if isinstance(status, int) else 0


def _refuse(name: str, unknown: list[str]) -> None:
    if unknown:
        raise ValueError(f"the example {name!r} has no setting {' or '.join(f'--{key}' for key in unknown)}")


def _module(path: Path) -> Any:
    """The example, loaded from its file."""
    spec = importlib.util.spec_from_file_location(f"examples.{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses and pickle look a class's module up there
    spec.loader.exec_module(module)
    return module


@contextmanager
def _importing_from(*folders: Path) -> Iterator[None]:
    """Within, an example imports its neighbours, as it does when it is run by itself."""
    before = list(sys.path)
    sys.path[:0] = map(str, folders)
    try:
        yield
    finally:
        sys.path[:] = before


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def _functions(path: Path) -> list[str]:
    return [node.name for node in _tree(path).body if isinstance(node, ast.FunctionDef)]


def _first_line(path: Path) -> str:
    return (ast.get_docstring(_tree(path)) or "").partition("\n")[0]
