"""The playground: its training is ours, step by step; and the page in a real browser."""

from __future__ import annotations

import json
import math
import re
import subprocess
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

import nn
from tests.needs import ask_for, needs
from visualize import write_playground
from visualize.playground import playground

from .browsing import until
from .reading import overlap

pytestmark = pytest.mark.once

XOR = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0, 1, 1, 0]


def trained_in_node(text: str, steps: int, rate: float) -> Any:
    """The weights after so many steps on all points, by the page's own program."""
    script = text[text.rindex("<script>") + 8 : text.rindex("</script>")]
    training = script[: script.index("// The page: thumbnails")]
    given = re.search(r'id="given">(.*?)</script>', text, re.DOTALL)
    assert given
    code = f"""{training}
        const given = {given[1]}, net = build(given, given.extras), all = given.xs.map((_, i) => i), losses = [];
        for (let n = 0; n < {steps}; n++) losses.push(step(net, given.xs, given.ys, all, {rate}, given.loss));
        console.log(JSON.stringify([losses, net.map(layer => [[...layer.w], [...layer.b]])]));"""
    found = subprocess.run([ask_for("node")], input=code, capture_output=True, text=True)
    assert found.returncode == 0, found.stderr
    return json.loads(found.stdout)


MODELS = {
    "a score, by cross-entropy": (lambda: nn.MLP(2, [4, 3, 1], "tanh", seed=1), XOR[1], nn.binary_cross_entropy_with_logits),
    "a sigmoid, by cross-entropy": (lambda: nn.MLP(2, [3, 1], ["gelu", "sigmoid"], seed=1), XOR[1], nn.binary_cross_entropy),
    "numbers, by squared error": (lambda: nn.MLP(2, [3, 1], "silu", seed=1), [0.5, -1.0, 2.0, 0.0], nn.mean_squared_error),
    "sides, by squared error": (lambda: nn.MLP(2, [3, 1], ["leaky_relu", "tanh"], seed=1), [-1, 1, 1, -1], nn.mean_squared_error),
    "a Sequential": (lambda: nn.Sequential(nn.Layer(2, 3, None, seed=1), nn.Tanh(), nn.Layer(3, 1, None, seed=2)), XOR[1],
                     nn.binary_cross_entropy_with_logits),
}  # fmt: skip


@needs("node")
@pytest.mark.parametrize("name", MODELS)
def test_its_steps_are_those_of_nn(name: str) -> None:
    build, ys, loss = MODELS[name]
    model = build()
    losses, layers = trained_in_node(playground(model, XOR[0], ys), 20, 0.3)
    optimizer = nn.SGD(model.parameters(), lr=0.3)
    want = []
    for _ in range(20):
        outputs = [model(x) for x in XOR[0]]
        total = loss([y[0] if isinstance(y, list) else y for y in outputs], ys)
        want.append(total.data)
        optimizer.zero_grad()
        total.backward()
        optimizer.step()
    assert losses == pytest.approx(want, rel=1e-9)
    got = [x for w, b in layers for x in [*w, *b]]
    assert sorted(got) == pytest.approx(sorted(p.data for p in model.parameters()), rel=1e-8, abs=1e-12)
    assert want[-1] < want[0]


def test_a_page_is_small_loads_nothing_and_takes_labels_as_text(tmp_path: Path) -> None:
    path = write_playground(nn.MLP(2, [8, 8, 1], "tanh", seed=0), *XOR, tmp_path / "p.html", title="</title><b>x")
    text = path.read_text()
    assert len(text) < 300_000
    assert "<b>x" not in text
    assert not re.search(
        r"\b(fetch|XMLHttpRequest|WebSocket|import\s*\(|eval|https?:)", text.replace("http://www.w3.org/2000/svg", "")
    )


@pytest.mark.parametrize(
    ("model", "points", "options", "message"),
    [
        (lambda: nn.MLP(3, [2, 1]), XOR, {}, "3 inputs and 1 outputs: expected two features and one output"),
        (lambda: nn.MLP(2, [2, 2]), XOR, {}, "2 inputs and 2 outputs"),
        (lambda: nn.MLP(2, [99, 1]), XOR, {}, "shows 64 neurons at most, and the model has 102"),
        (lambda: nn.MLP(2, [2, 1]), (XOR[0], [1]), {}, "4 points and 1 targets"),
        (lambda: nn.MLP(2, [2, 1]), XOR, {"data": "rings"}, "expected one of moons, circles, spirals, exclusive or"),
    ],
)
def test_what_it_cannot_show_is_refused(model: Any, points: Any, options: Any, message: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=message):
        write_playground(model(), *points, tmp_path / "p.html", **options)


