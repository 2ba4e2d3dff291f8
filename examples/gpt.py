"""A GPT whose every number is a `Value`: it learns to spell, one word a step, and then makes words up.

    python examples/gpt.py --steps 200

A token is a letter, or the mark that both begins and ends a word. One layer, as in GPT-2 but with RMSNorm for
LayerNorm, ReLU for GELU and no biases: attention with 4 heads, then a multi-layer perceptron, each added to what
came in. 4,192 parameters. A word of 7 letters is a graph of 60,000 operations, and nothing here knows
a derivative: `backward` walks that graph.

The words are those in the names of Unicode's pictographs ("dolphin", "rainbow", "snowboarder"), 881 of them. Python
ships the names in `unicodedata`, and Unicode never changes one, so the list is the same everywhere.

After Andrej Karpathy's microgpt, which trains such a model on scalars. `GPT` takes any class with micrograd's
interface in place of ours: it needs ``+ - * / **``, ``exp``, ``log``, ``relu``, ``data``, ``grad`` and ``backward``.
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

from autograd_tiny import Value

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


def softmax(scores: Vector) -> Vector:
    """Probabilities in proportion to e^score. The largest score is taken off first, lest an exponential overflow."""
    top = max(score.data for score in scores)
    exponentials = [(score - top).exp() for score in scores]
    total = sum(exponentials[1:], exponentials[0])
    return [e / total for e in exponentials]


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

    def next_scores(self, token: int, past: Past) -> Vector:
        """A score for each token to follow ``token``, which joins the ``past``."""
        x = add(self.letters[token], self.places[len(past.keys)])
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

    def loss(self, word: str) -> Scalar:
        """The mean, over the letters and the end, of minus the log-probability that the model gives the right one."""
        if not 0 < len(word) < CONTEXT:
            raise ValueError(f"loss got {word!r}, of {len(word)} letters: expected 1 to {CONTEXT - 1}")
        tokens = [MARK, *map(LETTERS.index, word), MARK]
        past = Past()
        logs = [softmax(self.next_scores(token, past))[following].log() for token, following in pairwise(tokens)]
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


def train_step(model: GPT, optimizer: Adam, word: str) -> float:
    """Forward, backward and update on one word; its loss before the update."""
    loss = model.loss(word)
    loss.backward()
    optimizer.step()
    return float(loss.data)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Train a small GPT on scalar Values, and let it make words up.")
    parser.add_argument("--steps", type=int, default=200, help="words to train on (default 200)")
    parser.add_argument("--seed", type=int, default=0, help="for weights, order of words and sampling (default 0)")
    chosen = parser.parse_args(arguments)

    random, words, model = Random(chosen.seed), read_words(), GPT(seed=chosen.seed)
    optimizer = Adam(model.parameters())
    print(f"{len(words)} words, {len(optimizer.parameters):,} parameters")
    start, recent = perf_counter(), [0.0] * 0
    for step in range(1, chosen.steps + 1):
        recent.append(train_step(model, optimizer, random.choice(words)))
        if step % 20 == 0 or step == chosen.steps:
            print(f"step {step}: mean loss {sum(recent) / len(recent):.3f} ({perf_counter() - start:.1f} s)")
            recent.clear()
    print("made up:", ", ".join(model.invent(random) for _ in range(10)))


if __name__ == "__main__":
    main()
