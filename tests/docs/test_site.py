"""The site as `make docs` builds it: whole, strict, and reading nothing from elsewhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

REASON = "the site needs MkDocs: pip install 'autograd-tiny[docs]'"
pytest.importorskip("material", reason=REASON)
pytest.importorskip("latex2mathml", reason=REASON)
pytest.importorskip("sklearn")
pytest.importorskip("matplotlib")

from tests.needs import needs, program  # noqa: E402
from tools import docs_site  # noqa: E402  they need what is asked for above
from tools.docs_blocks import ROOT  # noqa: E402


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built in a folder of its own; strict, with every warning of Python an error."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-W", "error", "-m", "mkdocs", "build", "--quiet", "--site-dir", str(folder)]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1", docs_site.BUILD_VARIABLE: str(folder.parent / "pages")}
    done = subprocess.run(command, cwd=ROOT, text=True, capture_output=True, check=False, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_every_page_of_the_menu_is_there(site: Path) -> None:
    menu = re.findall(r": ([\w/.-]+)\.md$", (ROOT / "mkdocs.yml").read_text(), flags=re.MULTILINE)
    assert len(menu) > 20
    for page in menu:
        assert (site / f"{page}.html").exists(), page


def test_nothing_is_loaded_from_elsewhere(site: Path) -> None:
    assert docs_site.foreign_loads(site) == []


def test_what_pages_show_is_in_the_site(site: Path) -> None:
    shown = 0
    for page in site.rglob("*.html"):
        for target in re.findall(
            r"<(?:img|iframe|script)\b[^>]*?\ssrc=\"([^\":]+)\"", page.read_text(encoding="utf-8")
        ):
            if page.name != "404.html":
                assert (page.parent / target).exists(), f"{page.relative_to(site)} shows {target}"
                shown += 1
    assert shown > 40


def test_formulas_are_mathml(site: Path) -> None:
    text = (site / "tutorial" / "5-chain-rule.html").read_text(encoding="utf-8")
    assert '<math xmlns="http://www.w3.org/1998/Math/MathML" display="block">' in text
    for page in site.rglob("*.html"):
        assert "arithmatex" not in page.read_text(encoding="utf-8"), page


def test_no_hidden_block_and_no_saved_model_is_in_it(site: Path) -> None:
    assert not list(site.rglob("*.safetensors"))
    assert not any("<!-- run" in page.read_text(encoding="utf-8") for page in site.rglob("*.html"))


READ = ["index", "try", "primitives", "from-micrograd", "howto/draw", "tutorial/7-digits", "reference/nn"]
"""Pages with all that the others have: tables, formulas, code of all kinds, pictures, lists of names."""


@needs("chromium")
@pytest.mark.xdist_group("browser")
def test_axe_finds_nothing(site: Path) -> None:
    """In what we write and in the theme's frame around it, whose colours and names style.css and labels.js mend."""
    sync = pytest.importorskip("playwright.sync_api", reason="the pages are opened by Playwright")
    axe = pytest.importorskip("axe_playwright_python", reason="has axe-core: pip install axe-playwright-python")
    rules = (Path(axe.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
    with sync.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=program("chromium"), args=["--no-sandbox", "--disable-gpu"])
        wrong: dict[tuple[str, int, str, str], str] = {}
        for width, scheme in ((400, "light"), (1400, "dark")):
            for name in READ:
                tab = opened.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True)
                tab.goto((site / f"{name}.html").as_uri())
                tab.evaluate(rules + ";0")
                found = tab.evaluate("axe.run(document, { iframes: false })")["violations"]
                wrong |= {(name, width, scheme, each["id"]): each["nodes"][0]["html"] for each in found}
                tab.close()
        opened.close()
    assert wrong == {}


TYPE = """() => [...document.querySelectorAll("article img[src$='.svg']")].map(img =>
  [img.getAttribute("src"), img.getBoundingClientRect().width / img.naturalWidth])"""


@needs("chromium")
@pytest.mark.xdist_group("browser")
def test_on_a_phone_the_type_of_pictures_can_be_read(site: Path) -> None:
    sync = pytest.importorskip("playwright.sync_api", reason="the pages are opened by Playwright")
    with sync.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=program("chromium"), args=["--no-sandbox", "--disable-gpu"])
        tab = opened.new_page(viewport={"width": 400, "height": 900})
        for name in ("index", "howto/draw"):
            tab.goto((site / f"{name}.html").as_uri())
            shown = tab.evaluate(TYPE)
            assert shown and all(scale > 0.6 for _, scale in shown), shown
            assert tab.evaluate("document.documentElement.scrollWidth") <= 400
        opened.close()


@pytest.mark.parametrize(
    "load",
    [
        '<script src="https://unpkg.com/x.js"></script>',
        '<link rel="stylesheet" href="//fonts.example/css">',
        '<img alt="" src="http://example.com/a.png">',
        "<style>a { background: url(https://example.com/a.png) }</style>",
    ],
)
def test_a_load_from_elsewhere_is_found(load: str, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(f'<html>{load}<a href="https://example.com">a link is no load</a></html>')
    assert len(docs_site.foreign_loads(tmp_path)) == 1
