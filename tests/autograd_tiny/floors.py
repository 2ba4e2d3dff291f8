"""Who imports whom, file by file and floor by floor, read off the files: late imports too, types' imports not."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PACKAGES = ("autograd_tiny", "nn", "visualize", "autograd_tiny_cli")

Arrows = dict[str, set[str]]


def files() -> list[Path]:
    """Every module of the four packages."""
    return sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


def dotted(path: Path) -> str:
    """The module's name."""
    parts = list(path.relative_to(ROOT).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _statements(body: list[ast.stmt]) -> Iterator[ast.Import | ast.ImportFrom]:
    """The imports that run sometime: those for type checkers do not."""
    for node in body:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            yield node
        elif isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            yield from _statements(node.orelse)
        else:
            for field in ("body", "orelse", "finalbody", "handlers", "cases"):
                yield from _statements(getattr(node, field, []))


def imported(path: Path, modules: set[str]) -> set[str]:
    """The modules of ours that a file imports."""
    here = [*path.relative_to(ROOT).parts[:-1], path.stem]
    found: set[str] = set()
    for node in _statements(ast.parse(path.read_text()).body):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            base = here[: len(here) - node.level] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            names = [f"{module}.{alias.name}" for alias in node.names]
        for name in names:
            found.add(name if name in modules else name.rpartition(".")[0])
    return found & modules


def arrows() -> Arrows:
    """Module -> the modules that it imports."""
    modules = {dotted(path): path for path in files()}
    return {name: imported(path, {*modules}) - {name} for name, path in modules.items()}


def circles(graph: Arrows) -> list[list[str]]:
    """The sets of nodes that reach each other: Tarjan, Depth-first search and linear graph algorithms, 1972."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(node: str) -> None:
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in sorted(graph.get(node, ())):
            if other not in index:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], index[other])
        if low[node] == index[node]:
            part = [stack.pop()]
            while part[-1] != node:
                part.append(stack.pop())
            if len(part) > 1:
                found.append(sorted(part))

    for node in graph:
        if node not in index:
            visit(node)
    return found


def rooms(folder: str, graph: Arrows) -> Arrows:
    """The files and folders in a folder ("" is all packages), and which needs which of its neighbours."""
    depth = len(folder.split(".")) if folder else 0

    def room(name: str) -> str | None:
        inside = name.split(".")
        if folder and inside[:depth] != folder.split("."):
            return None
        return ".".join(inside[: depth + 1]) if len(inside) > depth else None

    found: Arrows = {}
    for name, others in graph.items():
        if (mine := room(name)) is not None:
            needed = {room(other) for other in others} - {mine, None}
            found.setdefault(mine, set()).update(other for other in needed if other is not None)
    return found
