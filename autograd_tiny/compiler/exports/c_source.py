"""A program as C: a header and a source, value and gradient of one sample, no allocation, no library but libm.

>>> from autograd_tiny import Value, compile
>>> w = [Value(2.0, "w[0]"), Value(-1.0, "w[1]")]
>>> def neuron(x): return (w[0] * x[0] + w[1] * x[1]).tanh()
>>> program = compile(neuron)
>>> program([1.0, 2.0])
0.0
>>> print(c_source(program).source.split("double neuron_value")[1].split("double neuron_value_and_grad")[0])
(const double *parameters, const double *x, double *work)
{
    const double *w1 = parameters;
    double *t1 = work;
    double *t2 = work + 1;
    {
        double total = 0.0;
        for (int k = 0; k < 2; k++) {
            total += w1[k] * x[k];
        }
        t1[0] = total;
    }
    t2[0] = tanh(t1[0]);
    return t2[0];
}
<BLANKLINE>
<BLANKLINE>
"""

from __future__ import annotations

import re
from textwrap import wrap
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from .c_lines import CLines
from .c_places import Place
from .straight import straight
from .tensors import Straight

if TYPE_CHECKING:
    from ..program import Program


class CText(NamedTuple):
    """The two files."""

    header: str
    source: str


def c_source(program: Program, name: str = "", header: str = "") -> CText:
    """Header and source; what `Program.to_c` gives."""
    line = straight(program)
    name = _identifier(name or line.name)
    writer = CLines(line)
    writer.depth = 1
    writer.forward()
    forward, memory = writer.lines, writer.size
    end = _results(line, writer)
    writer.lines = []
    reverse: list[str] = []
    if line.single:
        writer.reverse()
        reverse = writer.lines
        for tensor in [s.result for s in line.steps if s.result.name in writer.learning]:
            writer.need(f"d_{tensor.name}", tensor.size)
        writer.need("scratch", writer.scratch)
    found = _files(line, writer, name, [*forward], end, reverse, memory)
    return found if not header else CText(found.header, found.source.replace(f'"{name}.h"', f'"{header}"', 1))


def _results(line: Straight, writer: CLines) -> list[str]:
    if line.single:
        return [f"    return {Place(line.outputs.source.name, int(line.outputs.index.reshape(-1)[0]), ()).at([])};"]
    writer.lines = []
    writer.pieces(line.outputs, lambda source, here, there: f"out[{here}] = {source.name}[{there}];")
    return writer.lines


def _files(
    line: Straight, writer: CLines, name: str, forward: list[str], end: list[str], reverse: list[str], memory: int
) -> CText:
    count = sum(t.size for t in line.parameters)
    arguments = [f"const double *{t.name}" if t.shape else f"double {t.name}" for t in line.inputs]
    gives = "double" if line.single else "void"
    out = [] if line.single else ["double *out"]
    value = f"{gives} {name}_value({', '.join(['const double *parameters', *arguments, *out, 'double *work'])})"
    given = ", ".join(["const double *parameters", *arguments, "double *gradient", "double *work"])
    grad = f"double {name}_value_and_grad({given})"
    both = f"\n/* The same, and into gradient, in their order, its derivatives by the parameters. */\n{grad};\n"
    upper = name.upper()
    blocks, offsets = [], {}
    place = 0
    for t in line.parameters:
        offsets[t.name] = place
        shape = "".join(f"[{n}]" for n in t.shape) or ", a number"
        blocks.append(f"   {place:6} {t.name}{shape}")
        place += t.size
    results = "" if line.single else f"#define {upper}_RESULTS {line.outputs.index.size}\n"
    header = HEADER.format(
        name=name, upper=upper, count=count, work=max(writer.size, 1), value=value,
        grad=both * line.single,
        blocks="\n".join(blocks) or "   none", results=results,
        inputs="".join(f"   {t.name}: {t.size} numbers\n" for t in line.inputs if t.shape),
    )  # fmt: skip
    tables = {t.name: f"static const double {t.name}[] = {_braces(t.numbers)};" for t in line.constants}
    tables |= {table: f"static const int {table}[] = {_braces(index)};" for table, index in writer.tables.values()}
    scalars = [t.name for t in line.inputs if not t.shape]
    bodies = [(value, forward, end)]
    if line.single:
        clear = [f"    for (int j = 0; j < {count}; j++) {{", "        gradient[j] = 0.0;", "    }"] if count else []
        first, rest = memory, writer.size - memory
        if rest:
            clear += [f"    for (int j = {first}; j < {first + rest}; j++) {{", "        work[j] = 0.0;", "    }"]
        bodies.append((grad, [*forward, *clear, *reverse], end))
    text = []
    for head, body, last in bodies:
        lines = [*body, *last]
        if scalars:
            lines = [re.sub(rf"\b({'|'.join(scalars)})\[0\]", r"\1", x) for x in lines]
        text.append("\n".join([head, "{", *_pointers(writer, head, lines, offsets), *lines, "}", ""]))
    numbers = np.concatenate([t.initial().reshape(-1) for t in line.parameters] or [np.zeros(1)])
    words = _words("".join(text))
    used = [line for table, line in tables.items() if table in words]
    source = "\n".join([
        f"/* {_comment(line.name)}, exported by autograd_tiny. */", "#include <math.h>", "", f'#include "{name}.h"', "",
        f"const double {name}_parameters[] = {_braces(numbers)};", "", *used, *[""] * bool(used), *text,
    ])  # fmt: skip
    return CText(header, source)


HEADER = """#ifndef {upper}_H
#define {upper}_H

#define {upper}_PARAMETERS {count}
#define {upper}_WORK {work}
{results}
/* Parameters and gradient, in a row:
{blocks}
   work is room for {upper}_WORK doubles, which need not be cleared. Nothing is allocated.
{inputs}*/
#ifdef __cplusplus
extern "C" {{
#endif

extern const double {name}_parameters[];

{value};
{grad}
#ifdef __cplusplus
}}
#endif
#endif
"""


def _pointers(writer: CLines, head: str, lines: list[str], offsets: dict[str, int]) -> list[str]:
    """The arrays that a function uses, and the arguments that it does not."""
    words = _words("\n".join(lines))
    found = []
    for name, offset in offsets.items():
        plus = f" + {offset}" if offset else ""
        if name in words:
            found.append(f"    const double *{name} = parameters{plus};")
        if f"d_{name}" in words:
            found.append(f"    double *d_{name} = gradient{plus};")
    for name, offset in writer.work.items():
        if name in words:
            found.append(f"    double *{name} = work{f' + {offset}' if offset else ''};")
    words |= _words("\n".join(found))
    arguments = re.findall(r"(\w+)[,)]", head)
    return [*found, *[f"    (void){x};" for x in arguments if x not in words]]


def _words(text: str) -> set[str]:
    """The names that stand in it: looked up one by one in a long program they take minutes."""
    return set(re.findall(r"\w+", text))


def _braces(numbers: Any) -> str:
    text = ", ".join(repr(x) for x in np.asarray(numbers).reshape(-1).tolist())
    return "{" + "\n    ".join(wrap(text, 110)) + "}"


def _identifier(name: str) -> str:
    found = re.sub(r"\W", "_", name, flags=re.ASCII).strip("_") or "program"
    return "program" if name == "<lambda>" else f"f_{found}" if found[0].isdigit() else found


def _comment(text: str) -> str:
    return re.sub(r"[^\w<>. ]", "_", text, flags=re.ASCII)
