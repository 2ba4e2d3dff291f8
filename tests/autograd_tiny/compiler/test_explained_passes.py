"""`Program.passes`: the passes that `pipeline` makes, in its order, each beginning where the one before it ended."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from autograd_tiny import Value, compile, dot, sum
from autograd_tiny.compiler.show import passes as module

from .test_passes import arrays_of
from .test_programs import compared

pytestmark = pytest.mark.once


@pytest.mark.parametrize("seed", range(20))
def test_they_are_those_of_the_program(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    program, _, rows, batch = compared(seed)
    made: list[Any] = []
    monkeypatch.setattr(module, "ArrayProgram", lambda *parts: made.append(parts) or module_program(*parts))
    module_program = type(arrays_of(program))
    arguments = [[row[i] for row in rows] if batch else rows[0][i] for i in range(len(rows[0]))]
    found = program.passes(*arguments, batch=batch)
    (graph, lowering, steps), arrays = made[0], arrays_of(program)
    assert graph.story == arrays.graph.story
    assert steps == arrays.steps
    assert [str(i.out) for i in lowering.instructions] == [str(i.out) for i in arrays.instructions]
    assert all(a.after == b.before for a, b in pairwise(found))
    assert found[0].before == "" and found[0].after
    assert program.cache_info().currsize == 1, "nothing is kept"


def test_a_chain_becomes_a_dot_product_and_the_rest_is_left() -> None:
    w = [Value(0.5), Value(1.5), Value(-1.0)]
    program = compile(lambda x: w[0] * x[0] + w[1] * x[1] + w[2])
    record, flatten, even_out, _, lift, schedule, lower, emit = program.passes([1.0, 2.0])
    assert record.after.splitlines() == ["n1 = mul(p1, x1)", "n2 = mul(p2, x2)", "n3 = add(n1, n2)", "n4 = add(n3, p3)"]
    assert flatten.after.splitlines() == ["n1 = dot([p1, p2], [x1, x2])", "n2 = add(p3, n1)"]
    assert not even_out.changed and not lift.changed
    assert str(lift).endswith("nothing to do here")
    assert schedule.after.splitlines() == ["step 1: 1 dot operation", "step 2: 1 add operation"]
    assert len(lower.after.splitlines()) == 2
    assert "# reverse" in emit.after


def test_long_ones_are_shown_in_part() -> None:
    w = [Value(0.1 * i) for i in range(100)]
    record, *_ = compile(lambda x: sum([(p * x).tanh() for p in w])).passes(2.0)
    assert len(record.after.splitlines()) == module.MOST + 1
    assert "… 161 more" in record.after
    assert record.after.splitlines()[-1].startswith("n201 = sum([n")
    assert record.after.splitlines()[-1].endswith("])")


def test_a_batch_copies_what_stands_beside_it() -> None:
    w = [Value(0.5), Value(2.0)]
    program = compile(lambda x: dot([x, w[0], x.tanh()], [w[1], x, x]))
    found = {each.name: each for each in program.passes([1.0, 2.0], batch=True)}
    assert "identity(x1)" in found["lift"].after and "for each sample" in found["schedule"].after


def test_arguments_that_samples_share_are_one_for_all() -> None:
    program = compile(lambda x, rate: x * rate, shared="rate")
    for arguments in (([1.0, 2.0, 3.0], 0.5), ([1.0, 2.0, 3.0], np.array(0.5))):
        record = program.passes(*arguments, batch=True)[0]
        assert record.after == "n1 = mul(x1, p1)"
