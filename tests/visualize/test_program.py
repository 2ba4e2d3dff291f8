"""`draw_program`: the boxes of an array program in the listing's order, the circles beside them, and no two overlap."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from itertools import combinations

import pytest

pytest.importorskip("numpy")

import nn
from autograd_tiny import Value, compile, dot
from visualize import draw_program, save_svg, svg
from visualize.style import THEMES

from .reading import SVG, contrast, overlap, text_extent
from .test_accessible import HOSTILE, described

pytestmark = pytest.mark.once  # pictures read a graph by what the tests of the core pin on both engines


def network(sizes=(16, 4, 1), batch=True, names=None):
    model = nn.MLP(2, list(sizes), seed=0)
    names = dict(model.named_parameters()) if names is None else names(model)
    program = compile(lambda x, y: (model(x) - y) ** 2, names=names, scalars="never")
    program([[1.0, 2.0]] * 3, [3.0] * 3, batch=True) if batch else program([1.0, 2.0], 3.0)
    return program


def long_chain(steps=100):
    w = [Value(0.5, f"w{i}") for i in range(3)]

    def function(x):
        row = [wi * x for wi in w]
        for _ in range(steps):
            row = [v.tanh() for v in row]
        return row[0] * row[1] + row[2]

    program = compile(function, scalars="never")
    program(0.5)
    return program


def texts(element):
    return ["".join(text.itertext()) for text in element.iter(SVG + "text")]


def groups(picture, kind):
    return [g for g in ET.fromstring(picture.svg()).iter(SVG + "g") if g.get("class") == kind]


def rectangle(group):
    x, y, width, height = (float(group.find(SVG + "rect").get(key)) for key in ("x", "y", "width", "height"))
    return x, y, x + width, y + height


def check_geometry(picture):
    """Boxes and circles are apart and inside the picture, texts in their boxes and apart."""
    root = ET.fromstring(picture.svg())
    width, height = (float(root.get(key)) for key in ("width", "height"))
    shapes = [rectangle(g) for kind in ("matrix", "instruction", "reverse") for g in groups(picture, kind)]
    for circle in root.iter(SVG + "circle"):
        x, y, r = (float(circle.get(key)) for key in ("cx", "cy", "r"))
        shapes.append((x - r, y - r, x + r, y + r))
    for first, second in combinations(shapes, 2):
        assert not overlap(first, second)
    for left, top, right, bottom in shapes:
        assert 0 <= left < right <= width and 0 <= top < bottom <= height
    boxes = []
    for text in root.iter(SVG + "text"):
        left, right = text_extent(text)
        y, size = float(text.get("y")), float(text.get("font-size"))
        assert left >= 0 and right <= width and size <= y <= height - 0.2 * size, "".join(text.itertext())
        boxes.append((left, y - 0.75 * size, right, y + 0.2 * size))
    for first, second in combinations(boxes, 2):
        assert not overlap(first, second)
    for kind in ("matrix", "instruction", "reverse"):
        for group in groups(picture, kind):
            left, _, right, _ = rectangle(group)
            for text in group.iter(SVG + "text"):
                start, end = text_extent(text)
                assert left <= start and end <= right, "".join(text.itertext())


def test_the_boxes_are_the_listing():
    program = network()
    picture = draw_program(program)
    listed = program.listing()
    drawn = [texts(g) for g in groups(picture, "instruction")]
    assert len(drawn) == 10
    assert [[i.text, f"{i.size} · {i.kind}"] for i in listed.forward] == drawn
    assert drawn[0] == ["t1 = W1 · x", "16 each · matrix product"]
    assert [texts(g)[0] for g in groups(picture, "reverse")] == [line.text for line in listed.reverse]
    tops = [rectangle(g)[1] for kind in ("instruction", "reverse") for g in groups(picture, kind)]
    assert tops == sorted(tops)
    matrices = [texts(g) for g in groups(picture, "matrix")]
    assert matrices[0] == ["W1", "16×2 from layers.0.weight"] and len(matrices) == 6


def test_matrices_are_on_the_left_at_the_height_of_their_use():
    picture = draw_program(network())
    rows = {texts(g)[0].split(" ")[0]: rectangle(g) for g in groups(picture, "instruction")}
    where = {texts(g)[0]: rectangle(g) for g in groups(picture, "matrix")}
    for matrix, user in {"W1": "t1", "b1": "t2", "W2": "t4", "b2": "t5", "w1": "t7", "b3": "t8"}.items():
        assert where[matrix][2] < rows[user][0]
        assert where[matrix][1] == pytest.approx(rows[user][1])
    assert sum(path.get("class") == "reads" for path in ET.fromstring(picture.svg()).iter(SVG + "path")) == 6


def test_circles_stand_beside_the_box_that_gives_their_numbers():
    picture = draw_program(network((16, 4, 1)))
    circles = {g.get("aria-label").split(",")[0]: list(g.iter(SVG + "circle")) for g in groups(picture, "scalars")}
    assert [len(circles[name]) for name in ("x", "t1", "t3", "t4", "t7", "t10")] == [2, 12, 12, 4, 1, 1]
    labels = [g for g in groups(picture, "scalars") if "… 4 more" in texts(g)]
    assert [texts(g)[0] for g in labels] == ["t1", "t2", "t3"]
    for group in groups(picture, "instruction"):
        _, top, _, bottom = rectangle(group)
        for circle in circles[texts(group)[0].split(" ")[0]]:
            assert float(circle.get("cy")) == pytest.approx((top + bottom) / 2)


def test_lines_go_to_the_numbers_that_are_needed():
    root = ET.fromstring(draw_program(network((3, 4, 1))).svg())
    lines = {
        (p.get("data-from"), p.get("data-to")): p.get("d").count("M")
        for p in root.iter(SVG + "path")
        if p.get("class") == "edges"
    }
    assert lines[("x", "t1")] == 2 * 3 and lines[("t3", "t4")] == 3 * 4 and lines[("t6", "t7")] == 4
    assert lines[("t1", "t2")] == lines[("t2", "t3")] == 3 and lines[("t9", "t10")] == 1


def test_an_input_that_meets_every_weight_is_one_circle():
    w = [Value(0.5 + i, f"w[{i}]") for i in range(4)]
    program = compile(lambda x, y: dot(w, [x, x, x, x]) * y, scalars="never")
    program(2.0, 3.0)
    assert program.listing().inputs == {"x": 1, "y": 1}
    circles = {g.get("aria-label").split(",")[0]: g for g in groups(draw_program(program), "scalars")}
    assert len(list(circles["x"].iter(SVG + "circle"))) == 1
    check_geometry(draw_program(program))


def test_arrows_are_of_the_formulas():
    program = network()
    root = ET.fromstring(draw_program(program).svg())
    drawn = {(g.get("data-from"), g.get("data-to")) for g in root.iter(SVG + "g") if g.get("class") == "flow"}
    assert drawn == {(f"t{i}", f"t{i + 1}") for i in range(1, 10)}


def test_two_matrices_of_one_instruction_are_apart():
    a, b = ([Value(0.5 + i, f"{name}[{i}]") for i in range(4)] for name in "ab")
    program = compile(lambda x: sum((x * (p * q) for p, q in zip(a, b, strict=True)), Value(0.0)), scalars="never")
    program(2.0)
    picture = draw_program(program)
    assert [texts(g) for g in groups(picture, "matrix")][:2] == [["w1", "4 from a"], ["w2", "4 from b"]]
    check_geometry(picture)


def test_gradients_of_parameters_have_the_colour_of_parameters():
    picture = draw_program(network())
    fills = {texts(g)[0].split(" ")[0]: g.find(SVG + "rect").get("fill") for g in groups(picture, "reverse")}
    theme = THEMES["light"]
    assert {name for name, fill in fills.items() if fill == theme.fills["leaf"]} == {
        "∂W1", "∂b1", "∂W2", "∂b2", "∂w1", "∂b3"
    }  # fmt: skip


def test_an_arrow_that_passes_boxes_goes_around():
    w = [Value(0.5, f"w{i}") for i in range(4)]
    program = compile(lambda x: sum((v.tanh() * v.exp() for v in [a * x for a in w]), Value(0.0)), scalars="never")
    program(0.5)
    root = ET.fromstring(draw_program(program).svg())
    flows = {(g.get("data-from"), g.get("data-to")): g.find(SVG + "path").get("d") for g in root.iter(SVG + "g")
             if g.get("class") == "flow"}  # fmt: skip
    curved = [ends for ends, d in flows.items() if "C" in d]
    assert curved and all(int(b[1:]) - int(a[1:]) > 1 for a, b in curved)
    check_geometry(draw_program(program))


def test_the_caption_counts():
    program = network(batch=False)
    found = re.search(
        r"([\d,]+) scalar operations on ([\d,]+) parameters, ([\d,]+) inputs and (\d+)", program.explain()
    )
    nodes = sum(int(number.replace(",", "")) for number in found.groups())
    picture = draw_program(program)
    assert f"{nodes} scalar nodes → 10 array instructions" in texts(ET.fromstring(picture.svg()))
    assert described(picture.svg()) == [
        ("title", "Array program of <lambda>"),
        ("desc", f"{nodes} scalar nodes → 10 array instructions. For one sample, 16 lines in reverse."),
    ]
    assert "For a batch, 16 lines in reverse." in texts(ET.fromstring(draw_program(network()).svg()))


@pytest.mark.parametrize("sizes", [(1,), (16, 16, 1), (40, 3, 1)])
@pytest.mark.parametrize("batch", [True, False])
def test_nothing_overlaps(sizes, batch):
    check_geometry(draw_program(network(sizes, batch)))


def test_a_long_program_is_drawn_in_part():
    program = long_chain()
    picture = draw_program(program, max_instructions=9)
    assert len(groups(picture, "instruction")) == len(groups(picture, "reverse")) == 9
    count = len(program.listing().forward)
    said = texts(ET.fromstring(picture.svg()))
    assert f"… {count - 9} more instructions" in said
    assert groups(picture, "instruction")[-1].get("aria-label").startswith(f"t{count} = ")
    check_geometry(picture)
    assert len(groups(draw_program(program, max_instructions=None), "instruction")) == count


@pytest.mark.parametrize(
    "function",
    [
        lambda w, x: w,
        lambda w, x: x,
        lambda w, x: [w * x, x * 2.0, w],
        lambda w, x: x * 2.0,
        lambda w, x: sum([w * x, w.exp(), x.tanh(), 2.0, w, (w * 2.0).tanh()]),
    ],
)
@pytest.mark.parametrize("batch", [True, False])
def test_what_there_is_little_of_is_drawn(function, batch):
    w = Value(0.5, "w")
    program = compile(lambda x: function(w, x), scalars="never")
    program([1.0, 2.0] if batch else 1.0, batch=batch)
    picture = draw_program(program)
    assert len(groups(picture, "instruction")) == len(program.listing().forward)
    check_geometry(picture)


def test_reverse_can_be_left_out():
    picture = draw_program(network(), reverse=False)
    assert groups(picture, "reverse") == [] and "reverse" not in texts(ET.fromstring(picture.svg()))
    check_geometry(picture)


@pytest.mark.parametrize("name", [*HOSTILE, "\nforward\n  t1 = W1 · x  4  add\nreverse\n"])
def test_names_are_escaped(name):
    def names(model):
        return {f"{name}[{i}]": parameter for i, parameter in enumerate(model.parameters())}

    picture = draw_program(network(names=names))
    assert len(groups(picture, "matrix")) == 6
    root = ET.fromstring(picture.svg())
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {
        "svg", "title", "desc", "rect", "path", "g", "circle", "text", "polygon"
    }  # fmt: skip
    check_geometry(picture)


@pytest.mark.parametrize("theme", THEMES)
def test_every_text_is_legible(theme):
    picture = draw_program(network(), theme=theme)
    root = ET.fromstring(picture.svg())
    ground = next(root.iter(SVG + "rect")).get("fill")
    assert ground == THEMES[theme].ground
    for kind in ("matrix", "instruction", "reverse"):
        for group in groups(picture, kind):
            fill = group.find(SVG + "rect").get("fill")
            assert all(contrast(text.get("fill"), fill) >= 4.5 for text in group.iter(SVG + "text"))
    stripes = {path.get("fill") for path in root.iter(SVG + "path") if path.get("class") == "band"}
    for text in root.iter(SVG + "text"):
        assert all(contrast(text.get("fill"), fill) >= 4.5 for fill in (ground, *stripes) if fill)


def test_a_picture_is_saved_and_the_same_again(tmp_path):
    picture = draw_program(network())
    assert picture.svg() == draw_program(network()).svg() == svg(picture) == picture._repr_svg_()
    assert save_svg(picture, tmp_path / "program.svg").read_text(encoding="utf-8") == picture.svg()


def test_errors():
    program = compile(lambda x: x * 2.0, scalars="always")
    with pytest.raises(TypeError, match=re.escape("draw_program got 3, an int: expected what autograd_tiny.compile(")):
        draw_program(3)
    with pytest.raises(ValueError, match="has not been recorded yet: call it once, then draw it"):
        draw_program(program)
    program(1.0)
    with pytest.raises(ValueError, match="runs as scalars, so there are no instructions to draw"):
        draw_program(program)
    with pytest.raises(ValueError, match=re.escape("draw_program(theme='blue'): expected")):
        draw_program(network(), theme="blue")
    with pytest.raises(ValueError, match=re.escape("draw_program(max_instructions=1): expected a whole number from 2")):
        draw_program(network(), max_instructions=1)
