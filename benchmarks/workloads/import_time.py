"""What ``import autograd_tiny`` adds to the start of Python, as whole processes."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from time import perf_counter

from ..goals import at_most_more
from ..harness import Contender, Outcomes, Package, Sample, Workload

PROCESS = "whole process"
NOTHING = "python -c pass"
OURS = "python -c 'import autograd_tiny'"


def time_process(code: str) -> Sample:
    """Milliseconds from start to end of ``python -c code``, the installed package being the one imported.

    ``-I`` and a folder of its own keep PYTHONPATH and the working directory out of it. One untimed run goes
    before, which writes the bytecode caches where there are none.
    """
    command = [sys.executable, "-I", "-c", code]
    with tempfile.TemporaryDirectory() as elsewhere:
        subprocess.run(command, cwd=elsewhere, check=True)
        start = perf_counter()
        subprocess.run(command, cwd=elsewhere, check=True)
        return Sample({PROCESS: (perf_counter() - start) * 1e3})


def scope(outcomes: Outcomes) -> list[str]:
    return ["Bytecode caches are warm; the environment's own start-up hooks are in both processes."]


IMPORT = Workload(
    name="import",
    title="Import time",
    contenders=[
        Contender(NOTHING, lambda: time_process("pass")),
        Contender(OURS, lambda: time_process("import autograd_tiny"), Package("autograd_tiny", "-e .")),
    ],
    quantities={PROCESS: "{:.1f} ms"},
    peer=NOTHING,
    goals=[at_most_more(OURS, PROCESS, 50, "ms", NOTHING)],
    rounds=21,
    notes=scope,
)
