"""The methods that `Value` has by virtue of the table of primitives, one or more a row.

Written by `make generate` from the table in ops.py: change a row there, not a line here.

Each is the fast path for ordinary numbers: compute the result and the local derivatives, make the node.
Whatever is out of the ordinary (``math`` raises, the result is not finite and so ``y - y`` is not 0, sources are
tracked) goes to `value.apply`, which knows the whole story and gives the same node.
"""

from __future__ import annotations

from math import (
    acos,
    acosh,
    asin,
    asinh,
    atan,
    atanh,
    cbrt,
    cos,
    cosh,
    erf,
    erfc,
    exp,
    expm1,
    fabs,
    fmod,
    log,
    log1p,
    log2,
    log10,
    pow,
    sin,
    sinh,
    sqrt,
    tan,
    tanh,
)
from typing import TYPE_CHECKING, Any

from ..modes.sources import SWITCH
from ..table.namespaces.whole import ceil, floor, rint, trunc
from ..table.ops import TABLE

if TYPE_CHECKING:
    from ..table.primitive import Primitive
    from .value import Value, apply
    from .value import as_constant as constant

_new = object.__new__
_RAISED = (OverflowError, ValueError, ZeroDivisionError)


def bind(value_class: Any, value_module: Any) -> None:
    """Make these methods work on ``value_class``: `value` calls this once, since it imports us first."""
    globals().update(Value=value_class, apply=value_module.apply, constant=value_module.as_constant)


_add = TABLE["add"]
_sub = TABLE["sub"]
_mul = TABLE["mul"]
_div = TABLE["div"]
_neg = TABLE["neg"]
_pow = TABLE["pow"]
_square = TABLE["square"]
_identity = TABLE["identity"]
_exp = TABLE["exp"]
_log = TABLE["log"]
_log1p = TABLE["log1p"]
_expm1 = TABLE["expm1"]
_sqrt = TABLE["sqrt"]
_sin = TABLE["sin"]
_cos = TABLE["cos"]
_tan = TABLE["tan"]
_asin = TABLE["asin"]
_acos = TABLE["acos"]
_atan = TABLE["atan"]
_sinh = TABLE["sinh"]
_cosh = TABLE["cosh"]
_tanh = TABLE["tanh"]
_sech_squared = TABLE["sech_squared"]
_erf = TABLE["erf"]
_erfc = TABLE["erfc"]
_sigmoid = TABLE["sigmoid"]
_softplus = TABLE["softplus"]
_relu = TABLE["relu"]
_leaky_relu = TABLE["leaky_relu"]
_elu = TABLE["elu"]
_gelu = TABLE["gelu"]
_silu = TABLE["silu"]
_abs = TABLE["abs"]
_sign = TABLE["sign"]
_where = TABLE["where"]
_greater = TABLE["greater"]
_less = TABLE["less"]
_greater_equal = TABLE["greater_equal"]
_less_equal = TABLE["less_equal"]
_equal = TABLE["equal"]
_not_equal = TABLE["not_equal"]
_sum = TABLE["sum"]
_dot = TABLE["dot"]
_maximum = TABLE["maximum"]
_minimum = TABLE["minimum"]
_logsumexp = TABLE["logsumexp"]
_log2 = TABLE["log2"]
_log10 = TABLE["log10"]
_exp2 = TABLE["exp2"]
_cbrt = TABLE["cbrt"]
_atan2 = TABLE["atan2"]
_asinh = TABLE["asinh"]
_acosh = TABLE["acosh"]
_atanh = TABLE["atanh"]
_hypot = TABLE["hypot"]
_norm = TABLE["norm"]
_logaddexp = TABLE["logaddexp"]
_xlogy = TABLE["xlogy"]
_log_sigmoid = TABLE["log_sigmoid"]
_clip = TABLE["clip"]
_floor = TABLE["floor"]
_ceil = TABLE["ceil"]
_round = TABLE["round"]
_trunc = TABLE["trunc"]
_fmod = TABLE["fmod"]
_mod = TABLE["mod"]
_floor_divide = TABLE["floor_divide"]
_lgamma = TABLE["lgamma"]
_digamma = TABLE["digamma"]
_polygamma = TABLE["polygamma"]
_spherical_jn = TABLE["spherical_jn"]
_sinc = TABLE["sinc"]
_erfinv = TABLE["erfinv"]
_norm_cdf = TABLE["norm_cdf"]


