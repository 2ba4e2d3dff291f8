"""Expressions from text: the graph is the one that Python would build, and nothing else is ever run."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import autograd_tiny as ad
from autograd_tiny import Value
from autograd_tiny.parsing import ExpressionError, numbers_from, parse
from autograd_tiny.parsing.places import excerpt
from autograd_tiny.table.ops import ROWS
from autograd_tiny.table.primitive import Primitive

NUMBERS = {"a": 0.5, "b": -1.25, "c": 2.0}


# What is read is what Python computes


@st.composite
def texts(draw: st.DrawFn, depth: int = 4) -> str:
    """An expression of a, b, c in Python's notation, everywhere defined."""
    if depth == 0 or draw(st.integers(0, 4)) == 0:
        return draw(st.sampled_from(["a", "b", "c", "2", "0.5", "1e-3"]))
    kind = draw(st.sampled_from(["infix", "sign", "call", "method", "many", "power", "brackets"]))
    x, y = draw(texts(depth - 1)), draw(texts(depth - 1))
    return {
        "infix": f"{x} {draw(st.sampled_from('+-*'))} {y}",
        "sign": f"-({x})",
        "call": f"{draw(st.sampled_from(['tanh', 'sigmoid', 'relu', 'softplus', 'sin', 'abs']))}({x})",
        "method": f"(a + {x}).tanh()",
        "many": f"{draw(st.sampled_from(['maximum', 'minimum', 'logsumexp']))}({x}, {y})",
        "power": f"({x})**2",
        "brackets": f"({x})*({y})",
    }[kind]


@given(texts())
def test_the_graph_is_the_one_that_python_builds(text: str) -> None:
    assume(any(name in ast.dump(ast.parse(text)) for name in ("id='a'", "id='b'", "id='c'")))
    names = {name: getattr(ad, name) for name in ad.functions.__all__}
    leaves = {name: Value(x, name) for name, x in NUMBERS.items()}
    try:
        expected = eval(text, {"__builtins__": {}}, {**names, **leaves})  # our own text, as the oracle
    except ad.NonFiniteError:
        assume(False)
    used = {name: x for name, x in NUMBERS.items() if f"id='{name}'" in ast.dump(ast.parse(text))}
    root = parse(text, used).root
    assert shape(root) == shape(expected)


def shape(node: Value) -> Any:
    return (node.op, node.data, node.label if node.is_leaf else "", [shape(parent) for parent in node.parents])


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_row_is_called_by_name(row: Primitive) -> None:
    operands = [Value((low + high) / 2, f"p{i}") for i, (low, high) in enumerate(row.samples)]
    numbers = {operand.label: operand.data for operand in operands}
    if row.variadic:
        numbers = {"p0": 0.25, "p1": 0.5, "p2": -0.5, "p3": 2.0}
        lists = ["[p0, p1]", "[p2, p3]"][: len(row.arguments)]
        text, used = f"{row.name}({', '.join(lists)})", {f"p{i}" for i in range(2 * len(lists))}
        numbers = {name: x for name, x in numbers.items() if name in used}
    else:
        text = f"{row.name}({', '.join(numbers)})"
    root = parse(text, numbers).root
    assert (root.op, [parent.label for parent in root.parents]) == (row.name, list(numbers))


@pytest.mark.parametrize(
    ("sign", "make"),
    [
        ("+", operator.add),
        ("-", operator.sub),
        ("*", operator.mul),
        ("/", operator.truediv),
        ("**", operator.pow),
        ("%", operator.mod),
        ("//", operator.floordiv),
    ],
)
def test_operators_are_the_rows_with_their_dunder(sign: str, make: Callable[[Value, Value], Value]) -> None:
    expected = make(Value(2.0), Value(3.0))
    assert shape(parse(f"x{sign}y", {"x": 2.0, "y": 3.0}).root)[:2] == (expected.op, expected.data)


