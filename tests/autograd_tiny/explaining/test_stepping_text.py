"""How steps read: on the board, in LaTeX, in a notebook, as data; and the forward pass."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd_tiny as ad
from autograd_tiny import Value, forward_steps, steps
from autograd_tiny.explaining.blackboard import LATEX
from autograd_tiny.explaining.digits import change, short
from autograd_tiny.explaining.names import Names
from autograd_tiny.testing import Expression, expressions


def tour(d: str = "d", root: str = "L") -> Value:
    a, b, c = Value(2.0, "a"), Value(-3.0, "b"), Value(10.0, "c")
    sum_ = a * b + c
    sum_.label = d
    top = sum_.tanh()
    top.label = root
    return top


def test_the_tour() -> None:
    assert [str(step).splitlines() for step in steps(tour())] == [
        [
            "step 1 of 3   L = tanh(d)                    ∂L/∂L = 1",
            "  ∂L/∂d = 1 − tanh²(d) = 0.00134    1 × 0.00134 = 0.00134    d.grad: 0 → 0.00134",
        ],
        [
            "step 2 of 3   d = a × b + c                  ∂L/∂d = 0.00134",
            "  ∂d/∂(a×b) = 1    0.00134 × 1 = 0.00134    (a×b).grad: 0 → 0.00134",
            "  ∂d/∂c = 1        0.00134 × 1 = 0.00134    c.grad: 0 → 0.00134",
        ],
        [
            "step 3 of 3   a × b                          ∂L/∂(a×b) = 0.00134",
            "  ∂(a×b)/∂a = b = -3    0.00134 × -3 = -0.00402    a.grad: 0 → -0.00402",
            "  ∂(a×b)/∂b = a = 2     0.00134 × 2 = 0.00268      b.grad: 0 → 0.00268",
        ],
    ]


def test_constants_repeated_parents_and_long_lines() -> None:
    x = Value(-1.0, "x")
    assert str(next(steps(x * 3.0))).splitlines()[1:] == [
        "  ∂root/∂x = 3    1 × 3 = 3    x.grad: 0 → 3",
        "  3 is a constant: it takes no gradient",
    ]
    x.grad = 5.0
    square = x * x
    square.label = "y"
    assert str(next(steps(square))).splitlines()[1:] == [
        "  ∂y/∂x (operand 1) = x = -1    1 × -1 = -1    x.grad: 5 → 4",
        "  ∂y/∂x (operand 2) = x = -1    1 × -1 = -1    x.grad: 4 → 3",
    ]
    weight = Value(1.5, "layer1.weight[0]")
    assert str(next(steps(weight.gelu() * 0.25))).splitlines()[1:] == [
        "  ∂root/∂gelu₁ = 0.25    1 × 0.25 = 0.25    gelu₁.grad: 0 → 0.25",
        "  0.25 is a constant: it takes no gradient",
    ]
    step = steps(weight.gelu() * 0.25).step(2)
    assert str(step) == (
        "step 2 of 2   gelu₁ = gelu(layer1.weight[0])    ∂root/∂gelu₁ = 0.25\n"
        "  ∂gelu₁/∂layer1.weight[0] = 0.5 × erfc(−(layer1.weight[0] / 1.41)) + la… = 1.13\n"
        "      0.25 × 1.13 = 0.282    layer1.weight[0].grad: 0 → 0.282"
    )
    assert "erfc" in step.contributions[0].formula
    assert not step.contributions[0].formula.endswith("…"), "the data are complete"


@given(expressions(), st.integers(40, 120), st.integers(2, 8))
def test_no_line_is_longer_than_asked_and_every_parent_is_named(e: Expression, width: int, digits: int) -> None:
    p = steps(e(*(Value(x, f"x{i}") for i, x in enumerate(e.point))))
    for step in p:
        text = step.text(digits, width)
        assert max(map(len, text.splitlines())) <= width
        if step.sends and len(step.contributions) <= 8 and width >= 100:
            assert text.count(".grad: ") == sum(not sent.parent.is_constant for sent in step.contributions)


@given(expressions())
def test_no_two_nodes_have_one_name(e: Expression) -> None:
    p = steps(e(*(Value(x, f"x{i}") for i, x in enumerate(e.point))))
    for xp in (None, LATEX):
        named = [node for node in p.order if not node.is_constant]
        names = [str(p.names.name(node, xp) if xp else p.names.name(node)) for node in named]
        assert len(set(names)) == len(names)


def test_nodes_without_a_label_are_called_by_the_callers_variables() -> None:
    a, b, c = Value(2.0), Value(-3.0), Value(10.0)
    d = a * b + c
    L = d.tanh()
    p = steps(L)
    assert str(next(p)).startswith("step 1 of 3   L = tanh(d)                    ∂L/∂L = 1\n  ∂L/∂d = 1 − tanh²(d) =")
    assert str(p.until("a")).splitlines()[1].startswith("  ∂(a×b)/∂a = b = -3 ")
    p.goto(1)
    found = p.until("a*b")
    assert found is not None and (found.index, found.node.op) == (3, "mul")
    assert repr(forward_steps(L).step(2)) == "<ForwardStep 2 of 3: d = a × b + c = 4.0>"
    assert L.label == d.label == a.label == ""


def test_a_node_is_found_by_its_printed_name_however_it_is_typed() -> None:
    x, y = Value(0.5, "x"), Value(2.0, "y")
    p = steps((x.gelu() * y) * (x.gelu() * y))
    for typed in ("gelu₁", "gelu1", "gelu#1", " gelu 1"):
        p.goto(0)
        found = p.until(typed)
        assert found is not None and (found.index, p.names(found.node)) == (5, "gelu₁")
    with pytest.raises(ValueError, match="has the name or operation 'gelu9'"):
        p.until("gelu9")


def test_twins_are_told_apart() -> None:
    a, b = Value(2.0, "a"), Value(3.0)
    left, right, once = a * b, a * b, a * 1.0
    names = Names([a, b, left, right, once, left + right + once])
    assert [str(names.name(x)) for x in (a, b, left, right, once)] == ["a", "leaf₂", "mul₁", "mul₂", "a × 1"]
    assert [str(names.name(x, LATEX)) for x in (b, left)] == [r"\mathrm{leaf}_{2}", r"\mathrm{mul}_{1}"]


def test_a_formula_that_is_someones_label_is_no_name() -> None:
    a, b, other = Value(2.0, "a"), Value(3.0, "b"), Value(1.0, "a × b")
    product = a * b
    names = Names([a, b, product, other, product + other])
    assert [str(names.name(x)) for x in (product, other)] == ["mul₁", "a × b"]
    assert str(names.formula(names.root)) == "mul₁ + (a × b)"


def test_numbers_are_short_but_show_a_change() -> None:
    assert [short(x) for x in (0.0, -0.0, 1e5, 12345.678, -0.3333, 1e-7, float("nan"))] == [
        "0", "0", "100000", "12345.7", "-0.333", "1e-07", "nan",
    ]  # fmt: skip
    assert change(1 / 3, 1 / 3) == "0.333 → 0.333"
    assert change(1.0, 1.0000001) == "1 → 1.0000001"
    assert change(0.0, float("nan")) == "0 → nan"


LABELS = st.text(st.sampled_from("ab_^{}$\\%#&~ \n<>λ1"), min_size=1, max_size=6)


@given(LABELS)
def test_whatever_a_label_holds_the_latex_is_balanced_and_has_no_command_of_its_own(label: str) -> None:
    x = Value(0.5, label)
    step = next(steps(x.exp()))
    latex = step._repr_latex_()
    assert latex[0] == latex[-1] == "$"
    bare = latex[1:-1].replace(r"\{", "").replace(r"\}", "").replace(r"\$", "").replace(r"\backslash", "")
    assert "$" not in bare
    depth = 0
    for letter in bare:
        depth += (letter == "{") - (letter == "}")
        assert depth >= 0
    assert depth == 0
    assert "\n" not in str(step).splitlines()[0]


def test_latex_of_a_step() -> None:
    assert steps(tour()).step(3)._repr_latex_() == (
        "$\\begin{aligned}\n"
        r"&a \cdot b, \quad \frac{\partial L}{\partial \left(a \cdot b\right)} = 0.00134 \\"
        "\n"
        r"&\frac{\partial \left(a \cdot b\right)}{\partial a} = b = -3, \quad 0.00134 \cdot \left(-3\right) = -0.00402, "
        r"\quad a\text{.grad: } 0 \to -0.00402 \\"
        "\n"
        r"&\frac{\partial \left(a \cdot b\right)}{\partial b} = a = 2, \quad 0.00134 \cdot 2 = 0.00268, "
        r"\quad b\text{.grad: } 0 \to 0.00268"
        "\n\\end{aligned}$"
    )
    x = Value(1e-9, "x")
    assert r"1 \cdot \left(1 \cdot 10^{-9}\right) = 1 \cdot 10^{-9}" in next(steps(x * x)).latex()


class Printer:
    """The part of IPython's pretty printer that a ``_repr_pretty_`` needs."""

    def __init__(self) -> None:
        self.output = ""

    def text(self, text: str) -> None:
        self.output += text


