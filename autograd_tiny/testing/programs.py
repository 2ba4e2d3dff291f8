"""`Expression`: a function drawn at random (or recorded), that runs on numbers of any kind and prints as Python.

>>> import autograd_tiny as ad
>>> e = expression(lambda x, y: (t := x * y) + ad.tanh(t), 0.5, 2.0)
>>> e
expression(lambda x, y: (a := x * y) + ad.tanh(a), 0.5, 2.0)
>>> e.point, e(*e.point), e.nodes
((0.5, 2.0), 1.7615941559557649, 5)
>>> import numpy as np
>>> print(e(np.array([0.5, 0.0]), 2.0))
[1.76159416 0.        ]

What it prints, evaluated with ``import autograd_tiny as ad``, is the same expression again. It also runs on the
numbers of another engine: operators as operators, ``tanh`` and the like as methods.
"""

from __future__ import annotations

import operator
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from ..core import Value, topological_order
from ..core.operands import is_number
from ..derivatives import functions
from ..derivatives.functions import call
from ..errors import counted, shorten
from ..table.namespaces.base import Namespace
from ..table.ops import TABLE
from ..table.primitive import Primitive
from .domains import Box
from .substitutes import apply_foreign, apply_strictly

NAMES = "xyzuvw"


@dataclass(frozen=True)
class Variable:
    """The ``index``-th argument."""

    index: int


@dataclass(frozen=True)
class Number:
    """A constant."""

    value: float


@dataclass(frozen=True, repr=False)
class Apply:
    """A primitive on operands, flat as a node's parents are. One `Apply` used twice is computed once."""

    row: Primitive
    operands: tuple[Tree, ...]

    def __eq__(self, other: object) -> bool:
        """Whether both say the same, each part looked at once, however often it is used."""
        if not isinstance(other, Apply):
            return NotImplemented
        known: dict[Any, int] = {}
        return self is other or _numbered(self, known) == _numbered(other, known)

    def __hash__(self) -> int:
        hashes: dict[int, int] = {}
        for part in order(self):
            if isinstance(part, Apply):
                hashes[id(part)] = hash((part.row, *(hashes[id(x)] for x in part.operands)))
            else:
                hashes[id(part)] = hash(part)
        return hashes[id(self)]

    def __repr__(self) -> str:
        most = max((part.index for part in order(self) if isinstance(part, Variable)), default=-1)
        return _shown(self, argument_names(most + 1), "")


Tree = Variable | Number | Apply


@dataclass(frozen=True, repr=False)
class Expression:
    """A differentiable function of ``len(point)`` numbers, with a point at which to try it.

    ``box``, where known, has an interval for each argument: throughout it no operation leaves its domain or
    meets a kink.
    """

    tree: Tree
    point: tuple[float, ...]
    box: Box = field(default=(), compare=False)
    strict: bool = field(default=False, compare=False)
    """Whether another engine must have each operation itself, and none may be made of others."""

    def __call__(self, *xs: Any) -> Any:
        """The value for floats, Values, arrays, mpmath numbers, or the numbers of a foreign engine."""
        if len(xs) != len(self.point):
            raise TypeError(f"this expression takes {len(self.point)} arguments, got {len(xs)}")
        return self.run(xs, partial(apply_to, strict=True) if self.strict else apply_to)

    def run(self, xs: Any, apply: Callable[[Primitive, list[Any]], Any], lift: Callable[[float], Any] = float) -> Any:
        """The value where ``apply(row, operands)`` does each operation and ``lift`` makes each constant."""
        known: dict[int, Any] = {}
        for part in order(self.tree):
            if isinstance(part, Apply):
                known[id(part)] = apply(part.row, [known[id(x)] for x in part.operands])
            else:
                known[id(part)] = xs[part.index] if isinstance(part, Variable) else lift(part.value)
        return known[id(self.tree)]

    def on(self, xp: Namespace, xs: Any) -> Any:
        """The value in a namespace: each row's forward rule, and nothing else of this package, does the work."""
        return self.run(xs, lambda row, operands: row.forward(xp, *row.operands(operands)), xp.lift)

    @property
    def nodes(self) -> int:
        """How many nodes the graph has that this records, constants left out."""
        used = {part if isinstance(part, Variable) else id(part) for part in order(self.tree)
                if not isinstance(part, Number)}  # fmt: skip
        return len(used)

    @property
    def primitives(self) -> set[str]:
        """The names of the operations in it."""
        return {row.name for row in self.rows}

    @property
    def rows(self) -> list[Primitive]:
        """The operations in it, in the order in which they are done."""
        return [part.row for part in order(self.tree) if isinstance(part, Apply)]

    @property
    def source(self) -> str:
        """The function as a line of Python."""
        names = argument_names(len(self.point))
        return f"lambda {', '.join(names)}: {_written(self.tree, names)}"

    def __repr__(self) -> str:
        names = argument_names(len(self.point))
        found = _shown(self.tree, names, f"lambda {', '.join(names)}: ")
        return f"expression({', '.join([found, *map(repr, self.point)])})"


