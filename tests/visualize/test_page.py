"""The stepper page as a file: what it holds, that labels are data, that it is small and always the same."""

from __future__ import annotations

import json
import math
import re
import subprocess
from collections.abc import Callable
from html.parser import HTMLParser
from operator import add, mul
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd_tiny
import nn
from autograd_tiny import Value, custom_gradient, dot, greater, nonfinite, where
from autograd_tiny.core import gradient_numbers, topological_order
from autograd_tiny.table.codegen.javascript import rules
from tests.needs import ask_for, needs
from visualize import write_stepper
from visualize.page import MOST, PROGRAM, asset, page
from visualize.page.columns import in_columns
from visualize.page.drawing import HEIGHT, SLOPE, _box_width, drawing
from visualize.page.placing import by_program
from visualize.page.routing import Grid, beside, corner_boxes, crosses
from visualize.page.story import calls, plain, rows, story


@st.composite
def graphs(draw: st.DrawFn) -> tuple[Value, list[Value]]:
    """A smooth graph with shared nodes and repeated parents, and its leaves."""
    leaves = [Value(draw(st.floats(-2.0, 2.0)), f"x{i}") for i in range(3)]
    values = list(leaves)
    for _ in range(draw(st.integers(1, 8))):
        a, b = draw(st.sampled_from(values)), draw(st.sampled_from(values))
        values.append(draw(st.sampled_from([add, mul, lambda a, b: (a - b).tanh(), lambda a, b: (a * b).sin()]))(a, b))
    return values[-1], leaves


EVIL = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</script><b>bold",
    "a&b;'\"",
    "</svg>",
    "\u2028\x00",
]


def worked() -> tuple[Value, list[Value]]:
    """The tour's expression, and its leaves."""
    a, b, c = Value(2.0, "a"), Value(-3.0, "b"), Value(10.0, "c")
    d = a * b + c
    d.label = "d"
    L = d.tanh()
    L.label = "L"
    return L, [a, b, c]


def data_of(text: str) -> Any:
    """The JSON that a page carries."""
    found = re.search(r'<script type="application/json" id="graph">(.*?)</script>', text, re.DOTALL)
    assert found
    return json.loads(found[1])


class Tags(HTMLParser):
    """The tags of a page and its attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_the_page_holds_the_graph_and_what_each_step_says() -> None:
    root, leaves = worked()
    told = data_of(page(root))
    assert [node["name"] for node in told["nodes"]] == ["a", "b", "a × b", "c", "d", "L"]
    assert [node["title"] for node in told["nodes"][2:]] == ["a × b", "c", "d = a × b + c", "L = tanh(d)"]
    assert told["nodes"][4]["parents"] == [2, 3]
    assert (told["nodes"][5]["locals"], told["nodes"][5]["books"]) == (["1 / cosh²(d)"], ["1 − tanh²(d)"])
    assert [leaf.grad for leaf in leaves] == [0.0, 0.0, 0.0], "the page changes no gradient"


def in_node(root: Value, script: str) -> Any:
    """What the page's program says in Node, without the parts that need a page."""
    told = json.dumps(story(root))
    program = [asset(part) for part in PROGRAM[:3]]
    code = [program[0], rules(rows(root), calls(root)), *program[1:], f"const data = {told}, nodes = data.nodes, root = data.root;",
            "const values = nodes.map(node => node.rule === undefined ? number(node.value) : NaN);",
            "const slopes = forward(nodes, rules, values), sweep = backward(nodes, root, slopes);", script]  # fmt: skip
    found = subprocess.run([ask_for("node")], input="\n".join(code), capture_output=True, text=True)
    assert found.returncode == 0, found.stderr
    return json.loads(found.stdout)


ENDS = (
    "console.log(JSON.stringify([values, gradientsAfter(nodes, root, sweep, sweep.length)].map(xs => xs.map(String))));"
)


@needs("node")
@settings(max_examples=12)
@given(graphs())
def test_the_last_step_has_the_gradients_of_backward(graph: tuple[Value, list[Value]]) -> None:
    root, _ = graph
    order = topological_order(root)
    values, gradients = ([float(x.replace("Infinity", "inf")) for x in found] for found in in_node(root, ENDS))
    assert values == pytest.approx([node.data for node in order], rel=1e-13, abs=1e-300)
    takes = [node for node in order if not node.is_constant]
    want = dict(zip(takes, gradient_numbers(root, takes), strict=True))
    scale = max(map(abs, want.values()))
    assert gradients == pytest.approx([want.get(node, 0.0) for node in order], rel=1e-12, abs=1e-14 * scale)


