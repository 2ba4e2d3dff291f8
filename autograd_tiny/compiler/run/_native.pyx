# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True, binding=False
"""The lines of an array program run by a loop in C: numpy's own inner loops on addresses that are bound once.

A `Tape` is a list of instructions. Most are one call of a loop of numpy's, the one that a ufunc would choose for
float64 (for `matmul` it calls BLAS), for each place of the axes around it; the rest, copies and gathers, are here. No
Python runs in between, and the interpreter's lock is let go of.

How the loop is reached: a ufunc object has its loops, their data and types as C arrays, in a place that has not changed
since numpy 1.0 (`PyUFuncObject` in numpy's ufuncobject.h). That is declared here, so nothing of numpy is needed to
build this; `loop_of` holds it against what Python says of the ufunc before it is used.
"""

from cpython.buffer cimport PyBUF_FORMAT, PyBUF_STRIDES, PyBuffer_Release, PyObject_GetBuffer
from cpython.exc cimport PyErr_CheckSignals
from cpython.mem cimport PyMem_Free, PyMem_Realloc
from libc.math cimport erf, erfc
from libc.stdint cimport int64_t
from libc.string cimport memcpy, memset

cdef extern from "fenv.h" nogil:
    int feclearexcept(int)
    int fetestexcept(int)
    int FE_OVERFLOW, FE_DIVBYZERO, FE_INVALID

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

DEF AXES = 8
DEF OPERANDS = 4
DEF LOOP = 0
DEF MATRICES = 1
DEF TAKE = 2
DEF PUT = 3
DEF PUT_ADD = 4
DEF SEGMENTS = 5
DEF BLOCK = 2048
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
    int kind, count, ndim, together
    loop_t loop
    void *data
    Py_ssize_t shape[AXES]
    char *at[OPERANDS]
    Py_ssize_t strides[OPERANDS][AXES]
    # Of a product: m, k, n and the steps in each matrix. Of a gather, scatter or segments: how many.
    Py_ssize_t dims[4]
    Py_ssize_t steps[6]
    int64_t *index


# Loops of our own, with numpy's signature.

cdef void copy_loop(char **at, const Py_ssize_t *n, const Py_ssize_t *by, void *data) noexcept nogil:
    cdef Py_ssize_t i
    if by[0] == 8 and by[1] == 8:
        memcpy(at[1], at[0], 8 * n[0])
        return
    for i in range(n[0]):
        (<double *> (at[1] + i * by[1]))[0] = (<double *> (at[0] + i * by[0]))[0]


cdef void truth_loop(char **at, const Py_ssize_t *n, const Py_ssize_t *by, void *data) noexcept nogil:
    """A truth as 1 or 0."""
    cdef Py_ssize_t i
    for i in range(n[0]):
        (<double *> (at[1] + i * by[1]))[0] = (at[0] + i * by[0])[0]


cdef void masked_product(char **at, const Py_ssize_t *n, const Py_ssize_t *by, void *data) noexcept nogil:
    """A number times a truth."""
    cdef Py_ssize_t i
    cdef double *out = <double *> at[2]
    cdef double *a = <double *> at[0]
    cdef char *b = at[1]
    if by[0] == 8 and by[1] == 1 and by[2] == 8:
        for i in range(n[0]):
            out[i] = a[i] * b[i]
        return
    for i in range(n[0]):
        (<double *> (at[2] + i * by[2]))[0] = (<double *> (at[0] + i * by[0]))[0] * (at[1] + i * by[1])[0]


cdef void masked_copy(char **at, const Py_ssize_t *n, const Py_ssize_t *by, void *data) noexcept nogil:
    """The first operand where the second is true."""
    cdef Py_ssize_t i
    for i in range(n[0]):
        if (at[1] + i * by[1])[0]:
            (<double *> (at[2] + i * by[2]))[0] = (<double *> (at[0] + i * by[0]))[0]


cdef void erf_loop(char **at, const Py_ssize_t *n, const Py_ssize_t *by, void *data) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n[0]):
        (<double *> (at[1] + i * by[1]))[0] = erf((<double *> (at[0] + i * by[0]))[0])


