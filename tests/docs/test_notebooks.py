"""The notebooks run from a fresh kernel, and give what they show."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.needs import ask_for
from tools import docs_notebooks

PATHS = sorted(docs_notebooks.NOTEBOOKS.glob("*.ipynb"))


def texts(cells: list[Mapping[str, Any]]) -> list[list[str]]:
    """For each cell of code the texts that it gave; of a picture, that there is one: its bytes depend on `dot`."""
    found = [
        [docs_notebooks.shown(output) for output in cell["outputs"]] for cell in cells if cell["cell_type"] == "code"
    ]
    return [[kind if kind == "svg" else text for kind, text in outputs] for outputs in found]


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_notebook_gives_what_it_shows(path: Path) -> None:
    pytest.importorskip("nbclient", reason="notebooks need nbclient and ipykernel: pip install 'autograd-tiny[docs]'")
    pytest.importorskip("ipykernel", reason="notebooks need nbclient and ipykernel: pip install 'autograd-tiny[docs]'")
    pytest.importorskip("numpy")
    ask_for("dot")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Jupyter's own
        ran = docs_notebooks.run(path)
    kept = json.loads(path.read_text(encoding="utf-8"))["cells"]
    assert texts(ran.cells) == texts(kept)


def test_there_are_two_with_outputs_and_nothing_of_a_machine() -> None:
    assert [path.stem for path in PATHS] == ["backprop_by_hand", "neuron_to_matrix"]
    for path in PATHS:
        notebook = json.loads(path.read_text(encoding="utf-8"))
        assert all(cell["execution_count"] for cell in notebook["cells"] if cell["cell_type"] == "code"), path
        assert all("execution" not in cell["metadata"] for cell in notebook["cells"])
        assert "version" not in notebook["metadata"]["language_info"]
        assert str(Path.home()) not in path.read_text(encoding="utf-8").replace("/root.", "")


def test_a_page_has_the_text_the_code_and_what_it_gave() -> None:
    pages = docs_notebooks.site_pages(docs_notebooks.NOTEBOOKS)
    page = pages["notebooks/backprop_by_hand.md"]
    assert page.startswith("# Backprop by hand")
    assert page.count('<div class="output"><svg') == 2
    assert "```text\n[True, True, True]\n```" in page
