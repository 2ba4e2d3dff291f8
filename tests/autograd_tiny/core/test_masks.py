"""0 · infinity: indeterminate, unless the zero comes from an edge that was not taken. Every way to a derivative agrees."""

from __future__ import annotations

from collections.abc import Callable
from math import inf, isfinite, isnan
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_tiny import (
    NonFiniteError,
    Value,
    compile,
    dot,
    elu,
    equal,
    explain,
    grad,
    gradients,
    greater,
    hessian,
    hvp,
    jacobian,
    jvp,
    leaky_relu,
    less,
    maximum,
    minimum,
    nonfinite,
    register,
    relu,
    sign,
    sqrt,
    steps,
    unregister,
    vjp,
    where,
)
from autograd_tiny.core.masks import ALWAYS, NEVER, SOMETIMES, taken, zeros_of
from autograd_tiny.table.ops import ROWS, TABLE
from autograd_tiny.table.primitive import function

F = Callable[[Any], Any]

MASKED: dict[str, tuple[F, float, float]] = {
    "where, the second arm": (lambda x: where(greater(x, 1.0), sqrt(x), 3.0), 0.0, 0.0),
    "where, the first arm": (lambda x: where(less(x, 1.0), 2.0 * x, sqrt(x)), 0.0, 2.0),
    "where in where": (lambda x: where(greater(x, 1.0), where(greater(x, 2.0), sqrt(x), x**0.5), x), 0.0, 1.0),
    "far below the arm": (lambda x: where(greater(x, 1.0), (sqrt(x) * 3.0 + 1.0).tanh().exp(), x), 0.0, 1.0),
    "relu's flat side": (lambda x: relu(sqrt(x) - 1.0), 0.0, 0.0),
    "relu at its kink": (lambda x: relu(sqrt(x)), 0.0, 0.0),
    "a comparison": (lambda x: greater(sqrt(x), 0.5) + x, 0.0, 1.0),
    "the sign": (lambda x: sign(sqrt(x)) + x, 0.0, 1.0),
    "a lost maximum": (lambda x: maximum(sqrt(x), 1.0, x), 0.0, 0.0),
    "a lost minimum": (lambda x: minimum(sqrt(x), x - 1.0), 0.0, 1.0),
    "a clip": (lambda x: minimum(maximum(sqrt(x), 0.5), 2.0), 0.0, 0.0),
    "a slope that is not used": (lambda x: leaky_relu(x + 1.0, sqrt(x)), 0.0, 1.0),
    "an alpha that is not used": (lambda x: elu(x + 1.0, sqrt(x)), 0.0, 1.0),
    "an infinite slope above": (lambda x: sqrt(greater(x, 1.0)) + x, 0.0, 1.0),
    "a power": (lambda x: where(greater(x, 1.0), x**0.5, x), 0.0, 1.0),
    "the edge of a domain": (lambda x: where(less(x, 1.0), x.asin() if isinstance(x, Value) else x, x), 1.0, 1.0),
}
"""Function, point, the derivative there."""

INDETERMINATE: dict[str, tuple[F, float]] = {
    "the square of a root": (lambda x: sqrt(x) ** 2, 0.0),
    "the root of a square": (lambda x: sqrt(x**2), 0.0),
    "the root of a sum of squares, squared": (lambda x: sqrt(x * x + 0.0 * x) ** 2, 0.0),
    "a root of a power": (lambda x: (x**3) ** (1 / 3), 0.0),
    "a product": (lambda x: x * sqrt(x), 0.0),
    "a constant zero": (lambda x: 0.0 * sqrt(x) + x, 0.0),
    "a zero in a dot product": (lambda x: dot([sqrt(x), x], [0.0, 1.0]), 0.0),
    "a zero in a dot product of Values": (lambda x: dot([sqrt(x), x], [x, x]), 0.0),
    "the kink of abs": (lambda x: abs(sqrt(x)), 0.0),
    "zeros that cancel": (lambda x: sqrt(x) - sqrt(x), 0.0),
    "the arm that is taken": (lambda x: where(less(x, 1.0), sqrt(x) ** 2, x), 0.0),
    "the winner": (lambda x: maximum(sqrt(x) ** 2, -1.0), 0.0),
    "relu's steep side": (lambda x: relu(sqrt(x) ** 2 + 1.0), 0.0),
    "the kink of abs, below a sum": (lambda x: abs(x.asin() if isinstance(x, Value) else x) * 0.0 + sqrt(x) ** 4, 0.0),
    "one minus a square": (lambda x: (sqrt(1.0 - x)) ** 2, 1.0),
}