cdef void erfc_loop(char **at, const Py_ssize_t *n, const Py_ssize_t *by, void *data) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n[0]):
        (<double *> (at[1] + i * by[1]))[0] = erfc((<double *> (at[0] + i * by[0]))[0])


cdef class Loop:
    """A loop to be called, with the data that its owner keeps for it."""

    cdef loop_t loop
    cdef void *data
    cdef int count
    cdef bytes kinds
    cdef readonly object ufunc

    @staticmethod
    cdef Loop of(loop_t loop, bytes kinds):
        made = Loop()
        made.loop, made.count, made.kinds = loop, len(kinds), kinds
        return made


def loop_of(ufunc, str types):
    """The `Loop` of a ufunc for operands of these types, as ``ufunc.types`` writes them ("dd->d")."""
    if types not in ufunc.types:
        raise LookupError(f"{ufunc.__name__} has no loop {types}")
    cdef ufunc_t *there = <ufunc_t *> <void *> ufunc
    if (there.nin, there.nout, there.nargs, there.ntypes) != (ufunc.nin, ufunc.nout, ufunc.nargs, ufunc.ntypes):
        raise LookupError(f"{ufunc.__name__} is not laid out as numpy's ufuncs are known to be")
    cdef int place = ufunc.types.index(types)
    if there.functions[place] == NULL:
        raise LookupError(f"{ufunc.__name__} has no loop of its own for {types}")
    made = Loop()
    made.loop, made.count, made.ufunc = there.functions[place], there.nargs, ufunc
    made.kinds = types.replace("->", "").encode()
    made.data = there.data[place] if there.data != NULL else NULL
    return made


COPY, TRUTH = Loop.of(copy_loop, b"dd"), Loop.of(truth_loop, b"?d")
MASKED_PRODUCT, MASKED_COPY = Loop.of(masked_product, b"d?d"), Loop.of(masked_copy, b"d?d")
ERF, ERFC = Loop.of(erf_loop, b"dd"), Loop.of(erfc_loop, b"dd")


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


