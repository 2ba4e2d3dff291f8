# Forward mode in numbers: tangents of nodes as they are made, or of a graph that stands, in one sweep over it.


def begin_push(variables, tangents):
    """From here on each node that is made of the variables alone gets its tangent; the mark that `pushed` asks for.

    A walk over any graph makes the tangents void, since it needs the same place: then `pushed` says so.
    """
    global _last_mark, _pushing, _unusual
    cdef tuple nodes = nodes_of(variables, "begin_push")
    cdef Column speeds = Column(tangents)
    cdef Py_ssize_t i
    check_column(len(nodes), speeds.size)
    _last_mark += 2
    for i in range(len(nodes)):
        (<Value>nodes[i]).adjoint = speeds.at[i]
        set_mark(<PyObject*>nodes[i], _last_mark)
    _pushing, _unusual = _last_mark, True
    return _pushing


def end_push():
    """Nodes are made as usual again."""
    global _pushing, _unusual
    _pushing, _unusual = 0, _tracking


def pushed(roots, uint64_t mark):
    """The tangents of the roots; None where one depends on more than the variables, or a walk came between."""
    cdef tuple nodes = nodes_of(roots, "pushed")
    if _recording:
        guard_all(nodes, "gradients")
    if mark != _last_mark:
        return None
    for root in nodes:
        if takes_gradient(<PyObject*>root) and mark_of(<PyObject*>root) != mark:
            return None
    return [(<Value>root).adjoint if takes_gradient(<PyObject*>root) else 0.0 for root in nodes]


cdef inline bint add_tangent(PyObject* parent, double slope, double* total) noexcept:
    """Add what comes from one parent; False if its tangent is not known."""
    if mark_of(parent) == _pushing:
        total[0] += (<Value>parent).adjoint * slope
        return True
    total[0] += 0.0 * slope
    return not takes_gradient(parent)


cdef void push_node(PyObject* node) noexcept:
    """Give a new node its tangent, step by step as `forward_sweep` does, if those of its parents are known."""
    cdef Edges* edges
    cdef Py_ssize_t k
    cdef double total = 0.0 if (<Value>node).state & MANY else -0.0  # to which a first term adds up as it is
    cdef PyObject* left = (<Value>node).left
    cdef PyObject* right = (<Value>node).right
    if left is NULL:
        if takes_gradient(node):
            return
        total = 0.0
    elif (<Value>node).state & MANY:
        edges = <Edges*>left
        for k in range(edges.filled):
            if not add_tangent(edges.parents[k], edges.locals_[k], &total):
                return
    elif not add_tangent(left, (<Value>node).d_left, &total):
        return
    elif right is not NULL and not add_tangent(right, (<Value>node).d_right, &total):
        return
    (<Value>node).adjoint = total
    set_mark(node, _pushing)


def push_numbers(roots, seeds, tangents, bint alone=False):
    """The derivative of each root as the seeds move by their tangents: see `backward.push_numbers`."""
    cdef Nodes order = Nodes(NULL, 0, 0)
    cdef Py_ssize_t i
    cdef int found = DISTURBED
    cdef tuple nodes = nodes_of(roots, "push_numbers"), sources = nodes_of(seeds, "push_numbers")
    cdef Column speeds = Column(tangents)
    if speeds.size != len(sources):
        check_column(len(sources), speeds.size)
    if _recording:
        guard_all(nodes, "gradients")
    try:
        while found == DISTURBED:
            find_order(nodes, &order)
            for i in range(len(sources)):
                (<Value>sources[i]).adjoint = speeds.at[i]
                set_mark(<PyObject*>sources[i], 0)
            found = forward_sweep(&order, _last_mark)
        if alone and found == DOUBTFUL:
            return None
        return [(<Value>root).adjoint for root in nodes]
    finally:
        PyMem_Free(order.items)


cdef int forward_sweep(Nodes* order, uint64_t done) except -1:
    """Leave the tangent of each node of ``order`` that has the mark ``done`` in its adjoint; doubtful with other leaves."""
    cdef Py_ssize_t i, k, countdown = SIGNAL_INTERVAL
    cdef int found = CERTAIN
    cdef PyObject* item
    cdef Edges* edges
    cdef double total
    for i in range(order.n):
        countdown -= 1
        if countdown == 0:
            if look_for_signals():
                return DISTURBED
            countdown = SIGNAL_INTERVAL
        item = order.items[i]
        if mark_of(item) != done:
            continue
        if (<Value>item).left is NULL:
            if takes_gradient(item):
                found = DOUBTFUL
            continue
        if (<Value>item).state & MANY:
            edges = <Edges*>(<Value>item).left
            total = 0.0
            for k in range(edges.filled):
                total += (<Value>edges.parents[k]).adjoint * edges.locals_[k]
        else:
            total = (<Value>(<Value>item).left).adjoint * (<Value>item).d_left
            if (<Value>item).right is not NULL:
                total += (<Value>(<Value>item).right).adjoint * (<Value>item).d_right
        (<Value>item).adjoint = total
    return found
