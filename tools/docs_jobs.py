"""The gallery of jobs as a page: each program of examples/jobs, its lines and its time next to JAX's.

The texts come from the programs, the numbers from benchmarks/beside.json, which `benchmarks.beside` writes.

>>> [line for line in page().splitlines() if line.startswith("## ")][:2]
['## Inverse kinematics { #arm }', '## Attention { #attention }']
"""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "examples" / "jobs"

ORACLES = {
    "arm": "the law of cosines",
    "attention": "numpy, by hand",
    "autoencoder": "the eigenvalues of the covariance (PCA)",
    "convolution": "scipy.signal",
    "hamiltonian": "the same sampler with the force by hand",
    "kalman": "one normal distribution of the whole series",
    "kepler": "the closed form",
    "maximum_likelihood": "scipy, the digamma equation",
    "monte_carlo": "numpy, by hand",
    "ode_fit": "the parameters that made the data",
    "optimal_control": "Riccati's recursion",
    "option_greeks": "the closed forms",
    "physics_informed": "the closed forms",
    "policy_gradient": "the closed form",
    "recurrent": "numpy, by hand",
}
"""What the tests hold each against: something that shares nothing with it."""

INTRODUCTION = """\
# Fifteen jobs

What people do with scalar differentiation at work, each as a short program. `autograd-tiny examples` lists them,
`autograd-tiny examples kepler` runs one and `--source` shows it. Each number agrees with its oracle to 1e-9 (the
direction of the autoencoder to 1e-5), on both engines, eagerly and compiled; the tests see to that.

Beside them stand the same jobs in JAX, written as its users write them (`benchmarks/peers/jobs`): arrays, `vmap`,
`scan`, `jit`. Lines are those of the functions, without imports, data and printing. Times are those of the whole job on
one thread of a machine that others used too: the first time, compiling included, and again in the same process. So they
say what to expect, not who is faster by a tenth.

{table}

What the table says. Of a job that is run once the first time is all there is, and here nothing has to be compiled: that
is where scalars are at home. Of one that is run again and again JAX has compiled the whole, where ours, as they are
written, take gradients eagerly (`maximum_likelihood`, `kepler`, `optimal_control`) or compile anew in each run
(`monte_carlo`, `autoencoder`); `compile` outside of the loop takes that away, and for thousands of paths or a large net
JAX remains the tool. The gradient alone, compiled by both, is among the benchmarks.
"""


def page() -> str:
    """The page in Markdown."""
    names = sorted(path.stem for path in FOLDER.glob("*.py"))
    return "\n".join([INTRODUCTION.format(table=table(names)), *map(entry, names)])


def table(names: list[str]) -> str:
    """Lines and times, ours and JAX's."""
    measured = {row["name"]: row for row in json.loads((ROOT / "benchmarks" / "beside.json").read_text())}
    rows = ["| job | lines | in JAX | first time | in JAX | again | in JAX |", "|---|--:|--:|--:|--:|--:|--:|"]
    for name in names:
        found = measured[name]
        lines, first, again = (found[key] for key in ("lines", "first", "again"))
        cells = [*map(str, lines), *map(milliseconds, first), *map(milliseconds, again)]
        rows.append(f"| [{title(name)}](#{name}) | {' | '.join(cells)} |")
    return "\n".join(rows)


def milliseconds(x: float) -> str:
    """Two digits, or what is before the point.

    >>> milliseconds(1234.6), milliseconds(0.0371), milliseconds(2.46)
    ('1,235 ms', '0.037 ms', '2.5 ms')
    """
    return f"{x:,.0f} ms" if x >= 10 else f"{x:.2g} ms"


def title(name: str) -> str:
    """What a job is called: the first words of its text."""
    first = docstring(name).splitlines()[0]
    return first.partition(":")[0].partition(",")[0].rstrip(".")


def docstring(name: str) -> str:
    return ast.get_docstring(ast.parse((FOLDER / f"{name}.py").read_text(encoding="utf-8"))) or ""


def entry(name: str) -> str:
    """A job: what it is, its formula and source, its text, and what its number is held against."""
    text = (FOLDER / f"{name}.py").read_text(encoding="utf-8")
    told = [line for line in docstring(name).splitlines() if not line.startswith("    python ")]
    body = text.partition("from __future__ import annotations\n")[2].partition('\nif __name__ == "__main__"')[0].strip()
    return (
        f"## {title(name)} {{ #{name} }}\n\n{prose(told)}\n\n```py\n{body}\n```\n\n"
        f"`autograd-tiny examples {name}` · oracle: {ORACLES[name]}\n"
    )


def prose(lines: list[Any]) -> str:
    """The docstring, with what Markdown would take for marks left alone."""
    return "\n".join(lines).strip().replace("_", r"\_").replace("*", r"\*")
