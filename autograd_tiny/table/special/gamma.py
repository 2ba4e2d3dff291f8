"""The logarithm of the gamma function and its derivatives: lgamma, digamma = lgamma', polygamma(n) = digamma⁽ⁿ⁾.

Large arguments: Stirling's series and its derivatives (M. Abramowitz, I. Stegun, 6.1.41, 6.3.18); smaller ones are
brought there by Γ(x + 1) = x Γ(x), negative ones to positive by reflection (6.1.17). Between 0 and 8.5 lgamma is
the Taylor series at 2 (6.1.33), since it has zeros at 1 and 2 next to which digits must not cancel.

>>> from autograd_tiny.table.namespaces import FLOATS
>>> lgamma(FLOATS, 2.0), digamma(FLOATS, 1.0), polygamma(FLOATS, 1.0, 1.0)     # log 1, −γ, π²/6
(0.0, -0.5772156649015328, 1.6449340668482264)
"""

from __future__ import annotations

from typing import Any

from .shared import polynomial, refusal

SHIFTED, FAR = 8.5, 10.0
"""From where on Stirling's series have all digits."""

ONE_MINUS_EULER = 0.42278433509846713
HALF_LOG_TWO_PI_LESS = 0.4189385332046728
"""½ log 2π − ½."""
LOG_PI = 1.1447298858494002

TAYLOR_AT_2 = (
    0.3224670334241132, -0.0673523010531981, 0.020580808427784546, -0.007385551028673986, 0.0028905103307415234,
    -0.001192753911703261, 0.0005096695247430425, -0.00022315475845357939, 9.945751278180853e-05,
    -4.492623673813314e-05, 2.050721277567069e-05, -9.439488275268397e-06, 4.374866789907488e-06,
    -2.039215753801366e-06, 9.55141213040742e-07, -4.492469198764566e-07, 2.1207184805554665e-07,
    -1.0043224823968099e-07, 4.7698101693639804e-08, -2.2711094608943164e-08, 1.0838659214896955e-08,
    -5.183475041970047e-09, 2.4836745438024785e-09, -1.1921401405860912e-09, 5.731367241678862e-10,
    -2.7595228851242334e-10, 1.330476437424449e-10,
)  # fmt: skip
"""(−1)ᵏ (ζ(k) − 1) / k from k = 2 on."""
STIRLING = (1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156, -3617 / 122400)
"""B₂ⱼ / (2j (2j − 1))."""
STIRLING_SLOPE = (1 / 12, -1 / 120, 1 / 252, -1 / 240, 1 / 132, -691 / 32760, 1 / 12, -3617 / 8160, 43867 / 14364)
"""B₂ⱼ / 2j."""
ROOT, ROOT_REST = 1.4616321449683622, 9.549995429965697e-17
"""Where digamma is 0, in two parts."""
TAYLOR_AT_ROOT = (
    0.9676722454476212, -0.4427631689835921, 0.258499760955651, -0.16394270544240652, 0.10782405069126237,
    -0.07219956125645471, 0.04880428816414311, -0.03316112647484736, 0.022597648232218104, -0.01542476590494896,
    0.010538791616612175, -0.007204534386356869, 0.004926781395729853, -0.003369801655439328,
    0.002305126326734928, -0.0015769367714301972, 0.0010788252019162967, -0.0007380709389960052,
    0.000504953265834602, -0.0003454680251063077,
)  # fmt: skip
"""ψ⁽ᵏ⁾ / k! at the root, from k = 1 on."""
EULER_MACLAURIN = (
    0.08333333333333333, -0.001388888888888889, 3.306878306878307e-05, -8.267195767195768e-07, 2.08767569878681e-08,
    -5.284190138687493e-10, 1.3382536530684679e-11, -3.3896802963225827e-13, 8.586062056277845e-15,
)  # fmt: skip
"""B₂ⱼ / (2j)!"""
TERMS, HIGHEST = 16, 20
"""How many terms of polygamma's sum are added one by one, and its highest order."""


def lgamma(xp: Any, x: Any) -> Any:
    """log |Γ(x)|."""
    negative = xp.less(x, 0.0)
    a = xp.where(negative, 1.0 - x, x)
    near = xp.less(a, SHIFTED)
    # Γ(a) = (a − 1)(a − 2) … r Γ(r), with r from 1.5 to 2.5
    r, factor = xp.where(near, a, 2.0), 1.0
    for _ in range(6):
        down = xp.greater_equal(r, 2.5)
        r = xp.where(down, r - 1.0, r)
        factor = xp.where(down, factor * r, factor)
    below_1, below_half = xp.less(a, 1.5), xp.less(a, 0.5)
    z = xp.where(below_half, a, xp.where(below_1, a - 1.0, r - 2.0))
    small = z * (ONE_MINUS_EULER + z * polynomial(z, TAYLOR_AT_2)) + xp.log(factor)
    small = small - xp.log1p(xp.where(below_1, z, 0.0)) - xp.log(xp.where(below_half, a, 1.0))
    b = xp.where(near, SHIFTED, a)
    inverse = xp.div(1.0, b)
    large = (b - 0.5) * (xp.log(b) - 1.0) + (HALF_LOG_TWO_PI_LESS + inverse * polynomial(inverse * inverse, STIRLING))
    found = xp.where(near, small, large)
    return xp.where(negative, LOG_PI - xp.log(_sine(xp, x, negative)) - found, found)


