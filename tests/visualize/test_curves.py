"""The curves: what they draw is what they were given, their files the same each time, labels are data."""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ET
from math import inf, isclose, nan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nn
import visualize
from autograd_tiny import Value
from autograd_tiny.table.ops import TABLE

from .reading import SVG, contrast

pytest.importorskip("matplotlib")
np = pytest.importorskip("numpy")

from matplotlib.figure import Figure  # noqa: E402

from visualize.curves.breaks import jumps  # noqa: E402
from visualize.curves.panel import SERIES  # noqa: E402
from visualize.style import THEMES  # noqa: E402

pytestmark = pytest.mark.once

XOR = [[0, 0], [0, 1], [1, 0], [1, 1]]
ONE = [row.name for row in TABLE.values() if not row.variadic and len(row.arguments) - len(row.defaults) == 1]


def history(losses, validation=None, status="completed", best=None, rates=None, metrics=None):
    records = [
        nn.Epoch(i + 1, i + 1, loss, validation[i] if validation else None, {k: v[i] for k, v in (metrics or {}).items()},
                 {}, rates[i] if rates else 0.1)
        for i, loss in enumerate(losses)
    ]  # fmt: skip
    return nn.History(records, status, "because <b> & $x_1$", "loss", best, len(losses))


def health_check(every=1):
    model = nn.MLP(1, [3, 1], "tanh", seed=0)
    X, y = [[0.0], [1.0]], [0.0, 1.0]
    check = nn.HealthCheck(model, X, y, "mean_squared_error", every=every)
    nn.fit(model, X, y, epochs=4, callbacks=check, verbose=0, seed=0)
    return check


DRAW = {
    "history": lambda **o: visualize.plot_history(
        history([2.0, 1.0, 3.0], [3.0, 2.0, 4.0], "stopped", 2, [1, 2, 3]), **o
    ),
    "boundary": lambda **o: visualize.plot_decision_boundary(
        nn.MLP(2, [3, 1], seed=0), XOR, [0, 1, 1, 0], resolution=9, **o
    ),
    "activation": lambda **o: visualize.plot_activation("relu", **o),
    "gradients": lambda **o: visualize.plot_gradients(health_check(), **o),
    "descent": lambda **o: visualize.plot_descent(lambda w: w * w, start=2.0, lr=0.1, steps=4, **o),
}
EACH = pytest.mark.parametrize("draw", DRAW.values(), ids=DRAW)


