"""The message of a failed check: the numbers and whose they are, the expression, the culprit, the picture.

>>> from autograd_tiny.testing import GradientError, assert_gradients
>>> try:
...     assert_gradients(lambda x: x.data * x, 3.0)       # .data cuts the graph: half of the derivative is lost
... except GradientError as error:
...     print(str(error).replace(error.report.picture or "", "…"))      # doctest: +ELLIPSIS
the lambda at ... has a gradient that disagrees
  df/dx at x = 3.0
    reverse mode, ... engine...   3.0
    ...   6.0... ± ...
    they are 3 apart; ... is allowed (the oracle's error ..., rounding ...)
  every local derivative of the graph is right: what the function computes is not all recorded (a .data,
  a float, a branch taken in Python), or the sweep that adds them up is wrong
  ...
"""

from __future__ import annotations

import hashlib
import importlib
import os
import tempfile
from typing import Any

from ..core import Value, topological_order
from .cases import Case
from .localizing import Suspect, first_wrong, first_wrong_elsewhere
from .programs import Expression
from .verdicts import INCONCLUSIVE, NOT_DIFFERENTIABLE, GradientReport

SHOWN = 3
"""Comparisons shown of those that failed: the first are enough to go by."""


def explain(report: GradientReport) -> str:
    """The whole message."""
    case: Case = report.case
    failed = report.failed
    if report.verdict == NOT_DIFFERENTIABLE:
        lines = [f"{case.title} is not differentiable here"]
        lines += [f"  {line}" for comparison in failed[:SHOWN] for line in comparison.lines()]
        lines.append('  move the point off it, draw points with points_for(f), or pass kinks="skip"')
        return "\n".join(lines)
    if report.verdict == INCONCLUSIVE:
        lines = [f"{case.title}: the check is inconclusive here"]
        lines += [f"  {line}" for comparison in failed[:SHOWN] for line in comparison.lines()]
        if len(failed) > SHOWN:
            lines.append(f"  and {len(failed) - SHOWN} more of {len(report.comparisons)} comparisons")
        lines.append(
            "  try a point nearby, write f so that less cancels, or pass "
            'inconclusive="skip": docs/howto/inconclusive.md'
        )
        return "\n".join(lines)
    lines = [f"{case.title} has a gradient that disagrees"]
    lines += [f"  {line}" for comparison in failed[:SHOWN] for line in comparison.lines()]
    if len(failed) > SHOWN:
        lines.append(f"  and {len(failed) - SHOWN} more of {len(report.comparisons)} comparisons")
    root = recorded(report)
    suspect, note = blame(report, root)
    if suspect is not None:
        lines.append(f"  first wrong primitive: {suspect}")
    lines += [f"  {line}" for line in note]
    if root is not None:
        if suspect is not None:
            mark(root, suspect)
        report.picture = draw(root)
        if report.picture:
            lines.append(f"  picture of the graph: {report.picture}")
    return "\n".join(lines)


def recorded(report: GradientReport) -> Value | None:
    """The graph to show: what ``f`` records on our Values, with labelled leaves; None if it takes none."""
    case: Case = report.case
    if case.foreign and not isinstance(case.f, Expression):
        return None
    leaves = [Value(x, name) for x, name in zip(case.point, case.names, strict=True)]
    root = next((one for one in [case.call(leaves)] if isinstance(one, Value)), None)
    if not isinstance(root, Value):
        return None
    root.backward()
    return root


def blame(report: GradientReport, root: Value | None) -> tuple[Suspect | None, list[str]]:
    """The first primitive that is wrong, or what it means that none is."""
    case: Case = report.case
    if case.foreign:
        gradient_on = getattr(report.gradient, "on", None)
        if gradient_on is None or not isinstance(case.f, Expression):
            return None, []
        suspect = first_wrong_elsewhere(case.f, gradient_on)
        note = ["every operation by itself is right: look at how gradients are added up and in which order"]
        return suspect, [] if suspect else note
    assert root is not None
    suspect = first_wrong(root, max(len(comparison.names) for comparison in report.failed))
    note = [
        "every local derivative of the graph is right: what the function computes is not all recorded (a .data,",
        "a float, a branch taken in Python), or the sweep that adds them up is wrong",
    ]
    return suspect, [] if suspect else note


def mark(root: Value, suspect: Suspect) -> None:
    """Write on the node of the wrong operation, as its label, both numbers: the picture shows it."""
    for node in topological_order(root):
        if node.op == suspect.row.name and tuple(parent.data for parent in node.parents) == suspect.at:
            node.label = f"✗ {suspect.row.name}: ∂{suspect.by} is {suspect.found:.6g}, should be {suspect.expected:.6g}"
            return


def draw(root: Value) -> str:
    """The path of an SVG of the graph, written to a temporary folder; "" without `visualize` or Graphviz."""
    try:
        visualize: Any = importlib.import_module("visualize")  # above us: asked for by name, when it is wanted
        picture = visualize.svg(root)
    except (ImportError, RuntimeError, OSError):  # no visualize, no dot, or a dot that fails: there is no picture then
        return ""
    folder = os.environ.get("AUTOGRAD_TINY_PICTURES") or os.path.join(tempfile.gettempdir(), "autograd_tiny")
    name = hashlib.sha256(picture.encode()).hexdigest()[:10]
    path = os.path.join(folder, f"gradient-{name}.svg")
    try:
        os.makedirs(folder, exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(picture)
    except OSError:  # nowhere to write: the numbers are in the message all the same
        return ""
    return path
