"""Functions made of several primitives, where that has the right derivatives at every edge: no row of their own.

`prod` is a chain of products, so that zeros among the factors cost nothing; `var` is a dot product of deviations and
`std` their norm, which neither overflows nor loses its slope where all numbers are equal; `cumsum` a chain of sums.

>>> from autograd_tiny import Value, grad
>>> grad(prod)([0.0, 2.0, 3.0]), mean([1.0, 2.0, 6.0]), var([1.0, 3.0]), std([1.0, 3.0], ddof=1)
([6.0, 0.0, 0.0], 3.0, 1.0, 1.4142135623730951)
>>> [round(x, 12) for x in log_softmax([1000.0, 1000.0])], cumsum([1.0, 2.0, 3.0])
([-0.69314718056, -0.69314718056], [1.0, 3.0, 6.0])
"""

from __future__ import annotations

import bisect
from collections.abc import Callable, Sequence
from itertools import accumulate, pairwise
from operator import add, mul
from typing import Any, overload

from ..core import Value
from ..core.operands import is_number, real_float
from ..errors import InvalidNumber
from ..modes.recording import differs
from ..table.ops import TABLE
from . import broadcasting
from .elements import elements_of, numbers_of
from .functions import call
from .structure import flatten, is_array, is_structure, rebuild

Axis = int | tuple[int, ...] | None

COMPOSED = ("log_softmax", "prod", "mean", "var", "std", "cumsum", "interp", "stop_gradient")
"""What the package has of these."""


@overload
def log_softmax(xs: Sequence[float]) -> list[float]: ...  # type: ignore[overload-overlap]
@overload
def log_softmax(xs: Sequence[Value | float]) -> list[Value]: ...
@overload
def log_softmax(xs: Any, axis: int | None = None) -> Any: ...
def log_softmax(xs: Any, axis: int | None = None) -> Any:
    """``[x - logsumexp(xs) for x in xs]``: the logarithms of `softmax`, finite where that is 0 for a float.

    Of an array an array: over all of its elements, or along one ``axis``.
    """
    if axis is not None or broadcasting.nested(xs) or is_array(xs):
        return broadcasting.along_kept(log_softmax, broadcasting.as_array(xs, "log_softmax"), axis)
    scalars = numbers_of(elements_of(xs, "log_softmax"), "log_softmax")
    total = call(TABLE["logsumexp"], (scalars,), {})
    return [x - total for x in scalars]


