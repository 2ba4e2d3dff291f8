"""`check_primitive`: one call tests everything that a row of the table promises.

>>> from autograd_tiny.table.primitive import function
>>> check_primitive("tanh")
>>> cube = function("cube", lambda xp, x: x * x * x, lambda xp, x, y: 2.0 * xp.square(x))
>>> try:
...     check_primitive(cube)
... except PrimitiveError as error:
...     print(str(error).splitlines()[1][:72])
  partial: cube: its local derivative with respect to x is 6.12376663527
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from itertools import islice
from typing import Any

from .. import functions
from ..core import Value, apply
from ..errors import AutogradError
from ..modes.infinities import nonfinite
from ..table.namespaces import FLOATS, LATEX, TEXT
from ..table.namespaces.c import C
from ..table.ops import TABLE
from ..table.primitive import Primitive
from .custom import row_of
from .domains import WIDTH, boxes, tied, unbounded
from .localizing import LocalOracle, wrong_at_second_order, wrong_locally
from .oracles import EPS
from .rounding import ULPS

Point = list[float]
HAS_NUMPY = find_spec("numpy") is not None
"""A browser's Python may have none: then there are no arrays to check."""
FAR = 6.0
"""Where a row sets no bounds it is tried this many times farther out as well: at 18, where 1 - tanh² has no digit."""


class PrimitiveError(AssertionError):
    """A row does not keep what it promises; `problems` has a line for each kind of thing that is wrong."""

    def __init__(self, row: Primitive, problems: list[str]) -> None:
        super().__init__("\n".join([f"{row.name} does not keep what its row promises", *(f"  {p}" for p in problems)]))
        self.problems = problems


def check_primitive(primitive: Any, points: int = 12) -> None:
    """Nothing, if all of it is right: value, partials, edges, second order, arrays, text, compiled form.

    ``primitive`` is a row, a primitive's name, or the function that `custom_primitive` gave. ``points`` are tried in
    each box in which it can be differentiated, always the same ones. Raises `PrimitiveError`.
    """
    row = row_of(primitive)
    found = [f"{kind}: {problem}" for kind, check in CHECKS.items() for problem in islice(check(row, points), 1)]
    if found:
        raise PrimitiveError(row, found)


def sample_points(row: Primitive, count: int) -> list[Point]:
    """Points in every box of the row, and some far out where nothing bounds it; a variadic row's are flat."""
    rng = random.Random(row.name)
    found: list[Point] = []
    width = WIDTH if row.variadic else 1
    for box in boxes(row):
        intervals = [interval for interval in box for _ in range(width)]
        found += [[rng.uniform(low, high) for low, high in intervals] for _ in range(count)]
    if all(unbounded(row, i) for i in range(len(row.arguments))):
        size = FAR * max(abs(x) for interval in boxes(row)[0] for x in interval)
        n = len(row.arguments) * width
        found += [[rng.choice((-size, size, 1e-9, -1e-9, 0.5)) for _ in range(n)] for _ in range(6)]
    if tied(row):
        found = [point for point in found if len(set(point)) == len(point)]
    return found


def _value(row: Primitive, points: int) -> Iterator[str]:
    """The value against 60 digits of the same rule."""
    for at in sample_points(row, points):
        oracle = LocalOracle(row, at)
        if not math.isfinite(oracle.value):
            yield f"{_call(row, at)} is {oracle.value!r}, inside the interval where it is to be sampled"
        if not row.numerical:
            if oracle.exact is None:
                yield f"{_call(row, at)} is {oracle.value!r} on floats, and something else or nothing on mpmath numbers"
                continue
            known = oracle.exact.at((0,) * len(at))
            size = abs(known) + sum(abs(oracle.derivative((i,)).value * x) for i, x in enumerate(at))
            if not abs(oracle.value - known) <= 4.0 * ULPS * EPS * size + 1e-300:
                yield f"{_call(row, at)} is {oracle.value!r}, and should be {float(known)!r}"


def _partial(row: Primitive, points: int) -> Iterator[str]:
    """The local derivatives that a node records."""
    for at in sample_points(row, points):
        node = apply(row, tuple(row.operands([Value(x) for x in at])))
        suspect = wrong_locally(row, at, node.local_derivatives)
        if suspect:
            yield str(suspect)


def _method(row: Primitive, points: int) -> Iterator[str]:
    """The function and the method, which may be generated or compiled, make the node that the rules make."""
    if TABLE.get(row.name) is not row:
        return
    for at in sample_points(row, points):
        leaves = [Value(x) for x in at]
        expected = apply(row, tuple(row.operands(list(leaves))))
        made = [getattr(functions, row.name)(*row.operands(list(leaves)))]
        if not row.variadic:
            made.append(getattr(leaves[0], row.name)(*leaves[1:]))
        for node in made:
            if (node.data, node.local_derivatives, node.op) != (expected.data, expected.local_derivatives, row.name):
                yield (
                    f"the generated form of {_call(row, at)} gives {node.data!r} with derivatives "
                    f"{node.local_derivatives}: the rules give {expected.data!r} with {expected.local_derivatives}"
                )


