"""Recorded: one call of the function, as a graph of its scalar operations in numpy arrays.

`inputs` and `calls` take the arguments apart, `graph` is what every pass takes and gives, `selecting` is `select`, an
element by its number.
"""