@overload
def prod(xs: Sequence[float]) -> float: ...  # type: ignore[overload-overlap]
@overload
def prod(xs: Sequence[Value | float]) -> Value: ...
@overload
def prod(xs: Any, axis: Axis = None, keepdims: bool = False) -> Any: ...
def prod(xs: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """The product of the numbers; of none, 1. Its derivative by each is the product of the others."""
    return _reduced(lambda given: _chain(mul, given)[-1] if given else 1.0, xs, axis, keepdims, "prod")


@overload
def mean(xs: Sequence[float]) -> float: ...  # type: ignore[overload-overlap]
@overload
def mean(xs: Sequence[Value | float]) -> Value: ...
@overload
def mean(xs: Any, axis: Axis = None, keepdims: bool = False) -> Any: ...
def mean(xs: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """The sum divided by how many there are."""
    return _reduced(lambda given: call(TABLE["sum"], (given,), {}) / len(given), xs, axis, keepdims, "mean")


@overload
def var(xs: Sequence[float], *, ddof: int = 0) -> float: ...  # type: ignore[overload-overlap]
@overload
def var(xs: Sequence[Value | float], *, ddof: int = 0) -> Value: ...
@overload
def var(xs: Any, axis: Axis = None, ddof: int = 0, keepdims: bool = False) -> Any: ...
def var(xs: Any, axis: Axis = None, ddof: int = 0, keepdims: bool = False) -> Any:
    """The mean square of the deviations from the mean, divided by n - ``ddof`` as numpy has it."""
    return _reduced(lambda given: _squares(given, ddof, "var"), xs, axis, keepdims, "var")


@overload
def std(xs: Sequence[float], *, ddof: int = 0) -> float: ...  # type: ignore[overload-overlap]
@overload
def std(xs: Sequence[Value | float], *, ddof: int = 0) -> Value: ...
@overload
def std(xs: Any, axis: Axis = None, ddof: int = 0, keepdims: bool = False) -> Any: ...
def std(xs: Any, axis: Axis = None, ddof: int = 0, keepdims: bool = False) -> Any:
    """The square root of `var`; where all numbers are equal its slope is 0, as that of |x|."""

    def deviation(given: list[Any]) -> Any:
        return call(TABLE["norm"], (_deviations(given),), {}) / _degrees(given, ddof, "std") ** 0.5

    return _reduced(deviation, xs, axis, keepdims, "std")


def cumsum(xs: Any, axis: int | None = None) -> Any:
    """The sums of the first one, two, three … numbers; of an array an array, as numpy has it: without ``axis`` flat."""
    if is_array(xs) or broadcasting.nested(xs) or axis is not None:
        array = broadcasting.as_array(xs, "cumsum")
        return broadcasting.along_kept(cumsum, array.reshape(-1) if axis is None else array, axis)
    return _chain(add, numbers_of(elements_of(xs, "cumsum"), "cumsum", least=0))


def interp(x: Any, xp: Sequence[float], fp: Sequence[Any]) -> Any:
    """numpy's: the value at ``x`` of the lines between the points (xp, fp), and beyond the ends that of the end.

    ``xp`` are plain numbers that increase; ``x``, ``fp`` or both may be Values. At a point the slope is that of the
    line to the right, at the last one that to the left, beyond the ends 0.

    >>> from autograd_tiny import grad
    >>> interp(1.5, [0.0, 1.0, 2.0], [0.0, 10.0, 30.0]), grad(interp)(1.5, [0.0, 1.0, 2.0], [0.0, 10.0, 30.0])
    (20.0, 20.0)
    """
    places = [real_float(p, "interp(xp)") for p in elements_of(xp, "interp(xp)")]
    heights = elements_of(fp, "interp(fp)")
    if len(places) != len(heights) or len(places) < 2 or any(b <= a for a, b in pairwise(places)):
        raise ValueError(
            f"interp got {len(places)} places and {len(heights)} heights: expected as many of both, two at least, and "
            "places that increase"
        )
    if is_array(x):
        return broadcasting.each(lambda each: _interpolated(each, places, heights), [x])
    return _interpolated(x, places, heights)


def _interpolated(x: Any, places: list[float], heights: list[Any]) -> Any:
    """`interp` of one number, between places and heights that have been looked at."""
    if not (isinstance(x, Value) or is_number(x)):
        raise InvalidNumber("interp(x)", x)
    last = len(places)

    def behind(k: int) -> Any:
        """What it is where k of the places lie to the left."""
        if k in (0, last):
            return heights[0 if k == 0 else -1]
        slope = (heights[k] - heights[k - 1]) / (places[k] - places[k - 1])
        return heights[k - 1] + (x - places[k - 1]) * slope

    if not (isinstance(x, Value) and differs(x)):
        at = x.data if isinstance(x, Value) else x
        height = behind(bisect.bisect_right(places, at) - (at == places[-1]))
        return height if isinstance(height, Value) or not isinstance(x, Value) else 0.0 * x + height
    found = call(TABLE["where"], (call(TABLE["greater"], (x, places[-1]), {}), behind(last), behind(last - 1)), {})
    for k in reversed(range(last - 1)):
        found = call(TABLE["where"], (call(TABLE["less"], (x, places[k]), {}), behind(k), found), {})
    return found


def stop_gradient(x: Any) -> Any:
    """``x``, a Value or a structure of Values, as numbers that no gradient passes through.

    >>> from autograd_tiny import grad
    >>> grad(lambda x: x * stop_gradient(x))(3.0)
    3.0
    """
    if is_structure(x):
        return rebuild(x, iter([stop_gradient(part) for part in flatten(x)]))
    return x.detach() if isinstance(x, Value) else x


def _chain(f: Callable[[Any, Any], Any], xs: list[Any]) -> list[Any]:
    return list(accumulate(xs, f))


def _reduced(f: Callable[[list[Any]], Any], xs: Any, axis: Axis, keepdims: bool, name: str) -> Any:
    def checked(given: list[Any]) -> Any:
        return f(numbers_of(given, name, least=name != "prod"))

    if is_array(xs) or broadcasting.nested(xs) or axis is not None or keepdims:
        return broadcasting.along(checked, broadcasting.as_array(xs, name), axis, keepdims)
    return checked(elements_of(xs, name))


def _deviations(given: list[Any]) -> list[Any]:
    middle = call(TABLE["sum"], (given,), {}) / len(given)
    return [x - middle for x in given]


def _degrees(given: list[Any], ddof: int, name: str) -> float:
    if not len(given) > ddof:
        raise ValueError(f"{name} of {len(given)} numbers with ddof={ddof}: expected more numbers than ddof")
    return float(len(given) - ddof)


def _squares(given: list[Any], ddof: int, name: str) -> Any:
    apart = _deviations(given)
    return call(TABLE["dot"], (apart, apart), {}) / _degrees(given, ddof, name)
