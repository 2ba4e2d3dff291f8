"""A recording held against the function itself, on the numbers that it was recorded with.

The function runs once more, on plain numbers. What gives another value or another gradient then is no function of its
inputs alone: it asks for their type, draws at random, reads a clock, counts its calls. And what is in both graphs
was there before either: leaves, which are the parameters, and Values computed outside, which stay as they are when a
parameter changes, while a program would compute them anew.

>>> w = Value(2.0)
>>> from autograd_tiny import compile
>>> try:
...     compile(lambda x: w if isinstance(x, float) else -w)(1.0)
... except RecordingError as error:
...     print(str(error)[:77])
<lambda> gives 2.0 when it is run on numbers, and gave -2.0 when it was recor
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence, Set
from contextlib import AbstractContextManager, contextmanager, nullcontext
from math import isclose, isfinite, isnan, nan
from operator import attrgetter
from typing import Any

import numpy as np

from ...core import Value, constant, data_of, gradient_numbers, topological_order
from ...errors import RecordingError
from ...modes.recording import INPUT, called, paused
from .calls import Call
from .chance import listening
from .lookups import looks_up
from .on_the_way import is_own, unmet
from .refusing import asks, differs, kept, looked_up, outside
from .structures import exact, leaves, parts
from .surroundings import Surroundings

Within = Callable[[Any], AbstractContextManager[Any]]
"""A block in which the function may run, its loops held against those given; what it meets of them."""
TOLERANCE = 1e-9
"""numpy adds floats in another order than Values."""
LARGE = 1e3
"""The least constant of which `TOLERANCE` hides as much as a microsecond."""
MOST_NODES = 20_000
"""Of a larger graph, one point is enough."""
PRIMITIVE, IS_LEAF = attrgetter("primitive"), attrgetter("is_leaf")
"""For `map`, which is several times faster than a loop here: verifying is half of compiling a large graph."""


def verify(
    name: str, function: Callable[..., Any], call: Call, i: int, out: Any, made: Sequence[Value],
    around: Surroundings, derived: Sequence[Value] = (), within: Within = lambda _: paused(), loops: Any = None,
    indices: Sequence[bool] = (),
) -> None:  # fmt: skip
    """Raise `RecordingError` unless the function gives on sample i what was recorded of it, ``out``.

    ``made`` are leaves that it made; ``around`` is what the function reaches; ``derived`` are nodes
    that it differentiated. How a derivative is computed on the way may differ: eagerly it is node by node. ``indices``
    says of each integer input whether it was an index. It runs ``within`` such a block. If some of its ``loops`` were
    run step by step this time, neither gradients are compared nor what is on the way.
    """
    asked: list[str] = []
    with listening(asked) if around.sources else nullcontext():
        eager = _run(function, call, i, within, loops)
    if asked:
        raise asks(name, asked[0])
    if eager is None:
        return
    again = eager[0]
    first, second = leaves(out), leaves(again)
    if _shape(out) != _shape(again):
        raise differs(name, "a result of another structure", "")
    recorded, order = _order(first), _order(second)
    known = set(recorded)
    if INPUT in map(PRIMITIVE, order):
        raise kept(name, None)
    shared = known.intersection(order)
    if any(node.parents for node in shared):
        varying: set[Value] = set()
        for node in order:
            if node.is_leaf or any(parent in varying for parent in node.parents):
                varying.add(node)
                if node in known and not node.is_leaf:
                    raise outside(name, node, around.holds(node))
    largest = 0.0
    for a, b in zip(first, second, strict=True):
        x, y = _number(a), _number(b)
        if isfinite(x) and not agree(x, y, TOLERANCE):  # a program gives nothing else: there the function answers
            largest = largest or _largest(recorded)
            if not abs(x - y) <= 1e-3 * TOLERANCE * largest:
                raise differs(name, repr(y), repr(x))
    inside = [*recorded, *(node for node in topological_order(*derived) if node not in known)] if derived else recorded
    if not _plainly(loops):
        _compare_inside(name, inside, order, shared)
        large = [recorded[k] for k in np.flatnonzero(np.abs(data_of(recorded)) >= LARGE).tolist()]
        if any(not node.parents and node.primitive is not INPUT and node not in shared for node in large):
            _exactly(name, function, call, i, recorded, within, loops, indices)
    if len(order) <= MOST_NODES and (any(x == 0.0 or not isfinite(x) for x in map(_number, first)) or call.has_zero(i)):
        _elsewhere(name, function, call, i, within, *map(_ways, MOVES))
    if len(order) <= MOST_NODES and around.asks_equality and call.count(i) > 1:
        _elsewhere(name, function, call, i, within, *(_equal(x, indices) for x in (3, -2)))
    if around.asks_hash and looks_up(function, call, i, within(loops), indices):
        raise looked_up(name)
    if not _plainly(loops) and len(first) == 1 and isinstance(first[0], Value):
        fresh = set(made)
        targets = [node for node in filter(IS_LEAF, recorded) if node.primitive is not INPUT and node not in fresh]
        if not targets:
            return
        found = gradient_numbers if loops is None else _slopes_by_loops
        try:
            slopes = found(first[0], targets)
            others = found(second[0], targets) if isinstance(second[0], Value) else [0.0] * len(targets)
        except ArithmeticError:  # no gradient here, of either: who asks for it is told by the function itself
            return
        size = max(max(map(abs, slopes)), max(map(abs, others)))
        for leaf, a, b in zip(targets, slopes, others, strict=True):
            if not (abs(a - b) <= TOLERANCE * size or a == b or size != size):
                largest = largest or _largest(recorded)
                if abs(a - b) <= 1e-3 * TOLERANCE * largest:  # of numbers that add up to next to nothing
                    continue
                raise differs(name, f"{b!r} as its derivative by {called(leaf)}", repr(a))


def _compare_inside(name: str, recorded: list[Value], order: list[Value], shared: Set[Value] = frozenset()) -> None:
    """Each number on the way is one that the same operation had when it was recorded, in an arm of `where` that was
    not taken too. Nodes that are ``shared`` are none on the way.
    """
    found = unmet(recorded, order, TOLERANCE, shared)
    if found is not None:
        op, x, near = found
        raise differs(name, f"{x!r} on the way, in {op},", "" if near is None else repr(near))


def _exactly(
    name: str, function: Callable[..., Any], call: Call, i: int, recorded: list[Value], within: Within, loops: Any,
    indices: Sequence[bool],
) -> None:  # fmt: skip
    """The same constants to the last bit: the seconds since 1970 change by less than the tolerance.

    What Python computes of an integer is such a constant. So an integer is a Value here, as it was when it was
    recorded, if it was no index.
    """
    kept, plainly = iter(indices), _plainly(loops)

    def make(argument: int, number: float, integer: bool) -> Any:
        return int(number) if integer and next(kept, True) else constant(number)

    with within(loops):
        again = _order(leaves(call.applied(function, i, make)))
    constants = set(data_of([node for node in recorded if not node.parents]))
    if loops is not None:  # of inputs that are constants they ran step by step, which says nothing of the others' runs
        loops.plainly = plainly
        constants.update(*(met.loop.step.constants for met in loops.met if met.loop is not None))
    met = {parent for node in again if is_own(node) for parent in node.parents if not parent.parents}
    for now in set(data_of([*met])) - constants:
        if not isnan(now):
            raise differs(name, f"{now!r} as a constant", repr(min(constants, key=lambda then: abs(then - now))))


def _slopes_by_loops(root: Value, targets: Sequence[Value]) -> list[float]:
    """Of a graph with nodes of loops, whose derivatives are not known here, what the gradient would be if they all were
    1: of another function it is another.
    """
    slopes: dict[Value, float] = {root: 1.0}
    for node in reversed(topological_order(root)):
        upstream = slopes.get(node, 0.0)
        if upstream != 0.0:
            for parent, local in zip(node.parents, node.local_derivatives, strict=True):
                slopes[parent] = slopes.get(parent, 0.0) + upstream * (1.0 if isnan(local) else local)
    return [slopes.get(leaf, 0.0) for leaf in targets]


Way = Callable[[int, float, bool], Any]
MOVES: tuple[Callable[[float], float], ...] = (
    lambda x: 1.1 * x + 0.3713,
    lambda x: -1.3 * x - 1.2291,
    lambda x: 0.7717,
)


def _equal(x: int, indices: Sequence[bool]) -> tuple[Way, Way]:
    """Makers of inputs that are all the same number, but for indices: `index`, `count` and sets tell equal numbers, and
    Values that were different ones when it was recorded.
    """
    of_floats, of_values = iter(indices), iter(indices)
    return (
        lambda argument, number, integer: (int(number) if next(of_floats, True) else x) if integer else float(x),
        lambda argument, number, integer: int(number) if integer and next(of_values, True) else constant(float(x)),
    )


def _elsewhere(
    name: str, function: Callable[..., Any], call: Call, i: int, within: Within, *points: tuple[Way, Way]
) -> None:
    """The same at other ``points``, of which one without 0 is enough: of 0 a sign or a factor shows nothing."""
    for floats, values in points:
        with _stopped(f"compile was trying {name} at numbers near its arguments, of which one is 0 or gives 0"):
            try:
                with within(None) as loops:
                    first = leaves(call.applied(function, i, values))
            except Exception:
                continue  # no point of its domain: what it raises there nobody asked for
            try:
                with within(loops):
                    second = leaves(call.applied(function, i, floats))
            except RecordingError:  # of a loop that is not the one that was met just now
                raise
            except Exception:
                continue
        if len(first) != len(second):
            raise differs(name, "a result of another structure", "")
        for a, b in zip(first, second, strict=True):
            x, y = _number(a), _number(b)
            if not agree(x, y, 1e-6, 1e-9):
                raise differs(name, repr(y), repr(x))
        if not _plainly(loops):
            _compare_inside(name, _order(first), _order(second))
        if all(map(_number, first)):
            return


@contextmanager
def _stopped(doing: str) -> Iterator[None]:
    """In this block Ctrl-C says what runs: a loop of the function that ends where it was recorded may not end here."""
    try:
        yield
    except KeyboardInterrupt as stop:
        stop.add_note(f"{doing}: a loop that does not end there needs a bound on its steps")
        raise


def _largest(nodes: Sequence[Value]) -> float:
    return max((abs(x) for x in data_of(nodes)), default=0.0)


def agree(x: float, y: float, relative: float, absolute: float = 0.0) -> bool:
    """Whether they are as close as that, or both not a number."""
    return isclose(x, y, rel_tol=relative, abs_tol=absolute) or (isnan(x) and isnan(y))


def _plainly(loops: Any) -> bool:
    return loops is not None and loops.plainly


def check_kept(name: str, values: Sequence[tuple[Value, str]], before: set[Value]) -> None:
    """Raise `RecordingError` if one of these Values, which the function reaches now, came out of a recording."""
    new = {value: place for value, place in values if value not in before}
    if not new:
        return
    tainted: set[Value] = set()
    for node in topological_order(*new):
        if node.primitive is INPUT or any(parent in tainted for parent in node.parents):
            tainted.add(node)
            if node in new:
                raise kept(name, new[node])


def _run(function: Callable[..., Any], call: Call, i: int, within: Within, loops: Any) -> tuple[Any] | None:
    """What the function gives for plain numbers; if it asks them for methods, for Values; None if for neither."""
    for way in _ways(lambda x: x):
        try:
            with within(loops), _stopped("compile was running the function once more, on plain numbers, to compare"):
                return (call.given_to(function, i) if call.has_kinds else call.applied(function, i, way),)
        except RecordingError:  # of a loop's body, which is held against itself where it is met
            raise
        except (AttributeError, TypeError, ZeroDivisionError, OverflowError):
            continue
    return None


def _ways(move: Callable[[float], float]) -> tuple[Way, Way]:
    """Makers of inputs: as plain numbers, as Values, at another place; an integer, which may be an index, as it is."""
    return (
        lambda argument, number, integer: int(number) if integer else move(number),
        lambda argument, number, integer: int(number) if integer else constant(move(number)),
    )


def _order(outputs: list[Any]) -> list[Value]:
    return topological_order(*[x for x in outputs if isinstance(x, Value)])


def _number(x: Any) -> float:
    return x.data if isinstance(x, Value) else nan if isinstance(x, complex) else float(x)


def _shape(x: Any) -> Any:
    if hasattr(x, "shape") and x.shape:
        return ("array", x.shape)
    found = parts(x)
    if found is None:
        return x if x is None or isinstance(x, (str, bytes)) else "number"
    if isinstance(x, dict) and any(isinstance(key, Value) for key in x):
        raise RecordingError(
            "a compiled function gives a dict with a Value as a key: a program would keep this sample's for all "
            "others. Give it as one of the values"
        )
    return (type(x), *[(exact(key), _shape(part)) for key, part in found])
