"""The table in JavaScript: every row, values and partials, in Node against the plain engine."""

from __future__ import annotations

import json
import math
import subprocess
from functools import cache
from itertools import product
from typing import Any

import pytest

from autograd_tiny.core.replay import evaluate
from autograd_tiny.table.codegen.javascript import rule, rules
from autograd_tiny.table.ops import ROWS, TABLE
from autograd_tiny.table.primitive import Primitive, function
from autograd_tiny.testing.primitives import sample_points
from tests.needs import ask_for, needs

pytestmark = pytest.mark.once

RIM = [0.0, -0.0, 1e-310, -1e-300, 1e300, -1e300, 0.3, -0.7, 1.0, -1.0, 5.0, -5.0, 18.0, -18.0, 30.0, 700.0, -750.0, math.inf, -math.inf, math.nan]  # fmt: skip
SHORT = [0.0, 1.0, -1.0, 2.5, -0.5, 3.0, math.inf, -math.inf]

LAST_DIGITS = 4.5e-16
"""Two units in the last place: Math's functions need not round as C's do."""
LOOSER = {"sech_squared": 1e-15, **dict.fromkeys(("erf", "erfc"), 1e-15), **dict.fromkeys(("gelu", "pow"), 4e-15), "logsumexp": 1e-13,
          "norm_cdf": 4e-15, **dict.fromkeys(("digamma", "lgamma", "polygamma", "spherical_jn", "sinc"), 1e-12)}  # fmt: skip
"""A square doubles what cosh is off by; erf and erfc are our own, exponents enlarge; logsumexp cancels near 0, and so do
the others near their zeros."""

PROGRAM = """
const number = x => typeof x === "string" ? {inf: Infinity, "-inf": -Infinity, nan: NaN}[x] : x;
const text = x => Number.isFinite(x) ? (Object.is(x, -0) ? "-0.0" : x) : Number.isNaN(x) ? "nan" : x > 0 ? "inf" : "-inf";
const asked = JSON.parse(require("fs").readFileSync(0, "utf8"));
console.log(JSON.stringify(asked.map(([at, xs]) => {
  const d = [], y = rules[at](xs.map(number), d);
  return [text(y), d.map(text)];
})));
"""


def points(row: Primitive) -> list[list[float]]:
    """Samples of the domain, the pinned edges, and the rim of the floats."""
    many = [list(point) for point in sample_points(row, 40)]
    edges = [list(edge.at) for edge in row.edges]
    if row.variadic:
        return [
            *many,
            *edges,
            *([*xs] * len(row.arguments) for xs in ([1.0, 1.0, -2.0], [3.0], [700.0, 710.0, -800.0])),
        ]
    rim = RIM if len(row.arguments) == 1 else SHORT
    return [*many, *edges, *map(list, product(rim, repeat=len(row.arguments)))]


def in_node(rows: list[Primitive], asked: list[tuple[int, list[float]]]) -> list[tuple[float, list[float]]]:
    """What node makes of each of ``asked``, a row's index with its operands."""
    plain = [[at, [x if math.isfinite(x) else str(x) for x in xs]] for at, xs in asked]
    found = subprocess.run(
        [ask_for("node"), "-e", rules(rows) + PROGRAM], input=json.dumps(plain), capture_output=True, text=True
    )
    assert found.returncode == 0, found.stderr
    return [(float(y), [float(d) for d in slopes]) for y, slopes in json.loads(found.stdout)]


@cache
def answers() -> dict[str, list[tuple[list[float], tuple[float, list[float]]]]]:
    """Of each row its points with what node gives there; one call of node serves all tests."""
    asked = [(at, xs) for at, row in enumerate(ROWS) for xs in points(row)]
    told: dict[str, list[Any]] = {row.name: [] for row in ROWS}
    for (at, xs), found in zip(asked, in_node(list(ROWS), asked), strict=True):
        told[ROWS[at].name].append((xs, found))
    return told


def same(got: float, want: float, tolerance: float) -> bool:
    if want == 0.0:
        return got == want and math.copysign(1.0, got) == math.copysign(1.0, want)
    if math.isnan(want) or math.isinf(want):
        return got == want or (math.isnan(got) and math.isnan(want))
    return abs(got - want) <= tolerance * abs(want) + 5e-324


@needs("node")
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_row_gives_in_node_what_the_plain_engine_gives(row: Primitive) -> None:
    tolerance = LOOSER.get(row.name, LAST_DIGITS)
    for xs, (y, slopes) in answers()[row.name]:
        want_y, want = evaluate(row, xs)
        assert same(y, want_y, tolerance), (row.name, xs, y, want_y)
        assert len(slopes) == len(want)
        for got, wanted in zip(slopes, want, strict=True):
            assert same(got, wanted, 4 * tolerance), (row.name, xs, slopes, list(want))


@needs("node")
def test_a_row_that_is_added_and_a_vector_of_numbers_run_too() -> None:
    cube = function("cube", lambda xp, x: x * x * x, lambda xp, x, y: 3.0 * xp.square(x))
    filled = TABLE["dot"].fill((2.0, -3.0))  # type: ignore[misc]
    assert in_node([cube, filled], [(0, [2.0]), (1, [5.0, 7.0])]) == [(8.0, [12.0]), (-11.0, [2.0, -3.0])]


@needs("node")
def test_a_wrong_rule_is_seen() -> None:
    wrong = function("wrong", TABLE["tanh"].forward, lambda xp, x, y: 1.0 - y * y)
    _, (slope,) = in_node([wrong], [(0, [18.0])])[0]
    assert not same(slope, evaluate(TABLE["tanh"], [18.0])[1][0], LAST_DIGITS)


def test_a_rule_reads_as_javascript() -> None:
    assert rule(TABLE["relu"]).splitlines()[1:-1] == [
        "    const x = $x[0];",
        "    const t1 = x > 0.0;",
        "    $d[0] = t1 ? 1.0 : 0.0;",
        "    return t1 ? x : 0.0;",
    ]
