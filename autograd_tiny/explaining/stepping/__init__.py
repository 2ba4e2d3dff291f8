"""Stepping through a graph: `steps` for the backward pass, `forward_steps` for the forward pass.

>>> from autograd_tiny import Value
>>> a, b, c = Value(2.0, "a"), Value(-3.0, "b"), Value(10.0, "c")
>>> d = a * b + c; d.label = "d"
>>> L = d.tanh(); L.label = "L"
>>> p = steps(L)
>>> print(next(p))
step 1 of 3   L = tanh(d)                    ∂L/∂L = 1
  ∂L/∂d = 1 − tanh²(d) = 0.00134    1 × 0.00134 = 0.00134    d.grad: 0 → 0.00134
>>> print(p.until("a"))
step 3 of 3   a × b                          ∂L/∂(a×b) = 0.00134
  ∂(a×b)/∂a = b = -3    0.00134 × -3 = -0.00402    a.grad: 0 → -0.00402
  ∂(a×b)/∂b = a = 2     0.00134 × 2 = 0.00268      b.grad: 0 → 0.00268
>>> p.reset(); a.grad
0.0
"""

from __future__ import annotations

from .backward_pass import BackwardPass as BackwardPass
from .backward_pass import steps as steps
from .forward_pass import ForwardPass as ForwardPass
from .forward_pass import ForwardStep as ForwardStep
from .forward_pass import forward_steps as forward_steps
from .gradients import GradientsChanged as GradientsChanged
from .records import Contribution as Contribution
from .records import Step as Step
from .until import Condition as Condition
