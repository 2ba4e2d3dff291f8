"""What `make docs` adds to the hand-written pages, as hooks of MkDocs (mkdocs.yml names this file).

- the pictures: every page's blocks are run, and the files that they write become part of the site;
- the reference and the table of primitives, from the docstrings and from ``ops.py``; the notebooks as pages;
- the page that runs Python (try.md): Pyodide and our wheel, as scripts of the site's own;
- formulas as MathML, so that no script is loaded to show them;
- a look at the finished site: a page that would load anything from elsewhere fails the build.
"""

from __future__ import annotations

import html
import logging
import os
import re
import shutil
import sys
import warnings
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from latex2mathml.converter import convert  # noqa: E402
from mkdocs.structure.files import File, Files  # noqa: E402

from tools import browser_python, docs_blocks, docs_jobs, docs_notebooks, docs_primitives, docs_reference  # noqa: E402

BUILD_VARIABLE = "AUTOGRAD_TINY_DOCS_BUILD"
BUILD = Path(os.environ.get(BUILD_VARIABLE, ROOT / "build" / "docs"))
"""Where the pages run, and so where their pictures are written."""

PYTHON_VARIABLE = "AUTOGRAD_TINY_DOCS_PYTHON"
"""Set where the site is to have a Python of its own, which asks npm and PyPI."""

SHOWN = (".svg", ".html")
"""What a page shows of the files that its blocks write; a saved model is not for the site."""

log = logging.getLogger("mkdocs")

SEARCH = 'data-md-component="search" role="dialog"'
FORMULA = re.compile(r'<(span|div) class="arithmatex">(.*?)</\1>', flags=re.DOTALL)
LOADS = re.compile(
    r"""<(?:script|img|iframe|source|video|audio|embed)\b[^>]*?\ssrc\s*=\s*["']?(?:https?:)?//[^"'\s>]+"""
    r"""|<link\b(?![^>]*rel=["']?(?:canonical|next|prev))[^>]*?href\s*=\s*["']?(?:https?:)?//[^"'\s>]+"""
    r"""|url\(\s*["']?(?:https?:)?//[^)]+|@import\s+["'](?:https?:)?//[^"']+""",
    flags=re.IGNORECASE,
)
"""What makes a browser fetch something from another host."""


def generated() -> dict[str, str]:
    """Path below docs/ -> Markdown of every page that nobody writes by hand."""
    return {
        "primitives.md": docs_primitives.page(),
        "howto/jobs.md": docs_jobs.page(),
        **docs_reference.reference(),
        **docs_notebooks.site_pages(ROOT / "notebooks"),
    }


def on_files(files: Files, config: Any) -> Files:
    """Add the generated pages, the pictures and the examples that pages link to."""
    for path, text in generated().items():
        files.append(File.generated(config, path, content=text))
    shutil.rmtree(BUILD, ignore_errors=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for page in docs_blocks.pages():
            try:
                made = docs_blocks.run_in(page, BUILD)
            except docs_blocks.BlockError as error:
                if "ModuleNotFoundError" not in str(error):
                    raise
                log.info("docs/%s is not run to its end, for want of a library: %s", page.path, error)
                continue
            for written in made:
                if written.suffix not in SHOWN:
                    continue
                log.debug("docs/%s writes %s", page.path, written)
                files.append(File.generated(config, written.as_posix(), abs_src_path=str(BUILD / written)))
    try:
        if not os.environ.get(PYTHON_VARIABLE):
            raise browser_python.NotFetched(f"{PYTHON_VARIABLE}=1 has it packed, as make docs does")
        for script in browser_python.pack(BUILD.parent / "python", BUILD.parent / "pyodide"):
            files.append(File.generated(config, f"python/{script.name}", abs_src_path=str(script)))
    except browser_python.NotFetched as error:
        log.info("the page that runs Python has none in this build: %s", error)
    for example in sorted((ROOT / "examples").rglob("*.py")):
        files.append(File.generated(config, example.relative_to(ROOT).as_posix(), abs_src_path=str(example)))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Hidden blocks out; links that leave docs/ for the examples, into the site."""
    markdown = re.sub(r"^<!-- run\n.*?^-->\n", "", markdown, flags=re.DOTALL | re.MULTILINE)
    depth = page.file.src_uri.count("/")
    return markdown.replace(f"]({'../' * (depth + 1)}examples/", f"]({'../' * depth}examples/")


def on_page_content(content: str, **_: Any) -> str:
    """Formulas as MathML."""
    return FORMULA.sub(lambda match: mathml(html.unescape(match[2]).strip()), content)


def on_post_page(output: str, **_: Any) -> str:
    """A name for the dialog of the search, which the theme gives none."""
    return output.replace(SEARCH, f'{SEARCH} aria-label="Search"')


def on_post_template(output_content: str, **_: Any) -> str:
    """The page of an address that is none is made apart."""
    return on_post_page(output_content)


def mathml(tex: str) -> str:
    r"""A formula between ``\(`` and ``\)`` or ``\[`` and ``\]`` as an element that browsers show by themselves."""
    upright = tex[2:-2].replace(r"\operatorname{", r"\mathrm{")  # the converter sets log1p in italics otherwise
    return convert(upright, display="block" if tex.startswith(r"\[") else "inline")


def on_post_build(config: Any) -> None:
    """Fail if the site would load something from elsewhere."""
    found = foreign_loads(Path(config.site_dir))
    if found:
        raise SystemExit("the site must load nothing from elsewhere:\n" + "\n".join(found))


def foreign_loads(site: Path) -> list[str]:
    """``file: what`` for everything in a page or a style sheet that a browser would fetch from another host."""
    paths = [path for path in sorted(site.rglob("*")) if path.suffix in (".html", ".css", ".svg")]
    return [f"{path.relative_to(site)}: {load}" for path in paths for load in LOADS.findall(path.read_text("utf-8"))]
