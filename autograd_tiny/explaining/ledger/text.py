"""A ledger on the terminal: one path a line where that fits, and the middle of a long chain left out.

>>> from autograd_tiny import Value, explain
>>> x = Value(2.0, "x")
>>> y = x * x + 3.0 * x
>>> print(explain(y, x, k=2))
∂y/∂x = 3 paths
  ∂y/∂(3×x) · ∂(3×x)/∂x  =  1 × 3  =  3
  ∂y/∂(x×x) · ∂(x×x)/∂x  =  1 × 2  =  2
  … and 1 more path: 2
  sum: 7
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from math import floor, inf, log10
from typing import TYPE_CHECKING

from ..blackboard import compact
from ..digits import aligned
from ..wording import short

if TYPE_CHECKING:
    from .ledger import Ledger, Path

WIDTH = 80
DIGITS = 3
LONGEST = 12
"""A path of more factors shows the first and the last of them."""


def how_many(count: int) -> str:
    """A count to read, however large.

    >>> how_many(1234567), how_many(2**200)
    ('1,234,567', '1.607 × 10⁶⁰')
    """
    if count < 10**15:
        return f"{count:,}"
    digits = log10(count)
    exponent = floor(digits)
    return f"{10 ** (digits - exponent):.4g} × 10{str(exponent).translate(str.maketrans('0123456789', '⁰¹²³⁴⁵⁶⁷⁸⁹'))}"


def paths_word(count: int) -> str:
    return f"{how_many(count)} path" + ("" if count == 1 else "s")


def title(ledger: Ledger) -> str:
    """``∂L/∂w = 320 paths (180 carry 0)``."""
    fraction = ledger.names.derivative(ledger.root, ledger.wrt)
    zeros, every = ledger.zero_count, ledger.path_count
    note = "" if not zeros else " (it carries 0)" if every == 1 else f" ({how_many(zeros)} carry 0)"
    return f"{fraction} = {paths_word(every)}{note}"


def overview(ledger: Ledger) -> str:
    """What ``print(ledger)`` shows."""
    if ledger.path_count == 0:
        names = ledger.names
        return f"{title(ledger)}: {names(ledger.root)} does not depend on {names(ledger.wrt)}, the gradient is 0"
    rows = [(*pieces, f"   ({len(like)} like this)" * (len(like) > 1)) for pieces, like in _alike(ledger.paths)]
    widths = [max((len(row[i]) for row in rows), default=0) for i in (0, 1)]
    lines = [title(ledger)]
    if all(2 + sum(widths) + 10 + len(total + like) <= WIDTH for _, _, total, like in rows):
        lines += [
            f"  {symbols:{widths[0]}}  =  {numbers:{widths[1]}}  =  {total}{n}" for symbols, numbers, total, n in rows
        ]
    else:
        for symbols, numbers, total, like in rows:
            lines += [f"  {symbols}", f"    =  {numbers}  =  {total}", *([f"    {like.strip()}"] if like else [])]
    return "\n".join(lines + _closing(ledger))


def _alike(paths: Sequence[Path]) -> list[tuple[tuple[str, str, str], list[Path]]]:
    """Paths that read the same, as those over the two edges of ``a × a`` do, together."""
    return [(pieces, list(group)) for pieces, group in groupby(paths, _pieces)]


def _closing(ledger: Ledger) -> list[str]:
    """The paths not shown, and the sum."""
    if ledger.path_count == 1 and ledger.paths:
        return []
    more = ledger.path_count - len(ledger.paths)
    others = f"  … and {how_many(more)} more path{'s' * (more > 1)}: {short(ledger.rest, DIGITS)}"
    rest = [others] if more and ledger.paths else []
    return [*rest, f"  sum: {short(ledger.gradient, DIGITS)}"]


def _pieces(path: Path) -> tuple[str, str, str]:
    """Symbols, numbers and product of one path, with as many factors at both ends as fit the width."""
    total = short(path.product, DIGITS)
    if not path.edges:
        return "the node itself", "1", total
    count = len(path.edges)
    shown = min(count, LONGEST)
    while True:
        symbols, numbers = _row(path, shown)
        if shown <= 2 or (2 + len(symbols) <= WIDTH and len(numbers) + len(total) + 12 <= WIDTH):
            return symbols, numbers, total
        shown -= 1


def _row(path: Path, shown: int) -> tuple[str, str]:
    edges, count = path.edges, len(path.edges)
    if shown == count:
        return " · ".join(e.symbol for e in edges), " × ".join(short(e.local_derivative, DIGITS) for e in edges)
    head, tail = edges[: (shown + 1) // 2], edges[count - shown // 2 :]
    between = 1.0
    for edge in edges[len(head) : count - len(tail)]:
        between = between * edge.local_derivative if between != 0.0 else 0.0
    left_out = f"({count - shown} more: {short(between, DIGITS)})"
    symbols = [*(edge.symbol for edge in head), "…", *(edge.symbol for edge in tail)]
    numbers = [short(edge.local_derivative, DIGITS) for edge in (*head, *tail)]
    return " · ".join(symbols), " × ".join([*numbers[: len(head)], left_out, *numbers[len(head) :]])


def detailed(ledger: Ledger) -> str:
    """What `Ledger.detailed` shows: a table for each path, the nodes on it, and what is added up in ``wrt``."""
    if not ledger.paths:
        return overview(ledger)
    lines = [f"{title(ledger)}, gradient {short(ledger.gradient, 6)}"]
    for number, path in enumerate(ledger.paths, start=1):
        lines += ["", f"path {number} of {how_many(ledger.path_count)}: {short(path.product, 6)}{_share(path)}"]
        lines += _table(path)
    lines += ["", *_closing(ledger)] if ledger.path_count > 1 else []
    lines += ["", f"what the sweep adds up in {ledger.names(ledger.wrt)}"]
    return "\n".join([*lines, *_sums(ledger), *_made(ledger)])


def written_out(ledger: Ledger) -> list[str]:
    """What `Ledger.written_out` gives; one line where there is no path or nothing on it."""
    if not ledger.paths or not ledger.paths[0].edges:
        return overview(ledger).splitlines()
    edges = ledger.paths[0].edges
    left = ledger.names.derivative(ledger.root, ledger.wrt)
    others = "" if ledger.path_count == 1 else f" + {paths_word(ledger.path_count - 1)} more"
    numbers = " × ".join(short(edge.local_derivative) for edge in edges)
    return [
        f"{left} = " + " · ".join(edge.symbol for edge in edges) + others,
        "  = " + " · ".join(f"[{edge.formula}]" for edge in edges) + (" + …" if others else ""),
        f"  = {numbers}" + (" + …" if others else "") + f" = {short(ledger.gradient)}",
    ]


def _share(path: Path) -> str:
    """``, 12.5 % of the gradient``; where the paths cancel, how many times the gradient."""
    share = path.share
    if share is None or not -inf < share < inf:
        return ""
    return f", {short(100 * share)} % of the gradient" if abs(share) < 10 else f", {share:,.0f} times the gradient"


def columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows of cells as aligned lines."""
    return [f"  {line}" for line in aligned(rows, "   ")]


