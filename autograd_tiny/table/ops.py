"""The table of primitives: one row each, and adding a row is all that adding a primitive takes.

From a row follow the method on `Value`, the function in the package, the array form, the 60-digit oracle,
the explanation in words and LaTeX, and the tests. Rules keep to ``+ - *`` and ``xp`` calls: no ``if``, no
comparison, no ``math.`` (a branch is ``xp.where``; ``xp.edge`` is a branch that only an edge point takes).

Two habits keep every order of derivative right. A smooth operation has a smooth partial: no ``abs`` inside
sigmoid', or the third derivative at 0 is lost. And a partial does not cancel: tanh' as ``1 - y*y`` is 4 % off
at x = 18, so it is a primitive of its own, ``sech_squared``.

>>> sorted(TABLE)[:4], len(TABLE) > 40
(['abs', 'acos', 'acosh', 'add'], True)
"""

from __future__ import annotations

from math import inf, nan
from typing import Any

from .primitive import Edge, Primitive, as_large, function, infix, one_more
from .scientific import SCIENTIFIC, one_minus_square

POSITIVE = (0.05, 6.0)


def _softplus(xp: Any, x: Any) -> Any:
    """max(x, 0) + log(1 + e^-|x|): never overflows, and exact to the last digit on both sides."""
    return xp.relu(x) + xp.log1p(xp.exp(-xp.abs(x)))


def _sigmoid(xp: Any, x: Any) -> Any:
    """1 / (1 + e^-x), its numerator 1 or e^x so that the exponential never overflows."""
    shrunk = xp.exp(-xp.abs(x))
    return xp.div(xp.where(xp.less(x, 0.0), shrunk, 1.0), 1.0 + shrunk)


def _power_by_base(xp: Any, a: Any, b: Any, y: Any) -> Any:
    """b · a^(b-1). At 0 ** 1 that is 1, and its derivative by b is 1 + log 0; at 0 ** 0 it is flat at every order."""
    corner = xp.where(xp.equal(b, 1.0), xp.equal(a, 0.0), 0.0)
    flat = xp.where(xp.equal(b, 0.0), xp.equal(a, 0.0), 0.0)
    usual = xp.edge(flat, 0.0, b * xp.pow(a, b - 1.0))
    return xp.corner(corner, lambda: 1.0 - xp.sqrt(xp.edge(corner, b - 1.0, 1.0)), usual)


def _power_by_exponent(xp: Any, a: Any, b: Any, y: Any) -> Any:
    """y · log a. From 0 on that is 0, and falls infinitely fast if 0 < b ≤ 1."""
    zero = xp.equal(a, 0.0)
    corner = xp.where(xp.greater(b, 0.0), xp.where(xp.less_equal(b, 1.0), zero, 0.0), 0.0)
    usual = y * xp.log(xp.edge(zero, 1.0, a))
    return xp.corner(corner, lambda: 0.0 - xp.sqrt(xp.edge(corner, a, 1.0)), usual)


def _normal_cdf(xp: Any, x: Any) -> Any:
    """Φ(x) through erfc, which keeps its digits where 1 + erf would lose them."""
    return 0.5 * xp.erfc(-xp.div(x, xp.sqrt(2.0)))


def _normal_density(xp: Any, x: Any) -> Any:
    return xp.div(xp.exp(-0.5 * xp.square(x)), xp.sqrt(2.0 * xp.pi))


def _ties(xp: Any, xs: Any, out: Any) -> Any:
    """1/k for each of the k operands that equal the winner, 0 for the rest."""
    tied = xp.each(lambda x: xp.equal(x, out), xs)
    share = xp.div(1.0, xp.sum_of(xp.identity, tied))
    return xp.each(lambda tie: tie * share, tied)


def _logsumexp(xp: Any, xs: Any) -> Any:
    """m + log Σ e^(x - m) with m the largest, so that no exponential overflows."""
    top = xp.largest(xs)
    return top + xp.log(xp.sum_of(lambda x: xp.exp(x - top), xs))


