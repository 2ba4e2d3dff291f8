"""Instructions as lines of numpy, forward and reverse: the rule of the primitive, on names for its operands.

>>> from autograd_tiny import Value, compile
>>> w = [Value(1.0), Value(2.0)]
>>> program = compile(lambda: [p.exp() for p in w], scalars="never")
>>> _ = program()
>>> [line.split("(")[0] for line in program.last.program.code.lines]
['exp']
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..lower.instructions import Elementwise, Instruction, LoopCall, Reduction, Segments, Total, learns_of
from ..lower.layout import BATCH, Access, Number, View
from .code import Code, count_uses
from .loops import loop_backward, loop_forward
from .memory import Named
from .products import product_backward, product_forward
from .reverse import Ledger
from .terms import COMPARISONS, Given, Term, Terms


def in_place(access: Access, out: View) -> bool:
    """Whether an operand was where the result is now: its adjoint then is that of the result, as it stands."""
    return isinstance(access, View) and (access.memory, access.offset) == (out.memory, out.offset)


def shared_terms(result: Any, needed: list[Any]) -> dict[int, tuple[Term, Named | None]]:
    """The terms below a forward result that the derivatives need too; of those, the outermost ones."""
    below: dict[int, int] = {}
    count_uses(result, below)
    found: dict[int, tuple[Term, Named | None]] = {}
    seen: set[int] = set()

    def visit(term: Any) -> None:
        if id(term) in seen:
            return
        seen.add(id(term))
        if isinstance(term, Term) and term.operands and term.operation not in COMPARISONS:
            if id(term) in below and term is not result and term.operation != "where":
                found[id(term)] = (term, None)
            else:
                for operand in term.operands:
                    visit(operand)

    for term in needed:
        visit(term)
    return found


def forward(code: Code, instruction: Instruction) -> dict[str, Any]:
    """Lines for an instruction; what its reverse needs of them."""
    code.scratch = (0, 0)
    batched = instruction.out.memory == BATCH
    if isinstance(instruction, Elementwise):
        terms, names = Terms(), dict[str, Named]()
        operands: list[Any] = []
        for i, access in enumerate(instruction.operands):
            if isinstance(access, Number):
                operands.append(Given(access.value))
            else:
                names[f"o{i}"] = code.fetch(access, batched, narrow=True)
                operands.append(terms.name(f"o{i}"))
        out = code.view(instruction.out, False)
        rule = getattr(terms, instruction.row.name) if hasattr(Terms, instruction.row.name) else None
        result = rule(*operands) if rule is not None else instruction.row.forward(terms, *operands)
        needed = [
            rule(terms, *operands, terms.name("y"))
            for rule, learns in zip(instruction.row.partials, instruction.learns, strict=True) if learns
        ]  # fmt: skip
        code.shared = shared_terms(result, needed)
        put(code, result, names, out)
        shared, code.shared = code.shared, {}
        return {"terms": terms, "names": {**names, "y": out}, "operands": operands, "shared": shared}
    if isinstance(instruction, Reduction):
        length = instruction.vectors[0].shape[1]  # type: ignore[union-attr]
        terms, names = Terms(length), dict[str, Named]()
        operands = []
        for i, access in enumerate(instruction.vectors):
            names[f"o{i}"] = code.fetch(access, batched)
            operands.append(terms.name(f"o{i}"))
        flat = code.view(instruction.out, False)
        out = Named(code.turned(flat, lambda a: a[:, None]), (*flat.shape, 1), flat.batched)
        put(code, instruction.row.forward(terms, *operands), names, out)
        return {"terms": terms, "names": {**names, "y": out}, "operands": operands}
    if isinstance(instruction, Total):
        operand, out = code.fetch(instruction.operand, batched), code.view(instruction.out, False)
        rank = len(operand.shape)
        axes = tuple(range(rank - instruction.inner, rank))
        if rank == instruction.inner:  # one sum: the result has an axis of 1 that nothing is left for
            out = Named(code.turned(out, lambda a: a[0]), (), out.batched)
            if not out.batched:
                out = Named(code.turned(code.view(instruction.out, False), lambda a: a.reshape(())), (), False)
        code.total(operand, axes, out, code.dot_notices and out.packed)
        return {}
    if isinstance(instruction, Segments):
        operand, out = code.fetch(instruction.operand, batched), code.view(instruction.out, False)
        (size,) = operand.shape
        counts = np.diff(np.append(instruction.starts, size))
        starts = code.bind(lambda m: m.arrays.segments(instruction.starts, size))
        owner = code.bind(lambda m: np.repeat(np.arange(len(counts)), counts))
        code.segments = (size, len(counts), starts, owner)
        terms = Terms()
        result = instruction.row.forward(terms, terms.name("o"))
        code.emit(result, {"o": operand}, out)
        memo = {"terms": terms, "names": {"o": operand, "y": out}, "segments": code.segments}
        code.segments = None
        return memo
    if isinstance(instruction, LoopCall):
        return loop_forward(code, instruction)
    return product_forward(code, instruction)


def put(code: Code, result: Any, names: dict[str, Named], out: Named) -> None:
    """Lines that leave ``result``, a term or a number, in ``out``."""
    if isinstance(result, Term):
        code.emit(result, names, out)
    else:
        code.line(f"{out.name}[...] = {result!r}")


def backward(code: Code, instruction: Instruction, kept: dict[str, Any], ledger: Ledger) -> None:
    """Lines that pass the adjoint of an instruction's result on to its operands."""
    code.scratch = (0, 0)
    batched = instruction.out.memory == BATCH
    if not any(learns_of(instruction)):
        return
    if not ledger.read(instruction.out):
        return  # nothing that the result depends on this way
    if isinstance(instruction, Elementwise | Reduction):
        many = isinstance(instruction, Reduction)
        accesses = instruction.vectors if isinstance(instruction, Reduction) else instruction.operands
        up = code.view(instruction.out, False, adjoint=True)
        if many:
            up = Named(code.turned(up, lambda a: a[:, None]), (*up.shape, 1), up.batched)
        terms, names = kept["terms"], {**kept["names"], "up": up}
        code.shared = kept.get("shared", {})
        slopes: list[tuple[Any, Access, Term]] = []
        for i, access in enumerate(accesses):
            if instruction.learns[i] and not isinstance(access, Number) and not in_place(access, instruction.out):
                local = instruction.row.partials[i](terms, *kept["operands"], terms.name("y"))
                contribution = terms.call("mul", terms.name("up"), local)
                if isinstance(contribution, Term):
                    slopes.append((local, access, contribution))
        if len(slopes) == 2 and not many:
            uses: dict[int, int] = {}
            for _, _, contribution in slopes:
                count_uses(contribution, uses)
            code.joint = uses, code.rooms()
        for local, access, contribution in slopes:
            if code.joint is None:
                code.scratch = (0, 0)
            shape = access.shape  # type: ignore[union-attr]
            if many and not isinstance(local, Term):
                wide = lambda a, shape=shape: np.broadcast_to(a, shape + a.shape[2:])
                names["up"] = Named(code.turned(up, wide), shape, up.batched)
            code.give(ledger.target(access, batched), contribution, names, shape, batched)  # type: ignore[arg-type]
        code.joint = None
        code.shared = {}
        return
    if isinstance(instruction, Total):
        access = instruction.operand
        assert not isinstance(access, Number)
        up = code.view(instruction.out, False, adjoint=True)
        shape, inner = access.shape, instruction.inner
        outer = shape[: len(shape) - inner]
        spread = lambda a: np.broadcast_to(
            a.reshape(outer + (1,) * inner + a.shape[len(instruction.out.shape) :]),
            shape + a.shape[len(instruction.out.shape) :],
        )
        spread_up = Named(code.turned(up, spread), shape, batched)
        code.give(ledger.target(access, batched), Terms().name("up"), {"up": spread_up}, shape, batched)
        return
    if isinstance(instruction, Segments):
        access = instruction.operand
        assert not isinstance(access, Number)
        code.segments = kept["segments"]
        terms = kept["terms"]
        up = code.spread(code.view(instruction.out, False, adjoint=True))
        local = instruction.row.partials[0](terms, terms.name("o"), terms.name("y"))
        contribution = terms.call("mul", terms.name("up"), local)
        if isinstance(contribution, Term):
            code.give(ledger.target(access, batched), contribution, {**kept["names"], "up": up}, access.shape, batched)
        code.segments = None
        return
    if isinstance(instruction, LoopCall):
        loop_backward(code, instruction, kept, ledger)
        return
    product_backward(code, instruction, kept, ledger)