@pytest.mark.parametrize(
    ("text", "op"),
    [
        ("max(a, b)", "maximum"), ("min([a, b])", "minimum"), ("arctan(a)", "atan"), ("a.tanh()", "tanh"), ("+a + b", "add"),
        ("a.maximum(b)", "maximum"), ("leaky_relu(a, slope=0.2)", "leaky_relu"), ("leaky_relu(a)", "leaky_relu"),
        ("dot([a, b], [1, 2])", "dot"), ("a × b", "mul"), ("a − b·c", "sub"), ("pi*a", "mul"), ("a  # a comment", ""),
        ("(a\n + b)", "add"), ("  a*b", "mul"), ("ａ*b", "mul"),
    ],
)  # fmt: skip
def test_other_ways_to_write(text: str, op: str) -> None:
    used = {
        name: x
        for name, x in NUMBERS.items()
        if f"id='{name}'" in ast.dump(ast.parse(text.strip().translate(str.maketrans("×−·", "*-*"))))
    }
    assert parse(text, used).root.op == op


def test_names_are_labels() -> None:
    parsed = parse("d = a*b + c; L = tanh(d)", {"a": 2.0, "b": -3.0, "c": 10.0})
    assert parsed.root.label == "L"
    assert parsed.root.parents == (parsed.names["d"],)
    assert list(parsed.names) == ["a", "b", "c", "d", "L"]
    assert list(parsed.leaves) == ["a", "b", "c"]
    assert parse("a*y", {"a": 1.0, "y": 1.0}).root.label == "L", "y is taken"


def test_a_name_for_a_plain_number_is_a_variable() -> None:
    parsed = parse("a = 2; b = 3*a\nk = 2*2; b*k")
    assert parsed.root.data == 24.0
    assert {name: leaf.data for name, leaf in parsed.leaves.items()} == {"a": 2.0, "k": 4.0}
    twice = parse("d = a; tanh(d)", {"a": 1.0})
    assert (twice.names["d"].op, twice.names["a"].label) == ("identity", "a")


# What is refused


def refused(text: str, **numbers: float) -> tuple[str, str]:
    """The problem, and the part of the text that the carets are under."""
    with pytest.raises(ExpressionError) as caught:
        parse(text, numbers)
    line, start, last, end = caught.value.place
    return caught.value.problem, text.strip().splitlines()[line - 1][start : end if last == line else None]


