"""The ground: the table of primitives, and what a row's rules run on; it stands on nothing of ours.

`ops` holds one row a primitive, `primitive` says what a row is, `docstrings` writes one in words. ``namespaces/`` is
what a rule may run on: floats, arrays, mpmath, text, LaTeX, source code, C. ``codegen/`` writes the compiled engine's C
and Cython out of the rows when it is built.
"""
