# Loops: numpy's own, out of its ufuncs, and those of ours that numpy has not.

# Ours, with numpy's signature.

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
    if by[0] == 8 and by[1] == 1 and by[2] == 8:
        masked(<double *> at[2], <double *> at[0], <signed char *> at[1], n[0])
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


cdef void exp_loop(char **at, const Py_ssize_t *n, const Py_ssize_t *by, void *data) noexcept nogil:
    exponentials(at[0], by[0], at[1], by[1], n[0])


cdef void tanh_loop(char **at, const Py_ssize_t *n, const Py_ssize_t *by, void *data) noexcept nogil:
    tangents(at[0], by[0], at[1], by[1], n[0])


cdef void small_product(char **at, const Py_ssize_t *n, const Py_ssize_t *by, void *data) noexcept nogil:
    """A product of matrices, with the signature of numpy's: three steps of the axes around come first."""
    small_matrices(at[0], at[1], at[2], n, by + 3)


cdef bint is_small(Instruction *it) noexcept:
    """Whether `small_product` does a product faster than BLAS, which copies its operands first."""
    cdef Py_ssize_t rows, columns, beside
    if kind_of_processor() == 0 or it.dims[2] < 1 or it.dims[2] > MOST_TERMS:
        return False
    if it.steps[5] == 8:
        rows, columns, beside = it.dims[1], it.dims[3], it.steps[3]
    elif it.steps[4] == 8:
        rows, columns, beside = it.dims[3], it.dims[1], it.steps[0]
    else:
        return False
    if rows < (2 if beside == 8 else 4) or columns < 4:
        return False
    return rows * columns * it.dims[2] <= MOST_PRODUCTS


cdef void largest_loop(char **at, const Py_ssize_t *n, const Py_ssize_t *by, void *data) noexcept nogil:
    """The larger of two, the first of equals: of 0 and -0 numpy gives any."""
    extreme(at, n[0], by, 1.0)


cdef void smallest_loop(char **at, const Py_ssize_t *n, const Py_ssize_t *by, void *data) noexcept nogil:
    extreme(at, n[0], by, -1.0)


cdef bint in_planes(Instruction *it) noexcept:
    """Whether `plane` does it faster than numpy's loop, row by row; the longest axis but the last comes before that."""
    cdef int i, j, last = it.ndim - 1, longest = it.ndim - 2
    cdef bint sums = False
    if kind_of_processor() == 0 or last < 1 or not 1 < it.shape[last] <= SHORT or it.strides[it.count - 1][last] != 8:
        return False
    cdef int beside = 0
    for i in range(it.count - 1):
        if it.strides[i][last] not in (0, 8):
            return False
        beside += it.strides[i][last] == 8
    if beside == 0 and it.count > 2:
        return False
    for j in range(last):
        sums = sums or it.strides[it.count - 1][j] == 0
        if it.shape[j] > it.shape[longest]:
            longest = j
    if not sums:  # which are made in the order that they have
        for i in range(it.count):
            it.strides[i][longest], it.strides[i][last - 1] = it.strides[i][last - 1], it.strides[i][longest]
        it.shape[longest], it.shape[last - 1] = it.shape[last - 1], it.shape[longest]
    return True


cdef class Loop:
    """A loop to be called, with the data that its owner keeps for it."""

    cdef loop_t loop
    cdef void *data
    cdef int count
    cdef readonly int plane
    """Which `plane` does the same over two axes; -1 if none does."""
    cdef bytes kinds
    cdef readonly object ufunc

    def __cinit__(self):
        self.plane = -1

    @staticmethod
    cdef Loop of(loop_t loop, bytes kinds, int plane = -1):
        made = Loop()
        made.loop, made.count, made.kinds, made.plane = loop, len(kinds), kinds, plane
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
    if types == "dd->d" and ufunc.__name__ in PLANES:
        made.plane = PLANES.index(ufunc.__name__)
    return made


SHORT_ROW = SHORT
PLANES = ["add", "subtract", "multiply", "divide"]
COPY, TRUTH = Loop.of(copy_loop, b"dd", len(PLANES)), Loop.of(truth_loop, b"?d")
MASKED_PRODUCT, MASKED_COPY = Loop.of(masked_product, b"d?d"), Loop.of(masked_copy, b"d?d")
LARGEST, SMALLEST = Loop.of(largest_loop, b"ddd"), Loop.of(smallest_loop, b"ddd")
ERF, ERFC = Loop.of(erf_loop, b"dd"), Loop.of(erfc_loop, b"dd")
FASTER = {"exp": Loop.of(exp_loop, b"dd"), "tanh": Loop.of(tanh_loop, b"dd")} if kind_of_processor() == 1 else {}
"""Ours where numpy goes number by number, or slowly: it has vectors of 512 bits for them."""
