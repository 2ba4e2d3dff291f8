"""Compiled functions next to hand-written numpy: forward and backward of the same networks in one process each.

The scalar text is what `nn` or `examples.gpt` has; the program is made before the clock starts, and the notes say how
long that took. Parameters are in an array, as during training.
"""

from __future__ import annotations

import gc
import random
from collections.abc import Callable, Sequence
from statistics import median
from time import perf_counter
from typing import Any

from ..agreement import agreement
from ..engines import COMPILED, TORCH
from ..goals import Goal, times_more
from ..harness import ONE_THREAD, Contender, Outcomes, Package, Sample, Workload
from ..peers import array_nets, image_nets
from .micrograd_demo import SEED, SIZES, moons

PASS = "forward + backward"
NUMPY, OURS, UNROLLED, PYTORCH = "numpy", "compiled", "compiled, batch unrolled", "PyTorch"
ENOUGH = 0.5
WORDS = ("cats", "rainbow", "snowboarder", "abcdefghijklmno")
LIMIT = {OURS: 1e-8, UNROLLED: 1e-8, PYTORCH: 1e-6}
"""Of relative differences of gradients with hand-written derivatives, some of which are differences of near equals."""


def time_passes(run: Callable[[], Sequence[float]], **facts: Any) -> Sample:
    """Microseconds a pass, the median of half a second of them after two untimed ones; the gradients of the first."""
    found = [float(x) for x in run()]
    run()
    gc.collect()
    took: list[float] = []
    while sum(took) < ENOUGH:
        start = perf_counter()
        run()
        took.append(perf_counter() - start)
    return Sample({PASS: median(took) * 1e6}, {"gradients": found, **facts})


def ours(function: Callable[..., Any], parameters: list[Any], inputs: tuple[Any, ...], batch: bool) -> Sample:
    """A compiled function on its inputs; gradients in the order of ``parameters``."""
    import autograd_tiny as ad
    from autograd_tiny.core import topological_order

    graph = function(*[x[0] if batch else x for x in inputs])
    nodes = len(topological_order(graph))
    del graph
    program = ad.compile(function, parameters=parameters)
    start = perf_counter()
    program.value_and_grad(*inputs, batch=batch)
    compiling = perf_counter() - start
    if program.last is None or program.last.program is None:
        raise RuntimeError(program.explain())
    with program.hold():
        return time_passes(lambda: program.flat_value_and_grad(*inputs, batch=batch)[1], seconds=compiling, nodes=nodes)


def flat(arrays: Sequence[Any]) -> list[float]:
    """A layer's gradients neuron by neuron, weights then bias: weights and biases come in turn."""
    numbers: list[float] = []
    for weights, biases in zip(arrays[::2], arrays[1::2], strict=True):
        for row, bias in zip(weights, biases, strict=True):
            numbers += [*row.tolist(), float(bias)]
    return numbers


def weights_of(model: Any) -> list[Any]:
    import numpy as np

    found: list[Any] = []
    for layer in model.layers:
        found.append(np.array([[w.data for w in neuron.w] for neuron in layer.neurons]))
        found.append(np.array([neuron.b.data for neuron in layer.neurons]))
    return found


# The three kinds of work: each gives the model, the function, its inputs, and numpy's pass


def hinge() -> tuple[Any, Callable[..., Any], tuple[Any, Any], array_nets.Pass]:
    import numpy as np

    import nn

    random.seed(SEED)
    model = nn.MLP(2, SIZES)
    points, sides = (np.array(x, float) for x in moons())
    reference = array_nets.hinge_net(weights_of(model), points, sides)
    return model, lambda x, y: (1.0 - y * model(x)).relu(), (points, sides), reference