def _sine(xp: Any, x: Any, negative: Any) -> Any:
    """|sin πx| where ``negative``, else 1; from the distance to the nearest whole number, or its digits are lost."""
    return xp.where(negative, xp.abs(xp.sin(xp.pi * (x - xp.round(x)))), 1.0)


def digamma(xp: Any, x: Any) -> Any:
    """The derivative of lgamma; within a quarter of its root the Taylor series there, which keeps the digits of 0."""
    negative = xp.less(x, 0.0)
    a = xp.where(negative, 1.0 - x, x)
    near = xp.less(a, FAR)
    total = xp.div(1.0, xp.where(near, a, 1.0))
    for k in range(1, 10):
        total = total + xp.div(1.0, xp.where(near, a + float(k), 1.0))
    b = xp.where(near, a + FAR, a)
    inverse = xp.div(1.0, b)
    series = inverse * (0.5 + inverse * polynomial(inverse * inverse, STIRLING_SLOPE))
    t = (a - ROOT) - ROOT_REST
    at_root = xp.less(xp.abs(t), 0.25)
    t = xp.where(at_root, t, 0.0)
    found = xp.where(at_root, t * polynomial(t, TAYLOR_AT_ROOT), xp.log(b) - series - xp.where(near, total, 0.0))
    r = xp.pi * xp.where(negative, x - xp.round(x), 0.25)
    return xp.where(negative, found - xp.div(xp.pi * xp.cos(r), xp.sin(r)), found)


def polygamma(xp: Any, n: Any, x: Any) -> Any:
    """The n-th derivative of digamma: (−1)ⁿ⁺¹ n! Σ (x + k)⁻ⁿ⁻¹, the end of the sum by Euler and Maclaurin."""
    m = xp.round(n)
    negative = xp.less(x, 0.0)
    a, s = xp.where(negative, 1.0 - x, x), m + 1.0
    end = a + float(TERMS)
    power, inverse = xp.pow(end, -s), xp.div(1.0, end)
    total = xp.div(xp.pow(end, -m), m) + 0.5 * power  # end⁻ˢ · end would be 0 where end⁻ᵐ is not
    rising = s * power * inverse
    for j, c in enumerate(EULER_MACLAURIN, start=1):
        total = total + c * rising
        rising = rising * (s + (2.0 * j - 1.0)) * (s + 2.0 * j) * (inverse * inverse)
    for k in reversed(range(TERMS)):  # the small ones first
        total = total + xp.pow(a + float(k), -s)
    sign = 2.0 * (m - 2.0 * xp.floor(0.5 * m)) - 1.0
    found = xp.where(negative, _cotangent(xp, m, x, negative, sign) - total, sign * total)
    for k in range(2, HIGHEST + 1):
        found = xp.where(xp.greater_equal(m, float(k)), found * float(k), found)
    unknown = xp.where(xp.less(n, 1.0), 1.0, xp.where(xp.greater(n, float(HIGHEST)), 1.0, xp.not_equal(n, m)))
    return found + refusal(xp, unknown)


def _cotangent(xp: Any, m: Any, x: Any, negative: Any, sign: Any) -> Any:
    """−1/m! of the m-th derivative of π cot πx where ``negative``: what reflection adds (6.4.7).

    The Taylor coefficients of π cot πx = c follow from c' = −π² − c², all of one sign up to (−1)ᵏ, so that no digits
    cancel; c and sin πx are taken from the distance to the nearest pole or zero, which is exact.
    """
    r = xp.where(negative, x - xp.round(x), 0.25)
    size = xp.abs(r)
    inner = xp.less_equal(size, 0.25)
    p = xp.pi * xp.where(inner, size, 0.5 - size)
    sine, cosine = xp.sin(p), xp.cos(p)
    over, under = xp.where(inner, cosine, sine), xp.where(inner, sine, cosine)
    terms = [xp.div(xp.pi * over, under), xp.square(xp.div(xp.pi, under))]
    found = terms[1]
    for k in range(2, HIGHEST + 1):
        double = 2.0 * sum((terms[i] * terms[k - 1 - i] for i in range(1, k // 2)), terms[0] * terms[k - 1])
        terms.append(xp.div(double + xp.square(terms[k // 2]) if k % 2 else double, float(k)))
        found = xp.where(xp.equal(m, float(k)), terms[k], found)
    left = xp.less(r, 0.0)  # of its pole, where an even derivative has the other sign
    return xp.where(left, found, sign * found)
