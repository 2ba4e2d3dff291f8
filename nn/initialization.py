"""Where weights start: a rule by name, a number for all, or a function of your own. Biases start at 0.

A rule is ``rule(rng, inputs, outputs) -> float``, one weight of a layer of ``outputs`` neurons that see ``inputs``
numbers each. Weights that start equal get equal gradients and stay equal: that is why they are drawn.

>>> rng = generator(0)
>>> round(initializer("xavier")(rng, 100, 50), 3), initializer(0.5)(rng, 100, 50)
(0.138, 0.5)
>>> sorted(RULES)
['he', 'he_normal', 'he_uniform', 'normal', 'uniform', 'xavier', 'xavier_normal', 'xavier_uniform', 'zeros']
"""

from __future__ import annotations

import math
import operator
import random
from collections.abc import Callable
from typing import Any, Protocol

from autograd_tiny.core.operands import finite_float, is_number
from autograd_tiny.errors import article, did_you_mean, shorten


class Generator(Protocol):
    """What initial weights are drawn with: the ``random`` module, or a `random.Random`."""

    def uniform(self, a: float, b: float, /) -> float: ...

    def gauss(self, mu: float, sigma: float, /) -> float: ...


Rule = Callable[[Generator, int, int], float]


def generator(seed: int | Generator | None) -> Generator:
    """A generator of its own for a seed; Python's global ``random`` (and so ``random.seed``) for None."""
    if seed is None:
        return random
    if hasattr(seed, "uniform"):
        return seed  # type: ignore[return-value]
    try:
        return random.Random(operator.index(seed))
    except TypeError:
        got = f"{shorten(seed)}, {article(type(seed).__name__)}"
        raise TypeError(f"seed got {got}: expected a whole number, a random.Random or None") from None


def initial_bound(inputs: int) -> float:
    """Weights start uniform in ±this: 1 up to 16 inputs, as in micrograd; beyond, 4/√inputs, so that the sum of
    a wide neuron starts no larger than that of a narrow one.
    """
    return min(1.0, 4.0 / math.sqrt(inputs))


def uniform(rng: Generator, inputs: int, outputs: int) -> float:
    """Uniform in ±min(1, 4/√inputs): micrograd's numbers, in micrograd's order, up to 16 inputs."""
    bound = initial_bound(inputs)
    return rng.uniform(-bound, bound)


def normal(rng: Generator, inputs: int, outputs: int) -> float:
    """Normal with standard deviation 0.01: the small random numbers of the source articles."""
    return rng.gauss(0.0, 0.01)


def xavier_uniform(rng: Generator, inputs: int, outputs: int) -> float:
    """Uniform in ±√(6 / (inputs + outputs)): for tanh and sigmoid. Glorot and Bengio (2010), equation 16."""
    bound = math.sqrt(6.0 / (inputs + outputs))
    return rng.uniform(-bound, bound)


def xavier_normal(rng: Generator, inputs: int, outputs: int) -> float:
    """Normal with variance 2 / (inputs + outputs): the same variance. Glorot and Bengio (2010), equation 12."""
    return rng.gauss(0.0, math.sqrt(2.0 / (inputs + outputs)))


def he_normal(rng: Generator, inputs: int, outputs: int) -> float:
    """Normal with variance 2 / inputs: for ReLU, which passes half. He, Zhang, Ren and Sun (2015), equation 10."""
    return rng.gauss(0.0, math.sqrt(2.0 / inputs))


def he_uniform(rng: Generator, inputs: int, outputs: int) -> float:
    """Uniform in ±√(6 / inputs), whose variance is 2 / inputs: `he_normal`'s. He, Zhang, Ren and Sun (2015)."""
    bound = math.sqrt(6.0 / inputs)
    return rng.uniform(-bound, bound)


def zeros(rng: Generator, inputs: int, outputs: int) -> float:
    """0: fine for a single neuron; the neurons of a hidden layer would stay equal for ever."""
    return 0.0


RULES: dict[str, Rule] = {
    "uniform": uniform,
    "normal": normal,
    "xavier": xavier_uniform,
    "xavier_uniform": xavier_uniform,
    "xavier_normal": xavier_normal,
    "he": he_normal,
    "he_normal": he_normal,
    "he_uniform": he_uniform,
    "zeros": zeros,
}


def initializer(given: str | float | Rule) -> Rule:
    """The rule of a name, for a number or of a function; an error naming the nearest name otherwise."""
    if isinstance(given, str):
        if given in RULES:
            return RULES[given]
        known = given.lower().replace("glorot", "xavier").replace("kaiming", "he")  # the same by their other names
        hint = did_you_mean(known, RULES, f"choose one of {', '.join(RULES)}, a number or a function")
        raise ValueError(f"unknown init {given!r}: {hint}")
    if is_number(given) and not isinstance(given, bool):
        number = finite_float(given, "init")
        return lambda rng, inputs, outputs: number
    if not callable(given):
        raise TypeError(
            f"init got {shorten(given)}, {article(type(given).__name__)}: "
            "expected a name such as 'xavier', a number, or a function of (rng, inputs, outputs)"
        )
    return lambda rng, inputs, outputs: _checked(given, rng, inputs, outputs)


def _checked(rule: Any, rng: Generator, inputs: int, outputs: int) -> float:
    """The rule's number; an error that names the rule if it is none."""
    return finite_float(rule(rng, inputs, outputs), f"a weight, from init={getattr(rule, '__name__', shorten(rule))},")