@needs("node")
def test_a_page_counts_a_mask_as_backward_does() -> None:
    """0 · ∞ is 0 where an arm was not taken, and not a number anywhere else."""
    x = Value(0.0, "x")
    with nonfinite("allow"):
        masked, met = where(greater(x, 1.0), x.sqrt(), x * 3.0), x.sqrt() * x
    assert in_node(masked, ENDS)[1][0] == "3"
    assert in_node(met, ENDS)[1][0] == "NaN"


@needs("node")
def test_a_function_in_python_is_known_where_it_ran_and_nowhere_else() -> None:
    @custom_gradient(backward=lambda g, y, x: g * 2.0 * x * y)
    def bell(x: float) -> float:
        return math.exp(x * x)

    x, w = Value(0.5, "x"), Value(0.25, "w")
    root = bell((x * w).tanh()) * bell(w)
    root.backward()
    values, gradients = ([float(each) for each in found] for found in in_node(root, ENDS))
    assert values[-1] == pytest.approx(root.data) and gradients[:2] == pytest.approx([x.grad, w.grad])
    moved = "values[0] += 1; forward(nodes, rules, values); console.log(JSON.stringify([String(values[root])]));"
    assert in_node(root, moved) == ["NaN"]
    told = {node["domain"] for node in story(root)["nodes"] if node.get("domain")}
    assert told == {"bell runs in Python, and the page knows only what it gave there: put the numbers back (reset)"}


@needs("node")
def test_the_inputs_of_a_dot_are_boxes_with_their_numbers() -> None:
    w = [Value(2.0, "w1"), Value(3.0, "w2")]
    y = dot(w, [0.5, -1.0]) + dot(w, [0.5, -1.0])
    told = story(y)
    assert [(node["name"], node["kind"]) for node in told["nodes"][:4]] == [
        ("w1", "leaf"), ("w2", "leaf"), ("x₁", "input"), ("x₂", "input")]  # fmt: skip
    assert sum(node["kind"] == "input" for node in told["nodes"]) == 2, "both dots see the same inputs"
    values, gradients = in_node(y, ENDS)
    assert [values[-1], *gradients[:4]] == ["-4", "1", "-2", "0", "0"]


NUDGES = {
    "log near its pole": (lambda x: x.log(), 1e-7, "agrees"),
    "sqrt near its edge": (lambda x: x.sqrt(), 1e-12, "agrees"),
    "asin near its edge": (lambda x: x.asin(), 0.9999999, "agrees"),
    "relu at its kink": (lambda x: x.relu(), 0.0, "kink"),
    "relu beside its kink": (lambda x: x.relu(), 1e-5, "agrees"),
    "a faint kink": (lambda x: x + abs(x) * 1e-3, 0.0, "kink"),
    "a jump": (lambda x: greater(x, 0.0) * 1.0, 0.0, "unknown"),
    "flat to the last digit": (lambda x: x.tanh(), 18.0, "unknown"),
    "smooth": (lambda x: (x * 3.0).sin() * x.exp(), 0.7, "agrees"),
    "a minimum": (lambda x: x * x, 0.0, "agrees"),
    "steep": (lambda x: x.exp(), 30.0, "agrees"),
    "steeper": (lambda x: x.exp(), 700.0, "agrees"),
    "acosh near its edge": (lambda x: x.acosh(), 1.0000001, "agrees"),
    "atanh near its pole": (lambda x: x.atanh(), 0.99999999, "agrees"),
    "a pole between the first steps": (lambda x: x**-1.0, 1e-9, "agrees"),
    "tan near its pole": (lambda x: x.tan(), 1.5707, "agrees"),
    "relu left of its kink, raised": (lambda x: x.relu() + 5.0, -1e-5, "agrees"),
    "right of a kink, nearer than the first steps": (lambda x: x.abs(), 1e-300, "agrees"),
    "left of a kink, nearer than the first steps": (lambda x: x.relu() * 3.0, -1e-100, "unknown"),
    "leaky, beside its kink": (lambda x: x.leaky_relu() + x, 1e-30, "unknown"),
    "too small for a square": (lambda x: x * x, 1e-200, "unknown"),
    "a cusp": (lambda x: x.abs().sqrt(), 0.0, "unknown"),
    "stairs between the steps": (lambda x: x.floor(), 1e8, "unknown"),
    "a pole among the steps": (lambda x: x.lgamma(), 1e-200, "unknown"),
    "periods between the steps": (lambda x: x.sin(), 1e16, "unknown"),
}


