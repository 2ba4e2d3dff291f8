"""From scalars to array instructions: which operations are one instruction, and where the numbers lie in memory.

`dispatch` gives each kind of step to the module that groups it: `dots` (with `match`), `sums`, `elementwise`.
`places` gives out memory, `layout` sees strided views in it; `instructions` is the result, `cost` what it costs.
"""