cdef class Tape:
    """Instructions on arrays that stay where they are; what is read of a call's arguments is put in place before."""

    cdef Instruction *code
    cdef Py_ssize_t length, room
    cdef list kept
    cdef readonly list late
    cdef readonly Py_ssize_t work
    """Elements that the instructions compute, products counted by their multiplications."""

    def __cinit__(self):
        self.kept, self.late = [], []

    def __dealloc__(self):
        PyMem_Free(self.code)

    def __len__(self):
        return self.length

    cdef Instruction *new(self, int kind) except NULL:
        cdef void *more
        if self.length == self.room:
            self.room = 2 * self.room + 16
            more = PyMem_Realloc(self.code, self.room * sizeof(Instruction))
            if more == NULL:
                raise MemoryError()
            self.code = <Instruction *> more
        cdef Instruction *made = &self.code[self.length]
        memset(made, 0, sizeof(Instruction))
        made.kind = kind
        self.length += 1
        return made

    def depends(self, int operand, int argument, Py_ssize_t offset):
        """Operand of the last instruction is ``offset`` bytes into that argument of the call."""
        self.late.append((self.length - 1, operand, argument, offset))

    def takes(self, arrays):
        """Put the arguments of a call in place."""
        cdef int argument = 0
        for array in arrays:
            if array is not self.kept[argument]:
                self.rebase(argument, array)
            argument += 1

    def rebase(self, int argument, array):
        """The argument is this array from now on, laid out as the one before."""
        cdef Operand found
        look(array, &found)
        self.kept[argument] = array
        for at, operand, which, offset in self.late:
            if which == argument:
                self.code[<Py_ssize_t> at].at[<int> operand] = found.data + <Py_ssize_t> offset

    def keep(self, list arrays):
        """Hold on to arrays that instructions point into."""
        self.kept.extend(arrays)

    def loop(self, Loop loop, tuple operands, shape=None):
        """An instruction: the loop over operands that are broadcast to the last, or to a shape (then they are summed)."""
        cdef Operand found[OPERANDS]
        cdef Py_ssize_t size[AXES]
        cdef Py_ssize_t steps[OPERANDS][AXES]
        cdef int i, j, k, axes, count = loop.count
        if len(operands) != count:
            raise LookupError(f"{len(operands)} operands for a loop of {count}")
        for i in range(count):
            look(operands[i], &found[i])
            if found[i].kind != <char> loop.kinds[i]:
                raise LookupError(f"operand {i} is of another kind than the loop takes")
        if shape is None:
            axes = found[count - 1].ndim
            for j in range(axes):
                size[j] = found[count - 1].shape[j]
        else:
            axes = len(shape)
            for j in range(axes):
                size[j] = shape[j]
        for i in range(count):
            if found[i].ndim > axes:
                for j in range(found[i].ndim - axes):
                    if found[i].shape[j] != 1:
                        raise LookupError("an operand with more axes than the result")
            for j in range(axes):
                k = found[i].ndim - axes + j
                if k < 0 or found[i].shape[k] == 1:
                    steps[i][j] = 0
                elif found[i].shape[k] == size[j]:
                    steps[i][j] = found[i].strides[k]
                else:
                    raise LookupError("operands that do not broadcast to the result")
        cdef Instruction *made = self.new(LOOP)
        made.loop, made.data, made.count = loop.loop, loop.data, count
        for i in range(count):
            made.at[i] = found[i].data
        # Axes of 1 are left out, and neighbours that are walked in one go are one.
        cdef bint same
        cdef Py_ssize_t work = 1
        k = 0
        for j in range(axes):
            work *= size[j]
            if size[j] == 1:
                continue
            same = k > 0
            for i in range(count):
                if k > 0 and made.strides[i][k - 1] != steps[i][j] * size[j]:
                    same = False
            if same:
                made.shape[k - 1] *= size[j]
                for i in range(count):
                    made.strides[i][k - 1] = steps[i][j]
            else:
                made.shape[k] = size[j]
                for i in range(count):
                    made.strides[i][k] = steps[i][j]
                k += 1
        # The longest axis innermost, if the last is short: an inner loop takes some 10 ns to enter.
        cdef int longest = 0
        cdef Py_ssize_t swapped
        for j in range(k):
            if made.shape[j] > made.shape[longest]:
                longest = j
        if k > 1 and made.shape[k - 1] < 16 and made.shape[longest] >= 2 * made.shape[k - 1]:
            swapped, made.shape[k - 1] = made.shape[k - 1], made.shape[longest]
            made.shape[longest] = swapped
            for i in range(count):
                swapped, made.strides[i][k - 1] = made.strides[i][k - 1], made.strides[i][longest]
                made.strides[i][longest] = swapped
        if k == 0:
            made.shape[0], k = 1, 1
        made.ndim = k
        self.work += work
        return work

    def matrices(self, Loop loop, a, b, out):
        """An instruction: products of matrices, or of stacks of them; a vector is a row, or a column on the right."""
        cdef Operand x, y, z
        cdef Instruction *made
        cdef int i, j, k
        look(a, &x)
        look(b, &y)
        look(out, &z)
        if x.kind != b"d" or y.kind != b"d" or z.kind != b"d":
            raise LookupError("a product of anything but numbers")
        cdef bint row = x.ndim == 1, column = y.ndim == 1
        if (x.ndim > 2 or y.ndim > 2) and (row or column) or x.ndim == 0 or y.ndim == 0:
            raise LookupError("a product of a vector and a stack")
        made = self.new(MATRICES)
        made.loop, made.data, made.count = loop.loop, loop.data, 3
        made.at[0], made.at[1], made.at[2] = x.data, y.data, z.data
        made.dims[0] = 1
        made.dims[1] = 1 if row else x.shape[x.ndim - 2]
        made.dims[2] = x.shape[x.ndim - 1]
        made.dims[3] = 1 if column else y.shape[y.ndim - 1]
        made.steps[0] = 8 * made.dims[2] if row else x.strides[x.ndim - 2]
        made.steps[1] = x.strides[x.ndim - 1]
        made.steps[2] = y.strides[0] if column else y.strides[y.ndim - 2]
        made.steps[3] = 8 if column else y.strides[y.ndim - 1]
        if row and column:
            made.steps[4], made.steps[5] = 8, 8
        elif row:
            made.steps[4], made.steps[5] = 8 * made.dims[3], z.strides[z.ndim - 1]
        elif column:
            made.steps[4], made.steps[5] = z.strides[z.ndim - 1], 8
        else:
            made.steps[4], made.steps[5] = z.strides[z.ndim - 2], z.strides[z.ndim - 1]
        made.ndim = 0 if row or column else z.ndim - 2
        cdef Py_ssize_t work = made.dims[1] * made.dims[2] * made.dims[3]
        for j in range(made.ndim):
            made.shape[j] = z.shape[j]
            made.strides[2][j] = z.strides[j]
            work *= z.shape[j]
            for i in range(2):
                k = (x.ndim if i == 0 else y.ndim) - 2 - made.ndim + j
                if k >= 0 and (x.shape[k] if i == 0 else y.shape[k]) != 1:
                    made.strides[i][j] = x.strides[k] if i == 0 else y.strides[k]
        self.work += work

    def take(self, array, index, int axis, out):
        """An instruction: elements along an axis of an array of one or two axes, by their number."""
        cdef Operand x, z, places
        look(array, &x)
        look(out, &z)
        look(index, &places)
        if x.ndim > 2 or z.ndim != x.ndim or places.ndim != 1 or axis >= x.ndim or places.strides[0] != 8:
            raise LookupError("a gather of more than two axes")
        cdef Instruction *made = self.new(TAKE)
        self._indexed(made, &x, &z, &places, axis)

    def put(self, array, index, numbers, bint adds):
        """An instruction: rows of an array, by their number, set to those of another, or added to."""
        cdef Operand x, z, places
        look(numbers, &x)
        look(array, &z)
        look(index, &places)
        if x.ndim > 2 or z.ndim != x.ndim or places.ndim != 1 or places.strides[0] != 8:
            raise LookupError("a scatter of more than two axes")
        cdef Instruction *made = self.new(PUT_ADD if adds else PUT)
        self._indexed(made, &x, &z, &places, 0)

    cdef int _indexed(self, Instruction *made, Operand *x, Operand *z, Operand *places, int axis) except -1:
        cdef int other = 1 - axis if x.ndim == 2 else -1
        if x.kind != b"d" or z.kind != b"d" or places.itemsize != 8:
            raise LookupError("a gather of anything but numbers")
        made.at[0], made.at[1], made.index = x.data, z.data, <int64_t *> places.data
        made.dims[0] = places.shape[0]
        made.dims[1] = z.shape[other] if other >= 0 else 1
        made.steps[0], made.steps[1] = x.strides[axis], z.strides[axis]
        made.steps[2] = x.strides[other] if other >= 0 else 8
        made.steps[3] = z.strides[other] if other >= 0 else 8
        self.work += made.dims[0] * made.dims[1]
        return 0

    def segments(self, Loop loop, array, starts, out):
        """An instruction: sums (or maxima) over segments along the first axis, each up to the start of the next."""
        cdef Operand x, z, places
        look(array, &x)
        look(out, &z)
        look(starts, &places)
        if x.ndim > 2 or x.ndim == 0 or z.ndim != x.ndim or places.ndim != 1 or places.strides[0] != 8:
            raise LookupError("segments of more than two axes")
        cdef Instruction *made = self.new(SEGMENTS)
        made.loop, made.data = loop.loop, loop.data
        self._indexed(made, &x, &z, &places, 0)
        made.dims[2] = x.shape[0]
        self.work += x.shape[0] * made.dims[1]

    def group(self):
        """Put neighbours that go element by element over the same long axis together: they are run block by block,
        so that what one leaves is still in the cache when the next reads it. Gives how many instructions are in such
        groups. To be called once, behind the last instruction.
        """
        cdef Py_ssize_t i = 0, j, k, grouped = 0
        while i < self.length:
            self.code[i].together = 1
            if long_axis(&self.code[i]):
                j = i + 1
                while j < self.length and long_axis(&self.code[j]) and self.code[j].shape[0] == self.code[i].shape[0]:
                    for k in range(i, j):
                        if not apart(&self.code[k], &self.code[j]):
                            break
                    else:
                        j += 1
                        continue
                    break
                self.code[i].together = j - i
                if j - i > 1:
                    grouped += j - i
                i = j
            else:
                i += 1
        return grouped

    def run(self):
        """Do all of it. What numpy would call an overflow, a division by zero or an invalid value, as its bits."""
        cdef int flags = 0
        if self.work < LONG:
            return execute(self.code, self.length)
        with nogil:
            flags = execute(self.code, self.length)
        PyErr_CheckSignals()
        return flags


