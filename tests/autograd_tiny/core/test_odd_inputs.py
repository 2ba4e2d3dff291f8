"""What nobody should call the engine with: at every entry an error in words, the same on both engines, and no crash.

`outcomes` throws each odd thing at each entry; run as a script this file prints what came of it on the engine that runs,
and the test compares the two. Rules that give anything are in `test_odd_rules`, operands whose methods run Python in
`test_busy_operands`.
"""

from __future__ import annotations

import copy
import json
import math
import os
import pickle
import re
import subprocess
import sys
from array import array
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import numpy as np
import pytest

import autograd_tiny as ad
from autograd_tiny import Value, compile, core, gradients, jacobian, jvp, register, unregister, vjp
from autograd_tiny.table.ops import ROWS, TABLE

sweep = import_module(f"autograd_tiny.core.{'_engine' if ad.engine == 'compiled' else 'backward'}").backward

FINE = (TypeError, ValueError, IndexError, ad.AutogradError)
"""Errors of what was given; any other is a fault of ours."""

VALUE_ODD: dict[str, Callable[[], Any]] = {
    "None": lambda: None,
    "an int": lambda: 3,
    "a str": lambda: "x",
    "bytes": lambda: b"12345678",
    "complex": lambda: 1j,
    "nan": lambda: math.nan,
    "10**400": lambda: 10**400,
    "10**5000": lambda: 10**5000,
    "-1": lambda: -1,
    "an object": object,
    "the class": lambda: Value,
    "uninitialised": lambda: Value.__new__(Value),
    "nothing": list,
    "no tuple": tuple,
    "a dict": dict,
    "[None]": lambda: [None],
    "['x']": lambda: ["x"],
    "[1.0]": lambda: [1.0],
    "(None,)": lambda: (None,),
    "[v, None]": lambda: [Value(1.0), None],
    "[[v]]": lambda: [[Value(1.0)]],
    "a generator": lambda: (x for x in [Value(1.0)]),
    "dates": lambda: np.array(["2020-01-01"], "datetime64[D]"),
    "complex array": lambda: np.array([1j]),
    "2-d array": lambda: np.ones((2, 2)),
    "0-d array": lambda: np.array(1.0),
    "objects": lambda: np.array([None, Value(1.0)], object),
    "bools": lambda: np.array([True]),
    "reversed": lambda: np.arange(3.0)[::-1],
}


def replay_arguments() -> list[Any]:
    """Those of a graph of a × b + a, a and b parameters."""
    a, b = Value(2.0), Value(3.0)
    tape = core.tape([a * b + a], [])
    codes, starts, parents, numbers, depends, roots, _, rows = tape
    return [*map(bytes, (codes, starts, parents, numbers, depends)), list(rows), array("q", [0, 1]).tobytes(), b"", b"",
            array("q", roots).tobytes()]  # fmt: skip


def replayed(place: int, odd: Any) -> Any:
    arguments = replay_arguments()
    arguments[place] = odd
    return core.Replay(*arguments).run([1.0, 2.0], [], 1, True)


def run(*arguments: Any) -> Any:
    return core.Replay(*replay_arguments()).run(*arguments)


