"""The array library that runs a program: all that the compiler asks of one, and numpy's answers.

A program is lines such as ``multiply(a3, a7, a9)``, the same for every library: `Arrays.functions` says what
``multiply`` is, with numpy's signature, the result in place. numpy lays out the memory, and makes the views; a library
has to be able to look at them where they are (`Arrays.look`). So nothing is copied between the lines, and what goes in
and comes out are numpy's own arrays.

To add a library: a class as `NumpyArrays`, and its name in `LIBRARIES`.

>>> multiply, a = FLOAT64.functions()["multiply"], FLOAT64.look(np.array([2.0, 3.0]))
>>> multiply(a, a, a).tolist()
[4.0, 9.0]
>>> arrays_named("numpy", "float32")
numpy (float32)
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from ...errors import shorten
from ..lower.cost import LINE

NUMBERS = ("float64", "float32")
_NAMES = """
    add subtract multiply divide power exp expm1 log log1p sqrt sin cos tan arcsin arccos arctan sinh cosh tanh
    log2 log10 cbrt arcsinh arccosh arctanh floor ceil trunc rint absolute
    greater less greater_equal less_equal equal not_equal arctan2 fmod maximum minimum matmul dot take copyto erf erfc
    row_dots
"""
FUNCTIONS = tuple(_NAMES.split())
"""What lines call, with numpy's signatures; of these ``add``, ``maximum`` and ``minimum`` have ``reduce`` and
``reduceat``; `row_dots` is ours. Besides, lines do ``a[...] = b``, and with whole numbers as index ``a[i] = b`` and
``a[i] += b``.
"""


class Arrays(Protocol):
    """An array library, with the kind of number that it is to compute with."""

    dtype: np.dtype[Any]
    shares: bool
    """Whether it computes with numpy's float64 as they come; if not, numbers are copied in and out."""
    notices: bool
    """Whether `np.errstate` has it raise where a number is not finite; if not, all numbers are looked at afterwards."""
    dot_notices: bool
    """Whether that holds for `dot` too."""
    turns: bool
    """Whether its views may have negative strides; if not, what is read backwards is gathered."""
    native: bool
    """Whether its lines are numpy's on float64, and may be run by a loop in C."""
    line: float
    """Seconds that a line takes on a few numbers, to estimate whether arrays pay."""

    def __repr__(self) -> str:
        """As `explain` has it: "numpy (float64)"."""

    def functions(self) -> dict[str, Any]:
        """What each of `FUNCTIONS` is."""

    def look(self, array: Any) -> Any:
        """The library's array on the memory of a numpy array, of numbers, truths, or whole numbers that index."""

    def segments(self, starts: Any, size: int) -> Any:
        """The second operand of its ``reduceat``, a numpy array: segments of ``size`` elements, by where they start."""


class Extreme:
    """numpy's maximum or minimum, which of several zeros gives the first, with its sign, as the table's row does: numpy
    gives any. By the sign of a zero atan2 tells a half-turn from another.

    >>> out = np.empty(1)
    >>> Extreme(np.maximum).reduce(np.array([[-0.0, 0.0, -1.0]]), 1, None, out)
    >>> print(out)
    [-0.]
    """

    def __init__(self, ufunc: np.ufunc) -> None:
        self.ufunc = ufunc

    def __call__(self, *operands: Any, out: Any = None) -> Any:
        return self.ufunc(*operands, out=out)

    def reduce(self, x: Any, axis: int, dtype: None, out: Any, keepdims: bool = False) -> None:
        given = x.copy() if np.may_share_memory(x, out) else x
        self.ufunc.reduce(x, axis, dtype, out, keepdims=keepdims)
        zero = out == 0.0
        if zero.any():
            first = np.take_along_axis(given, (given == 0.0).argmax(axis, keepdims=True), axis)
            np.copyto(out, first.reshape(out.shape), where=zero)

    def reduceat(self, x: Any, starts: Any, axis: int, dtype: None, out: Any) -> None:
        self.ufunc.reduceat(x, starts, axis, dtype, out)
        zero = out == 0.0
        if zero.any():
            places = np.arange(len(x)).reshape(-1, *[1] * (x.ndim - 1))
            first = np.minimum.reduceat(np.where(x == 0.0, places, len(x)), starts, axis)
            np.copyto(out, np.take_along_axis(x, np.minimum(first, len(x) - 1), axis), where=zero)


