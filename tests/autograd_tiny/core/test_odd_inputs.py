"""What nobody should call the engine with: at every entry an error in words, the same on both engines, and no crash.

`outcomes` throws each odd thing at each entry; run as a script this file prints what came of it on the engine that runs,
and the test compares the two. The entries in C take sequences, buffers and objects whose methods run Python: those that
build graphs, or change the very list that is being read, have tests of their own below.
"""

from __future__ import annotations

import contextlib
import copy
import gc
import json
import math
import os
import pickle
import re
import signal
import subprocess
import sys
from array import array
from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from typing import Any

import numpy as np
import pytest

import autograd_tiny as ad
from autograd_tiny import Value, compile, core, gradients, jacobian, jvp, register, unregister, vjp
from autograd_tiny.table.namespaces import FLOATS
from autograd_tiny.table.ops import ROWS, TABLE
from autograd_tiny.table.primitive import Primitive, function

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
        [sys.executable, "-W", "error", __file__], capture_output=True, text=True, timeout=300,
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


# Rules of plug-ins, which may give anything


GIVES: list[Any] = [None, "1", 1j, (), object(), Value(1.0), np.ones(2)]


@contextlib.contextmanager
def registered(row: Primitive) -> Iterator[Primitive]:
    register(row)
    try:
        yield row
    finally:
        unregister(row.name)


def only_on_floats(wrong: Any, right: Callable[..., Any]) -> Callable[..., Any]:
    """A rule that is found wrong only once it runs on numbers."""
    return lambda xp, *operands: wrong if xp is FLOATS else right(xp, *operands)


@pytest.mark.parametrize("wrong", GIVES, ids=lambda x: type(x).__name__)
def test_a_rule_that_gives_no_number(wrong: Any) -> None:
    double, slope = (lambda xp, x: 2.0 * x), (lambda xp, x, y: xp.identity(2.0))
    with registered(function("odd", only_on_floats(wrong, double), slope)) as row:
        for use in (lambda: core.apply(row, (Value(1.0),)), lambda: ad.functions.odd(1.0)):  # type: ignore[attr-defined]
            with pytest.raises(TypeError, match=r"^odd: its rule for the value gave .*: expected a number$"):
                use()
    with (
        registered(function("odd", double, only_on_floats(wrong, slope))) as row,
        pytest.raises(TypeError, match=r"^odd: its rule for the derivative by x gave .*: expected a number$"),
    ):
        core.apply(row, (Value(1.0),))


@pytest.mark.parametrize("size", [0, 1, 2, 4, 100])
def test_a_rule_that_gives_too_many_or_too_few(size: int) -> None:
    """Of three elements. In C the local derivatives were read by the number of parents."""
    total, right = (lambda xp, xs: xp.sum_of(xp.identity, xs)), (lambda xp, xs, y: xp.each(lambda x: 1.0, xs))
    three = [Value(1.0), Value(2.0), Value(3.0)]
    for wrong in ([1.0] * size, (1.0,) * size, np.ones(size)):
        row = function("odd", total, only_on_floats(wrong, right), arguments="xs", variadic=True)
        with (
            registered(row),
            pytest.raises(TypeError, match=rf"^odd: its rule for the derivative by xs gave {size}: expected 3 numbers"),
        ):
            core.apply(row, (three,))
    for wrong in ([1.0, None, 1.0], [1.0, "1", 1.0]):
        row = function("odd", total, only_on_floats(wrong, right), arguments="xs", variadic=True)
        with registered(row), pytest.raises(TypeError, match="odd: its rule for the derivative by xs gave"):
            core.apply(row, (three,))
    row = function("odd", total, only_on_floats([1, np.float64(2.0), True], right), arguments="xs", variadic=True)
    with registered(row):
        assert core.apply(row, (three,)).local_derivatives == (1.0, 2.0, 1.0)