def argument_names(count: int) -> list[str]:
    """``x, y, z`` … as far as they go, else ``x0, x1`` …"""
    return list(NAMES[:count]) if count <= len(NAMES) else [f"x{i}" for i in range(count)]


def order(tree: Tree) -> list[Tree]:
    """Every part once, operands before what uses them."""
    found: list[Tree] = []
    seen: set[int] = set()
    stack: list[tuple[Tree, bool]] = [(tree, False)]
    while stack:
        part, opened = stack.pop()
        if opened or not isinstance(part, Apply):
            if id(part) not in seen:
                seen.add(id(part))
                found.append(part)
        elif id(part) not in seen:
            stack.append((part, True))
            stack.extend((x, False) for x in reversed(part.operands))
    return found


def _numbered(tree: Tree, known: dict[Any, int]) -> int:
    """The number of a tree among those ``known``: equal ones have the same."""
    numbers: dict[int, int] = {}
    for part in order(tree):
        key = (part.row, *(numbers[id(x)] for x in part.operands)) if isinstance(part, Apply) else part
        numbers[id(part)] = known.setdefault(key, len(known))
    return numbers[id(tree)]


# Running


def apply_to(row: Primitive, operands: list[Any], strict: bool = False) -> Any:
    """``row`` on operands of any one kind, as the printed Python would do it."""
    kind = _kind(operands)
    if kind == "foreign":
        return apply_strictly(row, operands) if strict else apply_foreign(row, operands)
    if row.dunder and kind == "operators" and TABLE.get(row.name) is row:
        return getattr(operator, row.dunder)(*operands)
    return call(row, tuple(row.operands(operands)), {})


def _kind(operands: list[Any]) -> str:
    """What the operands are together: "number" where the package's own functions are asked, as of mpmath's too, which
    have not all of the operators; "operators" where these are, of Values and arrays; else "foreign".
    """
    numpy, mpmath = sys.modules.get("numpy"), sys.modules.get("mpmath")
    kind = "number"
    for x in operands:
        if type(x) is float or (mpmath is not None and isinstance(x, mpmath.ctx_mp_python._mpf)):
            continue
        if isinstance(x, Value) or (numpy is not None and isinstance(x, numpy.ndarray) and x.dtype != object):
            return "operators"
        if not is_number(x):
            return "foreign"
    return kind


# Writing

LONGEST, DEEPEST = 4_000, 100
"""What is longer, or has more in one another, is no text to read, and Hypothesis and pytest print it several times."""


