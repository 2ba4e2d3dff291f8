"""What one row of the table says about a primitive: rules, notation, domain, samples, edges.

A rule is a function of a namespace ``xp`` and the operands, written in ``+``, ``-``, ``*`` and calls on
``xp`` only, so that the same text serves floats, Values, arrays, 60-digit numbers, text, LaTeX and C.

>>> from autograd_tiny.table.namespaces import FLOATS, TEXT
>>> cube = function("cube", lambda xp, x: x * x * x, lambda xp, x, y: 3.0 * xp.square(x))
>>> cube.forward(FLOATS, 2.0), cube.partials[0](FLOATS, 2.0, 8.0)
(8.0, 12.0)
>>> str(cube.partials[0](TEXT, TEXT.name("x"), TEXT.name("y")))
'3 × x²'
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

Rule = Callable[..., Any]
"""``forward(xp, *operands)`` or ``partial(xp, *operands, out)``; one partial for each operand."""

Interval = tuple[float, float]
EVERYWHERE: Interval = (-3.0, 3.0)


@dataclass(frozen=True)
class Edge:
    """A point where a formula alone does not decide, and the answer that we pin.

    ``value`` and ``partials`` may be ``nan`` or infinite: then the operation (or its backward step) raises
    `NonFiniteError` unless non-finite numbers are allowed. A partial of ``None`` is not pinned.
    """

    at: tuple[float, ...]
    value: float
    partials: tuple[float | None, ...]
    why: str


@dataclass(frozen=True, eq=False)
class Primitive:
    """One differentiable operation: everything the rest of the package knows about it.

    ``arguments`` names the operands; of a `variadic` primitive each operand is a whole vector of scalars, and
    a partial gives the vector of its derivatives. ``text`` and ``latex`` are templates over the operands, in
    which ``{0:2}`` asks for parentheses around anything that binds more loosely than level 2 (see `binding`).
    """

    name: str
    forward: Rule
    partials: tuple[Rule, ...]
    arguments: tuple[str, ...] = ("x",)
    variadic: bool = False
    defaults: tuple[float, ...] = ()
    text: str = ""
    latex: str = ""
    binding: int = 5
    """How tightly the notation binds: 0 a condition, 1 a sum, 2 a product, 3 a sign, 4 a power, 5 closed."""
    symbol: str = ""
    """What the circle in a picture shows."""
    operator: str = ""
    """Python's operator, as micrograd's ``_op`` shows it: ``+``, ``*``, ``**``."""
    dunder: str = ""
    """``add`` stands for ``__add__`` and ``__radd__``, ``neg`` for ``__neg__``."""
    aliases: tuple[str, ...] = ()
    """Other method names, such as the one that numpy calls on the elements of an object array."""
    domain: str = ""
    """What the operands must satisfy, in words; empty where every number will do."""
    advice: str = ""
    """What to write instead, for whoever leaves the domain."""
    beyond: str = ""
    """Where its derivatives are not known, though the result is."""
    samples: tuple[Interval, ...] = ()
    """For each operand an interval inside the domain, away from kinks and poles, where tests sample."""
    edges: tuple[Edge, ...] = ()
    fill: Callable[[tuple[float, ...]], Primitive] | None = None
    """The row that remains when one of two vectors is plain numbers, which then get no nodes and no edges."""

    books: tuple[Rule | None, ...] = ()
    """For each operand the partial as textbooks write it, where that is another form of the same function; to be read,
    never computed with: ``1 - tanh²`` loses its digits where tanh is near 1."""
    absent: tuple[float | None, ...] = ()
    """For each operand what ``None`` in its place stands for, which is as if it were not there; empty where it may not
    be."""
    size: Rule | float | None = None
    """Of an operation that is finite wherever its operands are, a number no smaller than the size of its result; or a
    rule for one, in sums and products of the operands' sizes."""
    filled: tuple[float, ...] = ()
    """The plain numbers of a row that ``fill`` gave."""

    @property
    def numerical(self) -> bool:
        """Whether the rules are functions of plain numbers, as `custom_gradient` makes them: nothing else runs them."""
        return getattr(self.forward, "numerical", False)

    def operands(self, flat: list[Any]) -> list[Any]:
        """A node's parents, or one thing for each of them, in the form that the rules take: scalars or vectors."""
        if not self.variadic:
            return flat
        k = len(flat) // len(self.arguments)
        return [flat[i : i + k] for i in range(0, len(flat), k)] if flat else [flat for _ in self.arguments]

    def names(self, count: int) -> Sequence[str]:
        """What an error calls each of ``count`` parents."""
        return [f"operand {i}" for i in range(count)] if self.variadic else self.arguments

    def __repr__(self) -> str:
        return f"<primitive {self.name}({', '.join(self.arguments)})>"


def as_large(xp: Any, x: Any) -> Any:
    """The size of a result that is no larger than its operand."""
    return x


def one_more(xp: Any, x: Any) -> Any:
    """The size of a result that is larger by 1 at most."""
    return x + 1.0


CONSTANT = Primitive("constant", lambda xp: 0.0, (), arguments=())
"""Marks a node made of a plain number: it has no parents and takes no gradient."""

LEAF = Primitive("", lambda xp: 0.0, (), arguments=())
"""Marks a node made by ``Value(...)``: it has no parents and collects a gradient."""


def function(
    name: str,
    forward: Rule,
    *partials: Rule,
    arguments: str = "x",
    text: str = "",
    tex: str = "",
    samples: tuple[Interval, ...] | Interval = EVERYWHERE,
    symbol: str = "",
    **more: Any,
) -> Primitive:
    """The row of an operation written as a name and arguments; ``tex`` is LaTeX for the name alone.

    ``samples`` is one interval for every operand, or a tuple with one for each.
    """
    names = tuple(arguments.split())
    places = ", ".join(f"{{{i}}}" for i in range(len(names)))
    tex = tex or rf"\operatorname{{{{{name}}}}}".replace("_", r"\_")
    if not isinstance(samples[0], tuple):
        samples = (samples,) * len(names)
    return Primitive(
        name,
        forward,
        partials,
        arguments=names,
        text=text or f"{name}({places})",
        latex=more.pop("latex", "") or rf"{tex}\left({places}\right)",
        symbol=symbol or name,
        samples=samples,
        **more,
    )


def infix(
    name: str, operator: str, symbol: str, forward: Rule, *partials: Rule, binding: int, latex: str, **more: Any
) -> Primitive:
    """The row of a two-operand operation written between its operands, grouping to the left."""
    text = more.pop("text", f"{{0:{binding}}} {symbol} {{1:{binding + 1}}}")
    more.setdefault("samples", (EVERYWHERE, EVERYWHERE))
    return Primitive(
        name, forward, partials, arguments=("a", "b"), operator=operator, symbol=symbol, text=text, latex=latex,
        binding=binding, **more,
    )  # fmt: skip
