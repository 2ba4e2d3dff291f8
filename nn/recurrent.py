"""`RNN`, `GRU`, `LSTM`: a state that is carried along a sequence, one step a line of scalars.

PyTorch's names, shapes and order of gates: ``weight_ih_l0`` is gates × inputs, ``weight_hh_l0`` gates × hidden, and
each has a bias. One sequence at a time; a compiled function finds the matrices.

>>> rnn = RNN(2, 3, seed=0)
>>> outputs, last = rnn([[1.0, 0.5], [0.0, -1.0], [0.5, 0.5]])
>>> len(outputs), len(last), outputs[-1] == last, [*rnn.state_dict()]
(3, 3, True, ['weight_ih_l0', 'weight_hh_l0', 'bias_ih_l0', 'bias_hh_l0'])
>>> both = LSTM(2, 3, num_layers=2, bidirectional=True, bias=False, seed=0)
>>> outputs, (h, c) = both([[1.0, 0.5], [0.0, -1.0]])
>>> len(outputs[0]), len(h), [*both.state_dict()][-1]
(6, 4, 'weight_hh_l1_reverse')
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd_tiny import Value, dot, scan, sigmoid, tanh
from autograd_tiny.derivatives.structure import flatten
from autograd_tiny.errors import shorten

from . import settings
from .initialization import Generator, generator
from .module import Module

Vector = Sequence[Any]

LONG = 100
"""From so many elements on a compiled function has the sequence as a loop: it compiles in the time of one step. Shorter
ones run faster written out, where the products of all steps are one."""


class Recurrent(Module):
    """What the three share: weights of ``gates`` rows for each hidden number, small and random, and the loop.

    ``num_layers`` of them, each reading the outputs of the one below; with ``bidirectional`` each has a second cell
    that reads the sequence from its end, and an output has the numbers of both. ``bias=False`` leaves the biases out.
    """

    gates = 1

    def __init__(self, inputs: int, hidden: int, num_layers: int = 1, *, bias: bool = True, bidirectional: bool = False,
                 seed: int | Generator | None = None) -> None:  # fmt: skip
        kind = type(self).__name__
        for name, size in (("inputs", inputs), ("hidden", hidden), ("num_layers", num_layers)):
            settings.whole(f"{kind}({name})", size)
        self.inputs, self.hidden, self.num_layers = inputs, hidden, num_layers
        self.bidirectional = settings.flag(f"{kind}(bidirectional)", bidirectional)
        self.bias = settings.flag(f"{kind}(bias)", bias)
        rng, bound, rows = generator(seed), hidden**-0.5, self.gates * hidden

        def drawn(columns: int) -> list[list[Value]]:
            return [[Value(rng.uniform(-bound, bound)) for _ in range(columns)] for _ in range(rows)]

        for layer in range(num_layers):
            for cell in self._of_layer(layer):
                setattr(self, f"weight_ih_{cell}", drawn(hidden * (1 + bidirectional) if layer else inputs))
                setattr(self, f"weight_hh_{cell}", drawn(hidden))
                if bias:
                    for of in ("ih", "hh"):
                        setattr(self, f"bias_{of}_{cell}", [x for [x] in drawn(1)])

    def _of_layer(self, layer: int) -> list[str]:
        """The names of its cells, as PyTorch has them in its parameters."""
        return [f"l{layer}", f"l{layer}_reverse"] if self.bidirectional else [f"l{layer}"]

    def __call__(self, xs: Sequence[Vector], state: Any = None) -> tuple[list[list[Any]], Any]:
        """The hidden numbers after each element of the sequence, and the last state, from which a call may go on.

        Of one cell the state is that of `start`; of several a list of theirs, for `LSTM` a list of h and one of c.
        """
        self._check(xs)
        states, last = iter(self._apart(state)), []
        outputs: Any = xs
        for layer in range(self.num_layers):
            found = []
            for cell in self._of_layer(layer):
                shown, kept = self._carried(outputs, next(states), cell)
                found.append(shown)
                last.append(kept)
            outputs = _side_by_side(found)
        return outputs, self._together(last)

    def _carried(self, xs: Sequence[Vector], state: Any, cell: str) -> tuple[list[list[Any]], Any]:
        """One cell along the sequence, from its end if it is one that does so."""
        backwards = cell.endswith("reverse")
        ordered = list(reversed(xs)) if backwards else xs
        if len(xs) >= LONG:
            state, outputs = scan(lambda state, x: self._scanned(state, x, cell), state, ordered)
        else:
            outputs = []
            for x in ordered:
                state = self.step(x, state, cell)
                outputs.append(self.shown(state))
        return list(reversed(outputs)) if backwards else outputs, state

    def _scanned(self, state: Any, x: Vector, cell: str) -> tuple[Any, list[Any]]:
        state = self.step(x, state, cell)
        return state, self.shown(state)

    def _apart(self, state: Any) -> list[Any]:
        """The state of each cell; those before the first element where none is given."""
        count, pair = self.num_layers * (1 + self.bidirectional), isinstance(self.start(), tuple)
        if state is None:
            return [self.start() for _ in range(count)]
        kept, start = flatten([state]), count * len(flatten([self.start()]))
        if len(kept) != start or (pair and len(state) != 2):
            shape = f"{count} × {self.hidden}" if count > 1 else f"{self.hidden}"
            raise ValueError(
                f"{self._title()} got a state of {len(kept)} numbers: expected {'h and c, each' if pair else 'h,'} "
                f"{shape}, as a call gives it beside the outputs"
            )
        if count == 1:
            return [state]
        return list(zip(*state, strict=True)) if pair else list(state)

    def _together(self, states: list[Any]) -> Any:
        if len(states) == 1:
            return states[0]
        return tuple(map(list, zip(*states, strict=True))) if isinstance(states[0], tuple) else states

    def _check(self, xs: Sequence[Vector]) -> None:
        for x in xs:
            if not hasattr(x, "__len__"):
                raise TypeError(f"{self._title()} got {shorten(x)} in a sequence: expected vectors of {self.inputs}")
            if len(x) != self.inputs:
                raise ValueError(
                    f"{self._title()} got an element of {len(x)} numbers: expected a sequence of vectors of "
                    f"{self.inputs}"
                )

    def start(self) -> Any:
        """The state of a cell before the first element: zeros."""
        return [0.0] * self.hidden

    def shown(self, state: Any) -> list[Any]:
        """The hidden numbers of a state."""
        return state  # type: ignore[no-any-return]

    def step(self, x: Vector, state: Any, cell: str = "l0") -> Any:
        """The state of a cell after one more element."""
        raise NotImplementedError

    def parts(self, x: Vector, h: Vector, cell: str) -> tuple[list[list[Any]], list[list[Any]]]:
        """For each gate what comes from the input, and what from the state."""
        n, found = self.hidden, []
        for kind, given in (("ih", x), ("hh", h)):
            sums = [dot(row, given) for row in getattr(self, f"weight_{kind}_{cell}")]
            if self.bias:
                sums = [a + b for a, b in zip(sums, getattr(self, f"bias_{kind}_{cell}"), strict=True)]
            found.append([sums[i * n : (i + 1) * n] for i in range(self.gates)])
        return found[0], found[1]

    def _title(self) -> str:
        more = [f", {self.num_layers}"] if self.num_layers > 1 else []
        more += [", bidirectional=True"] if self.bidirectional else []
        return f"{type(self).__name__}({self.inputs}, {self.hidden}{''.join(more)})"

    def __repr__(self) -> str:
        return f"{self._title()}, {self._size()}"


def _side_by_side(found: list[list[list[Any]]]) -> list[list[Any]]:
    """The outputs of the directions of one layer, element by element."""
    if len(found) == 1:
        return found[0]
    return [[*forth, *back] for forth, back in zip(*found, strict=True)]


class RNN(Recurrent):
    """h' = tanh(W x + b + U h + c)."""

    def step(self, x: Vector, state: Any, cell: str = "l0") -> Any:
        (of_x,), (of_h,) = self.parts(x, state, cell)
        return [tanh(a + b) for a, b in zip(of_x, of_h, strict=True)]


class GRU(Recurrent):
    """A gated recurrent unit: r and z are gates, n what is new, h' = (1 − z) n + z h.

    Source: K. Cho and others (2014), as PyTorch has it: n = tanh(W x + b + r (U h + c)).
    """

    gates = 3

    def step(self, x: Vector, state: Any, cell: str = "l0") -> Any:
        of_x, of_h = self.parts(x, state, cell)
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

    def step(self, x: Vector, state: Any, cell: str = "l0") -> Any:
        h, c = state
        both = [[a + b for a, b in zip(*gate, strict=True)] for gate in zip(*self.parts(x, h, cell), strict=True)]
        i, f, g, o = ([(tanh if k == 2 else sigmoid)(a) for a in gate] for k, gate in enumerate(both))
        kept = [forget * old + let * new for forget, old, let, new in zip(f, c, i, g, strict=True)]
        return [out * tanh(x) for out, x in zip(o, kept, strict=True)], kept
