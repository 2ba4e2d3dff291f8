"""Conditions to stop at, for ``until`` and ``break_on``: a node, a label, an operation, a test, or a few words.

The words are for those who type: ``"abs(gradient) > 10"``, ``"upstream == 0"``, ``"nonfinite"``. They are matched
against a pattern, never evaluated.

>>> from autograd_tiny import Value, steps
>>> w = Value(0.1, "w")
>>> p = steps((w * 20.0).exp() * 3.0)
>>> p.until("exp").index, p.until("abs(gradient) > 100").node.op
(2, 'mul')
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from ... import errors
from ...core import Value
from ..names import Names


@dataclass(frozen=True, repr=False)
class Condition:
    """What to stop at: nodes, an operation, or a test of the step; `name` is what the user called it."""

    name: str
    nodes: frozenset[Value] = frozenset()
    op: str = ""
    test: Callable[[Any], Any] | None = None

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        return f"<Condition {self.name}>"


EXPECTED = (
    "expected a node of this pass, its name, an operation such as 'mul', 'nonfinite', a comparison such as "
    "'abs(gradient) > 10' (of gradient, upstream, product, local or data), or a function of a step"
)

_COMPARISON = re.compile(r"\s*(abs\(\s*)?([a-z]+)\s*(\))?\s*(<=|>=|==|!=|<|>)\s*([-+]?[\w.][\w.+-]*)\s*")
_OPERATORS = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "==": operator.eq, "!=": operator.ne,
}  # fmt: skip

_SENT = {"gradient": "gradient_after", "product": "product", "local": "local_derivative"}
QUANTITIES = (*_SENT, "upstream", "data")


def condition(what: Any, names: Names, known: Collection[Value], quantities: Sequence[str]) -> Condition:
    """The condition that ``what`` stands for in a pass over the nodes of ``order``."""
    if isinstance(what, Value):
        if what not in known:
            raise ValueError(f"{errors.shorten(what)} is not part of this pass: the root does not depend on it")
        return Condition(names(what), frozenset([what]))
    if isinstance(what, str):
        return _worded(what, names, quantities)
    if callable(what):
        return Condition(getattr(what, "__name__", errors.shorten(what)), test=what)
    raise TypeError(f"cannot stop at {errors.shorten(what)}, {errors.article(type(what).__name__)}: {EXPECTED}")


def _worded(what: str, called: Names, quantities: Sequence[str]) -> Condition:
    order = called.order
    labelled = frozenset(node for node in order if what and node.label == what)
    if labelled:
        return Condition(what, labelled)
    operations = {node.op for node in order if node.parents}
    if what in operations:
        return Condition(what, op=what)
    if what == "nonfinite":
        return Condition(what, test=lambda step: not step.finite)
    compared = _comparison(what, quantities)
    if compared is not None:
        return Condition(what, test=compared)
    found = called.find(what) or (called.within(what) if what else [])
    if found:
        return Condition(what, frozenset(found))
    names = {word for word in map(called.word, order) if word} | operations | {"nonfinite"}
    hint = f"{errors.did_you_mean(what, sorted(names), '')} {EXPECTED}".lstrip()
    raise ValueError(f"no node of this pass has the name or operation {what!r}: {hint}")


def _comparison(what: str, quantities: Sequence[str]) -> Callable[[Any], bool] | None:
    """The test that a comparison in words stands for; None if it is not one."""
    match = _COMPARISON.fullmatch(what)
    if match is None or bool(match[1]) != bool(match[3]) or match[2] not in quantities:
        return None
    try:
        limit = float(match[5])
    except ValueError:
        return None
    quantity, holds, size = match[2], _OPERATORS[match[4]], abs if match[1] else float
    return lambda step: any(holds(size(x), limit) for x in _numbers(step, quantity))


def _numbers(step: Any, quantity: str) -> list[float]:
    if quantity == "data":
        return [step.node.data]
    if quantity == "upstream":
        return [step.upstream]
    return [getattr(sent, _SENT[quantity]) for sent in step.contributions if not sent.parent.is_constant]
