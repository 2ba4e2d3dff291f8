"""Expressions from text: `parse` reads them from their syntax tree against the table, and evaluates nothing else.

>>> from autograd_tiny.parsing import parse
>>> parsed = parse("d = a*b + c; L = tanh(d)", {"a": 2.0, "b": -3.0, "c": 10.0})
>>> parsed.root.label, parsed.names["d"].data, sorted(parsed.leaves)
('L', 4.0, ['a', 'b', 'c'])
"""

from __future__ import annotations

from .expressions import Parsed as Parsed
from .expressions import numbers_from as numbers_from
from .expressions import parse as parse
from .places import ExpressionError as ExpressionError
