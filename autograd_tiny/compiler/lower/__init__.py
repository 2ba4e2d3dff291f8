"""Lowered: steps become array instructions, and every number gets its place in memory.

`dispatch` gives each kind of step to the module that groups it: `dots` (with `match`), `sums`, `elementwise`.
`places` gives out memory, `layout` sees strided views in it; `instructions` is the result, `cost` what it costs.
Stands on ``simplify/`` and ``record/``.
"""
