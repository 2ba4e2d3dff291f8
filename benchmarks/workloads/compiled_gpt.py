"""The GPT of `examples/gpt.py`, compiled: a word's forward and backward, and a thousand steps of training.

A word of 15 letters and the mark before it fill the model's context of 16. The pass of the class of Python objects,
`peers.plain_value`, is that of `gpt_step`, without the update.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Any

from ..engines import COMPILED
from ..goals import at_most, times_less, times_more
from ..harness import ONE_THREAD, Contender, Outcomes, Sample, Workload
from ..peers import array_nets
from .gpt_step import BASELINE
from .replay import NUMPY, OURS, PASS, by_arrays, in_rows, ours, time_passes, workload

WORDS = ("cats", "rainbow", "snowboarder", "abcdefghijklmno")
STEPS = 1000
TRAINING = f"{STEPS:,} steps"
EAGER = "eager"


def with_ours(word: str) -> Sample:
    from examples.gpt import GPT, tokens_of

    model = GPT()
    return ours(model.loss, model.parameters(), (tokens_of(word),), False)


def with_numpy(word: str) -> Sample:
    import numpy as np

    from examples.gpt import GPT, tokens_of

    weights = [np.array([[p.data for p in row] for row in matrix]) for matrix in vars(GPT()).values()]
    return by_arrays(array_nets.gpt(weights, tokens_of(word)), in_rows)


def with_the_baseline(word: str) -> Sample:
    from examples.gpt import GPT, tokens_of

    from ..peers.plain_value import Value

    model, tokens = GPT(Value), tokens_of(word)
    parameters = model.parameters()

    def run() -> None:
        for parameter in parameters:
            parameter.grad = 0.0
        model.loss(tokens).backward()

    run()
    found = [float(parameter.grad) for parameter in parameters]
    return time_passes(run, gradients=found)


def train(*options: str) -> Sample:
    """Seconds that the example takes, all but the start of Python and its imports: words, model, samples included."""
    import contextlib
    import io

    from examples.gpt import main

    out = io.StringIO()
    start = perf_counter()
    with contextlib.redirect_stdout(out):
        main(["--steps", str(STEPS), *options])
    seconds = perf_counter() - start
    lines = out.getvalue().splitlines()
    return Sample({TRAINING: seconds}, {"losses": lines[1:-1], "words": lines[-1]})


def training_remarks(outcomes: Outcomes) -> list[str]:
    notes = ["The whole example: reading the words, compiling for 13 lengths of word, training, making words up."]
    for name, outcome in outcomes.items():
        notes += [f"{name}: {s.facts['losses'][-1]}; {s.facts['words']}." for s in outcome.samples[-1:]]
    return notes


def word_workload(word: str) -> Workload:
    runs: dict[str, Callable[[], Any]] = {
        NUMPY: lambda: with_numpy(word),
        BASELINE: lambda: with_the_baseline(word),
        OURS: lambda: with_ours(word),
    }
    goals = [times_more(OURS, PASS, 1.0, NUMPY), times_less(OURS, PASS, 400, BASELINE)]
    return workload(f"compiled-gpt-{len(word)}", f"Compiled: GPT, a word of {len(word)} letters", runs, goals)


COMPILED_GPT: Sequence[Workload] = (
    *map(word_workload, WORDS),
    Workload(
        name="gpt-training",
        title=f"GPT: {STEPS:,} steps of examples/gpt.py",
        contenders=[
            Contender(EAGER, lambda: train("--eager"), COMPILED.package, {**COMPILED.environment, **ONE_THREAD}),
            Contender(OURS, train, COMPILED.package, {**COMPILED.environment, **ONE_THREAD}),
        ],
        quantities={TRAINING: "{:.2f} s"},
        peer=EAGER,
        goals=[at_most(OURS, TRAINING, 5, "{:.2f} s")],
        rounds=2,
        notes=training_remarks,
    ),
)
