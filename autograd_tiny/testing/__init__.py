"""Property tests of derivatives: of our primitives, of your functions, of an engine that you wrote.

>>> from hypothesis import given, settings
>>> @settings(max_examples=10, database=None)
... @given(expressions())
... def test_engine(e):
...     assert_gradients(e, *e.point)
>>> test_engine()
>>> assert_gradients(lambda x, y: x ** 2 * y, 0.7, -1.2, gradient=lambda x, y: (2 * x * y, x ** 2))

Needs the extra ``test``: ``pip install 'autograd-tiny[test]'``. The chapter is docs/testing.md.
"""

from __future__ import annotations

from . import requirements as requirements  # isort: skip  first: it says what to install
from .assertions import assert_gradients as assert_gradients
from .assertions import check_gradients as check_gradients
from .assertions import differentiable as differentiable
from .custom import NumericalOnly as NumericalOnly
from .custom import custom_primitive as custom_primitive
from .engines import Adapter as Adapter
from .engines import EngineError as EngineError
from .engines import EngineReport as EngineReport
from .engines import check_engine as check_engine
from .foreign import gradient_with as gradient_with
from .primitives import PrimitiveError as PrimitiveError
from .primitives import check_primitive as check_primitive
from .programs import Expression as Expression
from .programs import expression as expression
from .strategies import datasets as datasets
from .strategies import expressions as expressions
from .strategies import graphs as graphs
from .strategies import mlps as mlps
from .strategies import points_for as points_for
from .strategies import scalars as scalars
from .strategies import values as values
from .substitutes import ComposedWarning as ComposedWarning
from .verdicts import GradientError as GradientError
from .verdicts import GradientReport as GradientReport
from .verdicts import Inconclusive as Inconclusive
from .verdicts import NotDifferentiable as NotDifferentiable
