"""Writers that are killed: the file is whole at any moment, and what they left is gone after the next run."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import nn
from autograd_tiny import Value, compile
from autograd_tiny.files import leftovers
from autograd_tiny.files.atomic import write_atomically
from autograd_tiny.files.leftovers import claimed, clear_leftovers
from visualize import save_svg, write_stepper

pytestmark = [pytest.mark.once, pytest.mark.skipif(sys.platform == "win32", reason="signals and locks of POSIX")]

DIES = """
import os, signal, sys
from autograd_tiny.files.atomic import write_atomically
step = sys.argv[2]
go = getattr(os, step)
def die(*arguments):
    if step == "fdopen":   # half of the text has been written
        os.write(arguments[0], b"ha")
    os.kill(os.getpid(), signal.SIGKILL)
setattr(os, step, die)
write_atomically(sys.argv[1], b"half")
"""
HOLDS = """
import os, sys
from autograd_tiny.files.atomic import write_atomically
replace = os.replace
def wait(*arguments):
    print("ready", flush=True)
    sys.stdin.readline()
    replace(*arguments)
os.replace = wait
write_atomically(sys.argv[1], b"the slow one's")
"""
WRITES = """
import sys
from autograd_tiny.files.atomic import write_atomically
for i in range(200):
    write_atomically(sys.argv[1], sys.argv[2].encode() * 5000)
"""
TRAINS = """
import sys, nn
seen = []
def tell(epoch):
    seen.append(epoch)
    if len(seen) == 2: print("ready", flush=True)   # the file of the epoch before is there
X = [[i / 4, i % 3] for i in range(4)]
model = nn.MLP(2, [60, 40, 1], seed=0)
history = nn.fit(model, X, [x[0] for x in X], optimizer=nn.Adam(model.parameters()), epochs=int(sys.argv[2]),
                 batch_size=None, seed=0, checkpoint=sys.argv[1], verbose=0, callbacks=tell)