cdef double nothing(const double *numbers, Py_ssize_t n) noexcept nogil:
    """The sum of the numbers times 0, in four parts that do not wait for each other."""
    cdef double a = 0.0, b = 0.0, c = 0.0, d = 0.0
    cdef Py_ssize_t i = 0
    while i + 4 <= n:
        a += 0.0 * numbers[i]
        b += 0.0 * numbers[i + 1]
        c += 0.0 * numbers[i + 2]
        d += 0.0 * numbers[i + 3]
        i += 4
    while i < n:
        a += 0.0 * numbers[i]
        i += 1
    return a + b + c + d


cdef int execute(Instruction *code, Py_ssize_t length) noexcept nogil:
    cdef Py_ssize_t i = 0
    cdef int flags = 0
    feclearexcept(FE_OVERFLOW | FE_DIVBYZERO | FE_INVALID)
    while i < length:
        if code[i].together > 1:
            flags |= in_blocks(&code[i], code[i].together)
            i += code[i].together
            continue
        step(&code[i])
        # Some of numpy's loops clear the flags behind them.
        flags |= fetestexcept(FE_OVERFLOW | FE_DIVBYZERO | FE_INVALID)
        i += 1
    return flags


cdef int in_blocks(Instruction *first, int count) noexcept nogil:
    """A group, block by block."""
    cdef Py_ssize_t start = 0, n = first.shape[0]
    cdef Py_ssize_t size
    cdef char *at[OPERANDS]
    cdef Instruction *it
    cdef int i, j, flags = 0
    while start < n:
        size = min(BLOCK, n - start)
        for i in range(count):
            it = first + i
            for j in range(it.count):
                at[j] = it.at[j] + start * it.strides[j][0]
            it.loop(at, &size, by_one(it), it.data)
            flags |= fetestexcept(FE_OVERFLOW | FE_DIVBYZERO | FE_INVALID)
        start += BLOCK
    return flags


