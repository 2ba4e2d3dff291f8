"""Oracles: derivatives found without a derivative rule, each with a bound of its own error.

Two, from the more to the less exact: central differences in 60 digits (`exact`), for what 60 digits really go
through, and Richardson-extrapolated differences of floats (`floats`), for anything. What depends on floats alone is
as good as the floats allow, and says how good that is.
"""

from __future__ import annotations

from .digits import DIGITS as DIGITS
from .digits import DigitsLost as DigitsLost
from .digits import sixty_digits as sixty_digits
from .estimate import EPS as EPS
from .estimate import Estimate as Estimate
from .exact import Exact as Exact
from .floats import along as along
from .floats import from_floats as from_floats
from .floats import richardson as richardson
from .floats import scales as scales
from .noise import granularity as granularity
