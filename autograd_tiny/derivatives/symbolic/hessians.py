"""The Hessian of one number as expressions, entry by entry: by pushing edges, or forward over reverse.

Pushing edges (R. Gower, M. Mello, A new framework for the computation of Hessians, 2012) is a reverse sweep that keeps,
beside each node's adjoint, the second derivatives by pairs of nodes that are not dissolved yet: a pair is pushed down
to the operands, and each node adds its own second derivatives. So nothing is computed for both halves of the matrix,
and nothing where operations are linear. Where a wide layer lies above a few variables, a forward sweep over the
gradient is less work; both are counted, and the work stops where the other is cheaper.

>>> from autograd_tiny.table.ops import TABLE
>>> e = Expressions()
>>> x, y = e.leaf(), e.leaf()
>>> root = e.apply(TABLE["mul"], (e.apply(TABLE["mul"], (x, x)), y))
>>> found = hessian(e, root, [x, y])
>>> found == {(0, 0): e.scaled(2.0, y), (1, 0): e.scaled(2.0, x)}
True
"""

from __future__ import annotations

from collections.abc import Sequence

from .expressions import Expressions
from .jacobians import Entries, Swept, jacobian
from .locals import second

Terms = list[tuple[int, int]]


class TooMuch(Exception):
    """More pairs are pushed than the other way has multiplications."""


def hessian(e: Expressions, root: int, variables: Sequence[int], beside: list[int] | None = None) -> Entries:
    """The entries on and below the diagonal that are not 0 for every input; ``beside`` gains those of the gradient."""
    swept = Swept(e, [root], variables)
    gradient = swept.reverse()
    if beside is not None:
        beside += gradient.values()
    columns = [j for j in range(len(variables)) if (0, j) in gradient]
    slopes = [gradient[0, j] for j in columns]
    try:
        return pushed(swept, root, forward_work(e, slopes, variables))
    except TooMuch:
        found = {(columns[i], j): place for (i, j), place in jacobian(e, slopes, variables).items()}
        lower = {(i, j): place for (i, j), place in found.items() if i >= j}
        # What one half has and the other has not is 0 there by its numbers: 0 · x is kept, as 0 · ∞ is not 0.
        return {**{(j, i): place for (i, j), place in found.items() if i < j and (j, i) not in lower}, **lower}


def forward_work(e: Expressions, outputs: Sequence[int], variables: Sequence[int]) -> int:
    """About what a forward sweep costs, seen from the operands alone: a product for each and each variable below it."""
    under = {v: 1 << j for j, v in enumerate(variables)}
    work = 0
    for node in e.below(outputs):
        if node not in under:
            below = 0
            for i in e.operands[node]:
                bits = under.get(i, 0)
                below |= bits
                work += bits.bit_count()
            if below:
                under[node] = below
    return work


def pushed(swept: Swept, root: int, most: int) -> Entries:
    """By pushing edges; `TooMuch` if that takes more than ``most`` products."""
    e, under, numbers = swept.e, swept.under, swept.e.numbers
    adjoints: dict[int, Terms] = {root: [(e.one, e.one)]}
    pairs: dict[int, dict[int, Terms]] = {}
    """Of each node, the second derivatives by it and each other one, which has them too."""
    work = 0

    def add(a: int, b: int, x: int, y: int) -> None:
        nonlocal work
        work += 1
        if work > most:
            raise TooMuch
        terms = pairs.setdefault(a, {}).setdefault(b, [])
        terms.append((x, y))
        if a != b:
            pairs.setdefault(b, {})[a] = terms

    for node in reversed(swept.order):
        if node not in swept.edges or node not in under:
            continue
        mine = pairs.pop(node, {})
        edges = combined(e, swept.edges[node])
        own = mine.pop(node, None)
        for other, terms in mine.items():
            del pairs[other][node]
            weight = e.total(terms)
            for i, local in edges:
                product = e.product(local, weight)
                add(i, other, product, e.constant(2.0) if i == other else e.one)
        if own is not None:
            scale, weight = e.factors(e.one, e.total(own))
            for a, (i, unscaled) in enumerate(edges):
                local = e.product(scale, unscaled)
                factor = numbers[local]
                scaled = -1 if factor is not None else e.product(local, weight)
                for k, beside in edges[a:]:
                    other_factor = numbers[beside]
                    if factor is None:
                        add(i, k, scaled, beside)
                    elif other_factor is None:
                        add(i, k, e.product(local, beside), weight)
                    else:
                        add(i, k, e.constant(factor * other_factor), weight)
        if node not in adjoints:
            continue
        adjoint = e.total(adjoints.pop(node))
        for i, k, curvature in second(e, node):
            if i in under and k in under:
                add(i, k, adjoint, curvature)
        for i, local in swept.edges[node]:
            adjoints.setdefault(i, []).append((adjoint, local))
    places = {v: j for j, v in enumerate(swept.variables)}
    found: Entries = {}
    for a, others in pairs.items():
        for b, terms in others.items():
            if places[a] >= places[b]:
                found[places[a], places[b]] = e.total(terms)
    return found


def combined(e: Expressions, edges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """One edge to each operand: of an operand that is there twice, the sum."""
    by_operand: dict[int, Terms] = {}
    for i, local in edges:
        by_operand.setdefault(i, []).append((e.one, local))
    return [(i, e.total(terms)) for i, terms in by_operand.items()]
