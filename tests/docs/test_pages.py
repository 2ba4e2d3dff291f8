"""The documentation's code blocks, run as a reader would; and what the pages show and link to."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from autograd_tiny import Value
from tools import docs_blocks
from tools.docs_blocks import DOCS, ROOT, BlockError, Page

PAGES = docs_blocks.pages()
SLOW = ("sklearn", "plot_", "matplotlib")


def needs(page: Page) -> list[str]:
    """The optional libraries that a page's blocks use."""
    wanted = {"sklearn": "sklearn", "visualize import plot_": "matplotlib", "numpy": "numpy", "compile(": "numpy",
              "autograd_tiny.testing": "hypothesis", "nn.save": "safetensors", "from scipy": "scipy", "import torch": "torch",
              "import onnxruntime": "onnxruntime", "to_onnx(": "onnx", "dask.distributed": "distributed", "joblib": "joblib"}  # fmt: skip
    return sorted({module for sign, module in wanted.items() if sign in page.text})


@pytest.mark.once
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.path)
def test_the_blocks_of_a_page_run_and_print_what_it_says(page: Page, tmp_path: Path) -> None:
    for module in needs(page):
        pytest.importorskip(module)
    written = {path.as_posix() for path in docs_blocks.run_in(page, tmp_path)}
    folder = Path(page.path).parent
    for shown in page.references:
        path = (folder / shown).as_posix()
        assert path in written or (DOCS / path).exists(), f"{page.path} shows {shown}, which no block of it writes"
    unused = {path for path in written if Path(path).suffix in (".svg", ".html")}
    unused -= {(folder / shown).as_posix() for shown in page.references | links(page.text)}
    assert not unused, f"{page.path} draws {unused} and does not show it"


def links(text: str) -> set[str]:
    return set(re.findall(r"(?<!!)\[[^\]]*\]\(([^)#\s]+)", text))


def test_there_are_pages() -> None:
    assert len(PAGES) > 12
    assert sum(len(page.blocks) for page in PAGES) > 80


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.path)
def test_every_picture_says_what_it_shows(page: Page) -> None:
    for alt in re.findall(r"!\[([^\]]*)\]\(", page.text):
        assert len(alt) > 15, f"{page.path}: a picture described as {alt!r}"
    for frame in re.findall(r"<iframe[^>]*>", page.text):
        assert 'title="' in frame, page.path


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.path)
def test_links_lead_to_pages(page: Page) -> None:
    pytest.importorskip("numpy")
    known = {p.path for p in PAGES} | {"testing.md", "primitives.md", "howto/jobs.md"}
    known |= {f"reference/{name}.md" for name in ("autograd_tiny", "nn", "visualize", "autograd_tiny_testing")}
    for target in links(page.text):
        path = (DOCS / Path(page.path).parent / target).resolve()
        if path.suffix == ".md":
            assert path.relative_to(DOCS).as_posix() in known, f"{page.path}: {target}"


def test_every_page_is_in_the_menu() -> None:
    menu = set(re.findall(r": ([\w/.-]+\.md)$", (ROOT / "mkdocs.yml").read_text(), flags=re.MULTILINE))
    notebooks = {f"notebooks/{path.stem}.md" for path in (ROOT / "notebooks").glob("*.ipynb")}
    generated = {
        "primitives.md",
        "howto/jobs.md",
        *(f"reference/{name}.md" for name in ("autograd_tiny", "nn", "visualize", "autograd_tiny_testing")),
    }
    assert menu == {page.path for page in PAGES} | {"testing.md"} | notebooks | generated


def test_pictures_are_the_same_every_time(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    page = next(page for page in PAGES if page.path == "tutorial/2-neuron.md")
    first, second = ({path: (tmp_path / name / path).read_bytes() for path in docs_blocks.run_in(page, tmp_path / name)}
                     for name in ("first", "second"))  # fmt: skip
    assert first == second
    assert len(first) == 3


# The checker itself: each of these pages is wrong in one way, and is found out.


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("```python\nprint(1)\n```\n```text\n2\n```\n", "the page says\n2\nbut it prints\n1"),
        ("```python\nprint(1)\n```\n", "but it prints\n1"),
        ("```python\n1 / 0\n```\n", "docs/p.md:1: ZeroDivisionError"),
        ("\n```pycon\n>>> 1 + 1\n3\n```\n", "docs/p.md:2"),
        ("```pycon\n>>> x = 1\n```\n```pycon\n>>> x\n2\n```\n", "Got:\n    1"),
        ("```console\n$ autograd-tiny nonsense\n```\n", "exits with 2"),
        ("```console\n$ autograd-tiny --version\nautograd-tiny 77\n```\n", "but it prints"),
        ("```console\n$ rm -r /nowhere\n```\n", "only autograd-tiny is run"),
        ("```sh\nmake coffee\n```\n", "the Makefile has no 'coffee'"),
        ("```sh\npip install '.[coffee]'\n```\n", "has no extra 'coffee'"),
        ("```sh\ncurl x\n```\n", "expected make or pip install"),
        ("```c\nint x;\n```\n", "a block of language 'c'"),
        ("```python\nx = 1\n```\nprose\n```text\n1\n```\n", "a block of language 'text'"),
        ("<!-- run\nassert False\n-->\n", "AssertionError"),
    ],
)  # fmt: skip
def test_a_page_that_is_wrong_is_found_out(text: str, message: str) -> None:
    with pytest.raises(BlockError) as found:
        Page("p.md", text).run()
    assert message in str(found.value)


def test_a_session_goes_on_from_block_to_block() -> None:
    session = {"v": Value(2.0)}
    Page(
        "p.md", "```python\nw = v * 3\n```\n```pycon\n>>> u = w.data + 1\n>>> u\n7.0\n```\n<!-- run\nlast = u\n-->\n"
    ).run(session)
    assert session["last"] == 7.0
