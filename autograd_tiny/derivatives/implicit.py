"""`implicit`: what a solver finds, a root, a fixed point, a minimum, with the derivatives of the equation it solves.

If F(x, θ) = 0, then dx/dθ = −(∂F/∂x)⁻¹ ∂F/∂θ: the derivative of the solution asks nothing of how it was found. So the
solver runs on plain numbers, in any way, and the equation, the residual, is written in arithmetic and functions of the
package. Source: A. Griewank, A. Walther, Evaluating Derivatives (2008), 15.1.

>>> import math
>>> from autograd_tiny import grad, sin
>>> def kepler(mean, e):                          # E − e sin E = M, by Newton's steps
...     found = mean
...     for _ in range(50):
...         found -= (found - e * math.sin(found) - mean) / (1.0 - e * math.cos(found))
...     return found
>>> anomaly = implicit(kepler, lambda E, mean, e: E - e * sin(E) - mean)
>>> E = anomaly(1.0, 0.5)
>>> round(E, 6), grad(anomaly)(1.0, 0.5) - 1.0 / (1.0 - 0.5 * math.cos(E))
(1.498701, 0.0)
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from math import inf
from typing import Any

from ..core import Value, constant, leaves_below
from ..core.operands import finite_float, is_number
from ..errors import article, called, counted, shorten
from . import linalg
from .custom import as_numbers, custom_gradient
from .functional import jacobian, vjp
from .structure import flatten, rebuild


def implicit(solve: Callable[..., Any], residual: Callable[..., Any], *, tolerance: float = 1e-3) -> Callable[..., Any]:
    """A function of the parameters that gives ``solve(*parameters)``, differentiable to any order.

    ``residual(x, *parameters)`` is 0 at the solution x, and has as many numbers as x. A fixed point of f has the
    residual ``x - f(x, …)``, a minimum the gradient. What it depends on is to be among the parameters: a Value that
    the residual reaches otherwise is a ``TypeError``. ``ZeroDivisionError`` where ∂residual/∂x is singular.

    The derivatives are those of the equation, and hold where x solves it: where a Newton step from x would move it by
    more than ``tolerance`` times its largest number (or times 0.001, if that is more), asking for them is a
    ``ValueError``. ``math.inf`` asks nothing of x, as for a solver that is stopped early on purpose.
    """
    if not is_number(tolerance) or not tolerance > 0.0:
        raise ValueError(f"implicit(tolerance={shorten(tolerance)}): expected a number above 0; math.inf for no check")
    for what, f in (("solve", solve), ("residual", residual)):
        if not callable(f):
            raise TypeError(f"implicit({what}={shorten(f)}): expected a function")

    def backward(g: Any, x: Any, *parameters: Any) -> Any:
        """λ = (∂F/∂x)⁻ᵀ g, and then −λ times ∂F/∂θ."""
        slopes = [flatten(row) for row in _rows_of(jacobian(residual)(x, *parameters), x)]
        size = len(flatten(x))
        if len(slopes) != size or any(len(row) != size for row in slopes):
            raise ValueError(
                f"implicit: the residual gives {counted(len(slopes), 'number')} for a solution of {size}: expected as "
                "many"
            )
        value, pullback = vjp(lambda *given: residual(x, *given), *parameters)
        if tolerance < inf and not any(isinstance(y, Value) for y in flatten([x, *parameters])):
            _check_solved(slopes, flatten(value), flatten(x), tolerance)
        weights = linalg.solution([list(column) for column in zip(*slopes, strict=True)], flatten(g))
        found = pullback(rebuild(value, iter([-weight for weight in weights])))
        return found[0] if len(parameters) == 1 else found

    @functools.wraps(solve)
    def solved(*parameters: Any) -> Any:
        x = as_numbers(solve(*parameters))
        _check_solution(x)
        numbers = [x, *parameters]
        _check_closed(residual(*rebuild(numbers, iter([constant(y) for y in flatten(numbers)]))))
        return x

    return custom_gradient(solved, backward=backward)


def _check_solution(x: Any) -> None:
    """Raise if it has what is no finite number."""
    for part, verdict in (("x", "success"), ("root", "converged")):
        if hasattr(x, part) and hasattr(x, verdict):  # what scipy's solvers give
            raise TypeError(
                f"implicit: solve gave the whole {type(x).__name__}: expected the solution alone; return its .{part}"
            )
    numbers = flatten([x])
    if not numbers:
        raise TypeError(f"implicit: solve gave {shorten(x)}, {article(type(x).__name__)}: expected the solution")
    for y in numbers:
        finite_float(y, "implicit: the solution")


def _check_closed(given: Any) -> None:
    """Raise if the residual of constants depends on leaves: the solution would be cut off from those in silence."""
    leaves = leaves_below([y for y in flatten([given]) if isinstance(y, Value)])
    if leaves:
        raise TypeError(
            f"implicit: the residual depends on {called(leaves[0])}, which it reaches from outside: the solution would "
            "have no derivative by it. Give it as a parameter, to solve and residual"
        )


def _check_solved(slopes: list[Any], misses: list[Any], x: list[Any], tolerance: float) -> None:
    """Raise unless a Newton step from x is short: elsewhere the equation's derivatives are not those of x."""
    misses = [y.data if isinstance(y, Value) else y for y in misses]
    if not any(misses):
        return
    step = max(map(abs, linalg.solution(slopes, misses)))
    if step > tolerance * max([1e-3, *map(abs, x)]):
        worst, found = max(misses, key=abs), shorten(x[0] if len(x) == 1 else x)
        raise ValueError(
            f"implicit: the residual is {worst:.6g} at the solution {found}, and a Newton step would move that by "
            f"{step:.3g}: it does not solve the equation, so that the derivatives would be "
            "wrong. Compare solve with residual, or let it go on longer; tolerance=math.inf takes it as it is"
        )


def _rows_of(jacobian_found: Any, x: Any) -> list[Any]:
    """The rows of the Jacobian, one for each number of the residual, whatever the structures of both."""
    flat, size = flatten(jacobian_found), len(flatten(x))
    return [flat[i : i + size] for i in range(0, len(flat), size)]
