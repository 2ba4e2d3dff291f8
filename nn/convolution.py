"""`Conv2d`, `MaxPool2d`: windows over an image, a list of channels, each a list of rows.

PyTorch's names, shapes and numbers: ``weight`` is outputs × inputs × height × width, and a cross-correlation.

>>> layer = Conv2d(1, 2, 3, seed=0)
>>> image = [[[float(i + j) for j in range(5)] for i in range(4)]]
>>> maps = layer(image)
>>> len(maps), len(maps[0]), len(maps[0][0]), len(MaxPool2d(2)(maps)[0])
(2, 2, 3, 1)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd_tiny import Value, dot, maximum

from . import settings
from .initialization import Generator, generator
from .module import Module

Image = Sequence[Sequence[Sequence[Any]]]


class Conv2d(Module):
    """``outputs`` filters of ``kernel`` × ``kernel`` over all channels, at every ``stride``-th place."""

    def __init__(self, inputs: int, outputs: int, kernel: int, *, stride: int = 1, padding: int = 0,
                 bias: bool = True, seed: int | Generator | None = None) -> None:  # fmt: skip
        for name, x in (("inputs", inputs), ("outputs", outputs), ("kernel", kernel), ("stride", stride)):
            settings.whole(f"Conv2d({name})", x)
        settings.count("Conv2d(padding)", padding)
        rng, bound = generator(seed), (inputs * kernel * kernel) ** -0.5

        def drawn() -> Value:
            return Value(rng.uniform(-bound, bound))

        self.kernel, self.stride, self.padding = kernel, stride, padding
        self.weight = [
            [[[drawn() for _ in range(kernel)] for _ in range(kernel)] for _ in range(inputs)] for _ in range(outputs)
        ]
        self.bias = [drawn() for _ in range(outputs)] if settings.flag("Conv2d(bias)", bias) else None

    def __call__(self, image: Image) -> list[list[list[Any]]]:
        if len(image) != len(self.weight[0]):
            raise ValueError(f"Conv2d of {len(self.weight[0])} channels got {len(image)}: expected a list of channels")
        _check(self, image)
        windows = _windows(_padded(image, self.padding), self.kernel, self.stride)
        flat = [[w for channel in kernel for row in channel for w in row] for kernel in self.weight]
        found = [[[dot(weights, window) for window in row] for row in windows] for weights in flat]
        if self.bias is None:
            return found
        return [[[x + b for x in row] for row in rows] for rows, b in zip(found, self.bias, strict=True)]

    def __repr__(self) -> str:
        return f"Conv2d({len(self.weight[0])}, {len(self.weight)}, {self.kernel}), {self._size()}"


class MaxPool2d(Module):
    """The largest number of each ``kernel`` × ``kernel`` window of each channel, windows side by side."""

    def __init__(self, kernel: int, stride: int | None = None) -> None:
        settings.whole("MaxPool2d(kernel)", kernel)
        self.kernel, self.stride = kernel, kernel if stride is None else settings.whole("MaxPool2d(stride)", stride)

    def __call__(self, image: Image) -> list[list[list[Any]]]:
        _check(self, image)
        return [
            [[maximum(window) for window in row] for row in _windows([channel], self.kernel, self.stride)]
            for channel in image
        ]

    def __repr__(self) -> str:
        return f"MaxPool2d({self.kernel})"


def _check(layer: Module, image: Any) -> None:
    """``TypeError`` or ``ValueError`` unless the image is channels of one size, each of rows of one length."""
    if not all(hasattr(row, "__len__") for channel in image if hasattr(channel, "__len__") for row in channel):
        raise TypeError(f"{layer._title()} got rows of numbers: expected channels, each a list of rows")
    shapes = [sorted({(len(channel), len(row)) for row in channel}) for channel in image]
    if any(len(shape) != 1 or shape != shapes[0] for shape in shapes):
        raise ValueError(f"{layer._title()} got channels or rows of unequal lengths: expected one size")


def _padded(image: Image, width: int) -> Image:
    """The image with a rim of zeros."""
    if not width:
        return image
    across = len(image[0][0]) + 2 * width
    rim = [[0.0] * across for _ in range(width)]
    return [[*rim, *([*[0.0] * width, *row, *[0.0] * width] for row in channel), *rim] for channel in image]


def _windows(image: Image, kernel: int, stride: int) -> list[list[list[Any]]]:
    """For each place the numbers under the window, channel by channel, row by row."""
    high, wide = len(image[0]), len(image[0][0])
    if kernel > high or kernel > wide:
        raise ValueError(f"a window of {kernel} × {kernel} got an image of {high} × {wide}: expected a larger one")
    return [
        [
            [x for channel in image for row in channel[i : i + kernel] for x in row[j : j + kernel]]
            for j in range(0, wide - kernel + 1, stride)
        ]
        for i in range(0, high - kernel + 1, stride)
    ]
