"""A ledger as it is read: on the terminal, in detail, in LaTeX, in a notebook; and the names in it."""

from __future__ import annotations

import random
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_tiny import Value, dot, explain, logsumexp, maximum, track_sources
from autograd_tiny.core import topological_order
from autograd_tiny.explaining.ledger.text import how_many
from autograd_tiny.explaining.names import Names
from autograd_tiny.explaining.wording import latex_name, latex_number, local_formula, name_of, text_of
from autograd_tiny.table.namespaces import LATEX, TEXT
from autograd_tiny.table.ops import ROWS
from autograd_tiny.testing import Expression, expressions


def tour() -> tuple[Value, Value, Value]:
    a, b, c = Value(2.0, "a"), Value(-3.0, "b"), Value(10.0, "c")
    d = a * b + c
    d.label = "d"
    root = d.tanh()
    root.label = "L"
    return root, d, a


class TestOverview:
    def test_the_tour(self) -> None:
        a, b, c = Value(2.0, "a"), Value(-3.0, "b"), Value(10.0, "c")
        d = a * b + c
        L = d.tanh()
        assert str(explain(L, a)) == (
            "∂L/∂a = 1 path\n  ∂L/∂d · ∂d/∂(a×b) · ∂(a×b)/∂a  =  0.00134 × 1 × -3  =  -0.00402"
        )
        assert repr(explain(L, a)) == f"<Ledger ∂L/∂a = 1 path, gradient {-0.00402285204907769}>"

    def test_several_paths_are_aligned_and_added_up(self) -> None:
        x = Value(2.0, "x")
        y = (x * 10.0).exp() * 0.0 + x * x + 3.0 * x
        y.label = "y"
        assert str(explain(y, x, 3)).splitlines() == [
            "∂y/∂x = 4 paths (1 carry 0)",
            "  ∂y/∂(3×x) · ∂(3×x)/∂x                =  1 × 3      =  3",
            "  ∂y/∂add₅ · ∂add₅/∂(x×x) · ∂(x×x)/∂x  =  1 × 1 × 2  =  2   (2 like this)",
            "  … and 1 more path: 0",
            "  sum: 7",
        ]

    def test_no_path(self) -> None:
        root, _, _ = tour()
        assert str(explain(root, Value(1.0, "q"))) == "∂L/∂q = 0 paths: L does not depend on q, the gradient is 0"
        assert str(explain(root, root)) == "∂L/∂L = 1 path\n  the node itself  =  1  =  1"
        assert str(explain(root, root, 0)) == "∂L/∂L = 1 path\n  sum: 1"

    @given(st.integers(1, 60), st.integers(1, 8))
    def test_chains_fit_80_columns(self, length: int, k: int) -> None:
        rng = random.Random(length)
        y = x = Value(0.5, "x")
        for _ in range(length):
            y = (y * rng.gauss(0.0, 1.0) + y).tanh()
        lines = str(explain(y, x, k)).splitlines()
        assert max(map(len, lines)) <= 80
        shown = re.findall(r"\((\d+) more", lines[2])
        if shown:  # nothing lost: the factors shown and those left out make up the path
            assert lines[1].count("∂") // 2 + int(shown[0]) == len(explain(y, x, 1).paths[0].edges)

    def test_chains_of_long_numbers_fit_too(self) -> None:
        for length in range(1, 12):
            y = x = Value(1.0, "a")
            for i in range(length):
                y = y * -1.2345e-5
                y.label = chr(ord("b") + i)
            twice = y + y
            twice.label = "z"
            for root in (y, twice):
                assert max(map(len, str(explain(root, x)).splitlines())) <= 80

    @pytest.mark.parametrize(
        ("count", "text"),
        [(1, "1"), (999_999_999_999_999, "999,999,999,999,999"), (10**15, "1 × 10¹⁵"), (3 * 10**4000, "3 × 10⁴⁰⁰⁰")],
    )
    def test_how_many(self, count: int, text: str) -> None:
        assert how_many(count) == text


class TestDetails:
    def test_every_factor_has_a_line(self) -> None:
        root, _, a = tour()
        assert explain(root, a, names={}).detailed() == DETAILED

    def test_sources_are_shown(self) -> None:
        with track_sources():
            x = Value(2.0)
            y = x * 3.0
        assert "made at test_ledger_text.py:" in explain(y, x).detailed()
        assert "y = x * 3.0" in explain(y, x).detailed()

    def test_cancelling_paths(self) -> None:
        x = Value(2.0, "x")
        detailed = explain(x * 1000.0 - x * 999.0, x).detailed()
        assert "path 1 of 2: 1000, 1,000 times the gradient" in detailed
        assert "path 2 of 2: -999, -999 times the gradient" in detailed

    def test_many_contributions_leave_their_middle_out(self) -> None:
        x = Value(2.0, "x")
        detailed = explain(dot([x] * 100, [1.0] * 100), x).detailed()
        assert "76 more" in detailed

    @given(expressions())
    def test_any_expression_can_be_written_out(self, e: Expression) -> None:
        xs = [Value(x) for x in e.point]
        ledger = explain(e(*xs), xs[0])
        assert ledger.detailed().startswith(f"∂{''.join(str(ledger).split('∂')[1])[:1]}")
        assert ledger.latex().count(r"\begin{aligned}") == 1
        assert ledger.latex().count("{") == ledger.latex().count("}")
        assert ledger.latex().count(r"\left") == ledger.latex().count(r"\right")

    def test_the_chain_rule_on_three_lines(self) -> None:
        root, _, a = tour()
        assert explain(root, a).written_out() == [
            "∂L/∂a = ∂L/∂d · ∂d/∂(a×b) · ∂(a×b)/∂a",
            "  = [1 − tanh²(d)] · [1] · [b]",
            "  = 0.001341 × 1 × -3 = -0.004023",
        ]
        x = Value(3.0, "x")
        assert explain(x * x, x, names={}).written_out() == [
            "∂root/∂x = ∂root/∂x + 1 path more",
            "  = [x] + …",
            "  = 3 + … = 6",
        ]


