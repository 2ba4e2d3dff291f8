# `columns` once more: the numbers of many Values at once, read and written without a Python object for each.

from array import array

from cpython.buffer cimport PyBUF_SIMPLE

from .operands import as_column, check_column


cdef class Column:
    """The doubles of an array('d') or of anything else that holds floats in a row, for as long as this is kept."""

    cdef Py_buffer view
    cdef double* at
    cdef Py_ssize_t size

    def __cinit__(self, numbers):
        if not PyObject_CheckBuffer(numbers) or not is_doubles(numbers):
            numbers = as_column(numbers)
        PyObject_GetBuffer(numbers, &self.view, PyBUF_SIMPLE)
        self.at = <double*>self.view.buf
        self.size = self.view.len // sizeof(double)

    def __dealloc__(self):
        PyBuffer_Release(&self.view)


cdef bint is_doubles(numbers):
    cdef Py_buffer view
    cdef bint found
    try:
        PyObject_GetBuffer(numbers, &view, PyBUF_FORMAT | PyBUF_ND)
    except (BufferError, ValueError):
        return False  # a strided array: it is copied
    found = view.ndim == 1 and view.format is not NULL and strcmp(view.format, b"d") == 0
    PyBuffer_Release(&view)
    return found


cdef list value_list(values):
    """The Values, if they are a list the list itself: what reads it is not to run Python code after `check_nodes`."""
    if PyList_CheckExact(values):
        return values
    return list(nodes_of(values, "a column of numbers"))


cdef int check_nodes(list nodes, Py_ssize_t n) except -1:
    """All that Python code could have changed since it was looked at: n Values."""
    for node in nodes:
        if type(node) is not Value:
            raise errors.not_a_value("a column of numbers", node)
    check_column(len(nodes), n)
    return 0


cdef read(values, bint gradients):
    cdef list nodes = value_list(values)
    if _recording:
        guard_all(nodes, "grad" if gradients else "data")
    out = array("d", bytes(len(nodes) * sizeof(double)))
    cdef Column column = Column(out)
    cdef Py_ssize_t i
    check_nodes(nodes, column.size)
    for i in range(column.size):
        column.at[i] = (<Value>nodes[i])._grad if gradients else (<Value>nodes[i])._data
    return out


def data_of(values):
    """The number of each Value."""
    return read(values, False)


def primitives_of(values):
    """The primitives of the Values, and for each Value the place of its own among them."""
    cdef list nodes = list(values)  # our own, which nobody changes meanwhile
    cdef list rows = list(_ROW_OF)
    cdef dict more = {}
    cdef Py_ssize_t i
    cdef Value node
    codes = bytearray(len(nodes) * sizeof(int))
    cdef int* at = <int*>PyByteArray_AS_STRING(codes)
    check_nodes(nodes, len(nodes))
    for i in range(len(nodes)):
        node = <Value>nodes[i]
        if node.state & OWN_ROW:
            row = node.primitive
            if row not in more:
                more[row] = len(rows)
                rows.append(row)
            at[i] = more[row]
        else:
            at[i] = <int>(node.state & CODE_MASK)
    return rows, codes


def gradients_of(values):
    """The ``.grad`` of each Value."""
    return read(values, True)


def set_data(values, numbers):
    """Give each leaf its number: all of them, or none where an error is raised."""
    cdef Column column = Column(numbers)
    cdef list nodes = value_list(values)
    cdef Py_ssize_t i
    if _recording:
        guard_all(nodes, "set")
    check_nodes(nodes, column.size)
    for i in range(column.size):
        if (<Value>nodes[i]).state & CODE_MASK != LEAF_CODE:
            raise errors.ComputedValueError(errors.not_settable(nodes[i]))
    for i in range(column.size):
        if not isfinite(column.at[i]):
            finite_float(column.at[i], "Value.data")
    for i in range(column.size):
        (<Value>nodes[i])._data = column.at[i]


def set_gradients(values, numbers):
    """Give each Value its ``.grad``."""
    cdef Column column = Column(numbers)
    cdef list nodes = value_list(values)
    cdef Py_ssize_t i
    if _recording:
        guard_all(nodes, "set_grad")
    check_nodes(nodes, column.size)
    for i in range(column.size):
        (<Value>nodes[i])._grad = column.at[i]
        (<Value>nodes[i]).state |= HAS_GRAD


def zero_gradients(values):
    """Set the ``.grad`` of each Value to 0."""
    cdef list nodes = value_list(values)
    if _recording:
        guard_all(nodes, "set_grad")
    check_nodes(nodes, len(nodes))
    for node in nodes:
        (<Value>node)._grad = 0.0
        (<Value>node).state |= HAS_GRAD


@cython.final
cdef class Reader:
    """`data_of` the same Values into the same column, again and again: what they are is looked at once."""

    cdef list nodes
    cdef Column column

    def __cinit__(self, values, numbers):
        self.nodes, self.column = list(value_list(values)), Column(numbers)
        check_nodes(self.nodes, self.column.size)

    def __call__(self):
        cdef Py_ssize_t i
        cdef double* at = self.column.at
        if _recording:
            guard_all(self.nodes, "data")
        for i in range(self.column.size):
            at[i] = (<Value>PyList_GET_ITEM(self.nodes, i))._data
