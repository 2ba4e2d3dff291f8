"""Loops: one step, recorded and compiled once, and run as often as there are steps, forward and back.

`step` is what was recorded of a step; `scalar_machine` runs it node by node, `array_machine` as an array program,
`choosing` says which; `running` binds it to the operands of a program; `taking` is who records it, in place of `scan`
and `while_loop`, and `holding` holds it against the function; `pulling_back` is its derivative, a loop again. Stands on
``run/`` and all that this stands on.
"""
