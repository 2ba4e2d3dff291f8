"""The inverse of erf, by the rational functions of M. Wichura, Applied Statistics 37 (1988) 477, algorithm AS 241.

>>> import math
>>> from autograd_tiny.table.namespaces import FLOATS
>>> erfinv(FLOATS, 0.0), round(math.erf(erfinv(FLOATS, 0.5)), 15), erfinv(FLOATS, 1.0)
(0.0, 0.5, inf)
"""

from __future__ import annotations

from typing import Any

from .shared import polynomial

MIDDLE = (
    (3.3871328727963666080, 133.14166789178437745, 1971.5909503065514427, 13731.693765509461125,
     45921.953931549871457, 67265.770927008700853, 33430.575583588128105, 2509.0809287301226727),
    (1.0, 42.313330701600911252, 687.18700749205790830, 5394.1960214247511077, 21213.794301586595867,
     39307.895800092710610, 28729.085735721942674, 5226.4952788528545610),
)  # fmt: skip
TAIL = (
    (1.42343711074968357734, 4.63033784615654529590, 5.76949722146069140550, 3.64784832476320460504,
     1.27045825245236838258, 0.241780725177450611770, 0.0227238449892691845833, 7.74545014278341407640e-4),
    (1.0, 2.05319162663775882187, 1.67638483018380384940, 0.689767334985100004550, 0.148103976427480074590,
     0.0151986665636164571966, 5.47593808499534494600e-4, 1.05075007164441684324e-9),
)  # fmt: skip
FAR_TAIL = (
    (6.65790464350110377720, 5.46378491116411436990, 1.78482653991729133580, 0.296560571828504891230,
     0.0265321895265761230930, 0.00124266094738807843860, 2.71155556874348757815e-5, 2.01033439929228813265e-7),
    (1.0, 0.599832206555887937690, 0.136929880922735805310, 0.0148753612908506148525, 7.86869131145613259100e-4,
     1.84631831751005468180e-5, 1.42151175831644588870e-7, 2.04426310338993978564e-15),
)  # fmt: skip


def erfinv(xp: Any, x: Any) -> Any:
    """The y with erf(y) = x."""
    q, size = 0.5 * x, xp.abs(x)
    middle = xp.less_equal(size, 0.85)
    r = 0.180625 - xp.square(xp.where(middle, q, 0.0))
    near = q * _ratio(xp, r, MIDDLE)
    end = xp.equal(size, 1.0)
    p = xp.where(middle, 0.5, xp.where(end, 0.5, 0.5 * (1.0 - size)))
    r = xp.sqrt(-xp.log(p))
    far = xp.where(xp.less_equal(r, 5.0), _ratio(xp, r - 1.6, TAIL), _ratio(xp, r - 5.0, FAR_TAIL))
    quantile = xp.where(middle, near, xp.where(xp.less(x, 0.0), -far, far))
    return xp.where(end, xp.div(x, xp.where(end, 0.0, 1.0)), xp.div(quantile, xp.sqrt(2.0)))


def _ratio(xp: Any, r: Any, polynomials: tuple[tuple[float, ...], tuple[float, ...]]) -> Any:
    above, below = polynomials
    return xp.div(polynomial(r, above), polynomial(r, below))