def pretty(thing: Any, cycle: bool = False) -> str:
    printer = Printer()
    thing._repr_pretty_(printer, cycle)
    return printer.output


def test_in_a_notebook() -> None:
    p = steps(tour())
    assert (pretty(p), p._repr_latex_()) == ("backward pass from L: 0 of 3 steps done", None)
    step = next(p)
    assert pretty(step) == str(step)
    assert pretty(p) == f"backward pass from L: 1 of 3 steps done\n{step}"
    assert p._repr_latex_() == step._repr_latex_()
    f = forward_steps(tour())
    assert (pretty(f), f._repr_latex_()) == ("forward pass to L: 0 of 3 steps done", None)
    first = next(f)
    assert (pretty(first), first._repr_latex_()) == (
        "step 1 of 3   a × b = 2 × -3 = -6",
        r"$a \cdot b = 2 \cdot -3 = -6$",
    )
    assert pretty(f) == f"forward pass to L: 1 of 3 steps done\n{first}"
    assert [pretty(x, True) for x in (p, step, f, first)] == [
        "BackwardPass(...)", "Step(...)", "ForwardPass(...)", "ForwardStep(...)",
    ]  # fmt: skip
    assert [repr(x) for x in (p, step, f, first)] == [
        "<BackwardPass from L: 1 of 3 steps done>",
        "<Step 1 of 3: L = tanh(d), upstream 1.0>",
        "<ForwardPass to L: 1 of 3 steps done>",
        "<ForwardStep 1 of 3: a × b = -6.0>",
    ]


