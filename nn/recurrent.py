"""`RNN`, `GRU`, `LSTM`: a state that is carried along a sequence, one step a line of scalars.

PyTorch's names, shapes and order of gates: ``weight_ih_l0`` is gates × inputs, ``weight_hh_l0`` gates × hidden, and
each has a bias. One layer, one direction, one sequence at a time; a compiled function finds the matrices.

>>> rnn = RNN(2, 3, seed=0)
>>> outputs, last = rnn([[1.0, 0.5], [0.0, -1.0], [0.5, 0.5]])
>>> len(outputs), len(last), outputs[-1] == last, [*rnn.state_dict()]
(3, 3, True, ['weight_ih_l0', 'weight_hh_l0', 'bias_ih_l0', 'bias_hh_l0'])
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd_tiny import Value, dot, scan, sigmoid, tanh

from . import settings
from .initialization import Generator, generator
from .module import Module

Vector = Sequence[Any]

LONG = 100
"""From so many elements on a compiled function has the sequence as a loop: it compiles in the time of one step. Shorter
ones run faster written out, where the products of all steps are one."""


class Recurrent(Module):
    """What the three share: weights of ``gates`` rows for each hidden number, small and random, and the loop."""

    gates = 1

    def __init__(self, inputs: int, hidden: int, *, seed: int | Generator | None = None) -> None:
        settings.whole(f"{type(self).__name__}(inputs)", inputs)
        settings.whole(f"{type(self).__name__}(hidden)", hidden)
        rng, bound, rows = generator(seed), hidden**-0.5, self.gates * hidden

        def drawn() -> Value:
            return Value(rng.uniform(-bound, bound))

        self.inputs, self.hidden = inputs, hidden
        self.weight_ih_l0 = [[drawn() for _ in range(inputs)] for _ in range(rows)]
        self.weight_hh_l0 = [[drawn() for _ in range(hidden)] for _ in range(rows)]
        self.bias_ih_l0 = [drawn() for _ in range(rows)]
        self.bias_hh_l0 = [drawn() for _ in range(rows)]

    def __call__(self, xs: Sequence[Vector], state: Any = None) -> tuple[list[list[Any]], Any]:
        """The hidden numbers after each element of the sequence, and the last state, from which a call may go on."""
        state = self.start() if state is None else state
        for x in xs:
            if len(x) != self.inputs:
                raise ValueError(
                    f"{type(self).__name__}({self.inputs}, {self.hidden}) got an element of {len(x)} numbers: expected "
                    f"a sequence of vectors of {self.inputs}"
                )
        if len(xs) >= LONG:
            state, outputs = scan(self._scanned, state, xs)
            return outputs, state
        outputs = []
        for x in xs:
            state = self.step(x, state)
            outputs.append(self.shown(state))
        return outputs, state

    def _scanned(self, state: Any, x: Vector) -> tuple[Any, list[Any]]:
        state = self.step(x, state)
        return state, self.shown(state)

    def start(self) -> Any:
        """The state before the first element: zeros."""
        return [0.0] * self.hidden

    def shown(self, state: Any) -> list[Any]:
        """The hidden numbers of a state."""
        return state  # type: ignore[no-any-return]

    def step(self, x: Vector, state: Any) -> Any:
        """The state after one more element."""
        raise NotImplementedError

    def parts(self, x: Vector, h: Vector) -> tuple[list[list[Any]], list[list[Any]]]:
        """For each gate what comes from the input, and what from the state."""
        of_x = [dot(row, x) + b for row, b in zip(self.weight_ih_l0, self.bias_ih_l0, strict=True)]
        of_h = [dot(row, h) + b for row, b in zip(self.weight_hh_l0, self.bias_hh_l0, strict=True)]
        n = self.hidden
        cuts = [slice(i * n, (i + 1) * n) for i in range(self.gates)]
        return [of_x[cut] for cut in cuts], [of_h[cut] for cut in cuts]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.inputs}, {self.hidden}), {self._size()}"


class RNN(Recurrent):
    """h' = tanh(W x + b + U h + c)."""

    def step(self, x: Vector, state: Any) -> Any:
        (of_x,), (of_h,) = self.parts(x, state)
        return [tanh(a + b) for a, b in zip(of_x, of_h, strict=True)]


class GRU(Recurrent):
    """A gated recurrent unit: r and z are gates, n what is new, h' = (1 − z) n + z h.

    Source: K. Cho and others (2014), as PyTorch has it: n = tanh(W x + b + r (U h + c)).
    """

    gates = 3

    def step(self, x: Vector, state: Any) -> Any:
        of_x, of_h = self.parts(x, state)
        r, z = ([sigmoid(a + b) for a, b in zip(of_x[i], of_h[i], strict=True)] for i in (0, 1))
        new = [tanh(a + gate * b) for a, gate, b in zip(of_x[2], r, of_h[2], strict=True)]
        return [(1.0 - gate) * n + gate * h for gate, n, h in zip(z, new, state, strict=True)]


class LSTM(Recurrent):
    """Long short-term memory: gates i, f, o and what is new, g; c' = f c + i g, h' = o tanh c'. The state is (h, c).

    Source: S. Hochreiter, J. Schmidhuber, Neural Computation 9 (1997) 1735.
    """

    gates = 4

    def start(self) -> Any:
        return [0.0] * self.hidden, [0.0] * self.hidden

    def shown(self, state: Any) -> list[Any]:
        return state[0]  # type: ignore[no-any-return]

    def step(self, x: Vector, state: Any) -> Any:
        h, c = state
        both = [[a + b for a, b in zip(*gate, strict=True)] for gate in zip(*self.parts(x, h), strict=True)]
        i, f, g, o = ([(tanh if k == 2 else sigmoid)(a) for a in gate] for k, gate in enumerate(both))
        kept = [forget * old + let * new for forget, old, let, new in zip(f, c, i, g, strict=True)]
        return [out * tanh(x) for out, x in zip(o, kept, strict=True)], kept
