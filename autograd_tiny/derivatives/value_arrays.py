"""The arrays of Values that a function is given in place of arrays of numbers: on these more of numpy works.

numpy asks the first operand of ``np.arctan2`` for a method, and its linear algebra refuses arrays of objects; an array
that is a class of its own is asked before. Where it makes no difference it is an array like any other.

>>> import numpy as np
>>> from autograd_tiny import grad, jacobian
>>> grad(lambda x: np.arctan2(2.0, x)[0])(np.array([1.0, 3.0]))
array([-0.4,  0. ])
>>> grad(np.linalg.det)(np.array([[1.0, 2.0], [3.0, 4.0]]))
array([[ 4., -3.],
       [-2.,  1.]])

An array that a function makes itself, ``np.array([x[0], x[1]])``, is a plain one; arithmetic and slices keep the class.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from . import functions, linalg, special
from .composed import interp

_table: Any = functions


def array_norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    """`np.linalg.norm`, by `norm` where it is a root of squares, which has a derivative at 0 and no overflow."""
    x = np.asarray(_plain(x), dtype=object)
    axes = tuple(range(x.ndim)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    if ord is None or (ord == "fro" and len(axes) == 2) or (ord == 2 and len(axes) == 1):
        return _own(functions.norm(x, axis=None if axis is None else axes, keepdims=keepdims))
    if len(axes) == 1 and ord in (1, np.inf, -np.inf):
        take: Any = {1: functions.sum, np.inf: functions.maximum, -np.inf: functions.minimum}[ord]
        return _own(take(functions.abs(x), axis=axes[0], keepdims=keepdims))
    if len(axes) == 1 and not isinstance(ord, str) and ord:
        total = functions.sum(functions.abs(x) ** ord, axis=axes[0], keepdims=keepdims)
        return _own(total ** (1.0 / ord))
    if len(axes) == 2 and ord in (1, np.inf):
        first, last = (axes[0] % x.ndim, axes[1] % x.ndim) if ord == 1 else (axes[1] % x.ndim, axes[0] % x.ndim)
        sums = functions.sum(functions.abs(x), axis=first, keepdims=True)
        found = functions.maximum(sums, axis=(first, last), keepdims=keepdims)
        return _own(found)
    raise TypeError(
        f"np.linalg.norm with ord={ord!r} of Values: expected None, 'fro', 1, np.inf, or of a vector a number but 0; a "
        "spectral norm takes eigenvalues, which are not here"
    )


RADIAN = np.pi / 180.0

UFUNCS = {"arctan2": "atan2", "hypot": "hypot", "logaddexp": "logaddexp", "fmod": "fmod", "maximum": "maximum",
          "minimum": "minimum", "fabs": "abs", "sign": "sign", "clip": "clip",
          "erf": "erf", "erfc": "erfc", "erfinv": "erfinv", "expit": "sigmoid", "log_expit": "log_sigmoid",
          "gammaln": "lgamma", "psi": "digamma", "ndtr": "norm_cdf", "xlogy": "xlogy", "cbrt": "cbrt", "exp2": "exp2",
          "expm1": "expm1", "log1p": "log1p", "entr": "entr", "logit": "logit"}  # fmt: skip
"""numpy's and scipy.special's element-by-element functions that are ours here, whichever operand comes first."""

FACTORS = {"radians": RADIAN, "deg2rad": RADIAN, "degrees": 1.0 / RADIAN, "rad2deg": 1.0 / RADIAN}
"""numpy's functions that multiply by a number."""

FUNCTIONS: dict[Any, Any] = {
    np.linalg.solve: linalg.solve, np.linalg.inv: linalg.inv, np.linalg.det: linalg.det,
    np.linalg.slogdet: linalg.slogdet, np.linalg.cholesky: linalg.cholesky, np.interp: interp,
    np.linalg.norm: array_norm, np.sinc: functions.sinc,
}  # fmt: skip
"""numpy's functions for which ours is called with the same arguments."""


LARGEST = (np.maximum, np.minimum)
"""``np.max`` reduces by them: one node, in which ties share, and no comparison, which a program could not keep."""

USUAL = {"keepdims": False, "where": True, "dtype": None, "initial": None}
"""What numpy hands on where nobody asked."""


class ValueArray(np.ndarray[Any, Any]):
    """An array of Values."""

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, out: Any = None, **more: Any) -> Any:
        plain = [_plain(x) for x in inputs]
        if ufunc.__name__ in UFUNCS and method == "__call__" and out is None and not more:
            name = UFUNCS[ufunc.__name__]
            return _own(getattr(_table if hasattr(_table, name) else special, name)(*plain))
        if ufunc.__name__ in FACTORS and method == "__call__" and out is None and not more:
            return _own(plain[0] * FACTORS[ufunc.__name__])
        if ufunc in LARGEST and method == "reduce" and out is None:
            asked = {name: x for name, x in more.items() if name != "axis" and x is not USUAL.get(name)}
            if {*asked} <= {"keepdims"}:
                return _own(getattr(_table, ufunc.__name__)(*plain, axis=more.get("axis", 0), **asked))
        if method == "reduce" and more.get("where", True) is not True and more.get("initial") is None:
            more["initial"] = ufunc.identity  # which of objects numpy does not take for known
        if out is not None:
            getattr(ufunc, method)(*plain, out=tuple(map(_plain, out)), **more)
            return out[0] if len(out) == 1 else out
        return _own(getattr(ufunc, method)(*plain, **more))

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if func in FUNCTIONS:
            return FUNCTIONS[func](*args, **kwargs)
        return super().__array_function__(func, types, args, kwargs)

    def __repr__(self) -> str:
        return repr(self.view(np.ndarray))


def _plain(x: Any) -> Any:
    return x.view(np.ndarray) if isinstance(x, ValueArray) else x


def _own(found: Any) -> Any:
    if type(found) is tuple:
        return tuple(map(_own, found))
    return found.view(ValueArray) if type(found) is np.ndarray and found.dtype == object else found
