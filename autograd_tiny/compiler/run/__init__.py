"""Run: an array program on the numbers of a call; where arrays would not pay, the recorded graph node by node.

`array_program` compiles the lines and makes the arrays for each size of batch, `scalars` does without.
"""