@pytest.mark.parametrize(
    ("text", "problem", "part"),
    [
        ("1 + tahn(a)", "unknown function tahn: did you mean tanh?", "tahn"),
        ("Tanh(a)", "unknown function Tanh: did you mean tanh?", "Tanh"),
        ("é*a + tahn(a)", "unknown function tahn: did you mean tanh?", "tahn"),
        ("zzz(a)", "unknown function zzz: those of the package are known, such as exp, log, tanh, relu, sum", "zzz"),
        ("math.tanh(a)", "functions are called without their module: write tanh(x)", "math.tanh"),
        ("a.__class__", "a dot cannot stand here: a Value's method is called, as in a.tanh(); nothing else is read by a dot", "a.__class__"),
        ("a.system('ls')", "unknown function system: those of the package are known, such as exp, log, tanh, relu, sum", "system"),
        ("__import__('os')", "unknown function __import__: those of the package are known, such as exp, log, tanh, relu, sum", "__import__"),
        ("(a)(b)", "unknown function a: those of the package are known, such as exp, log, tanh, relu, sum; a product is written a*(…)", "a"),
        ("a*a(b)", "a is a number, not a function: a product is written a*(…)", "a"),
        ("(a+b)(b)", "a function is called by its name: tanh(x)", "a+b"),
        ("a^2", "a power is written a ** b", "a^2"),
        ("a << b", "no operation of the table is written like this: + - * / // % ** are", "a << b"),
        ("a > b", "a comparison cannot stand here: a comparison is written greater(a, b), less(a, b), equal(a, b)", "a > b"),
        ("[a for a in b]", "a comprehension cannot stand here: an expression has numbers, names, + - * / // % ** and the functions of the package", "[a for a in b]"),
        ("'a'", "a text or a truth value cannot stand here: an expression has numbers, names, + - * / // % ** and the functions of the package", "'a'"),
        ("True*a", "a text or a truth value cannot stand here: an expression has numbers, names, + - * / // % ** and the functions of the package", "True"),
        ("3j*a", "a text or a truth value cannot stand here: an expression has numbers, names, + - * / // % ** and the functions of the package", "3j"),
        ("tanh([a])", "a list cannot stand here: a list stands only in a function of many numbers: sum([a, b]), dot([a, b], [c, d])", "[a]"),
        ("a, b", "a tuple cannot stand here: one number is expected here, not several: leave out the comma", "a, b"),
        ("sum(*a)", "a star cannot stand here: write the elements out", "*a"),
        ("tanh(**a)", "write the operands out", "**a"),
        ("dot(a, b)", "dot takes 2 lists: dot([w1, w2], [x1, x2])", "dot(a, b)"),
        ("sum(a, start=b)", "sum takes no operands by name", "start=b"),
        ("a; b", "what comes of this is not used: name it, d = …, or leave it out", "a"),
        ("a = b = 2; a", "one name is assigned one value: d = a*b", "a"),
        ("d = a; d = b; d", "d is assigned already: choose another name, so that each has one value", "d"),
        ("x = x*2", "x is used before it is assigned: choose another name", "x"),
        ("import os", "only expressions and assignments are read: d = a*b; tanh(d)", "import os"),
        ("2a", "a product is written with a sign: 2*a", None),
        ("lambda * 2", "this cannot be read: lambda is a word of Python's own, choose another name", None),
        ("(a", "this cannot be read: '(' was never closed", None),
        ("1e999*a", "this number is beyond the largest float, 1.8e308", "1e999"),
        ("1" * 400 + "*a", "this number is beyond the largest float, 1.8e308", "1" * 400),
        ("1" * 5000 + "*a", "this number is beyond the largest float, 1.8e308", None),
        ("# nothing", "there is only a comment: write an expression", "#"),
        ("", "the expression is empty: write one, such as tanh(a*b + c)", ""),
        ("a" * 10_001, "the expression has 10,001 characters: 10,000 at most can be read", "a"),
    ],
)  # fmt: skip
def test_what_is_no_expression(text: str, problem: str, part: str | None) -> None:
    if not text:
        with pytest.raises(ExpressionError, match=r"^the expression is empty: write one, such as"):
            parse(text)
    else:
        found = refused(text)
        assert found == (problem, found[1] if part is None else part), (
            "where Python itself says the place, it may change"
        )


@pytest.mark.parametrize("text", ["(" * 500 + "a" + ")" * 500, "-" * 5000 + "a", "a" + "+a" * 300, "a" + "+a" * 4900, "a" + ".a" * 3000,
                                  "tanh(" * 150 + "a" + ")" * 150 + "+" + "-" * 60 + "a" + "+a" * 150])  # fmt: skip
def test_deep_nesting_is_refused_and_does_no_harm(text: str) -> None:
    with pytest.raises(ExpressionError, match="nested"):
        parse(text, {"a": 0.5})


def test_a_long_sum_is_read() -> None:
    assert parse("a" + " + a" * 150, {"a": 1.0}).root.data == 151.0


def test_powers_of_powers_end() -> None:
    problem, part = refused("9**9**9**9*a", a=1.0)
    assert problem.startswith("pow(9.0, 387420489.0) is infinite: ")
    assert part == "9**9**9"