def entries() -> dict[str, Callable[[Any], Any]]:
    """Each takes one odd thing."""
    v = Value(2.0)
    found: dict[str, Callable[[Any], Any]] = {
        "topological_order": core.topological_order,
        "topological_order of two": lambda x: core.topological_order(v, x),
        "topological_order of all": lambda x: core.topological_order(*x),
        "backward": sweep,
        "gradient_numbers root": lambda x: core.gradient_numbers(x, [v]),
        "gradient_numbers targets": lambda x: core.gradient_numbers(v * v, x),
        "data_of": core.data_of,
        "gradients_of": core.gradients_of,
        "zero_gradients": core.zero_gradients,
        "set_data values": lambda x: core.set_data(x, [1.0]),
        "set_data numbers": lambda x: core.set_data([Value(1.0)], x),
        "set_gradients values": lambda x: core.set_gradients(x, [1.0]),
        "set_gradients numbers": lambda x: core.set_gradients([Value(1.0)], x),
        "tape roots": lambda x: core.tape(x, []),
        "tape inputs": lambda x: core.tape([v * v], x),
        "tape fixed": lambda x: core.tape([v * v], [], x),
        "apply": lambda x: core.apply(TABLE["mul"], (v, x)),
        "apply to nothing": lambda x: core.apply(TABLE["mul"], (x,)),
        "apply dot": lambda x: core.apply(TABLE["dot"], (x, x)),
        "constant": core.constant,
        "Value": Value,
        "label": lambda x: Value(1.0, x),
        "data": lambda x: setattr(Value(1.0), "data", x),
        "grad": lambda x: setattr(Value(1.0), "grad", x),
        "init twice": lambda x: v.__init__(x),  # type: ignore[misc]
        "init computed": lambda x: (v * v).__init__(x),  # type: ignore[misc]
        "restore": lambda x: Value(1.0).__reduce__()[0](x, "", None, False),
        "restore label": lambda x: Value(1.0).__reduce__()[0](1.0, x, None, False),
        "restore grad": lambda x: Value(1.0).__reduce__()[0](1.0, "", x, False),
        "steps": lambda x: (v * v).steps(x),
        "format": lambda x: format(v, x),
        "gradients root": lambda x: gradients(x, v),
        "gradients wrt": lambda x: gradients(v * v, x),
        "gradients wrt graph": lambda x: gradients(v * v, x, create_graph=True),
        "jvp": lambda x: jvp(lambda y: y, (x,), (x,)),
        "jvp primals": lambda x: jvp(lambda y: y, x, (1.0,)),
        "jvp tangents": lambda x: jvp(lambda y: y, (1.0,), x),
        "vjp": lambda x: vjp(lambda y: y, x)[0],
        "pullback": lambda x: vjp(lambda y: y, 1.0)[1](x),
        "grad of": lambda x: ad.grad(lambda y: y)(x),
        "grad gives": lambda x: ad.grad(lambda y: x)(1.0),
        "jacobian gives": lambda x: jacobian(lambda y: x)(1.0),
        "hessian of": lambda x: ad.hessian(lambda y: ad.sum(y))(x),
        "softmax": ad.softmax,
        "where": lambda x: ad.where(x, v, v),
        "select": lambda x: ad.select([v], x),
        "select rows": lambda x: ad.select(x, 0),
        "compiled": lambda x: compile(lambda y: v * 1.0)(x),
        "compiled gives": lambda x: compile(lambda: x)(),
        "register": register,
        "unregister": unregister,
        "explain": lambda x: ad.explain(x, v),
        "explain wrt": lambda x: ad.explain(v * v, x),
        "find_nonfinite": ad.find_nonfinite,
        "run parameters": lambda x: run(x, [], 1, True),
        "run samples": lambda x: run([1.0, 2.0], x, 1, True),
        "run count": lambda x: run([1.0, 2.0], [], x, True),
    }
    for name in ("add", "sub", "mul", "truediv", "pow", "lt", "le", "gt", "ge", "eq", "ne"):
        found[f"v.__{name}__"] = lambda x, name=name: getattr(v, f"__{name}__")(x)
    for row in ROWS:
        if row.variadic:
            found[f"{row.name}"] = lambda x, row=row: getattr(ad.functions, row.name)(*[x] * len(row.arguments))
            found[f"{row.name} of v, x"] = lambda x, row=row: getattr(ad.functions, row.name)(
                *[[v, x]] * len(row.arguments)
            )
            found[f"{row.name} variadic"] = lambda x, row=row: core.variadic(row, (x,) * len(row.arguments)) is None
        else:
            found[row.name] = lambda x, row=row: getattr(ad.functions, row.name)(x, *[v] * (len(row.arguments) - 1))
            found[f"{row.name} last"] = lambda x, row=row: getattr(ad.functions, row.name)(
                *[v] * (len(row.arguments) - 1), x
            )
    for place in range(10):
        found[f"Replay {place}"] = lambda x, place=place: replayed(place, x)
        found[f"Replay {place} cut"] = lambda x, place=place: replayed(place, replay_arguments()[place][:-1])
        found[f"Replay {place} longer"] = lambda x, place=place: replayed(place, replay_arguments()[place] * 2)
    return found


def shown(x: Any) -> str:
    """What came of it, without what differs from run to run."""
    if isinstance(x, (bytes, bytearray)):
        x = bytes(x)
    if isinstance(x, tuple):
        return f"({', '.join(map(shown, x))})"
    return without_places(repr(x))


def without_places(text: str) -> str:
    return re.sub(r"0x[0-9a-f]+", "0x…", re.sub(r"autograd_tiny\.core\.(_engine|value|backward|replay)\.", "", text))


def outcomes() -> Iterator[tuple[str, str]]:
    """What comes of each entry with each odd thing: what it gives, or its error in words."""
    for entry, call in entries().items():
        for name, make in VALUE_ODD.items():
            try:
                came = shown(call(make()))
            except FINE as error:
                came = without_places(f"{type(error).__name__}: {error}")
            yield f"{entry} ← {name}", came


