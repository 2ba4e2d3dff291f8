"""The notebooks as pages of the site: text, code, and what each cell gave when it was last run.

``python -m tools.docs_notebooks`` runs them again and writes their outputs; a test runs them and compares.

>>> cell = {"cell_type": "code", "source": ["1 + 1"], "outputs": [{"data": {"text/plain": ["2"]}}]}
>>> print(as_markdown([{"cell_type": "markdown", "source": "# Sum"}, cell], "sum"))
# Sum
<BLANKLINE>
```python
1 + 1
```
<BLANKLINE>
```text
2
```
<BLANKLINE>
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"


def run(path: Path) -> Any:
    """The notebook after running every cell in a fresh kernel; a cell that fails raises nbclient's error."""
    import nbformat
    from nbclient import NotebookClient
    from traitlets.config import Config

    notebook = nbformat.read(path, as_version=4)
    config = Config(KernelManager={"transport": "ipc"})  # no port that others on the machine could listen at
    resources = {"metadata": {"path": str(path.parent.parent)}}
    return NotebookClient(notebook, config=config, timeout=120, record_timing=False, resources=resources).execute()


def joined(source: str | list[str]) -> str:
    """A notebook keeps text as one string or as its lines."""
    return source if isinstance(source, str) else "".join(source)


def shown(output: Mapping[str, Any]) -> tuple[str, str]:
    """The kind of an output, "svg", "text" or "", and its text: the richest form that a page can show."""
    data = output.get("data", {})
    if "image/svg+xml" in data:
        return "svg", joined(data["image/svg+xml"])
    if "text/plain" in data:
        return "text", joined(data["text/plain"])
    if "text" in output:
        return "text", joined(output["text"])
    return "", ""


def as_markdown(cells: Iterable[Mapping[str, Any]], name: str) -> str:
    """The cells as one page; a picture is a part of it, under an element of its own."""
    parts = []
    for cell in cells:
        source = joined(cell["source"]).strip()
        if cell["cell_type"] == "markdown":
            parts.append(source)
            continue
        parts.append(f"```python\n{source}\n```")
        for output in cell["outputs"]:
            kind, text = shown(output)
            if kind == "svg":
                parts.append(f'<div class="output">{text[text.index("<svg") :].replace(chr(10), " ")}</div>')
            elif text.strip():
                parts.append(f"```text\n{text.rstrip()}\n```")
    return "\n\n".join(parts) + "\n"


def site_pages(folder: Path) -> dict[str, str]:
    """Path below docs/ -> Markdown for each notebook in ``folder``."""
    return {
        f"notebooks/{path.stem}.md": as_markdown(json.loads(path.read_text(encoding="utf-8"))["cells"], path.stem)
        for path in sorted(folder.glob("*.ipynb"))
    }


def main() -> None:
    """Run every notebook and write what its cells give now."""
    import nbformat

    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        notebook = run(path)
        notebook.metadata.pop("widgets", None)
        notebook.metadata["language_info"] = {"name": "python"}  # no version: it would change with every machine
        nbformat.write(notebook, path)
        print(f"ran {path.relative_to(NOTEBOOKS.parent)}")


if __name__ == "__main__":
    main()