class Operations:
    """What `Value` can do; no state of its own."""

    __slots__ = ()

    # The slots of `Value`, for type checkers.
    _data: float
    _primitive: Primitive
    _left: Any
    _right: Any
    _d_left: Any
    _d_right: Any
    _mark: int
    _adjoint: float
    _grad: float | None

    def add(self, b: Value | float) -> Value:
        """a + b

        ∂y/∂a = 1
        ∂y/∂b = 1
        Domain: every number
        """
        return apply(_add, (self, b))

    def __add__(self, other: Any) -> Value:
        a = self._data
        if type(other) is Value:
            b = other._data
            y = a + b
            if y - y == 0.0 and not SWITCH.blocks:
                node = _new(Value)
                node._data = y
                node._primitive = _add
                node._left = self
                node._d_left = 1.0
                node._right = other
                node._d_right = 1.0
                node._mark = 0
                return node
            return apply(_add, (self, other))
        number = constant(other)
        if number is None:
            return NotImplemented
        b = number._data
        y = a + b
        if y - y == 0.0 and not SWITCH.blocks:
            node = _new(Value)
            node._data = y
            node._primitive = _add
            node._left = self
            node._d_left = 1.0
            node._right = number
            node._d_right = 0.0
            node._mark = 0
            return node
        return apply(_add, (self, number))

    def __radd__(self, other: Any) -> Value:
        number = constant(other)
        if number is None:
            return NotImplemented
        a = number._data
        b = self._data
        y = a + b
        if y - y == 0.0 and not SWITCH.blocks:
            node = _new(Value)
            node._data = y
            node._primitive = _add
            node._left = number
            node._d_left = 0.0
            node._right = self
            node._d_right = 1.0
            node._mark = 0
            return node
        return apply(_add, (number, self))

    def sub(self, b: Value | float) -> Value:
        """a − b

        ∂y/∂a = 1
        ∂y/∂b = −1
        Domain: every number
        """
        return apply(_sub, (self, b))

    def __sub__(self, other: Any) -> Value:
        a = self._data
        if type(other) is Value:
            b = other._data
            y = a - b
            if y - y == 0.0 and not SWITCH.blocks:
                node = _new(Value)
                node._data = y
                node._primitive = _sub
                node._left = self
                node._d_left = 1.0
                node._right = other
                node._d_right = -1.0
                node._mark = 0
                return node
            return apply(_sub, (self, other))
        number = constant(other)
        if number is None:
            return NotImplemented
        b = number._data
        y = a - b
        if y - y == 0.0 and not SWITCH.blocks:
            node = _new(Value)
            node._data = y
            node._primitive = _sub
            node._left = self
            node._d_left = 1.0
            node._right = number
            node._d_right = 0.0
            node._mark = 0
            return node
        return apply(_sub, (self, number))

    def __rsub__(self, other: Any) -> Value:
        number = constant(other)
        if number is None:
            return NotImplemented
        a = number._data
        b = self._data
        y = a - b
        if y - y == 0.0 and not SWITCH.blocks:
            node = _new(Value)
            node._data = y
            node._primitive = _sub
            node._left = number
            node._d_left = 0.0
            node._right = self
            node._d_right = -1.0
            node._mark = 0
            return node
        return apply(_sub, (number, self))

    def mul(self, b: Value | float) -> Value:
        """a × b

        ∂y/∂a = b
        ∂y/∂b = a
        Domain: every number
        """
        return apply(_mul, (self, b))

    def __mul__(self, other: Any) -> Value:
        a = self._data
        if type(other) is Value:
            b = other._data
            y = a * b
            if y - y == 0.0 and not SWITCH.blocks:
                node = _new(Value)
                node._data = y
                node._primitive = _mul
                node._left = self
                node._d_left = b
                node._right = other
                node._d_right = a
                node._mark = 0
                return node
            return apply(_mul, (self, other))
        number = constant(other)
        if number is None:
            return NotImplemented
        b = number._data
        y = a * b
        if y - y == 0.0 and not SWITCH.blocks:
            node = _new(Value)
            node._data = y
            node._primitive = _mul
            node._left = self
            node._d_left = b
            node._right = number
            node._d_right = 0.0
            node._mark = 0
            return node
        return apply(_mul, (self, number))

    def __rmul__(self, other: Any) -> Value:
        number = constant(other)
        if number is None:
            return NotImplemented
        a = number._data
        b = self._data
        y = a * b
        if y - y == 0.0 and not SWITCH.blocks:
            node = _new(Value)
            node._data = y
            node._primitive = _mul
            node._left = number
            node._d_left = 0.0
            node._right = self
            node._d_right = a
            node._mark = 0
            return node
        return apply(_mul, (number, self))

    def div(self, b: Value | float) -> Value:
        """a / b

        ∂y/∂a = 1 / b
        ∂y/∂b = −(y / b)
        Domain: b ≠ 0
        """
        return apply(_div, (self, b))

    def __truediv__(self, other: Any) -> Value:
        a = self._data
        if type(other) is Value:
            b = other._data
            try:
                y = a / b
                d_a = 1.0 / b
                d_b = -(y / b)
            except _RAISED:
                return apply(_div, (self, other))
            if y - y == 0.0 and not SWITCH.blocks:
                node = _new(Value)
                node._data = y
                node._primitive = _div
                node._left = self
                node._d_left = d_a
                node._right = other
                node._d_right = d_b
                node._mark = 0
                return node
            return apply(_div, (self, other))
        number = constant(other)
        if number is None:
            return NotImplemented
        b = number._data
        try:
            y = a / b
            d_a = 1.0 / b
        except _RAISED:
            return apply(_div, (self, number))
        if y - y == 0.0 and not SWITCH.blocks:
            node = _new(Value)
            node._data = y
            node._primitive = _div
            node._left = self
            node._d_left = d_a
            node._right = number
            node._d_right = 0.0
            node._mark = 0
            return node
        return apply(_div, (self, number))

    def __rtruediv__(self, other: Any) -> Value:
        number = constant(other)
        if number is None:
            return NotImplemented
        a = number._data
        b = self._data
        try:
            y = a / b
            d_b = -(y / b)
        except _RAISED:
            return apply(_div, (number, self))
        if y - y == 0.0 and not SWITCH.blocks:
            node = _new(Value)
            node._data = y
            node._primitive = _div
            node._left = number
            node._d_left = 0.0
            node._right = self
            node._d_right = d_b
            node._mark = 0
            return node
        return apply(_div, (number, self))

    def neg(self) -> Value:
        """−x

        ∂y/∂x = −1
        Domain: every number
        """
        x = self._data
        y = -x
        if y - y == 0.0 and not SWITCH.blocks:
            node = _new(Value)
            node._data = y
            node._primitive = _neg
            node._left = self
            node._d_left = -1.0
            node._right = None
            node._mark = 0
            return node
        return apply(_neg, (self,))

    __neg__ = neg

    def pow(self, b: Value | float) -> Value:
        """a^b

        ∂y/∂a = b × a^(b − 1)
        ∂y/∂b = y × log(a)
        Domain: a ≥ 0 (or b a whole number), and b ≥ 0 where a = 0
        """
        return apply(_pow, (self, b))

    def __pow__(self, other: Any) -> Value:
        a = self._data
        if type(other) is Value:
            b = other._data
            try:
                y = pow(a, b)
                t1 = a == 0.0
                d_a = 0.0 if ((1.0 if t1 else 0.0) if b == 0.0 else 0.0) else b * pow(a, b - 1.0)
                d_b = y * log(1.0 if t1 else a)
            except _RAISED:
                return apply(_pow, (self, other))
            if y - y == 0.0 and not SWITCH.blocks:
                node = _new(Value)
                node._data = y
                node._primitive = _pow
                node._left = self
                node._d_left = d_a
                node._right = other
                node._d_right = d_b
                node._mark = 0
                return node
            return apply(_pow, (self, other))
        number = constant(other)
        if number is None:
            return NotImplemented
        b = number._data
        try:
            y = pow(a, b)
            d_a = 0.0 if ((1.0 if a == 0.0 else 0.0) if b == 0.0 else 0.0) else b * pow(a, b - 1.0)
        except _RAISED:
            return apply(_pow, (self, number))
        if y - y == 0.0 and not SWITCH.blocks:
            node = _new(Value)
            node._data = y
            node._primitive = _pow
            node._left = self
            node._d_left = d_a
            node._right = number
            node._d_right = 0.0
            node._mark = 0
            return node
        return apply(_pow, (self, number))

    def __rpow__(self, other: Any) -> Value:
        number = constant(other)
        if number is None:
            return NotImplemented
        a = number._data
        b = self._data
        try:
            y = pow(a, b)
            d_b = y * log(1.0 if a == 0.0 else a)
        except _RAISED:
            return apply(_pow, (number, self))
        if y - y == 0.0 and not SWITCH.blocks:
            node = _new(Value)
            node._data = y
            node._primitive = _pow
            node._left = number
            node._d_left = 0.0
            node._right = self
            node._d_right = d_b
            node._mark = 0
            return node
        return apply(_pow, (number, self))

    def square(self) -> Value:
        """x²

        y = x × x
        ∂y/∂x = 2 × x
        Domain: every number
        """
        x = self._data
        y = x * x
        d_x = 2.0 * x
        if y - y == 0.0 and not SWITCH.blocks:
            node = _new(Value)
            node._data = y
            node._primitive = _square
            node._left = self
            node._d_left = d_x
            node._right = None
            node._mark = 0
            return node
        return apply(_square, (self,))

    def identity(self) -> Value:
        """x

        ∂y/∂x = 1
        Domain: every number
        """
        x = self._data
        if x - x == 0.0 and not SWITCH.blocks:
            node = _new(Value)
            node._data = x
            node._primitive = _identity
            node._left = self
            node._d_left = 1.0
            node._right = None
            node._mark = 0
            return node
        return apply(_identity, (self,))

    def exp(self) -> Value:
        """exp(x)

        ∂y/∂x = y
        Domain: x < 709.79
        """
        x = self._data
        try:
            y = exp(x)
        except _RAISED:
            return apply(_exp, (self,))
        if y - y == 0.0 and not SWITCH.blocks:
            node = _new(Value)
            node._data = y
            node._primitive = _exp
            node._left = self
            node._d_left = y
            node._right = None
            node._mark = 0
            return node
        return apply(_exp, (self,))

    def log(self) -> Value:
        """log(x)

        ∂y/∂x = 1 / x
        Domain: x > 0
        """
        x = self._data
        try:
            y = log(x)
            d_x = 1.0 / x
        except _RAISED:
            return apply(_log, (self,))
        if y - y == 0.0 and not SWITCH.blocks:
            node = _new(Value)
            node._data = y
            node._primitive = _log
            node._left = self
            node._d_left = d_x
            node._right = None
            node._mark = 0
            return node
        return apply(_log, (self,))

    def log1p(self) -> Value:
        """log1p(x)

        ∂y/∂x = 1 / (1 + x)
        Domain: x > −1
        """
        x = self._data
        try:
            y = log1p(x)
            d_x = 1.0 / (1.0 + x)
        except _RAISED:
            return apply(_log1p, (self,))
        if y - y == 0.0 and not SWITCH.blocks:
            node = _new(Value)
            node._data = y
            node._primitive = _log1p
            node._left = self
            node._d_left = d_x
            node._right = None
            node._mark = 0
            return node
        return apply(_log1p, (self,))

    def expm1(self) -> Value:
        """expm1(x)

        ∂y/∂x = exp(x)
        Domain: x < 709.79
        """
        x = self._data
        try:
            y = expm1(x)
            d_x = exp(x)
        except _RAISED:
            return apply(_expm1, (self,))
        if y - y == 0.0 and not SWITCH.blocks:
            node = _new(Value)
            node._data = y
            node._primitive = _expm1
            node._left = self
            node._d_left = d_x
            node._right = None
            node._mark = 0
            return node
        return apply(_expm1, (self,))

    def sqrt(self) -> Value:
        """√(x)

        ∂y/∂x = 0.5 / y
        Domain: x ≥ 0
        """
        x = self._data
        try:
            y = sqrt(x)
            d_x = 0.5 / y
        except _RAISED:
            return apply(_sqrt, (self,))
        if y - y == 0.0 and not SWITCH.blocks:
            node = _new(Value)
            node._data = y
            node._primitive = _sqrt
            node._left = self
            node._d_left = d_x
            node._right = None
            node._mark = 0
            return node
        return apply(_sqrt, (self,))

    def sin(self) -> Value:
        """sin(x)

        ∂y/∂x = cos(x)
        Domain: every number
        """
        x = self._data
        try:
            y = sin(x)
            d_x = cos(x)
        except _RAISED:
            return apply(_sin, (self,))
        if y - y == 0.0 and not SWITCH.blocks:
            node = _new(Value)
            node._data = y
            node._primitive = _sin
            node._left = self
            node._d_left = d_x
            node._right = None
            node._mark = 0
            return node
        return apply(_sin, (self,))

    def cos(self) -> Value:
        """cos(x)

        ∂y/∂x = −sin(x)
        Domain: every number
        """
        x = self._data
        try:
            y = cos(x)
            d_x = -sin(x)
        except _RAISED:
            return apply(_cos, (self,))
        if y - y == 0.0 and not SWITCH.blocks:
            node = _new(Value)
            node._data = y
            node._primitive = _cos
            node._left = self
            node._d_left = d_x
            node._right = None
            node._mark = 0
            return node
        return apply(_cos, (self,))

    def tan(self) -> Value:
        """tan(x)

        ∂y/∂x = 1 + y²
        Domain: every number
        """
        x = self._data
        try:
            y = tan(x)
            d_x = 1.0 + y * y
        except _RAISED:
            return apply(_tan, (self,))
        if y - y == 0.0 and not SWITCH.blocks:
            node = _new(Value)
            node._data = y
            node._primitive = _tan
            node._left = self
            node._d_left = d_x
            node._right = None
            node._mark = 0
            return node
        return apply(_tan, (self,))

    def asin(self) -> Value:
        """asin(x)

        ∂y/∂x = 1 / √((1 − x) × (1 + x))
        Domain: −1 ≤ x ≤ 1
        """
        x = self._data
        try:
            t1 = x * x
            y = asin(x)
            d_x = 1.0 / sqrt(1.0 - t1 if t1 < 0.25 else (1.0 - x) * (1.0 + x))
        except _RAISED:
            return apply(_asin, (self,))
        if y - y == 0.0 and not SWITCH.blocks:
            node = _new(Value)
            node._data = y
            node._primitive = _asin
            node._left = self
            node._d_left = d_x
            node._right = None
            node._mark = 0
            return node
        return apply(_asin, (self,))

    arcsin = asin

    def acos(self) -> Value:
        """acos(x)

        ∂y/∂x = −(1 / √((1 − x) × (1 + x)))
        Domain: −1 ≤ x ≤ 1
        """
        x = self._data
        try:
            t1 = x * x
            y = acos(x)
            d_x = -(1.0 / sqrt(1.0 - t1 if t1 < 0.25 else (1.0 - x) * (1.0 + x)))
        except _RAISED:
            return apply(_acos, (self,))
        if y - y == 0.0 and not SWITCH.blocks:
            node = _new(Value)
            node._data = y
            node._primitive = _acos
            node._left = self
            node._d_left = d_x
            node._right = None
            node._mark = 0
            return node
        return apply(_acos, (self,))

    arccos = acos

    def atan(self) -> Value:
        """atan(x)

        ∂y/∂x = 1 / (1 + x²)
        Domain: every number
        """
        x = self._data
        try:
            y = atan(x)
            d_x = 1.0 / (1.0 + x * x)
        except _RAISED:
            return apply(_atan, (self,))
        if y - y == 0.0 and not SWITCH.blocks:
            node = _new(Value)
            node._data = y
            node._primitive = _atan
            node._left = self
            node._d_left = d_x
            node._right = None
            node._mark = 0
            return node
        return apply(_atan, (self,))

    arctan = atan

    def sinh(self) -> Value:
        """sinh(x)

        ∂y/∂x = cosh(x)
        Domain: |x| < 710.47
        """
        x = self._data
        try:
            y = sinh(x)
            d_x = cosh(x)
        except _RAISED:
            return apply(_sinh, (self,))
        if y - y == 0.0 and not SWITCH.blocks:
            node = _new(Value)
            node._data = y
            node._primitive = _sinh
            node._left = self
            node._d_left = d_x
            node._right = None
            node._mark = 0
            return node
        return apply(_sinh, (self,))

    def cosh(self) -> Value:
        """cosh(x)

        ∂y/∂x = sinh(x)
        Domain: |x| < 710.47
        """
        x = self._data
        try:
            y = cosh(x)
            d_x = sinh(x)
        except _RAISED:
            return apply(_cosh, (self,))
        if y - y == 0.0 and not SWITCH.blocks:
            node = _new(Value)
            node._data = y
            node._primitive = _cosh
            node._left = self
            node._d_left = d_x
            node._right = None
            node._mark = 0
            return node
        return apply(_cosh, (self,))

    def tanh(self) -> Value:
        """tanh(x)

        ∂y/∂x = 1 / cosh²(x)
        Domain: every number
        """
        x = self._data
        try:
            t1 = 1.0 / cosh(x)
            y = tanh(x)
            d_x = t1 * t1
        except _RAISED:
            return apply(_tanh, (self,))
        if y - y == 0.0 and not SWITCH.blocks:
            node = _new(Value)
            node._data = y
            node._primitive = _tanh
            node._left = self
            node._d_left = d_x
            node._right = None
            node._mark = 0
            return node
        return apply(_tanh, (self,))

    def sech_squared(self) -> Value:
        """1 / cosh²(x)

        y = (1 / cosh(x))²
        ∂y/∂x = −2 × y × tanh(x)
        Domain: every number
        """
        x = self._data
        try:
            t1 = 1.0 / cosh(x)
            y = t1 * t1
            d_x = -2.0 * y * tanh(x)
        except _RAISED:
            return apply(_sech_squared, (self,))
        if y - y == 0.0 and not SWITCH.blocks:
            node = _new(Value)
            node._data = y
            node._primitive = _sech_squared
            node._left = self
            node._d_left = d_x
            node._right = None
            node._mark = 0
            return node
        return apply(_sech_squared, (self,))

    def erf(self) -> Value:
        """erf(x)

        ∂y/∂x = 2 / √(π) × exp(−x²)
        Domain: every number
        """
        x = self._data
        try:
            y = erf(x)
            d_x = 2.0 / sqrt(3.141592653589793) * exp(-(x * x))
        except _RAISED:
            return apply(_erf, (self,))
        if y - y == 0.0 and not SWITCH.blocks:
            node = _new(Value)
            node._data = y
            node._primitive = _erf
            node._left = self
            node._d_left = d_x
            node._right = None
            node._mark = 0
            return node
        return apply(_erf, (self,))

    def erfc(self) -> Value:
        """erfc(x)

        ∂y/∂x = −(2 / √(π)) × exp(−x²)
        Domain: every number
        """
        x = self._data
        try:
            y = erfc(x)
            d_x = -(2.0 / sqrt(3.141592653589793)) * exp(-(x * x))
        except _RAISED:
            return apply(_erfc, (self,))
        if y - y == 0.0 and not SWITCH.blocks:
            node = _new(Value)
            node._data = y
            node._primitive = _erfc
            node._left = self
            node._d_left = d_x
            node._right = None
            node._mark = 0
            return node
        return apply(_erfc, (self,))

    def sigmoid(self) -> Value:
        """σ(x)

        y = (exp(−|x|) if x < 0 else 1) / (1 + exp(−|x|))
        ∂y/∂x = y × σ(−x)
        Domain: every number
        """
        x = self._data
        try:
            t1 = exp(-fabs(x))
            t2 = 1.0 + t1
            y = (t1 if x < 0.0 else 1.0) / t2
            d_x = y * ((t1 if -x < 0.0 else 1.0) / t2)
        except _RAISED:
            return apply(_sigmoid, (self,))
        if y - y == 0.0 and not SWITCH.blocks:
            node = _new(Value)
            node._data = y
            node._primitive = _sigmoid
            node._left = self
            node._d_left = d_x
            node._right = None
            node._mark = 0
            return node
        return apply(_sigmoid, (self,))

    def softplus(self) -> Value:
        """softplus(x)

        y = relu(x) + log1p(exp(−|x|))
        ∂y/∂x = σ(x)
        Domain: every number
        """
        x = self._data
        try:
            t1 = exp(-fabs(x))
            y = (x if x > 0.0 else 0.0) + log1p(t1)
            d_x = (t1 if x < 0.0 else 1.0) / (1.0 + t1)
        except _RAISED:
            return apply(_softplus, (self,))
        if y - y == 0.0 and not SWITCH.blocks:
            node = _new(Value)
            node._data = y
            node._primitive = _softplus
            node._left = self
            node._d_left = d_x
            node._right = None
            node._mark = 0
            return node
        return apply(_softplus, (self,))

    def relu(self) -> Value:
        """relu(x)

        y = x if x > 0 else 0
        ∂y/∂x = 1 if x > 0 else 0
        Domain: every number
        """
        x = self._data
        t1 = x > 0.0
        y = x if t1 else 0.0
        d_x = 1.0 if t1 else 0.0
        if y - y == 0.0 and not SWITCH.blocks:
            node = _new(Value)
            node._data = y
            node._primitive = _relu
            node._left = self
            node._d_left = d_x
            node._right = None
            node._mark = 0
            return node
        return apply(_relu, (self,))

    def leaky_relu(self, slope: Value | float = 0.01) -> Value:
        """leaky_relu(x, slope)

        y = x if x > 0 else slope × x
        ∂y/∂x = 1 if x > 0 else slope
        ∂y/∂slope = 0 if x > 0 else x
        Domain: every number
        """
        return apply(_leaky_relu, (self, slope))

    def elu(self, alpha: Value | float = 1.0) -> Value:
        """elu(x, alpha)

        ∂y/∂x = 1 if x > 0 else alpha × exp(0 if x > 0 else x)
        ∂y/∂alpha = expm1(0 if x > 0 else x)
        Domain: every number
        """
        return apply(_elu, (self, alpha))

    def gelu(self) -> Value:
        """gelu(x)

        y = x × 0.5 × erfc(−(x / 1.4142135623730951))
        ∂y/∂x = 0.5 × erfc(−(x / 1.4142135623730951)) + x × exp(−0.5 × x²) / √(2 × π)
        Domain: every number
        """
        x = self._data
        try:
            t1 = 0.5 * erfc(-(x / sqrt(2.0)))
            y = x * t1
            d_x = t1 + x * (exp(-0.5 * (x * x)) / sqrt(6.283185307179586))
        except _RAISED:
            return apply(_gelu, (self,))
        if y - y == 0.0 and not SWITCH.blocks:
            node = _new(Value)
            node._data = y
            node._primitive = _gelu
            node._left = self
            node._d_left = d_x
            node._right = None
            node._mark = 0
            return node
        return apply(_gelu, (self,))

    def silu(self) -> Value:
        """silu(x)

        y = x × σ(x)
        ∂y/∂x = σ(x) × (1 + x × σ(−x))
        Domain: every number
        """
        x = self._data
        try:
            t1 = exp(-fabs(x))
            t2 = 1.0 + t1
            t3 = (t1 if x < 0.0 else 1.0) / t2
            y = x * t3
            d_x = t3 * (1.0 + x * ((t1 if -x < 0.0 else 1.0) / t2))
        except _RAISED:
            return apply(_silu, (self,))
        if y - y == 0.0 and not SWITCH.blocks:
            node = _new(Value)
            node._data = y
            node._primitive = _silu
            node._left = self
            node._d_left = d_x
            node._right = None
            node._mark = 0
            return node
        return apply(_silu, (self,))

    def abs(self) -> Value:
        """|x|

        ∂y/∂x = sign(x)
        Domain: every number
        """
        x = self._data
        try:
            y = fabs(x)
            d_x = (1.0 if x > 0.0 else 0.0) - (1.0 if x < 0.0 else 0.0)
        except _RAISED:
            return apply(_abs, (self,))
        if y - y == 0.0 and not SWITCH.blocks:
            node = _new(Value)
            node._data = y
            node._primitive = _abs
            node._left = self
            node._d_left = d_x
            node._right = None
            node._mark = 0
            return node
        return apply(_abs, (self,))

    __abs__ = abs

    def sign(self) -> Value:
        """sign(x)

        ∂y/∂x = 0
        Domain: every number
        """
        x = self._data
        try:
            y = (1.0 if x > 0.0 else 0.0) - (1.0 if x < 0.0 else 0.0)
        except _RAISED:
            return apply(_sign, (self,))
        if y - y == 0.0 and not SWITCH.blocks:
            node = _new(Value)
            node._data = y
            node._primitive = _sign
            node._left = self
            node._d_left = 0.0
            node._right = None
            node._mark = 0
            return node
        return apply(_sign, (self,))

    def where(self, a: Value | float, b: Value | float) -> Value:
        """a if condition else b

        ∂y/∂condition = 0
        ∂y/∂a = 1 if condition else 0
        ∂y/∂b = 0 if condition else 1
        Domain: every number
        """
        return apply(_where, (self, a, b))

    def greater(self, b: Value | float) -> Value:
        """1 if a > b else 0

        ∂y/∂a = 0
        ∂y/∂b = 0
        Domain: every number
        """
        return apply(_greater, (self, b))

    def less(self, b: Value | float) -> Value:
        """1 if a < b else 0

        ∂y/∂a = 0
        ∂y/∂b = 0
        Domain: every number
        """
        return apply(_less, (self, b))

    def greater_equal(self, b: Value | float) -> Value:
        """1 if a ≥ b else 0

        ∂y/∂a = 0
        ∂y/∂b = 0
        Domain: every number
        """
        return apply(_greater_equal, (self, b))

    def less_equal(self, b: Value | float) -> Value:
        """1 if a ≤ b else 0

        ∂y/∂a = 0
        ∂y/∂b = 0
        Domain: every number
        """
        return apply(_less_equal, (self, b))

    def equal(self, b: Value | float) -> Value:
        """1 if a = b else 0

        ∂y/∂a = 0
        ∂y/∂b = 0
        Domain: every number
        """
        return apply(_equal, (self, b))

    def not_equal(self, b: Value | float) -> Value:
        """1 if a ≠ b else 0

        ∂y/∂a = 0
        ∂y/∂b = 0
        Domain: every number
        """
        return apply(_not_equal, (self, b))

    def sum(self, *others: Value | float, axis: None = None, out: None = None) -> Value:
        """Σ(x₁, x₂, x₃)

        ∂y/∂x₁ = 1
        Domain: every number
        """
        return apply(_sum, ([self, *others],))

    def maximum(self, *others: Value | float, axis: None = None, out: None = None) -> Value:
        """max(x₁, x₂, x₃)

        ∂y/∂x₁ = (1 if x₁ = y else 0) × 1 / ((1 if x₁ = y else 0) + (1 if x₂ = y else 0) + (1 if x₃ = y else 0))
        Domain: every number
        """
        return apply(_maximum, ([self, *others],))

    def minimum(self, *others: Value | float, axis: None = None, out: None = None) -> Value:
        """min(x₁, x₂, x₃)

        ∂y/∂x₁ = (1 if x₁ = y else 0) × 1 / ((1 if x₁ = y else 0) + (1 if x₂ = y else 0) + (1 if x₃ = y else 0))
        Domain: every number
        """
        return apply(_minimum, ([self, *others],))

    def logsumexp(self, *others: Value | float, axis: None = None, out: None = None) -> Value:
        """logsumexp(x₁, x₂, x₃)

        ∂y/∂x₁ = exp(x₁ − y)
        Domain: every number
        """
        return apply(_logsumexp, ([self, *others],))

    def log2(self) -> Value:
        """log2(x)

        ∂y/∂x = 1.4426950408889634 / x
        Domain: x > 0
        """
        x = self._data
        try:
            y = log2(x)
            d_x = 1.0 / log(2.0) / x
        except _RAISED:
            return apply(_log2, (self,))
        if y - y == 0.0 and not SWITCH.blocks:
            node = _new(Value)
            node._data = y
            node._primitive = _log2
            node._left = self
            node._d_left = d_x
            node._right = None
            node._mark = 0
            return node
        return apply(_log2, (self,))

    def log10(self) -> Value:
        """log10(x)

        ∂y/∂x = 0.43429448190325176 / x
        Domain: x > 0
        """
        x = self._data
        try:
            y = log10(x)
            d_x = 1.0 / log(10.0) / x
        except _RAISED:
            return apply(_log10, (self,))
        if y - y == 0.0 and not SWITCH.blocks:
            node = _new(Value)
            node._data = y
            node._primitive = _log10
            node._left = self
            node._d_left = d_x
            node._right = None
            node._mark = 0
            return node
        return apply(_log10, (self,))

    def exp2(self) -> Value:
        """2^(x)

        y = 2^x
        ∂y/∂x = y × 0.6931471805599453
        Domain: x < 1024
        """
        x = self._data
        try:
            y = pow(2.0, x)
            d_x = y * log(2.0)
        except _RAISED:
            return apply(_exp2, (self,))
        if y - y == 0.0 and not SWITCH.blocks:
            node = _new(Value)
            node._data = y
            node._primitive = _exp2
            node._left = self
            node._d_left = d_x
            node._right = None
            node._mark = 0
            return node
        return apply(_exp2, (self,))

    def cbrt(self) -> Value:
        """∛(x)

        ∂y/∂x = 1 / (3 × y²)
        Domain: every number
        """
        x = self._data
        try:
            y = cbrt(x)
            d_x = 1.0 / (3.0 * (y * y))
        except _RAISED:
            return apply(_cbrt, (self,))
        if y - y == 0.0 and not SWITCH.blocks:
            node = _new(Value)
            node._data = y
            node._primitive = _cbrt
            node._left = self
            node._d_left = d_x
            node._right = None
            node._mark = 0
            return node
        return apply(_cbrt, (self,))

    def atan2(self, b: Value | float) -> Value:
        """atan2(a, b)

        ∂y/∂a = b / hypot(a, b) / hypot(a, b)
        ∂y/∂b = −(a / hypot(a, b) / hypot(a, b))
        Domain: not (0, 0), where there is no angle
        """
        return apply(_atan2, (self, b))

    arctan2 = atan2

    def asinh(self) -> Value:
        """asinh(x)

        ∂y/∂x = 1 / hypot(1, x)
        Domain: every number
        """
        x = self._data
        try:
            t1 = fabs(1.0)
            t2 = fabs(x)
            t3 = t1 > t2
            t4 = t1 if t3 else t2
            t5 = (t2 if t3 else t1) / (1.0 if t4 == 0.0 else t4)
            y = asinh(x)
            d_x = 1.0 / (t4 * sqrt(1.0 + t5 * t5))
        except _RAISED:
            return apply(_asinh, (self,))
        if y - y == 0.0 and not SWITCH.blocks:
            node = _new(Value)
            node._data = y
            node._primitive = _asinh
            node._left = self
            node._d_left = d_x
            node._right = None
            node._mark = 0
            return node
        return apply(_asinh, (self,))

    arcsinh = asinh

    def acosh(self) -> Value:
        """acosh(x)

        ∂y/∂x = 1 / (√(x − 1) × √(x + 1))
        Domain: x ≥ 1
        """
        x = self._data
        try:
            y = acosh(x)
            d_x = 1.0 / (sqrt(x - 1.0) * sqrt(x + 1.0))
        except _RAISED:
            return apply(_acosh, (self,))
        if y - y == 0.0 and not SWITCH.blocks:
            node = _new(Value)
            node._data = y
            node._primitive = _acosh
            node._left = self
            node._d_left = d_x
            node._right = None
            node._mark = 0
            return node
        return apply(_acosh, (self,))

    arccosh = acosh

    def atanh(self) -> Value:
        """atanh(x)

        ∂y/∂x = 1 / ((1 − x) × (1 + x))
        Domain: −1 < x < 1
        """
        x = self._data
        try:
            t1 = x * x
            y = atanh(x)
            d_x = 1.0 / (1.0 - t1 if t1 < 0.25 else (1.0 - x) * (1.0 + x))
        except _RAISED:
            return apply(_atanh, (self,))
        if y - y == 0.0 and not SWITCH.blocks:
            node = _new(Value)
            node._data = y
            node._primitive = _atanh
            node._left = self
            node._d_left = d_x
            node._right = None
            node._mark = 0
            return node
        return apply(_atanh, (self,))

    arctanh = atanh

    def hypot(self, b: Value | float) -> Value:
        """hypot(a, b)

        ∂y/∂a = a / y
        ∂y/∂b = b / y
        Domain: every number
        """
        return apply(_hypot, (self, b))

    def norm(self, *others: Value | float, axis: None = None, out: None = None) -> Value:
        """‖x₁, x₂, x₃‖

        ∂y/∂x₁ = x₁ / y
        Domain: every number
        """
        return apply(_norm, ([self, *others],))

    def logaddexp(self, b: Value | float) -> Value:
        """logaddexp(a, b)

        y = (a if a > b else b) + log1p(exp(−|a − b|))
        ∂y/∂a = σ(a − b)
        ∂y/∂b = σ(b − a)
        Domain: every number
        """
        return apply(_logaddexp, (self, b))

    def xlogy(self, b: Value | float) -> Value:
        """a × log(b)

        ∂y/∂a = log(b)
        ∂y/∂b = a / b
        Domain: b > 0, or a = 0
        """
        return apply(_xlogy, (self, b))

    def log_sigmoid(self) -> Value:
        """log σ(x)

        y = −softplus(−x)
        ∂y/∂x = σ(−x)
        Domain: every number
        """
        x = self._data
        try:
            t1 = -x
            t2 = exp(-fabs(x))
            y = -((t1 if t1 > 0.0 else 0.0) + log1p(t2))
            d_x = (t2 if t1 < 0.0 else 1.0) / (1.0 + t2)
        except _RAISED:
            return apply(_log_sigmoid, (self,))
        if y - y == 0.0 and not SWITCH.blocks:
            node = _new(Value)
            node._data = y
            node._primitive = _log_sigmoid
            node._left = self
            node._d_left = d_x
            node._right = None
            node._mark = 0
            return node
        return apply(_log_sigmoid, (self,))

    def clip(self, low: Value | float, high: Value | float) -> Value:
        """clip(x, low, high)

        ∂y/∂x = 0 if low if x < low else x > high else (1 if x ≥ low else 0)
        ∂y/∂low = 0 if low if x < low else x > high else (1 if x < low else 0)
        ∂y/∂high = 1 if low if x < low else x > high else 0
        Domain: every number
        """
        return apply(_clip, (self, low, high))

    def floor(self) -> Value:
        """⌊x⌋

        ∂y/∂x = 0
        Domain: every number
        """
        x = self._data
        try:
            y = floor(x)
        except _RAISED:
            return apply(_floor, (self,))
        if y - y == 0.0 and not SWITCH.blocks:
            node = _new(Value)
            node._data = y
            node._primitive = _floor
            node._left = self
            node._d_left = 0.0
            node._right = None
            node._mark = 0
            return node
        return apply(_floor, (self,))

    def ceil(self) -> Value:
        """⌈x⌉

        ∂y/∂x = 0
        Domain: every number
        """
        x = self._data
        try:
            y = ceil(x)
        except _RAISED:
            return apply(_ceil, (self,))
        if y - y == 0.0 and not SWITCH.blocks:
            node = _new(Value)
            node._data = y
            node._primitive = _ceil
            node._left = self
            node._d_left = 0.0
            node._right = None
            node._mark = 0
            return node
        return apply(_ceil, (self,))

    def round(self) -> Value:
        """round(x)

        ∂y/∂x = 0
        Domain: every number
        """
        x = self._data
        try:
            y = rint(x)
        except _RAISED:
            return apply(_round, (self,))
        if y - y == 0.0 and not SWITCH.blocks:
            node = _new(Value)
            node._data = y
            node._primitive = _round
            node._left = self
            node._d_left = 0.0
            node._right = None
            node._mark = 0
            return node
        return apply(_round, (self,))

    rint = round

    def trunc(self) -> Value:
        """trunc(x)

        ∂y/∂x = 0
        Domain: every number
        """
        x = self._data
        try:
            y = trunc(x)
        except _RAISED:
            return apply(_trunc, (self,))
        if y - y == 0.0 and not SWITCH.blocks:
            node = _new(Value)
            node._data = y
            node._primitive = _trunc
            node._left = self
            node._d_left = 0.0
            node._right = None
            node._mark = 0
            return node
        return apply(_trunc, (self,))

    def fmod(self, b: Value | float) -> Value:
        """fmod(a, b)

        ∂y/∂a = 1
        ∂y/∂b = −round((a − y) / b)
        Domain: b ≠ 0
        """
        return apply(_fmod, (self, b))

    def mod(self, b: Value | float) -> Value:
        """a mod b

        ∂y/∂a = 1
        ∂y/∂b = −round((a − y) / b)
        Domain: b ≠ 0
        """
        return apply(_mod, (self, b))

    def __mod__(self, other: Any) -> Value:
        a = self._data
        if type(other) is Value:
            b = other._data
            try:
                t1 = fmod(a, b)
                t2 = t1 + b
                t3 = fabs(t1)
                y = (t2 if t1 > 0.0 else -t3) if b < 0.0 else (t2 if t1 < 0.0 else t3)
                d_b = -rint((a - y) / b)
            except _RAISED:
                return apply(_mod, (self, other))
            if y - y == 0.0 and not SWITCH.blocks:
                node = _new(Value)
                node._data = y
                node._primitive = _mod
                node._left = self
                node._d_left = 1.0
                node._right = other
                node._d_right = d_b
                node._mark = 0
                return node
            return apply(_mod, (self, other))
        number = constant(other)
        if number is None:
            return NotImplemented
        b = number._data
        try:
            t1 = fmod(a, b)
            t2 = t1 + b
            t3 = fabs(t1)
            y = (t2 if t1 > 0.0 else -t3) if b < 0.0 else (t2 if t1 < 0.0 else t3)
        except _RAISED:
            return apply(_mod, (self, number))
        if y - y == 0.0 and not SWITCH.blocks:
            node = _new(Value)
            node._data = y
            node._primitive = _mod
            node._left = self
            node._d_left = 1.0
            node._right = number
            node._d_right = 0.0
            node._mark = 0
            return node
        return apply(_mod, (self, number))

    def __rmod__(self, other: Any) -> Value:
        number = constant(other)
        if number is None:
            return NotImplemented
        a = number._data
        b = self._data
        try:
            t1 = fmod(a, b)
            t2 = t1 + b
            t3 = fabs(t1)
            y = (t2 if t1 > 0.0 else -t3) if b < 0.0 else (t2 if t1 < 0.0 else t3)
            d_b = -rint((a - y) / b)
        except _RAISED:
            return apply(_mod, (number, self))
        if y - y == 0.0 and not SWITCH.blocks:
            node = _new(Value)
            node._data = y
            node._primitive = _mod
            node._left = number
            node._d_left = 0.0
            node._right = self
            node._d_right = d_b
            node._mark = 0
            return node
        return apply(_mod, (number, self))

    def floor_divide(self, b: Value | float) -> Value:
        """a // b

        y = trunc(a / b) if round((a − a mod b) / b) = 0 else round((a − a mod b) / b)
        ∂y/∂a = 0
        ∂y/∂b = 0
        Domain: b ≠ 0
        """
        return apply(_floor_divide, (self, b))

    def __floordiv__(self, other: Any) -> Value:
        a = self._data
        if type(other) is Value:
            b = other._data
            try:
                t1 = fmod(a, b)
                t2 = t1 + b
                t3 = fabs(t1)
                t4 = rint((a - ((t2 if t1 > 0.0 else -t3) if b < 0.0 else (t2 if t1 < 0.0 else t3))) / b)
                y = trunc(a / b) if t4 == 0.0 else t4
            except _RAISED:
                return apply(_floor_divide, (self, other))
            if y - y == 0.0 and not SWITCH.blocks:
                node = _new(Value)
                node._data = y
                node._primitive = _floor_divide
                node._left = self
                node._d_left = 0.0
                node._right = other
                node._d_right = 0.0
                node._mark = 0
                return node
            return apply(_floor_divide, (self, other))
        number = constant(other)
        if number is None:
            return NotImplemented
        b = number._data
        try:
            t1 = fmod(a, b)
            t2 = t1 + b
            t3 = fabs(t1)
            t4 = rint((a - ((t2 if t1 > 0.0 else -t3) if b < 0.0 else (t2 if t1 < 0.0 else t3))) / b)
            y = trunc(a / b) if t4 == 0.0 else t4
        except _RAISED:
            return apply(_floor_divide, (self, number))
        if y - y == 0.0 and not SWITCH.blocks:
            node = _new(Value)
            node._data = y
            node._primitive = _floor_divide
            node._left = self
            node._d_left = 0.0
            node._right = number
            node._d_right = 0.0
            node._mark = 0
            return node
        return apply(_floor_divide, (self, number))

    def __rfloordiv__(self, other: Any) -> Value:
        number = constant(other)
        if number is None:
            return NotImplemented
        a = number._data
        b = self._data
        try:
            t1 = fmod(a, b)
            t2 = t1 + b
            t3 = fabs(t1)
            t4 = rint((a - ((t2 if t1 > 0.0 else -t3) if b < 0.0 else (t2 if t1 < 0.0 else t3))) / b)
            y = trunc(a / b) if t4 == 0.0 else t4
        except _RAISED:
            return apply(_floor_divide, (number, self))
        if y - y == 0.0 and not SWITCH.blocks:
            node = _new(Value)
            node._data = y
            node._primitive = _floor_divide
            node._left = number
            node._d_left = 0.0
            node._right = self
            node._d_right = 0.0
            node._mark = 0
            return node
        return apply(_floor_divide, (number, self))

    def lgamma(
        self,
    ) -> Value:
        """log|Γ(x)|

        ∂y/∂x = ψ(x)
        Domain: x not 0, −1, −2, …
        """
        return apply(_lgamma, (self,))

    def digamma(
        self,
    ) -> Value:
        """ψ(x)

        ∂y/∂x = ψ⁽1⁾(x)
        Domain: x not 0, −1, −2, …
        """
        return apply(_digamma, (self,))

    def polygamma(self, x: Value | float) -> Value:
        """ψ⁽n⁾(x)

        ∂y/∂n = 0
        ∂y/∂x = ψ⁽n + 1⁾(x)
        Domain: n a whole number from 1 to 20, x not 0, −1, −2, …
        Derivatives: it is polygamma(n + 1, x), known for n + 1 up to 20
        """
        return apply(_polygamma, (self, x))

    def spherical_jn(self, x: Value | float) -> Value:
        """j₍n₎(x)

        ∂y/∂n = 0
        ∂y/∂x = (round(n) × j₍round(n) − 1₎(x) − (round(n) + 1) × j₍round(n) + 1₎(x)) / (2 × round(n) + 1)
        Domain: n a whole number from 0 to 10
        Derivatives: it needs spherical_jn(n + 1, x), known for n + 1 up to 10
        """
        return apply(_spherical_jn, (self, x))

    def sinc(
        self,
    ) -> Value:
        """sinc(x)

        y = j₍0₎(π × x)
        ∂y/∂x = −π × j₍1₎(π × x)
        Domain: every number
        """
        return apply(_sinc, (self,))

    def erfinv(
        self,
    ) -> Value:
        """erf⁻¹(x)

        ∂y/∂x = 0.5 × √(π) × exp(y²)
        Domain: −1 < x < 1
        """
        return apply(_erfinv, (self,))

    def norm_cdf(self) -> Value:
        """Φ(x)

        y = 0.5 × erfc(−(x / 1.4142135623730951))
        ∂y/∂x = exp(−0.5 × x²) / √(2 × π)
        Domain: every number
        """
        x = self._data
        try:
            y = 0.5 * erfc(-(x / sqrt(2.0)))
            d_x = exp(-0.5 * (x * x)) / sqrt(6.283185307179586)
        except _RAISED:
            return apply(_norm_cdf, (self,))
        if y - y == 0.0 and not SWITCH.blocks:
            node = _new(Value)
            node._data = y
            node._primitive = _norm_cdf
            node._left = self
            node._d_left = d_x
            node._right = None
            node._mark = 0
            return node
        return apply(_norm_cdf, (self,))