DETAILED = """\
∂L/∂a = 1 path, gradient -0.00402285

path 1 of 1: -0.00402285, 100 % of the gradient
  factor      formula        number     product
  ∂L/∂d       1 − tanh²(d)   0.001341   0.001341
  ∂d/∂(a×b)   1              1          0.001341
  ∂(a×b)/∂a   b              -3         -0.004023

what the sweep adds up in a
  from   gradient   × local   = sends     sum so far
  a×b    0.001341   -3        -0.004023   -0.004023

the nodes on the first path
  L     = tanh(d)     = 0.9993
  d     = a × b + c   = 4
  a×b                 = -6
  a                   = 2"""


class TestLatex:
    def test_the_tour(self) -> None:
        root, _, a = tour()
        assert explain(root, a).latex() == (
            "\\begin{aligned}\n"
            r"\frac{\partial L}{\partial a} &= \frac{\partial L}{\partial d} \cdot "
            r"\frac{\partial d}{\partial \left(a \cdot b\right)} \cdot "
            r"\frac{\partial \left(a \cdot b\right)}{\partial a} \\" + "\n"
            r" &= \left(1 - \tanh^{2}\left(d\right)\right) \cdot 1 \cdot b \\" + "\n"
            r" &= 0.00134 \times 1 \times \left(-3\right) = -0.00402" + "\n"
            "\\end{aligned}"
        )

    def test_no_path_and_no_edge(self) -> None:
        root, _, _ = tour()
        assert explain(root, Value(1.0, "q")).latex() == (r"\frac{\partial L}{\partial q} = 0 \quad \text{(no path)}")
        assert " &= 1 = 1" in explain(root, root).latex()

    def test_notebooks(self) -> None:
        root, _, a = tour()
        ledger = explain(root, a)
        assert ledger._repr_latex_() == rf"$\displaystyle {ledger.latex()}$"

        class Printer:
            written = ""

            def text(self, text: str) -> None:
                self.written += text

        printer = Printer()
        ledger._repr_pretty_(printer, False)
        assert printer.written == str(ledger)
        ledger._repr_pretty_(printer, True)
        assert printer.written == f"{ledger}Ledger(...)"

    @pytest.mark.parametrize(
        ("label", "latex"),
        [
            ("x", "x"), ("w1", "w_{1}"), ("w_12", "w_{12}"), ("w[0]", "w_{0}"), ("W[0, 1]", "W_{0, 1}"),
            ("a⁽²⁾", "a^{(2)}"), ("w₁⁽³⁾", "w_{1}^{(3)}"), ("loss", r"\mathrm{loss}"), ("relu₃", r"\mathrm{relu}_{3}"),
            ("a × b", r"\text{a × b}"), ("50% of $x_1$", r"\text{50\% of \$x\_1\$}"),
            (r"\input{/etc/passwd}", r"\text{\backslash input\{/etc/passwd\}}"), ("params['w']", r"\text{params['w']}"),
        ],
    )  # fmt: skip
    def test_labels(self, label: str, latex: str) -> None:
        assert latex_name(label) == latex
        assert str(text_of(Value(1.0, label), LATEX)) == latex

    def test_numbers(self) -> None:
        assert latex_number(12345.678) == r"1.235 \times 10^{4}"
        assert latex_number(float("-inf")) == r"-\infty"
        assert latex_number(float("nan")) == r"\text{nan}"


