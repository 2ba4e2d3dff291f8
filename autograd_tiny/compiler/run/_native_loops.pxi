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


cdef void largest_loop(char **at, const Py_ssize_t *n, const Py_ssize_t *by, void *data) noexcept nogil:
    """The larger of two, the first of equals: of 0 and -0 numpy gives any."""
    extreme(at, n[0], by, 1.0)


cdef void smallest_loop(char **at, const Py_ssize_t *n, const Py_ssize_t *by, void *data) noexcept nogil:
    extreme(at, n[0], by, -1.0)


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
LARGEST, SMALLEST = Loop.of(largest_loop, b"ddd"), Loop.of(smallest_loop, b"ddd")
ERF, ERFC = Loop.of(erf_loop, b"dd"), Loop.of(erfc_loop, b"dd")
