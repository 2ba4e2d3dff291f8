"""The reference is complete: nothing public is undocumented, nothing documented is missing."""

from __future__ import annotations

import re

import pytest

pytest.importorskip("sklearn")
pytest.importorskip("hypothesis")

from autograd_tiny.table.namespaces import FLOATS
from autograd_tiny.table.ops import ROWS, TABLE
from tools import docs_api, docs_primitives, docs_reference

MODULES = list(docs_api.SECTIONS)


@pytest.mark.parametrize("module", MODULES)
def test_the_list_is_what_the_module_exports(module: str) -> None:
    listed = [name for part in docs_api.SECTIONS[module] for name in part.names]
    assert len(listed) == len(set(listed))
    assert set(listed) == docs_api.exported(module)


@pytest.mark.parametrize("module", MODULES)
def test_nothing_public_is_undocumented(module: str) -> None:
    assert docs_api.undocumented(module) == []


@pytest.mark.parametrize("module", MODULES)
def test_every_name_is_on_its_page(module: str) -> None:
    page = docs_reference.page(module)
    for part in docs_api.SECTIONS[module]:
        for name in part.names:
            heading = f"### `{name}` " if part.title != "Functions" else f"`{name}("
            assert heading in page, name
    anchors = re.findall(r"\{ #([\w-]+) \}", page)
    assert len(anchors) == len(set(anchors))


@pytest.mark.parametrize("module", MODULES)
def test_links_lead_to_headings(module: str) -> None:
    pages = docs_reference.reference()
    for target, anchor in re.findall(r"\]\((\w+\.md)#([\w-]+)\)", docs_reference.page(module)):
        assert f"{{ #{anchor} }}" in pages[f"reference/{target}"], (target, anchor)


def test_no_page_shows_an_address_or_a_private_name() -> None:
    for path, page in docs_reference.reference().items():
        assert " at 0x" not in page, path
        assert not re.search(r"^```python\n\w*\._", page, flags=re.MULTILINE), path


def test_notes_are_for_what_has_no_docstring() -> None:
    missing = {found.name for module in MODULES for found in docs_api.entries(module) if not found.doc}
    for module in MODULES:
        for found in docs_api.entries(module):
            missing |= {member.name for member in docs_api.members(found) if not docs_api.described(member)}
    assert set(docs_api.NOTES) >= missing
    known = {name for module in MODULES for name in docs_api.exported(module)}
    assert {name.split(".")[0] for name in docs_api.NOTES} <= known


def test_a_name_that_nobody_listed_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    import visualize

    monkeypatch.setattr(visualize, "forgotten", lambda: None, raising=False)
    assert "forgotten" in docs_api.exported("visualize")
    monkeypatch.setitem(docs_api.SECTIONS, "visualize", (docs_api.section("All", "forgotten"),))
    assert docs_api.undocumented("visualize") == ["forgotten"]


# The table of primitives


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_primitive_has_formula_derivatives_domain_edges_and_plot(row: object) -> None:
    row = TABLE[row.name]  # type: ignore[attr-defined]
    text = docs_primitives.entry(row)
    assert text.count(r"\frac{\partial y}{\partial ") >= len(row.partials)
    assert row.domain in text
    assert text.count("**edge**") == len(row.edges)
    assert 'class="value"' in text
    assert 'class="slope"' in text
    assert "nan" not in re.sub(r"<svg.*?</svg>", "", text, flags=re.DOTALL).replace("tan", "")
    assert "inf" not in re.sub(r"min|max", "", text)


def test_the_page_has_every_row_once_under_its_heading() -> None:
    page = docs_primitives.page()
    assert re.findall(r"^### `(\w+)`", page, flags=re.MULTILINE) == [row.name for row in ROWS]
    assert page.count("\n## ") == len(docs_primitives.GROUPS)


def test_the_curves_are_the_rules() -> None:
    value, slope, low, high = docs_primitives.curve(TABLE["pow"])
    assert (value(3.0), slope(3.0)) == (9.0, 6.0)
    assert (low, high) == TABLE["pow"].samples[0]
    value, slope, low, high = docs_primitives.curve(TABLE["relu"])
    assert low < 0.0 < high
    assert value(2.0) == FLOATS.where(True, 2.0, 0.0)
    assert (slope(2.0), slope(-2.0)) == (1.0, 0.0)
    for name in ("abs", "elu", "leaky_relu", "sign"):
        *_, low, high = docs_primitives.curve(TABLE[name])
        assert low == -high, f"{name}: a kink is drawn from both sides"


def test_a_curve_is_not_drawn_across_a_jump() -> None:
    drawn = docs_primitives.plot(TABLE["sign"])
    assert drawn.count('class="value"') == 2
