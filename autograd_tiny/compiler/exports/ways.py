"""The ways out of a program, as its methods: a file, a pickle, and the same arithmetic in other tools' words.

>>> from autograd_tiny import Value, compile
>>> w = Value(3.0, "w")
>>> program = compile(lambda x: w * x)
>>> program(2.0)
6.0
>>> import pickle
>>> pickle.loads(pickle.dumps(program))(2.0)
6.0

Each is of the last recording, which is for one structure of arguments. A pickle is the text of `export`'s file, so
nothing that comes from a function's code travels.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from os import PathLike

    from ..program import Program
    from .c_source import CText
    from .sympy_expression import Symbolic


class Exports:
    """What `Program` has of this."""

    def export(self: Program, path: str | PathLike[str]) -> Path:  # type: ignore[misc]
        """Write the last recording into a file that `autograd_tiny.load_program` reads; its path.

        In it are the graph, the numbers of the parameters and the structure of arguments and result, as JSON.
        ``ValueError`` if nothing has been recorded, ``TypeError`` for what a file cannot say: a primitive registered
        here, an argument of a kind of your own.
        """
        from .travelling import save_program

        with self._lock:
            return save_program(self, path)

    def map_blocks(self: Program, *arrays: Any) -> Any:  # type: ignore[misc]
        """The function on every row of Dask arrays, block by block, as a Dask array of one number a row.

        The arrays are cut alike along their first axis; an argument that is no Dask array is given to all. It works
        wherever Dask works, on threads, processes or a cluster, to which the program is sent as its description.
        ``dask.array.map_blocks`` with a function that calls ``program(…, batch=True)`` does the same.
        """
        from .blocks import map_blocks

        if self.last is None:
            raise ValueError(f"{self.__name__} has not been recorded yet: call it once, with one sample, then map it")
        return map_blocks(self, arrays)

    def to_numpy(self: Program, path: str | PathLike[str] | None = None) -> str:  # type: ignore[misc]
        """The last recording as the text of a Python module that imports numpy only; written to ``path`` if given.

        It has ``value(x, …)`` and ``value_and_grad(x, …)`` for batches, samples along the first axis of each argument
        that is not ``shared``, and ``PARAMETERS``, a dict of arrays that both take as ``parameters=``.
        """
        from .numpy_module import numpy_module

        with self._lock:
            text = numpy_module(self)
        if path is not None:
            Path(path).write_text(text, encoding="utf-8")
        return text

    def to_c(self: Program, path: str | PathLike[str] | None = None) -> CText:  # type: ignore[misc]
        """The last recording in C: ``.header`` and ``.source``; with ``path`` ``model.c``, written there and beside it.

        ``model_value(parameters, x, …, work)`` and ``model_value_and_grad(parameters, x, …, gradient, work)`` are for
        one sample; a function of several results has the first only, which fills ``out``. Nothing is allocated, and
        nothing is needed but ``math.h``; the header tells how many doubles of ``work`` they want. Without a path the
        functions are called after the program.
        """
        from .c_source import c_source

        if path is None:
            with self._lock:
                return c_source(self)
        header = Path(path).with_suffix(".h")
        if set(header.name) & set('"\\\n'):
            raise ValueError(f"to_c got {str(path)!r}: a name that stands in an #include has no quotation marks")
        with self._lock:
            text = c_source(self, header.stem, header.name)
        header.write_text(text.header, encoding="utf-8")
        header.with_suffix(".c").write_text(text.source, encoding="utf-8")
        return text

    def to_onnx(self: Program, path: str | PathLike[str] | None = None) -> Any:  # type: ignore[misc]
        """The last recording as an ``onnx.ModelProto`` that gives ``output``, the values of a batch; saved if a path is
        given. In float64, of which onnxruntime has no ``Erf``: `erf`, `erfc`, `norm_cdf` and `gelu` are good to seven
        digits there.
        """
        from .onnx_model import onnx_model

        with self._lock:
            model = onnx_model(self)
        if path is not None:
            Path(path).write_bytes(model.SerializeToString())
        return model

    def to_sympy(self: Program) -> Symbolic:  # type: ignore[misc]
        """The last recording as an expression of sympy: ``.expression``, or a structure of them, ``.parameters``, each
        symbol with the number of now, and ``.inputs``, the symbols of the arguments' numbers in order.
        """
        from .sympy_expression import sympy_expression

        with self._lock:
            return sympy_expression(self)

    def to_torch(self: Program) -> Any:  # type: ignore[misc]
        """The last recording as a ``torch.nn.Module`` in float64, differentiated by torch's own autograd.

        Its parameters are the program's, each block a tensor under the name that ``print(program)`` shows; it takes
        batches of tensors or arrays, samples along the first axis of each argument that is not ``shared``.
        """
        from .torch_module import torch_module

        with self._lock:
            return torch_module(self)

    def to_jax(self: Program) -> Callable[..., Any]:  # type: ignore[misc]
        """The last recording as a function of JAX for ``jit``, ``grad`` and ``vmap``: ``f(parameters, x, …)`` for one
        sample. ``f.parameters`` is a dict of arrays with the numbers of now. JAX computes in float32 unless
        ``jax.config.update("jax_enable_x64", True)`` comes first.
        """
        from .jax_function import jax_function

        with self._lock:
            return jax_function(self)

    def __reduce__(self: Program) -> Any:  # type: ignore[misc]
        from .describing import describe

        with self._lock:  # the backend that was asked for: what "auto" found here may not be there
            return type(self)._restored, (describe(self).text(), {**self._asked, "threads": self.threads})

    @classmethod
    def _restored(cls, text: str, options: dict[str, Any]) -> Any:
        """What a pickled program becomes again."""
        from .description import Description
        from .travelling import Recorded

        function = Recorded(Description.from_text(text))
        return cast("type[Program]", cls)(function, **function.options, **options)

    def __copy__(self: Program) -> Any:  # type: ignore[misc]
        raise TypeError(
            f"{self.__name__} is compiled for the Values that it closes over, and so cannot be copied: compile the "
            "function again; a pickle has parameters of its own"
        )

    def __deepcopy__(self: Program, memo: dict[int, Any]) -> Any:  # type: ignore[misc]
        return self.__copy__()
