"""scipy.special's names for what the package has, on numbers, Values and arrays of either.

scipy's own are compiled for floats and refuse an array of Values; a formula written with these runs on both.

>>> import numpy as np
>>> from autograd_tiny import Value, grad
>>> expit(0.0), expit(np.array([Value(0.0)]))[0].data, grad(logit)(0.5), entr(0.0)
(0.5, 0.5, 4.0, 0.0)
"""

from __future__ import annotations

from typing import Any

from . import functions
from .composed import log_softmax as log_softmax
from .functions import softmax as softmax

_table: Any = functions

cbrt, digamma, erf, erfc, erfinv, exp2, expm1, log1p, logsumexp, polygamma, sinc, spherical_jn, xlogy = (
    getattr(_table, name)
    for name in ("cbrt", "digamma", "erf", "erfc", "erfinv", "exp2", "expm1", "log1p", "logsumexp", "polygamma", "sinc",
                 "spherical_jn", "xlogy")
)  # fmt: skip
expit, log_expit, gammaln, psi, ndtr = (
    getattr(_table, name) for name in ("sigmoid", "log_sigmoid", "lgamma", "digamma", "norm_cdf")
)


def logit(p: Any) -> Any:
    """log(p / (1 - p)), the inverse of expit."""
    return _table.log(p) - _table.log1p(-p)


def entr(x: Any) -> Any:
    """-x log x, and 0 at 0."""
    return 0.0 - _table.xlogy(x, x)