@pytest.mark.parametrize(
    ("text", "numbers", "problem", "part"),
    [
        ("tanh(a*q)", {"a": 1.0}, "no number for q: give it: q=1.0", "q"),
        ("a*b + b*c", {"a": 1.0}, "no number for b, c: give them: b=1.0 c=1.0", "b"),
        ("x*alpha", {"x": 1.0, "alhpa": 2.0}, "no number for alpha, but one for alhpa, which is not here: give it: alpha=2", "alpha"),
        ("tanh*a", {"a": 1.0}, "tanh is a function: write tanh(x), or give tanh=1.0 if it is a number", "tanh"),
        ("d = a; tanh(d)", {"a": 1.0, "d": 3.0}, "d is assigned here and given as d=3: leave one of them out", "d"),
        ("2*3", {}, "there is nothing to differentiate by: write a name in place of a number, and give it: x=1.0", "2*3"),
        ("tanh(a, a)", {"a": 1.0}, "tanh(x) takes 1 operands, got 2", "tanh(a, a)"),
        ("1 + a.leaky_relu(sloppe=2)", {"a": 1.0}, "leaky_relu() got an unexpected argument 'sloppe': it takes x, slope", "a.leaky_relu(sloppe=2)"),
        ("dot([a, a], [a])", {"a": 1.0}, "dot got vectors of 2 and 1 elements: expected equal lengths", "dot([a, a], [a])"),
        ("1 + log(a - 2)", {"a": 1.0}, "log(-1.0) is not a number: log needs x > 0", "log(a - 2)"),
        ("a + log(p)", {"a": 1.0, "p": -1.0}, "log(-1.0) is not a number: log needs x > 0\n  x is 'p' = -1.0", "log(p)"),
        ("d = a*b\nlog(d)", {"a": 1.0, "b": -2.0}, "log(-2.0) is not a number: log needs x > 0\n  x is 'd' = -2.0", "log(d)"),
        ("log(2 - 3) * a", {"a": 1.0}, "log(-1.0) is not a number: log needs x > 0", "log(2 - 3)"),
    ],
)  # fmt: skip
def test_what_cannot_be_computed(text: str, numbers: dict[str, float], problem: str, part: str) -> None:
    assert refused(text, **numbers) == (problem, part)


def test_a_number_for_nothing() -> None:
    with pytest.raises(ValueError, match=r"^z=2 is not in the expression \(its variables are x, y\): leave it out$"):
        parse("x*y", {"x": 1.0, "y": 1.0, "z": 2.0})


@given(st.text(st.sampled_from("ab(),.*+-/=;[] \n'2e:#^_×é\x00"), max_size=25))
def test_any_text_is_an_expression_or_an_error_with_a_place(text: str) -> None:
    try:
        parse(text, {"a": 0.5})
    except ExpressionError as error:
        assert str(error).count("\n") <= 4
        assert text.strip() == "" or "^" in str(error)
    except ValueError as error:
        assert str(error).startswith("a=0.5 is not in the expression")


@given(st.text(max_size=200), st.integers(0, 200), st.integers(1, 50))
def test_an_excerpt_is_two_lines_that_fit(text: str, start: int, length: int) -> None:
    lines = excerpt(text, (1, start, 1, start + length)).split("\n")
    assert len(lines) == 2
    assert all(len(line) <= 80 or start > len(text) for line in lines)


# The assignments


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["a"], "'a' is no assignment: write NAME=NUMBER without spaces, such as a=2.0"),
        (["a", "=", "2"], "'a' is no assignment: write NAME=NUMBER without spaces, such as a=2.0"),
        (["a="], "'a=' is no assignment: write NAME=NUMBER without spaces, such as a=2.0"),
        (["2=a"], "'2=a': '2' is no name: expected letters and digits, such as w1=2.0"),
        (["a=two"], "'a=two': 'two' is no number: write a=1.0"),
        (["a=nan"], "'a=nan': expected a finite number, such as a=1.0"),
        (["a=1e999"], "'a=1e999': expected a finite number, such as a=1.0"),
        (["a=1", "a=2"], "a is given twice, as 1 and as 2: leave one out"),
    ],
)
def test_what_is_no_assignment(words: list[str], problem: str) -> None:
    with pytest.raises(ValueError) as caught:
        numbers_from(words)
    assert str(caught.value) == problem
