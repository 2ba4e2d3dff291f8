"""The second half of the table: what a scientific calculator has beside the keys for arithmetic.

Other bases and roots, angles and lengths, whole numbers and remainders, and the special functions of statistics. The
rules keep to the same vocabulary as those in `ops`, whose rows come first.

>>> [row.name for row in SCIENTIFIC][:4]
['log2', 'log10', 'exp2', 'cbrt']
"""

from __future__ import annotations

from math import inf, nan, pi
from typing import Any

from .primitive import Edge, Primitive, function, infix, one_more

POSITIVE = (0.05, 6.0)
LARGEST = 1.7976931348623157e308
"""The largest float."""
QUOTIENT_1 = ((3.1, 3.9), (2.1, 3.0))
"""Where a / b is between 1 and 2, for remainders."""


def _flat(xp: Any, *_: Any) -> Any:
    return 0.0


def _shortened(xp: Any, x: Any, length: Any) -> Any:
    """x / length, the derivative of a length; at the origin 0, as that of |x|, with none of its own."""
    origin = xp.equal(length, 0.0)
    usual = xp.div(x, xp.edge(origin, 1.0, length))
    return xp.corner(origin, lambda: xp.sqrt(xp.edge(origin, x, 1.0)), usual)


def one_minus_square(xp: Any, x: Any) -> Any:
    """1 - x² as (1 - x)(1 + x), which keeps its digits near ±1. Near 0 the derivative of that cancels, to nothing in
    the end, and of 1 - x² it does not.
    """
    return xp.edge(xp.less(xp.square(x), 0.25), 1.0 - xp.square(x), (1.0 - x) * (1.0 + x))


def _twice_divided(xp: Any, a: Any, b: Any, part: Any) -> Any:
    """part / (a² + b²) without the squares, which overflow."""
    length = xp.hypot(a, b)
    return xp.div(xp.div(part, length), length)


def _logaddexp(xp: Any, a: Any, b: Any) -> Any:
    """The larger + log(1 + e^-|a - b|)."""
    return xp.where(xp.greater(a, b), a, b) + xp.log1p(xp.exp(-xp.abs(a - b)))


def _xlogy(xp: Any, a: Any, b: Any) -> Any:
    return a * xp.log(xp.edge(xp.equal(a, 0.0), 1.0, b))


def _xlogy_by_b(xp: Any, a: Any, b: Any, y: Any) -> Any:
    """a / b; at (0, 0) that is 0, and grows infinitely fast with a."""
    corner = xp.where(xp.equal(a, 0.0), xp.equal(b, 0.0), 0.0)
    usual = xp.div(a, xp.edge(corner, 1.0, b))
    return xp.corner(corner, lambda: xp.sqrt(xp.edge(corner, a, 1.0)), usual)


def _clip(xp: Any, x: Any, low: Any, high: Any) -> Any:
    """min(max(x, low), high), as numpy has it."""
    raised = xp.where(xp.less(x, low), low, x)
    return xp.where(xp.greater(raised, high), high, raised)


def _capped(xp: Any, x: Any, low: Any, high: Any, yes: Any, no: Any) -> Any:
    """``yes`` where clip gives its upper bound, else ``no``."""
    return xp.where(xp.greater(xp.where(xp.less(x, low), low, x), high), yes, no)


def _whole(name: str, text: str, latex: str, jump: float, at: float, **more: Any) -> Primitive:
    """The row of a rounding: steps, flat between their jumps and by convention at them."""
    return function(
        name, lambda xp, x: getattr(xp, name)(x), _flat, text=text, latex=latex, symbol=name,
        samples=more.pop("samples", (1.1, 1.9)), edges=(Edge((jump,), at, (0.0,), "a jump: flat by convention"),),
        **more,
    )  # fmt: skip


def _mod(xp: Any, a: Any, b: Any) -> Any:
    """The remainder with the sign of b, that of 0 too, exact, where a - b ⌊a / b⌋ is not."""
    r = xp.fmod(a, b)
    below = xp.where(xp.greater(r, 0.0), r + b, -xp.abs(r))
    above = xp.where(xp.less(r, 0.0), r + b, xp.abs(r))
    return xp.where(xp.less(b, 0.0), below, above)


def _floor_divide(xp: Any, a: Any, b: Any) -> Any:
    """⌊a / b⌋, as Python has it: a quotient of 0 has the sign of a / b."""
    quotient = xp.round(xp.div(a - xp.mod(a, b), b))
    return xp.where(xp.equal(quotient, 0.0), xp.trunc(xp.div(a, b)), quotient)