def digits() -> tuple[Any, Callable[..., Any], tuple[Any, Any], array_nets.Pass]:
    import numpy as np

    import autograd_tiny as ad
    import nn

    rng = np.random.default_rng(0)
    model = nn.MLP(64, [32, 10], ["sigmoid", "sigmoid"], seed=0)
    images, targets = rng.random((32, 64)), np.eye(10)[rng.integers(0, 10, 32)]
    reference = array_nets.sigmoid_net(weights_of(model), images, targets)
    loss = lambda x, t: ad.sum([(a - b) ** 2 for a, b in zip(model(x), t, strict=True)])
    return model, loss, (images, targets), reference


def hinge_ours() -> Sample:
    model, loss, inputs, _ = hinge()
    return ours(loss, model.parameters(), inputs, True)


def hinge_unrolled() -> Sample:
    model, loss, (points, sides), _ = hinge()
    samples = list(zip(points.tolist(), sides.tolist(), strict=True))

    def whole() -> Any:
        losses = [loss(x, y) for x, y in samples]
        return sum(losses[1:], losses[0]) * (1.0 / len(losses))

    return ours(whole, model.parameters(), (), False)


def hinge_numpy() -> Sample:
    run = hinge()[3]
    return _numpy(run, flat)


def digits_ours() -> Sample:
    model, loss, inputs, _ = digits()
    return ours(loss, model.parameters(), inputs, True)


def digits_numpy() -> Sample:
    return _numpy(digits()[3], flat)


def digits_torch() -> Sample:
    import torch
    from torch.nn.functional import linear

    torch.set_num_threads(1)
    model, _, inputs, _ = digits()
    images, targets = map(torch.from_numpy, inputs)
    weights = [torch.from_numpy(w).requires_grad_() for w in weights_of(model)]

    def run() -> Any:
        w1, b1, w2, b2 = weights
        out = torch.sigmoid(linear(torch.sigmoid(linear(images, w1, b1)), w2, b2))
        return torch.autograd.grad(((out - targets) ** 2).sum(1).mean(), weights)

    found = flat([g.numpy() for g in run()])
    return Sample(time_passes(lambda: [0.0] if run() is None else [1.0]).quantities, {"gradients": found})


def _numpy(run: array_nets.Pass, ordered: Callable[[Sequence[Any]], list[float]]) -> Sample:
    found = ordered(run()[1])
    return Sample(time_passes(lambda: [run()[0]]).quantities, {"gradients": found})


def images_ours() -> Sample:
    import nn

    data = image_nets.draw()
    model = nn.MLP(image_nets.PIXELS, [image_nets.HIDDEN, 1], ["relu", "sigmoid"])
    for neuron, weights in zip(model.layers[0].neurons, data.hidden.tolist(), strict=True):
        _set(neuron.w, weights)
    _set(model.layers[1].neurons[0].w, data.output.tolist())

    def loss(x: Any, t: Any) -> Any:
        p = model(x)
        return -(t * p.log() + (1.0 - t) * (1.0 - p).log())

    return ours(loss, model.parameters(), (data.images, data.labels), True)


def _set(parameters: list[Any], numbers: list[float]) -> None:
    for parameter, number in zip(parameters, numbers, strict=True):
        parameter.data = number


def images_peer(make: Callable[[image_nets.Data], image_nets.Pass]) -> Sample:
    from .images import in_our_order

    run = make(image_nets.draw())
    found = in_our_order(run())
    return Sample(time_passes(lambda: [0.0] if run() is None else [1.0]).quantities, {"gradients": found})


# The GPT


def gpt_parts() -> tuple[Any, Callable[..., Any], Callable[[str], list[int]]]:
    """The model of `examples.gpt`, its loss on tokens chosen by `select`, and the tokens of a word."""
    from itertools import pairwise

    import autograd_tiny as ad
    import examples.gpt as text

    model = text.GPT()

    def softmax(scores: Any) -> Any:  # the example's reads .data for the largest: recorded, it is a primitive
        top = ad.maximum(scores).detach()
        exponentials = [(score - top).exp() for score in scores]
        total = sum(exponentials[1:], exponentials[0])
        return [e / total for e in exponentials]

    class Rows(list[Any]):
        def __getitem__(self, i: Any) -> Any:
            return ad.select(list(self), i) if isinstance(i, ad.Value) else list.__getitem__(self, i)

    text.softmax = softmax
    parameters = model.parameters()
    model.letters = Rows(model.letters)

    def loss(tokens: Any) -> Any:
        past = text.Past()
        logs = [
            ad.select(softmax(model.next_scores(token, past)), following).log() for token, following in pairwise(tokens)
        ]
        return -sum(logs[1:], logs[0]) / len(logs)

    def tokens(word: str) -> list[int]:
        return [text.MARK, *map(text.LETTERS.index, word), text.MARK]

    model.ordered = parameters
    return model, loss, tokens


