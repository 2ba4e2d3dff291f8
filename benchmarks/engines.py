"""The scalar engines under comparison, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from . import kits
from .harness import ONE_THREAD, Contender, Package, Sample
from .kits import Kit


@dataclass(frozen=True)
class Engine:
    """A scalar engine: ``load`` imports it and gives its kit."""

    name: str
    load: Callable[[], Kit]
    package: Package
    environment: Mapping[str, str] = field(default_factory=dict)

    def contender(self, work: Callable[[Kit], Sample], *, deep: bool = False, name: str = "") -> Contender:
        """This engine doing ``work``, a function of its kit; the import stays outside what it times."""
        return Contender(name or self.name, lambda: work(self.load()), self.package, self.environment, deep)


def ours(name: str, engine: str) -> Engine:
    """One of our own engines, as its environment variable selects it."""
    package = Package("autograd_tiny", "-e .")
    return Engine(name, lambda: kits.autograd_tiny(engine), package, {"AUTOGRAD_TINY_ENGINE": engine})


COMPILED = ours("autograd_tiny, compiled", "compiled")
PLAIN = ours("autograd_tiny, plain", "python")
MICROGRAD = Engine("micrograd", kits.micrograd, Package("micrograd", "micrograd==0.1.0"))
XAD = Engine("XAD", kits.xad, Package("xad", "xad"))
TORCH = Engine(
    "PyTorch scalars",
    kits.torch_scalars,
    Package("torch", "torch --index-url https://download.pytorch.org/whl/cpu"),
    ONE_THREAD,
)
