"""The jobs of examples/jobs next to JAX's: the same numbers, how many lines, how long the first time and again.

    python -m benchmarks.beside          # writes benchmarks/beside.json, which the gallery of the docs shows

A job is timed as it is written, whole: what it compiles, it compiles the first time. One thread, float64.
"""

from __future__ import annotations

import ast
import importlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
OURS, THEIRS = "examples.jobs", "benchmarks.peers.jobs"
FOLDER = ROOT / "benchmarks" / "peers" / "jobs"
NAMES = sorted(path.stem for path in (ROOT / "examples" / "jobs").glob("*.py"))
RESULTS = ROOT / "benchmarks" / "beside.json"
ROUNDS = 5


def lines_of(path: Path) -> int:
    """The lines of a job's functions and of what they are made of: no imports, no data, no docstrings, no printing."""
    tree, text = ast.parse(path.read_text()), path.read_text().splitlines()
    count = 0
    for statement in tree.body:
        if isinstance(statement, ast.FunctionDef):
            lines = {*range(statement.lineno, statement.end_lineno or 0)} | {statement.end_lineno or 0}
            for node in ast.walk(statement):
                if _left_out(node, statement.name == "main"):
                    lines -= {*range(node.lineno, (node.end_lineno or 0) + 1)}  # type: ignore[attr-defined]
            count += sum(1 for i in lines if text[i - 1].strip())
        elif isinstance(statement, ast.Assign) and _is_made(statement.targets[0]):
            count += (statement.end_lineno or 0) - statement.lineno + 1
    return count


def _is_made(target: Any) -> bool:
    """Whether a module's name, or names, are part of the job, and not data."""
    name = target.elts[0] if isinstance(target, ast.Tuple) else target
    return isinstance(name, ast.Name) and not name.id.isupper()


def _left_out(node: ast.AST, prints: bool) -> bool:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return True  # a docstring
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return True
    if prints and isinstance(node, ast.Return) and isinstance(node.value, ast.Name):
        return True  # what is given has a name only to be printed
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "verbose"


def timed(run: Callable[[], Any]) -> tuple[Any, float, float]:
    """What it gives, and the milliseconds that it takes the first time and, at best, again."""
    times = []
    for _ in range(ROUNDS + 1):
        start = perf_counter()
        found = run()
        for leaf in _leaves(found):
            float(leaf)  # jax computes when it is asked
        times.append(1e3 * (perf_counter() - start))
    return found, times[0], min(times[1:])


def _leaves(found: Any) -> list[Any]:
    if isinstance(found, dict):
        return [leaf for name in sorted(found) for leaf in _leaves(found[name])]
    if getattr(found, "ndim", 0) or isinstance(found, (list, tuple)):
        return [leaf for part in found for leaf in _leaves(part)]
    return [found]


class Beside(NamedTuple):
    """Ours and JAX's: lines, milliseconds the first time and again; and how far the numbers are apart."""

    name: str
    lines: tuple[int, int]
    first: tuple[float, float]
    again: tuple[float, float]
    apart: float


def compared(name: str) -> Beside:
    """A job run both ways."""
    ours, theirs = importlib.import_module(f"{OURS}.{name}"), importlib.import_module(f"{THEIRS}.{name}")
    mine, first, again = timed(lambda: ours.main(verbose=0))
    right, their_first, their_again = timed(theirs.job)
    pairs = zip(_leaves(mine), _leaves(right), strict=True)
    apart = max(abs(float(a) - float(b)) / max(1.0, abs(float(b))) for a, b in pairs)
    lines = lines_of(ROOT / "examples" / "jobs" / f"{name}.py"), lines_of(FOLDER / f"{name}.py")
    return Beside(name, lines, (first, their_first), (again, their_again), apart)


def main() -> None:
    os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")
    import jax

    jax.config.update("jax_enable_x64", True)
    rows = []
    for name in NAMES:
        rows.append(compared(name))
        print(*rows[-1], flush=True)
    RESULTS.write_text("[\n" + ",\n".join(json.dumps(_rounded(row)) for row in rows) + "\n]\n")


def _rounded(row: Beside) -> dict[str, Any]:
    short = lambda x: float(f"{x:.3g}")
    return {**row._asdict(), "first": [*map(short, row.first)], "again": [*map(short, row.again)]}


if __name__ == "__main__":
    main()
