"""The loops of a recording held against those that its function meets when it runs again, on plain numbers.

The body of each is run once more in its first step. And what a step is made of must have been there when it was
recorded: a constant that was not is the time of day, or a number that a type decided.

A function may meet fewer loops than were recorded, since of a `cond` on plain numbers only one arm runs. So a loop is
held against the next one of the recording that it could be.

>>> def doubles(c):
...     return c * 2.0
>>> hold("doubles", lambda carry, x: [doubles(*carry)], [constant(6.0)], [3.0], [])
>>> try:
...     hold("doubles", lambda carry, x: [doubles(*carry)], [constant(7.0)], [3.0], [])
... except RecordingError as error:
...     print(str(error)[:41])
doubles gives 6.0 when it is run on numbe
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from math import isclose
from typing import Any, NamedTuple

from ...core import Value, constant, data_of, gradient_numbers, make_node, topological_order
from ...derivatives.loop_rows import loop_of
from ...derivatives.loops import scalars
from ...errors import RecordingError
from ...errors.looking import looking
from ...modes.looping import taken_by
from ...modes.recording import INPUT, called, differs, paused
from ...table.ops import TABLE
from ..record.refusing import differs as differs_now
from ..record.verifying import TOLERANCE, agree
from .running import Loop


class Met(NamedTuple):
    """A loop that a recording met: on which operands, what it gave, and whether that differs from call to call. One
    that just ran has no ``loop``.
    """

    loop: Loop | None
    given: Sequence[float]
    numbers: Sequence[float]
    varies: bool


def hold(name: str, step: Callable[..., Any], outputs: list[Value], carry: list[Any], stream: list[Any]) -> None:
    """Raise `RecordingError` unless a step on plain numbers gives what was recorded of it."""
    with looking():
        then = [*data_of(outputs)]
        plain = [_plain(carry), _plain(stream)]
    for numbers in (plain, [constants_of(mine) for mine in plain]):
        try:
            with looking(), paused(), taken_by(None):  # what it looks at is compared with what was recorded, below
                given = scalars(step(*numbers))
                now = [number(x) for x in given]
        except RecordingError:
            raise
        except (AttributeError, TypeError):
            continue
        for x, y in zip(then, now, strict=True):
            if not agree(x, y, TOLERANCE, 1e-12):
                raise differs_now(name, str(y), str(x), "xs")
        _hold_slopes(name, outputs, given)
        return


def _hold_slopes(name: str, outputs: list[Value], given: list[Any]) -> None:
    """Raise `RecordingError` unless both depend on the same parameters in the same way, as far as no loop within is one
    node in the one and all of its steps in the other.
    """
    with looking():
        order = topological_order(*outputs)
        targets = [node for node in order if node.is_leaf and node.primitive is not INPUT and differs(node)]
        if not targets or any(loop_of(node.primitive) for node in order):
            return
        try:
            slopes, others = (gradient_numbers(_weighted(results), targets) for results in (outputs, given))
        except ArithmeticError:  # no gradient here: who asks for it is told by the function itself
            return
    for leaf, x, y in zip(targets, slopes, others, strict=True):
        if not agree(x, y, TOLERANCE, 1e-12):
            raise differs_now(name, f"{y} as its derivative by {called(leaf)}", str(x), "xs")


def _weighted(results: list[Any]) -> Value:
    """A node whose derivative by each of them is another number."""
    parents = tuple(x if isinstance(x, Value) else constant(x) for x in results)
    return make_node(TABLE["sum"], 0.0, parents, tuple(1.0 + 0.618 * j for j in range(len(parents))))


def hold_kinds(name: str, step: Callable[..., Any], carry: list[Any], streams: list[list[Any]]) -> None:
    """Raise `RecordingError` if a step that gets an integer, where the first gets a float, does another thing by it."""
    first = [*map(type, streams[0])]
    other = next((stream for stream in streams if int in map(type, stream) and [*map(type, stream)] != first), None)
    if other is None:
        return
    with looking():
        ways = [_plain(other), [number(x) for x in other]]
        try:
            with paused(), taken_by(None):
                one, two = ([number(x) for x in scalars(step(_plain(carry), way))] for way in ways)
        except RecordingError:
            raise
        except (AttributeError, TypeError, ArithmeticError, ValueError):
            return
    for x, y in zip(one, two, strict=True):
        if not agree(x, y, TOLERANCE, 1e-12):
            raise differs_now(name, str(x), str(y), "xs")


def place_among(loop: Loop, recorded: Sequence[Met], first: int) -> int | None:
    """Which of the loops ``recorded``, from the ``first`` on, this one is; None if it was the last. `RecordingError`
    if there are some, and it can be none of them.
    """
    strange: float | None = None
    for i in range(first, len(recorded)):
        other = recorded[i].loop
        if other is not None:
            new = _new_constant(loop, other)
            if new is None:
                return i
            strange = new if strange is None else strange
    if strange is not None:
        raise differs_now(loop.name, f"{strange!r} as a constant", "none such", "xs")
    return None


def _new_constant(loop: Loop, other: Loop) -> float | None:
    """A number that the one is made of, and the other is not; of what was closed over, and computed of that, it was
    the number of a Value.
    """
    then = sorted(other.step.constants | {*data_of(other.step.shared)})
    new = loop.step.constants - {*then}
    if not new:
        return None
    below = data_of(topological_order(*other.step.shared))
    slack = 1e-3 * TOLERANCE * max(map(abs, below), default=0.0)  # large numbers may add up to next to nothing
    for x in new:
        i = bisect_left(then, x)
        near = then[max(i - 1, 0) : i + 1]
        if not any(isclose(x, y, rel_tol=1e-13) or (abs(y) < 1.0 and abs(x - y) <= slack) for y in near):
            return x
    return None


def constants_of(numbers: list[Any]) -> list[Value]:
    """The numbers as Values that are constants."""
    with looking():
        return [constant(number(x)) for x in numbers]


def number(x: Any) -> float:
    """The number of a Value, or of what is one."""
    return data_of([x])[0] if isinstance(x, Value) else float(x)


def _plain(numbers: list[Any]) -> list[Any]:
    """The numbers as Python's own: an integer is one."""
    return [int(x) if isinstance(x, int) else number(x) for x in numbers]
