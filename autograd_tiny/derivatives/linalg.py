"""Matrices of Values, under numpy's names: solve, inv, det, slogdet, cholesky, norm. numpy's own take no such array.

Lists of lists or arrays; arrays give arrays. `solve` is one node for each number of its result, with the derivatives
of a linear system to any order, and so is what calls it; `det` adds and multiplies only (S. Berkowitz, Information
Processing Letters 18 (1984) 147), and so is right for a singular matrix too.

>>> from autograd_tiny import grad, hessian
>>> solve([[2.0, 0.0], [1.0, 4.0]], [2.0, 9.0]), inv([[2.0, 0.0], [0.0, 4.0]]), det([[1.0, 2.0], [3.0, 4.0]])
([1.0, 2.0], [[0.5, 0.0], [0.0, 0.25]], -2.0)
>>> grad(det)([[1.0, 2.0], [2.0, 4.0]])
[[4.0, -2.0], [-2.0, 1.0]]
>>> slogdet([[1.0, 2.0], [3.0, 4.0]]).sign, grad(lambda a: slogdet(a).logabsdet)([[2.0, 0.0], [0.0, 4.0]])
(-1.0, [[0.5, 0.0], [0.0, 0.25]])
>>> cholesky([[4.0, 2.0], [2.0, 5.0]])
[[2.0, 0.0], [1.0, 2.0]]
"""

from __future__ import annotations

from collections.abc import Sequence
from math import log
from typing import Any, NamedTuple

from ..core import Value
from ..errors import NonFiniteError, article, shorten
from ..errors.looking import looking
from ..table.ops import TABLE
from .custom import custom_gradient
from .functions import call
from .structure import flatten, is_array

Matrix = list[list[Any]]


def _dot(a: Sequence[Any], b: Sequence[Any]) -> Any:
    return call(TABLE["dot"], (a, b), {}) if len(a) else 0.0


def _rows(a: Any, name: str, square: bool = True) -> Matrix:
    """The rows of a matrix as lists."""
    given = a.tolist() if is_array(a) else a
    if not isinstance(given, (list, tuple)) or not given or not all(isinstance(row, (list, tuple)) for row in given):
        raise TypeError(
            f"linalg.{name} got {shorten(a)}, {article(type(a).__name__)}: expected a matrix, a list of rows or an "
            "array"
        )
    rows = [list(row) for row in given]
    if len({len(row) for row in rows}) > 1 or (square and len(rows[0]) != len(rows)):
        shape = " and ".join(sorted({str(len(row)) for row in rows}))
        raise ValueError(
            f"linalg.{name} got {len(rows)} rows of {shape} numbers: expected {'a square' if square else 'one'} matrix"
        )
    return rows


def _like(a: Any, found: Any) -> Any:
    """``found`` as an array, if ``a`` was one."""
    if not is_array(a):
        return found
    import numpy as np

    plain = all(isinstance(x, float) for x in flatten(found))
    return np.array(found, dtype=float if plain else object)


def _pivots(rows: list[list[float]]) -> list[float]:
    """Make the rows a triangle, by elimination with the largest pivot; the sign of their new order, and the pivots."""
    sign, n = 1.0, len(rows)
    for k in range(n):
        best = max(range(k, n), key=lambda i: abs(rows[i][k]))
        if best != k:
            rows[k], rows[best], sign = rows[best], rows[k], -sign
        if rows[k][k] == 0.0:
            break
        for i in range(k + 1, n):
            if factor := rows[i][k] / rows[k][k]:
                rows[i] = [x - factor * y for x, y in zip(rows[i], rows[k], strict=True)]
    return [sign, *(row[k] for k, row in enumerate(rows))]


def _eliminated(a: Matrix, b: list[float]) -> list[float]:
    """x with a x = b, of plain numbers, by elimination with the largest pivot."""
    n = len(a)
    rows = [[*map(float, row), float(y)] for row, y in zip(a, b, strict=True)]
    if 0.0 in _pivots(rows):
        raise ZeroDivisionError("linalg.solve got a singular matrix: there is no solution, or more than one")
    found = [0.0] * n
    for k in reversed(range(n)):
        found[k] = (rows[k][n] - sum(rows[k][j] * found[j] for j in range(k + 1, n))) / rows[k][k]
    return found


def _solve_backward(g: list[Any], x: list[Any], a: Matrix, b: list[Any]) -> tuple[Any, Any]:
    """λ = a⁻ᵀ g is the gradient of b, and −λ xᵀ that of a."""
    weights = solution([list(column) for column in zip(*a, strict=True)], g)
    return [[-(w * y) for y in x] for w in weights], weights


