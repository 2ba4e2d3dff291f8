"""``out/index.html``: the demo's pictures on one page, each with a sentence; it loads nothing from elsewhere.

>>> picture = Picture("a.svg", "A <title>", "What it shows.", "A curve")
>>> [line.strip() for line in page([picture]).splitlines() if "<img" in line or "<h2" in line]
['<h2>A &lt;title&gt;</h2>', '<a href="a.svg"><img src="a.svg" alt="A curve" loading="lazy"></a>']
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

POLICY = "default-src 'none'; img-src 'self' file:; style-src 'unsafe-inline'"
STYLE = """\
:root { color-scheme: light dark; }
body { font: 17px/1.5 system-ui, sans-serif; max-width: 76rem; margin: 0 auto; padding: 1.5rem;
       color: #1f2933; background: #f8f9fb; }
h1 { font-size: 1.7rem; margin: 0; } h2 { font-size: 1.1rem; margin: 0 0 .2rem; } p { margin: .2rem 0 .8rem; }
main { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(30rem, 100%), 1fr)); gap: 1.2rem; }
section { background: #fff; border: 1px solid #d5dbe1; border-radius: 8px; padding: 1rem; min-width: 0; }
section.wide { grid-column: 1 / -1; }
img { max-width: 100%; height: auto; display: block; margin: 0 auto; background: #fff; border-radius: 4px; }
a { color: #0f6aa6; } a:focus-visible { outline: 3px solid #d55e00; outline-offset: 2px; }
@media (prefers-color-scheme: dark) {
  body { color: #e8ecf0; background: #14181d; } section { background: #1a1f25; border-color: #4a545e; }
  a { color: #7cc0f0; }
}
"""


@dataclass(frozen=True)
class Picture:
    """A file of the gallery: what it is called, a sentence on it, and what it shows to those who cannot see it.

    A page has no ``alt``; it is linked to.
    """

    file: str
    title: str
    sentence: str
    alt: str = ""
    wide: bool = False


def page(pictures: Sequence[Picture]) -> str:
    """The page's HTML."""
    sections = "\n".join(map(_section, pictures))
    return f"""\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<title>autograd-tiny: the demo's pictures</title>
<style>
{STYLE}</style>
</head>
<body>
<h1>autograd-tiny</h1>
<p>What the demo drew: a small network learns to tell two moons apart, and each number shows where it came from.</p>
<main>
{sections}
</main>
</body>
</html>
"""


def _section(picture: Picture) -> str:
    file = html.escape(quote(picture.file))
    if picture.alt:
        shown = f'<a href="{file}"><img src="{file}" alt="{html.escape(picture.alt)}" loading="lazy"></a>'
    else:
        shown = f'<p><a href="{file}">Open {html.escape(picture.file)}</a></p>'
    kind = ' class="wide"' if picture.wide else ""
    title, sentence = html.escape(picture.title), html.escape(picture.sentence)
    return f"<section{kind}>\n<h2>{title}</h2>\n<p>{sentence}</p>\n{shown}\n</section>"


def write(folder: Path, pictures: Sequence[Picture]) -> Path:
    """``index.html`` in the folder that holds the pictures."""
    from nn.files.atomic import write_atomically

    path = folder / "index.html"
    write_atomically(path, page(pictures).encode())
    return path