@pytest.mark.parametrize("scalars", ["never", "always"])
def test_a_rule_that_goes_wrong_in_a_compiled_program(scalars: str) -> None:
    """Recorded at a point where it is right, and run where it is not."""
    slopes = {1.0: [1.0, 1.0, 1.0], 2.0: [1.0], 3.0: None, 4.0: [1.0] * 9, 5.0: ["1"] * 3}
    right = lambda xp, xs, y: xp.each(lambda x: 1.0, xs)
    row = function(
        "odd", lambda xp, xs: xp.sum_of(xp.identity, xs),
        lambda xp, xs, y: slopes[xs[0]] if xp is FLOATS else right(xp, xs, y),
        arguments="xs", variadic=True,
    )  # fmt: skip
    with registered(row):
        w = Value(1.0)
        program = compile(lambda x: core.apply(row, ([x, w, w * 1.0],)), scalars="always")
        assert program.value_and_grad(1.0) == (3.0, [2.0])
        for x in (2.0, 3.0, 4.0, 5.0):
            with pytest.raises(TypeError, match=r"^odd: its rule for the derivative by xs gave"):
                program.value_and_grad(x)
        assert program.value_and_grad(1.0) == (3.0, [2.0])


def test_a_rule_that_is_wrong_as_a_graph() -> None:
    for wrong in (None, "1", [1.0]):
        slope = lambda xp, x, y, wrong=wrong: wrong if isinstance(x, Value) else xp.identity(2.0)
        with registered(function("odd", lambda xp, x: 2.0 * x, slope)) as row:
            x = Value(1.0)
            with pytest.raises(TypeError, match=r"^odd: its rule for the derivative by x gave"):
                gradients(core.apply(row, (x,)), x, create_graph=True)
    few = lambda xp, xs, y: [1.0] if isinstance(y, Value) else xp.each(lambda x: 1.0, xs)
    row = function("odd", lambda xp, xs: xp.sum_of(xp.identity, xs), few, arguments="xs", variadic=True)
    with registered(row):
        node = core.apply(row, ([x, x, x],))
        with pytest.raises(TypeError, match=r"^odd: its rule for the derivative by xs gave 1: expected 3 numbers"):
            gradients(node, x, create_graph=True)


def test_a_rule_that_runs_the_program_that_runs_it() -> None:
    """The numbers of the run within would be taken for those of the run around it."""
    found: list[Any] = []

    def forward(xp: Any, x: Any) -> Any:
        if found and isinstance(x, float) and x > 1.0:
            found[0].run([], [0.5], 1, False)
        return 2.0 * x

    with registered(function("odd", forward, lambda xp, x, y: xp.identity(2.0))):
        x = Value(1.0)
        codes, starts, parents, numbers, depends, roots, _, rows = core.tape([x.odd() + 1.0], [x])  # type: ignore[attr-defined]
        zero = array("q", [0]).tobytes()
        found.append(core.Replay(*map(bytes, (codes, starts, parents, numbers, depends)), list(rows), b"", zero, zero,
                                 array("q", roots).tobytes()))  # fmt: skip
        assert found[0].run([], [0.25, 1.0], 2, True) == array("d", [1.5, 3.0])
        if ad.engine == "compiled":  # the plain engine writes the rule out once
            with pytest.raises(
                RuntimeError, match="a rule of the graph that runs has run the same graph on other numbers"
            ):
                found[0].run([], [2.0], 1, True)


# Operands whose methods run Python


class Odd(float):
    """A float whose conversion does something on the way."""

    act: Callable[[], Any]

    def __float__(self) -> float:
        self.act()
        return 1.5


def odd(act: Callable[[], Any]) -> Odd:
    made = Odd(1.0)
    made.act = act
    return made


def busy() -> None:
    """What an operand's method could do to an engine: graphs made, walked and freed."""
    nodes = [Value(float(i)) for i in range(50)]
    ad.dot(nodes, nodes).backward()
    del nodes
    gc.collect()


def test_a_list_that_changes_while_it_is_read() -> None:
    a, b = Value(2.0), Value(3.0)
    for change in (list.clear, lambda xs: xs.append(None), lambda xs: xs.extend([None] * 1000)):
        for use in (
            lambda xs, change: core.set_data(xs, [odd(partial(change, xs)), 1.0]),
            lambda xs, change: core.set_gradients(xs, [odd(partial(change, xs)), 1.0]),
            lambda xs, change: ad.sum([odd(partial(change, xs)), *xs]),
            lambda xs, change: ad.dot(xs, [odd(partial(change, xs)), 2.0]),
            lambda xs, change: ad.dot([odd(partial(change, xs)), 2.0], xs),
            lambda xs, change: core.gradient_numbers(a * b, (change(xs) or x for x in list(xs))),
            lambda xs, change: core.tape([a * b], (change(xs) or x for x in list(xs))),
            lambda xs, change: core.data_of(change(xs) or x for x in list(xs)),
        ):
            with contextlib.suppress(*FINE):  # an error, or the numbers from before or after the change
                use([a, b], change)
    assert gradients(a * b, [a, b]) == [b.data, a.data]