def test_a_step_as_data() -> None:
    data = json.loads(json.dumps(steps(tour()).step(3).as_dict()))
    assert (data["index"], data["total"], data["formula"]) == (3, 3, "a × b")
    assert data["node"] == {
        "name": "a × b", "latex": r"a \cdot b", "kind": "operation", "number": 1, "op": "mul", "data": -6.0,
    }  # fmt: skip
    sent = data["contributions"][0]
    assert (sent["parent"]["name"], sent["operand"], sent["formula"], sent["latex"]) == ("a", 0, "b", "b")
    assert sent["product"] == sent["gradient_after"] == data["upstream"] * sent["local_derivative"]


# The forward pass


def test_the_forward_pass_of_the_tour() -> None:
    assert [str(step) for step in forward_steps(tour())] == [
        "step 1 of 3   a × b = 2 × -3 = -6",
        "step 2 of 3   d = a × b + c = -6 + 10 = 4",
        "step 3 of 3   L = tanh(d) = tanh(4) = 0.999",
    ]


@given(expressions())
def test_the_forward_pass_goes_both_ways_and_changes_nothing(e: Expression) -> None:
    root = e(*(Value(x, f"x{i}") for i, x in enumerate(e.point)))
    p = forward_steps(root)
    before = [(node.data, node.grad, node.backward_ran) for node in p.order]
    done: list[Value] = []
    for step in p:
        assert all(parent in done for parent in step.node.parents if parent.parents)
        assert step.operands == tuple((parent, parent.data) for parent in step.node.parents)
        assert (step.value, step.finite, step.stale) == (step.node.data, True, False)
        assert max(map(len, str(step).splitlines())) <= 80
        assert step.latex().count("{") == step.latex().count("}")
        done.append(step.node)
    assert done[-1] is root
    assert len(done) == len(p) == p.position == len(steps(root))
    assert [p.back().node for _ in done] == done[::-1]
    p.goto(len(p))
    assert (p.current.node if p.current else None) is root
    p.reset()
    assert [(node.data, node.grad, node.backward_ran) for node in p.order] == before


def test_forward_until_breakpoints_and_errors() -> None:
    p = forward_steps(tour())
    assert getattr(p.until("c"), "index", None) == 2
    assert p.until("a") is None
    p.goto(0)
    p.break_on("data > 3")
    assert getattr(p.run(), "index", None) == 2
    assert (p.run(), p.position) == (None, 3)
    with pytest.raises(ValueError, match="no node of this pass has the name or operation 'upstream > 1'"):
        p.until("upstream > 1")
    with pytest.raises(TypeError) as caught:
        forward_steps(2.0)  # type: ignore[arg-type]
    assert str(caught.value) == "forward_steps(root) got 2.0: expected the Value that is computed"


def test_a_leaf_set_since_is_noticed() -> None:
    x = Value(3.0, "x")
    p = forward_steps(x * 2.0)
    x.data = 5.0
    assert str(next(p)) == (
        "step 1 of 1   root = x × 2 = 5 × 2 = 6\n  a leaf was set after this was computed: build the expression again"
    )


def test_forward_of_powers_vectors_and_leaves() -> None:
    x, y = Value(-3.0, "x"), Value(2.0)
    assert str(next(forward_steps(x**2))) == "step 1 of 1   root = x² = (-3)² = 9"
    assert str(next(forward_steps(x * 1.0))) == "step 1 of 1   root = x × 1 = -3 × 1 = -3"
    assert str(next(forward_steps(ad.maximum([x, y])))) == "step 1 of 1   root = max(x, y) = max(-3, 2) = 2"
    assert str(next(forward_steps(x))) == "step 1 of 1   x = -3"
    assert next(forward_steps(x**2)).as_dict()["operands"][0]["name"] == "x"


def test_derivatives_are_the_textbooks_or_those_computed() -> None:
    z = Value(0.5, "z")
    a, b = z.sigmoid(), z.tanh()
    a.label = "a"
    assert "∂a/∂z = a × (1 − a) = 0.235" in str(steps(a).step(1))
    assert "∂a/∂z = a × σ(−z) = 0.235" in str(steps(a, forms="computed").step(1))
    p = steps(b, forms="computed")
    p.set(z, 0.25)
    assert "∂b/∂z = 1 / cosh²(z) = " in str(p.step(1)), "a switch outlives a set"
    with pytest.raises(ValueError, match='expected "textbook" or "computed"'):
        steps(a, forms="exact")
