"""The scalar jobs in CasADi: expressions of its own, differentiated by it, run by its virtual machine."""

from __future__ import annotations

from typing import Any

from . import scalar_jobs
from .jobs_jax import Ready


def casadi(name: str, mode: str, at: Any, buffers: bool) -> Ready:
    """A job of `scalar_jobs`: its value and gradient, or its Jacobian, called as a function, or with ``buffers``."""
    import casadi as ca
    import numpy as np

    p = ca.SX.sym("p", len(at))
    f = getattr(scalar_jobs, name)(ca, [p[i] for i in range(len(at))])
    if mode == "gradient":
        function = ca.Function("f", [p], [f, ca.gradient(f, p)])
    else:
        function = ca.Function("f", [p], [ca.densify(ca.jacobian(ca.vertcat(*f), p))])
    plain = lambda found: [float(x) for room in found for x in np.array(room).ravel()]
    if not buffers:
        return lambda: function.call([at]), plain
    given = np.array(at, float)
    rooms = [np.zeros(function.nnz_out(i)) for i in range(function.n_out())]
    buffer, run = function.buffer()
    buffer.set_arg(0, memoryview(given))
    for i, room in enumerate(rooms):
        buffer.set_res(i, memoryview(room))

    def work(kept: Any = (function, buffer, given)) -> Any:  # the buffer holds on to none of them
        run()
        return rooms

    return work, lambda found: plain(function.call([at]))
