"""`compile`: a function written on scalars, run as a few array instructions.

The function runs once on recorded Values. The graph that this leaves is flattened into sums and dot products, equal
operations are put into steps, dot products that share operands become matrix products, and the whole, forward and
reverse, is replayed by numpy's loops, called from C or from Python, for one sample or a batch:

    record/ -> simplify/ -> lower/ -> write/ (for one of libraries/) -> run/          show/ tells all of it
             derive/ makes another graph before simplify/; a loop's step goes the same way in loops/; exports/ leave

The words, and what others call them:

- *flatten*: ``a*x + b*y + c*z``, five nodes in a chain, is one `dot` node with six parents (reassociation).
- *unlike terms*: a sum whose terms have other operations behind them is added two at a time again, in order.
- *schedule*: the nodes level by level; a *step* is all ``tanh`` of one level (vectorisation across the graph).
- *dots* and *match*: the dot products of a step as ``X @ W.T``, where their vectors pair up (what einsum is given).
- *sums*: the same for sums and other variadic rows: one reduction along an axis.
- *places*: which address each number has (memory planning), and *layout* whether addresses are a strided view; what
  is none is gathered by index, and its adjoint scattered.
- *terms*: a rule run on names for arrays, common subexpressions once; *lines*: the code that this becomes, results
  put into buffers that are free by then (liveness); *emit*: instruction by instruction, forward and in reverse.
- *delay*: what each of many steps adds to the gradient of one matrix, ``dW += dY.T @ X``, as one product at the end.
- *select*: ``xs[i]`` where i is an input: a gather at run time.
- *trace*: one recording and the program that it became, kept by the structure of its inputs: ``f([1.0, 2.0])`` and
  ``f([1.0])`` are two (the cache of traced functions).
- *derive*: the entries of a Jacobian that are not 0 for every input, as a graph: of ``[x * y, y]`` three, ``y``, ``x``
  and 1 (symbolic differentiation; sparsity without colouring). One too irregular for matrices is lowered *in rows*:
  ``x`` of all samples is a row, ``y`` the next (structure of arrays).
- *loop*: ``scan(f, h, xs)`` as one node, of which one *step* is recorded; what goes on to the next step is the *carry*
  (as in `jax.lax.scan`). A *machine* runs the steps, and in reverse again from what it kept (checkpointing).
- *take* a loop: record it so; *unroll* it: record ``f`` for each x, as for an export.
- *take down*: lines run once on slots in place of arrays leave the *tape* that a loop in C runs (bytecode). A *ready*
  call is one that C makes alone: ``program(2.0)`` after ``program(1.0)`` (the fast path of `jax.jit`).
- *block*: so many samples of a long batch that their numbers stay in cache (tiling). *shared*: an argument without an
  axis of samples, ``in_axes=None`` of `jax.vmap`.

A graph with too little side by side for arrays is replayed as it was recorded, node by node.

No derivative is written here: the rules are those of the table, run on names for arrays.

>>> from autograd_tiny import Value
>>> w, b = Value(2.0, "w"), Value(1.0, "b")
>>> program = compile(lambda x: (w * x + b).tanh())
>>> program(0.0) == (w * 0.0 + b).tanh().data
True

numpy is imported when the first function is compiled.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, overload

from .record.selecting import select as select

if TYPE_CHECKING:
    from os import PathLike

    from ..core import Value
    from .program import Program

__all__ = ["compile", "load_program", "select"]


@overload
def compile(
    function: Callable[..., Any], *, names: Mapping[str, Value] | None = ...,
    parameters: Sequence[Value] | None = ..., scalars: str = ..., cache_size: int = ..., backend: str = ...,
    dtype: str = ..., shared: str | Sequence[str] = ..., threads: int = ...,
) -> Program: ...  # fmt: skip
@overload
def compile(
    function: None = None, *, names: Mapping[str, Value] | None = ..., parameters: Sequence[Value] | None = ...,
    scalars: str = ..., cache_size: int = ..., backend: str = ..., dtype: str = ..., shared: str | Sequence[str] = ...,
    threads: int = ...,
) -> Callable[[Callable[..., Any]], Program]: ...  # fmt: skip


def compile(
    function: Callable[..., Any] | None = None, *, names: Mapping[str, Value] | None = None,
    parameters: Sequence[Value] | None = None, scalars: str = "auto", cache_size: int = 128,
    backend: str = "auto", dtype: str = "float64", shared: str | Sequence[str] = (), threads: int = 1,
) -> Any:  # fmt: skip
    """A `Program` that does what ``function`` does; without a function, a decorator.

    It gives what ``function`` gives, or raises. When it records, the function runs twice, on Values and on plain
    numbers; if the two differ, if it keeps a Value between calls, or if it changes what it reads, that is a
    `RecordingError`. What it reads besides its inputs (what it closes over, globals, attributes, elements of lists)
    is looked at in every call, and if any of it has changed, the function is recorded anew.

    ``function`` takes numbers, or lists, tuples, dicts, dataclasses and arrays of them, and gives a Value or a
    structure of them. Its parameters are the leaves that it uses from outside: ``program.parameters``, in the order in
    which they were met, after those listed in ``parameters``. ``names`` are theirs for `print` and `explain`, as
    ``dict(model.named_parameters())`` gives them.
    ``scalars`` says when the recorded graph is replayed node by node, without arrays: ``"auto"`` where that is thought
    to be faster, ``"never"``, or ``"always"``. At most ``cache_size`` input structures are kept.

    ``shared`` names the arguments that in a batch are the same for all samples, and have no axis of samples: a rate,
    the grid of a table.

    ``backend`` is what runs the arrays: ``"native"`` (numpy's own loops, called from C; built with the compiled
    engine), ``"numpy"`` (the same from Python), or ``"torch"`` (PyTorch, on the CPU). ``"auto"`` is native where it is
    there. ``dtype`` is what it computes with, ``"float64"`` or ``"float32"``, which native has not. What goes in and
    comes out is the same whatever they are:
    parameters stay float64, and are rounded on the way in. In float32 expect values and gradients to be off by some
    1e-6 of the largest among them, and by 1e-5 where long sums nearly cancel. If a number is too large for float32, as
    1e39 is, the function itself is asked, which answers in float64; one below 1e-45 is 0.

    A batch of thousands runs in blocks of samples, which up to ``threads`` threads share; the numbers are the same to
    the last bit for any number of them. A program may be called by several threads at once, side by side.
    """
    program_class = _program_class("compile")

    def made(f: Callable[..., Any]) -> Program:
        return program_class(
            f, names=names, parameters=parameters, scalars=scalars, cache_size=cache_size, backend=backend, dtype=dtype,
            shared=shared, threads=threads,
        )  # fmt: skip

    return made if function is None else made(function)


def load_program(path: str | PathLike[str], **options: Any) -> Program:
    """The program that `Program.export` wrote into a file, without the function that it came from.

    It does all that a compiled function does: values and gradients, single and in batches, exports. Its ``parameters``
    are new leaves with the numbers of the file, in the order of the exported program's, labelled with their names, and
    the arguments that samples share are those that were ``shared``. How it runs is not in the file but in ``options``,
    which are those of `compile` (``scalars=``, ``backend=``, ``dtype=``, ``cache_size=``, ``threads=``).

    ``OSError`` if the file cannot be read, ``ValueError`` if it is no such file or is damaged. Nothing in it is
    evaluated or unpickled.
    """
    program_class = _program_class("load_program")
    from .exports.travelling import read_program

    function = read_program(path)
    return program_class(function, **{**function.options, **options})


def _program_class(asked: str) -> type[Program]:
    try:
        from .program import Program
    except ModuleNotFoundError as error:
        if error.name != "numpy":
            raise
        raise ModuleNotFoundError(
            f"{asked} needs numpy, which is not installed: pip install 'autograd-tiny[compile]'", name="numpy"
        ) from None
    return Program