@pytest.mark.once
@needs("node")
def test_the_sides_of_a_kink_are_its_slopes() -> None:
    x = Value(0.0, "x")
    found = in_node(x.relu() + x * x * 3.0, AT + "console.log(JSON.stringify(nudge(at, values[0], 0)))")
    assert found["sides"] == pytest.approx([0.0, 1.0], abs=1e-9)


AT = "const at = x => { const tried = [...values]; tried[0] = x; forward(nodes, rules, tried); return tried[root]; };"


@needs("node")
@pytest.mark.parametrize("name", NUDGES)
def test_nudging_stays_in_the_domain_and_says_kink_or_that_it_cannot_tell(name: str) -> None:
    build, at, want = NUDGES[name]
    x = Value(at, "x")
    script = """
        const got = gradientsAfter(nodes, root, sweep, sweep.length)[0];
        console.log(JSON.stringify([nudge(at, values[0], got), nudge(at, values[0], got * 1.01)]));"""
    right, wrong = in_node(build(x), AT + script)
    assert right["verdict"] == want
    if want == "agrees" and right["estimate"]:
        assert wrong["verdict"] == "differs"


NOT_THE_SLOPE = [
    ("Math.max(0, x)", 1e-15, 0.5, "differs"),
    ("Math.sin(x)", 1e30, 0.0, "unknown"),
    ("Math.sqrt(Math.abs(x))", 0.0, 0.0, "unknown"),
    ("Math.floor(x)", 1.0, 0.0, "unknown"),
]


@needs("node")
@pytest.mark.parametrize(("function", "at", "said", "want"), NOT_THE_SLOPE)
def test_no_wrong_slope_is_ticked_because_the_steps_miss_what_is_between_them(
    function: str, at: float, said: float, want: str
) -> None:
    found = in_node(Value(1.0, "x").exp(), f"console.log(JSON.stringify(nudge(x => {function}, {at!r}, {said!r})))")
    assert found["verdict"] == want


@pytest.mark.parametrize("label", EVIL)
def test_a_label_is_data(label: str) -> None:
    root = Value(1.0, label) * Value(2.0, "b")
    root.label = label
    text = page(root, title=label)
    tags = Tags(text).found
    plain = Tags(page(*worked()[:1])).found
    assert {tag for tag, _ in tags} == {tag for tag, _ in plain}
    assert sum(tag == "script" for tag, _ in tags) == 2
    assert not [attrs for _, attrs in tags if any(name.startswith("on") for name in attrs)]
    assert data_of(text)["nodes"][-1]["full"]


def test_nothing_is_loaded_from_anywhere() -> None:
    text = page(worked()[0])
    for _, attributes in Tags(text).found:
        assert not {"src", "href", "action", "data"} & set(attributes)
    assert "http-equiv" in text
    assert "default-src 'none'" in text
    assert not re.search(r"\b(fetch|XMLHttpRequest|WebSocket|import\s*\()", text)


