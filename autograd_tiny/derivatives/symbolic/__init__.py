"""Derivatives of a whole recorded graph as one graph: sparse Jacobians and Hessians, each common part once.

The sweeps of `differentiate` make a graph of Values for one root at a time. A program that is to give a Jacobian wants
all entries at once, with nothing computed twice and nothing for entries that are 0 for every input.
"""
