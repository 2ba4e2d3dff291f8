"""A GPT whose every number is a `Value`: it learns to spell, one word a step, and then makes words up.

    python examples/gpt.py

A token is a letter, or the mark that both begins and ends a word. One layer, as in GPT-2 but with RMSNorm for
LayerNorm, ReLU for GELU and no biases: attention with 4 heads, then a multi-layer perceptron, each added to what
came in. 4,192 parameters. A word of 7 letters is a graph of 60,000 operations, and nothing here knows
a derivative or a matrix. `autograd_tiny.compile` records that graph once for each length of word, finds the matrix
products in it and replays them with numpy; ``--eager`` builds the graph anew for every word, and `backward` walks it.

The words are those in the names of Unicode's pictographs ("dolphin", "rainbow", "snowboarder"), 881 of them. Python
ships the names in `unicodedata`, and Unicode never changes one, so the list is the same everywhere.

After Andrej Karpathy's microgpt, which trains such a model on scalars. `GPT` takes any class with micrograd's
interface in place of ours: it needs ``+ - * / **``, ``exp``, ``log``, ``relu``, ``data``, ``grad`` and ``backward``.
Only ours can be compiled.
"""

from __future__ import annotations

import argparse
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from math import sqrt
from operator import mul
from random import Random
from time import perf_counter
from typing import Any

from autograd_tiny import Value, compile, maximum, select

Scalar = Any
"""A Value, of whichever class the model was made with."""
Vector = list[Scalar]
Matrix = list[Vector]

LETTERS = "abcdefghijklmnopqrstuvwxyz"
MARK = len(LETTERS)
"""The token that begins and ends a word."""
TOKENS = len(LETTERS) + 1
WIDTH, HEADS, CONTEXT = 16, 4, 16
HEAD_WIDTH = WIDTH // HEADS
FIRST, LAST = 0x1F300, 0x1F64F
"""Unicode's blocks of pictographs and of emoticons: without a gap, so that no later version adds to them."""


def read_words() -> list[str]:
    """The words of 3 letters and more in the pictographs' names, in alphabetical order."""
    names = [unicodedata.name(chr(code)).lower() for code in range(FIRST, LAST + 1)]
    return sorted({word for name in names for word in re.findall("[a-z]{3,}", name) if len(word) < CONTEXT})


def dot(x: Iterable[Scalar], y: Iterable[Scalar]) -> Scalar:
    """The sum of the products. It starts from the first of them, so that no node adds 0."""
    products = map(mul, x, y)
    return sum(products, next(products))


def linear(matrix: Iterable[Iterable[Scalar]], x: Vector) -> Vector:
    """``matrix`` times ``x``."""
    return [dot(row, x) for row in matrix]


def add(x: Vector, y: Vector) -> Vector:
    return [xi + yi for xi, yi in zip(x, y, strict=True)]


def normalized(x: Vector) -> Vector:
    """``x`` scaled to a mean square of 1 (RMSNorm, Zhang and Sennrich 2019, with no gains to learn)."""
    scale = (dot(x, x) / len(x) + 1e-5) ** -0.5
    return [xi * scale for xi in x]


def largest(scores: Vector) -> Scalar:
    """The largest score, without a gradient; of Values a node, which a compiled program computes anew."""
    if isinstance(scores[0], Value):
        return maximum(scores).detach()
    return max(score.data for score in scores)


def softmax(scores: Vector) -> Vector:
    """Probabilities in proportion to e^score. The largest score is taken off first, lest an exponential overflow."""
    top = largest(scores)
    exponentials = [(score - top).exp() for score in scores]
    total = sum(exponentials[1:], exponentials[0])
    return [e / total for e in exponentials]


def tokens_of(word: str) -> list[int]:
    """The letters' numbers, between two marks."""
    if not 0 < len(word) < CONTEXT:
        raise ValueError(f"{word!r} has {len(word)} letters: expected 1 to {CONTEXT - 1}")
    return [MARK, *map(LETTERS.index, word), MARK]


class Past:
    """The keys and values of the letters so far: what attention looks back on."""

    def __init__(self) -> None:
        self.keys: Matrix = []
        self.values: Matrix = []