def _table(path: Path) -> list[str]:
    rows, product, skipped = [["factor", "formula", "number", "product"]], 1.0, len(path.edges) - 2 * LONGEST
    for at, edge in enumerate(path.edges):
        local = edge.local_derivative
        product = product * local if product != 0.0 else 0.0
        if skipped <= 0 or not LONGEST <= at < len(path.edges) - LONGEST:
            rows.append([edge.symbol, _cut(edge.formula), short(local), short(product)])
        elif at == LONGEST:
            rows.append(["…", f"{skipped:,} factors", "", ""])
    return columns(rows) if path.edges else ["  the node itself: 1"]


def _sums(ledger: Ledger) -> list[str]:
    entries = ledger.contributions
    if not entries:
        return [
            "  1, as the root" if ledger.root is ledger.wrt else "  nothing: every gradient that could reach it is 0"
        ]
    rows = [["from", "gradient", "× local", "= sends", "sum so far"]]
    names = ledger.names
    chosen = list(entries) if len(entries) <= 2 * LONGEST else [*entries[:LONGEST], *entries[-LONGEST:]]
    for at, entry in enumerate(chosen):
        if at == LONGEST and len(chosen) < len(entries):
            rows.append(["…", f"{len(entries) - len(chosen):,} more", "", "", ""])
        numbers = (entry.upstream, entry.local_derivative, entry.product, entry.running_sum)
        rows.append([names(entry.node), *map(short, numbers)])
    return columns(rows)


def _made(ledger: Ledger) -> list[str]:
    """The nodes on the first path, each with its formula, its number and, if known, the line that made it."""
    nodes = [edge.node for edge in ledger.paths[0].edges] + [ledger.wrt]
    if len(nodes) > 2 * LONGEST:
        nodes = [*nodes[:LONGEST], *nodes[-LONGEST:]]
    rows = []
    for node in nodes:
        definition = str(ledger.names.formula(node)) if node.parents else ""
        formula = f"= {_cut(definition)}" if compact(definition) not in ("", ledger.names(node)) else ""
        number = f"= {short(node.data)}"
        rows.append([ledger.names(node), formula, number, f"made at {node.source}" if node.source else ""])
    return ["", "the nodes on the first path", *columns(rows)]


def _cut(text: str, width: int = 36) -> str:
    return text if len(text) <= width else f"{text[: width - 1]}…"