def gpt_ours(word: str) -> Sample:
    model, loss, tokens = gpt_parts()
    return ours(loss, model.ordered, (tokens(word),), False)


def gpt_numpy(word: str) -> Sample:
    import numpy as np

    model, _, tokens = gpt_parts()
    names = ("letters", "places", "query", "key", "value", "blend", "widen", "narrow", "read_out")
    weights = [np.array([[p.data for p in list.__iter__(row)] for row in getattr(model, name)]) for name in names]
    run = array_nets.gpt(weights, tokens(word))
    return _numpy(run, lambda arrays: [x for array in arrays for x in array.reshape(-1).tolist()])


def remarks(outcomes: Outcomes) -> list[str]:
    notes = ["Medians of half a second of passes."]
    for name, outcome in outcomes.items():
        facts = [sample.facts for sample in outcome.samples if "seconds" in sample.facts]
        if facts:
            spent = median(fact["seconds"] for fact in facts)
            notes.append(
                f"{name}: {facts[0]['nodes']:,} scalar nodes; {spent * 1e3:.1f} ms to record, compile and run once, "
                f"{spent * 1e6 / facts[0]['nodes']:.2f} µs a node."
            )
    return [*notes, *agreement(outcomes, "gradients", NUMPY, LIMIT)]


def workload(name: str, title: str, runs: dict[str, Callable[[], Sample]], goals: Sequence[Goal]) -> Workload:
    package = {NUMPY: Package("numpy", "numpy"), PYTORCH: TORCH.package}
    environment = {**COMPILED.environment, **ONE_THREAD}
    return Workload(
        name=name,
        title=title,
        contenders=[Contender(key, run, package.get(key), environment) for key, run in runs.items()],
        quantities={PASS: "{:,.1f} µs"},
        peer=NUMPY,
        goals=goals,
        rounds=5,
        notes=remarks,
    )


COMPILED_NETS: Sequence[Workload] = (
    workload(
        "compiled-demo",
        "Compiled: micrograd's demo, 100 samples",
        {NUMPY: hinge_numpy, OURS: hinge_ours, UNROLLED: hinge_unrolled},
        [times_more(OURS, PASS, 1.0, NUMPY), times_more(UNROLLED, PASS, 1.0, NUMPY)],
    ),
    workload(
        "compiled-digits",
        "Compiled: 64-32-10, batches of 32",
        {NUMPY: digits_numpy, PYTORCH: digits_torch, OURS: digits_ours},
        [times_more(OURS, PASS, 1.0, PYTORCH)],
    ),
    workload(
        "compiled-images",
        "Compiled: 4096-8-1, 209 samples",
        {
            NUMPY: lambda: images_peer(image_nets.numpy_at_once),
            PYTORCH: lambda: images_peer(image_nets.torch_at_once),
            OURS: images_ours,
        },
        [times_more(OURS, PASS, 1.2, NUMPY), times_more(OURS, PASS, 1.1, PYTORCH)],
    ),
    *(
        workload(
            f"compiled-gpt-{len(word)}",
            f"Compiled: GPT, a word of {len(word)} letters",
            {NUMPY: lambda word=word: gpt_numpy(word), OURS: lambda word=word: gpt_ours(word)},  # type: ignore[misc]
            [times_more(OURS, PASS, 1.0, NUMPY)],
        )
        for word in WORDS
    ),
)