class GPT:
    """The model: what comes after a letter, given those before it. ``make`` turns a float into a leaf."""

    def __init__(self, make: Callable[[float], Scalar] = Value, seed: int = 0) -> None:
        random = Random(seed)

        def matrix(rows: int, columns: int) -> Matrix:
            return [[make(random.gauss(0.0, 0.08)) for _ in range(columns)] for _ in range(rows)]

        self.letters, self.places = matrix(TOKENS, WIDTH), matrix(CONTEXT, WIDTH)
        self.query, self.key, self.value, self.blend = (matrix(WIDTH, WIDTH) for _ in range(4))
        self.widen, self.narrow = matrix(4 * WIDTH, WIDTH), matrix(WIDTH, 4 * WIDTH)
        self.read_out = matrix(TOKENS, WIDTH)

    def parameters(self) -> Vector:
        """Every leaf, in the order in which they were drawn."""
        return [leaf for matrix in vars(self).values() for row in matrix for leaf in row]

    def next_scores(self, token: int | Value, past: Past) -> Vector:
        """A score for each token to follow ``token``, which joins the ``past``."""
        x = add(select(self.letters, token), self.places[len(past.keys)])
        x = add(x, self.attend(normalized(x), past))
        hidden = [h.relu() for h in linear(self.widen, normalized(x))]
        x = add(x, linear(self.narrow, hidden))
        return linear(self.read_out, normalized(x))

    def attend(self, x: Vector, past: Past) -> Vector:
        """Each head's average of the values so far, weighed by how well their keys fit the query; blended."""
        query = linear(self.query, x)
        past.keys.append(linear(self.key, x))
        past.values.append(linear(self.value, x))
        found: Vector = []
        for start in range(0, WIDTH, HEAD_WIDTH):
            part = slice(start, start + HEAD_WIDTH)
            fits = [dot(key[part], query[part]) * HEAD_WIDTH**-0.5 for key in past.keys]
            found += linear(zip(*(value[part] for value in past.values), strict=True), softmax(fits))
        return linear(self.blend, found)

    def loss(self, tokens: Sequence[int | Value]) -> Scalar:
        """The mean, over all tokens but the first, of minus the log-probability that the model gives the right one."""
        past = Past()
        logs = [
            select(softmax(self.next_scores(token, past)), following).log() for token, following in pairwise(tokens)
        ]
        return -sum(logs[1:], logs[0]) / len(logs)

    def invent(self, random: Random, temperature: float = 0.6) -> str:
        """A word drawn letter by letter; the lower the temperature, the likelier the letters."""
        past, token, word = Past(), MARK, ""
        while len(word) < CONTEXT:
            chances = softmax([score / temperature for score in self.next_scores(token, past)])
            token = random.choices(range(TOKENS), [chance.data for chance in chances])[0]
            if token == MARK:
                break
            word += LETTERS[token]
        return word


class Adam:
    """Adam (Kingma and Ba 2015): a step along the mean gradient, over the root of the mean squared gradient.

    Both means run from 0, and are too small at first; the rate makes up for it, as in the end of section 2 there.
    """

    def __init__(self, parameters: Sequence[Scalar], rate: float = 0.01) -> None:
        self.parameters, self.rate = parameters, rate
        self.means = self.squares = [0.0] * len(parameters)
        self.steps = 0

    def step(self, beta: float = 0.9, gamma: float = 0.99) -> None:
        """Move every parameter and set its gradient back to 0."""
        self.steps += 1
        rate = self.rate * sqrt(1.0 - gamma**self.steps) / (1.0 - beta**self.steps)
        new, newly = 1.0 - beta, 1.0 - gamma
        gradients = [parameter.grad for parameter in self.parameters]
        self.means = [m + new * (g - m) for m, g in zip(self.means, gradients, strict=True)]
        self.squares = [s + newly * (g * g - s) for s, g in zip(self.squares, gradients, strict=True)]
        for parameter, m, s in zip(self.parameters, self.means, self.squares, strict=True):
            parameter.data -= rate * m / (sqrt(s) + 1e-8)
            parameter.grad = 0.0


def train_step(model: GPT, optimizer: Adam, word: str, program: Any = None) -> float:
    """Forward, backward and update on one word; its loss before the update. ``program`` is ``compile(model.loss)``."""
    tokens = tokens_of(word)
    if program is not None:
        loss = program.backward(tokens)
    else:
        graph = model.loss(tokens)
        graph.backward()
        loss = graph.data
    optimizer.step()
    return float(loss)


def new_words(model: GPT, known: Iterable[str], random: Random, count: int = 10) -> list[str]:
    """Words that the model makes up and was not trained on; fewer than ``count`` if it has hardly any."""
    seen, found = set(known), list[str]()
    for _ in range(20 * count):
        word = model.invent(random)
        if len(word) > 2 and word not in seen:
            seen.add(word)
            found.append(word)
        if len(found) == count:
            break
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Train a small GPT on scalar Values, and let it make words up.")
    parser.add_argument("--steps", type=int, default=1000, help="words to train on (default 1000)")
    parser.add_argument("--seed", type=int, default=0, help="for weights, order of words and sampling (default 0)")
    parser.add_argument("--eager", action="store_true", help="a new graph for every word; needs no numpy")
    chosen = parser.parse_args(arguments)

    random, words, model = Random(chosen.seed), read_words(), GPT(seed=chosen.seed)
    optimizer = Adam(model.parameters())
    print(f"{len(words)} words, {len(optimizer.parameters):,} parameters")
    start, recent = perf_counter(), list[float]()
    program = None if chosen.eager else compile(model.loss, parameters=optimizer.parameters)
    for step in range(1, chosen.steps + 1):
        recent.append(train_step(model, optimizer, random.choice(words), program))
        if step % 100 == 0 or step == chosen.steps:
            print(f"step {step}: mean loss {sum(recent) / len(recent):.3f} ({perf_counter() - start:.1f} s)")
            recent.clear()
    print("made up:", ", ".join(new_words(model, words, random)))


if __name__ == "__main__":
    main()