@custom_gradient(backward=_solve_backward)
def solution(a: Matrix, b: list[float]) -> list[float]:
    """The solution of a linear system."""
    return _eliminated(a, b)


def solve(a: Any, b: Any) -> Any:
    """x with a x = b, for a vector b or each column of a matrix. ``ZeroDivisionError`` for a singular a."""
    rows = _rows(a, "solve")
    right = b.tolist() if is_array(b) else b
    if not isinstance(right, (list, tuple)) or len(right) != len(rows):
        raise ValueError(
            f"linalg.solve got {len(rows)} equations and {shorten(b)} for the right sides: expected as many"
        )
    if isinstance(right[0], (list, tuple)):
        columns = [solution(rows, list(column)) for column in zip(*right, strict=True)]
        return _like(a if is_array(a) else b, [list(row) for row in zip(*columns, strict=True)])
    return _like(a if is_array(a) else b, solution(rows, list(right)))


def inv(a: Any) -> Any:
    """The inverse of a square matrix."""
    n = len(_rows(a, "inv"))
    unit = [[float(i == j) for j in range(n)] for i in range(n)]
    return _like(a, solve(_rows(a, "inv"), unit))


def det(a: Any) -> Any:
    """The determinant, in sums and products of the elements alone."""
    rows = _rows(a, "det")
    n = len(rows)
    # The characteristic polynomial of each leading block from that of the block before, by a Toeplitz matrix.
    polynomial: list[Any] = [1.0, -rows[0][0]]
    for k in range(1, n):
        block, row, column = [r[:k] for r in rows[:k]], rows[k][:k], [r[k] for r in rows[:k]]
        first: list[Any] = [1.0, -rows[k][k]]
        power = column
        for step in range(k):
            first.append(-_dot(row, power))
            if step < k - 1:
                power = [_dot(r, power) for r in block]
        polynomial = [
            _dot([first[i - j] for j in range(min(i, k) + 1)], polynomial[: min(i, k) + 1]) for i in range(k + 2)
        ]
    return polynomial[n] if n % 2 == 0 else -polynomial[n]


class LogDeterminant(NamedTuple):
    """A determinant as numpy has it, sign · exp(logabsdet): the exponential may be beyond the largest float."""

    sign: Any
    logabsdet: Any


def _inverse_transposed(g: tuple[Any, Any], y: Any, a: Matrix) -> Matrix:
    """a⁻ᵀ, the gradient of log |det a|; the sign has none."""
    return [[g[1] * x for x in row] for row in zip(*inv(a), strict=True)]


@custom_gradient(backward=_inverse_transposed)
def _log_determinant(a: Matrix) -> tuple[float, float]:
    sign, *pivots = _pivots([[*map(float, row)] for row in a])
    for pivot in pivots:
        sign *= (pivot > 0.0) - (pivot < 0.0)
    if sign == 0.0:
        raise ZeroDivisionError("linalg.slogdet got a singular matrix: its determinant is 0, which has no logarithm")
    return sign, sum(log(abs(pivot)) for pivot in pivots)


def slogdet(a: Any) -> LogDeterminant:
    """The sign of the determinant and the logarithm of its size, which neither overflows nor vanishes."""
    return LogDeterminant(*_log_determinant(_rows(a, "slogdet")))


def cholesky(a: Any) -> Any:
    """The lower triangular L with L Lᵀ = a, a symmetric positive definite matrix of which the lower half is read."""
    rows = _rows(a, "cholesky")
    n = len(rows)
    found: Matrix = [[0.0] * n for _ in range(n)]
    for i in range(n):
        for j in range(i + 1):
            rest = rows[i][j] - _dot(found[i][:j], found[j][:j]) if j else rows[i][j]
            try:
                found[i][j] = call(TABLE["sqrt"], (rest,), {}) if i == j else rest / found[j][j]
            except ArithmeticError as error:
                raise _not_definite(j, rest if i == j else found[j][j], error) from error
    return _like(a, found)


@looking()
def _not_definite(j: int, pivot: Any, error: ArithmeticError) -> ArithmeticError:
    """The error for a matrix without such an L; that itself if there is another reason for it."""
    number = pivot.data if isinstance(pivot, Value) else pivot
    if number > 0.0:
        return error
    return NonFiniteError(
        f"linalg.cholesky got a matrix that is not positive definite: pivot {j}, counted from 0, is {number!r}, and "
        "has to be more than 0; for a covariance add a little to the diagonal, as in a[i][i] + 1e-9"
    )


def norm(x: Any) -> Any:
    """The Euclidean length of a vector, or the Frobenius norm of a matrix."""
    return call(TABLE["norm"], (flatten(x),), {})
