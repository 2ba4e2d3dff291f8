"""``out/index.html``: the demo's pictures on one page, each with a sentence; it loads nothing from elsewhere.

>>> picture = Picture("a.svg", "A <title>", "What it shows.", "A curve")
>>> shown = page([picture])
>>> "<h2>A &lt;title&gt;</h2>" in shown, '<img src="a.svg" alt="A curve" loading="lazy">' in shown
(True, True)
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

POLICY = "default-src 'none'; img-src 'self' file:; style-src 'unsafe-inline'; frame-src 'self' file:"
DARK = "dark"
"""The folder of the pictures for a dark page."""
STYLE = """\
:root { color-scheme: light dark; --ink: #1f2933; --ground: #f8f9fb; --card: #fff; --edge: #d5dbe1; --link: #0f6aa6; }
* { box-sizing: border-box; }
body { font: 17px/1.5 system-ui, sans-serif; max-width: 110rem; margin: 0 auto; padding: 1.5rem;
       color: var(--ink); background: var(--ground); }
h1 { font-size: 1.7rem; margin: 0; } h2 { font-size: 1.1rem; margin: 0 0 .2rem; } p { margin: .2rem 0 .8rem; }
.cards { columns: 26rem; column-gap: 1.2rem; }
section { background: var(--card); border: 1px solid var(--edge); border-radius: 8px; padding: 1rem;
          margin-bottom: 1.2rem; break-inside: avoid; }
.picture { overflow-x: auto; }
img { width: 100%; height: auto; display: block; border-radius: 4px; }
.wide img { max-width: 70rem; margin: 0 auto; min-width: 44rem; }
iframe { width: 100%; height: 40rem; border: 1px solid var(--edge); border-radius: 4px; }
a { color: var(--link); } :focus-visible { outline: 3px solid #d55e00; outline-offset: 2px; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8ecf0; --ground: #0e1115; --card: #14181d; --edge: #4a545e; --link: #7cc0f0; }
}
@media (max-width: 40rem) { body { padding: .6rem; } section { padding: .6rem; } }
"""


@dataclass(frozen=True)
class Picture:
    """A file of the gallery: what it is called, a sentence on it, and what it shows to those who cannot see it.

    A page has no ``alt``; it is shown in a frame.
    """

    file: str
    title: str
    sentence: str
    alt: str = ""
    wide: bool = False


def page(pictures: Sequence[Picture]) -> str:
    """The page's HTML."""
    wide = "\n".join(_section(picture) for picture in pictures if picture.wide)
    others = "\n".join(_section(picture) for picture in pictures if not picture.wide)
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
<header>
<h1>autograd-tiny</h1>
<p>What the demo drew: a small network learns to tell two moons apart, and each number shows where it came from.</p>
</header>
<main>
{wide}
<div class="cards">
{others}
</div>
</main>
</body>
</html>
"""


def _section(picture: Picture) -> str:
    file, title = html.escape(quote(picture.file)), html.escape(picture.title)
    if picture.alt:
        # At a phone's width a wide picture keeps its type and is moved sideways.
        image = f'<img src="{file}" alt="{html.escape(picture.alt)}" loading="lazy">'
        dark = f'<source media="(prefers-color-scheme: dark)" srcset="{DARK}/{file}">'
        shown = f'<div class="picture"><a href="{file}"><picture>{dark}{image}</picture></a></div>'
    else:
        shown = (
            f'<iframe src="{file}" title="{title}" loading="lazy"></iframe>\n'
            f'<p><a href="{file}">Open {html.escape(picture.file)}</a></p>'
        )
    kind = ' class="wide"' if picture.wide else ""
    return f"<section{kind}>\n<h2>{title}</h2>\n<p>{html.escape(picture.sentence)}</p>\n{shown}\n</section>"


def write(folder: Path, pictures: Sequence[Picture]) -> Path:
    """``index.html`` in the folder that holds the pictures."""
    from autograd_tiny.files.atomic import write_atomically

    path = folder / "index.html"
    write_atomically(path, page(pictures).encode())
    return path