class TestNames:
    def test_label_then_variable_then_formula_then_number(self) -> None:
        a, free = Value(2.0, "a"), Value(3.0)
        long = (a * free + 1.0) * (a + 2.5) * (a - free)
        names = Names(topological_order(long), {})
        assert [names(node) for node in topological_order(long) if not node.is_constant] == [
            "a", "leaf₂", "a×leaf₂", "a×leaf₂+1", "a+2.5", "mul₄", "a−leaf₂", "root",
        ]  # fmt: skip
        assert Names(topological_order(long), {free: "f", a: "not_a"})(a * free) == "a×f"

    def test_explain_takes_the_callers_variables_or_those_given(self) -> None:
        speed = Value(3.0)
        energy = speed * speed * 0.5
        assert str(explain(energy, speed)).startswith("∂energy/∂speed = 2 paths")
        assert str(explain(energy, speed, names={"E": energy})).startswith("∂E/∂leaf₁ = 2 paths")
        assert energy.label == speed.label == ""

    def test_explain_from_a_function_of_another_module_sees_its_caller_only(self) -> None:
        def show(top: Value, bottom: Value) -> str:
            return str(explain(top, bottom))

        x = Value(1.0)
        assert show(x.exp(), x).startswith("∂top/∂bottom")

    def test_tracked_variables_of_functions_that_have_returned(self) -> None:
        def layer(x: Value) -> Value:
            z = x * 2.0 + 1.0
            a = z.tanh()
            return a  # noqa: RET504

        def total(x: Value) -> Value:
            out = sum([x, x * 3.0, x * 4.0], start=Value(0.0))
            return out  # noqa: RET504

        with track_sources():
            x = Value(0.5)
            y = layer(layer(x))
            t = total(x)
        nodes = topological_order(y)
        names = Names(nodes, {})
        assert [names(node) for node in nodes if not node.is_constant] == [
            "x", "x×2", "z₁", "a₁", "a₁×2", "z₂", "a₂",
        ]  # fmt: skip
        del t  # the partial sums of one call are not the variable, only the last of them
        nodes = topological_order(total(x))
        assert [names for names in map(Names(nodes, {}), nodes) if names.startswith("out")] == []
        with track_sources():
            x = Value(0.5)
            nodes = topological_order(total(x))
        assert [name for name in map(Names(nodes, {}), nodes) if name.startswith("out")] == ["out"]

    def test_a_name_that_is_a_label_already_gets_a_number(self) -> None:
        def inner() -> Value:
            x = Value(1.0)
            return x  # noqa: RET504

        with track_sources():
            y = inner() * Value(2.0, "x")
        names = Names(topological_order(y), {})
        assert names(y.parents[0]) == "x₁"

    @pytest.mark.parametrize("label", ["w[0]", "a⁽²⁾", "x.y", "σ"])
    def test_a_label_that_reads_as_one_thing_needs_no_parentheses(self, label: str) -> None:
        w = Value(2.0, label)
        assert name_of(w**2) == f"{label}²"
        assert f"/∂{label} " in str(explain(w**2, w)) + " "

    @pytest.mark.parametrize("label", ["a + b", "w·x", "p=1"])
    def test_and_one_that_does_not_has_them(self, label: str) -> None:
        assert name_of(Value(2.0, label) ** 2) == f"({label})²"


class TestWording:
    def test_wide_nodes_write_what_is_shown_only(self) -> None:
        ws, xs = [Value(1.0, f"w{i}") for i in range(3000)], [Value(2.0, f"x{i}") for i in range(3000)]
        wide = dot(ws, xs)
        assert name_of(wide) == "[w0, w1, …, w2999] · [x0, x1, …, x2999]"
        assert [local_formula(wide, i) for i in (0, 1234, 2999, 3000, 4234)] == ["x0", "x1234", "x2999", "w0", "w1234"]
        top = logsumexp(ws)
        top.label = "y"
        assert local_formula(top, 77) == "exp(w77 − y)"
        assert local_formula(maximum(ws), 5).startswith("(1 if w5 = max(w0, w1, …, w2999) else 0) ")

    def test_numbers_in_names_are_short(self) -> None:
        assert name_of(Value(1.0, "x") * 0.123456789) == "x × 0.1235"
        assert name_of(Value(-1.23456789e-7)) == "−1.235e-07"

    @pytest.mark.parametrize(
        ("make", "name"),
        [
            (lambda x: x * 1.0, "x × 1"), (lambda x: x + 0.0, "x + 0"), (lambda x: x * 0.0 + 2.0, "x × 0 + 2"),
            (lambda x: x**1.0, "x^1"), (lambda x: x**2.0, "x²"), (lambda x: -1.0 * x, "−x"), (lambda x: x - 0.0, "x − 0"),
            (lambda x: x.detach() * 2.0, "3 × 2"), (lambda x: x.identity(), "x"),
        ],
    )  # fmt: skip
    def test_a_node_is_not_called_by_its_operands_name(self, make: Any, name: str) -> None:
        assert name_of(make(Value(3.0, "x"))) == name

    def test_a_leaf_is_not_folded_into_a_formula(self) -> None:
        assert name_of(Value(2.0) * Value(3.0)) == "2 × 3"

    @pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
    def test_every_row_has_local_formulas_in_both_notations(self, row: Any) -> None:
        operands = [Value((low + high) / 2, f"p{i}") for i, (low, high) in enumerate(row.samples)]
        from autograd_tiny.core import apply

        node = apply(row, tuple([x, Value(0.3, "q")] for x in operands) if row.variadic else tuple(operands))  # fmt: skip
        for i in range(len(node.parents)):
            assert local_formula(node, i, TEXT)
            assert local_formula(node, i, LATEX)