def legend(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


@EACH
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_same_bytes_and_none_of_the_users_settings(draw, theme, tmp_path, monkeypatch):
    import matplotlib

    with monkeypatch.context() as without:
        without.setitem(sys.modules, "matplotlib.pyplot", None)
        draw(path=tmp_path / "a.svg", theme=theme)
    with matplotlib.rc_context({"font.size": 30.0, "axes.facecolor": "red", "text.usetex": False}):
        before = dict(matplotlib.rcParams)
        draw(path=tmp_path / "b.svg", theme=theme)
        assert dict(matplotlib.rcParams) == before
    content = (tmp_path / "a.svg").read_bytes()
    assert content == (tmp_path / "b.svg").read_bytes() and b"<dc:date>" not in content
    root = ET.fromstring(content)
    assert root.get("role") and root.find(SVG + "title").text and root.find(SVG + "desc").text
    assert THEMES[theme].ground in content.decode()


@EACH
def test_it_draws_on_the_axes_given(draw):
    figure = Figure()
    above, below = figure.subplots(2)
    assert draw(ax=below) is below
    assert below.lines and not above.lines


@EACH
@pytest.mark.parametrize("kind", ["png", "pdf"])
def test_other_formats(draw, kind, tmp_path):
    paths = [tmp_path / f"{name}.{kind}" for name in "ab"]
    for path in paths:
        draw(path=path)
    assert paths[0].read_bytes() == paths[1].read_bytes()
    assert paths[0].read_bytes()[:4] in (b"\x89PNG", b"%PDF")


@EACH
def test_what_it_refuses_draws_nothing(draw, tmp_path):
    ax = Figure().subplots()
    with pytest.raises(ValueError, match=r"^plot_\w+: '.*a\.gif' should end in \.svg, \.png or \.pdf$"):
        draw(ax=ax, path=tmp_path / "a.gif")
    with pytest.raises(ValueError, match=r"^plot_\w+\(theme='blue'\): expected \"light\" or \"dark\"$"):
        draw(ax=ax, theme="blue")
    assert not ax.lines
    with pytest.raises(TypeError, match=r"^plot_\w+\(ax\) got 3, an int: expected one matplotlib Axes"):
        draw(ax=3)
    polar = Figure().add_subplot(projection="polar")
    with pytest.raises(ValueError, match=r"^plot_\w+\(ax\) got a polar Axes"):
        draw(ax=polar)


@EACH
def test_matplotlib_missing(draw, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setitem(sys.modules, "matplotlib.axes", None)
    with pytest.raises(ImportError, match=r"^plot_\w+ draws with matplotlib: pip install autograd-tiny\[plot\]$"):
        draw()


@pytest.mark.parametrize("theme", sorted(THEMES))
def test_series_stand_out(theme):
    assert min(contrast(color, THEMES[theme].ground) for color in SERIES[theme]) >= 3


class TestHistory:
    @given(st.lists(st.floats(1e-6, 1e6), min_size=1, max_size=20), st.data())
    @settings(max_examples=15, deadline=None)
    def test_the_lines_are_the_numbers(self, losses, data):
        validation = data.draw(st.lists(st.floats(1e-6, 1e6), min_size=len(losses), max_size=len(losses)))
        ax = visualize.plot_history(history(losses, validation))
        assert [line.get_ydata().tolist() for line in ax.lines] == [losses, validation]
        assert legend(ax) == ["training", "validation"]
        wide = max(losses + validation) > 50 * min(losses + validation)
        assert ax.get_yscale() == ("log" if wide else "linear")

    def test_best_and_end_are_marked_in_every_panel(self):
        run = history([3.0, 1.0, 2.0], status="stopped", best=2, rates=[3, 2, 1], metrics={"$a": [0, 1, 1]})
        ax = visualize.plot_history(run)
        panels = ax.figure.axes
        assert [p.get_ylabel() for p in panels] == ["loss", "$a", "learning rate"]
        for p in panels:
            assert sorted(line.get_xdata()[0] for line in p.lines[1:]) == [2, 3]
        assert [t.get_text() for t in ax.texts] == ["stopped: epoch 3", "best: epoch 2"]
        assert ax.get_title(loc="left") == "stopped: because <b> & $x_1$"

    def test_labels_are_data(self, tmp_path):
        visualize.plot_history(history([1.0], metrics={"$\\frac{": [1.0]}), tmp_path / "a.svg")
        texts = ["".join(t.itertext()) for t in ET.parse(tmp_path / "a.svg").iter(SVG + "text")]
        assert "$\\frac{" in texts and "completed: because <b> & $x_1$" in texts

    def test_a_completed_run_has_no_end_mark(self):
        assert not visualize.plot_history(history([1.0, 2.0])).texts

    @pytest.mark.parametrize("losses", [[1e308, 1.0], [inf, nan, 1.0], [0.0, 0.0], [5.0]])
    def test_odd_runs(self, losses, tmp_path):
        visualize.plot_history(history(losses, status="diverged"), tmp_path / "a.svg")

    def test_axes_without_a_grid_are_divided_too(self):
        ax = Figure().add_axes((0.1, 0.1, 0.8, 0.8))
        visualize.plot_history(history([1.0, 2.0], metrics={"m": [1, 2]}), ax=ax)
        upper, lower = (p.get_position() for p in ax.figure.axes)
        assert lower.y1 < upper.y0 and isclose(lower.y0, 0.1) and isclose(upper.y1, 0.9)

    def test_errors(self):
        with pytest.raises(TypeError, match=r"^plot_history\(history\) got \[1\.0\], a list: .*plot_loss\(losses"):
            visualize.plot_history([1.0])
        with pytest.raises(ValueError, match="got a run that ended before its first epoch did"):
            visualize.plot_history(nn.History())


class TestActivation:
    @pytest.mark.parametrize("name", ONE)
    def test_every_row_of_one_number(self, name, tmp_path, request):
        """Its lines; the file takes ten times as long, and its words are of the row, so it is some rows' only."""
        written = request.config.getoption("--long") or ONE.index(name) % 5 == 0
        ax = visualize.plot_activation(name, tmp_path / "a.svg" if written else None)
        value, slope = ([line for line in ax.lines if line.get_label() == label] for label in (name, "derivative"))
        for line in value:
            xs, ys = line.get_data()
            if len(xs) < 6:
                continue
            x, y = xs[3], ys[3]
            leaf = Value(float(x))
            node = -leaf if name == "neg" else getattr(leaf, name)()
            node.backward()
            assert isclose(node.data, y, rel_tol=1e-9, abs_tol=1e-12)
            drawn = [sy for part in slope for sx, sy in zip(*part.get_data(), strict=True) if sx == x]
            assert isclose(leaf.grad, drawn[0], rel_tol=1e-9, abs_tol=1e-12)

    def test_a_kink_is_a_jump_of_the_derivative(self):
        ax = visualize.plot_activation("relu")
        pieces = [line for line in ax.lines if line.get_label() == "derivative"]
        assert [set(np.round(p.get_ydata(), 9)) for p in pieces] == [{0.0}, {1.0}]
        dots = [(*line.get_data(), line.get_markerfacecolor()) for line in ax.lines if line.get_marker() == "o"]
        assert [(x[0], y[0]) for x, y, _ in dots] == [(0.0, 1.0), (0.0, 0.0)]
        assert dots[0][2] == THEMES["light"].ground != dots[1][2]

    @given(st.floats(-0.9, 0.9), st.floats(0.5, 3.0))
    @settings(max_examples=20, deadline=None)
    def test_jumps_are_found_where_they_are(self, place, height):
        found = jumps(lambda x: np.where(x > place, height, 0.0) + 0.1 * x, np.linspace(-1, 1, 101))
        assert len(found) == 1 and isclose(found[0].x, place, abs_tol=1e-8)
        assert isclose(found[0].right - found[0].left, height, rel_tol=1e-6) and not found[0].is_pole

    def test_steep_is_no_jump(self):
        assert jumps(lambda x: np.tanh(500 * x), np.linspace(-1, 1, 100)) == []

    def test_parameters_and_errors(self):
        assert legend(visualize.plot_activation("elu", alpha=0.5))[0] == "y = elu(x, 0.5)"
        for call, error, text in [
            (lambda: visualize.plot_activation("rleu"), ValueError, "plot_activation('rleu'): no such function: did you mean 'relu'?"),
            (lambda: visualize.plot_activation("mul"), ValueError, "plot_activation('mul'): mul takes a, b: expected a function of one number"),
            (lambda: visualize.plot_activation("relu", slope=1), TypeError, "plot_activation('relu') got an unexpected slope=: relu takes nothing besides"),
            (lambda: visualize.plot_activation("log", interval=(-2, -1)), ValueError, "plot_activation(interval): log is defined nowhere from -2 to -1: it needs x > 0"),
            (lambda: visualize.plot_activation("log", interval=(2, 1)), ValueError, "plot_activation(interval) got (2, 1): expected the smaller number first"),
        ]:  # fmt: skip
            with pytest.raises(error) as caught:
                call()
            assert str(caught.value) == text


class TestBoundary:
    def test_a_known_line(self):
        ax = visualize.plot_decision_boundary(lambda p: p[0] + p[1] - 1.0, XOR, [-1, 1, 1, 1], classes=["_no", "$yes"])
        assert legend(ax) == ["_no", "$yes", "wrong side: 2 of 4", "output = 0"]
        line = ax.collections[-1].get_paths()[0].vertices
        assert np.allclose(line.sum(axis=1), 1.0)

    def test_the_threshold(self):
        half = visualize.plot_decision_boundary(lambda p: p[0] / 2 + 0.3, XOR, [0, 0, 1, 1], threshold=0.5)
        assert legend(half) == ["0", "1", "output = 0.5"]
        sure = visualize.plot_decision_boundary(lambda p: Value(p[0]).sigmoid(), XOR, [0, 1, 1, 1])
        assert legend(sure)[-1] == "output = 0.5"

    def test_estimators_and_several_classes(self):
        linear = pytest.importorskip("sklearn.linear_model")
        X = [[0.0, 0.0], [5.0, 0.0], [0.0, 5.0], [0.2, 0.1], [5.1, 0.3], [0.1, 5.2]]
        names = ["a", "b", "c"] * 2
        for model in (linear.LogisticRegression(), linear.Perceptron(), linear.RidgeClassifier()):
            ax = visualize.plot_decision_boundary(model.fit(X, names), np.array(X), np.array(names), resolution=20)
            assert legend(ax) == ["a", "b", "c"]
        three = nn.MLP(2, [3], seed=0)
        assert legend(visualize.plot_decision_boundary(three, XOR, [0, 1, 2, 0], resolution=9))[:3] == ["0", "1", "2"]

    def test_the_model_is_left_as_it_was(self):
        model = nn.Sequential(nn.Layer(2, 3), nn.Dropout(0.5, seed=0), nn.Layer(3, 1))
        model.train()
        visualize.plot_decision_boundary(model, XOR, [0, 1, 1, 0], resolution=5)
        assert all(module.training for module in model.modules())

    @pytest.mark.parametrize(
        ("model", "X", "y", "text"),
        [
            (nn.MLP(2, [1], seed=0), [[1, 2, 3]], [0], "plot_decision_boundary(X[0]) has 3 features: expected two features, which the plane has room for"),
            (nn.MLP(2, [1], seed=0), XOR, [0, 1], "plot_decision_boundary got 4 points and 2 classes: expected one for each"),
            (nn.MLP(2, [1], seed=0), XOR, [0, 1, 2, 0], "plot_decision_boundary: the model gives one number, which tells two classes apart, and y has 3: expected one output a class, such as nn.MLP(2, [8, 3])"),
            (nn.MLP(2, [3], seed=0), XOR, [0, 1, 2, 7], "plot_decision_boundary(y) has 7, and the model has 3 outputs: expected the number of an output, 0 to 2"),
            (3, XOR, [0, 1, 1, 0], "plot_decision_boundary(model) got 3, an int: expected an nn.Module, or a fitted classifier with predict"),
        ],
    )  # fmt: skip
    def test_errors(self, model, X, y, text):
        with pytest.raises((ValueError, TypeError)) as caught:
            visualize.plot_decision_boundary(model, X, y)
        assert str(caught.value) == text


class TestGradients:
    def test_lines_are_the_norms(self):
        check = health_check()
        ax = visualize.plot_gradients(check)
        assert legend(ax) == ["layers.0", "layers.1"]
        for i, line in enumerate(ax.lines):
            assert line.get_ydata().tolist() == [health.layers[i].gradient_norm for health in check.found.values()]
        assert visualize.plot_gradients(health_check(every=2)).lines[0].get_xdata().tolist() == [1, 3]

    def test_errors(self):
        model = nn.MLP(1, [2, 1], seed=0)
        with pytest.raises(ValueError, match=r"a HealthCheck of no epochs: give it to nn\.fit"):
            visualize.plot_gradients(nn.HealthCheck(model, [[1.0]]))
        check = nn.HealthCheck(model, [[1.0]])
        check(nn.Epoch(1, 1, 0.5))
        with pytest.raises(ValueError, match="a HealthCheck without gradients: make it with targets and a loss"):
            visualize.plot_gradients(check)
        with pytest.raises(TypeError, match=r"got \[1\], a list: expected an nn\.HealthCheck"):
            visualize.plot_gradients([1])


class TestDescent:
    @staticmethod
    def points(ax):
        return next(line for line in ax.lines if line.get_marker() == "o").get_xdata()

    @given(st.floats(0.01, 0.95), st.integers(1, 30))
    @settings(max_examples=15, deadline=None)
    def test_the_steps_are_those_of_descent(self, rate, steps):
        ws = self.points(visualize.plot_descent(lambda w: w * w, start=2.0, lr=rate, steps=steps))
        assert np.allclose(ws, [2.0 * (1 - 2 * rate) ** i for i in range(steps + 1)])

    def test_divergence_is_told_and_stays_in_the_picture(self):
        ax = visualize.plot_descent(lambda w: w * w, start=1.0, lr=3.0, steps=1000)
        assert "It diverges: the learning rate is too large" in ax.get_title(loc="left")
        assert 2 <= len(self.points(ax)) < 5 and max(map(abs, ax.get_xlim())) < 1e3

    def test_a_cost_that_is_not_defined_everywhere(self, tmp_path):
        ax = visualize.plot_descent(lambda w: w - w.log(), tmp_path / "a.svg", start=0.1, lr=0.05, steps=5)
        assert np.isnan(ax.lines[0].get_ydata()).any()

    def test_errors(self):
        with pytest.raises(TypeError, match=r"is 3\.0, a float: expected a Value, computed from it"):
            visualize.plot_descent(lambda w: 3.0, start=1.0, lr=0.1)
        with pytest.raises(TypeError, match=r"^plot_descent\(cost\) got 3, an int: expected a function of a Value"):
            visualize.plot_descent(3, start=1.0, lr=0.1)
        with pytest.raises(ValueError, match=r"^plot_descent\(lr\) got -1: expected a learning rate above 0"):
            visualize.plot_descent(lambda w: w, start=1.0, lr=-1)
        with pytest.raises(ValueError, match=r"^plot_descent\(start=-1\.0\): the cost cannot be computed there: log"):
            visualize.plot_descent(lambda w: w.log(), start=-1, lr=1)


def test_a_function_that_others_call_otherwise_is_named():
    with pytest.raises(ValueError, match="swish is called silu here"):
        visualize.plot_activation("swish")
