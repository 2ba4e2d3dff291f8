"""What is said of an array program is what it does: matrices, operands, reverse lines, counts; on one line each."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn
from autograd_tiny import Value, compile, dot, gradients, maximum, sum
from autograd_tiny.compiler.record.graph import COMPUTED, INPUT, PARAMETER
from autograd_tiny.explaining.digits import aligned

from .test_passes import arrays_of
from .test_programs import SEEDS, compared

pytestmark = pytest.mark.once


def recorded(f: Any, *arguments: Any, **how: Any) -> Any:
    """``f`` compiled and run."""
    program = compile(f, scalars="never", names=how.pop("names", None))
    program(*arguments, **how)
    return program


@pytest.mark.parametrize("seed", SEEDS)
def test_an_instruction_lists_all_that_its_nodes_read(seed: int) -> None:
    program, gradient, *_ = compared(seed)
    listed, arrays = program.listing(), arrays_of(program)
    graph = arrays.graph
    made_by = {}
    for line, instruction in zip(listed.forward, arrays.instructions, strict=True):
        matrices = {matrix.name: set(matrix.parameters) for matrix in listed.matrices}
        names = {name.removesuffix("[…]") for name in line.operands}
        for node in np.asarray(instruction.nodes).reshape(-1).tolist():
            if node < 0:
                continue
            made_by[node] = line.result
            for operand in graph.operands[graph.starts[node] : graph.starts[node + 1]].tolist():
                if graph.kinds[operand] == PARAMETER:
                    leaf = graph.leaves[operand]
                    assert any(leaf in matrices[name] for name in names & set(matrices))
                elif graph.kinds[operand] == INPUT:
                    assert any(name.startswith("x[") for name in names)
                elif graph.kinds[operand] == COMPUTED and operand in made_by:
                    assert made_by[operand] in names
        results = {f"t{i}" for i in range(1, line.number)}
        for name in names:
            assert name in results | set(matrices) | {"constants"} or re.fullmatch(
                r"x\[\d+\]|−?[\d.]+(e[+−]\d+)?", name
            )
    slopes = dict(zip(program.parameters, gradient, strict=True))
    targets = {line.target.removesuffix("[…]") for line in listed.reverse}
    # A number may be in two matrices, of which one is only rounded or compared.
    reached = {leaf for matrix in listed.matrices if matrix.name in targets for leaf in matrix.parameters}
    for matrix in listed.matrices:
        assert matrix.name in targets or all(slopes[leaf] == 0.0 or leaf in reached for leaf in matrix.parameters)
        assert np.prod(matrix.shape) == len(matrix.parameters) == len(set(matrix.parameters))


@pytest.mark.parametrize("seed", SEEDS)
def test_text_is_the_listing_line_by_line(seed: int) -> None:
    program, *_ = compared(seed)
    listed, lines = program.listing(), str(program).splitlines()
    forward, reverse = lines.index("forward"), lines.index("reverse")
    assert lines[0].startswith(f"<lambda>: {len(listed.forward)} array instruction")
    assert [re.split(" {2,}", line.strip()) for line in lines[forward + 1 : reverse]][: len(listed.forward)] == [
        [i.text, i.size, i.kind] for i in listed.forward
    ]
    assert [line.strip() for line in lines[reverse + 1 :]][: len(listed.reverse)] == [r.text for r in listed.reverse]
    assert [line.split()[0] for line in lines[1:forward]] == [matrix.name for matrix in listed.matrices]
    sizes = {line.index(i.size, len(i.text) + 2) for line, i in zip(lines[forward + 1 :], listed.forward, strict=False)}
    assert len(sizes) == 1, "the sizes are not below each other"


@given(st.text(max_size=80))
def test_any_label_is_one_short_line(label: str) -> None:
    w = [Value(0.5 + i, f"{label}[{i}]") for i in range(3)]
    program = recorded(lambda x: dot(w, [x, x * 2.0, x * 3.0]), 1.0)
    text, story = str(program), program.explain()
    assert len(text.splitlines()) == len(
        str(recorded(lambda x: dot(w, [x, x * 2.0, x * 3.0]), 1.0, names={})).splitlines()
    )
    assert [line for line in text.splitlines() if line.strip().startswith("w1  3  from ")]
    assert max(map(len, text.splitlines())) < 80
    assert all(re.match(r"\d\. |     |<lambda>", line) for line in story.splitlines())


def test_operands_of_several_origins_are_all_named() -> None:
    w = [Value(0.1 * i, f"w[{i}]") for i in range(4)]
    program = recorded(lambda x, y: sum([dot(w, [x, y, x, 2.0]), *[(p * x).exp() for p in w], w[0], y, 3.0]), 0.5, 2.0)
    total = program.listing().forward[-1]
    assert total.formula.startswith("Σ (") and total.kind == "sum"
    assert {name.removesuffix("[…]") for name in total.operands} >= {"w1", "y", "3"}


def test_inputs_are_called_as_in_the_call() -> None:
    w = Value(2.0, "w")
    for arguments, named, formula in [
        ((1.0, 2.0), {}, "x × y"), ((1.0,), {"y": 2.0}, "x × y"), ((), {"y": 2.0, "x": 1.0}, "x × y"),
    ]:  # fmt: skip
        program = recorded(lambda x, y: x * y * w, *arguments, **named)
        assert program.listing().forward[0].formula == formula
    assert recorded(lambda *xs: xs[0] * xs[1] * w, 1.0, 2.0).listing().forward[0].formula == "xs[0] × xs[1]"
    assert recorded(lambda t1, W1: t1 * W1 * w, 1.0, 2.0).listing().forward[0].formula == "input t1 × input W1"


def test_a_product_has_the_shape_of_its_factors() -> None:
    """Two rows of inputs with three neurons: rows first, as their sizes say."""
    w = [[Value(0.1 * (i + j), f"w[{i}][{j}]") for j in range(4)] for i in range(3)]
    h = lambda rows: [[dot(neuron, row).tanh() for neuron in w] for row in rows]
    program = recorded(
        lambda rows: sum([v for row in h(rows) for v in row]), [[1.0, 2.0, 3.0, 4.0], [0.0, 1.0, 0.0, 1.0]]
    )
    program.value_and_grad([[1.0, 2.0, 3.0, 4.0], [0.0, 1.0, 0.0, 1.0]])
    listed = program.listing()
    assert (listed.forward[0].formula, listed.forward[0].size) == ("rows · W1ᵀ", "2×3")
    assert listed.forward[0].detail == "6 dot products of 4 terms, each of 2 vectors with each of 3"
    assert "∂W1 += ∂t1ᵀ · rows" in [line.text for line in listed.reverse]
    assert (listed.matrices[0].shape, listed.matrices[0].rows) == ((3, 4), "rows [0] … [2]")
    assert listed.matrices[0].parameters == tuple(leaf for row in w for leaf in row)


def test_what_passes_nothing_on_has_no_reverse_line() -> None:
    """A largest score that is taken off without a gradient, of scores that have one otherwise."""
    w = [Value(0.3, "w[0]"), Value(0.9, "w[1]")]

    def f(x: Any) -> Any:
        scores = [(p * x).tanh() for p in w]
        return sum([(score - maximum(scores).detach()).exp() for score in scores])

    program = recorded(f, 2.0)
    listed = program.listing()
    assert any(i.formula.startswith("maximum(") for i in listed.forward)
    lines = [line.text for line in listed.reverse]
    assert "∂w1 += ∂t1 × x" in lines
    assert not [line for line in lines if "detach" in line or "maximum" in line or line.endswith("× 0")]


def test_a_rule_that_is_zero_has_no_reverse_line() -> None:
    from autograd_tiny.derivatives.plugins import register, unregister
    from autograd_tiny.table.primitive import function

    w = [Value(0.3), Value(0.9)]
    register(function("flat", lambda xp, x: x * 0.0 + 1.0, lambda xp, x, y: 0.0))
    try:
        program = recorded(lambda x: sum([(p * x).exp().flat() * (p * x) for p in w]), 2.0)
    finally:
        unregister("flat")
    assert any(i.kind == "flat" for i in program.listing().forward)
    assert not [line for line in program.listing().reverse if "flat" in line.text or line.text.endswith("× 0")]


def test_rules_that_are_numbers_or_operands_are_written_out() -> None:
    w = Value(0.3, "w")
    program = recorded(lambda x: -((w * x).exp() / 4.0), 2.0)
    assert [line.text for line in program.listing().reverse] == [
        "∂t4 = 1", "∂t3 −= ∂t4", "∂t2 += ∂t3 × 0.25", "∂t1 += ∂t2 × t2", "∂w1 += ∂t1 × x",
    ]  # fmt: skip


def test_parameters_without_names_are_known_by_their_places() -> None:
    model = nn.MLP(3, [5, 2], "tanh", seed=0)
    listed = recorded(lambda x: sum(model(x)), [1.0, 2.0, 3.0]).listing()
    assert [matrix.origin for matrix in listed.matrices] == [
        "parameters[0:15]", "parameters[15:20]", "parameters[20:30]", "parameters[30:32]",
    ]  # fmt: skip


def test_rows_and_columns_are_found_in_the_names() -> None:
    table = [[Value(0.1, f"letters[{i}][{j}]") for j in range(2)] for i in range(12)]
    turned = recorded(lambda x: [dot([row[j] for row in table], x).exp() for j in range(2)], [0.5] * 12)
    assert [(m.size, m.origin, m.rows) for m in turned.listing().matrices] == [
        ("2×12", "letters", "columns [0] … [11]")
    ]


def test_several_numbers_and_none_that_learn() -> None:
    w = Value(0.5, "w")
    text = str(recorded(lambda x: [w * x, (w * x).exp(), w], 1.0))
    assert "  gives t1, t2, w1" in text and "no reverse: it gives several numbers, and a gradient is of one" in text
    assert "none in reverse, as it gives several" in recorded(lambda x: [w * x, w], 1.0).explain()
    assert "no reverse: no parameter has an influence" in str(recorded(lambda x: x * 2.0, 1.0))
    assert "That makes 0 array instructions." in recorded(lambda x: w, 1.0).explain()


def test_a_start_from_zero_is_explained() -> None:
    import builtins

    w = [Value(0.5), Value(2.0)]
    assert "0 + t1: Python's sum() starts from 0" in str(recorded(lambda x: builtins.sum(p * x for p in w), 1.0))
    assert "starts from 0" not in str(recorded(lambda x: sum([p * x for p in w]), 1.0))


def test_second_order_and_a_plug_in() -> None:
    from autograd_tiny.derivatives.plugins import register, unregister
    from autograd_tiny.table.primitive import function

    w = [Value(0.1 * i + 0.1) for i in range(4)]

    def penalty(x: Any) -> Any:
        slopes = gradients(dot(w, x).tanh(), w, create_graph=True)
        return dot(slopes, slopes)

    assert any(i.kind == "sech_squared" for i in recorded(penalty, [1.0, 2.0, 3.0, 4.0]).listing().forward)
    register(function("cube", lambda xp, x: x * x * x, lambda xp, x, y: 3.0 * xp.square(x)))
    try:
        program = recorded(lambda x: sum([(p * x).cube() for p in w]), 2.0)
    finally:
        unregister("cube")
    assert "t2 = cube(t1)" in str(program)
    assert "∂t1 += ∂t2 × ∂cube/∂x" in str(program)


def test_one_is_singular() -> None:
    w = Value(0.5)
    story = recorded(lambda x: (w * x).exp(), 1.0).explain()
    assert "1. 2 scalar operations on 1 parameter, 1 input and 0 constants." in story
    assert not re.search(r"(?<![\d.])1 \w+s\b", story.replace("1 terms", ""))


def test_there_is_no_listing_of_what_has_no_instructions() -> None:
    program = compile(lambda x: x * 2.0, scalars="always")
    with pytest.raises(ValueError, match="has not been recorded yet: call it once, then ask for its listing"):
        program.listing()
    program(1.0)
    with pytest.raises(ValueError, match=re.escape("runs as scalars, so there are no instructions to list: see")):
        program.listing()


def test_columns_of_nothing_are_nothing() -> None:
    assert aligned([]) == []
