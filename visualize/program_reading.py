"""What a compiled program says of itself, taken apart: matrices, forward and reverse lines, which uses which.

`print(program)` is what is read, so that a picture and the listing cannot differ.

>>> line = "t1 = W1 · x                             4 each         matrix product"
>>> read_forward(line)
Forward(name='t1', formula='W1 · x', size='4 each', what='matrix product', uses=('W1', 'x'))
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from math import prod
from typing import Any

_SIZE = r"\d+(?:×\d+)*"
_FORWARD = re.compile(rf"(t\d+) = (.+?) +({_SIZE}(?: each)?) +((?:\d+ )?[^\W\d]\S*(?: \S+)*)")
_MATRIX = re.compile(rf"  ([Wwb]\d+)  ({_SIZE})(?:  from (.*))?", re.DOTALL)
_STORY = re.compile(r"1\. ([\d,]+) scalar operations on ([\d,]+) parameters, ([\d,]+) inputs and ([\d,]+) constants")
_USED = re.compile(r"(?<![\w.])(?!and\b)[^\W\d]\w*(?: and \w+)*(?:\[…\])?(?![\w(])")
"""A name, or several inputs that lie in a row: ``x and y``."""


@dataclass(frozen=True)
class Matrix:
    """A block of parameters."""

    name: str
    size: str
    origin: str


@dataclass(frozen=True)
class Forward:
    """A forward instruction; ``uses`` are the names in its formula, in order."""

    name: str
    formula: str
    size: str
    what: str
    uses: tuple[str, ...]

    @property
    def count(self) -> int:
        """How many numbers it gives, for each sample."""
        return prod(map(int, self.size.removesuffix(" each").split("×")))


@dataclass(frozen=True)
class Reverse:
    """A reverse line; ``target`` is what it adds to."""

    text: str
    target: str


@dataclass(frozen=True)
class Listing:
    """A program: its name, whom it is for, its parts, and how many scalar nodes it was (operations, leaves)."""

    name: str
    batch: bool
    matrices: tuple[Matrix, ...]
    forward: tuple[Forward, ...]
    reverse: tuple[Reverse, ...]
    operations: int
    leaves: int

    def matrix(self, name: str) -> Matrix | None:
        return next((matrix for matrix in self.matrices if matrix.name == name), None)

    def sources(self, instruction: Forward) -> list[tuple[str, int, bool]]:
        """The results and inputs that it reads: name, numbers in it, and whether each result is of all of them.

        Only those whose numbers go one to one, being of one shape, or all to each; what is fetched one by one is not.
        """
        sizes = {earlier.name: earlier.count for earlier in self.forward}
        shapes = {earlier.name: earlier.size.removesuffix(" each") for earlier in self.forward}
        own = instruction.size.removesuffix(" each")
        found = []
        for name in dict.fromkeys(instruction.uses):
            if name.endswith("[…]"):
                continue
            if instruction.what == "matrix product" or instruction.what == "dot products":
                weights = [m for other in instruction.uses if (m := self.matrix(other)) is not None]
                if len(weights) != 1 or name == weights[0].name:
                    continue
                rows, _, columns = weights[0].size.rpartition("×")
                known = int(columns) if (rows or "1") == str(instruction.count) else 0
                if known and sizes.get(name, known) == known:
                    found.append((name, known, True))
            elif name in sizes and (sizes[name] == 1 or shapes[name] == own):
                found.append((name, sizes[name], False))
        return found


def read_forward(line: str) -> Forward:
    """One line of the forward part."""
    found = _FORWARD.fullmatch(line.strip())
    if found is None:
        raise ValueError(f"no instruction: {line!r}")
    name, formula, size, what = found.groups()
    uses = _USED.findall(formula.removeprefix("Σ "))
    return Forward(name, formula, size, what, tuple(uses))


def read_program(program: Any) -> Listing:
    """The last recording of a compiled program that runs array instructions."""
    head, *rest = str(program).split("\n")
    # A label may have line breaks, and these words on a line: labels come before the last of them.
    forward, reverse = (len(rest) - 1 - rest[::-1].index(word) for word in ("forward", "reverse"))
    matrices: list[Matrix] = []
    for line in rest[:forward]:
        found = _MATRIX.fullmatch(line)
        if found is not None:
            matrices.append(Matrix(found[1], found[2], found[3] or ""))
        elif matrices:
            matrices[-1] = replace(matrices[-1], origin=f"{matrices[-1].origin} {line}")
    story = _STORY.search(program.explain())
    counts = [int(number.replace(",", "")) for number in story.groups()] if story else [0, 0]
    lines = [line.strip() for line in rest[reverse + 1 :]]
    return Listing(
        program.__name__,
        "for a batch" in head,
        tuple(matrices),
        tuple(map(read_forward, rest[forward + 1 : reverse])),
        tuple(Reverse(line, line.removeprefix("∂").split(" ")[0]) for line in lines),
        counts[0],
        sum(counts[1:]),
    )
