"""Run: an array program on the numbers of a call; where arrays would not pay, the recorded graph node by node.

`array_program` writes and compiles the lines, `binding` makes the arrays for one size of batch; in `native_binding` a
loop in C runs the lines, which `taking_down` makes into instructions on the loops of `native`. `scalars` does without.
"""
