"""The tree that is shown: all of a small graph, of a large one what is near the current node, with counts.

A node that several others use has its operands written out under the first of them only.

>>> from autograd_tiny import Value
>>> from autograd_tiny_cli.shell.session import Session
>>> a, b = Value(2.0, "a"), Value(-3.0, "b")
>>> session = Session((a * b).tanh() * a)
>>> for row in whole(session): print(row.guide + session.names(row.node))
root
├─ tanh(a×b)
│  └─ a×b
│     ├─ a
│     └─ b
└─ a
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from autograd_tiny.core import Value

from .session import Session

OPERANDS = 4
"""Of more operands than this, and two, a cut tree shows the first."""


@dataclass(slots=True)
class Row:
    """One line of a tree: a node, or a note in its place."""

    guide: str
    node: Value | None
    note: str = ""


@dataclass(slots=True)
class Branch:
    """A node with what is drawn below it."""

    node: Value | None
    note: str = ""
    below: list[Branch] = field(default_factory=list)


def rows_of(branch: Branch, guide: str = "", below: str = "") -> Iterator[Row]:
    """The lines of a branch, its guides drawn."""
    yield Row(guide, branch.node, branch.note)
    for at, child in enumerate(branch.below, start=1):
        last = at == len(branch.below)
        yield from rows_of(child, below + ("└─ " if last else "├─ "), below + ("   " if last else "│  "))


def whole(session: Session, most: int = 200, deepest: int = 40) -> list[Row]:
    """The tree of all operations, cut after so many lines and levels."""
    expanded: set[Value] = set()
    left = [most]

    def branch(node: Value, depth: int) -> Branch:
        left[0] -= 1
        here = Branch(node)
        if node.parents and node in expanded:
            here.note = "shown above"
        elif node.parents and (depth == deepest or left[0] <= 0):
            here.note = "more below"
        else:
            expanded.add(node)
            here.below = [branch(parent, depth + 1) for parent in node.parents[: max(left[0], 0)]]
            cut = len(node.parents) - len(here.below)
            if cut:
                here.below.append(Branch(None, f"… {cut:,} more operands"))
        return here

    return list(rows_of(branch(session.root, 0)))


def size(session: Session, most: int) -> int:
    """How many lines the tree of everything has, or more than ``most``."""
    lines, expanded, stack = 0, set[Value](), [(session.root, 0)]
    while stack and lines <= most:
        node, depth = stack.pop()
        lines += 1 if depth < 10 else most
        if node not in expanded:
            expanded.add(node)
            stack += [(parent, depth + 1) for parent in node.parents]
    return lines


def around(session: Session, centre: Value, depth: int = 2) -> list[Row]:
    """The way from the root down to ``centre``, its middle left out, and what is below it so many levels down."""
    shown: set[Value] = set()

    def below(node: Value, levels: int) -> Branch:
        here = Branch(node)
        again = node in shown
        shown.add(node)
        if not node.parents:
            return here
        if again:
            here.note = "shown above"
        elif levels == 0:
            here.note = f"{len(node.parents):,} operand{'s' * (len(node.parents) > 1)} below"
        else:
            every = len(node.parents) <= OPERANDS + 2
            here.below = [below(parent, levels - 1) for parent in node.parents[: None if every else OPERANDS]]
            if not every:
                here.below.append(Branch(None, f"… {len(node.parents) - OPERANDS:,} more operands"))
        return here

    top = below(centre, depth)
    way = _way_up(session, centre)
    shown.update(way[:1] + way[-1:])
    users = session.consumers[centre]
    if len(users) > 1:
        top.note = f"used by {len(users):,} operations"
    if way:
        top = Branch(way[0], "", [top])
        if len(way) > 2:
            top = Branch(None, f"… {len(way) - 2:,} operation{'s' * (len(way) > 3)} between", [top])
        if len(way) > 1:
            top = Branch(way[-1], "", [top])
    hidden = len(session.order) - len(shown)
    rows = list(rows_of(top))
    return [*rows, Row("", None, f"({hidden:,} of {len(session.order):,} values are not shown)")] if hidden else rows


def _way_up(session: Session, node: Value) -> list[Value]:
    """A shortest way from the node's first user up to the root."""
    came: dict[Value, Value] = {}
    level = [node]
    while level and session.root not in came and node is not session.root:
        nearer = []
        for lower in level:
            for user in session.consumers[lower]:
                if user not in came:
                    came[user] = lower
                    nearer.append(user)
        level = nearer
    way: list[Value] = []
    at = session.root
    while at is not node:
        way.append(at)
        at = came[at]
    return way[::-1]
