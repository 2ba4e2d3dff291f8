# A call like an earlier one: from its arguments to its numbers, with no step of Python in between.

cdef extern from *:
    """
    typedef struct {
        PyObject_HEAD
        char *data;
        int nd;
        Py_ssize_t *dimensions, *strides;
        PyObject *base, *descr;
        int flags;
    } autograd_tiny_array;
    """
    ctypedef struct array_t "autograd_tiny_array":
        char *data
        int nd
        Py_ssize_t *dimensions
        PyObject *descr
        int flags

DEF PACKED = 0x0101
"""numpy's flags of an array in C order, each number where the processor wants it."""

DEF FLOAT = 0
DEF INTEGER = 1
DEF VECTOR = 2
DEF ROWS = 3
DEF ARRAY = 4
DEF STILL = 5


def array_parts(array):
    """Data, axes, shape, type and flags of a numpy array, read as they are known to lie there: to be checked once."""
    cdef array_t *there = <array_t *> <void *> array
    shape = tuple([there.dimensions[i] for i in range(there.nd)])
    return <size_t> there.data, there.nd, shape, <object> there.descr, there.flags & PACKED


def rows_of(numbers, places, Py_ssize_t rows, Py_ssize_t columns):
    """A matrix as lists of floats: at each of its places, row by row, the number at ``places[i]``; 0 where that is -1."""
    cdef Operand there, which
    cdef Py_ssize_t i, j
    cdef int64_t at
    cdef list row, found = []
    cdef object x, nothing_there = 0.0  # one for all
    look(numbers, &there)
    look(places, &which)
    if there.ndim != 1 or there.kind != b"d" or which.ndim != 1 or which.itemsize != 8 or which.strides[0] != 8:
        raise ValueError("rows_of: expected numbers in a row, and a place for each")
    if which.shape[0] != rows * columns:
        raise ValueError(f"rows_of: {which.shape[0]} places for a matrix of {rows} by {columns}")
    for i in range(rows):
        row = PyList_New(columns)
        for j in range(columns):
            at = (<int64_t *> which.data)[i * columns + j]
            if at >= there.shape[0]:
                raise IndexError("rows_of: a place behind the last number")
            x = nothing_there if at < 0 else (<double *> (there.data + at * there.strides[0]))[0]
            Py_INCREF(x)
            PyList_SET_ITEM(row, j, x)
        found.append(row)
    return found


cdef class Argument:
    """How one argument of a call must come to be like an earlier one, and where its numbers are then."""

    cdef int how
    cdef object kind, inner, still
    cdef bint integers
    cdef Py_ssize_t count, width
    cdef list shape

    def __init__(self, str how, kind=None, inner=None, integers=False, count=1, width=1, shape=(), still=None):
        self.how = ["float", "int", "vector", "rows", "array", "is"].index(how)
        self.kind, self.inner, self.still, self.integers = kind, inner, still, integers
        self.count, self.width, self.shape = count, width, list(shape)

    cdef bint packed(self, object x, type array, object float64):
        """Whether it is such an array, with the numbers in a row."""
        cdef array_t *there
        cdef int i
        if type(x) is not array:
            return False
        there = <array_t *> <void *> x
        if there.descr != <PyObject *> float64 or there.flags & PACKED != PACKED or there.nd != len(self.shape):
            return False
        for i in range(there.nd):
            if there.dimensions[i] != <Py_ssize_t> self.shape[i]:
                return False
        return True

    cdef bint read(self, object x, double *into, type array, object float64):
        """Put its numbers there; False if it is another."""
        cdef Py_ssize_t i
        if self.how == FLOAT:
            if not PyFloat_CheckExact(x) and type(x) is not self.kind:  # numpy's, which is a kind of float
                return False
            into[0] = PyFloat_AS_DOUBLE(x)
            return True
        if self.how == INTEGER:
            return whole_number(x, into)
        if self.how == VECTOR:
            return type(x) is self.kind and numbers_of(x, self.count, self.integers, into)
        if self.how == ROWS:
            if type(x) is not self.kind or PySequence_Size(x) != self.count:
                return False
            for i in range(self.count):
                row = <object> PySequence_Fast_GET_ITEM(x, i)
                if type(row) is not self.inner or not numbers_of(row, self.width, self.integers, into + i * self.width):
                    return False
            return True
        if self.how == ARRAY:
            if not self.packed(x, array, float64):
                return False
            memcpy(into, (<array_t *> <void *> x).data, 8 * self.count)
            return True
        return x is self.still


cdef bint whole_number(object x, double *into):
    """An integer as a float; from 2 ** 53 on, where not every one is, it has to be looked at."""
    if not PyLong_CheckExact(x):
        return False
    try:
        into[0] = PyLong_AsDouble(x)
    except OverflowError:
        return False
    return -9007199254740992.0 < into[0] < 9007199254740992.0