cdef inline const Py_ssize_t *by_one(Instruction *it) noexcept nogil:
    """The steps along the only axis."""
    cdef int i
    for i in range(it.count):
        it.steps[i] = it.strides[i][0]
    return it.steps


cdef bint long_axis(Instruction *it) noexcept nogil:
    """Whether it is a loop over one axis of several blocks, and sums nothing."""
    return it.kind == LOOP and it.ndim == 1 and it.shape[0] >= 2 * BLOCK and it.strides[it.count - 1][0] != 0


cdef bint apart(Instruction *a, Instruction *b) noexcept nogil:
    """Whether two loops over one axis leave each other's numbers alone, but for those at the same place."""
    cdef int i
    for i in range(b.count):
        if not alike(a, a.count - 1, b, i):
            return False
    for i in range(a.count):
        if not alike(a, i, b, b.count - 1):
            return False
    return True


cdef bint alike(Instruction *a, int i, Instruction *b, int j) noexcept nogil:
    """Whether two operands are the same numbers in the same order, or lie apart."""
    cdef Py_ssize_t n = a.shape[0] - 1
    cdef Py_ssize_t x = a.strides[i][0], y = b.strides[j][0]
    if a.at[i] == b.at[j] and x == y:
        return True
    cdef char *low = a.at[i] + (n * x if x < 0 else 0)
    cdef char *high = a.at[i] + (n * x if x > 0 else 0) + 8
    cdef char *other_low = b.at[j] + (n * y if y < 0 else 0)
    cdef char *other_high = b.at[j] + (n * y if y > 0 else 0) + 8
    return high <= other_low or other_high <= low


