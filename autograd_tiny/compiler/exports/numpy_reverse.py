"""The lines of the gradient: each step of a program passes on what its result has received, the last step first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .tensors import Read, Step, Straight, Tensor
from .walk import read

if TYPE_CHECKING:
    pass

from .numpy_text import NumpyText, atom, tuple_of


class Reverse:
    """The lines of the gradient, after those of the value."""

    def __init__(self, line: Straight, text: NumpyText, known: dict[str, Any]) -> None:
        self.line, self.text, self.known = line, text, known
        self.begun: set[str] = set()
        self.scatters = False
        self.wanted = {tensor.name for tensor in line.parameters} | {
            step.result.name for step in line.steps if any(step.learns)
        }

    def write(self) -> None:
        outputs, lines = self.line.outputs, self.text.lines
        root = outputs.source
        shape = tuple_of([*(["n"] if root.each else []), *map(str, root.shape)])
        seed = "1.0 / n" if root.each else "1.0"
        if root.size == 1:
            lines.append(f"d_{root.name} = np.full({shape}, {seed})")
        else:
            lines.append(f"d_{root.name} = np.zeros({shape})")
            place = np.unravel_index(int(outputs.index.reshape(-1)[0]), root.shape)
            lines.append(f"d_{root.name}[{', '.join(['...', *map(str, place)])}] = {seed}")
        self.begun.add(root.name)
        for step in reversed(self.line.steps):
            if step.result.name in self.begun:
                for i, (operand, learns) in enumerate(zip(step.reads, step.learns, strict=True)):
                    if isinstance(operand, Read) and learns:
                        self._pass_on(step, i, operand)

    def _pass_on(self, step: Step, i: int, operand: Read) -> None:
        up, text = f"d_{step.result.name}", self.text
        reads = [read(r, text, self.known, whole=step.kind != "elementwise") if isinstance(r, Read) else r
                 for r in step.reads]  # fmt: skip
        if step.kind == "product":
            own, other = step.subscripts[i], step.subscripts[1 - i]
            each = [isinstance(r, Read) and r.each for r in step.reads]
            n = "n" if step.result.each else ""
            missing = [x for x in own if x not in other + step.subscripts[2]]
            assert not missing
            found = text.product(
                (n + step.subscripts[2], up), (("n" if each[1 - i] else "") + other, reads[1 - i]),
                ("n" if operand.each else "") + own,
            )  # fmt: skip
            self._add(operand, found, operand.each)
            return
        if step.kind == "reduction":
            slope = text.rule(
                lambda source, names: step.row.partials[i](source, *names), [*reads, f"{step.result.name}[..., None]"]
            )
            found = f"{up}[..., None] * {atom(slope)}" if slope != "1.0" else f"{up}[..., None]"
            if slope == "1.0" or step.row.name == "dot":
                found = text.spread(found, operand.shape, step.result.each)
        else:
            slope = text.rule(lambda source, names: step.row.partials[i](source, *names), [*reads, step.result.name])
            if slope == "0.0":
                return
            found = up if slope == "1.0" else f"-{up}" if slope == "-1.0" else f"{up} * {atom(slope)}"
        self._add(operand, found, step.result.each)

    def _add(self, operand: Read, found: str, each: bool) -> None:
        """Add to the adjoints of what an operand reads, which has the samples' axis or, as ``found``, may not have."""
        axes = operand.axes()
        if axes is not None:
            source = operand.source
            gone = tuple(i + each for i, axis in enumerate(axes) if axis is None)
            if each and not source.each:
                gone = (0, *gone)
            if gone:
                found = f"{atom(found)}.sum({gone if len(gone) > 1 else gone[0]})"
            back = [int(b) for b in np.argsort([axis for axis in axes if axis is not None])]
            if back != list(range(len(back))):
                order = [0, *[b + 1 for b in back]] if source.each else back
                found = f"{atom(found)}.transpose({', '.join(map(str, order))})"
            self._into(source, found)
            return
        own, shape = operand.each, operand.shape
        if each and not own:
            found = f"{atom(found)}.sum(0)"
        total = sum(source.size for source in operand.sources)
        flat = found if len(shape) == 1 else f"{atom(found)}.reshape({'n, ' * own}-1)"
        flat = f"{atom(found)}[..., None]" if not shape else flat
        if np.array_equal(operand.index.reshape(-1), np.arange(total)):
            self.text.lines.append(f"up = {flat}")
        else:
            index = np.ascontiguousarray(operand.index).reshape(-1)
            name = self.text.index_name(index)
            if ":" in name:
                name = f"slice({name.replace(':', ', ')})"
            self.scatters = True
            self.text.lines.append(f"up = scatter({flat}, {name}, {total})")
        start = 0
        for source in operand.sources:
            part = "up" if source.size == total and source.shape else f"up[..., {start}:{start + source.size}]"
            part = f"up[..., {start}]" if not source.shape else part
            if own and not source.each:
                part += ".sum(0)"
            if len(source.shape) > 1:
                part += f".reshape({', '.join(['n'] * source.each + [str(k) for k in source.shape])})"
            self._into(source, part)
            start += source.size

    def _into(self, source: Tensor, found: str) -> None:
        if source.name not in self.wanted:
            return
        name = f"d_{source.name}"
        self.text.lines.append(f"{name} = {name} + {found}" if source.name in self.begun else f"{name} = {found}")
        self.begun.add(source.name)