cdef bint numbers_of(object x, Py_ssize_t n, bint integers, double *into):
    """The numbers of a list or a tuple of so many floats, or integers, and nothing else."""
    cdef Py_ssize_t i
    cdef PyObject *item
    if PySequence_Size(x) != n:
        return False
    for i in range(n):
        item = PySequence_Fast_GET_ITEM(x, i)
        if integers:
            if not whole_number(<object> item, into + i):
                return False
        elif PyFloat_CheckExact(<object> item):
            into[i] = PyFloat_AS_DOUBLE(<object> item)
        else:
            return False
    return True


cdef inline void copied(double *to, const double *source, Py_ssize_t n) noexcept:
    cdef Py_ssize_t i
    if n < 8:
        for i in range(n):
            to[i] = source[i]
    else:
        memcpy(to, source, 8 * n)


@cython.final
cdef class Ready:
    """An earlier call, to be made again on other numbers: by its own arrays, which nobody else uses meanwhile.

    What is anything but alike, finite, and free is left to the way that all calls can take.
    """

    cdef readonly object trace, key, made
    cdef public bint busy, dead
    cdef list arguments, kept, counts
    cdef frozenset looked_at
    cdef tuple names
    cdef object known, rebuild, reader, again, empty, float64, recordings, plugins, arranged
    cdef list leaves
    cdef type array
    cdef public Tape forward, backward
    cdef Py_ssize_t length, numbers, own, outputs, static_count, all_count
    cdef double *inputs
    cdef double *parameters
    cdef double *gradient
    cdef double *flat
    cdef double *batch
    cdef int64_t *memories
    cdef int64_t *addresses
    cdef int64_t *static_places
    cdef double *static_numbers
    cdef int64_t *runs
    cdef Py_ssize_t run_count

    def __init__(self, *, trace, key, made, known, list arguments, tuple names, length, inputs, parameters, gradient,
                 flat, batch, looked_at, memories, addresses, static, rebuild, reader, again, numpy, recordings, plugins):
        self.trace, self.key, self.made, self.known = trace, key, made, known
        self.arguments, self.names, self.length = arguments, names, 0 if length is None else length
        self.rebuild, self.reader, self.again, self.looked_at = rebuild, reader, again, looked_at
        self.recordings, self.plugins, self.leaves = recordings, plugins, known.leaves
        self.empty, self.float64, self.array = numpy.empty, numpy.dtype(numpy.float64), numpy.ndarray
        self.kept = [inputs, parameters, gradient, flat, batch, memories, addresses, *static]
        self.inputs, self.parameters = <double *> <size_t> address(inputs), <double *> <size_t> address(parameters)
        self.gradient, self.flat = <double *> <size_t> address(gradient), <double *> <size_t> address(flat)
        self.batch = NULL if batch is None else <double *> <size_t> address(batch)
        self.memories, self.addresses = <int64_t *> <size_t> address(memories), <int64_t *> <size_t> address(addresses)
        self.static_places, self.static_numbers = <int64_t *> <size_t> address(static[0]), <double *> <size_t> address(static[1])
        self.numbers, self.own, self.outputs, self.static_count = len(inputs), len(parameters), len(memories), len(static[0])
        self.runs, self.run_count, self.all_count = NULL, 0, -1
        cdef Argument argument
        self.counts = []
        for argument in arguments:
            self.counts.append(argument.count * argument.width if argument.how != STILL else 0)

    cdef int arrange(self) except -1:
        """Find its parameters among all that the function has met."""
        self.arranged = self.trace.runs(self.known.index)
        self.runs, self.run_count = <int64_t *> <size_t> address(self.arranged), len(self.arranged)
        self.all_count = len(self.leaves)
        return 0

    cpdef bint fits(self, tuple given, tuple names, bint batch):
        """Whether a call is like this one; its numbers are then in place. Not to be asked while it runs."""
        cdef Py_ssize_t i, at = 0
        cdef Argument argument
        if batch != (self.length > 0) or len(given) != len(self.arguments) or names != self.names:
            return False
        if batch:
            for i in range(len(given)):
                argument = <Argument> self.arguments[i]
                if not argument.packed(given[i], self.array, self.float64):
                    return False
            return True
        for i in range(len(given)):
            argument = <Argument> self.arguments[i]
            if not argument.read(given[i], self.inputs + at, self.array, self.float64):
                return False
            at += <Py_ssize_t> self.counts[i]
        for i in range(self.static_count):
            if self.inputs[self.static_places[i]] != self.static_numbers[i]:
                return False
        return True

    def run(self, tuple given, tuple names, bint batch, bint gradient):
        """The result, and the derivatives by all parameters if they are asked for; False for a call that is another,
        and None for one that has to be looked at.
        """
        if self.busy or self.dead:
            return False
        self.busy = True
        try:
            if not self.fits(given, names, batch):
                return False
            return self._run(given, gradient) if self.stands() else None
        finally:
            self.busy = False

    cdef bint stands(self) except -1:
        """Whether what was recorded is still what the function does."""
        if self.recordings.removals != self.plugins.removals:
            return False
        return not self.recordings.watches or bool(self.recordings.around.same())

    def blocks(self, tuple given, double[::1] parameters, double[:, ::1] values, double[:, ::1] slopes, double weight,
               Py_ssize_t size, Py_ssize_t first, Py_ssize_t step, Py_ssize_t count):
        """So many blocks of a batch, every ``step``-th from ``first`` on: of each its results into those of all, and the
        derivatives by its own parameters times ``weight`` into its row of ``slopes``, if they are asked for. How many
        there were before one in which something is not finite.
        """
        cdef Py_ssize_t i, block, done
        cdef bint gradient = slopes is not None
        if self.own:
            memcpy(self.parameters, &parameters[0], 8 * self.own)
        for done in range(count):
            block = first + done * step
            if not self.placed(given, gradient, block * size) or not self.instructed(gradient):
                return done
            if not self.written(given, &values[0, 0] + block * size, values.shape[1], block * size):
                return done
            if gradient:
                for i in range(self.own):
                    slopes[block, i] = weight * self.gradient[i]
        return count

    cdef bint placed(self, tuple given, bint gradient, Py_ssize_t start) except -1:
        """Whether the arguments of a batch are finite from sample ``start`` on, but for those that the instructions look
        at as they read them.
        """
        cdef Py_ssize_t i
        cdef char *data
        for i in range(len(given)):
            data = (<array_t *> <void *> given[i]).data + 8 * start * <Py_ssize_t> self.counts[i]
            if i not in self.looked_at and nothing(<double *> data, self.length * <Py_ssize_t> self.counts[i]) != 0.0:
                return False
            self.forward.moved(i, data)
            if gradient:
                self.backward.moved(i, data)
        return True

    cdef bint instructed(self, bint gradient) except -1:
        """Run the instructions; whether all was finite."""
        cdef int flags = self.forward.go()
        if gradient:
            flags |= self.backward.go()
        return not flags and not (gradient and nothing(self.gradient, self.own) != 0.0)

    cdef object _run(self, tuple given, bint gradient):
        cdef Py_ssize_t i
        cdef object held
        cdef double *all
        if gradient and self.rebuild is not None:
            return None
        if gradient and self.again is None and self.backward is None:
            self.backward = self.made.tape("backward")
            if self.backward is None:
                self.dead = True
                return None
        if self.all_count != len(self.leaves):
            self.arrange()
        if self.length:
            if not self.placed(given, gradient, 0):
                return None
        elif nothing(self.inputs, self.numbers) != 0.0:
            return None
        held = self.known.held
        if held is None:
            self.reader()
        else:
            if self.all_count != len(held):
                return None
            all = <double *> (<array_t *> <void *> held).data
            for i in range(self.run_count):
                copied(self.parameters + self.runs[3 * i], all + self.runs[3 * i + 1], self.runs[3 * i + 2])
        if self.again is not None:
            if not self.again(gradient):
                return None
        elif not self.instructed(gradient):
            self.dead = True
            return None
        values = self.answer(given)
        if values is None:
            return None
        if not gradient:
            return (values,)
        found = self.empty(self.all_count)
        all = <double *> (<array_t *> <void *> found).data
        if self.own < self.all_count:
            memset(all, 0, 8 * self.all_count)
        for i in range(self.run_count):
            copied(all + self.runs[3 * i + 1], self.gradient + self.runs[3 * i], self.runs[3 * i + 2])
        return values, found

    cdef object answer(self, tuple given):
        """The result from where its numbers are; None if one is not finite."""
        cdef Py_ssize_t i
        cdef double *into
        if not self.length:
            if self.rebuild is None:
                return self.flat[self.addresses[0]] if nothing(self.flat + self.addresses[0], 1) == 0.0 else None
            found = self.empty(self.outputs)
            into = <double *> (<array_t *> <void *> found).data
            for i in range(self.outputs):
                into[i] = self.flat[self.addresses[i]]
            return self.rebuild(found) if nothing(into, self.outputs) == 0.0 else None
        found = self.empty(<object> (self.length,) if self.rebuild is None else <object> (self.outputs, self.length))
        if not self.written(given, <double *> (<array_t *> <void *> found).data, self.length, 0):
            return None
        return found if self.rebuild is None else self.rebuild(found)

    cdef bint written(self, tuple given, double *into, Py_ssize_t width, Py_ssize_t start):
        """Put the results of a batch, whose samples start there, into rows of that width; whether they are finite."""
        cdef Py_ssize_t i, j, step
        cdef double *at
        for i in range(self.outputs):
            if self.memories[i] == 0:
                for j in range(self.length):
                    into[j] = self.flat[self.addresses[i]]
            elif self.memories[i] == 1:
                memcpy(into, self.batch + self.addresses[i] * self.length, 8 * self.length)
            else:
                step = self.counts[self.memories[i] - 2]
                at = <double *> (<array_t *> <void *> given[self.memories[i] - 2]).data + start * step + self.addresses[i]
                for j in range(self.length):
                    into[j] = at[j * step]
            if nothing(into, self.length) != 0.0:
                return False
            into += width
        return True
