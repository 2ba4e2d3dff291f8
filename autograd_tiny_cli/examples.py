"""The examples by name: ``autograd-tiny examples`` lists them, ``autograd-tiny examples kepler`` runs one.

In a clone they stand beside the packages; a wheel has them in ``autograd_tiny_cli/_examples`` (see ``setup.py``).

>>> sorted(found())[:3]
['accumulate', 'arm', 'attention']
"""

from __future__ import annotations

import argparse
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


def folder(package: Path) -> Path:
    """Where the examples of the package are: in it if a wheel brought them, otherwise beside it.

    In it first: beside an installed package there may be a folder ``examples`` of somebody else.
    """
    inside = package / "_examples"
    return inside if inside.is_dir() else package.parent / "examples"


FOLDER = folder(Path(__file__).parent)


def none_in(folder: Path) -> FileNotFoundError:
    """The error for a folder without examples."""
    return FileNotFoundError(
        f"there are no examples in {str(folder)!r}: a wheel brings them and a clone has them, so this installation is "
        "incomplete; install it again: pip install --force-reinstall --no-deps autograd-tiny"
    )


DESCRIPTION = """\
List the examples: networks, lessons on backpropagation, and jobs of people at work, from option Greeks to a Kalman
filter. With a name, run that one.
"""


def add_to(commands: Any) -> None:
    """Make ``examples`` one of the subcommands."""
    parser = commands.add_parser(
        "examples",
        help="list the examples, or run one",
        description=DESCRIPTION,
        epilog="example: autograd-tiny examples option_greeks",
    )
    parser.add_argument("name", nargs="?", metavar="NAME", help="which one; leave it out for the list")
    parser.add_argument("--source", action="store_true", help="show its text instead of running it")
    parser.set_defaults(run=_command)


def _command(options: argparse.Namespace) -> int:
    """List the examples, show one or run it."""
    if options.name is None:
        print(f"{listing()}\n\nrun one: autograd-tiny examples NAME")
        return 0
    name = options.name.lower().replace("-", "_").removesuffix(".py")
    if options.source:
        print(_path(name).read_text(encoding="utf-8"), end="")
        return 0
    return run(name)


def _path(name: str) -> Path:
    examples = found()
    if not examples:
        raise none_in(FOLDER)
    if name not in examples:
        raise FileNotFoundError(f"there is no file and no example {name!r}{did_you_mean(name, list(examples))}")
    return examples[name]


def found() -> dict[str, Path]:
    """The examples by name: the networks first, then the lessons, then the jobs."""
    files = [path for where in ("*.py", "lessons/*.py", "jobs/*.py") for path in sorted(FOLDER.glob(where))]
    return {path.stem: path for path in files if '__name__ == "__main__"' in path.read_text(encoding="utf-8")}


def listing() -> str:
    """The names, each with the first line of its docstring."""
    examples = found()
    if not examples:
        raise none_in(FOLDER)
    width = max(map(len, examples))
    lines = []
    for folder in dict.fromkeys(path.parent for path in examples.values()):
        lines.append(f"{folder.name}:" if folder != FOLDER else "examples:")
        lines += [f"  {n:{width}}  {_first_line(path)}" for n, path in examples.items() if path.parent == folder]
    return "\n".join(lines)


def run(name: str, **settings: int | None) -> int:
    """Run one; the exit status. ``settings`` that are not None go to its ``main``, and it must know them."""
    path = _path(name)
    with _importing_from(path.parent):
        if "main" in _functions(path):
            return _call(path, _module(path).main, settings)
        _refuse(path, [key for key, x in settings.items() if x is not None])
        runpy.run_path(str(path), run_name="__main__")
        return 0


def _call(path: Path, main: Callable[..., Any], settings: Mapping[str, int | None]) -> int:
    known = inspect.signature(main).parameters
    unknown = [key for key, x in settings.items() if x is not None and key not in known]
    _refuse(path, unknown, own_command="arguments" in known)
    given: dict[str, Any] = {key: x for key, x in settings.items() if x is not None}
    if "arguments" in known:  # a command of its own, which would read ours
        given["arguments"] = []
    status = main(**given)
    return status if isinstance(status, int) else 0


def _refuse(path: Path, unknown: list[str], own_command: bool = False) -> None:
    if unknown:
        options = " or ".join(f"--{key}" for key in unknown)
        advice = f"; for its own: python {path} --help" if own_command else ": leave it out"
        raise ValueError(f"the example {path.stem!r} has no setting {options}{advice}")


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
def _importing_from(folder: Path) -> Iterator[None]:
    """Within, an example imports its neighbours, as it does when it is run by itself."""
    before = list(sys.path)
    sys.path.insert(0, str(folder))
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
