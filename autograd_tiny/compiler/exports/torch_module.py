"""A program as a module of PyTorch: its parameters are the program's, and torch's autograd differentiates it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import AutogradError
from ..record.graph import Ints
from .libraries import Library
from .straight import straight
from .tensors import Straight
from .walk import walk

if TYPE_CHECKING:
    from ..program import Program


class TorchLibrary(Library):
    """PyTorch's tensors."""

    def __init__(self, torch: Any) -> None:
        super().__init__(torch, {"erf": torch.erf, "erfc": torch.erfc})

    def tensor(self, x: Any) -> Any:
        return self.library.tensor(x, dtype=self.library.float64) if isinstance(x, (int, float)) else x

    def array(self, index: Ints) -> Any:
        # A tensor without axes as an index would keep an axis that numpy drops.
        return int(index) if index.ndim == 0 else self.library.from_numpy(np.ascontiguousarray(index))

    def turned(self, x: Any, axes: list[int]) -> Any:
        return x.permute(axes)


def torch_module(program: Program) -> Any:
    """The module, in float64; what `Program.to_torch` gives. It takes batches, samples along the first axis."""
    try:
        import torch
    except ImportError:
        raise AutogradError("to_torch needs PyTorch: pip install 'autograd-tiny[torch]'") from None
    line = straight(program)

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

    Exported.__name__ = Exported.__qualname__ = line.name if line.name.isidentifier() else "Exported"
    return Exported()


def _run(module: Any, torch: Any, line: Straight, arguments: tuple[Any, ...]) -> Any:
    if len(arguments) != len(line.inputs):
        raise TypeError(f"{line.name} takes {', '.join(t.name for t in line.inputs) or 'no arguments'}")
    target = TorchLibrary(torch)
    known: dict[str, Any] = {t.name: getattr(module, t.name) for t in (*line.parameters, *line.constants)}
    for tensor, x in zip(line.inputs, arguments, strict=True):
        given = torch.as_tensor(x, dtype=torch.float64)
        target.samples = len(given)
        known[tensor.name] = given.reshape(len(given), *tensor.shape)
    return walk(line, target, known)
