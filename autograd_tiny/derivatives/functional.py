"""Derivatives of functions: `grad`, `jvp`, `vjp`, `jacobian`, `hessian`, `hvp`, of any order by nesting.

A function here takes and gives scalars, or nested lists, tuples and arrays of scalars. It runs once on fresh
Values, and what it recorded is differentiated. Where all is numbers, a transformation gives numbers. On Values, or of a
function that reaches Values from outside (weights, or the variables of a transformation around it), it gives Values,
which depend on those and can be differentiated again.

>>> grad(grad(lambda x: x ** 3))(2.0)
12.0
>>> hessian(lambda v: v[0] ** 2 * v[1])([1.0, 2.0])
[[4.0, 2.0], [2.0, 0.0]]
>>> grad(lambda x: x * grad(lambda y: x + y)(1.0))(1.0)        # no perturbation confusion
1.0
>>> w = Value(2.0)
>>> gradients(grad(lambda t: w * t * t)(3.0), w)               # d(2·w·3)/dw
6.0
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Sequence
from math import isfinite
from typing import Any, Literal, Protocol, overload

from ..core import Value, constant, curvature_numbers, push_numbers
from ..errors import name_of
from ..modes.recording import being_recorded, graphs_wanted
from ..table.ops import TABLE
from .differentiate import gradients, push_forward
from .functions import call
from .local_graphs import own, sharing
from .recorded import Recording, matching, numbers_of, place_of
from .structure import blocks, flatten, rebuild
from .symbolic.locals import Underivable
from .symbolic.of_values import hessian_values, jacobian_values


def value_and_grad(
    f: Callable[..., Any], argnums: int | Sequence[int] = 0, has_aux: bool = False
) -> Callable[..., tuple[Any, Any]]:
    """A function that gives ``f``'s value and its gradient with respect to the arguments ``argnums``.

    The gradient has the structure of the argument; of several ``argnums``, a tuple of such, one for each: an argument
    that is named twice gives its gradient twice. With ``has_aux`` the function gives a pair, of which the first is
    differentiated, and the value is that pair.

    >>> value_and_grad(lambda x: (x * x, {"half": x / 2}), has_aux=True)(3.0)
    ((9.0, {'half': 1.5}), 6.0)
    """
    wanted, several = numbers_of(argnums), isinstance(argnums, Iterable)

    def value_and_gradient(*args: Any, **named: Any) -> tuple[Any, Any]:
        recording = Recording(f, wanted, args, named, has_aux)
        found = recording.gradients(recording.scalar("grad"))
        recording.close()
        value = (recording.value(), recording.beside()) if has_aux else recording.value()
        return value, tuple(found) if several else found[0]

    return value_and_gradient


class Gradient(Protocol):
    """What `grad` gives: for a number a number, for a Value a Value, for anything else what has its shape."""

    @overload
    def __call__(self, x: float, /, *others: float) -> float: ...
    @overload
    def __call__(self, x: Value, /, *others: Value | float) -> Value: ...
    @overload
    def __call__(self, *args: Any, **named: Any) -> Any: ...


@overload
def grad(f: Callable[..., Any]) -> Gradient: ...
@overload
def grad(f: Callable[..., Any], argnums: int | Sequence[int] = 0, has_aux: bool = False) -> Callable[..., Any]: ...
def grad(f: Callable[..., Any], argnums: int | Sequence[int] = 0, has_aux: bool = False) -> Callable[..., Any]:
    """A function that gives the gradient of ``f``, which gives one number; with ``has_aux`` a pair, as it gives one."""
    both = value_and_grad(f, argnums, has_aux)

    def gradient(*args: Any, **named: Any) -> Any:
        value, found = both(*args, **named)
        return (found, value[1]) if has_aux else found

    return gradient


@overload
def jvp(
    f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any], has_aux: Literal[False] = False
) -> tuple[Any, Any]: ...
@overload
def jvp(f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any], has_aux: bool) -> tuple[Any, ...]: ...
def jvp(
    f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any], has_aux: bool = False
) -> tuple[Any, ...]:
    """``f(*primals)`` and its derivative in the direction ``tangents`` (forward mode, one sweep).

    With ``has_aux`` what the function gives beside comes third.

    >>> jvp(lambda x, y: x * y, (3.0, 4.0), (1.0, 0.0))
    (12.0, 4.0)
    """
    recording = Recording(f, range(len(primals)), primals, {}, has_aux, tangents=tangents)
    seeds, pushed = recording.seeds, recording.pushed
    if recording.meets_others:
        pushed = None
    elif recording.numbers and not being_recorded() and not any(isinstance(seed, Value) for seed in seeds):
        if pushed is None:
            pushed = push_numbers(recording.outputs, recording.variables, seeds, alone=True)
        if pushed is not None:
            recording.graph = False
    if pushed is None or not all(map(isfinite, pushed)):
        graph = recording.graph or any(isinstance(seed, Value) for seed in seeds)
        pushed = push_forward(recording.outputs, dict(zip(recording.variables, seeds, strict=True)), graph)
    recording.close()
    found = recording.value(), rebuild(recording.out, iter(pushed))
    return (*found, recording.beside()) if has_aux else found


@overload
def vjp(
    f: Callable[..., Any], *primals: Any, has_aux: Literal[False] = False
) -> tuple[Any, Callable[[Any], tuple[Any, ...]]]: ...
@overload
def vjp(f: Callable[..., Any], *primals: Any, has_aux: bool) -> tuple[Any, ...]: ...
def vjp(f: Callable[..., Any], *primals: Any, has_aux: bool = False) -> tuple[Any, ...]:
    """``f(*primals)`` and its pullback: given one cotangent for each output, the gradients of the arguments.

    With ``has_aux`` what the function gives beside comes third.

    >>> y, pullback = vjp(lambda x, y: [x * y, x + y], 3.0, 4.0)
    >>> y, pullback([1.0, 10.0])
    ([12.0, 7.0], (14.0, 13.0))
    """
    recording = Recording(f, range(len(primals)), primals, {}, has_aux)

    def pullback(cotangents: Any) -> tuple[Any, ...]:
        weights = matching(recording.outputs, cotangents, "cotangents", recording.out)
        weighted = call(TABLE["dot"], (recording.outputs, weights), {}) if weights else constant(0.0)
        graph = recording.graph or any(isinstance(weight, Value) for weight in weights)
        recording.close(False)
        try:
            return tuple(recording.shaped(gradients(weighted, recording.variables, create_graph=graph)))
        finally:
            recording.close()

    recording.close()
    found = recording.value(), pullback
    return (*found, recording.beside()) if has_aux else found


def jacobian(f: Callable[..., Any], argnums: int | Sequence[int] = 0, has_aux: bool = False) -> Callable[..., Any]:
    """A function that gives the derivative of every output with respect to every scalar of an argument.

    The answer has the structure of the output, each scalar in it replaced by the structure of the argument; of several
    ``argnums``, by a tuple of such, one for each. In numbers it takes as many sweeps as there are variables or outputs,
    whichever are fewer. With ``has_aux`` the function gives a pair, of which the first is differentiated, and the
    answer is a pair as well. Of an output that is an array the answer is no array of structures, but the structure of
    arrays: of arrays as arguments a tuple of blocks.

    >>> jacobian(lambda v: [v[0] * v[1], v[0] + v[1]])([3.0, 4.0])
    [[4.0, 3.0], [1.0, 1.0]]
    """

    wanted, several = numbers_of(argnums), isinstance(argnums, Iterable)

    def jacobian_of(*args: Any, **named: Any) -> Any:
        recording = Recording(f, wanted, args, named, has_aux)
        found: list[Any] | None = _recorded(jacobian_values, recording, recording.outputs)
        if found is None:
            found = _pushed_rows(recording)
        if found is not None:
            rows = [recording.shaped(row) for row in found]
        else:
            with sharing():
                rows = [recording.gradients(output) for output in recording.outputs]
        recording.close()
        answer = blocks(recording.out, iter([tuple(row) if several else row[0] for row in rows]))
        return (answer, recording.beside()) if has_aux else answer

    return jacobian_of


def _recorded(derive: Callable[..., Any], recording: Recording, of: Any) -> list[list[Value]] | None:
    """Derivatives in a function that is being recorded, as one graph; None elsewhere, of what is all
    numbers, and where rules have no text.
    """
    variables = recording.variables
    if not recording.graph or len({*variables}) < len(variables) or not graphs_wanted():
        return None
    try:
        return derive(of, variables)  # type: ignore[no-any-return]
    except Underivable:
        return None


def _pushed_rows(recording: Recording) -> list[list[float]] | None:
    """The rows of a tall Jacobian in numbers, by forward sweeps; None where it is none, or where reverse has to say."""
    n, outputs = len(recording.variables), recording.outputs
    if not 0 < n < len(outputs) or being_recorded() or recording.graph:
        return None
    columns = []
    for k in range(n):
        column = push_numbers(outputs, recording.variables, [float(i == k) for i in range(n)])
        if column is None or not all(map(isfinite, column)):
            return None
        columns.append(column)
    return [list(row) for row in zip(*columns, strict=True)]


def hessian(f: Callable[..., Any], argnums: int | Sequence[int] = 0, has_aux: bool = False) -> Callable[..., Any]:
    """A function that gives the matrix of second derivatives of ``f`` with respect to one argument; of several
    ``argnums``, a tuple of blocks for each. With ``has_aux`` as for `jacobian`.

    It is symmetric to the last bit: only what lies on one side of the diagonal is computed.

    >>> hessian(lambda x, y: x * y * y, argnums=(0, 1))(2.0, 3.0)
    ((0.0, 6.0), (6.0, 4.0))
    """
    wanted, several = numbers_of(argnums), isinstance(argnums, Iterable)
    slope = grad(f, argnums, has_aux)
    slope.__name__ = name_of(f)  # errors name what the caller wrote

    def shaped(recording: Recording, rows: list[list[Any]]) -> Any:
        recording.close()
        pick = tuple if several else operator.itemgetter(0)
        found = iter([pick(recording.shaped(row)) for row in rows])
        answer = pick([blocks(argument, found) for argument in recording.arguments])
        return (answer, recording.beside()) if has_aux else answer

    def by_graph(*args: Any, **named: Any) -> Any:
        recording = Recording(slope, wanted, args, named, has_aux)
        variables, graph = recording.variables, recording.graph
        with sharing():
            rows = [gradients(y, variables[: i + 1], graph) for i, y in enumerate(recording.outputs)]
        for i, row in enumerate(rows):
            row += [below[i] for below in rows[i + 1 :]]
        if graph:
            supply = iter(own([x for row in rows for x in row], ()))
            rows = [[next(supply) for _ in row] for row in rows]
        return shaped(recording, rows)

    def hessian_of(*args: Any, **named: Any) -> Any:
        if graphs_wanted():
            recording = Recording(f, wanted, args, named, has_aux)
            graphs = _recorded(hessian_values, recording, recording.scalar("grad"))
            return by_graph(*args, **named) if graphs is None else shaped(recording, graphs)
        if not _is_plain([args[place_of(f, args, i)] for i in wanted]):
            return by_graph(*args, **named)
        recording = Recording(f, wanted, args, named, has_aux)
        n = len(recording.variables)
        rows: list[list[float]] = []
        for start in range(0, n, LANES):
            directions = [[float(i == k) for k in range(n)] for i in range(start, min(start + LANES, n))]
            found = _curvatures(recording, directions)
            if found is None:
                return by_graph(*args, **named)
            rows += found
        for i in range(n):
            for k in range(i):
                rows[i][k] = rows[k][i]
        return shaped(recording, rows)

    return hessian_of


LANES = 8
"""So many directions go through a graph at once."""


def _is_plain(arguments: Sequence[Any]) -> bool:
    """Whether second derivatives may be had in numbers: by this engine, here, of these arguments."""
    if curvature_numbers is None or being_recorded():
        return False
    return not any(isinstance(x, Value) for x in flatten(list(arguments)))


def _curvatures(recording: Recording, directions: list[list[float]]) -> list[list[float]] | None:
    """The derivatives of the gradient along each direction; None where only a second graph can tell."""
    given = [x for argument in recording.arguments for x in flatten(argument)]
    root = recording.scalar("grad")
    if recording.meets_others or len({*recording.variables}) < len(given):
        return None  # or an argument that is named twice
    if curvature_numbers is None or any(x.data != y for x, y in zip(recording.variables, given, strict=True)):
        return None  # f has changed a number behind its graph
    return curvature_numbers(root, recording.variables, directions)


def hvp(f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any]) -> Any:
    """Hessian times vector, without the Hessian: the gradient's derivative in the direction ``tangents``.

    In the structure of ``primals`` (of its only element, if there is one only).

    >>> hvp(lambda v: v[0] ** 2 * v[1], ([1.0, 2.0],), ([1.0, 0.0],))
    [4.0, 2.0]
    """
    if _is_plain([*primals, tangents]):
        recording = Recording(f, range(len(primals)), primals, {})
        found = _curvatures(recording, [matching(recording.variables, tangents, "tangents", recording.arguments)])
        if found is not None:
            recording.close()
            shaped = recording.shaped(found[0])
            return shaped[0] if len(primals) == 1 else tuple(shaped)
    argnums = 0 if len(primals) == 1 else tuple(range(len(primals)))
    return jvp(grad(f, argnums), primals, tangents)[1]
