"""Long sums and sums of products out of chains of + and ×: one node where the text had a loop.

``w[0]*x[0] + w[1]*x[1] + … + b`` is a chain of additions, each with one consumer. It becomes one `dot` of the
products and an addition of the rest, as `dot` would have recorded it. Products of different make (weight × input,
weight × hidden number) become one dot each, so that each can be a matrix product of its own. Nothing else is
touched: a ``0 + x`` or ``x * -1`` that one neuron has and its neighbour has too must stay, or they would differ.

>>> from autograd_tiny import Value
>>> from autograd_tiny.compiler.record.graph import record
>>> w, x = [Value(1.0), Value(2.0), Value(3.0)], [Value(4.0), Value(5.0), Value(6.0)]
>>> graph = record([w[0] * x[0] + w[1] * x[1] + w[2] * x[2]], [x], batch=False)
>>> print(graph, "->", flatten(graph))
3 mul, 2 add -> 1 dot
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ...errors import counted
from ..record.graph import COMPUTED, CONSTANT, DISSOLVED, INPUT, PARAMETER, Bools, Graph, Ints


def ranks(graph: Graph) -> Ints:
    """What kind of factor a node is, in the order in which the factors of a product are put: weights first."""
    of_kind = np.zeros(5, np.int64)
    of_kind[[PARAMETER, COMPUTED, CONSTANT, INPUT]] = (0, 1, 2, 3)
    found: Ints = of_kind[graph.kinds]
    found[graph.batched & (graph.kinds == COMPUTED)] = 4
    return found


def flatten(graph: Graph) -> Graph:
    """The same graph with its chains of additions as sums, and their products as dots."""
    n = graph.size
    add, total, multiply, dot = (graph.code(name) for name in ("add", "sum", "mul", "dot"))
    codes, operands, batched = graph.codes.copy(), graph.operands, graph.batched
    consumer = np.repeat(np.arange(n), graph.counts)
    single = np.bincount(operands, minlength=n) == 1
    single[graph.roots] = False
    only = np.zeros(n, np.int64)
    only[operands] = consumer
    is_add = ((codes == add) | (codes == total)) & ~_below_angles(graph)

    inlined = is_add & single & is_add[only] & (batched == batched[only])
    top = np.where(inlined, only, np.arange(n))
    while not np.array_equal(higher := top[top], top):
        top = higher
    term = is_add[consumer] & ~inlined[operands]
    tree = top[consumer]
    terms = np.bincount(tree[term], minlength=n)

    # Which terms are products of one make, two or more to a tree.
    product = term & (codes[operands] == multiply) & single[operands]
    product &= batched[operands] == batched[tree]
    rank = ranks(graph)
    products = operands[product]
    left, right = operands[graph.starts[products]], operands[graph.starts[products] + 1]
    make = np.minimum(rank[left], rank[right]) * 8 + np.maximum(rank[left], rank[right])
    keys, which, many = np.unique(tree[product] * 64 + make, return_inverse=True, return_counts=True)
    kept = many[which] >= 2
    products, which = products[kept], which[kept]
    used, which = np.unique(which, return_inverse=True)
    owners = keys[used] // 64
    dissolved = np.zeros(n, bool)
    dissolved[products] = True

    # A tree that is nothing but one dot is that dot; otherwise the dot is a new node among its terms.
    dots = np.bincount(owners, minlength=n)
    terms_left = terms - np.bincount(owners, weights=many[used], minlength=n).astype(np.int64) + dots
    alone = (terms_left[owners] == 1) & (dots[owners] == 1)
    made = np.where(alone, owners, n + np.cumsum(~alone) - 1)
    new = int((~alone).sum())
    grown = terms_left + 0
    tops = is_add & ~inlined
    # A sum that the user wrote as such stays a sum, of however few.
    codes[tops & (grown == 2)] = np.where(codes[tops & (grown == 2)] == total, total, add)
    codes[tops & (grown > 2)] = total
    codes[owners[alone]] = dot

    # The edges that remain, towards whom, and on which side of a dot.
    side = np.zeros(len(operands), np.int64)
    is_dot = graph.codes[consumer] == dot
    place = np.arange(len(operands)) - graph.starts[consumer]
    side[is_dot] = place[is_dot] >= graph.counts[consumer[is_dot]] // 2
    stays = ~inlined[operands] | ~is_add[consumer]
    stays &= ~(dissolved[operands] & term)
    stays &= ~dissolved[consumer]
    of_dissolved = graph.starts[products]
    edge_to = np.concatenate(
        [np.where(is_add[consumer], tree, consumer)[stays], made[which], made[which], owners[~alone]]
    )
    edge_from = np.concatenate([operands[stays], operands[of_dissolved], operands[of_dissolved + 1], made[~alone]])
    ones = np.ones(len(products), np.int64)
    edge_side = np.concatenate([side[stays], 0 * ones, ones, np.zeros(new, np.int64)])
    order = np.argsort(edge_to * 2 + edge_side, kind="stable")

    kinds = np.concatenate([graph.kinds, np.full(new, COMPUTED, np.uint8)])
    kinds[:n][inlined | dissolved] = DISSOLVED
    fresh = owners[~alone]
    all_codes = np.concatenate([codes, np.full(new, dot, codes.dtype)])
    counts = np.bincount(edge_to, minlength=n + new)
    flat = replace(
        graph,
        codes=all_codes,
        starts=np.concatenate([[0], np.cumsum(counts)]),
        operands=edge_from[order],
        numbers=np.concatenate([graph.numbers, np.zeros(new)]),
        kinds=kinds,
        batched=np.concatenate([batched, batched[fresh]]),
        learns=np.concatenate([graph.learns, graph.learns[fresh]]),
        position=np.concatenate([graph.position, graph.position[fresh]]),
        memory=np.concatenate([graph.memory, graph.memory[fresh]]),
    )
    sides = _facing(flat, all_codes == dot)
    alive = int((kinds == COMPUTED).sum())
    sums = int((all_codes == total).sum() - (graph.codes == total).sum())
    made_of_them = " and ".join(counted(n, noun) for n, noun in ((sums, "sum"), (len(used), "dot product")) if n > 0)
    if made_of_them:
        line = f"chains of + and × became {made_of_them}: {counted(alive, 'operation')} left"
    else:
        line = f"no chain of + and × to make a sum or a dot product of: still {counted(alive, 'operation')}"
    return flat.told(line, operands=sides)


def _below_angles(graph: Graph) -> Bools:
    """What the first operand of an atan2 is computed from: -0 + -0 is -0 there, and of it a sum makes 0, half a turn
    away.
    """
    found = np.zeros(graph.size, bool)
    angles = np.flatnonzero((graph.codes == graph.code("atan2")) & (graph.kinds == COMPUTED))
    stack = graph.operands[graph.starts[angles]].tolist()
    while stack:
        node = stack.pop()
        if not found[node]:
            found[node] = True
            stack += graph.operands[graph.starts[node] : graph.starts[node + 1]].tolist()
    return found


def _facing(graph: Graph, is_dot: Bools) -> Ints:
    """The operands with the factors of every product of a dot in the order of `ranks`: ``x*w`` is ``w*x``."""
    operands = graph.operands.copy()
    dots = np.flatnonzero(is_dot & (graph.kinds == COMPUTED))
    if len(dots) == 0:
        return operands
    from ..record.graph import ranges

    half = graph.counts[dots] // 2
    first = ranges(graph.starts[dots], half)
    second = first + np.repeat(half, half)
    rank = ranks(graph)
    swap = rank[operands[first]] > rank[operands[second]]
    a, b = operands[first].copy(), operands[second].copy()
    operands[first] = np.where(swap, b, a)
    operands[second] = np.where(swap, a, b)
    return operands


def even_out(graph: Graph) -> Graph:
    """The same graph where a sum over the first t of something is a sum for t = 1 and t = 2 too.

    The first position of a causal attention has a product where others have dots, the second an addition where others
    have sums: as a dot of length 1, and a sum of length 2, they can go with their neighbours.
    """
    add, total, multiply, dot = (graph.code(name) for name in ("add", "sum", "mul", "dot"))
    codes, starts, operands = graph.codes.copy(), graph.starts[:-1], graph.operands
    computed = graph.kinds == COMPUTED
    sums, adds = (np.flatnonzero(computed & (codes == code)) for code in (total, add))
    if len(sums) and len(adds):
        first, second = operands[starts[adds]], operands[starts[adds] + 1]
        alike = (codes[first] == codes[second]) & computed[first] & computed[second]
        summed = codes[operands[starts[sums]]][computed[operands[starts[sums]]]]
        alike &= np.isin(codes[first], np.setdiff1d(summed, [add, total, multiply, dot]))
        codes[adds[alike]] = total
    dots, products = (np.flatnonzero(computed & (codes == code)) for code in (dot, multiply))
    if len(dots) and len(products):
        half = graph.counts[dots] // 2
        sides = operands[starts[dots]], operands[starts[dots] + half]
        factors = operands[starts[products]], operands[starts[products] + 1]
        for i in (0, 1):
            begun, lengths = np.unique(np.unique(sides[i] * (1 << 32) + half) >> 32, return_counts=True)
            partner = np.full(graph.size, -1)
            partner[sides[i]] = codes[sides[1 - i]]
            causal = np.isin(factors[i], begun[lengths > 1]) & computed[factors[1 - i]]
            codes[products[causal & (partner[factors[i]] == codes[factors[1 - i]])]] = dot
    changed = int((codes != graph.codes).sum())
    return replace(graph, codes=codes) if changed == 0 else graph.told(
        f"sums and products of the first one or two terms that became like those of more: {changed:,}", codes=codes
    )  # fmt: skip


def lift(graph: Graph) -> Graph:
    """Each vector of a many-operand node from one place: what has no batch, or is an input, is copied beside it."""
    variadic = np.array([row.variadic for row in graph.rows])
    nodes = np.flatnonzero(variadic[graph.codes] & graph.batched & (graph.kinds == COMPUTED))
    if len(nodes) == 0:
        return graph
    vectors = np.array([len(row.arguments) for row in graph.rows])[graph.codes[nodes]]
    length = graph.counts[nodes] // vectors
    starts = np.repeat(graph.starts[nodes], vectors) + (
        np.arange(int(vectors.sum())) - np.repeat(np.cumsum(vectors) - vectors, vectors)
    ) * np.repeat(length, vectors)
    lengths = np.repeat(length, vectors)
    space = graph.memory
    from ..record.graph import ranges

    edges = ranges(starts, lengths)
    offsets = np.cumsum(lengths) - lengths
    found = space[graph.operands[edges]]
    low, high = np.minimum.reduceat(found, offsets), np.maximum.reduceat(found, offsets)
    # Only a dot may have a side without a batch: every other such node is one array with the batch in it.
    is_dot = np.repeat(graph.codes[nodes] == graph.code("dot"), vectors)
    mixed = (low != high) | ((high == 0) & ~is_dot)
    doubtful = edges[np.repeat(mixed, lengths)]
    doubtful = doubtful[space[graph.operands[doubtful]] != 1]
    if len(doubtful) == 0:
        return graph
    sources, which = np.unique(graph.operands[doubtful], return_inverse=True)
    n, new = graph.size, len(sources)
    operands = graph.operands.copy()
    operands[doubtful] = n + which
    count = len(sources)
    return replace(
        graph,
        codes=np.concatenate([graph.codes, np.full(new, graph.code("identity"), graph.codes.dtype)]),
        starts=np.concatenate([graph.starts, graph.starts[-1] + 1 + np.arange(new)]),
        operands=np.concatenate([operands, sources]),
        numbers=np.concatenate([graph.numbers, np.zeros(new)]),
        kinds=np.concatenate([graph.kinds, np.full(new, COMPUTED, np.uint8)]),
        batched=np.concatenate([graph.batched, np.ones(new, bool)]),
        learns=np.concatenate([graph.learns, graph.learns[sources]]),
        position=np.concatenate([graph.position, graph.position[sources]]),
        memory=np.concatenate([graph.memory, np.ones(new, np.int64)]),
    ).told(f"copied, to lie beside what they are added to or multiplied with: {counted(count, 'number')}")
