"""Which dot products are one matrix product: those whose vectors pair up like rows and columns.

Every dot is a pair (u, v) of vectors. A set of dots in which every u meets every v, or nearly, is a matrix product;
sets of equal shape, the heads of an attention, stack. A vector is recognised by a hash of its operands.

>>> left = np.array([[1, 2], [1, 2], [3, 4], [3, 4]])  # two rows, each with both columns
>>> right = np.array([[5, 6], [7, 8], [5, 6], [7, 8]])
>>> (stack,), _, _ = match(left, right, np.array([20, 21, 22, 23]), np.zeros(24, np.int64))
>>> stack.nodes.tolist()
[[[20, 21], [22, 23]]]
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..record.graph import Ints

DENSE = 0.4
"""From this part of its pairs on, a product is filled up: what nobody asked for costs less than gathering."""
SPARSEST = 0.1
"""Of a matrix of which this part is there, the product with zeros filled in still beats picking: numpy is that fast."""
_MIX = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True)
class Stack:
    """Matrix products of one shape: ``left`` is S × U × K operands, ``right`` S × V × K, ``nodes`` S × U × V.

    A place of ``nodes`` with -1 is computed for nobody.
    """

    left: Ints
    right: Ints
    nodes: Ints
    right_is_outer: bool


def distinct(rows: Ints) -> tuple[Ints, Ints]:
    """The first of each kind of row, in order of appearance, and for each row its kind."""
    k = rows.shape[1]
    with np.errstate(over="ignore"):
        x = rows.astype(np.uint64) + np.uint64(1)
        x = (x ^ (x >> np.uint64(31))) * _MIX
        x ^= x >> np.uint64(29)
        weights = np.arange(1, 2 * k + 1, 2, dtype=np.uint64) * np.uint64(0xD1342543DE82EF95) + np.uint64(0x632BE5AB)
        hashes = (x * (weights | np.uint64(1))).sum(axis=1, dtype=np.uint64)
    _, first, kind = np.unique(hashes, return_index=True, return_inverse=True)
    if not np.array_equal(rows[first][kind], rows):  # two vectors of one hash: never seen, but no proof
        _, first, kind = np.unique(rows, axis=0, return_index=True, return_inverse=True)
        kind = kind.reshape(-1)
    order = np.argsort(first, kind="stable")
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return first[order], rank[kind]


def components(u: Ints, v: Ints, us: int) -> Ints:
    """For each pair the smallest u of those that it is connected with."""
    of_u, of_v = np.arange(us), np.full(int(v.max()) + 1, us)
    while True:
        np.minimum.at(of_v, v, of_u[u])
        before = of_u.copy()
        np.minimum.at(of_u, u, of_v[v])
        if np.array_equal(before, of_u):
            return of_u[u]


def extend(vectors: list[Ints]) -> list[Ints] | None:
    """For vectors of several lengths (a matrix each, longest last) the longest ones that they are the beginnings of.

    A causal sum, over the first t of something, is a sum over all of it, the other factor filled up with zeros.
    None if some vector is no such beginning.
    """
    longest = vectors[-1]
    first, _ = distinct(longest)
    whole = longest[first]
    found = []
    for rows in vectors[:-1]:
        k = rows.shape[1]
        _, kinds = distinct(np.concatenate([whole[:, :k], rows]))
        # A beginning that two of the longest share stands for the first of them.
        known = np.full(int(kinds.max()) + 1, -1, np.int64)
        known[kinds[: len(whole)][::-1]] = np.arange(len(whole))[::-1]
        places = known[kinds[len(whole) :]]
        if (places < 0).any():
            return None
        found.append(whole[places])
    return [*found, longest]


def densify(groups: list[tuple[Ints, Ints, Ints]], zero: int, address: Ints) -> tuple[Ints, Ints, Ints] | None:
    """Dots over different choices from the same numbers as dots over all of them, what was not chosen times ``zero``.

    A sparse matrix becomes a full one; None if it is too sparse for that, or a number occurs twice in one dot. The
    numbers come in the order of ``address``, so that they can be read where they lie.
    """
    nodes = np.concatenate([group[2] for group in groups])
    left = np.concatenate([group[0].reshape(-1) for group in groups])
    right = np.concatenate([group[1].reshape(-1) for group in groups])
    lengths = np.concatenate([np.full(len(group[2]), group[0].shape[1]) for group in groups])
    every, place = np.unique(right, return_inverse=True)
    by = np.argsort(address[every], kind="stable")
    every, place = every[by], np.argsort(by)[place]
    owner = np.repeat(np.arange(len(nodes)), lengths)
    cells = owner * len(every) + place
    if len(nodes) < 4 or len(cells) < SPARSEST * len(nodes) * len(every) or len(np.unique(cells)) < len(cells):
        return None
    whole = np.full(len(nodes) * len(every), zero)
    whole[cells] = left
    return whole.reshape(len(nodes), -1), np.tile(every, (len(nodes), 1)), nodes


def match(left: Ints, right: Ints, nodes: Ints, height: Ints) -> tuple[list[Stack], Ints, Ints]:
    """The dots ``nodes`` of vectors ``left`` and ``right`` (N × K) as stacks of matrix products.

    Then the nodes that are none of these, and for each of them the one that it equals.
    """
    # Vectors in the order of the text, but those whose products are needed early before those that wait: the keys and
    # queries of all heads, then the values.
    text = np.argsort(-height[nodes], kind="stable")
    left, right, nodes = left[text], right[text], nodes[text]
    first_u, u = distinct(left)
    first_v, v = distinct(right)
    pair, first, kind = np.unique(u * len(first_v) + v, return_index=True, return_inverse=True)
    same = np.setdiff1d(np.arange(len(nodes)), first)
    twins = nodes[first][kind[same]]
    u, v, kept = u[first], v[first], nodes[first]
    if len(pair) == len(first_u) == len(first_v) > 1:  # nobody shares a vector
        order = np.argsort(first, kind="stable")
        rows = first[order]
        return (
            [Stack(left[rows][:, None], right[rows][:, None], nodes[rows].reshape(-1, 1, 1), False)],
            nodes[same],
            twins,
        )
    if len(pair) == len(first_u) * len(first_v):
        part = np.zeros(len(pair), np.int64)
    else:
        part = components(u, v, len(first_u))
    _, part = np.unique(part, return_inverse=True)
    wide, high, pairs = _count(part, u), _count(part, v), np.bincount(part)
    dense = pairs >= DENSE * wide * high
    stacks = []
    shapes, shape_of = np.unique(wide[dense] * (1 << 32) + high[dense], return_inverse=True)
    parts = np.flatnonzero(dense)
    for i, shape in enumerate(shapes.tolist()):
        members = parts[shape_of == i]
        us, vs, table, outer = _stack(members, shape >> 32, shape & (1 << 32) - 1, part, u, v, kept, first)
        stacks.append((first_u[us], first_v[vs], table, outer))
    loose = np.flatnonzero(~dense[part])
    loose = loose[np.argsort(first[loose], kind="stable")]
    if len(loose):
        stacks.append((first_u[u[loose]], first_v[v[loose]], kept[loose].reshape(-1, 1, 1), False))
    made = []
    for lefts, rights, table, outer in stacks:
        s, a, b = table.shape
        made.append(Stack(left[lefts].reshape(s, a, -1), right[rights].reshape(s, b, -1), table, outer))
    return made, nodes[same], twins


def _count(part: Ints, vector: Ints) -> Ints:
    """How many different vectors each part has."""
    base = int(vector.max()) + 1
    return np.bincount(np.unique(part * base + vector) // base, minlength=int(part.max()) + 1)


def _stack(
    members: Ints, wide: int, high: int, part: Ints, u: Ints, v: Ints, kept: Ints, first: Ints
) -> tuple[Ints, Ints, Ints, bool]:
    """The u of each row, the v of each column, the table of nodes, and whether the v change slower in the text."""
    chosen = np.isin(part, members)
    part, u, v, kept, first = part[chosen], u[chosen], v[chosen], kept[chosen], first[chosen]
    _, part = np.unique(part, return_inverse=True)
    s = len(members)
    us, us_of = np.unique(part * (int(u.max()) + 1) + u, return_inverse=True)
    vs, vs_of = np.unique(part * (int(v.max()) + 1) + v, return_inverse=True)
    # Vectors are numbered by first appearance, and parts by their first u: so everything is in the text's order.
    table = np.full((s, wide, high), -1, np.int64)
    table[part, us_of % wide, vs_of % high] = kept
    order = np.argsort(first, kind="stable")
    outer = len(order) > 1 and u[order[0]] != u[order[1]]
    return us % (int(u.max()) + 1), vs % (int(v.max()) + 1), table, bool(outer)