def test_numbers_whose_length_lies() -> None:
    class Lies(list[float]):
        def __len__(self) -> int:
            return 2

    class OneOnly:
        def __len__(self) -> int:
            return 2

        def __iter__(self) -> Iterator[float]:
            return iter([7.0])

    values = [Value(1.0), Value(2.0)]
    for numbers in (OneOnly(), Lies([7.0])):
        for use in (core.set_data, core.set_gradients):
            with pytest.raises(ValueError, match="2 Values got 1 numbers: expected one for each"):
                use(values, numbers)
    assert [v.data for v in values] == [1.0, 2.0]


def test_operands_that_are_busy() -> None:
    v = Value(2.0)
    number = odd(busy)
    for use in (
        lambda: v + number, lambda: number * v, lambda: v**number, lambda: ad.where(number, v, number),
        lambda: ad.sum([v, number]), lambda: ad.dot([v, number], [number, 1.0]), lambda: ad.maximum(v, number),
        lambda: v.leaky_relu(number),
    ):  # fmt: skip
        node = use()
        node.backward()
        assert math.isfinite(node.data)
    leaf = Value(number)
    leaf.data = number
    leaf.grad = number
    assert (leaf.data, leaf.grad) == (1.5, 1.5)


@pytest.mark.skipif(sys.version_info < (3, 12), reason="from 3.12 on a class can be a buffer: __buffer__")
def test_a_buffer_that_changes_the_other_vector() -> None:
    class Buffer:
        def __init__(self, act: Callable[[], Any]) -> None:
            self.act = act

        def __buffer__(self, flags: int) -> memoryview:
            self.act()
            return memoryview(array("d", [1.0, 2.0]))

    a, b = Value(2.0), Value(3.0)
    for order in (1, -1):
        xs: list[Any] = [a, b]
        vectors = (xs, Buffer(xs.clear))[::order]
        with contextlib.suppress(*FINE):
            core.variadic(TABLE["dot"], vectors)


def test_a_signal_that_runs_the_program_that_is_interrupted() -> None:
    if ad.engine != "compiled":
        pytest.skip("on the plain engine a handler that differentiates disturbs a sweep")
    w, x = Value(0.5), Value(1.0)
    y = x
    for _ in range(200):
        y = (y * w).tanh() + 0.1
    codes, starts, parents, numbers, depends, roots, leaves, rows = core.tape([y], [x])
    index = [i for i, code in enumerate(memoryview(codes).cast("i")) if code == 0]
    places = {leaf: array("q", [i]).tobytes() for leaf, i in zip(leaves, index, strict=True)}
    replay = core.Replay(*map(bytes, (codes, starts, parents, numbers, depends)), list(rows), places[w], places[x],
                         array("q", [0]).tobytes(), array("q", roots).tobytes())  # fmt: skip
    samples = array("d", [i / 100 for i in range(2000)])
    wanted = replay.run([0.5], samples, 2000, True)
    slope = memoryview(replay.gradient).cast("B").cast("d")[0]
    calls: list[Any] = []
    previous = signal.signal(signal.SIGALRM, lambda *_: calls.append(replay.run([3.0], [9.0], 1, True)))
    try:
        for delay in (0.0005, 0.001, 0.002, 0.003):
            signal.setitimer(signal.ITIMER_REAL, delay)
            assert replay.run([0.5], samples, 2000, True) == wanted
            if len(calls) and memoryview(replay.gradient).cast("B").cast("d")[0] == slope:
                break
        else:
            pytest.skip("no signal came while it ran")
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)


if __name__ == "__main__":
    json.dump(dict(outcomes()), sys.stdout)