cdef void step(Instruction *it) noexcept nogil:
    cdef char *at[OPERANDS]
    cdef Py_ssize_t by[OPERANDS]
    cdef Py_ssize_t place[AXES]
    cdef Py_ssize_t dims[4]
    cdef Py_ssize_t strides[9]
    cdef int i, j
    cdef int last = it.ndim - 1
    if it.kind == LOOP:
        for i in range(it.count):
            at[i] = it.at[i]
            by[i] = it.strides[i][last]
        if last == 0:
            it.loop(at, &it.shape[0], by, it.data)
            return
        for j in range(last):
            place[j] = 0
        while True:
            # A loop may move the addresses that it is given.
            dims[0] = it.shape[last]
            inner(it, at, dims, by)
            j = last - 1
            while j >= 0:
                place[j] += 1
                for i in range(it.count):
                    at[i] += it.strides[i][j]
                if place[j] < it.shape[j]:
                    break
                for i in range(it.count):
                    at[i] -= it.shape[j] * it.strides[i][j]
                place[j] = 0
                j -= 1
            if j < 0:
                return
    elif it.kind == MATRICES:
        strides[0] = strides[1] = strides[2] = 0
        for i in range(6):
            strides[3 + i] = it.steps[i]
        for i in range(3):
            at[i] = it.at[i]
        for j in range(it.ndim):
            place[j] = 0
        while True:
            inner(it, at, it.dims, strides)
            j = it.ndim - 1
            while j >= 0:
                place[j] += 1
                for i in range(3):
                    at[i] += it.strides[i][j]
                if place[j] < it.shape[j]:
                    break
                for i in range(3):
                    at[i] -= it.shape[j] * it.strides[i][j]
                place[j] = 0
                j -= 1
            if j < 0:
                return
    elif it.kind == SEGMENTS:
        sums(it)
    else:
        gather(it)


cdef inline void inner(Instruction *it, char **at, const Py_ssize_t *dims, const Py_ssize_t *by) noexcept nogil:
    cdef char *own[OPERANDS]
    cdef int i
    for i in range(it.count):
        own[i] = at[i]
    it.loop(own, dims, by, it.data)


cdef void gather(Instruction *it) noexcept nogil:
    cdef Py_ssize_t i, j, n = it.dims[0], width = it.dims[1]
    cdef Py_ssize_t by = it.steps[0], to = it.steps[1], along = it.steps[2], beside = it.steps[3]
    cdef char *a
    cdef char *b
    for i in range(n):
        if it.kind == TAKE:
            a, b = it.at[0] + it.index[i] * by, it.at[1] + i * to
        else:
            a, b = it.at[0] + i * by, it.at[1] + it.index[i] * to
        if it.kind == PUT_ADD:
            for j in range(width):
                (<double *> (b + j * beside))[0] += (<double *> (a + j * along))[0]
        elif width == 1:
            (<double *> b)[0] = (<double *> a)[0]
        elif along == 8 and beside == 8:
            memcpy(b, a, 8 * width)
        else:
            for j in range(width):
                (<double *> (b + j * beside))[0] = (<double *> (a + j * along))[0]


cdef void sums(Instruction *it) noexcept nogil:
    """The first row of each segment, then the loop over the others."""
    cdef Py_ssize_t i, j, k, end, width = it.dims[1]
    cdef Py_ssize_t by[3]
    cdef Py_ssize_t n[1]
    cdef char *at[3]
    cdef char *a
    cdef char *b
    for i in range(it.dims[0]):
        k = it.index[i]
        end = it.index[i + 1] if i + 1 < it.dims[0] else it.dims[2]
        a, b = it.at[0] + k * it.steps[0], it.at[1] + i * it.steps[1]
        for j in range(width):
            (<double *> (b + j * it.steps[3]))[0] = (<double *> (a + j * it.steps[2]))[0]
        k += 1
        if k >= end:
            continue
        if width == 1:
            at[0], at[1], at[2] = b, a + it.steps[0], b
            by[0], by[1], by[2] = 0, it.steps[0], 0
            n[0] = end - k
            it.loop(at, n, by, it.data)
            continue
        while k < end:
            at[0], at[1], at[2] = b, it.at[0] + k * it.steps[0], b
            by[0], by[1], by[2] = it.steps[3], it.steps[2], it.steps[3]
            n[0] = width
            it.loop(at, n, by, it.data)
            k += 1
