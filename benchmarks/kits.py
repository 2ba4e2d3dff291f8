"""What a workload needs of a scalar engine, and how each engine provides it: a `Kit`, made in the child.

Each function here imports its engine when it is called, so that no child holds another's modules.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import tanh
from typing import Any, NamedTuple


class Kit(NamedTuple):
    """``leaves`` of numbers, a ``tanh``, ``backward`` from a root, the ``grad`` of a leaf; operators are as ever."""

    leaves: Callable[[Sequence[float]], list[Any]]
    tanh: Callable[[Any], Any]
    backward: Callable[[Any], None]
    grad: Callable[[Any], float]


def of_class(value_class: Any) -> Kit:
    """The kit of a class with micrograd's interface."""
    return Kit(
        lambda numbers: [value_class(number) for number in numbers],
        value_class.tanh,
        lambda root: root.backward(),
        lambda leaf: float(leaf.grad),
    )


def autograd_tiny(engine: str) -> Kit:
    """Ours; an error if not the ``engine`` asked for is the one that runs."""
    import autograd_tiny

    if autograd_tiny.engine != engine:
        raise RuntimeError(f"asked for the {engine} engine, got the {autograd_tiny.engine} one")
    return of_class(autograd_tiny.Value)


def micrograd() -> Kit:
    """micrograd's Value, with a tanh.

    The released package has none. This is one in its own manner, a closure a node and ``1 - t*t`` for the
    derivative, as in Karpathy's lecture "The spelled-out intro to neural networks and backpropagation".
    """
    from micrograd.engine import Value  # type: ignore[import-untyped]

    def micrograd_tanh(self: Any) -> Any:
        t = tanh(self.data)
        out = Value(t, (self,), "tanh")

        def _backward() -> None:
            self.grad += (1 - t * t) * out.grad

        out._backward = _backward
        return out

    Value.tanh = micrograd_tanh
    return of_class(Value)


def xad() -> Kit:
    """XAD's active reals on one tape, which each graph's leaves rewind: the way its manual has it."""
    from xad.adj_1st import Real, Tape  # type: ignore[import-untyped]
    from xad.math import tanh as xad_tanh  # type: ignore[import-untyped]

    tape = Tape()
    tape.activate()

    def leaves(numbers: Sequence[float]) -> list[Any]:
        reals = [Real(number) for number in numbers]
        tape.registerInputs(reals)
        tape.newRecording()
        return reals

    def backward(root: Any) -> None:
        tape.registerOutput(root)
        root.derivative = 1.0
        tape.computeAdjoints()

    return Kit(leaves, xad_tanh, backward, lambda leaf: float(leaf.derivative))


def torch_scalars() -> Kit:
    """PyTorch's tensors of no dimensions, in double precision and on one thread."""
    import torch

    torch.set_num_threads(1)

    def leaves(numbers: Sequence[float]) -> list[Any]:
        return [torch.tensor(number, dtype=torch.float64, requires_grad=True) for number in numbers]

    return Kit(leaves, torch.tanh, lambda root: root.backward(), lambda leaf: float(leaf.grad.item()))
