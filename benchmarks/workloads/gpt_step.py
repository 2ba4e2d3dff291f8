"""A training step of `examples/gpt.py` on one word: forward, backward, Adam's update, and freeing the graph.

The same file for every contender, which differ only in the Value class that the model is made with. The baseline is
a class of Python objects as careful as we could write one, `peers.plain_value`.
"""

from __future__ import annotations

import gc
from time import perf_counter
from typing import Any

from ..agreement import agreement
from ..engines import COMPILED, PLAIN
from ..goals import times_less
from ..harness import Contender, Outcomes, Sample, Workload

WORD = "rainbow"
STEPS = 10
STEP = "step"
PARTS = ("forward", "backward", "Adam's update", "freeing the graph")
BASELINE = "Python class, local derivatives kept"


def time_steps(value_class: Any) -> Sample:
    """Milliseconds a step and for each part of it, means of ten after an untimed one; the losses of all."""
    from examples.gpt import GPT, Adam, tokens_of

    model = GPT(value_class)
    optimizer = Adam(model.parameters())
    tokens = tokens_of(WORD)
    losses: list[float] = []
    totals = [0.0] * len(PARTS)
    gc.collect()
    for step in range(STEPS + 1):
        times = [perf_counter()]
        loss = model.loss(tokens)
        times.append(perf_counter())
        loss.backward()
        times.append(perf_counter())
        optimizer.step()
        times.append(perf_counter())
        losses.append(float(loss.data))
        del loss
        times.append(perf_counter())
        if step:
            totals = [total + times[i + 1] - times[i] for i, total in enumerate(totals)]
    milliseconds = [total * 1e3 / STEPS for total in totals]
    return Sample({STEP: sum(milliseconds), **dict(zip(PARTS, milliseconds, strict=True))}, {"losses": losses})


def with_ours() -> Sample:
    from autograd_tiny import Value

    return time_steps(Value)


def with_the_baseline() -> Sample:
    from ..peers.plain_value import Value

    return time_steps(Value)


def remarks(outcomes: Outcomes) -> list[str]:
    return [
        f"One word of {len(WORD)} letters, {WORD!r}: 60,177 operations on 4,192 parameters (ours; where - and / are "
        f"made of others, as in micrograd, some more). Means of {STEPS} steps after an untimed one; a step is the sum "
        "of its four parts.",
        *agreement(outcomes, "losses", BASELINE),
    ]


GPT_STEP = Workload(
    name="gpt",
    title="GPT on scalars: a training step",
    contenders=[
        Contender(BASELINE, with_the_baseline),
        *(Contender(engine.name, with_ours, engine.package, engine.environment) for engine in (PLAIN, COMPILED)),
    ],
    quantities=dict.fromkeys((STEP, *PARTS), "{:.2f} ms"),
    peer=BASELINE,
    goals=[times_less(COMPILED.name, STEP, 25, BASELINE)],
    rounds=5,
    notes=remarks,
)
