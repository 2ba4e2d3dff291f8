"""Labels are the user's: whatever they hold, both layout programs draw it, inside its box."""

from __future__ import annotations

import dataclasses
import re
import string

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from autograd_tiny import Value
from autograd_tiny.core import apply
from autograd_tiny.table.ops import TABLE
from visualize import svg, write_stepper
from visualize.text import lines

from .reading import SVG, nodes, text_extent

pytestmark = pytest.mark.once

# What XML 1.0 can write (its production [2], Char); DEL it can, but shows nothing for it. What turns the direction of
# writing turns all that follows it.
TURNS = "\u202a-\u202e\u2066-\u2069"
NOT_XML = re.compile(f"[^\t\n\r\x20-\x7e\x80-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[{TURNS}]")
SPACES = re.compile("[ \t\xa0]+")
HOSTILE = r"""{}|<>\"'&;#`$%^\N\G\L\E\T\H\l\r\n&amp;&lt;<!---->]]><b></TD><br/>"""
fixed = settings(
    max_examples=60, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
labels = st.text(st.characters(exclude_categories=()), max_size=12) | st.text(HOSTILE, max_size=12)


def shown(label):
    """The label as one reads it: broken at its line ends, unwritable characters replaced, spaces apart."""
    return SPACES.sub("", NOT_XML.sub("\ufffd", "".join(label.splitlines())))


def title(part):
    rows = len(part.texts) - part.texts[::-1].index("value")  # the last: a label may itself be "value"
    return SPACES.sub("", "".join(part.texts[: rows - 1]))


@fixed
@given(st.lists(labels.filter(lambda label: label.strip()), min_size=3, max_size=3))
@example(["\\", "\\N", "a\\"])
@example(["<b>", "<", ">"])
@example(['"', "'", '\\"'])
@example(["\x00", "\ud800", "\uffff\x7f"])
@example(["&amp;", "&#0;", "&nosuch;"])
@example(["a\nb", "a\r\nb\tc", "\u2028x"])
@example(["世界", "∂L/∂w⁽¹⁾", "👩\u200d💻é"])
@example(["{x|y}", "digraph", "<TABLE>"])
@example(["-->", "]", "<!-- x -->"])
def test_any_label(program, labels):
    a, b = Value(1.0, labels[0]), Value(2.0, labels[1])
    root = a * b
    root.label = labels[2]
    drawn = nodes(svg(root))
    assert [title(drawn[f"v{i}"]) for i in range(3)] == [shown(label) for label in labels]


@fixed
@given(labels)
@example("\\N \\\\G \\")
@example("&amp; <b>")
def test_any_tooltip(program, label):
    label = "long " * 40 + label
    drawn = nodes(svg(Value(1.0, label)))["v0"]
    assert "".join(drawn.tooltip.split()) == "".join(NOT_XML.sub("\ufffd", label).split())


@fixed
@given(labels.filter(str.strip))
@example("\\N")
@example("<b>")
def test_any_label_of_a_constant(program, label):
    root = Value(1.0).detach()
    root.label = label
    drawn = SPACES.sub("", "".join(nodes(svg(root))["v0"].texts))
    first = "".join(NOT_XML.sub("\ufffd", label.splitlines()[0]).split())
    assert "".join(drawn.split()) == first + "=1"


@fixed
@given(labels.filter(str.strip))
@example("\\N")
@example("<b>")
def test_any_symbol(program, symbol):
    row = dataclasses.replace(TABLE["tanh"], symbol=symbol)
    drawn = svg(apply(row, (Value(0.0),)))
    assert "".join("".join(nodes(drawn)["op1"].texts).split()) == "".join(NOT_XML.sub("\ufffd", symbol).split())


def test_a_blank_label_is_no_label(program):
    assert nodes(svg(Value(1.0, " \n")))["v0"].texts == ["value", "1"]


def test_long_labels_wrap_and_then_end(program):
    label = "what this weight is for " * 20
    part = nodes(svg(Value(1.0, label)))["v0"]
    first, second, third, *_ = part.texts
    assert label.startswith(f"{first} {second} {third.removesuffix(' …')}")
    assert part.texts[3] == "value" and part.tooltip.strip() == label.strip()


@given(st.text(st.characters(exclude_categories=()), max_size=300))
@settings(derandomize=True, deadline=None)
def test_lines_lose_nothing_that_fits(label):
    wrapped = lines(label, most=10**6)
    assert "".join("".join(wrapped).split()) == "".join(NOT_XML.sub("\ufffd", "".join(label.splitlines())).split())


@pytest.mark.parametrize(
    "label", [*string.ascii_letters[20:40], "W" * 20, "x₁", "∂C/∂w⁽¹⁾", "−" * 20, "∂" * 18, "ΔΩη" * 6, "il" * 9, "mM@%"]
)
def test_text_stays_in_its_box(program, label):
    root = Value(-1.0, label).tanh().logsumexp()
    root.backward()
    row = dataclasses.replace(TABLE["tanh"], symbol=label[:8])
    root = apply(row, (root,))
    for boxes in ("full", "compact"):
        for part in nodes(svg(root, boxes=boxes)).values():
            left, right = part.left_and_right()
            for text in part.element.iter(SVG + "text"):
                start, end = text_extent(text)
                assert left <= start and end <= right, "".join(text.itertext())


def test_a_name_turns_nothing_that_follows_it(tmp_path):
    root = Value(2.0, "\u202erate\u2066") * Value(3.0, "b")
    root.backward()
    for text in (svg(root), write_stepper(root, tmp_path / "p.html").read_text(encoding="utf-8")):
        assert not re.search(f"[{TURNS}]|u202e|u2066|8238|202[eE];", text) and "\ufffdrate\ufffd" in text
