from __future__ import annotations

import shutil
import sysconfig

import pytest

from autograd_tiny import Value
from tests.needs import ask_for


@pytest.fixture
def no_dot(monkeypatch, tmp_path_factory):
    """PATH leads to nothing: graphviz-pure is found among the environment's scripts, if it is installed."""
    monkeypatch.setenv("PATH", str(tmp_path_factory.mktemp("empty")))


@pytest.fixture
def no_program(no_dot, monkeypatch, tmp_path):
    """There is no layout program at all."""
    monkeypatch.setattr(sysconfig, "get_path", lambda name: str(tmp_path / "no scripts"))


@pytest.fixture(params=["dot", "graphviz-pure"])
def program(request):
    """Each layout program in turn is the one that gets used."""
    if request.param == "dot":
        ask_for("dot")
        return "dot"
    if shutil.which("graphviz-pure", path=sysconfig.get_path("scripts")) is None:
        pytest.skip("graphviz-pure is not installed")
    request.getfixturevalue("no_dot")
    return "graphviz-pure"


@pytest.fixture
def tour():
    """tanh(a*b + c), as in the tour, before backward."""
    a, b, c = Value(2.0, "a"), Value(-3.0, "b"), Value(10.0, "c")
    L = (a * b + c).tanh()
    L.label = "L"
    return L