def _minus_quotient(xp: Any, a: Any, b: Any, y: Any) -> Any:
    """The whole number by which (a - y) / b is off only by rounding."""
    return -xp.round(xp.div(a - y, b))


def _spherical_slope(xp: Any, n: Any, x: Any, y: Any) -> Any:
    """(n jₙ₋₁ − (n + 1) jₙ₊₁) / (2n + 1), which unlike the usual forms does not cancel at 0."""
    m = xp.round(n)
    below = xp.spherical_jn(xp.edge(xp.less(m, 1.0), 0.0, m - 1.0), x)
    return xp.div(m * below - (m + 1.0) * xp.spherical_jn(m + 1.0, x), 2.0 * m + 1.0)


def _density(xp: Any, x: Any) -> Any:
    return xp.div(xp.exp(-0.5 * xp.square(x)), xp.sqrt(2.0 * xp.pi))


SCIENTIFIC: tuple[Primitive, ...] = (
    # Other bases, other roots
    function("log2", lambda xp, x: xp.log2(x), lambda xp, x, y: xp.div(xp.div(1.0, xp.log(2.0)), x), tex=r"\log_2",
             domain="x > 0", samples=POSITIVE, books=(lambda xp, x, y: xp.div(1.0, x * xp.log(2.0)),),
             edges=(Edge((0.0,), -inf, (inf,), "a pole"), Edge((8.0,), 3.0, (None,), "exact"))),
    function("log10", lambda xp, x: xp.log10(x), lambda xp, x, y: xp.div(xp.div(1.0, xp.log(10.0)), x),
             tex=r"\log_{{10}}", books=(lambda xp, x, y: xp.div(1.0, x * xp.log(10.0)),),
             domain="x > 0", samples=POSITIVE,
             edges=(Edge((0.0,), -inf, (inf,), "a pole"), Edge((1000.0,), 3.0, (None,), "exact"))),
    function("exp2", lambda xp, x: xp.pow(2.0, x), lambda xp, x, y: y * xp.log(2.0), text="2^({0})",
             latex="2^{{{0}}}", binding=4, symbol="2^x", domain="x < 1024",
             edges=(Edge((10.0,), 1024.0, (None,), "exact"),)),
    function("cbrt", lambda xp, x: xp.cbrt(x), lambda xp, x, y: xp.div(1.0, 3.0 * xp.square(y)), text="∛({0})",
             latex=r"\sqrt[3]{{{0}}}", symbol="∛", size=one_more, samples=POSITIVE,
             edges=(Edge((0.0,), 0.0, (inf,), "a vertical tangent"), Edge((-1.0,), -1.0, (None,), "odd"))),
    # Angles, areas, lengths
    function("atan2", lambda xp, a, b: xp.atan2(a, b), lambda xp, a, b, y: _twice_divided(xp, a, b, b),
             lambda xp, a, b, y: -_twice_divided(xp, a, b, a), arguments="a b", tex=r"\operatorname{{atan2}}", size=4.0,
             aliases=("arctan2",), samples=((0.1, 3.0), (-3.0, 3.0)), domain="not (0, 0), where there is no angle",
             edges=(Edge((0.0, 0.0), 0.0, (nan, nan), "no angle, no derivative"),
                    Edge((0.0, -1.0), pi, (-1.0, 0.0), "the upper side of the cut"))),
    function("asinh", lambda xp, x: xp.asinh(x), lambda xp, x, y: xp.div(1.0, xp.hypot(1.0, x)), size=one_more,
             tex=r"\operatorname{{arsinh}}", aliases=("arcsinh",)),
    function("acosh", lambda xp, x: xp.acosh(x),
             lambda xp, x, y: xp.div(1.0, xp.sqrt(x - 1.0) * xp.sqrt(x + 1.0)), tex=r"\operatorname{{arcosh}}",
             aliases=("arccosh",), domain="x ≥ 1", samples=(1.1, 6.0),
             edges=(Edge((1.0,), 0.0, (inf,), "a vertical tangent"), Edge((0.5,), nan, (nan,), "not real"))),
    function("atanh", lambda xp, x: xp.atanh(x), lambda xp, x, y: xp.div(1.0, one_minus_square(xp, x)),
             tex=r"\operatorname{{artanh}}", aliases=("arctanh",), domain="−1 < x < 1", samples=(-0.9, 0.9),
             edges=(Edge((1.0,), inf, (inf,), "a pole"), Edge((-1.0,), -inf, (inf,), "a pole"),
                    Edge((2.0,), nan, (None,), "not real"))),
    function("hypot", lambda xp, a, b: xp.hypot(a, b), lambda xp, a, b, y: _shortened(xp, a, y),
             lambda xp, a, b, y: _shortened(xp, b, y), arguments="a b", samples=((0.1, 3.0), (0.1, 3.0)),
             edges=(Edge((0.0, 0.0), 0.0, (0.0, 0.0), "as |x| at 0"),)),
    function("norm", lambda xp, xs: xp.norm(xs), lambda xp, xs, y: xp.each(lambda x: _shortened(xp, x, y), xs),
             arguments="xs", variadic=True, text="‖{0}‖", latex=r"\left\|{0}\right\|", symbol="‖x‖",
             advice="the square of a norm is dot(xs, xs), which has all its derivatives at 0 too",
             edges=(Edge((0.0, 0.0), 0.0, (0.0, 0.0), "as |x| at 0"),)),
    # Logarithms of sums and products
    function("logaddexp", _logaddexp, lambda xp, a, b, y: xp.sigmoid(a - b), lambda xp, a, b, y: xp.sigmoid(b - a),
             arguments="a b", size=lambda xp, a, b: a + b + 1.0),
    function("xlogy", _xlogy, lambda xp, a, b, y: xp.log(b), _xlogy_by_b, arguments="a b", text="{0:2} × log({1})",
             latex=r"{0:2} \log\left({1}\right)", binding=2, domain="b > 0, or a = 0",
             samples=((-3.0, 3.0), POSITIVE),
             edges=(Edge((0.0, 0.0), 0.0, (-inf, 0.0), "0 log 0 = 0"), Edge((0.0, 2.0), 0.0, (None, 0.0), "flat"))),
    function("log_sigmoid", lambda xp, x: -xp.softplus(-x), lambda xp, x, y: xp.sigmoid(-x), text="log σ({0})",
             latex=r"\log \sigma\left({0}\right)", binding=2, size=one_more),
    # Whole numbers and remainders
    function("clip", _clip, lambda xp, x, low, high, y: _capped(xp, x, low, high, 0.0, xp.greater_equal(x, low)),
             lambda xp, x, low, high, y: _capped(xp, x, low, high, 0.0, xp.less(x, low)),
             lambda xp, x, low, high, y: _capped(xp, x, low, high, 1.0, 0.0), arguments="x low high",
             absent=(None, -LARGEST, LARGEST), samples=((-0.9, 0.9), (-3.0, -1.1), (1.1, 3.0)),
             edges=(Edge((2.0, -2.0, 2.0), 2.0, (1.0, 0.0, 0.0), "a bound belongs to the inside"),
                    Edge((-2.0, -2.0, 2.0), -2.0, (1.0, 0.0, 0.0), "a bound belongs to the inside"),
                    Edge((3.0, -2.0, 2.0), 2.0, (0.0, 0.0, 1.0), "the upper bound's"),
                    Edge((-3.0, -2.0, 2.0), -2.0, (0.0, 1.0, 0.0), "the lower bound's"))),
    _whole("floor", "⌊{0}⌋", r"\left\lfloor {0} \right\rfloor", 1.0, 1.0),
    _whole("ceil", "⌈{0}⌉", r"\left\lceil {0} \right\rceil", 1.0, 1.0),
    _whole("round", "round({0})", r"\operatorname{{round}}\left({0}\right)", 2.5, 2.0, aliases=("rint",),
           samples=(0.6, 1.4)),
    _whole("trunc", "trunc({0})", r"\operatorname{{trunc}}\left({0}\right)", -1.0, -1.0),
    function("fmod", lambda xp, a, b: xp.fmod(a, b), lambda xp, a, b, y: 1.0, _minus_quotient, arguments="a b",
             domain="b ≠ 0", samples=QUOTIENT_1,
             edges=(Edge((-3.5, 2.0), -1.5, (1.0, 1.0), "the sign of a"), Edge((1.0, 0.0), nan, (1.0, nan), "none"))),
    infix("mod", "%", "mod", _mod, lambda xp, a, b, y: 1.0, _minus_quotient, binding=2, dunder="mod",
          latex=r"{0:2} \bmod {1:3}", domain="b ≠ 0", samples=QUOTIENT_1,
          edges=(Edge((-3.5, 2.0), 0.5, (1.0, 2.0), "the sign of b"), Edge((2.0, 1.0), 0.0, (1.0, -2.0), "a jump"),
                 Edge((0.3, 0.1), 0.3 % 0.1, (1.0, -2.0), "as Python has it"),
                 Edge((1.0, 0.0), nan, (1.0, nan), "none"))),
    infix("floor_divide", "//", "//", _floor_divide, _flat, _flat, binding=2, dunder="floordiv",
          latex=r"\left\lfloor \frac{{{0}}}{{{1}}} \right\rfloor", domain="b ≠ 0",
          samples=QUOTIENT_1,
          edges=(Edge((-3.5, 2.0), -2.0, (0.0, 0.0), "down"), Edge((6.0, 0.1), 59.0, (0.0, 0.0), "as Python has it"),
                 Edge((1.0, 0.0), nan, (0.0, 0.0), "none"))),
    # Special functions
    function("lgamma", lambda xp, x: xp.lgamma(x), lambda xp, x, y: xp.digamma(x), text="log|Γ({0})|", binding=2,
             latex=r"\log\left|\Gamma\left({0}\right)\right|", symbol="log Γ", domain="x not 0, −1, −2, …",
             samples=POSITIVE, edges=(Edge((0.0,), inf, (-inf,), "a pole"), Edge((-1.0,), inf, (-inf,), "a pole"),
                                      Edge((1.0,), 0.0, (None,), "a zero"), Edge((2.0,), 0.0, (None,), "a zero"))),
    function("digamma", lambda xp, x: xp.digamma(x), lambda xp, x, y: xp.polygamma(1.0, x), text="ψ({0})", tex=r"\psi",
             symbol="ψ", domain="x not 0, −1, −2, …", samples=POSITIVE,
             edges=(Edge((0.0,), -inf, (inf,), "a pole"),)),
    function("polygamma", lambda xp, n, x: xp.polygamma(n, x), _flat, lambda xp, n, x, y: xp.polygamma(n + 1.0, x),
             arguments="n x", text="ψ⁽{0}⁾({1})", latex=r"\psi^{{\left({0}\right)}}\left({1}\right)", symbol="ψⁿ",
             domain="n a whole number from 1 to 20, x not 0, −1, −2, …",
             beyond="it is polygamma(n + 1, x), known for n + 1 up to 20",
             samples=((1.0, 1.0), POSITIVE),
             edges=(Edge((2.0, -1.0), -inf, (0.0, inf), "a pole"), Edge((1.5, 1.0), nan, (0.0, None), "not known"),
                    Edge((1.0, 0.0), inf, (0.0, -inf), "a pole"))),
    function("spherical_jn", lambda xp, n, x: xp.spherical_jn(n, x), _flat,
             _spherical_slope,
             arguments="n x", text="j₍{0}₎({1})", latex=r"j_{{{0}}}\left({1}\right)", symbol="jₙ",
             domain="n a whole number from 0 to 10",
             beyond="it needs spherical_jn(n + 1, x), known for n + 1 up to 10", samples=((1.0, 1.0), (-3.0, 3.0)),
             edges=(Edge((0.0, 0.0), 1.0, (0.0, 0.0), "smooth"), Edge((1.5, 1.0), nan, (0.0, None), "not known"),
                    Edge((1.0, 0.0), 0.0, (0.0, 1.0 / 3.0), "smooth"))),
    function("sinc", lambda xp, x: xp.spherical_jn(0.0, xp.pi * x),
             lambda xp, x, y: -xp.pi * xp.spherical_jn(1.0, xp.pi * x), tex=r"\operatorname{{sinc}}"),
    function("erfinv", lambda xp, x: xp.erfinv(x), lambda xp, x, y: 0.5 * xp.sqrt(xp.pi) * xp.exp(xp.square(y)),
             text="erf⁻¹({0})", latex=r"\operatorname{{erf}}^{{-1}}\left({0}\right)", domain="−1 < x < 1",
             samples=(-0.9, 0.9),
             edges=(Edge((1.0,), inf, (inf,), "a pole"), Edge((-1.0,), -inf, (inf,), "a pole"),
                    Edge((2.0,), nan, (nan,), "not real"))),
    function("norm_cdf", lambda xp, x: 0.5 * xp.erfc(-xp.div(x, xp.sqrt(2.0))), lambda xp, x, y: _density(xp, x),
             text="Φ({0})", tex=r"\Phi", symbol="Φ", size=1.0),
)  # fmt: skip
