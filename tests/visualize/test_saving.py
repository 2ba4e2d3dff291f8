"""`svg` and `save_svg`: which program draws, what is written, and what is said when that cannot be."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import graphviz
import pytest

import nn
from autograd_tiny.errors import AutogradError, GraphvizNotFound
from tests.needs import ask_for
from visualize import draw_graph, draw_network, save_picture, save_svg, saving, svg
from visualize.layout import LayoutFailed, find_program, layout

from .reading import nodes

pytestmark = pytest.mark.once  # pictures read a graph by what the tests of the core pin on both engines


class TestSvg:
    def test_an_element_without_prolog_or_comments(self, tour, program):
        drawn = svg(tour)
        assert drawn.startswith("<svg ") and drawn.rstrip().endswith("</svg>")
        assert "<!" not in drawn and "enerated by" not in drawn
        assert set(re.findall('font-family="(.*?)"', drawn)) == {"Helvetica,Arial,sans-serif"}

    def test_both_programs_say_the_same(self, tour, monkeypatch, request):
        first = nodes(svg(tour))
        request.getfixturevalue("no_dot")
        if find_program() is None:
            pytest.skip("graphviz-pure is not installed")
        second = nodes(svg(tour))
        assert {name: part.texts for name, part in first.items()} == {n: part.texts for n, part in second.items()}

    def test_a_digraph(self, tour, program):
        assert svg(draw_graph(tour, digits=2)) == svg(tour, digits=2)
        assert nodes(svg(graphviz.Source("graph {x -- y}")))["x"].texts == ["x"]

    def test_no_warning_is_shown(self, program, capfd):
        from autograd_tiny import Value

        svg(Value(1.0, "∂世") * 2.0)
        assert capfd.readouterr() == ("", "")

    def test_a_digraph_takes_no_options(self, tour):
        with pytest.raises(TypeError) as caught:
            svg(draw_graph(tour), digits=2, rankdir="TB")
        assert str(caught.value) == (
            "svg() of a picture that is drawn already takes no digits, rankdir: "
            "give the options to draw_graph, or give svg() the Value"
        )

    def test_only_svg(self, tour):
        with pytest.raises(ValueError) as caught:
            svg(tour, format="png")
        assert str(caught.value) == (
            "svg(format='png'): this is always SVG; for other formats: draw_graph(root).render(...)"
        )

    def test_not_a_graph(self):
        with pytest.raises(TypeError, match=r"^draw_graph\(root\) got None, a NoneType: expected a Value; "):
            svg(None)


class TestPrograms:
    def test_dot_comes_first(self, program):
        assert Path(find_program()).stem == program

    def test_none(self, tour, no_program):
        with pytest.raises(GraphvizNotFound) as caught:
            svg(tour)
        assert caught.value.source == draw_graph(tour).source
        assert str(caught.value) == (
            "found neither dot nor graphviz-pure to lay out the graph: pip install autograd-tiny[dot], or install the "
            "system's graphviz (apt install graphviz, brew install graphviz); the DOT text is in this error's .source"
        )

    def test_drawing_needs_none(self, tour, no_program):
        assert "tanh" in draw_graph(tour).source

    def test_dot_that_refuses(self, program):
        source = "digraph { a -> "
        with pytest.raises(
            RuntimeError, match=r"(?s)gave no picture \(exit status [1-9]\d*\): .*syntax error"
        ) as caught:
            svg(graphviz.Source(source))
        assert isinstance(caught.value, AutogradError) and caught.value.source.strip() == source.strip()

    @pytest.mark.skipif(os.name != "posix", reason="a script with #! as the layout program")
    @pytest.mark.parametrize(
        ("script", "said"),
        [
            ("#!/bin/sh\necho broken library >&2; exit 3", r"dot gave no picture \(exit status 3\): broken library$"),
            ("#!/bin/sh\n", r"dot gave no picture \(exit status 0\): nothing on stderr$"),
            ("#!/no/such/shell\n", r"dot could not be started: .*; install graphviz again$"),
        ],
    )
    def test_a_broken_program(self, tour, monkeypatch, tmp_path, script, said):
        (tmp_path / "dot").write_text(script)
        (tmp_path / "dot").chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path))
        with pytest.raises(RuntimeError, match=said):
            svg(tour)


class TestFiles:
    def test_saved(self, tour, program, tmp_path):
        path = tmp_path / "new" / "folder" / "L.svg"
        assert save_svg(tour, path, rankdir="TB") == path
        assert path.read_bytes() == svg(tour, rankdir="TB").encode()
        assert os.listdir(path.parent) == ["L.svg"]

    def test_a_str_gives_a_path(self, tour, monkeypatch, tmp_path):
        monkeypatch.chdir(tmp_path)
        assert save_svg(draw_graph(tour), "L.svg") == Path("L.svg")
        assert Path("L.svg").read_text(encoding="utf-8").startswith("<svg")

    @pytest.mark.skipif(os.name != "posix", reason="modes and links of POSIX")
    def test_mode_and_link(self, tour, tmp_path):
        (tmp_path / "link.svg").symlink_to(tmp_path / "real.svg")
        save_svg(tour, tmp_path / "link.svg")
        (tmp_path / "plain").touch()
        assert (tmp_path / "link.svg").is_symlink()
        assert (tmp_path / "real.svg").stat().st_mode == (tmp_path / "plain").stat().st_mode

    def test_a_failure_leaves_the_old_file(self, tour, monkeypatch, tmp_path):
        path = tmp_path / "L.svg"
        path.write_text("old")

        def full(*_):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "replace", full)
        with pytest.raises(OSError, match="No space left on device"):
            save_svg(tour, path)
        assert path.read_text() == "old" and os.listdir(tmp_path) == ["L.svg"]

    def test_a_folder(self, tour, tmp_path):
        with pytest.raises(OSError) as caught:
            save_svg(tour, tmp_path)
        assert isinstance(caught.value, AutogradError)
        assert str(caught.value) == (
            f"cannot save the picture as {str(tmp_path)!r}: it is a folder; give a path in a folder you can write to"
        )

    def test_below_a_file(self, tour, tmp_path):
        (tmp_path / "file").touch()
        path = tmp_path / "file" / "L.svg"
        with pytest.raises(OSError) as caught:
            save_svg(tour, path)
        assert str(caught.value) == (
            f"cannot save the picture as {str(path)!r}: File exists (at {str(path.parent)!r}); "
            "give a path in a folder you can write to"
        )

    @pytest.mark.parametrize("name", ["x" * 300 + ".svg", "a\0b.svg"])
    def test_names_that_no_file_can_have(self, tour, tmp_path, name):
        with pytest.raises(OSError, match=r"^cannot save the picture as .*; give a path in a folder you can write to$"):
            save_svg(tour, tmp_path / name)
        assert os.listdir(tmp_path) == []

    @pytest.mark.skipif(not os.path.exists("/dev/null"), reason="no /dev/null here")
    def test_a_device_is_not_replaced(self, tour):
        with pytest.raises(OSError, match="it is a device or a pipe, not a file"):
            save_svg(tour, "/dev/null")

    def test_not_a_path(self, tour):
        with pytest.raises(TypeError) as caught:
            save_svg(tour, 3)
        assert str(caught.value) == "save_svg: path got 3, an int: expected a str or pathlib.Path"

    def test_named_as_another_format(self, tour):
        with pytest.raises(ValueError) as caught:
            save_svg(tour, "L.png")
        assert str(caught.value) == "save_svg: 'L.png' is named as .png, and what is written is SVG: name it 'L.svg'"

    def test_no_folder_is_made_where_nothing_is_drawn(self, tour, no_program, tmp_path):
        with pytest.raises(GraphvizNotFound):
            save_svg(tour, tmp_path / "new" / "L.svg")
        assert not (tmp_path / "new").exists()


def test_importing_is_light():
    code = "import sys, visualize; print([m for m in ('matplotlib', 'numpy', 'rich') if m in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


class TestOtherFormats:
    @pytest.mark.parametrize(("name", "start"), [("L.png", b"\x89PNG"), ("L.pdf", b"%PDF"), ("L.svg", b"<svg")])
    def test_by_the_name_of_the_file(self, tour, tmp_path, monkeypatch, name, start):
        ask_for("dot")
        monkeypatch.setattr(saving, "can_print", lambda: False)
        path = save_picture(tour, tmp_path / "new" / name, theme="dark")
        assert path.read_bytes().startswith(start) and os.listdir(path.parent) == [name]
        assert save_picture(draw_graph(tour), path) == path

    def test_without_typst_only_dot_draws_them(self, tour, tmp_path, no_dot, monkeypatch):
        monkeypatch.setattr(saving, "can_print", lambda: False)
        if find_program() is None:
            pytest.skip("graphviz-pure is not installed")
        with pytest.raises(
            GraphvizNotFound, match=r"^a picture as png needs typst: pip install autograd-tiny\[print\]; or dot"
        ):
            save_picture(tour, tmp_path / "L.png")
        assert os.listdir(tmp_path) == []

    def test_no_other(self, tour, tmp_path):
        with pytest.raises(ValueError, match=r"L\.gif' should end in \.svg, \.png, \.pdf$"):
            save_picture(tour, tmp_path / "L.gif")
        with pytest.raises(ValueError, match=r"^save_picture\(width=100\): expected a number of pixels"):
            save_picture(tour, tmp_path / "L.pdf", width=100)

    def test_a_network_without_typst(self, tmp_path, monkeypatch):
        monkeypatch.setitem(sys.modules, "typst", None)
        with pytest.raises(
            ImportError, match=r"^a picture as \.png needs typst: pip install autograd-tiny\[print\]; or"
        ):
            save_picture(draw_network(nn.MLP(2, [1])), tmp_path / "L.png")

    @pytest.mark.parametrize(("name", "start"), [("L.png", b"\x89PNG"), ("L.pdf", b"%PDF")])
    def test_without_dot(self, tour, tmp_path, no_dot, name, start):
        pytest.importorskip("typst", reason="PNG and PDF are made by typst: pip install 'autograd-tiny[print]'")
        if find_program() is None:
            pytest.skip("graphviz-pure is not installed")
        assert save_picture(tour, tmp_path / name, theme="dark").read_bytes().startswith(start)
        network = save_picture(draw_network(nn.MLP(2, [1])), tmp_path / f"network{name}")
        assert network.read_bytes().startswith(start)

    def test_a_png_is_as_wide_as_asked_for(self, tmp_path):
        pytest.importorskip("typst", reason="PNG and PDF are made by typst: pip install 'autograd-tiny[print]'")
        path = save_picture(draw_network(nn.MLP(2, [1])), tmp_path / "L.png", width=640)
        assert int.from_bytes(path.read_bytes()[16:20]) == 640


class TestInABrowser:
    """No program can be started there."""

    def test_a_page_lays_out_with_its_own(self, tour, monkeypatch):
        asked = []
        monkeypatch.setattr(
            "visualize.layout.by_page", lambda *given: asked.append(given) or "<?xml?>\n<svg>ours</svg>"
        )
        assert layout("digraph {}") == "<svg>ours</svg>"
        assert asked == [("digraph {}", "svg", "dot")]

    def test_what_it_refuses_is_said_in_its_words(self, monkeypatch):
        def refuse(*_):
            raise RuntimeError("syntax error in line 1")

        monkeypatch.setattr("visualize.layout.by_page", refuse)
        with pytest.raises(LayoutFailed, match=r"^the page's layout gave no picture: syntax error in line 1$"):
            layout("digraph {")

    def test_without_one_it_says_what_needs_none(self, tour, no_program, monkeypatch):
        monkeypatch.setattr("sys.platform", "emscripten")
        with pytest.raises(GraphvizNotFound, match=r"^a browser starts no layout program.*steps\(root\)") as caught:
            svg(tour)
        assert caught.value.source.startswith("digraph")
