# A graph as flat arrays, and numbers and gradients of many leaves at once: `tapes` once more, in C.

cdef extern from "Python.h":
    char* PyByteArray_AS_STRING(object)

cdef enum:
    INPUT = 1
    PARAMETER = 2
    FIXED = 4
    FORMER = 8


def tape(roots, inputs, fixed=()):
    """The graph below ``roots`` as flat arrays: see `tapes.tape`."""
    cdef Nodes order = Nodes(NULL, 0, 0)
    cdef Py_ssize_t i, k, n, edges = 0, extra = 0, place = 0, fill, count
    cdef PyObject* item
    cdef Edges* many_edges
    cdef Value node
    cdef int* codes
    cdef long long* starts
    cdef long long* parents
    cdef double* numbers
    cdef unsigned char* depends
    cdef unsigned char below
    cdef uint64_t code
    # As tuples, of Values only: from the walk on no Python code runs, which could walk as well, and give other numbers.
    roots = nodes_of(roots, "tape")
    inputs = nodes_of(inputs, "tape")
    fixed = nodes_of(fixed, "tape")
    if _recording:
        guard_all(roots, "data")
    leaves = []
    rows = list(_ROW_OF)
    try:
        find_order(roots, &order)
        n = order.n
        for i in range(n):
            item = order.items[i]
            (<Value>item).adjoint = <double>i
            count = parent_count(item)
            edges += count
            if (<Value>item).state & FILLED:
                edges += count
                extra += count
            elif (<Value>item).state & OWN_ROW:
                count = len((<Value>item).primitive.filled)
                edges += count
                extra += count
        all_codes = bytearray((n + extra) * sizeof(int))
        all_starts = bytearray((n + extra + 1) * sizeof(long long))
        all_parents = bytearray(edges * sizeof(long long))
        all_numbers = bytearray((n + extra) * sizeof(double))
        all_depends = bytearray(n + extra)
        codes = <int*>PyByteArray_AS_STRING(all_codes)
        starts = <long long*>PyByteArray_AS_STRING(all_starts)
        parents = <long long*>PyByteArray_AS_STRING(all_parents)
        numbers = <double*>PyByteArray_AS_STRING(all_numbers)
        depends = <unsigned char*>PyByteArray_AS_STRING(all_depends)
        for node in inputs:
            i = <Py_ssize_t>node.adjoint if 0.0 <= node.adjoint < n else 0
            if i < n and order.items[i] is <PyObject*>node:
                depends[i] = INPUT
        for node in fixed:
            i = <Py_ssize_t>node.adjoint if 0.0 <= node.adjoint < n else 0
            if i < n and order.items[i] is <PyObject*>node:
                depends[i] = FIXED
        fill = n
        for i in range(n):
            item = order.items[i]
            starts[i] = place
            numbers[i] = (<Value>item)._data
            code = (<Value>item).state & CODE_MASK
            below = depends[i]
            if (<Value>item).left is NULL:
                if code == LEAF_CODE:
                    leaves.append(<object>item)
                    if not below:
                        below = PARAMETER
            elif (<Value>item).state & MANY:
                many_edges = <Edges*>(<Value>item).left
                for k in range(many_edges.filled):
                    parents[place] = <long long>(<Value>many_edges.parents[k]).adjoint
                    below |= depends[parents[place]]
                    place += 1
                if (<Value>item).state & FILLED:
                    for k in range(many_edges.filled):
                        parents[place] = fill
                        numbers[fill] = many_edges.locals_[k]
                        codes[fill] = CONSTANT_CODE
                        place += 1
                        fill += 1
            else:
                parents[place] = <long long>(<Value>(<Value>item).left).adjoint
                below |= depends[parents[place]]
                place += 1
                if (<Value>item).right is not NULL:
                    parents[place] = <long long>(<Value>(<Value>item).right).adjoint
                    below |= depends[parents[place]]
                    place += 1
            if (<Value>item).state & OWN_ROW:
                row = (<Value>item).primitive
                if row is INPUT_ROW:
                    leaves.append(<object>item)
                    code, below = LEAF_CODE, below or FORMER
                elif row.filled:  # a dot that came the general way: of integers, or with sources tracked
                    for number in row.filled:
                        parents[place] = fill
                        numbers[fill] = number
                        codes[fill] = CONSTANT_CODE
                        place += 1
                        fill += 1
                    code = [known.name for known in _ROW_OF].index(row.name)
                else:
                    if row not in rows:
                        rows.append(row)
                    code = rows.index(row)
                    if row is DETACHED:
                        below &= INPUT | FORMER
            codes[i] = <int>code
            depends[i] = below
        for i in range(n, n + extra + 1):
            starts[i] = place
        places = [<Py_ssize_t>(<Value>root).adjoint for root in roots]
        return all_codes, all_starts, all_parents, all_numbers, all_depends, places, leaves, rows
    finally:
        PyMem_Free(order.items)


cdef inline Py_ssize_t parent_count(PyObject* node) noexcept:
    if (<Value>node).state & MANY:
        return (<Edges*>(<Value>node).left).filled
    return ((<Value>node).left is not NULL) + ((<Value>node).right is not NULL)
