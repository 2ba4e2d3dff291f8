"""The steps of a program as lines of C, forward and in reverse: loops over indices, and where their numbers lie."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ...table.namespaces.c import C, Vector
from .c_places import Place, affine, in_order
from .folding import Folding
from .tensors import Read, Step, Straight, Tensor

if TYPE_CHECKING:
    pass


class CRule(Folding, C):
    """A rule in C."""

    def _first(self, xs: Any) -> str:
        return str(xs.element.template).replace("[i]", "[0]")


class CLines:
    """The lines of both functions, and how many doubles of work they need."""

    def __init__(self, line: Straight) -> None:
        self.line = line
        self.lines: list[str] = []
        self.depth = 0
        self.tables: dict[bytes, tuple[str, Any]] = {}
        self.gathered: dict[tuple[Any, ...], tuple[str, Read]] = {}
        self.work: dict[str, int] = {}
        """Where the arrays begin in the caller's working memory."""
        self.size = 0
        self.scratch = 0
        self.learning = {t.name for t in line.parameters} | {s.result.name for s in line.steps if any(s.learns)}

    # Text

    def say(self, *lines: str) -> None:
        self.lines += ["    " * self.depth + line for line in lines]

    def open(self, line: str) -> None:
        self.say(line)
        self.depth += 1

    def close(self) -> None:
        self.depth -= 1
        self.say("}")

    def loops(self, indices: Sequence[str], shape: Sequence[int], body: Callable[[], None]) -> None:
        for i, n in zip(indices, shape, strict=True):
            self.open(f"for (int {i} = 0; {i} < {n}; {i}++) {{")
        body()
        for _ in shape:
            self.close()

    def need(self, name: str, size: int) -> None:
        if name not in self.work:
            self.work[name] = self.size
            self.size += size

    def table(self, index: Any) -> str:
        return self.tables.setdefault(index.tobytes(), (f"index{len(self.tables) + 1}", index))[0]

    # Operands

    def place(self, what: Read, rows: bool = False) -> Place:
        """Where an operand lies; ``rows``: with its last axis without gaps."""
        found = affine(what.index) if len(what.sources) == 1 else None
        gaps = rows and (not what.source.shape or (what.shape[-1] > 1 and found is not None and found[1][-1] != 1))
        if found is not None and not gaps:
            return Place(what.source.name, *found)
        return Place(self._gather(what), 0, in_order(what.shape))

    def _gather(self, what: Read) -> str:
        key = (tuple(source.name for source in what.sources), what.index.tobytes())
        if key not in self.gathered:
            name = f"g{len(self.gathered) + 1}"
            self.gathered[key] = name, what
            self.need(name, what.index.size)
            self.scratch = max(self.scratch, what.index.size)
            self.pieces(what, lambda source, here, there: f"{name}[{here}] = {source.name}[{there}];")
        return self.gathered[key][0]

    def pieces(self, what: Read, line: Callable[[Tensor, str, str], str]) -> None:
        """A loop for each source over the numbers that come from it."""
        start, flat = 0, what.index.reshape(-1)
        for source in what.sources:
            here = np.flatnonzero((flat >= start) & (flat < start + source.size))
            there = flat[here] - start
            text = line(source, self._position(here), self._position(there)) if len(here) else ""
            start += source.size
            if text and len(here) == 1:
                self.say(text)
            elif text:
                self.loops("j", [len(here)], lambda text=text: self.say(text))  # type: ignore[misc]

    def _position(self, index: Any) -> str:
        found = affine(index)
        if len(index) == 1:
            return str(int(index[0]))
        return Place("", *found).offset(["j"]) if found is not None else f"{self.table(index.astype(np.int32))}[j]"

    def adjoint(self, what: Read, place: Place) -> Place | None:
        """Where what is passed on to an operand is added up; None if nobody wants it."""
        if not any(source.name in self.learning for source in what.sources):
            return None
        gathered = place.name != what.source.name
        return Place("scratch" if gathered else f"d_{place.name}", place.start, place.strides)

    def passed_on(self, what: Read, adjoint: Place, before: bool) -> None:
        """Before: clear the buffer; after: give its numbers to those that they belong to."""
        if adjoint.name != "scratch":
            return
        if before:
            self.loops("j", [what.index.size], lambda: self.say("scratch[j] = 0.0;"))
        else:
            self.pieces(
                what,
                lambda source, here, there: (
                    f"d_{source.name}[{there}] += scratch[{here}];" if source.name in self.learning else ""
                ),
            )

    # Rules

    def rule(self, formula: Callable[[CRule], Any], length: int = 0) -> str:
        """What a formula of the table gives, as an expression; its statements and loops are written here."""
        source = CRule()
        found = formula(source)
        found = found.element if isinstance(found, Vector) else found
        statements, (text,) = source.program([found], ["result"])
        for loop in source.loops:
            self.say(_renamed(loop.replace("for (i = 0; i < n; i++)", f"for (int i = 0; i < {length}; i++)")))
        self.statements = [f"const double {_renamed(statement)};" for statement in statements]
        return _renamed(text)

    # Steps

    def forward(self) -> None:
        for step in self.line.steps:
            self.need(step.result.name, step.result.size)
            getattr(self, f"_{step.kind}")(step)

    def _elementwise(self, step: Step) -> None:
        indices, shape, operands = self._operands(step)
        out = Place(step.result.name, 0, in_order(shape))

        def body() -> None:
            text = self.rule(lambda xp: step.row.forward(xp, *[self._term(xp, x, indices) for x in operands]))
            self.say(*self.statements, f"{out.at(indices)} = {text};")

        self._block(indices, shape, body)

    def _block(self, indices: Sequence[str], shape: Sequence[int], body: Callable[[], None]) -> None:
        """Loops, or where there is nothing to loop over a block of its own for what is declared in it."""
        if shape:
            self.loops(indices, shape, body)
            return
        start = len(self.lines)
        self.depth += 1
        body()
        self.depth -= 1
        mine, margin = self.lines[start:], "    " * self.depth
        declares = any(re.match(r" *(const )?double ", line) for line in mine)
        self.lines[start:] = [f"{margin}{{", *mine, f"{margin}}}"] if declares else [line[4:] for line in mine]

    def _operands(self, step: Step) -> tuple[list[str], tuple[int, ...], list[Place | float]]:
        """The indices, the shape, the operands: one loop over everything where that does."""
        shape = step.result.shape
        places = [self.place(x) if isinstance(x, Read) else x for x in step.reads]
        if len(shape) > 1 and all(x.follows(shape) for x in places if isinstance(x, Place)):
            shape = (step.result.size,)
            places = [Place(x.name, x.start, (int(any(x.strides)),)) if isinstance(x, Place) else x for x in places]
        return [f"i{axis}" for axis in range(len(shape))] if len(shape) > 1 else ["i"] * len(shape), shape, places

    def _term(self, xp: CRule, x: Place | float, indices: Sequence[str]) -> Any:
        return xp.name(x.at(indices)) if isinstance(x, Place) else x

    def _rows(self, step: Step) -> tuple[list[str], list[Place], int]:
        reads = [x for x in step.reads if isinstance(x, Read)]
        indices = [f"i{axis}" for axis in range(len(step.result.shape))]
        return indices, [self.place(x, True) for x in reads], reads[0].shape[-1]

    def _reduction(self, step: Step) -> None:
        indices, places, length = self._rows(step)
        out = Place(step.result.name, 0, in_order(step.result.shape))

        def body() -> None:
            self.say(*[f"const double *v{k} = {p.row(indices)};" for k, p in enumerate(places)])
            text = self.rule(lambda xp: step.row.forward(xp, *[xp.vector(f"v{k}") for k in range(len(places))]), length)
            self.say(*self.statements, f"{out.at(indices)} = {text};")

        self._block(indices, step.result.shape, body)

    def _letters(self, step: Step) -> tuple[dict[str, int], list[Place]]:
        places: list[Place] = []
        sizes: dict[str, int] = {}
        for letters, x in zip(step.subscripts, step.reads, strict=False):
            assert isinstance(x, Read)
            places.append(self.place(x))
            sizes |= dict(zip(letters, x.shape, strict=True))
        return sizes, places

    def _product(self, step: Step) -> None:
        sizes, places = self._letters(step)
        out = [*step.subscripts[2]]
        inner = [x for x in sizes if x not in out]
        left, right = (p.at([*letters]) for p, letters in zip(places, step.subscripts, strict=False))

        def body() -> None:
            self.say("double total = 0.0;")
            self.loops(inner, [sizes[x] for x in inner], lambda: self.say(f"total += {left} * {right};"))
            self.say(f"{Place(step.result.name, 0, in_order(step.result.shape)).at(out)} = total;")

        self._block(out, [sizes[x] for x in out], body)

    # The way back

    def reverse(self) -> None:
        outputs = self.line.outputs
        if outputs.source.name not in self.learning:
            return
        self.say(f"d_{outputs.source.name}[{int(outputs.index.reshape(-1)[0])}] = 1.0;")
        for step in reversed(self.line.steps):
            for i, (x, learns) in enumerate(zip(step.reads, step.learns, strict=True)):
                if isinstance(x, Read) and learns and step.result.name in self.learning:
                    adjoint = self.adjoint(x, self.place(x, step.kind == "reduction"))
                    if adjoint is not None:
                        self.passed_on(x, adjoint, True)
                        getattr(self, f"_{step.kind}_back")(step, i, adjoint)
                        self.passed_on(x, adjoint, False)

    def _elementwise_back(self, step: Step, i: int, adjoint: Place) -> None:
        indices, shape, operands = self._operands(step)
        own = Place(step.result.name, 0, in_order(shape))
        up = Place(f"d_{own.name}", 0, own.strides).at(indices)
        target = Place(adjoint.name, adjoint.start, operands[i].strides)  # type: ignore[union-attr]

        def body() -> None:
            slope = self.rule(
                lambda xp: step.row.partials[i](
                    xp, *[self._term(xp, x, indices) for x in operands], xp.name(own.at(indices))
                )
            )
            product = {"1.0": up, "-1.0": f"-{up}"}.get(slope, f"{up} * {_atom(slope)}")
            if slope != "0.0":
                self.say(*self.statements, f"{target.at(indices)} += {product};")

        self._block(indices, shape, body)

    def _reduction_back(self, step: Step, i: int, adjoint: Place) -> None:
        indices, places, length = self._rows(step)
        own = Place(step.result.name, 0, in_order(step.result.shape)).at(indices)

        def body() -> None:
            start = len(self.lines)
            slope = self.rule(
                lambda xp: step.row.partials[i](xp, *[xp.vector(f"v{k}") for k in range(len(places))], xp.name(own)),
                length,
            )
            up = f"d_{own}"
            line = f"d[i] += {up};" if slope == "1.0" else f"d[i] += {up} * {_atom(slope)};"
            self.loops("i", [length], lambda: self.say(*self.statements, line))
            mine, self.lines[start:] = self.lines[start:], []
            text = "\n".join(mine)
            rows = {f"v{k}": f"const double *v{k} = {p.row(indices)};" for k, p in enumerate(places)}
            self.say(*[row for name, row in rows.items() if re.search(rf"\b{name}\b", text)])
            self.say(f"double *d = {adjoint.row(indices)};")
            self.lines += mine

        self._block(indices, step.result.shape, body)

    def _product_back(self, step: Step, i: int, adjoint: Place) -> None:
        sizes, places = self._letters(step)
        up = Place(f"d_{step.result.name}", 0, in_order(step.result.shape)).at([*step.subscripts[2]])
        other = places[1 - i].at([*step.subscripts[1 - i]])
        line = f"{adjoint.at([*step.subscripts[i]])} += {up} * {other};"
        self.loops([*sizes], [*sizes.values()], lambda: self.say(line))


def _renamed(text: str) -> str:
    """Temporaries under a name that no tensor has."""
    return re.sub(r"\bt(\d+)\b(?!\[)", r"u\1", text)


def _atom(text: str) -> str:
    return text if re.fullmatch(r"[\w.]+(\[[^\[\]]*\])?", text) else f"({text})"