def _flat(xp: Any, *_: Any) -> Any:
    return 0.0


def _all_sizes(xp: Any, xs: Any) -> Any:
    return xp.sum_of(xp.identity, xs)


def _comparison(name: str, symbol: str, tex: str, at_tie: float) -> Primitive:
    """The row of a comparison: 1 or 0, flat on both sides, and so with derivative 0 everywhere."""
    return function(
        name, lambda xp, a, b: getattr(xp, name)(a, b), _flat, _flat, arguments="a b", symbol=symbol, binding=0,
        text=f"1 if {{0}} {symbol} {{1}} else 0", latex=rf"\mathbf{{{{1}}}}\left[{{0}} {tex} {{1}}\right]", size=1.0,
        samples=((-3.0, -0.1), (0.1, 3.0)), edges=(Edge((1.0, 1.0), at_tie, (0.0, 0.0), "a step is flat"),),
    )  # fmt: skip


def _dot_with(numbers: tuple[float, ...]) -> Primitive:
    """``dot`` with its second vector filled in: only the first has edges, and no number becomes a node.

    >>> _dot_with((2.0, 3.0)).arguments
    ('ws',)
    """
    full = TABLE["dot"]
    return Primitive(
        "dot",
        lambda xp, ws: full.forward(xp, ws, numbers),
        (lambda xp, ws, y: numbers,),
        arguments=("ws",),
        variadic=True,
        filled=numbers,
        text=full.text,
        latex=full.latex,
        binding=full.binding,
        symbol=full.symbol,
    )


