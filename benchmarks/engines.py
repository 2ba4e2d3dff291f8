"""The scalar engines under comparison, each a way to get a `Value` class with ``+ * tanh`` and ``backward``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import tanh
from typing import Any

from .harness import Contender, Package, Sample

MICROGRAD = "micrograd"
PLAIN = "autograd_tiny, plain"
MICROGRAD_PACKAGE = Package("micrograd", "micrograd==0.1.0")


@dataclass(frozen=True)
class Engine:
    """A scalar engine: ``load`` imports it and gives its value class."""

    name: str
    load: Callable[[], Any]
    package: Package
    environment: Mapping[str, str] = field(default_factory=dict)

    def contender(self, work: Callable[[Any], Sample], *, deep: bool) -> Contender:
        """This engine doing ``work``, a function of the value class; the import stays outside what it times."""
        return Contender(self.name, lambda: work(self.load()), self.package, self.environment, deep)


def micrograd() -> Any:
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
    return Value


def autograd_tiny(engine: str) -> Any:
    """Our Value; an error if not the ``engine`` asked for is the one that runs."""
    import autograd_tiny

    if autograd_tiny.engine != engine:
        raise RuntimeError(f"asked for the {engine} engine, got the {autograd_tiny.engine} one")
    return autograd_tiny.Value


def ours(name: str, engine: str) -> Engine:
    """One of our own engines, as its environment variable selects it."""
    package = Package("autograd_tiny", "-e .")
    return Engine(name, lambda: autograd_tiny(engine), package, {"AUTOGRAD_TINY_ENGINE": engine})


ENGINES = (
    Engine(MICROGRAD, micrograd, MICROGRAD_PACKAGE),
    ours(PLAIN, "python"),
)
