"""Derivatives of a whole recorded graph as one graph: sparse Jacobians and Hessians, each common part once.

The sweeps of `differentiate` make a graph of Values for one root at a time. A program that is to give a Jacobian wants
all entries at once, with nothing computed twice and nothing for entries that are 0 for every input.

`expressions` keeps each distinct one once, `locals` are the rules of the rows on them, `jacobians` and `hessians` the
sweeps; `of_values`, which alone knows of Values, makes some of what they find. Stands on the table and on ``core/``.
"""
