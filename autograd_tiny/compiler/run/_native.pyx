# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True, binding=False
"""The lines of an array program run by a loop in C: numpy's own inner loops on addresses that are bound once.

A `Tape` is a list of instructions. Most are one call of a loop of numpy's, the one that a ufunc would choose for
float64 (for `matmul` it calls BLAS), for each place of the axes around it; the rest, copies and gathers, are here. No
Python runs in between, and the interpreter's lock is let go of.

How the loop is reached: a ufunc object has its loops, their data and types as C arrays, in a place that has not changed
since numpy 1.0 (`PyUFuncObject` in numpy's ufuncobject.h). That is declared here, so nothing of numpy is needed to
build this; `loop_of` holds it against what Python says of the ufunc before it is used.
"""

from cpython.bytearray cimport PyByteArray_AS_STRING
cimport cython
from cpython.buffer cimport PyBUF_FORMAT, PyBUF_STRIDES, PyBuffer_Release, PyObject_GetBuffer
from cpython.exc cimport PyErr_CheckSignals
from cpython.float cimport PyFloat_AS_DOUBLE, PyFloat_CheckExact
from cpython.list cimport PyList_New, PyList_SET_ITEM
from cpython.long cimport PyLong_AsDouble, PyLong_CheckExact
from cpython.mem cimport PyMem_Free, PyMem_Realloc
from cpython.object cimport PyObject
from cpython.ref cimport Py_INCREF
from cpython.sequence cimport PySequence_Size
from libc.math cimport erf, erfc
from libc.stdint cimport int64_t
from libc.string cimport memcpy, memset

cdef extern from "fenv.h" nogil:
    int feclearexcept(int)
    int feraiseexcept(int)
    int FE_OVERFLOW, FE_DIVBYZERO, FE_INVALID

cdef extern from "_native_kernels.h" nogil:
    double nothing "autograd_tiny_nothing"(const double *, Py_ssize_t)
    void stacked "autograd_tiny_stacked"(
        const char *, const char *, char *, Py_ssize_t, const Py_ssize_t *, const Py_ssize_t *, Py_ssize_t, Py_ssize_t)
    void rows_by_rows "autograd_tiny_rows"(
        const char *, Py_ssize_t, const char *, Py_ssize_t, char *, Py_ssize_t, Py_ssize_t, Py_ssize_t, Py_ssize_t, Py_ssize_t)
    void row_dots "autograd_tiny_row_dots"(
        const char *, Py_ssize_t, const char *, Py_ssize_t, char *, Py_ssize_t, Py_ssize_t, Py_ssize_t)
    int kind_of_processor "autograd_tiny_kind"()
    void small_matrices "autograd_tiny_small"(const char *, const char *, char *, const Py_ssize_t *, const Py_ssize_t *)
    void plane "autograd_tiny_plane"(int, char **, const Py_ssize_t *, const Py_ssize_t *, const Py_ssize_t *)
    void exponentials "autograd_tiny_exp"(const char *, Py_ssize_t, char *, Py_ssize_t, Py_ssize_t)
    void tangents "autograd_tiny_tanh"(const char *, Py_ssize_t, char *, Py_ssize_t, Py_ssize_t)
    int met_flags "autograd_tiny_flags"()
    double turned "autograd_tiny_turned"(
        const char *, Py_ssize_t, Py_ssize_t, char *, Py_ssize_t, Py_ssize_t, Py_ssize_t)
    Py_ssize_t MOST_TERMS "AUTOGRAD_TINY_MOST_TERMS"
    void masked "autograd_tiny_masked"(double *, const double *, const signed char *, Py_ssize_t)
    void extreme "autograd_tiny_extreme"(char **, Py_ssize_t, const Py_ssize_t *, double)

cdef extern from *:
    """
    typedef void (*autograd_tiny_loop)(char **, const Py_ssize_t *, const Py_ssize_t *, void *);
    typedef struct {
        PyObject_HEAD
        int nin, nout, nargs, identity;
        autograd_tiny_loop *functions;
        void **data;
        int ntypes, reserved1;
        const char *name;
        const char *types;
    } autograd_tiny_ufunc;
    """
    ctypedef void (*loop_t "autograd_tiny_loop")(char **, const Py_ssize_t *, const Py_ssize_t *, void *) noexcept nogil
    ctypedef struct ufunc_t "autograd_tiny_ufunc":
        int nin, nout, nargs
        loop_t *functions
        void **data
        int ntypes
        const char *types

cdef extern from "Python.h":
    PyObject *PySequence_Fast_GET_ITEM(object, Py_ssize_t)

DEF AXES = 8
DEF OPERANDS = 4
DEF LOOP = 0
DEF MATRICES = 1
DEF TAKE = 2
DEF PUT = 3
DEF PUT_ADD = 4
DEF SEGMENTS = 5
DEF STACKED = 6
DEF LONG_ROWS = 7
DEF TURN = 8
DEF PLANE = 9
DEF CHECK = 10
DEF ROW_DOTS = 11
DEF BLOCK = 2048
DEF SHORT = 512
"""Numbers in a row up to which a loop of ours over two axes is faster than numpy's once for each row."""
DEF MOST_PRODUCTS = 1 << 18
"""Multiplications of a product from which on BLAS is faster than a loop of ours."""
DEF LONG = 20000
"""Elements of work from which on the interpreter's lock is let go of: to do so takes as long as some 50."""


cdef struct Operand:
    char *data
    int ndim
    Py_ssize_t shape[AXES]
    Py_ssize_t strides[AXES]
    Py_ssize_t itemsize
    char kind


cdef struct Instruction:
    int kind, count, ndim, together, which
    loop_t loop
    void *data
    Py_ssize_t shape[AXES]
    char *at[OPERANDS]
    Py_ssize_t strides[OPERANDS][AXES]
    # Of a product: m, k, n and the steps in each matrix. Of a gather, scatter or segments: how many.
    Py_ssize_t dims[4]
    Py_ssize_t steps[6]
    Py_ssize_t steps_of_stack[2]
    int64_t *index


include "_native_loops.pxi"


cdef int look(object array, Operand *found) except -1:
    """Where an array is, and how it is laid out."""
    cdef Py_buffer view
    cdef int i
    PyObject_GetBuffer(array, &view, PyBUF_FORMAT | PyBUF_STRIDES)
    try:
        if view.ndim > AXES:
            raise LookupError(f"an array of {view.ndim} axes")
        found.data, found.ndim, found.itemsize = <char *> view.buf, view.ndim, view.itemsize
        found.kind = view.format[0] if view.format != NULL else b"B"
        for i in range(view.ndim):
            found.shape[i], found.strides[i] = view.shape[i], view.strides[i]
    finally:
        PyBuffer_Release(&view)
    return 0


def address(array):
    """Where an array's first number is."""
    cdef Operand found
    look(array, &found)
    return <size_t> found.data


def finite(array):
    """Whether all numbers of an array, which lie in a row, are finite: 0 times a number is 0 then."""
    cdef Py_buffer view
    PyObject_GetBuffer(array, &view, PyBUF_STRIDES)
    cdef double sum = nothing(<double *> view.buf, view.len // 8)
    PyBuffer_Release(&view)
    return sum == 0.0


include "_native_tape.pxi"
include "_native_run.pxi"
include "_native_steps.pxi"
include "_native_calls.pxi"
