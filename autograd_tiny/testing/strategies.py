"""Hypothesis strategies: differentiable expressions, graphs with shared parts, points, networks, data.

>>> from hypothesis import given, settings
>>> @settings(max_examples=5, database=None)
... @given(expressions(primitives=["tanh", "mul"], variables=2))
... def test(e):
...     assert e.primitives <= {"tanh", "mul", "add"} and len(e.point) == 2
>>> test()

A draw is a plain tree of choices, made into an expression afterwards: nothing that is drawn depends on what was
drawn before, so that Hypothesis can shrink by putting a subtree in place of the whole. `building` does the rest:
it knows in which interval every subexpression lies and squeezes what would leave a domain.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from hypothesis import strategies as st

from ..errors import article, did_you_mean, shorten
from ..table.ops import TABLE
from ..table.primitive import Interval, Primitive
from .building import Gene, Step, build_graph, build_tree
from .domains import boxes, kinked, samples, tied
from .programs import Expression

VARIABLE_BOXES: tuple[Interval, ...] = ((0.25, 2.0), (-2.0, 2.0), (-2.0, -0.25))
"""Where a variable may lie, simplest first."""

Names = Iterable[str | Primitive]


def scalars(domain: Interval | str | Primitive = (-2.0, 2.0), argument: int = 0, digits: int = 3) -> Any:
    """Numbers strictly inside ``domain``: an interval, or a primitive (or its name), whose argument's domain it is.

    Rounded to ``digits`` decimals where that leaves them inside, so that a failure reads well.
    """
    low, high = _interval(domain, argument)
    return _inside(low, high, digits)


def _interval(domain: Any, argument: int) -> Interval:
    if isinstance(domain, (str, Primitive)):
        row = _row(domain, "scalars(domain)")
        if not 0 <= argument < len(row.arguments):
            raise ValueError(f"scalars({row.name!r}, argument={argument}): it has {len(row.arguments)} arguments")
        return samples(row)[argument]
    if not isinstance(domain, (tuple, list)) or len(domain) != 2 or not domain[0] < domain[1]:
        raise ValueError(f"scalars(domain) got {shorten(domain)}: expected (low, high), low below high, or a primitive")
    return float(domain[0]), float(domain[1])


def _inside(low: float, high: float, digits: int = 3) -> Any:
    def rounded(x: float) -> float:
        short = round(x, digits)
        return short if low < short < high else x

    return st.floats(low, high, exclude_min=True, exclude_max=True, allow_subnormal=False).map(rounded)


def expressions(
    max_leaves: int = 12,
    primitives: Names | None = None,
    variables: int | tuple[int, int] = (1, 3),
    smooth: bool = True,
    order: int = 1,
    strict: bool = False,
) -> st.SearchStrategy[Expression]:
    """Random differentiable expressions, each with a point strictly inside every domain.

    ``primitives`` names those to use (``+`` and ``×`` by a number may join them, to bring an operand into its
    domain); ``variables`` is how many arguments there are, or (least, most); with ``smooth=False`` operations with
    kinks take part, at points away from them. All primitives that can be differentiated ``order`` times are used.
    On another engine's numbers an operation that it lacks is made of others, with a `ComposedWarning`; where
    ``strict``, that is a ``TypeError``.
    """
    rows = _choose(primitives, smooth, order)
    least, most = _counts(variables)
    _positive("expressions(max_leaves)", max_leaves)

    def grow(below: st.SearchStrategy[Gene]) -> st.SearchStrategy[Gene]:
        return st.one_of([st.tuples(_ways(group), operands(below)) for group, operands in _arities(rows)])

    # Not `st.recursive`, which discards draws that have too many leaves: building makes leaves of what is too much.
    below = _leaves(most)
    for _ in range(max(1, max_leaves.bit_length())):
        below = below | grow(below)
    return _with_point(grow(below), least, most, partial(build_tree, max_leaves=max_leaves), strict)


def graphs(
    max_nodes: int = 10,
    primitives: Names | None = None,
    variables: int | tuple[int, int] = (1, 3),
    smooth: bool = True,
    order: int = 1,
    strict: bool = False,
) -> st.SearchStrategy[Expression]:
    """Random expressions in which results are used more than once: computation graphs that are no trees."""
    rows = _choose(primitives, smooth, order)
    least, most = _counts(variables)
    _positive("graphs(max_nodes)", max_nodes)
    operand = _leaves(8)
    step = st.one_of([st.tuples(_ways(group), operands(operand)) for group, operands in _arities(rows)])
    steps: st.SearchStrategy[list[Step]] = st.lists(step, min_size=1, max_size=max_nodes)
    return _with_point(steps, least, most, build_graph, strict)


_NUMBERS = sorted((k / 20.0 for k in range(-40, 41) if k), key=lambda x: (x != int(x), abs(x), x < 0))
"""Constants, simplest first; none is 0, which would hide what it multiplies."""


def _leaves(variables: int) -> st.SearchStrategy[Gene]:
    """A variable or, as often, a constant: one choice, since Hypothesis discards small draws that take many."""
    return st.sampled_from([i % variables for i in range(len(_NUMBERS))] + _NUMBERS)


Operands = Callable[[Any], Any]


def _arities(rows: Sequence[Primitive]) -> list[tuple[list[Primitive], Operands]]:
    """The rows in groups of as many operands each, with the strategy for that many."""

    def exactly(n: int) -> Operands:
        return lambda below: st.tuples(*[below] * n)

    def some(n: int) -> Operands:
        return lambda below: st.lists(st.tuples(*[below] * n), min_size=1, max_size=3)

    groups: list[tuple[list[Primitive], Operands]] = []
    for n in sorted({len(row.arguments) for row in rows if not row.variadic}):
        group = [row for row in rows if not row.variadic and len(row.arguments) == n]
        groups += [(group, exactly(n))] * (1 + len(group) // 8)  # a large group is chosen more often
    for n in sorted({len(row.arguments) for row in rows if row.variadic}):
        group = [row for row in rows if row.variadic and len(row.arguments) == n]
        groups.append((group, some(n)))
    return groups


def _ways(rows: Sequence[Primitive]) -> st.SearchStrategy[tuple[Primitive, int]]:
    """A row and one of its boxes, or of the orders in which its operands are kept apart."""
    return st.sampled_from([(row, k) for k in range(4) for row in rows if k < (4 if tied(row) else len(boxes(row)))])


def _with_point(
    genes: Any, least: int, most: int, build: Callable[..., Expression], strict: bool
) -> st.SearchStrategy[Expression]:
    """Trees or steps, boxes and places in them, all drawn independently, made into expressions."""
    intervals = st.tuples(*[st.sampled_from(VARIABLE_BOXES)] * most)
    places = st.tuples(*[st.integers(-499, 499)] * most)  # in thousandths of its box's width from its middle
    drawn = st.tuples(genes, intervals, places).map(lambda drawn: build(*drawn, least=least))
    return drawn.map(lambda e: replace(e, strict=True)) if strict else drawn


def points_for(f: Any, arguments: int | None = None, domain: Interval | None = None) -> Any:
    """Points, tuples of floats, at which ``f`` can be differentiated.

    For an `Expression` anywhere in its box, nothing filtered away. For any other function of ``arguments`` numbers
    in ``domain``, or (-2, 2), those at which it is finite and probing finds neither kink nor pole.
    """
    if isinstance(f, Expression) and domain is None:
        if not f.box:
            return st.just(f.point)
        return st.tuples(*[_inside(low, high) for low, high in f.box])
    if isinstance(f, Expression):
        arguments = len(f.point)
    if arguments is None:
        code = getattr(f, "__code__", None)
        if code is None:
            raise TypeError(f"points_for({shorten(f)}): say how many arguments it takes: points_for(f, arguments=2)")
        arguments = code.co_argcount
    from .assertions import differentiable

    low, high = _interval(domain or (-2.0, 2.0), 0)
    return st.tuples(*[_inside(low, high)] * arguments).filter(lambda point: differentiable(f, *point))


def values(domain: Interval | str | Primitive = (-2.0, 2.0)) -> Any:
    """Leaves. What ``st.from_type(Value)`` gives."""
    from ..core import Value

    return scalars(domain).map(Value)


def mlps(
    inputs: int | None = None,
    outputs: int | None = None,
    activations: Sequence[str] = ("tanh", "sigmoid", "softplus", "relu"),
    max_layers: int = 2,
    max_width: int = 4,
) -> Any:
    """Small networks with seeded weights. What ``st.from_type(nn.MLP)`` gives."""
    import importlib

    nn = importlib.import_module("nn")  # above us: asked for by name, when it is wanted
    _positive("mlps(max_layers)", max_layers)
    return st.builds(
        lambda n, hidden, last, activation, seed: nn.MLP(n, [*hidden, last], activation, seed=seed),
        st.integers(1, 3) if inputs is None else st.just(inputs),
        st.lists(st.integers(1, max_width), max_size=max_layers - 1),
        st.integers(1, 2) if outputs is None else st.just(outputs),
        st.sampled_from(list(activations)),
        st.integers(0, 2**16),
    )


def datasets(
    features: int = 2, targets: int = 1, max_samples: int = 8, classes: int | None = None
) -> st.SearchStrategy[tuple[list[list[float]], list[Any]]]:
    """``X, y``: rows of ``features`` numbers; for each a number (or a list of ``targets``), or a class from 0."""
    for name, given in (("features", features), ("targets", targets), ("max_samples", max_samples)):
        _positive(f"datasets({name})", given)
    row = st.lists(_inside(-2.0, 2.0), min_size=features, max_size=features)
    target: Any = _inside(-2.0, 2.0)
    if targets > 1:
        target = st.lists(target, min_size=targets, max_size=targets)
    if classes is not None:
        target = st.integers(0, classes - 1)
    samples_of = st.lists(st.tuples(row, target), min_size=1, max_size=max_samples)
    return samples_of.map(lambda pairs: ([x for x, _ in pairs], [y for _, y in pairs]))


# Checking what was asked for


def _choose(primitives: Names | None, smooth: bool, order: int) -> list[Primitive]:
    """The rows to draw from: those named, or all that are smooth (if asked) and differentiable ``order`` times."""
    _positive("expressions(order)", order)
    if isinstance(primitives, str):
        raise TypeError(
            f"expressions(primitives) got {shorten(primitives)}, a str: expected a list of names: [{primitives!r}]"
        )
    if primitives is not None:
        rows = [_row(name, "expressions(primitives)") for name in primitives]
        if not rows:
            raise ValueError("expressions(primitives) got nothing: expected at least one name, such as ['mul', 'tanh']")
        numerical = [row.name for row in rows if order > 1 and row.numerical]
        if numerical:
            raise ValueError(
                f"expressions(order={order}): {', '.join(numerical)} has its derivative as numbers only: "
                "leave it out, or give rules over xp"
            )
        return rows
    return [
        row for row in TABLE.values()
        if not (smooth and kinked(row)) and not (order > 1 and row.numerical)
        and row.name != "identity"
    ]  # fmt: skip


def _row(name: Any, place: str) -> Primitive:
    if isinstance(name, Primitive):
        return name
    primitive = getattr(name, "primitive", None)
    if isinstance(primitive, Primitive):
        return primitive
    row = TABLE.get(getattr(name, "__name__", name) if not isinstance(name, str) else name)
    if row is None:
        hint = did_you_mean(name, TABLE, "")
        raise ValueError(
            f"{place} got {shorten(name)}: expected names of primitives"
            + (f"; {hint}" if hint else ", such as 'mul' or 'tanh'")
        )
    return row


def _positive(place: str, n: Any) -> None:
    if isinstance(n, bool) or not isinstance(n, int) or n < 1:
        raise ValueError(
            f"{place} got {shorten(n)}, {article(type(n).__name__)}: expected a whole number of at least 1"
        )


def _counts(variables: Any) -> tuple[int, int]:
    least, most = (variables, variables) if isinstance(variables, int) else tuple(variables)
    for n in (least, most):
        _positive("expressions(variables)", n)
    if least > most:
        raise ValueError(f"expressions(variables) got {variables!r}: expected (least, most)")
    return least, most
