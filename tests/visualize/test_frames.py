"""Frames for slides: one canvas, one layout, the numbers and the mark of each step, labels as text."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

import nn
from autograd_tiny import Value, steps
from visualize import save_frames

from .test_page import worked

pytestmark = pytest.mark.once  # pictures read a graph by what the tests of the core pin on both engines

SVG = "{http://www.w3.org/2000/svg}"


def boxes(frame: ET.Element) -> dict[str, list[str]]:
    return {
        group.get("id", ""): [text.text or "" for text in group.findall(f"{SVG}text")]
        for group in frame.iter(f"{SVG}g") if (group.get("class") or "").startswith("n ")
    }  # fmt: skip


def test_every_frame_has_the_same_canvas_and_places(tmp_path: Path) -> None:
    L, leaves = worked()
    paths = save_frames(L, tmp_path / "f%02d.svg")
    frames = [ET.fromstring(path.read_text()) for path in paths]
    assert len(frames) == 1 + 3 + 3
    assert {frame.get("viewBox") for frame in frames} == {"0 0 1600 900"}
    places = [[(rect.get("x"), rect.get("y")) for rect in frame.iter(f"{SVG}rect")][1:] for frame in frames]
    assert all(found == places[0] for found in places)
    moved = [[g.get("transform") for g in frame.iter(f"{SVG}g") if g.get("transform")] for frame in frames]
    assert len(moved[0]) == 1
    assert all(found == moved[0] for found in moved)
    assert [leaf.grad for leaf in leaves] == [0.0] * 3


def test_the_numbers_are_those_of_the_steps(tmp_path: Path) -> None:
    L, _ = worked()
    frames = [ET.fromstring(path.read_text()) for path in save_frames(L, tmp_path / "f%d.svg")]
    first, last = boxes(frames[0]), boxes(frames[-1])
    assert first["n2"] == ["a × b", "= ·", ""]
    assert boxes(frames[1])["n2"] == ["a × b", "= −6", ""]
    assert last["n0"] == ["a", "= 2", "∂ −0.004023"]
    assert last["n4"] == ["d  (+)", "= 4", "∂ 0.001341"]
    lit = [[g.get("id") for g in frame.iter(f"{SVG}g") if "lit" in (g.get("class") or "")] for frame in frames]
    assert lit == [[], ["n2"], ["n4"], ["n5"], ["n5"], ["n4"], ["n2"]]
    said = [text.text for text in frames[-1].iter(f"{SVG}text") if text.get("class") == "said"]
    assert said == str(steps(L).step(3).text(4, 100)).splitlines()


def test_a_network_has_its_names_and_labels_are_text(tmp_path: Path) -> None:
    model = nn.MLP(2, [2, 1], "tanh", seed=0)
    model.layers[0].neurons[0].b.label = "</text><script>alert(1)</script>"
    paths = save_frames((model([0.5, -1.0]) - 1.0) ** 2, tmp_path / "n%03d.svg", model=model, theme="dark")
    texts = [parts[0] for parts in boxes(ET.fromstring(paths[-1].read_text())).values()]
    assert {"x₁", "w¹₁₁", "z¹₂  (+)", "ŷ  (+)"} <= set(texts)
    said = [
        text.text or ""
        for text in ET.fromstring(paths[2].read_text()).iter(f"{SVG}text")
        if text.get("class") == "said"
    ]
    assert said[0].startswith("step 2 of 10   z¹₁ = w¹₁·x")
    assert not list(ET.fromstring(paths[-1].read_text()).iter(f"{SVG}script"))


@pytest.mark.parametrize("pattern", ["frame.svg", "f%s%s.svg", "f%02d.gif", "f%q.svg"])
def test_a_pattern_without_a_place_for_the_number_is_refused(pattern: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="expected a place for the number"):
        save_frames(worked()[0], tmp_path / pattern)


@pytest.mark.parametrize("option", [{"width": 0}, {"height": 7.5}, {"font_size": True}, {"font": 'a"b'}])
def test_sizes_and_fonts_are_checked(option: dict[str, object], tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=rf"^save_frames\({next(iter(option))}="):
        save_frames(worked()[0], tmp_path / "f%02d.svg", **option)  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_frames_as_png_are_as_wide_as_the_canvas(tmp_path: Path) -> None:
    pytest.importorskip("typst", reason="PNG and PDF are made by typst: pip install 'autograd-tiny[print]'")
    a = Value(2.0, "a")
    paths = save_frames(a.tanh(), tmp_path / "f%d.png", width=320, height=180, font_size=8)
    assert {path.read_bytes()[16:24] for path in paths} == {(320).to_bytes(4) + (180).to_bytes(4)}


def test_the_columns_of_a_step_stand_on_paper_too(tmp_path: Path) -> None:
    """The printing library knows no generic ``monospace``."""
    pytest.importorskip("typst", reason="has the printer: pip install autograd-tiny[print]")
    frame = save_frames(worked()[0], tmp_path / "f%d.pdf")[4].read_bytes()
    assert any(name in frame for name in (b"+Menlo", b"+Consolas", b"+DejaVuSansMono"))
