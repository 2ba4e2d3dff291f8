"""numpy arrays: a rule written for one number computes a whole batch, operand by operand.

>>> import numpy as np
>>> from autograd_tiny.table.ops import TABLE
>>> print(TABLE["sigmoid"].forward(ARRAYS, np.array([-1000.0, 0.0, 1000.0])))
[0.  0.5 1. ]
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from .base import Namespace


def _quiet(f: Callable[..., Any]) -> Callable[..., Any]:
    """``f`` without numpy's warnings: an infinity is an answer here, as for `FLOATS`."""

    def silent(*operands: Any) -> Any:
        with np.errstate(all="ignore"):
            return f(*operands)

    return silent


def _elementwise(f: Callable[[float], float]) -> Callable[..., Any]:
    """``f`` over every element, for the functions that numpy has not."""
    ufunc: Any = np.frompyfunc(f, 1, 1)
    return lambda x: np.asarray(ufunc(x), np.float64) if isinstance(x, np.ndarray) else f(x)


def _as_float(f: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *operands: np.asarray(f(*operands), dtype=np.float64)[()]


class Arrays(Namespace):
    """The namespace of float64 arrays, which broadcast as in numpy."""

    pi = math.pi
    add = staticmethod(_quiet(np.add))
    sub = staticmethod(_quiet(np.subtract))
    mul = staticmethod(_quiet(np.multiply))
    neg = staticmethod(np.negative)
    div = staticmethod(_quiet(np.divide))
    pow = staticmethod(_quiet(lambda a, b: np.power(np.asarray(a, dtype=np.float64), b)))
    exp = staticmethod(_quiet(np.exp))
    expm1 = staticmethod(_quiet(np.expm1))
    log = staticmethod(_quiet(np.log))
    log1p = staticmethod(_quiet(np.log1p))
    sqrt = staticmethod(_quiet(np.sqrt))
    sin = staticmethod(_quiet(np.sin))
    cos = staticmethod(_quiet(np.cos))
    tan = staticmethod(_quiet(np.tan))
    asin = staticmethod(_quiet(np.arcsin))
    acos = staticmethod(_quiet(np.arccos))
    atan = staticmethod(np.arctan)
    sinh = staticmethod(_quiet(np.sinh))
    cosh = staticmethod(_quiet(np.cosh))
    tanh = staticmethod(np.tanh)
    log2 = staticmethod(_quiet(np.log2))
    log10 = staticmethod(_quiet(np.log10))
    cbrt = staticmethod(np.cbrt)
    asinh = staticmethod(np.arcsinh)
    acosh = staticmethod(_quiet(np.arccosh))
    atanh = staticmethod(_quiet(np.arctanh))
    atan2 = staticmethod(np.arctan2)
    fmod = staticmethod(_quiet(np.fmod))
    floor = staticmethod(np.floor)
    ceil = staticmethod(np.ceil)
    trunc = staticmethod(np.trunc)
    round = staticmethod(np.rint)
    erf = staticmethod(_elementwise(math.erf))
    erfc = staticmethod(_elementwise(math.erfc))
    abs = staticmethod(np.abs)
    greater = staticmethod(_as_float(np.greater))
    less = staticmethod(_as_float(np.less))
    greater_equal = staticmethod(_as_float(np.greater_equal))
    less_equal = staticmethod(_as_float(np.less_equal))
    equal = staticmethod(_as_float(np.equal))
    not_equal = staticmethod(_as_float(np.not_equal))

    def where(self, condition: Any, a: Any, b: Any) -> Any:
        return np.where(np.asarray(condition) != 0.0, a, b)[()]


ARRAYS = Arrays()
