"""Files that nobody should have written: damaged, mutated and forged programs are refused in words."""

from __future__ import annotations

import base64
import json
import math
import pickle
import random
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd_tiny import (
    AutogradError,
    compile,
    load_program,
)
from autograd_tiny.compiler.exports.description import Description, describe

from .test_travelling import STRUCTURES, W

pytestmark = pytest.mark.once


def texts() -> list[str]:
    found = []
    for f, arguments in STRUCTURES[:9]:
        program = compile(f)
        program(*arguments)
        found.append(describe(program).text())
    return found


def mutated(text: str, draw: random.Random) -> str:
    """The text with some characters changed, cut, doubled or swapped."""
    characters = list(text)
    for _ in range(draw.choice([1, 1, 1, 2, 5])):
        i = draw.randrange(len(characters))
        match draw.randrange(5):
            case 0:
                characters[i] = draw.choice('0123456789abcdefXYZ"[]{},:-\\ \n\x00é')
            case 1:
                del characters[i : i + draw.choice([1, 2, 10])]
            case 2:
                characters[i:i] = characters[i : i + draw.choice([1, 5, 40])]
            case 3:
                j = draw.randrange(len(characters))
                characters[i], characters[j] = characters[j], characters[i]
            case _:
                del characters[i + 1 :]
        if not characters:
            break
    return "".join(characters)


def resigned(text: str) -> str:
    """The text with the checksum of what stands in it now, as a forger would write it."""
    data = json.loads(text)
    rest = {key: data[key] for key in data if key != "checksum"}
    body = json.dumps(rest, sort_keys=True, separators=(",", ":"))
    return json.dumps({**rest, "checksum": sha256(body.encode()).hexdigest()})


def test_ten_thousand_mutated_files_are_refused_in_words_or_say_the_same() -> None:
    draw, originals, same = random.Random(0), texts(), 0
    for i in range(10_000):
        original = originals[i % len(originals)]
        text = mutated(original, draw)
        try:
            found = Description.from_text(text)
        except ValueError as error:
            assert str(error)
        else:
            assert found.text() == original, "a damaged file was loaded without a word"
            same += 1
    assert same < 2_000


def forged(data: dict[str, Any], draw: random.Random) -> None:
    """Change one entry of the data into something else."""
    key = draw.choice([key for key in data if key not in ("checksum", "format")])
    here = data[key]
    kinds = {"kinds": "<i4", "starts": "<i8", "operands": "<i8", "roots": "<i8", "numbers": "<f8", "values": "<f8"}
    if key in kinds and isinstance(here, str) and draw.random() < 0.8:
        raw = base64.b64decode(here)
        numbers = np.frombuffer(raw[: len(raw) // 8 * 8], kinds[key]).copy()
        if len(numbers):
            wild = [0, 1, -1, 2, 3, 7, 2**31 - 1]
            wild += [math.nan, math.inf, 0.5, -1e300] if kinds[key] == "<f8" else []
            numbers[draw.randrange(len(numbers))] = draw.choice(wild)
        data[key] = base64.b64encode(numbers.tobytes()).decode()
    elif isinstance(here, list) and here and draw.random() < 0.8:
        i = draw.randrange(len(here))
        here[i] = draw.choice([None, "number", [], ["list", 10**9, "number"], ["is", 3], "exp", "\ud800", here[0]])
        if draw.random() < 0.3:
            here[i] = ["x", draw.choice(["number", ["array", [10**6, 10**6]], ["tuple", 2, "number"]])]
    else:
        data[key] = draw.choice([None, 0, -1, 10**30, "", "AAAA", [], {}, True, ["list", 10**9, ["list", []]],
                                 ["record", "class", ["x", "number"]], ["array", [0] * 40], math.nan])  # fmt: skip


def test_forged_files_are_refused_in_words_or_run_within_their_bounds() -> None:
    draw, originals = random.Random(1), texts()
    refused = ran = 0
    arguments = [arguments for _, arguments in STRUCTURES[:9]]
    for i in range(3_000):
        data = json.loads(originals[i % len(originals)])
        for _ in range(draw.choice([1, 1, 2])):
            forged(data, draw)
        try:
            found = Description.from_text(resigned(json.dumps(data)))
        except ValueError as error:
            assert str(error)
            refused += 1
            continue
        from autograd_tiny.compiler.exports.travelling import Recorded

        try:
            Recorded(found)(*arguments[i % len(originals)])
            ran += 1
        except (TypeError, ValueError, AutogradError) as error:
            assert str(error)
            refused += 1
    assert refused > 1_000
    assert ran > 100


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda d: d.update(version=2), "a program of version 2: this autograd_tiny reads version 1"),
        (lambda d: d.update(format="pickle"), "expected a file whose format is 'autograd_tiny program'"),
        (lambda d: d.pop("roots"), "a damaged program: it has no 'roots'"),
        (lambda d: d.update(rows=["no_such"]), "uses the primitive 'no_such', which this autograd_tiny does not have"),
        (lambda d: d.update(values="AAAAAAAA8H8="), "a parameter is not a finite number"),
        (lambda d: d.update(result=["list", 10**9, ["list", []]]), "its result has"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(change: Any, words: str) -> None:
    program = compile(lambda x: W * x)
    program(1.0)
    data = json.loads(describe(program).text())
    change(data)
    with pytest.raises(ValueError, match=words):
        Description.from_text(resigned(json.dumps(data)))


def test_a_changed_number_is_noticed(tmp_path: Path) -> None:
    program = compile(lambda x: W * x)
    program(1.0)
    path = program.export(tmp_path / "p.json")
    data = json.loads(path.read_text())
    data["values"] = base64.b64encode(np.array([9.0]).tobytes()).decode()
    path.write_text(json.dumps(data))
    with pytest.raises(ValueError, match=r"cannot load .*p.json: a damaged program: its checksum is not that of"):
        load_program(path)
    path.write_bytes(pickle.dumps(program))
    with pytest.raises(ValueError, match=r"cannot load .*: no program: not JSON"):
        load_program(path)
    with pytest.raises(OSError, match=r"nowhere"):
        load_program(tmp_path / "nowhere.json")
