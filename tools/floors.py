"""Who imports whom, file by file and floor by floor, read off the files: late imports too, types' imports not.

``make generate`` writes the `drawing` of it into CONTRIBUTING.md; tests/test_house.py finds no circle.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from textwrap import indent, wrap

ROOT = Path(__file__).parent.parent
PACKAGES = ("autograd_tiny", "nn", "visualize", "autograd_tiny_cli")

WIDTH = 114
"""Of the drawing, in characters."""

Arrows = dict[str, set[str]]

UPWARD = {
    ("autograd_tiny.core.value", "autograd_tiny.core.backward"): "Value.backward opens its own sweep",
    ("autograd_tiny.core.value", "autograd_tiny.explaining.stepping"): "Value.steps opens the debugger",
    ("autograd_tiny.explaining.stepping.backward_pass", "visualize.notebook"): "a pass in a notebook shows its page",
    ("autograd_tiny.compiler.libraries.arrays", "autograd_tiny.compiler.libraries.torch_arrays"): "only if asked for",
    ("autograd_tiny.testing.verdicts", "autograd_tiny.testing.messages"): "a report says itself in words",
    ("autograd_tiny.testing.strategies", "autograd_tiny.testing.assertions"): "a drawn row is checked first",
    ("autograd_tiny.__main__", "autograd_tiny_cli"): "python -m autograd_tiny is the command",
    ("autograd_tiny_cli.completion", "autograd_tiny_cli"): "completes the parser that it is part of",
    ("autograd_tiny_cli.pictures", "autograd_tiny_cli.demo"): "draws the demo's own data",
    ("nn.module", "nn.summary"): "Module.summary opens the table",
}
"""The imports that run upward, each late, with its reason. All others run downward: that is, no two rooms of a folder
need each other, and no two files reach each other. Which room is above which, the imports say themselves."""


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


@cache
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


@cache
def downward() -> Arrows:
    """The same without those that run `UPWARD`."""
    return {name: {other for other in others if (name, other) not in UPWARD} for name, others in arrows().items()}


def from_the_top(folder: str) -> list[tuple[str, set[str]]]:
    """The folders in a folder, each above those that it needs, with those: what stands on most comes first."""
    inside = rooms(folder, downward())
    heights: dict[str, int] = {}

    def height(room: str) -> int:
        if room not in heights:
            heights[room] = 1 + max(map(height, inside[room]), default=0)
        return heights[room]

    folders = {name for name in inside if ROOT.joinpath(*name.split(".")).is_dir()}
    return [(name, inside[name] & folders) for name in sorted(folders, key=lambda name: (-height(name), name))]


def drawing() -> str:
    """The tree from the roof to the ground: a folder, what lives there, what it stands on beside it."""
    lines: list[tuple[str, str, str]] = []

    def draw(folder: str, margin: str, deep: int) -> None:
        for name, needed in from_the_top(folder):
            path = ROOT.joinpath(*name.split("."))
            said = ast.get_docstring(ast.parse((path / "__init__.py").read_text())) or ""
            first = said.partition("\n")[0].replace("``", "").replace("`", "").rstrip(".:")
            below = ", ".join(sorted(other.rpartition(".")[2] for other in needed))
            lines.append((f"{margin}{path.name}/", first, below))
            if deep:
                draw(name, margin + "  ", deep - 1 if name != "autograd_tiny" else 1)

    draw("", "", 1)
    width = max(len(name) for name, _, _ in lines) + 2
    text = ""
    for name, first, below in lines:
        rows = wrap(f"{first} [{below}]" if below else first, WIDTH - width)
        text += "".join(f"{name if not i else '':<{width}}{row}\n" for i, row in enumerate(rows))
    return text


def with_drawing(text: str) -> str:
    """The Markdown text with the drawing of now between its marks."""
    before, mark, rest = text.partition("<!-- the house: written by make generate -->\n")
    _, end, after = rest.partition("<!-- end -->")
    assert mark, "no mark of a drawing"
    assert end, "no end of the drawing"
    return f"{before}{mark}\n{indent(drawing(), '    ')}\n{end}{after}"


if __name__ == "__main__":
    print(drawing(), end="")