@needs("chromium")
@pytest.mark.xdist_group("browser")
@pytest.mark.parametrize("width", [400, 1400])
def test_the_page_trains_and_says_what_a_neuron_does(browser: Any, tmp_path: Path, width: int) -> None:
    path = write_playground(nn.MLP(2, [6, 6, 1], "tanh", seed=0), *XOR, tmp_path / "p.html", data="moons")
    said: list[str] = []
    tab = browser.new_page(viewport={"width": width, "height": 900})
    tab.on("console", lambda message: said.append(message.text))
    tab.on("pageerror", lambda error: said.append(str(error)))
    tab.on("request", lambda request: None if request.url.startswith("file://") else said.append(request.url))
    tab.goto(f"file://{path}")
    first = tab.evaluate("losses[0]")
    tab.click("#play")
    until(tab, "steps > 20")
    tab.click("#play")
    tab.evaluate("for (let n = 0; n < 1500; n++) advance(); show()")
    assert tab.evaluate("losses[losses.length - 1]") < first / 4
    assert re.search(
        r"step \d+ · loss \(cross-entropy\) 0\.\d+ · (19\d|200) of 200 on their side", tab.text_content("#said")
    )
    tab.click("[aria-label='neuron 2 of layer 1']")
    told = tab.inner_text("#told")
    assert "z¹₂ = " in told
    assert "a¹₂ = tanh(z¹₂) = " in told
    assert "∂loss/∂w¹₂₁ = " in told
    for name in ("circles", "spirals", "exclusive or", ""):
        tab.select_option("#data", name)
        tab.click("#one")
        assert tab.evaluate("Number.isFinite(losses[1])")
    tab.select_option("#activation", "relu")
    tab.fill("#rate", "1e300")
    tab.click("#one")
    tab.click("#one")
    assert "a smaller rate?" in tab.text_content("#said")
    tab.click("#again")
    assert tab.evaluate("steps") == 0
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert said == []


@needs("chromium")
@pytest.mark.xdist_group("browser")
def test_sums_have_their_signs_and_a_point_is_chosen_by_keys(browser: Any, tmp_path: Path) -> None:
    xs = [[0.5, -1.0], [-0.25, 2.0], [1.0, 1.0]]
    path = write_playground(nn.MLP(2, [2, 1], "tanh", seed=0), xs, [0, 1, 0], tmp_path / "p.html")
    tab = browser.new_page(viewport={"width": 1200, "height": 900})
    tab.goto(f"file://{path}")
    assert tab.locator("#noise").is_disabled(), "it moves no points of one's own"
    tab.click("[aria-label='neuron 1 of layer 1']")
    w, v = (tab.evaluate(f"format(net[0].w[{k}])") for k in (0, 1))
    assert f"z¹₁ = {w} × 0.5 + {v} × (−1) + 0 = ".replace("+ −", "− ") in tab.inner_text("#told")
    tab.focus("#plane")
    tab.keyboard.press("ArrowRight")
    assert "point 2: x = (−0.25, 2)" in tab.inner_text("#told")
    assert "× (−0.25)" in tab.inner_text("#told")
    assert "+ −" not in tab.inner_text("#told")
    assert tab.get_attribute("#plane", "aria-valuetext") == "point 2, −0.25, 2"
    tab.keyboard.press("ArrowLeft")
    tab.keyboard.press("ArrowLeft")
    assert "point 3: " in tab.inner_text("#told")
    tab.click("[aria-label='neuron 1 of layer 1']")
    assert "Choose a neuron" in tab.inner_text("#told")
    tab.select_option("#data", "moons")
    tab.locator("#noise").fill("0.25")
    assert tab.text_content("#spread") == "0.25"
    tab.close()


PASSED = """(() => {
  const found = [], corners = (x, y, box) => x > box.left + 1 && x < box.right - 1 && y > box.top + 1 && y < box.bottom - 1;
  const area = document.getElementById("network").getBoundingClientRect();
  const parts = cells.map(column => column.map(cell => cell.button.getBoundingClientRect()));
  const all = parts.flat();
  all.forEach((a, i) => {
    if (a.left < area.left || a.right > area.right || a.top < area.top || a.bottom > area.bottom) found.push("outside " + i);
    all.slice(0, i).forEach(b => { if (a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom) found.push("overlap " + i); });
  });
  wires.forEach((lines, l) => lines.forEach((line, k) => {
    const from = parts[l][k % net[l].inputs], to = parts[l + 1][Math.floor(k / net[l].inputs)], length = line.getTotalLength();
    for (let at = 0; at <= 60; at++) {
      const { x, y } = line.getPointAtLength(length * at / 60);
      for (const box of all) if (box !== from && box !== to && corners(x + area.left, y + area.top, box)) { found.push(`${l} ${k}`); return; }
    }
  }));
  return found;
})()"""


