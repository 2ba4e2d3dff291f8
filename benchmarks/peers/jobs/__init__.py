"""The jobs of examples/jobs as a user of JAX would write them: for the numbers, the lines and the time to compare.

Each has a ``job()`` that gives what ours gives. What is data in ours is taken from there, and counted in neither.
"""