def _shown(tree: Tree, names: list[str], head: str) -> str:
    """The text of a tree, if there is any use in it; else of what it is made."""
    depth: dict[int, int] = {}
    for part in order(tree):
        depth[id(part)] = 1 + max((depth[id(x)] for x in part.operands), default=0) if isinstance(part, Apply) else 0
    if depth[id(tree)] <= DEEPEST and len(text := head + _written(tree, names)) <= LONGEST:
        return text
    count = sum(isinstance(part, Apply) for part in order(tree))
    return f"<{counted(count, 'operation')} on {', '.join(names[:6]) or 'numbers'}{', …' * (len(names) > 6)}>"


def _written(tree: Tree, names: list[str]) -> str:
    uses: dict[int, int] = {}
    for part in order(tree):
        for x in part.operands if isinstance(part, Apply) else ():
            uses[id(x)] = uses.get(id(x), 0) + 1
    fresh = iter(name for name in _letters() if name not in names)
    bound: dict[int, str] = {}

    def write(part: Tree, level: int) -> str:
        if isinstance(part, Variable):
            return names[part.index]
        if isinstance(part, Number):
            return repr(part.value) if part.value >= 0 else _bracket(repr(part.value), 3, level)
        if id(part) in bound:
            return bound[id(part)]
        if uses.get(id(part), 0) > 1:
            text = body(part, 0)
            name = bound[id(part)] = next(fresh)
            return f"({name} := {text})"
        return body(part, level)

    def body(part: Apply, level: int) -> str:
        row = part.row
        if row.operator and row.dunder:
            if len(part.operands) == 1:
                return _bracket(f"-{write(part.operands[0], 4)}", 3, level)
            right = row.binding + (0 if row.dunder == "pow" else 1)
            left = row.binding + (1 if row.dunder == "pow" else 0)
            a, b = write(part.operands[0], left), write(part.operands[1], right)
            return _bracket(f"{a} {row.operator} {b}" if row.dunder != "pow" else f"{a}**{b}", row.binding, level)
        place = "ad" if row.name in functions.__all__ else "ad.functions"
        operands = row.operands([write(x, 0) for x in part.operands])
        shown = [f"[{', '.join(x)}]" if row.variadic else x for x in operands]
        return f"{place}.{row.name}({', '.join(shown)})"

    return write(tree, 0)


def _bracket(text: str, binding: int, level: int) -> str:
    return f"({text})" if binding < level else text


def _letters() -> Iterator[str]:
    yield from "abcdefgh"
    n = 0
    while True:
        yield f"t{n}"
        n += 1


# Recording


def expression(f: Callable[..., Any], *point: float) -> Expression:
    """The `Expression` of what ``f`` records when it runs on Values at ``point``: any function of ours becomes one.

    A branch that ``f`` takes in Python is taken for good; what it makes of plain numbers alone is a constant.
    """
    leaves = [Value(x) for x in point]
    root = f(*leaves)
    if is_number(root):
        return Expression(Number(float(root)), tuple(map(float, point)))
    if not isinstance(root, Value):
        raise TypeError(f"expression(f, ...): f gave {shorten(root)}: expected one Value")
    return Expression(tree_of(root, leaves), tuple(leaf.data for leaf in leaves))


def tree_of(root: Value, leaves: list[Value]) -> Tree:
    """The graph below ``root`` as a tree of parts; a leaf that is none of ``leaves`` is a constant."""
    index = {leaf: i for i, leaf in enumerate(leaves)}
    made: dict[Value, Tree] = {}
    for node in topological_order(root):
        if node in index:
            made[node] = Variable(index[node])
        elif not node.parents:
            made[node] = Number(node.data)
        else:
            operands = tuple(made[parent] for parent in node.parents)
            row = node.primitive
            if row is not TABLE.get(row.name) and row.name in TABLE and TABLE[row.name].fill is not None:
                # one of two vectors was plain numbers: they are no nodes, but they are the local derivatives
                row, operands = TABLE[row.name], operands + tuple(map(Number, node.local_derivatives))
            made[node] = Apply(row, operands)
    return made[root]
