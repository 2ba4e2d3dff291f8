# Nodes of many parents on lists, tuples and buffers of doubles: the operands are looked at once, in C.


cdef struct Operand:
    # One vector of a many-parent primitive. No Python code runs between `look` and the end of `many`, so that the
    # items of a list or tuple can be borrowed from it.
    PyObject** items    # NULL where the vector came as a buffer of doubles
    double* numbers
    Py_ssize_t n
    Py_ssize_t values   # how many of the items are Values


cdef inline bint is_buffer(vector) noexcept:
    return not PyList_CheckExact(vector) and not PyTuple_CheckExact(vector)


cdef double* new_numbers(Py_ssize_t n) except NULL:
    cdef double* numbers = NULL
    if n < PY_SSIZE_T_MAX // <Py_ssize_t>sizeof(double):
        numbers = <double*>PyMem_Malloc(n * sizeof(double) + 1)
    if numbers is NULL:
        raise MemoryError(f"no memory for a vector of {n} numbers")
    return numbers


cdef int look(Operand* operand, vector) except -1:
    """Take a vector in; 0 if it is not one that the fast way takes."""
    cdef Py_buffer view
    cdef Py_ssize_t i
    cdef PyObject* item
    operand.values = 0
    if not is_buffer(vector):
        operand.n = PySequence_Fast_GET_SIZE(<PyObject*>vector)
        operand.items = PySequence_Fast_ITEMS(<PyObject*>vector)
        operand.numbers = new_numbers(operand.n)
        for i in range(operand.n):
            item = operand.items[i]
            if Py_TYPE_(item) is _value_type:
                operand.numbers[i] = (<Value>item)._data
                operand.values += 1
            elif PyFloat_CheckExact(<object>item) and isfinite(PyFloat_AS_DOUBLE(<object>item)):
                operand.numbers[i] = PyFloat_AS_DOUBLE(<object>item)
            else:
                return 0
        return 1
    if not PyObject_CheckBuffer(vector):
        return 0
    try:
        PyObject_GetBuffer(vector, &view, PyBUF_FORMAT | PyBUF_ND | PyBUF_STRIDES)
    except (BufferError, TypeError, ValueError):
        return 0  # numbers that have no buffer, such as dates: the general way says what they are
    try:
        if view.ndim != 1 or view.itemsize != sizeof(double) or view.format is NULL or strcmp(view.format, b"d"):
            return 0
        operand.n = view.shape[0]
        operand.items = NULL
        operand.numbers = new_numbers(operand.n)
        for i in range(operand.n):
            operand.numbers[i] = (<double*>(<char*>view.buf + i * view.strides[0]))[0]
    finally:
        PyBuffer_Release(&view)
    return 1


cdef int add_parents(Edges* edges, Py_ssize_t start, Operand* operand) except -1:
    """Make the operand's items parents from ``start`` on: Values as they are, numbers as constants; 1 if one of these is
    not finite."""
    cdef Py_ssize_t i
    cdef PyObject* item
    cdef Value number
    for i in range(operand.n):
        item = operand.items[i]
        if Py_TYPE_(item) is not _value_type:
            if not isfinite(operand.numbers[i]):
                return 1
            number = bare(operand.numbers[i], CONSTANT_CODE)
            item = <PyObject*>number
        Py_INCREF_(item)
        edges.parents[start + i] = item
        edges.filled += 1
    return 0


def variadic(row, vectors):
    """The node of a many-parent primitive on lists, tuples and buffers of doubles; None if it is not as simple as that
    (other containers, other numbers, no Value at all, unequal lengths, a non-finite result, sources tracked), and the
    general way has to look at it."""
    cdef Operand a, b
    cdef int code
    found = _CODE_OF.get(row)
    if not PyTuple_CheckExact(vectors):
        vectors = tuple(vectors)  # nobody can change it while it is looked at
    if found is None or _tracking or not 1 <= len(vectors) == len(row.arguments) <= 2:
        return None
    code = found
    a.numbers = b.numbers = NULL
    try:
        if len(vectors) == 1:
            return many(code, &a, NULL, False) if look(&a, vectors[0]) and a.values else None
        # A buffer first: asking for it may run Python code, which must not change a list that we are looking at.
        if is_buffer(vectors[1]):
            if not look(&b, vectors[1]) or not look(&a, vectors[0]):
                return None
        elif not look(&a, vectors[0]) or not look(&b, vectors[1]):
            return None
        if a.n != b.n or a.n == 0:
            return None
        if a.values and b.values:
            return many(code, &a, &b, False)
        if row.fill is None:
            return None
        if a.values:
            return many(code, &a, &b, True)
        return many(code, &b, &a, True) if b.values else None
    finally:
        PyMem_Free(a.numbers)
        PyMem_Free(b.numbers)


cdef many(int code, Operand* a, Operand* b, bint filled):
    """The node over the operands; with ``filled``, those of ``b`` are plain numbers and get no edges."""
    cdef Py_ssize_t n = a.n, count = n if b is NULL or filled else 2 * n
    cdef Value node = bare(0.0, code | (FILLED if filled else 0))
    cdef Edges* edges = new_edges(count)
    node.left = <PyObject*>edges  # from here on the node frees it, whatever happens
    node.state |= MANY
    if b is NULL:
        node._data = rule_of_1(code, n, a.numbers, edges.locals_)
    else:
        node._data = rule_of_2(code, n, a.numbers, b.numbers, edges.locals_, NULL if filled else edges.locals_ + n)
    if not isfinite(node._data):
        return None
    if add_parents(edges, 0, a) or count > n and add_parents(edges, n, b):
        return None
    if _pushing:
        push_node(<PyObject*>node)
    return node