def run_rules(row: Primitive, xp: Any, operands: list[Any]) -> tuple[Any, list[Any]]:
    """The value in a namespace, and the local derivative by each operand, flat as a node's are."""
    out = row.forward(xp, *operands)
    derived = [rule(xp, *operands, out) for rule in row.partials]
    return out, [x for part in derived for x in part] if row.variadic else derived


def _edges(row: Primitive, points: int) -> Iterator[str]:
    """The pinned points: on floats, on arrays, on Values."""
    for edge in row.edges:
        operands = row.operands(list(edge.at))
        out, derived = run_rules(row, FLOATS, operands)
        if not _same(out, edge.value):
            yield f"{_call(row, edge.at)} is {out!r}: pinned is {edge.value!r} ({edge.why})"
        for i, (got, pinned) in enumerate(zip(derived, edge.partials, strict=True)):
            if pinned is not None and not _same(got, pinned):
                name = row.names(len(derived))[i]
                yield f"at {_call(row, edge.at)} the derivative by {name} is {got!r}: pinned is {pinned!r} ({edge.why})"
        if HAS_NUMPY and not _same(on_arrays := _on_arrays(row, edge.at), edge.value):
            yield f"on arrays {_call(row, edge.at)} is {on_arrays!r}: pinned is {edge.value!r}"
        with nonfinite("allow"):
            node = apply(row, tuple(row.operands([Value(x) for x in edge.at])))
        if not _same(node.data, edge.value):
            yield f"a Value's {_call(row, edge.at)} is {node.data!r}: pinned is {edge.value!r}"


def _on_arrays(row: Primitive, at: Sequence[float]) -> float:
    import numpy as np

    from ..table.namespaces.arrays import ARRAYS

    return float(row.forward(ARRAYS, *row.operands([np.float64(x) for x in at])))


def _second(row: Primitive, points: int) -> Iterator[str]:
    """The second derivatives that the rules give when they run on Values."""
    if row.numerical:
        return
    found = sample_points(row, points)
    for at in found if not row.variadic else found[:3]:
        suspect = wrong_at_second_order(row, at)
        if suspect:
            yield str(suspect)


def _arrays(row: Primitive, points: int) -> Iterator[str]:
    """The batch form: of the value and of the derivatives; nothing where there is no numpy."""
    if not HAS_NUMPY:
        return
    import numpy as np

    from ..table.namespaces.arrays import ARRAYS

    found = sample_points(row, points)
    out, derived = run_rules(row, ARRAYS, row.operands([np.array(column) for column in zip(*found, strict=True)]))
    expected = [run_rules(row, FLOATS, row.operands(at)) for at in found]
    if np.shape(out) != (len(found),):
        yield f"on arrays of {len(found)} elements it gives shape {np.shape(out)}"
        return
    columns = [("", out, [value for value, _ in expected])]
    for i, name in enumerate(row.names(len(derived))):
        columns.append((f", derived by {name},", derived[i], [slopes[i] for _, slopes in expected]))
    for what, column, on_floats in columns:
        got, want = np.broadcast_to(column, len(found)), np.array(on_floats)
        off = np.abs(got - want) / (np.abs(found).max(axis=1) + np.abs(want))
        if not (off <= 1e-13).all():
            i = int(np.argmax(off))
            yield f"on arrays {_call(row, found[i])}{what} is {got[i]!r}, and on floats {want[i]!r}"


def _text(row: Primitive, points: int) -> Iterator[str]:
    """What it and its derivatives are called, as text and as LaTeX."""
    for notation, xp in (("text", TEXT), ("LaTeX", LATEX)):
        operands: list[Any] = [xp.name(name) for name in row.arguments]
        if row.variadic:
            operands = [[xp.name(f"{name}{i}") for i in (1, 2)] for name in row.arguments]
        written = str(xp.write(row, *operands))
        for name in row.arguments:
            if not row.variadic and name not in written:
                yield f"its {notation}, {written!r}, leaves out {name}"
        for partial in row.partials:
            derived = partial(xp, *operands, xp.name("y"))
            if not str(xp.as_text(derived)):
                yield f"a derivative is nothing in {notation}"


def _compiled(row: Primitive, points: int) -> Iterator[str]:
    """The program that the compiled engine is made of: every rule writes itself as C."""
    if row.numerical:
        return
    code = C()
    operands = [(code.vector if row.variadic else code.name)(name) for name in row.arguments]
    try:
        code.program([row.forward(code, *operands)], ["y"])
        if not row.variadic:
            y = code.name("y")
            code.program([partial(code, *operands, y) for partial in row.partials],
                         [f"d{name}" for name in row.arguments])  # fmt: skip
    except (AutogradError, AttributeError, TypeError, ValueError) as error:
        yield f"its rules do not write themselves as C: {error}"


CHECKS: dict[str, Callable[[Primitive, int], Iterator[str]]] = {
    "value": _value,
    "partial": _partial,
    "method": _method,
    "edge": _edges,
    "second order": _second,
    "arrays": _arrays,
    "text": _text,
    "compiled form": _compiled,
}


def _same(a: float, b: float) -> bool:
    return a == b or (a != a and b != b)


def _call(row: Primitive, at: Any) -> str:
    return f"{row.name}({', '.join(map(repr, at))})"
