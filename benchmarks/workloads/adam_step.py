"""Adam on 32,000 parameters: one step of ours, next to a step of PyTorch's on as many in one tensor."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median
from time import perf_counter

from ..engines import COMPILED, PLAIN, TORCH
from ..goals import at_most
from ..harness import ONE_THREAD, Contender, Sample, Workload

PARAMETERS, STEPS = 32_000, 30
STEP = "step"
PYTORCH = "PyTorch, one tensor"


def with_ours() -> Sample:
    import nn
    from autograd_tiny import Value

    values = [Value(0.01) for _ in range(PARAMETERS)]
    for i, value in enumerate(values):
        value.grad = 1e-3 * (i % 7 - 3)
    return time_steps(nn.Adam(values, lr=0.001).step)


def with_torch() -> Sample:
    import torch

    torch.set_num_threads(1)
    weights = torch.full((PARAMETERS,), 0.01, dtype=torch.float64, requires_grad=True)
    weights.grad = 1e-3 * (torch.arange(PARAMETERS, dtype=torch.float64) % 7 - 3)
    return time_steps(torch.optim.Adam([weights], lr=0.001).step)


def time_steps(step: Callable[[], object]) -> Sample:
    """Milliseconds a step: the median of thirty after an untimed one."""
    step()
    times = []
    for _ in range(STEPS):
        start = perf_counter()
        step()
        times.append(perf_counter() - start)
    return Sample({STEP: median(times) * 1e3})


ADAM_STEP = Workload(
    name="adam-step",
    title=f"Adam: a step of {PARAMETERS:,} parameters",
    contenders=[
        Contender(PYTORCH, with_torch, TORCH.package, environment=ONE_THREAD),
        *(
            Contender(engine.name, with_ours, engine.package, {**engine.environment, **ONE_THREAD})
            for engine in (PLAIN, COMPILED)
        ),
    ],
    quantities={STEP: "{:,.2f} ms"},
    peer=PYTORCH,
    goals=[at_most(COMPILED.name, STEP, 3, "{:.2f} ms")],
    rounds=5,
)
