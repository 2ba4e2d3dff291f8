"""The command line: the demo, its pictures, its words, and what bad input gets."""

from __future__ import annotations

import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

import autograd_tiny
from autograd_tiny_cli import gallery, main, pictures


@pytest.mark.once
def test_the_demo_trains_until_every_point_is_right(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("sklearn", reason="the demo's data come from scikit-learn: extra `data`")
    pytest.importorskip("matplotlib", reason="loss.svg is drawn by matplotlib: extra `plot`")
    out = tmp_path / "new" / "folder"
    assert main(["demo", "--out", str(out)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "337 parameters, 100 points" in lines[0]
    assert lines[1].startswith("epoch 1/200  loss ")
    assert any(line.startswith("every point on the right side after ") for line in lines)
    first, formulas, numbers = lines[-3:]
    assert first.startswith("  ∂a/∂w1 = ∂a/∂z · ∂z/∂(w·x) · ∂(w·x)/∂w1")
    assert formulas == "    = [1 if z > 0 else 0] · [1] · [x1]"
    product = [float(x) for x in numbers.replace("=", " ").replace("×", " ").split()]
    assert product[0] * product[1] * product[2] == pytest.approx(product[3], rel=1e-3)
    assert len(lines) <= 10, "short enough to read at a glance"
    for name in ("neuron.svg", "loss.svg", "index.html"):
        assert str(out / name) in "\n".join(lines)
    index = (out / "index.html").read_text()
    linked = set(re.findall(r'(?:src|href|srcset)="([^"]*)"', index))
    there = {str(path.relative_to(out)) for path in out.rglob("*") if path.is_file()}
    assert linked == there - {"index.html"}, "all pictures, and nothing from elsewhere"
    assert '<iframe src="step.html" title="The same neuron, step by step"' in index
    for name in linked - {"step.html"}:
        ET.parse(out / name)
        if not name.startswith("dark/"):
            assert re.search(rf'srcset="dark/{name}"><img src="{name}" alt="[^"]+"', index)
    text = "".join(ET.parse(out / "neuron.svg").getroot().itertext())
    assert all(label in text for label in ("w1", "w2", "x1", "b", "z", "ReLU"))


def test_a_demo_cut_short_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for drawn in ("of_graphs", "of_training", "of_others"):
        monkeypatch.setattr(pictures, drawn, lambda *_: [])
    pytest.importorskip("sklearn", reason="the demo's data come from scikit-learn: extra `data`")
    pytest.importorskip("matplotlib", reason="the demo's curves are drawn by matplotlib: extra `plot`")
    assert main(["demo", "--out", str(tmp_path), "--epochs", "1"]) == 1
    assert "of 100 points on the right side after 1 epoch: give it more with --epochs" in capsys.readouterr().out


def test_what_the_gallery_says_is_data() -> None:
    shown = gallery.page([gallery.Picture("a b'.svg", "<b>", "x & y", 'say "<hi>"')])
    assert "&lt;b&gt;" in shown and "x &amp; y" in shown and 'alt="say &quot;&lt;hi&gt;&quot;"' in shown
    assert 'src="a%20b%27.svg"' in shown
    assert "default-src 'none'" in shown and "http:" not in shown and "https:" not in shown


def test_bad_options(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("in the way")
    assert main(["demo", "--out", str(tmp_path / "file" / "below")]) == 1
    said = capsys.readouterr()
    assert said.out == "", "it must fail before the training, not after"
    assert said.err.startswith("autograd-tiny demo: cannot make the folder ")
    assert said.err.endswith("choose another with --out\n")
    assert main(["demo", "--out", str(tmp_path), "--epochs", "0"]) == 1
    assert capsys.readouterr().err == "autograd-tiny demo: --epochs got 0: expected at least 1\n"
    for wrong in (["demo", "--seed", "x"], ["dmo"], []):
        with pytest.raises(SystemExit) as stopped:
            main(wrong)
        assert stopped.value.code == 2


def test_help_and_version_and_module_form() -> None:
    done = subprocess.run([sys.executable, "-m", "autograd_tiny", "--version"], capture_output=True, text=True)
    assert done.stdout == f"autograd-tiny {autograd_tiny.__version__} ({autograd_tiny.engine} engine)\n"
    done = subprocess.run([sys.executable, "-m", "autograd_tiny", "demo", "--help"], capture_output=True, text=True)
    for word in (
        "two interleaved half moons",
        "index.html",
        "neuron.svg",
        "loss.svg",
        "--out",
        "example: autograd-tiny demo",
    ):
        assert word in done.stdout


def test_a_playground_is_written(tmp_path, capsys):
    page = tmp_path / "play.html"
    assert main(["playground", "--data", "xor", "--layers", "4,3", "--out", str(page)]) == 0
    assert capsys.readouterr().out == f"wrote {page}\n"
    assert '"set":"exclusive or"' in page.read_text()
    with pytest.raises(SystemExit):
        main(["playground", "--layers", "0"])
