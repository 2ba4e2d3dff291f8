"""PNG and PDF from SVG, by the library typst (extra ``print``), which brings fonts of its own: no program is needed.

>>> size_in_points('<svg width="96" height="48" viewBox="0 0 96 48"/>')
(72.0, 36.0)
"""

from __future__ import annotations

import importlib.util
import re
from typing import Any

from autograd_tiny.errors import AutogradError

FORMATS = (".png", ".pdf")
FALLBACK = "Liberation Sans, DejaVu Sans, Libertinus Serif"
"""Where none of a picture's fonts is there: the last one is inside typst."""
_SIZE = re.compile(r'<svg\b[^>]*?\bwidth="([\d.]+)(pt|px)?" height="([\d.]+)(?:pt|px)?"', re.DOTALL)


class PrinterNotFound(AutogradError, ImportError):
    """Nothing is installed that makes a PNG or a PDF of an SVG."""


def can_print() -> bool:
    """Whether typst is installed."""
    return importlib.util.find_spec("typst") is not None


def size_in_points(svg: str) -> tuple[float, float]:
    """How wide and high a picture is; a number without a unit is a pixel, 96 to the inch."""
    found = _SIZE.search(svg)
    if found is None:
        raise ValueError("expected an SVG that says its width and height")
    unit = 1.0 if found[2] == "pt" else 0.75
    return float(found[1]) * unit, float(found[3]) * unit


def printed(svg: str, suffix: str, width: int | None = None) -> bytes:
    """The picture as ``.png``, ``width`` pixels wide (else 192 to the inch), or as ``.pdf``, where texts stay texts."""
    try:
        import typst
    except ImportError as error:
        raise PrinterNotFound(
            f"a picture as {suffix} needs typst: pip install autograd-tiny[print]; or save it as .svg"
        ) from error
    wide, high = size_in_points(svg)
    page = (
        f"#set page(width: {wide}pt, height: {high}pt, margin: 0pt)\n"
        '#image(bytes(sys.inputs.svg), format: "svg", width: 100%, height: 100%)'
    )
    known = re.sub(r'font-family="([^"]*)"', lambda found: f'font-family="{found[1]}, {FALLBACK}"', svg)
    options: dict[str, Any] = {} if suffix == ".pdf" else {"ppi": 192.0 if width is None else width / wide * 72.0}
    compiled: Any = typst.compile
    made: bytes = compiled(page.encode(), format=suffix[1:], sys_inputs={"svg": known}, **options)
    return made