ROWS: tuple[Primitive, ...] = (
    # Arithmetic
    infix("add", "+", "+", lambda xp, a, b: a + b, lambda xp, a, b, y: 1.0, lambda xp, a, b, y: 1.0,
          binding=1, text="{0:1} + {1:1}", latex="{0:1} + {1:1}", dunder="add"),
    infix("sub", "-", "−", lambda xp, a, b: a - b, lambda xp, a, b, y: 1.0, lambda xp, a, b, y: -1.0,
          binding=1, latex="{0:1} - {1:2}", dunder="sub"),
    infix("mul", "*", "×", lambda xp, a, b: a * b, lambda xp, a, b, y: b, lambda xp, a, b, y: a,
          binding=2, text="{0:2} × {1:2}", latex=r"{0:2} \cdot {1:2}", dunder="mul"),
    infix("div", "/", "/", lambda xp, a, b: xp.div(a, b), lambda xp, a, b, y: xp.div(1.0, b),
          lambda xp, a, b, y: -xp.div(y, b),
          books=(None, lambda xp, a, b, y: -xp.div(a, xp.square(b))), binding=2, latex=r"\frac{{{0}}}{{{1}}}",
          dunder="truediv", domain="b ≠ 0", samples=((-3.0, 3.0), (0.2, 3.0)),
          edges=(Edge((1.0, 0.0), inf, (inf, -inf), "a pole"), Edge((0.0, 0.0), nan, (inf, nan), "undefined"))),
    function("neg", lambda xp, x: -x, lambda xp, x, y: -1.0, text="−{0:3}", latex="-{0:3}", symbol="−", size=as_large,
             binding=3, dunder="neg", operator="neg"),
    infix("pow", "**", "^", lambda xp, a, b: xp.pow(a, b),
          _power_by_base, _power_by_exponent,
          binding=4, text="{0:5}^{1:5}", latex="{{{0:5}}}^{{{1}}}", dunder="pow",
          domain="a ≥ 0 (or b a whole number), and b ≥ 0 where a = 0", samples=((0.2, 3.0), (-2.0, 3.0)),
          advice="write abs(a) ** b if the size is what matters",
          edges=(Edge((0.0, 0.0), 1.0, (0.0, 0.0), "0 ** 0 is 1, flat both ways"),
                 Edge((0.0, 1.0), 0.0, (1.0, 0.0), "x ** 1 is x"), Edge((0.0, 2.0), 0.0, (0.0, 0.0), "flat"),
                 Edge((0.0, 0.5), 0.0, (inf, 0.0), "a vertical tangent"),
                 Edge((0.0, -1.0), inf, (-inf, nan), "a pole"), Edge((-2.0, 3.0), -8.0, (12.0, nan),
                 "a whole exponent has powers of negative numbers; its neighbours have not"),
                 Edge((-1.0, 0.5), nan, (nan, nan), "not a real number"))),
    function("square", lambda xp, x: x * x, lambda xp, x, y: 2.0 * x, text="{0:5}²", latex="{{{0:5}}}^{{2}}",
             binding=4, symbol="x²"),
    function("identity", lambda xp, x: x, lambda xp, x, y: 1.0, text="{0}", latex="{0}", binding=0, symbol="=",
             size=as_large),
    # Exponentials, logarithms, roots
    function("exp", lambda xp, x: xp.exp(x), lambda xp, x, y: y, tex=r"\exp", domain="x < 709.79",
             advice="logsumexp, softplus and sigmoid do not overflow"),
    function("log", lambda xp, x: xp.log(x), lambda xp, x, y: xp.div(1.0, x), tex=r"\log", domain="x > 0",
             advice="use softplus or binary_cross_entropy(from_logits=True)", samples=POSITIVE,
             edges=(Edge((0.0,), -inf, (inf,), "a pole"), Edge((-1.0,), nan, (-1.0,), "not a real number"))),
    function("log1p", lambda xp, x: xp.log1p(x), lambda xp, x, y: xp.div(1.0, 1.0 + x), domain="x > −1",
             tex=r"\operatorname{{log1p}}", samples=(-0.9, 6.0), edges=(Edge((-1.0,), -inf, (inf,), "a pole"),)),
    function("expm1", lambda xp, x: xp.expm1(x), lambda xp, x, y: xp.exp(x), domain="x < 709.79"),
    function("sqrt", lambda xp, x: xp.sqrt(x), lambda xp, x, y: xp.div(0.5, y), text="√({0})",
             books=(lambda xp, x, y: xp.div(1.0, 2.0 * y),),
             latex=r"\sqrt{{{0}}}", domain="x ≥ 0", samples=POSITIVE, symbol="√",
             edges=(Edge((0.0,), 0.0, (inf,), "a vertical tangent"), Edge((-1.0,), nan, (nan,), "not real"))),
    # Trigonometry and its hyperbolic twin
    function("sin", lambda xp, x: xp.sin(x), lambda xp, x, y: xp.cos(x), size=1.0, tex=r"\sin"),
    function("cos", lambda xp, x: xp.cos(x), lambda xp, x, y: -xp.sin(x), size=1.0, tex=r"\cos"),
    function("tan", lambda xp, x: xp.tan(x), lambda xp, x, y: 1.0 + xp.square(y), tex=r"\tan", samples=(-1.3, 1.3)),
    function("asin", lambda xp, x: xp.asin(x), lambda xp, x, y: xp.div(1.0, xp.sqrt(one_minus_square(xp, x))),
             books=(lambda xp, x, y: xp.div(1.0, xp.sqrt(1.0 - xp.square(x))),), tex=r"\arcsin", aliases=("arcsin",),
             domain="−1 ≤ x ≤ 1", samples=(-0.9, 0.9),
             edges=(Edge((2.0,), nan, (nan,), "not real"),)),
    function("acos", lambda xp, x: xp.acos(x), lambda xp, x, y: -xp.div(1.0, xp.sqrt(one_minus_square(xp, x))),
             books=(lambda xp, x, y: -xp.div(1.0, xp.sqrt(1.0 - xp.square(x))),), tex=r"\arccos", aliases=("arccos",),
             domain="−1 ≤ x ≤ 1", samples=(-0.9, 0.9),
             edges=(Edge((2.0,), nan, (nan,), "not real"),)),
    function("atan", lambda xp, x: xp.atan(x), lambda xp, x, y: xp.div(1.0, 1.0 + xp.square(x)), tex=r"\arctan",
             aliases=("arctan",), size=2.0),
    function("sinh", lambda xp, x: xp.sinh(x), lambda xp, x, y: xp.cosh(x), tex=r"\sinh", domain="|x| < 710.47"),
    function("cosh", lambda xp, x: xp.cosh(x), lambda xp, x, y: xp.sinh(x), tex=r"\cosh", domain="|x| < 710.47"),
    function("tanh", lambda xp, x: xp.tanh(x), lambda xp, x, y: xp.sech_squared(x), tex=r"\tanh", size=1.0,
             books=(lambda xp, x, y: 1.0 - xp.square(xp.tanh(x)),)),
    function("sech_squared", lambda xp, x: xp.square(xp.div(1.0, xp.cosh(x))),
             lambda xp, x, y: -2.0 * y * xp.tanh(x), text="1 / cosh²({0})", size=1.0,
             latex=r"\frac{{1}}{{\cosh^2\left({0}\right)}}", binding=2, symbol="1/cosh²"),
    function("erf", lambda xp, x: xp.erf(x), lambda xp, x, y: xp.div(2.0, xp.sqrt(xp.pi)) * xp.exp(-xp.square(x)),
             tex=r"\operatorname{{erf}}", size=1.0),
    function("erfc", lambda xp, x: xp.erfc(x),
             lambda xp, x, y: -xp.div(2.0, xp.sqrt(xp.pi)) * xp.exp(-xp.square(x)), size=2.0),
    # Activations
    function("sigmoid", _sigmoid, lambda xp, x, y: y * xp.sigmoid(-x), text="σ({0})", tex=r"\sigma", symbol="σ",
             books=(lambda xp, x, y: y * (1.0 - y),), size=1.0),
    function("softplus", _softplus, lambda xp, x, y: xp.sigmoid(x), size=one_more),
    function("relu", lambda xp, x: xp.where(xp.greater(x, 0.0), x, 0.0), lambda xp, x, y: xp.greater(x, 0.0),
             samples=(0.1, 3.0), symbol="ReLU", size=as_large, edges=(Edge((0.0,), 0.0, (0.0,), "relu'(0) = 0"),
             Edge((-1.0,), 0.0, (0.0,), "flat"))),
    function("leaky_relu", lambda xp, x, slope: xp.where(xp.greater(x, 0.0), x, slope * x),
             lambda xp, x, slope, y: xp.where(xp.greater(x, 0.0), 1.0, slope),
             lambda xp, x, slope, y: xp.where(xp.greater(x, 0.0), 0.0, x), arguments="x slope", defaults=(0.01,),
             samples=((-3.0, -0.1), (0.01, 0.5)), edges=(Edge((0.0, 0.25), 0.0, (0.25, 0.0), "the left side's"),
             Edge((2.0, 0.25), 2.0, (1.0, 0.0), "the right side"))),
    function("elu", lambda xp, x, alpha: xp.where(xp.greater(x, 0.0), x, alpha * xp.expm1(xp.where(
             xp.greater(x, 0.0), 0.0, x))),
             lambda xp, x, alpha, y: xp.where(xp.greater(x, 0.0), 1.0, alpha * xp.exp(xp.where(
                 xp.greater(x, 0.0), 0.0, x))),
             lambda xp, x, alpha, y: xp.expm1(xp.where(xp.greater(x, 0.0), 0.0, x)), arguments="x alpha",
             defaults=(1.0,), samples=((-3.0, -0.1), (0.2, 2.0)),
             edges=(Edge((0.0, 0.5), 0.0, (0.5, 0.0), "the left side's"), Edge((2.0, 0.5), 2.0, (1.0, 0.0), "line"))),
    function("gelu", lambda xp, x: x * _normal_cdf(xp, x),
             lambda xp, x, y: _normal_cdf(xp, x) + x * _normal_density(xp, x)),
    function("silu", lambda xp, x: x * xp.sigmoid(x), lambda xp, x, y: xp.sigmoid(x) * (1.0 + x * xp.sigmoid(-x)),
             size=as_large),
    # Kinks and branches
    function("abs", lambda xp, x: xp.abs(x), lambda xp, x, y: xp.sign(x), text="|{0}|", latex=r"\left|{0}\right|",
             dunder="abs", symbol="|x|", samples=(0.1, 3.0), size=as_large,
             edges=(Edge((0.0,), 0.0, (0.0,), "abs'(0) = 0"), Edge((-2.0,), 2.0, (-1.0,), "the left side"))),
    function("sign", lambda xp, x: xp.greater(x, 0.0) - xp.less(x, 0.0), _flat, size=1.0, samples=(0.1, 3.0),
             edges=(Edge((0.0,), 0.0, (0.0,), "a jump: flat by convention"),)),
    function("where", lambda xp, c, a, b: xp.where(c, a, b), _flat,
             lambda xp, c, a, b, y: xp.where(c, 1.0, 0.0), lambda xp, c, a, b, y: xp.where(c, 0.0, 1.0),
             arguments="condition a b", text="{1:1} if {0} else {2:1}", binding=0, size=lambda xp, c, a, b: a + b,
             latex=r"\begin{{cases}}{1} & \text{{if }} {0}\\ {2} & \text{{otherwise}}\end{{cases}}",
             samples=((0.5, 1.0), (-3.0, 3.0), (-3.0, 3.0)),
             edges=(Edge((0.0, 2.0, 5.0), 5.0, (0.0, 0.0, 1.0), "0 is false"),)),
    _comparison("greater", ">", ">", 0.0),
    _comparison("less", "<", "<", 0.0),
    _comparison("greater_equal", "≥", r"\ge", 1.0),
    _comparison("less_equal", "≤", r"\le", 1.0),
    _comparison("equal", "=", "=", 1.0),
    _comparison("not_equal", "≠", r"\ne", 0.0),
    # Many parents, one node
    function("sum", lambda xp, xs: xp.sum_of(xp.identity, xs), lambda xp, xs, y: xp.each(lambda x: 1.0, xs),
             arguments="xs", variadic=True, tex=r"\sum", symbol="Σ", text="Σ({0})"),
    function("dot", lambda xp, ws, xs: xp.sum_of(xp.mul, ws, xs), lambda xp, ws, xs, y: xs, lambda xp, ws, xs, y: ws,
             arguments="ws xs", variadic=True, fill=_dot_with, text="[{0}] · [{1}]",
             latex=r"\left[{0}\right] \cdot \left[{1}\right]", binding=2, symbol="a·b"),
    function("maximum", lambda xp, xs: xp.largest(xs), _ties, arguments="xs", variadic=True, tex=r"\max",
             text="max({0})", symbol="max", size=_all_sizes,
             edges=(Edge((1.0, 1.0), 1.0, (0.5, 0.5), "ties share equally"),)),
    function("minimum", lambda xp, xs: xp.smallest(xs), _ties, arguments="xs", variadic=True, tex=r"\min",
             text="min({0})", symbol="min", size=_all_sizes,
             edges=(Edge((1.0, 1.0), 1.0, (0.5, 0.5), "ties share equally"),)),
    function("logsumexp", _logsumexp, lambda xp, xs, y: xp.each(lambda x: xp.exp(x - y), xs),
             arguments="xs", variadic=True, size=lambda xp, xs: xp.sum_of(lambda x: x + 1.0, xs)),
    *SCIENTIFIC,
)  # fmt: skip

TABLE: dict[str, Primitive] = {row.name: row for row in ROWS}
"""Name -> row. A plug-in primitive is added here by `autograd_tiny.register`."""
