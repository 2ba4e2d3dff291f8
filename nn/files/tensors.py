"""safetensors files as bytes: named arrays and one text, and for whatever else comes an error that says what it is.

A safetensors file is 8 bytes with the length of its header, the header (JSON: for each array its name, type, shape
and place), and the numbers. Nothing in it is ever run, which is why it is not a pickle. The safetensors library
judges the file; what is looked at here first is there to say plainly what is wrong.

>>> import tempfile
>>> content = pack({"weight": [[1.0, 2.0]], "bias": [0.5]}, {"about": "a layer"})
>>> with tempfile.TemporaryDirectory() as folder:
...     path = Path(folder, "layer.safetensors")
...     _ = path.write_bytes(content)
...     arrays, texts = unpack(path)
>>> arrays["weight"].tolist(), texts
([[1.0, 2.0]], {'about': 'a layer'})
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from autograd_tiny.errors import shorten

TYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2"}
"""The types of numbers that are read, as numpy names them; bfloat16, the upper half of a float32, numpy lacks."""

LARGEST_HEADER = 100_000_000
"""Bytes, the limit of the safetensors library: more than that is a sign of another kind of file."""

OTHER_FILES = {
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"PK\x03\x04": "a zip archive, as torch.save writes; write it with safetensors.torch.save_file instead",
    b"\x80": "a pickle, which could run anything and is not opened",
    b"\x93NUMPY": "a numpy array",
    b"\x89HDF": "an HDF5 file",
    b"{": "JSON",
    b"[": "JSON",
    b"%PDF": "a PDF",
}
"""What a file that is not ours most likely is, by its first bytes."""

Path_ = str | os.PathLike[str]


def pack(arrays: Mapping[str, Any], texts: Mapping[str, str]) -> bytes:
    """The file that holds ``arrays`` (nested lists of floats) as 64-bit floats, and ``texts`` in its header."""
    numpy, _ = _libraries()
    from safetensors.numpy import save

    tensors = {}
    for name, numbers in arrays.items():
        if name == "__metadata__":
            raise ValueError("cannot save a parameter called '__metadata__', a name that safetensors keeps for itself")
        try:
            tensors[name] = numpy.array(numbers, dtype="<f8")
        except ValueError:
            raise ValueError(
                f"cannot save {name!r}: it is lists of unequal lengths, and a file holds rectangular arrays; "
                "keep each list in an attribute of its own"
            ) from None
    content = bytes(save(tensors, metadata=dict(texts)))
    header = int.from_bytes(content[:8], "little")
    if header > LARGEST_HEADER:
        raise ValueError(
            f"cannot save a header of {header:,} bytes: expected at most {LARGEST_HEADER:,}; shorten the notes"
        )
    return content


def unpack(path: Path_) -> tuple[dict[str, Any], dict[str, str]]:
    """The arrays and the texts of the file. ``OSError`` if it cannot be read, ``ValueError`` with what is wrong.

    The file announces its length at the front, and no more is read than it has.
    """
    numpy, safetensors = _libraries()
    place = Path(path)
    if not place.exists():
        raise FileNotFoundError(f"{called(path)}: there is no such file")
    if not place.is_file():
        raise IsADirectoryError(f"{called(path)} is a folder or a device: expected a .safetensors file")
    with place.open("rb") as file:
        tensors, texts = _header(path, file, place.stat().st_size)
        file.seek(0)
        content = file.read()
    wrong = {name: entry["dtype"] for name, entry in tensors.items() if entry["dtype"] not in TYPES}
    if wrong:
        name, kind = next(iter(wrong.items()))
        raise _refused(path, f"{shorten(name)} is of type {shorten(kind)}: expected one of {', '.join(TYPES)}")
    try:
        found = safetensors.deserialize(content)
        arrays = {name: _array(numpy, entry) for name, entry in found}
    except (safetensors.SafetensorError, ValueError, OverflowError) as error:
        raise _refused(path, f"it is damaged ({error})") from None
    return arrays, texts


def called(path: Path_) -> str:
    """What errors call the file."""
    return repr(os.fspath(path))


def _header(path: Path_, file: Any, size: int) -> tuple[dict[str, dict[str, Any]], dict[str, str]]:
    """Each array's entry in the header and the texts, once the file is seen to be of this kind and not cut short."""
    start = file.read(8)
    if not start:
        raise _refused(path, "the file is empty")
    announced = int.from_bytes(start, "little")
    if len(start) < 8 or announced > LARGEST_HEADER:
        likely = next((kind for magic, kind in OTHER_FILES.items() if start.startswith(magic)), None)
        likely = likely or ("text" if len(start) == 8 and re.fullmatch(rb"[\t\r\n -~]*", start) else None)
        if likely is None and len(start) < 8:
            raise _refused(path, f"it is cut short: it has {len(start)} bytes and the header's length alone takes 8")
        looks = f"it looks like {likely}" if likely else f"its first 8 bytes announce a header of {announced:,} bytes"
        raise _refused(path, f"this is no safetensors file: {looks}")
    if announced > size - 8:
        if start.startswith(b"PK\x03\x04"):  # the one of these that could be the length of a header
            raise _refused(path, f"this is no safetensors file: it looks like {OTHER_FILES[b'PK' + start[2:4]]}")
        raise _refused(path, f"it is cut short: it announces a header of {announced} bytes and has {size - 8} after it")
    try:
        header = json.loads(file.read(announced))
        texts = dict(header.pop("__metadata__", None) or {})
        end = max((int(entry["data_offsets"][1]) for entry in header.values()), default=0)
        whole = all(isinstance(entry["dtype"], str) and isinstance(entry["shape"], list) for entry in header.values())
        whole = whole and all(isinstance(text, str) for text in texts.values())
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError, OverflowError):
        whole = False
    if not whole:
        raise _refused(path, "its header is not that of a safetensors file")
    there = size - 8 - announced
    if there < end:
        raise _refused(path, f"it is cut short: it announces {end:,} bytes of numbers and has {there:,}")
    return header, texts


def _array(numpy: Any, entry: Mapping[str, Any]) -> Any:
    """One array as 64-bit floats. An empty one is refused: no parameter is empty, and its other sizes may be huge."""
    if 0 in entry["shape"]:
        raise ValueError(f"an array of shape {shorten(tuple(entry['shape']))} holds nothing")
    numbers = numpy.frombuffer(entry["data"], dtype=TYPES[entry["dtype"]])
    if entry["dtype"] == "BF16":
        numbers = (numbers.astype("<u4") << 16).view("<f4")
    with numpy.errstate(invalid="ignore"):  # a NaN is for load_state_dict to name
        return numbers.astype("<f8").reshape(entry["shape"])


def _refused(path: Path_, what: str) -> ValueError:
    return ValueError(f"cannot read {called(path)}: {what}")


def _libraries() -> tuple[Any, Any]:
    try:
        import numpy
        import safetensors
    except ImportError as error:
        raise ImportError(
            "model files need safetensors and numpy: pip install 'autograd-tiny[files]'", name=error.name
        ) from error
    return numpy, safetensors
