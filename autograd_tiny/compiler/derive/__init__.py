"""Derived: the Jacobian or Hessian of a recorded graph, as a graph."""
