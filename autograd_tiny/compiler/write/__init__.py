"""Written: instructions as lines of array code, forward and in reverse.

`emit` goes through the instructions, `reverse` says what each adds to which adjoint, `terms` runs a row's rule on
names for arrays, `products` is matrix products; `code` and `lines` put it all into lines, `memory` names the arrays,
`delay` makes one product of many. Stands on ``lower/`` and on the library that the lines are for.
"""