print(history.epochs, sum(p.data for p in model.parameters()))
"""


def parts(folder: Path) -> list[str]:
    return sorted(found.name for found in folder.iterdir() if found.name.endswith(".part"))


def child(code: str, *arguments: str | Path, **options: Any) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", code, *map(str, arguments)], stdout=subprocess.PIPE, **options)


def killed_at(step: str, path: Path) -> None:
    """Have a writer of ``path`` killed where it calls ``os.<step>``."""
    with child(DIES, path, step) as writer:
        assert writer.wait(600) == -signal.SIGKILL


def train(path: Path, resume: bool | str = "auto", epochs: int = 2) -> nn.History:
    model = nn.Neuron(1, seed=0)
    return nn.fit(model, [[1.0], [2.0]], [1.0, 2.0], optimizer=nn.SGD(model.parameters(), lr=0.01), epochs=epochs,
                  seed=0, checkpoint=path, resume=resume, verbose=0)  # fmt: skip


@pytest.mark.parametrize("step", ["fdopen", "fsync", "chmod", "replace"])
def test_killed_at_a_step_it_leaves_a_part_until_the_next_write(tmp_path: Path, step: str) -> None:
    path = tmp_path / "notes"
    path.write_bytes(b"old")
    killed_at(step, path)
    killed_at(step, path)
    assert path.read_bytes() == b"old"
    assert len(parts(tmp_path)) == 1, "the second has cleared what the first left, and left its own"
    write_atomically(path, b"new")
    assert (path.read_bytes(), os.listdir(tmp_path)) == (b"new", ["notes"])


WRITERS: dict[str, Callable[[Path], object]] = {
    "nn.save": lambda path: nn.save(nn.Neuron(1), path),
    "nn.fit": train,
    "save_svg": lambda path: save_svg(Value(1.0) * 2.0, path),
    "write_stepper": lambda path: write_stepper(Value(1.0) * 2.0, path),
    "program.export": lambda path: compiled().export(path),
}


def compiled() -> Any:
    program = compile(lambda x: 2.0 * x)
    program(1.0)
    return program


@pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)
def test_all_that_write_files_clear(tmp_path: Path, write: Callable[[Path], object]) -> None:
    path, link = tmp_path / "file.svg", tmp_path / "link.svg"
    link.symlink_to(path)
    killed_at("replace", path)
    assert len(parts(tmp_path)) == 1
    write(link)
    assert sorted(os.listdir(tmp_path)) == ["file.svg", "link.svg"]


@pytest.mark.parametrize("resume", ["auto", True])
def test_a_run_with_nothing_left_to_do_clears_too(tmp_path: Path, resume: bool | str) -> None:
    path = tmp_path / "run.json"
    train(path)
    killed_at("replace", path)
    assert (len(parts(tmp_path)), train(path, resume).epochs) == (1, 2)
    assert os.listdir(tmp_path) == ["run.json"]


def test_what_a_live_writer_writes_stays(tmp_path: Path) -> None:
    path = tmp_path / "notes"
    with child(HOLDS, path, stdin=subprocess.PIPE) as slow:
        assert slow.stdout is not None and slow.stdout.readline() == b"ready\n"
        killed_at("replace", path)
        assert len(parts(tmp_path)) == 2
        write_atomically(path, b"the fast one's")
        assert (path.read_bytes(), len(parts(tmp_path))) == (b"the fast one's", 1)
        slow.communicate(b"\n", 600)
    assert slow.returncode == 0
    assert (path.read_bytes(), os.listdir(tmp_path)) == (b"the slow one's", ["notes"])


def test_two_write_the_same_file_at_once(tmp_path: Path) -> None:
    path = tmp_path / "notes"
    with child(WRITES, path, "a") as first, child(WRITES, path, "b") as second:
        while first.poll() is None or second.poll() is None:
            if path.exists():
                assert path.read_bytes() in (b"a" * 5000, b"b" * 5000)
    assert (first.returncode, second.returncode, os.listdir(tmp_path)) == (0, 0, ["notes"])


def test_a_file_that_was_cleared_before_it_was_locked_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock, cleared = leftovers._lock, []

    def late(descriptor: int) -> bool | None:
        if not cleared:
            cleared.extend(parts(tmp_path))
            clear_leftovers(tmp_path / "notes")
        return lock(descriptor)

    monkeypatch.setattr(leftovers, "_lock", late)
    write_atomically(tmp_path / "notes", b"new")
    assert (len(cleared), os.listdir(tmp_path)) == (1, ["notes"])


def test_other_files_stay(tmp_path: Path) -> None:
    names = [".notes.txt.0123456789abcdef.part", ".other.0123456789abcdef.part", ".notes.part", "notes.part",
             ".notes.0123456789abcdeg.part", ".notes.0123456789abcdef.part~"]  # fmt: skip
    for name in names:
        (tmp_path / name).write_bytes(b"")
    folder, link = tmp_path / ".notes.00000000000000aa.part", tmp_path / ".notes.00000000000000ab.part"
    folder.mkdir()
    link.symlink_to(tmp_path / names[0])
    os.mkfifo(tmp_path / ".notes.00000000000000ac.part")
    before = sorted(os.listdir(tmp_path))
    clear_leftovers(tmp_path / "notes")
    assert sorted(os.listdir(tmp_path)) == before
    (tmp_path / ".notes.0123456789abcdef.part").write_bytes(b"")
    (tmp_path / ".notes.0123456789abcdef.part").chmod(0o400)
    clear_leftovers(tmp_path / "notes")
    assert sorted(os.listdir(tmp_path)) == before


def test_where_nothing_can_be_locked_nothing_is_cleared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: Any) -> None:
        raise OSError(95, "Operation not supported")

    (tmp_path / ".notes.0123456789abcdef.part").write_bytes(b"")
    monkeypatch.setattr(leftovers.fcntl, "flock", refused)
    write_atomically(tmp_path / "notes", b"new")
    assert sorted(os.listdir(tmp_path)) == [".notes.0123456789abcdef.part", "notes"]
    clear_leftovers(tmp_path / "no folder" / "notes")


def test_without_locks_the_old_ones_are_cleared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leftovers, "LOCKS", False)
    old, fresh = tmp_path / ".notes.0123456789abcdef.part", tmp_path / ".notes.fedcba9876543210.part"
    for path in (old, fresh):
        path.write_bytes(b"")
    os.utime(old, (time.time() - 61, time.time() - 61))
    write_atomically(tmp_path / "notes", b"new")
    assert sorted(os.listdir(tmp_path)) == [fresh.name, "notes"]


IN_A_BROWSER = """
import fcntl, sys
del fcntl.flock
import nn
from autograd_tiny import Value
from visualize import write_stepper
print(write_stepper(Value(2.0, "x") ** 2, sys.argv[1]).stat().st_size > 10_000)
"""


def test_files_are_written_where_the_system_knows_no_locks_as_in_a_browsers_python(tmp_path: Path) -> None:
    page = tmp_path / "p.html"
    done = subprocess.run([sys.executable, "-c", IN_A_BROWSER, str(page)], capture_output=True, text=True)
    assert (done.stdout, os.listdir(tmp_path)) == ("True\n", ["p.html"]), done.stderr


def test_a_claim_is_over_with_its_block(tmp_path: Path) -> None:
    target = tmp_path / "notes"
    with contextlib.suppress(ZeroDivisionError), claimed(target) as (temporary, descriptor):
        os.close(descriptor)
        clear_leftovers(target)
        assert temporary.exists()
        raise ZeroDivisionError
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("kills", [4, pytest.param(100, marks=pytest.mark.long)])
def test_killed_at_any_moment_a_run_goes_on_and_leaves_nothing(tmp_path: Path, kills: int) -> None:
    path, rng, found, left = tmp_path / "run.json", random.Random(0), [], 0
    for _ in range(kills):
        with child(TRAINS, path, "100000") as trains:
            assert trains.stdout is not None and trains.stdout.readline() == b"ready\n"
            time.sleep(rng.uniform(0.0, 0.1))
            trains.kill()
        found.append(len(json.loads(path.read_bytes())["history"]["records"]))
        assert len(parts(tmp_path)) <= 1, "of the one that has just been killed"
        left += len(parts(tmp_path))
    assert found == sorted(set(found)), "each went on from where the last was"
    assert left or kills < 100, "a hundred kills that never hit a write show nothing"
    epochs = str(found[-1] + 2)
    ends = []
    for file in (path, tmp_path / "straight.json"):
        with child(TRAINS, file, epochs) as trains:
            ends.append(trains.communicate()[0])
    assert ends[0] == ends[1]
    assert f"\n{epochs} ".encode() in ends[0]
    assert sorted(os.listdir(tmp_path)) == ["run.json", "straight.json"]
