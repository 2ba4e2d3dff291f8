"""A program as a module of PyTorch: its parameters are the program's, and torch's autograd differentiates it."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import AutogradError
from ..record.graph import Ints
from .libraries import Library, LibraryNamespace, pushed
from .straight import straight
from .tensors import Straight, Tensor
from .walk import walk

if TYPE_CHECKING:
    from ..program import Program


class TorchLibrary(Library):
    """PyTorch's tensors, numbers of the same kind and in the same place as ``like``."""

    def __init__(self, torch: Any, like: Any = None) -> None:
        functions = {"erf": torch.erf, "erfc": torch.erfc}
        super().__init__(torch, functions)
        self.namespace.differentiates(partial(_derived, torch), LibraryNamespace(torch, functions))
        self.kind = {"dtype": torch.float64} if like is None else {"dtype": like.dtype, "device": like.device}

    def tensor(self, x: Any) -> Any:
        return self.library.tensor(x, **self.kind) if isinstance(x, (int, float)) else x

    def array(self, index: Ints) -> Any:
        # A tensor without axes as an index would keep an axis that numpy drops.
        return int(index) if index.ndim == 0 else self.library.from_numpy(np.ascontiguousarray(index))

    def detached(self, x: Any) -> Any:
        return x.detach() if isinstance(x, self.library.Tensor) else x

    def turned(self, x: Any, axes: list[int]) -> Any:
        return x.permute(axes)


def _derived(torch: Any, value: Callable[..., Any], slopes: Callable[..., Any], operands: list[Any]) -> Any:
    """``value`` with derivatives of its own."""

    class Row(torch.autograd.Function):  # type: ignore[misc]
        generate_vmap_rule = True

        @staticmethod
        def forward(*given: Any) -> Any:
            return value(*given)

        @staticmethod
        def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
            ctx.save_for_backward(*inputs, output)
            ctx.save_for_forward(*inputs, output)

        @staticmethod
        def backward(ctx: Any, upstream: Any) -> Any:
            *given, y = ctx.saved_tensors
            wanted = ctx.needs_input_grad
            found: list[Any] = []
            for slope, want, x in zip(slopes(wanted, given, y), wanted, given, strict=True):
                if not want or (type(slope) is float and slope == 0.0):
                    found.append(None)
                else:
                    every = torch.broadcast_shapes(x.shape, upstream.shape)
                    found.append((slope * upstream).expand(every).sum_to_size(x.shape))
            return tuple(found)

        @staticmethod
        def jvp(ctx: Any, *tangents: Any) -> Any:
            *given, y = ctx.saved_tensors
            return pushed(torch, slopes([t is not None for t in tangents], given, y), tangents, y)

    return Row.apply(*operands)


def torch_module(program: Program) -> Any:
    """The module, in float64; what `Program.to_torch` gives. It takes batches, samples along the first axis."""
    return module_of(straight(program))


def module_of(line: Straight) -> Any:
    """The module for a straight line; what a pickled module is made with again."""
    try:
        import torch
    except ImportError:
        raise AutogradError("to_torch needs PyTorch: pip install 'autograd-tiny[torch]'") from None

    class Exported(torch.nn.Module):  # type: ignore[misc]
        """A program of autograd_tiny."""

        def __init__(self) -> None:
            super().__init__()
            for tensor in line.parameters:
                self.register_parameter(tensor.name, torch.nn.Parameter(torch.from_numpy(tensor.initial())))
            for tensor in line.constants:
                self.register_buffer(tensor.name, torch.tensor(tensor.numbers, dtype=torch.float64))

        def forward(self, *arguments: Any) -> Any:
            return _run(self, torch, line, arguments)

        def extra_repr(self) -> str:
            return ", ".join(f"{tensor.name} {list(line.shapes.get(tensor.name, ()))}" for tensor in line.inputs)

        def __deepcopy__(self, memo: dict[int, Any]) -> Any:
            copied = memo[id(self)] = object.__new__(type(self))
            copied.__dict__.update(deepcopy(self.__dict__, memo))
            return copied

        def __reduce__(self) -> tuple[Any, ...]:
            return module_of, (line,), self.__dict__

    Exported.__name__ = Exported.__qualname__ = line.name if line.name.isidentifier() else "Exported"
    return Exported()


def _run(module: Any, torch: Any, line: Straight, arguments: tuple[Any, ...]) -> Any:
    if len(arguments) != len(line.inputs):
        names = ", ".join(t.name for t in line.inputs) or "no arguments"
        raise TypeError(f"{line.name} takes {names}; got {len(arguments)} arguments")
    known: dict[str, Any] = {t.name: getattr(module, t.name) for t in (*line.parameters, *line.constants)}
    target = TorchLibrary(torch, next(iter(known.values()), None))
    given = dict(zip((t.name for t in line.inputs), arguments, strict=True))
    given = {name: torch.as_tensor(x, dtype=target.kind["dtype"]) for name, x in given.items()}
    counts = [len(_checked(line, t, given[t.name])) for t in line.inputs if t.name not in line.shared]
    if len({*counts}) > 1:
        raise ValueError(f"{line.name} got {' and '.join(map(str, counts))} samples: expected as many in each argument")
    target.samples = next(iter(counts), 1)
    for tensor in line.inputs:
        same = tensor.name in line.shared
        x = _checked(line, tensor, given[tensor.name], same).reshape(1 if same else -1, *tensor.shape)
        known[tensor.name] = x.expand(target.samples, *tensor.shape)
    return walk(line, target, known)


def _checked(line: Straight, tensor: Tensor, x: Any, same: bool = False) -> Any:
    """An argument, if it has as many numbers as it should."""
    shape, expected = tuple(x.shape), tuple(line.shapes.get(tensor.name, tensor.shape))
    if same and x.numel() != tensor.size:
        raise ValueError(
            f"{line.name} got {tensor.name} of shape {shape}: expected shape {expected}, the same for all samples"
        )
    if not same and (not shape or x[:1].numel() != tensor.size):
        raise ValueError(
            f"{line.name} got {tensor.name} of shape {shape}: expected samples of shape {expected} along a "
            "first axis, also for a single one"
        )
    return x