def _dot_notices() -> bool:
    """numpy's `dot` did not look for overflow before 2.3, where `matmul` and `add.reduce` did."""
    large = np.full(2, 1e200)
    try:
        with np.errstate(over="raise"):
            np.dot(large, large)
    except FloatingPointError:
        return True
    return False


def row_dots(functions: dict[str, Any]) -> Callable[..., None]:
    """The sums over rows of ``a × b``, by a library's functions: with room for the products, and ones to sum them by.

    >>> out = np.empty(2)
    >>> a = np.array([[1.0, 2.0], [3.0, 4.0]])
    >>> row_dots({"multiply": np.multiply, "dot": np.dot})(a, a, np.empty((2, 2)), np.ones(2), out)
    >>> out
    array([ 5., 25.])
    """
    multiply, dot = functions["multiply"], functions["dot"]

    def dots(a: Any, b: Any, room: Any, ones: Any, out: Any) -> None:
        multiply(a, b, room)
        dot(room, ones, out)

    return dots


class NumpyArrays:
    """numpy: its functions as they are, with nothing around them."""

    title = "numpy"
    notices = turns = True
    native = False
    line = LINE
    dot_notices = _dot_notices()

    def __init__(self, dtype: str) -> None:
        self.dtype = np.dtype(dtype)
        self.shares = self.dtype == np.float64

    def __repr__(self) -> str:
        return f"{self.title} ({self.dtype})"

    def functions(self) -> dict[str, Any]:
        own: dict[str, Any] = {name: np.frompyfunc(getattr(math, name), 1, 1) for name in ("erf", "erfc")}
        own |= {name: Extreme(getattr(np, name)) for name in ("maximum", "minimum")}
        own["row_dots"] = row_dots({"multiply": np.multiply, "dot": np.dot})
        own["take"] = np.ndarray.take  # a quarter of the time of np.take, which comes to it through Python
        return {name: own.get(name) or getattr(np, name) for name in FUNCTIONS}

    def look(self, array: Any) -> Any:
        return array

    def segments(self, starts: Any, size: int) -> Any:
        return starts


class NativeArrays(NumpyArrays):
    """numpy's own loops, called from C instead of from Python: the same numbers from the same lines."""

    title = "numpy's own loops"
    native = True
    line = 0.06e-6


FLOAT64 = NumpyArrays("float64")


def _torch(dtype: str) -> Arrays:
    from .torch_arrays import TorchArrays

    return TorchArrays(dtype)


LIBRARIES: dict[str, Callable[[str], Arrays]] = {"native": NativeArrays, "numpy": NumpyArrays, "torch": _torch}
"""By the name that `compile` knows. Each is imported when it is asked for."""


def arrays_named(backend: str, dtype: str) -> Arrays:
    """The library of that name; `ValueError` for a wrong one, `ModuleNotFoundError` for one not installed."""
    for setting, given, known in (("backend", backend, ("auto", *LIBRARIES)), ("dtype", dtype, NUMBERS)):
        if given not in known:
            expected = " or ".join(f'"{name}"' for name in known)
            raise ValueError(f"compile({setting}={shorten(given)}): expected {expected}")
    try:
        return LIBRARIES[backend](dtype)
    except ModuleNotFoundError as error:
        if error.name != backend:
            raise
        raise ModuleNotFoundError(
            f'compile(backend="{backend}") needs {backend}, which is not installed: pip install {backend}',
            name=backend,
        ) from None