def test_ids_are_stable_and_each_is_there_once() -> None:
    root, _ = worked()
    ids = [attributes["id"] for _, attributes in Tags(page(root)).found if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {f"n{i}" for i in range(6)} | {f"e{i}" for i in range(5)} <= set(ids)
    assert page(root) == page(root) == page(worked()[0])


def test_a_graph_of_a_hundred_nodes_takes_less_than_400_kilobytes() -> None:
    model = nn.MLP(3, [8, 4, 1], "tanh", seed=0)
    loss = (model([0.5, -1.0, 2.0]) - 1.0) ** 2
    assert len(topological_order(loss)) >= 100
    assert len(page(loss).encode()) < 400_000


@needs("dot")
def test_boxes_do_not_overlap_in_either_placement() -> None:
    model = nn.MLP(2, [4, 3, 1], "tanh", seed=0)
    told = story((model([1.0, 2.0]) - 1.0) ** 2)
    pairs = [(parent, i) for i, node in enumerate(told["nodes"]) for parent in node["parents"]]
    sizes = [(100.0 + 5.0 * (i % 7), 58.0) for i in range(len(told["nodes"]))]
    for placing in (by_program, in_columns):
        centres, splines = placing(sizes, pairs)
        assert len(splines) == len(pairs)
        for i, ((x, y), (w, h)) in enumerate(zip(centres, sizes, strict=True)):
            for (u, v), (p, q) in list(zip(centres, sizes, strict=True))[:i]:
                assert abs(x - u) >= (w + p) / 2 - 0.5 or abs(y - v) >= (h + q) / 2 - 0.5


def test_without_a_layout_program_the_page_is_laid_out_by_us(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("visualize.layout.find_program", lambda: None)
    told = story(worked()[0])
    assert drawing(told["nodes"], "t").count('class="n ') == 6


def test_infinities_are_told_as_they_are() -> None:
    with nonfinite("allow"):
        x = Value(0.0, "x")
        told = story(x.log())
    assert plain(float("-inf")) == "-inf"
    assert told["nodes"][-1]["domain"] == "log needs x > 0"
    assert data_of(page(x.exp()))["nodes"][0]["value"] == 0.0


def test_a_leaf_alone_and_a_constant_alone_are_pages_too(tmp_path: Path) -> None:
    for root in (Value(3.0, "x"), Value(3.0).detach()):
        assert write_stepper(root, tmp_path / "x.html").stat().st_size > 1000


def test_a_graph_too_large_for_a_page_is_refused_with_what_to_do(tmp_path: Path) -> None:
    y = Value(1.0)
    for _ in range(MOST):
        y = -y
    with pytest.raises(ValueError, match=r"has 2,001 values, and a page shows 2,000 at most: give it a part"):
        write_stepper(y, tmp_path / "x.html")
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_value_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match=r"root is 3\.0: expected the Value to step through"):
        write_stepper(3.0, tmp_path / "x.html")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="write_stepper: path got 3, an int"):
        write_stepper(worked()[0], 3)  # type: ignore[arg-type]


# Geometry


def laid_out(root: Value) -> tuple[list[tuple[float, float]], list[tuple[int, int]]]:
    """The sizes of the boxes of a page, and the edges."""
    told = story(root)["nodes"]
    pairs = [(parent, i) for i, node in enumerate(told) for parent in node["parents"]]
    return [(_box_width(node), HEIGHT) for node in told], pairs


def recurrent() -> Value:
    w, u, b, h = Value(0.5, "w"), Value(0.3, "u"), Value(0.1, "b"), Value(0.0, "h")
    for i in range(3):
        h = (w * h + u * Value(1.0, f"x{i}") + b).tanh()
    return h


def polynomial() -> Value:
    x = Value(0.5, "x")
    y = x
    for _ in range(8):
        y = (y * x + x).sin()
    return y


def network(*layers: int) -> Value:
    model = nn.MLP(2, list(layers), "tanh", seed=0)
    return sum(((model([0.5, float(i)]) - Value(1.0)) ** 2 for i in range(2)), Value(0.0))


MADE: list[Callable[[Value, Value, Value], Value]] = [
    lambda a, b, c: a + b,
    lambda a, b, c: a * b,
    lambda a, b, c: a.tanh(),
    lambda a, b, c: a - b,
    lambda a, b, c: dot([a, b, c], [b, a, c]),
    lambda a, b, c: a / (b * b + 1.0),
]


def tangle(seed: int) -> Value:
    """Operations on operands drawn at random, the same one twice and three times among them."""
    drawn = Random(seed)
    known = [Value(drawn.uniform(-2.0, 2.0), f"{drawn.choice('abcdefg')}{i}") for i in range(4)]
    for _ in range(26):
        a, b, c = drawn.choice(known[-8:]), drawn.choice(known), drawn.choice(known)
        known.append(drawn.choice(MADE)(a, b, c))
    return known[-1] + known[-2] + known[-3]


DRAWN = {"recurrent": recurrent, "polynomial": polynomial, "network": lambda: network(3, 1), "wide": lambda: network(6, 5, 1),
         "tour": lambda: worked()[0]}  # fmt: skip


TANGLES = range(60)


