"""A program as a function of JAX, for its ``jit``, ``grad`` and ``vmap``."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from ...errors import AutogradError
from .libraries import Library, LibraryNamespace, pushed
from .straight import straight
from .walk import walk

if TYPE_CHECKING:
    from ..program import Program


class JaxLibrary(Library):
    """JAX's arrays: ``float64`` where it is switched on, else what JAX has."""

    def __init__(self, jax: Any) -> None:
        from jax.scipy.special import erf, erfc

        functions = {"erf": erf, "erfc": erfc}
        super().__init__(jax.numpy, functions)
        rules = LibraryNamespace(jax.numpy, functions)
        rules.one = self.namespace.one = lambda like: 1.0  # type: ignore[method-assign]
        self.namespace.differentiates(partial(_derived, jax), rules)
        self.detached = jax.lax.stop_gradient  # type: ignore[method-assign]


def _derived(jax: Any, value: Callable[..., Any], slopes: Callable[..., Any], operands: list[Any]) -> Any:
    """``value`` with derivatives of its own."""
    f = jax.custom_jvp(value)

    def rule(given: Any, tangents: Any) -> Any:
        y = f(*given)
        tangents = [None if isinstance(t, jax.custom_derivatives.SymbolicZero) else t for t in tangents]
        return y, pushed(jax.numpy, slopes([t is not None for t in tangents], given, y), tangents, y)

    f.defjvp(rule, symbolic_zeros=True)
    return f(*operands)


def jax_function(program: Program) -> Callable[..., Any]:
    """``f(parameters, *arguments)`` for one sample; what `Program.to_jax` gives."""
    try:
        import jax
    except ImportError:
        raise AutogradError("to_jax needs JAX: pip install 'autograd-tiny[jax]'") from None
    line = straight(program)

    def f(parameters: dict[str, Any], *arguments: Any) -> Any:
        if len(arguments) != len(line.inputs):
            raise TypeError(
                f"{line.name} takes the parameters and {', '.join(t.name for t in line.inputs) or 'no arguments'}; "
                f"got {len(arguments)} arguments"
            )
        target = JaxLibrary(jax)
        known: dict[str, Any] = {t.name: jax.numpy.asarray(t.numbers) for t in line.constants}
        known |= {t.name: jax.numpy.asarray(parameters[t.name]) for t in line.parameters}
        for tensor, x in zip(line.inputs, arguments, strict=True):
            known[tensor.name] = jax.numpy.asarray(x, float).reshape(1, *tensor.shape)
        found = walk(line, target, known)
        return found[0] if line.batch else found

    f.__name__ = line.name
    f.parameters = {  # type: ignore[attr-defined]
        t.name: t.initial() for t in line.parameters
    }
    return f