def ways(f: F) -> dict[str, Callable[[float], Any]]:
    """Every way to the derivative of ``f`` at a point."""

    def backward(at: float) -> float:
        x = Value(at)
        f(x).backward()
        return x.grad

    def graph(at: float) -> float:
        x = Value(at)
        return float(gradients(f(x), x, create_graph=True).data)

    def stepped(at: float) -> float:
        x = Value(at)
        for _ in (walk := steps(f(x))):
            pass
        walk.goto(len(walk))
        f(Value(at)).backward()  # raises where the sweep does; the pass itself may be stepped to its end
        return x.grad

    def ledger(at: float) -> float:
        x = Value(at)
        found = explain(f(x), x, 100)
        if not isfinite(found.gradient):
            raise NonFiniteError
        total = sum(path.product for path in found.paths) + found.rest
        assert total == pytest.approx(found.gradient, abs=1e-12)
        return found.gradient

    def compiled(scalars: str, batch: bool) -> Callable[[float], float]:
        def slope(at: float) -> float:
            w = Value(at)
            program = compile(lambda t: f(w + t), scalars=scalars)
            given = [0.0, 0.0] if batch else 0.0
            return float(program.value_and_grad(given, batch=batch)[1][0])

        return slope

    return {
        "backward": backward,
        "gradients": graph,
        "grad": grad(f),
        "jvp": lambda at: jvp(f, (at,), (1.0,))[1],
        "vjp": lambda at: vjp(f, at)[1](1.0)[0],
        "jacobian": jacobian(f),
        "grad in grad": lambda at: gradients(grad(f)(x := Value(at)) * x, x) - hessian(f)(at) * at,
        "steps": stepped,
        "explain": ledger,
        "compiled": compiled("never", False),
        "replayed": compiled("always", False),
        "compiled, batch": compiled("never", True),
        "replayed, batch": compiled("always", True),
    }


WAYS = list(ways(lambda x: x))


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("case", MASKED)
def test_an_edge_that_is_not_taken_sends_nothing(case: str, way: str) -> None:
    f, at, slope = MASKED[case]
    assert ways(f)[way](at) == slope


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("case", INDETERMINATE)
def test_any_other_zero_that_meets_an_infinity_raises(case: str, way: str) -> None:
    f, at = INDETERMINATE[case]
    with pytest.raises(NonFiniteError):
        ways(f)[way](at)


@pytest.mark.parametrize("case", MASKED)
def test_second_derivatives_do_not_pass_there_either(case: str) -> None:
    f, at, _ = MASKED[case]
    if case != "an infinite slope above":
        assert hessian(f)(at) == 0.0
        assert hvp(f, (at,), (1.0,)) == 0.0
        assert jvp(grad(f), (at,), (1.0,))[1] == 0.0
        assert grad(lambda x: jvp(f, (x,), (1.0,))[1])(at) == 0.0


def test_the_error_names_the_node_and_says_what_to_write() -> None:
    x = Value(0.0, "x")
    with pytest.raises(NonFiniteError) as caught:
        (x.sqrt() ** 2).backward()
    assert str(caught.value) == (
        "backward through sqrt(0.0): 0 × infinity: the gradient that arrives is 0, and the local derivative with respect "
        "to x is infinite\n"
        "  x is 'x' = 0.0\n"
        "  no gradient was changed; write a form whose derivative is finite here, or where(condition, a, b) to leave an "
        'arm out, or allow it: with nonfinite("allow")'
    )
    with pytest.raises(
        NonFiniteError, match=r"forward through pow\(0\.0, 0\.3+\): 0 × infinity: the tangent that arrives is 0"
    ):
        jvp(lambda x: (x**3) ** (1 / 3), (0.0,), (1.0,))
    assert x.grad == 0.0 and not x.backward_ran


def test_allowed_it_is_not_a_number() -> None:
    f = lambda x: sqrt(x) ** 2
    with nonfinite("allow"):
        assert isnan(grad(f)(0.0))
        assert isnan(jvp(f, (0.0,), (1.0,))[1])
        x = Value(0.0)
        f(x).backward()
        assert isnan(x.grad)
        assert isnan(explain(f(x), x).gradient)
        w = Value(0.0)
        for scalars in ("never", "always"):
            assert isnan(compile(lambda t: f(w + t), scalars=scalars).value_and_grad(0.0)[1][0])


def test_a_changed_leaf_does_not_change_what_was_taken() -> None:
    w, v = Value(-1.0), Value(0.0)
    y = where(greater(w, 0.0), v.sqrt(), 2.0 * v) + relu(w) * 1.0
    w.data = 1.0
    assert gradients(y, [v, w]) == [2.0, 0.0]
    m, u = Value(0.0), Value(0.0)
    z = m * u.sqrt()
    m.data = 1.0
    with pytest.raises(NonFiniteError):
        gradients(z, u)


def test_a_step_shows_it_and_can_be_stepped_past() -> None:
    x = Value(0.0, "x")
    walk = steps(sqrt(x) ** 2)
    last = [*walk][-1]
    assert last.sends and not last.finite and isnan(last.contributions[0].product)
    u = Value(0.0, "u")
    done = [*steps(where(greater(u, 1.0), sqrt(u), 3.0 * u))]
    assert all(step.finite for step in done) and u.grad == 3.0
    assert not next(step for step in done if step.node.op == "sqrt").sends