def check_layout(placing: Any, root: Value) -> None:
    """No two boxes meet, no edge passes a box that is not its, and texts on edges stand clear."""
    sizes, pairs = laid_out(root)
    centres, splines = placing(sizes, pairs)
    boxes = corner_boxes(centres, sizes)
    assert len(boxes) == len(sizes)
    for i, (a, b, c, d) in enumerate(boxes):
        for left, top, right, bottom in boxes[:i]:
            assert a >= right - 0.5 or left >= c - 0.5 or b >= bottom - 0.5 or top >= d - 0.5
    for (start, end), curve in zip(pairs, splines, strict=True):
        assert len(curve) % 3 == 1
        for i, box in enumerate(boxes):
            assert i in (start, end) or not crosses(curve, box), (start, end, i)
    texts = [
        (x - SLOPE[0] / 2, y - SLOPE[1] / 2, x + SLOPE[0] / 2, y + SLOPE[1] / 2)
        for x, y in filter(None, beside(splines, boxes, SLOPE))
    ]
    grid = Grid(boxes)
    for text in texts:
        assert not grid.meets(text)
        grid.add(text)


@needs("dot")
@pytest.mark.parametrize("name", DRAWN)
def test_no_edge_passes_a_box_that_is_not_its_by_dot(name: str) -> None:
    check_layout(by_program, DRAWN[name]())


@pytest.mark.parametrize("name", DRAWN)
def test_no_edge_passes_a_box_that_is_not_its_by_us(name: str) -> None:
    check_layout(in_columns, DRAWN[name]())


@needs("dot")
def test_nor_where_operands_come_several_times() -> None:
    for seed in TANGLES:
        check_layout(by_program, tangle(seed))
        check_layout(in_columns, tangle(seed))


@settings(max_examples=40)
@given(graphs())
def test_no_edge_of_any_graph_passes_a_box_that_is_not_its(graph: tuple[Value, list[Value]]) -> None:
    check_layout(in_columns, graph[0])


def test_a_number_stands_on_its_edge_where_no_other_edge_runs() -> None:
    level = [(0.0, 0.0), (100.0, 0.0), (200.0, 0.0), (300.0, 0.0)]
    steep = [(150.0, -90.0), (150.0, -30.0), (150.0, 30.0), (150.0, 90.0)]
    [(x, y), (_, above)] = filter(None, beside([level, steep], [], SLOPE))
    assert y == 0.0 and abs(x - 150.0) > SLOPE[0] / 2 and abs(above) > SLOPE[1] / 2
    crowd = [[(x + 8.0 * k, y) for x, y in steep] for k in range(-20, 21)]
    assert beside([level, *crowd], [], SLOPE)[0] == (150.0, 0.0), "where there is none, in the middle"


def test_a_layout_that_goes_through_a_box_is_seen() -> None:
    def straight(sizes: Any, pairs: Any) -> Any:
        centres, _ = in_columns(sizes, pairs)
        return centres, [[centres[a], centres[a], centres[b], centres[b]] for a, b in pairs]

    with pytest.raises(AssertionError):
        check_layout(straight, polynomial())


def test_an_edge_that_cuts_a_corner_of_a_box_is_seen() -> None:
    line = [(0.0, 0.0), (300.0, 0.0), (600.0, 0.0), (900.0, 20.0)]
    clipped = (470.0, -40.0, 490.5, 4.0)
    assert crosses(line, clipped) and not crosses(line, (470.0, -40.0, 490.5, 2.0))


def same_operands_far_apart() -> Value:
    x = Value(1.3, "x")
    y = x * x
    z = y * y + x * y - x
    return autograd_tiny.sum([z, z, z, x, x])


@needs("dot")
def test_edges_side_by_side_cut_no_corner() -> None:
    check_layout(by_program, same_operands_far_apart())


@pytest.mark.once
def test_two_thousand_values_are_laid_out_too() -> None:
    x = Value(0.5, "x")
    y = x
    for _ in range(600):
        y = (y * x).sin()
    sizes, pairs = laid_out(y)
    assert len(in_columns(sizes, pairs)[1]) == len(pairs)


def test_a_file_of_questions_that_will_not_do_is_named(tmp_path: Path) -> None:
    L, _ = worked()
    bad = tmp_path / "my.toml"
    bad.write_text('[[question]]\ngradient = "q"')
    with pytest.raises(ValueError, match=rf"^{bad}: question 1: 'q' is no name of the graph"):
        write_stepper(L, tmp_path / "p.html", questions=bad)
    with pytest.raises(FileNotFoundError):
        write_stepper(L, tmp_path / "p.html", questions=tmp_path / "none.toml")
    with pytest.raises(TypeError, match=r"^write_stepper\(questions\): path got 3"):
        write_stepper(L, tmp_path / "p.html", questions=3)  # type: ignore[arg-type]
    assert not (tmp_path / "p.html").exists()
