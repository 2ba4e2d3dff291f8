"""`plot_loss`: the curve, its bytes, and what it refuses."""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ET
from math import inf, nan

import pytest

from autograd_tiny import Value
from visualize import plot_loss

from .reading import SVG

pytestmark = pytest.mark.once  # pictures read a graph by what the tests of the core pin on both engines

pytest.importorskip("matplotlib")
LOSSES = [1.0, 0.5, 0.25, 0.125]


def texts(path):
    return ["".join(text.itertext()) for text in ET.parse(path).iter(SVG + "text")]


def curves(path):
    """The paths of the curves, each as its number of points."""
    root = ET.parse(path)
    drawn = [p for p in root.iter(SVG + "path") if "stroke-width: 1.8" in p.get("style", "")]
    return [sum(p.get("d").count(letter) for letter in "ML") for p in drawn]


def test_loss_alone(tmp_path):
    path = plot_loss(LOSSES, tmp_path / "new" / "loss.svg")
    assert {"epoch", "loss", "1", "4"} <= set(texts(path)) and "accuracy" not in texts(path)
    assert curves(path) == [4]


def test_with_accuracies(tmp_path):
    path = plot_loss(LOSSES, tmp_path / "loss.svg", accuracies=(0.5, 0.75, 0.875, 1.0))
    assert {"epoch", "loss", "accuracy"} <= set(texts(path))
    assert curves(path) == [4, 4]


def test_the_same_bytes(tmp_path):
    import matplotlib

    first = plot_loss(LOSSES, tmp_path / "a.svg", accuracies=LOSSES).read_bytes()
    with matplotlib.rc_context({"font.size": 30.0, "axes.facecolor": "black"}):
        before = dict(matplotlib.rcParams)
        second = plot_loss(iter(LOSSES), tmp_path / "b.svg", accuracies=LOSSES).read_bytes()
        assert dict(matplotlib.rcParams) == before
    assert first == second and b"<dc:date>" not in first


def test_no_pyplot(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    assert plot_loss(LOSSES, tmp_path / "loss.svg").exists()


@pytest.mark.parametrize("losses", [[0.5], [inf, 1e308, nan], [2.0, 2.0], [1e9, nan, inf, 1e-9, 3]])
def test_odd_runs_are_drawn_too(tmp_path, losses):
    assert "loss" in texts(plot_loss(losses, tmp_path / "loss.svg"))


@pytest.mark.parametrize(
    ("losses", "accuracies", "error", "text"),
    [
        ([], None, ValueError, "plot_loss(losses) got no numbers: expected one for each epoch"),
        (3.0, None, TypeError, "plot_loss(losses) got 3.0, a float: expected a list of numbers, one for each epoch"),
        ("ab", None, TypeError, "plot_loss(losses) got 'ab', a str: expected a list of numbers, one for each epoch"),
        ([1.0, None], None, TypeError, "plot_loss(losses) has None, a NoneType: expected numbers"),
        (
            [Value(1.0)],
            None,
            TypeError,
            "plot_loss(losses) has Value(data=1.0, grad=0.0), a Value: expected numbers; "
            "write [v.data for v in values]",
        ),
        ([1.0], ["x"], TypeError, "plot_loss(accuracies) has 'x', a str: expected numbers"),
        (
            [1.0, 2.0],
            [0.5],
            ValueError,
            "plot_loss got 2 losses and 1 accuracies: expected one of each for every epoch",
        ),
    ],
)
def test_wrong_arguments(tmp_path, losses, accuracies, error, text):
    with pytest.raises(error) as caught:
        plot_loss(losses, tmp_path / "loss.svg", accuracies=accuracies)
    assert str(caught.value) == text
    assert not (tmp_path / "loss.svg").exists()


def test_paths(tmp_path):
    with pytest.raises(ValueError, match=r"^plot_loss: 'loss.png' is named as .png, and what is written is SVG"):
        plot_loss(LOSSES, "loss.png")
    with pytest.raises(OSError, match="it is a folder"):
        plot_loss(LOSSES, tmp_path)


def test_matplotlib_missing(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError) as caught:
        plot_loss(LOSSES, tmp_path / "loss.svg")
    assert str(caught.value) == "plot_loss draws with matplotlib: pip install autograd-tiny[plot]"