def test_every_row_says_what_its_zeros_are() -> None:
    always = {row.name for row in ROWS if ALWAYS in zeros_of(row)}
    assert {"where", "relu", "maximum", "minimum", "greater", "equal", "sign"} <= always
    assert {row.name for row in ROWS if SOMETIMES in zeros_of(row)} >= {"leaky_relu", "elu"}
    for name in ("mul", "div", "pow", "square", "abs", "sin", "dot", "sqrt", "tanh", "logsumexp"):
        assert set(zeros_of(TABLE[name])) == {NEVER}, name


def test_a_row_that_sometimes_masks_is_asked_at_the_point() -> None:
    x, s = Value(0.0), Value(0.5)
    assert taken(leaky_relu(x, s)) == (True, True)  # the derivative by the slope is x, which happens to be 0
    assert gradients(gradients(leaky_relu(x, s), s, create_graph=True), x) == 1.0
    assert taken(leaky_relu(x + 1.0, s)) == (True, False)


def test_masks_of_a_plug_in_follow_from_its_row() -> None:
    row = function(
        "relu_squared", lambda xp, x: xp.where(xp.greater(x, 0.0), x * x, 0.0),
        lambda xp, x, y: xp.where(xp.greater(x, 0.0), 2.0 * x, 0.0),
    )  # fmt: skip
    shifted = function(
        "half_square", lambda xp, x: xp.where(xp.greater(x, -1.0), 0.5 * x * x, 0.5),
        lambda xp, x, y: xp.where(xp.greater(x, -1.0), x, 0.0),
    )  # fmt: skip
    try:
        f, g = register(row), register(shifted)
        for way, slope in ways(lambda x: f(sqrt(x) - 1.0)).items():
            assert slope(0.0) == 0.0, way
        for way, slope in ways(lambda x: g(sqrt(x))).items():
            with pytest.raises(NonFiniteError):  # its slope is 0 because x is, and half of x is the composite
                assert slope(0.0) == 0.0, way
    finally:
        unregister("relu_squared")
        unregister("half_square")


@st.composite
def masked_functions(draw: st.DrawFn) -> tuple[F, float]:
    """Sums and products of pieces that are infinitely steep at 0 or 1, behind masks or not."""
    at = draw(st.sampled_from([0.0, 1.0, 0.25]))
    pieces: list[F] = [
        lambda x: sqrt(x), lambda x: sqrt(1.0 - x), lambda x: x**0.5, lambda x: x**2, lambda x: x - at,
        lambda x: relu(x - 0.5), lambda x: 0.0 * x + 1.0, lambda x: abs(x - at), lambda x: 0.3 * x,
    ]  # fmt: skip
    joins: list[Callable[[Any, Any], Any]] = [
        lambda a, b: a * b, lambda a, b: a + b, lambda a, b: a - b, lambda a, b: maximum(a, b), lambda a, b: minimum(a, b),
        lambda a, b: where(greater(a, b), a, b), lambda a, b: where(equal(a, b), b, a * 2.0), lambda a, b: a * greater(a, b),
        lambda a, b: relu(a) * b, lambda a, b: dot([a, b], [b, 0.5]),
    ]  # fmt: skip
    parts = draw(st.lists(st.sampled_from(pieces), min_size=2, max_size=4))
    how = draw(st.lists(st.sampled_from(joins), min_size=3, max_size=3))

    def f(x: Any) -> Any:
        total = parts[0](x)
        for join, part in zip(how, parts[1:], strict=False):
            total = join(total, part(x))
        return total

    return f, at


@given(masked_functions())
def test_all_ways_agree_or_all_raise(drawn: tuple[F, float]) -> None:
    f, at = drawn
    answers: dict[str, float | None] = {}
    for way, slope in ways(f).items():
        if way == "grad in grad":  # a second derivative may be infinite where the first is not
            continue
        try:
            answers[way] = slope(at)
        except NonFiniteError:
            answers[way] = None
    found = answers["backward"]
    for way, answer in answers.items():
        if found is None or answer is None:
            assert answer is found, f"{way} gives {answer}, backward {found}"
        else:
            assert abs(answer - found) <= 1e-12 * max(1.0, abs(found)), way


def test_an_infinite_gradient_of_one_leaf_is_none_of_another() -> None:
    x, y = Value(0.0), Value(4.0)
    z = sqrt(where(greater(y, 0.0), x, y))
    assert gradients(z, y) == 0.0
    with pytest.raises(NonFiniteError):
        gradients(z, x)
    with nonfinite("allow"):
        assert gradients(z, [x, y]) == [inf, 0.0]
