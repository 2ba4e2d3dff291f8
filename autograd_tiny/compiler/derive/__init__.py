"""Derived: the Jacobian or Hessian of a recorded graph, as a graph.

`graphs` makes it, of the expressions that ``derivatives/symbolic/`` finds; `in_rows` lowers one that is too irregular
for matrices, a row of samples for each number; `results` puts its numbers into the structure that was asked for.
Stands on ``lower/``, ``simplify/`` and ``record/``.
"""
