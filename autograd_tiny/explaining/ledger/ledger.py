"""`explain`: why a gradient has its value, as a sum over paths and as the sums that the sweep makes.

d(root)/d(wrt) is the sum, over every path from the root down to ``wrt``, of the product of the local derivatives
along it. A path is counted whatever its product: a factor 0 makes a path that carries 0 (`zero_count` of them),
and, as in the sweep, once a product is 0 nothing further is sent, not even into an infinity. Edges towards
constants lead nowhere and make no path. ``a * a`` has two edges to ``a``, and so two paths.

>>> from autograd_tiny import Value
>>> a, b, c = Value(2.0, "a"), Value(-3.0, "b"), Value(10.0, "c")
>>> d = a * b + c
>>> L = d.tanh()
>>> print(explain(L, a))
∂L/∂a = 1 path
  ∂L/∂d · ∂d/∂(a×b) · ∂(a×b)/∂a  =  0.00134 × 1 × -3  =  -0.00402
>>> ledger = explain(a * a * c, a)
>>> ledger.path_count, [path.product for path in ledger.paths], ledger.gradient
(2, [20.0, 20.0], 40.0)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import isfinite

from ... import errors
from ...core import Value, gradient_numbers
from ...modes.infinities import nonfinite
from ..blackboard import LATEX
from ..names import Names
from ..naming import caller_names
from ..shown import Printed
from .latex import latex
from .paths import Between, Steps
from .text import detailed, overview, title, written_out


@dataclass(frozen=True, slots=True, eq=False)
class Edge:
    """One factor of a product: the derivative of ``node`` by its parent number ``index``."""

    node: Value
    index: int
    names: Names = field(repr=False)

    @property
    def parent(self) -> Value:
        return self.node.parents[self.index]

    @property
    def local_derivative(self) -> float:
        """The number, as it was computed when the node was made."""
        return self.node.local_derivatives[self.index]

    @property
    def symbol(self) -> str:
        """``∂d/∂(a×b)``."""
        return self.names.derivative(self.node, self.parent)

    @property
    def formula(self) -> str:
        """The local derivative as the rule writes it: ``1 / cosh²(d)``."""
        return self.names.local_formula(self.node, self.index)

    @property
    def latex_symbol(self) -> str:
        return self.names.derivative(self.node, self.parent, LATEX)

    @property
    def latex_formula(self) -> str:
        return self.names.local_formula(self.node, self.index, LATEX)


@dataclass(frozen=True, slots=True, eq=False)
class Path:
    """One way from the root down: its edges, their product, and its share of the gradient (None if that is 0)."""

    edges: tuple[Edge, ...]
    product: float
    share: float | None


@dataclass(frozen=True, slots=True, eq=False)
class Contribution:
    """One addition of the sweep: what ``node`` sends to its parent number ``index``, and the sum after it."""

    node: Value
    index: int
    upstream: float
    local_derivative: float
    product: float
    running_sum: float


class Ledger(Printed):
    """Why d(root)/d(wrt) has its value. `explain` makes it; ``print`` shows the paths, `detailed` all there is.

    ``gradient`` is that of `gradients`, to the last bit. ``paths`` are the ``k`` with the largest |product|,
    largest first; equal ones leftmost first.
    """

    def __init__(self, root: Value, wrt: Value, k: int, variables: Mapping[Value, str]) -> None:
        self.root, self.wrt, self.k = root, wrt, k
        with nonfinite("allow"):  # an infinite gradient wants explaining more than any other
            self.gradient: float = gradient_numbers(root, [wrt])[0]
        self._between = Between(root, wrt)
        order = self._between.order if self._between.nodes else [*self._between.order, wrt]
        self.names = Names(order, {node: variables[node] for node in order if node in variables}, root, networks=True)

    @cached_property
    def _counts(self) -> tuple[int, int]:
        return self._between.counts()

    @property
    def path_count(self) -> int:
        """How many paths lead from the root to ``wrt``: exact, even where it is astronomically large."""
        return self._counts[0]

    @property
    def zero_count(self) -> int:
        """How many of them have a factor 0, such as the slope of a relu that is off, and so carry nothing."""
        return self._counts[0] - self._counts[1]

    @cached_property
    def _steps(self) -> list[Steps]:
        return list(self._between.best(self.k))

    @cached_property
    def paths(self) -> tuple[Path, ...]:
        """The paths that matter most."""
        return tuple(self._path(steps) for steps in self._steps)

    @cached_property
    def rest(self) -> float:
        """The sum of the paths that are not among `paths`, added up without listing them."""
        return self._between.rest(self._steps) if self.path_count > len(self._steps) else 0.0

    def _path(self, steps: Steps) -> Path:
        product = 1.0
        for node, i in steps:
            product *= node.local_derivatives[i]
        if not self._between.not_taken.isdisjoint(steps):  # whatever else it leads over
            product = 0.0
        share = product / self.gradient if self.gradient else None
        return Path(tuple(Edge(node, i, self.names) for node, i in steps), product, share)

    @property
    def contributions(self) -> tuple[Contribution, ...]:
        """What each node sends to ``wrt``, in the order of the sweep; the last running sum is the gradient."""
        return self.contributions_to(self.wrt) if self._between.nodes else ()

    def contributions_to(self, node: Value) -> tuple[Contribution, ...]:
        """The same for any node on a path from the root to ``wrt``; the root itself receives none."""
        if not isinstance(node, Value) or node not in self._between.edges:
            raise ValueError(
                f"contributions_to({errors.shorten(node)}): expected a node on a path from {self.names(self.root)} "
                f"to {self.names(self.wrt)}; for another ask explain(root, node).contributions"
            )
        return tuple(self._entries.get(node, ()))

    @cached_property
    def _entries(self) -> dict[Value, list[Contribution]]:
        """The sweep over the nodes between, noted down: the same products and sums in the same order."""
        known, reached = {self.root: 1.0}, {self.root}
        entries: dict[Value, list[Contribution]] = {}
        for node in reversed(self._between.nodes):
            upstream = known.get(node, 0.0)
            for i, parent, local in self._between.edges[node]:
                product = 0.0 if (node, i) in self._between.not_taken else upstream * local
                if upstream != 0.0 or (node in reached and not isfinite(product)):
                    known[parent] = total = known.get(parent, 0.0) + product
                    entries.setdefault(parent, []).append(Contribution(node, i, upstream, local, product, total))
                if node in reached and (node, i) not in self._between.not_taken:
                    reached.add(parent)
        return entries

    def detailed(self) -> str:
        """Every path shown with one factor a line: symbol, formula, number, product so far; then the sums."""
        return detailed(self)

    def written_out(self) -> list[str]:
        """The largest path on three lines, as the articles write it: in symbols, in formulas, in numbers."""
        return written_out(self)

    def latex(self) -> str:
        """The same sum over paths as LaTeX, in symbols, formulas and numbers, for a display."""
        return latex(self)

    def __str__(self) -> str:
        return overview(self)

    def __repr__(self) -> str:
        return f"<Ledger {title(self)}, gradient {self.gradient!r}>"

    def _repr_latex_(self) -> str:
        """Jupyter shows the formulas."""
        return rf"$\displaystyle {self.latex()}$"


def explain(root: Value, wrt: Value, k: int = 5, *, names: Mapping[str, Value] | None = None) -> Ledger:
    """Why d(root)/d(wrt) has its value: the `Ledger` of the paths between them, with the ``k`` largest written out.

    Nodes without a label are called by the caller's variables, or by ``names`` (name -> Value; ``{}`` for none).
    A ``wrt`` that the root does not depend on has no paths and gradient 0. No ``.grad`` is touched.
    """
    for place, node in (("root", root), ("wrt", wrt)):
        if not isinstance(node, Value):
            raise TypeError(
                f"explain(root, wrt): {place} is {errors.shorten(node)}: expected a Value"
                + ("; ask for one at a time" if isinstance(node, Sequence) else "")
            )
    if wrt.is_constant:
        raise ValueError(
            f"explain(root, wrt): {wrt!r} is a constant, which takes no gradient; make it a leaf: Value(...)"
        )
    if isinstance(k, bool) or not isinstance(k, int) or k < 0:
        raise ValueError(f"explain(root, wrt, k): k is {errors.shorten(k)}: expected how many paths to write out")
    variables: dict[Value, str] = caller_names() if names is None else {}
    for name, node in (names or {}).items():
        variables.setdefault(node, name)
    return Ledger(root, wrt, k, variables)