def test_odd_inputs_give_errors_in_words_and_the_same_on_both_engines() -> None:
    other = "python" if ad.engine == "compiled" else "compiled"
    run = subprocess.run(
        [sys.executable, "-W", "error", __file__], capture_output=True, text=True, timeout=600,
        env={**os.environ, "AUTOGRAD_TINY_ENGINE": other},
    )  # fmt: skip
    if "EngineNotBuilt" in run.stderr:
        pytest.skip("the compiled engine is not built here")
    assert run.returncode == 0, run.stderr[-3000:]
    theirs, mine = json.loads(run.stdout), dict(outcomes())
    assert len(mine) > 4000
    assert {k: (mine[k], theirs[k]) for k in mine if mine[k] != theirs[k]} == {}


# What was found, one by one


def test_nothing_gives_nothing() -> None:
    assert core.topological_order() == []
    assert core.tape([], [])[5:7] == ([], [])
    nothing = lambda xs: [2.0 * x for x in xs]
    assert jvp(nothing, ([],), ([],)) == ([], [])
    assert jacobian(nothing)([]) == []
    assert vjp(nothing, [])[1]([]) == ([],)
    assert vjp(lambda x: [], 3.0)[1]([]) == (0.0,), "what gives nothing has no slope"


@pytest.mark.parametrize("scalars", ["auto", "never", "always"])
def test_a_compiled_function_may_give_nothing(scalars: str) -> None:
    w = Value(2.0)
    program = compile(lambda xs: [w * x for x in xs], scalars=scalars)
    assert [program(xs) for xs in ([1.0], [], [3.0, 4.0], [])] == [[2.0], [], [6.0, 8.0], []]
    assert program([[], []], batch=True) == []
    assert compile(lambda x: ((), []), scalars=scalars)(2.0) == ((), [])
    assert compile(lambda: (), scalars=scalars)() == ()
    with pytest.raises(TypeError, match="gives no number: a gradient needs one"):
        program.value_and_grad([])
    assert [p.name for p in program.passes([])] == ["record"]


def test_an_object_that_was_never_initialised_is_a_leaf_of_zero() -> None:
    v = Value.__new__(Value)
    assert (v.data, v.grad, v.label, v.op, v.parents, v.is_leaf, repr(v)) == (
        0.0, 0.0, "", "", (), True, "Value(data=0.0, grad=0.0)"
    )  # fmt: skip
    assert gradients(v * 3.0 + v.exp(), v) == 4.0


def test_a_computed_value_is_not_made_again() -> None:
    a = Value(2.0)
    for node in (a * a, ad.sum([a, a, a]), core.constant(3.0)):
        before = (node.data, node.parents)
        with pytest.raises(TypeError, match=r"^this Value is made already: write Value\(...\) for a new one$"):
            node.__init__(5.0)  # type: ignore[misc]
        assert (node.data, node.parents) == before


def test_a_copy_that_was_tampered_with_is_refused() -> None:
    restore, arguments = Value(2.0, "a").__reduce__()[:2]
    assert restore(*arguments).label == "a"
    assert math.isnan(restore(math.nan, "", None, True).data), "a constant may be what nonfinite allowed"
    for wrong in (("2", "", None, False), (2.0, 5, None, False), (2.0, "", "1", False), (2.0, None, None, False)):
        with pytest.raises(TypeError, match="expected"):
            restore(*wrong)
    forged = pickle.dumps(Value(2.0), protocol=2).replace(b"G@\x00\x00\x00\x00\x00\x00\x00", b"N")
    with pytest.raises(TypeError, match="a copied Value got None, a NoneType"):
        pickle.loads(forged)
    assert copy.deepcopy(Value(3.0)).data == 3.0


def test_what_is_no_finite_number_is_not_lost_among_others() -> None:
    """A comparison with NaN is false, so that the largest of some may hide it, and -inf adds nothing to logsumexp."""
    v = Value(1.0)
    for f in (ad.maximum, ad.minimum, ad.logsumexp, ad.sum):
        for wrong in (math.nan, math.inf, -math.inf):
            for xs in ([v, wrong], [wrong, v], (v, 2.0, wrong)):
                with pytest.raises(ValueError, match=f"an expression got {wrong}: expected a finite number"):
                    f(xs)


def test_a_power_has_no_modulus() -> None:
    for modulo in (2, 1.5, Value(2.0)):
        with pytest.raises(TypeError):
            pow(Value(5.0), 2.0, modulo)  # type: ignore[call-overload]
        with pytest.raises(TypeError):
            pow(Value(5.0), Value(2.0), modulo)  # type: ignore[call-overload]


if __name__ == "__main__":
    json.dump(dict(outcomes()), sys.stdout)
