"""Special functions in the vocabulary that rules have: straight-line formulas over ``xp``, for every namespace at once.

``xp.lgamma`` of a namespace that has none of its own (mpmath has) is the formula here: on floats, on arrays, in C.
`elementary` has what most libraries have, `gamma` lgamma, digamma and polygamma, `bessel` the spherical Bessel
functions, `quantile` erfinv, `lengths` hypot and norm. Each is good to a few units in the last place; tests compare
it with mpmath's own function.

>>> from autograd_tiny.table.namespaces import FLOATS
>>> SPECIAL["lgamma"](FLOATS, 10.0) == FLOATS.lgamma(10.0), round(FLOATS.lgamma(10.0), 12)      # log 9!
(True, 12.801827480081)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .bessel import spherical_jn
from .elementary import ELEMENTARY
from .gamma import digamma, lgamma, polygamma
from .lengths import hypot, norm
from .quantile import erfinv

SPECIAL: dict[str, Callable[..., Any]] = {
    **ELEMENTARY, **{f.__name__: f for f in (digamma, erfinv, hypot, lgamma, norm, polygamma, spherical_jn)},
}  # fmt: skip
"""Name -> formula: ``formula(xp, *operands)``."""