@needs("chromium")
@pytest.mark.xdist_group("browser")
@pytest.mark.parametrize("width", [400, 1400, 1920])
def test_no_weight_runs_through_a_neuron_that_is_not_its(browser: Any, tmp_path: Path, width: int) -> None:
    path = write_playground(nn.MLP(2, [8, 8, 1], "tanh", seed=0), *XOR, tmp_path / "p.html")
    tab = browser.new_page(viewport={"width": width, "height": 900})
    tab.goto(f"file://{path}")
    assert tab.evaluate(PASSED) == []
    tab.evaluate(
        "wires[1][0].setAttribute('d', wires[1][7 * 8].getAttribute('d').replace(/C.*/, `L${cells[1][7].x} ${cells[1][7].y}`))"
    )
    assert tab.evaluate(PASSED) == ["1 0"], "one that does is seen"
    tab.close()


@pytest.mark.parametrize(
    ("xs", "ys", "words"),
    [
        (XOR[0], [0, 1, 1], "write_playground(xs, ys) got 4 points and 3 targets: expected a target for each point"),
        (XOR[0], [], "write_playground(xs, ys) got 4 points and 0 targets: expected a target for each point"),
        (XOR[0], [[0, 1]] * 4, "write_playground(ys)[0] got [0, 1]: expected one number, as the model has one output"),
        (XOR[0], ["a", "b", "a", "b"], "write_playground(ys)[0] got 'a': expected a number; write 0 and 1 for two classes"),
        (XOR[0], [0, None, 1, 0], "write_playground(ys)[1] got None, a NoneType: expected a finite number"),
        (XOR[0], [0, 1, 1, math.nan], "write_playground(ys)[3] got nan: expected a finite number"),
        (XOR[0], 5, "write_playground(ys) got 5: expected a list with a target for each point"),
        (XOR[0], None, "write_playground(ys) got None: expected a list with a target for each point"),
        (XOR[0], "0110", "write_playground(ys) got '0110': expected a list with a target for each point"),
        (5, [0, 1], "write_playground(xs) got 5: expected a list with a row of numbers for each sample"),
        ([], [], "write_playground(xs) got []: expected a list with a row of numbers for each sample"),
        ([[1.0]], [0], "write_playground(xs)[0] got 1 numbers: expected 2"),
        ([[0.0, 1.0], ["a", 1.0]], [0, 1], "write_playground(xs)[1][0] got 'a', a str: expected a finite number"),
        ([[0.0, math.inf]], [0], "write_playground(xs)[0][1] got inf: expected a finite number"),
    ],
)  # fmt: skip
def test_points_and_targets_that_are_none_are_named(xs: Any, ys: Any, words: str, tmp_path: Path) -> None:
    with pytest.raises((TypeError, ValueError)) as caught:
        write_playground(nn.MLP(2, [3, 1], seed=0), xs, ys, tmp_path / "play.html")
    assert str(caught.value) == words
    assert list(tmp_path.iterdir()) == []


NEURONS = """() => {
  const corners = e => { const b = e.getBoundingClientRect(); return [b.left, b.top, b.right, b.bottom]; };
  const all = document.querySelectorAll(".neuron");
  return [[...all].map(corners), [...all].map(e => corners(e.querySelector("span"))), corners(document.getElementById("network"))];
}"""


@needs("chromium")
@pytest.mark.xdist_group("browser")
@pytest.mark.parametrize(("width", "height"), [(400, 700), (1400, 600), (1920, 1080)])
@pytest.mark.parametrize("layers", [[1], [8, 8, 1], [30, 30, 1], [60, 1]], ids=str)
def test_no_neuron_lies_on_another_or_on_a_name(
    layers: list[int], width: int, height: int, browser: Any, tmp_path: Path
) -> None:
    path = write_playground(nn.MLP(2, layers, "tanh", seed=0), *XOR, tmp_path / "p.html", data="moons")
    tab = browser.new_page(viewport={"width": width, "height": height})
    tab.goto(path.as_uri())
    for then in ("0", "document.querySelectorAll('.neuron')[2].click()"):
        tab.evaluate(then)
        boxes, names, (left, top, right, bottom) = tab.evaluate(NEURONS)
        for first, second in combinations([*boxes, *names], 2):
            assert not overlap(first, second), (first, second)
        for a, b, c, d in [*boxes, *names]:
            assert left <= a and top <= b and c <= right and d <= bottom
    tab.close()
