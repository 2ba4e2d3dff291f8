"""Training the image classifier of `examples/image_classifier.py`: a full-batch iteration, and the memory it takes.

An iteration is forward, loss, backward and Adam's step, over 209 samples of 4,096 pixels, by `nn.fit`: with
``compile=False`` a graph for each, made and freed; with "auto", the default, a compiled program that is replayed. The
peer does the same by hand in numpy, without Adam's step for 32,785 weights left out.
"""

from __future__ import annotations

import resource
from time import perf_counter
from typing import Any, Literal

from ..engines import COMPILED, PLAIN
from ..goals import at_most, times_more
from ..harness import ONE_THREAD, Contender, Outcomes, Package, Sample, Workload
from ..peers.image_nets import HIDDEN, PIXELS, SAMPLES, draw, numpy_at_once

ITERATION, PEAK = "iteration", "peak memory of the process"
PLAIN_EAGER, EAGER, PROGRAM = f"{PLAIN.name}, eager", f"{COMPILED.name}, eager", f"{COMPILED.name}, program"
ITERATIONS = {"numpy": 100, PROGRAM: 100, EAGER: 10, PLAIN_EAGER: 1}
RATE = 0.001


def peak_megabytes() -> float:
    """What the process has occupied at most, libraries and data included (``ru_maxrss`` is in kilobytes on Linux)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


def with_numpy() -> Sample:
    import numpy as np

    data = draw()
    run = numpy_at_once(data)
    weights = [data.hidden, np.zeros(HIDDEN), data.output, np.zeros(1)]
    first, second = ([np.zeros_like(w) for w in weights] for _ in range(2))

    def iterate(step: int) -> None:
        for w, g, m, v in zip(weights, run(), first, second, strict=True):
            m += 0.1 * (g - m)
            v += 0.001 * (g * g - v)
            w -= RATE / (1 - 0.9**step) * m / (np.sqrt(v / (1 - 0.999**step)) + 1e-8)

    iterate(1)
    start = perf_counter()
    for step in range(ITERATIONS["numpy"]):
        iterate(step + 2)
    return Sample({ITERATION: (perf_counter() - start) * 1e3 / ITERATIONS["numpy"], PEAK: peak_megabytes()})


def with_ours(iterations: int, compile: bool | Literal["auto"]) -> Sample:
    import nn

    data = draw()
    model = nn.MLP(PIXELS, [HIDDEN, 1], seed=0, init="normal")
    optimizer = nn.Adam(model.parameters(), lr=RATE)

    def train(epochs: int) -> Any:
        return nn.fit(
            model, data.images, data.labels, loss="binary_cross_entropy_with_logits", optimizer=optimizer,
            epochs=epochs, batch_size=None, verbose=0, compile=compile,
        )  # fmt: skip

    start = perf_counter()
    train(1)
    middle = perf_counter()
    history = train(1 + iterations)
    seconds = (perf_counter() - middle) - (middle - start)  # the first of the second run costs what the first run did
    assert history.loss[-1] < history.loss[0]
    if (history.evaluation == "by a compiled program") is not bool(compile):
        raise RuntimeError(f"evaluated {history.evaluation}")
    return Sample({ITERATION: seconds * 1e3 / iterations, PEAK: peak_megabytes()})


def remarks(outcomes: Outcomes) -> list[str]:
    return [
        f"{SAMPLES} samples, {PIXELS}-{HIDDEN}-1, {HIDDEN * (PIXELS + 2) + 1:,} parameters, Adam, float64, one thread.",
        "An iteration of ours is the difference between two runs of fit, so that what a run does once is not in it.",
    ]


IMAGE_TRAINING = Workload(
    name="image-training",
    title="Image classifier: a full-batch iteration with Adam",
    contenders=[
        Contender("numpy", with_numpy, Package("numpy", "numpy"), ONE_THREAD),
        *(
            Contender(
                name,
                lambda count=ITERATIONS[name]: with_ours(count, False),  # type: ignore[misc]
                engine.package,
                {**engine.environment, **ONE_THREAD},
            )
            for engine, name in ((PLAIN, PLAIN_EAGER), (COMPILED, EAGER))
        ),
        Contender(
            PROGRAM,
            lambda: with_ours(ITERATIONS[PROGRAM], "auto"),
            COMPILED.package,
            {**COMPILED.environment, **ONE_THREAD},
        ),
    ],
    quantities={ITERATION: "{:,.2f} ms", PEAK: "{:,.0f} MB"},
    peer="numpy",
    goals=[
        at_most(EAGER, ITERATION, 80, "{:.1f} ms"),
        at_most(EAGER, PEAK, 600, "{:.0f} MB"),
        times_more(PROGRAM, ITERATION, 5, "numpy"),
        at_most(PROGRAM, PEAK, 600, "{:.0f} MB"),
    ],
    rounds=2,
    notes=remarks,
)
