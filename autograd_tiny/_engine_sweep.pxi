# The reverse sweep: `backward`, the same walk step by step, over explicit stacks.


cdef struct Nodes:
    PyObject** items
    Py_ssize_t n, room


cdef int grow(Nodes* nodes, Py_ssize_t extra) except -1:
    """Make room for ``extra`` more."""
    cdef Py_ssize_t room
    cdef PyObject** moved
    if nodes.n + extra > nodes.room:
        room = 2 * nodes.room + extra + 64
        moved = <PyObject**>PyMem_Realloc(nodes.items, room * sizeof(PyObject*))
        if moved is NULL:
            raise MemoryError(f"no memory to walk a graph of more than {nodes.room} nodes")
        nodes.items, nodes.room = moved, room
    return 0


cdef inline int push(Nodes* nodes, PyObject* node) except -1:
    if nodes.n == nodes.room:
        grow(nodes, 1)
    nodes.items[nodes.n] = node
    nodes.n += 1
    return 0


cdef inline uint64_t mark_of(PyObject* node) noexcept:
    return (<Value>node).state >> MARK


cdef inline void set_mark(PyObject* node, uint64_t mark) noexcept:
    (<Value>node).state = ((<Value>node).state & FLAGS) | mark << MARK


cdef int look_for_signals() except -1:
    """Let Ctrl-C through; 1 if a signal's handler ran another walk, whose marks and adjoints are now in the nodes."""
    cdef uint64_t mark = _last_mark
    PyErr_CheckSignals()
    return _last_mark != mark


cdef int walk(PyObject* node, uint64_t opened, Nodes* order, Nodes* stack) except -1:
    """`backward.topological_order` from ``node`` and all of ``stack`` on, step by step the same; 1 if disturbed."""
    cdef uint64_t mark, done = opened + 1
    cdef PyObject* left
    cdef PyObject* right
    cdef Edges* edges
    cdef Py_ssize_t i, countdown = SIGNAL_INTERVAL
    while True:
        countdown -= 1
        if countdown == 0:
            if look_for_signals():
                return 1
            countdown = SIGNAL_INTERVAL
        while True:  # the node is not seen yet, nor are the left parents that we go down to
            (<Value>node).adjoint = 0.0
            left = (<Value>node).left
            if left is NULL:
                set_mark(node, done)
                push(order, node)
                break
            set_mark(node, opened)
            push(stack, node)
            if (<Value>node).state & MANY:
                edges = <Edges*>left
                grow(stack, edges.filled)
                for i in range(edges.filled - 1, -1, -1):
                    if mark_of(edges.parents[i]) != done:
                        stack.items[stack.n] = edges.parents[i]
                        stack.n += 1
                break
            right = (<Value>node).right
            if right is not NULL and mark_of(right) != done:
                push(stack, right)
            if mark_of(left) == done:
                break
            node = left
        while True:  # back up, past what is done, to the next that is not seen
            if stack.n == 0:
                return 0
            stack.n -= 1
            node = stack.items[stack.n]
            mark = mark_of(node)
            if mark < opened:
                break
            if mark == opened:
                set_mark(node, done)
                push(order, node)


cdef int find_order(roots, Nodes* order) except -1:
    """Fill ``order``, which the caller frees, with the nodes below the roots."""
    global _last_mark
    cdef Nodes stack = Nodes(NULL, 0, 0)
    cdef Value root
    cdef bint disturbed = True
    try:
        while disturbed:
            _last_mark += 2
            order.n = stack.n = 0
            for root in reversed(roots):
                push(&stack, <PyObject*>root)
            stack.n -= 1
            disturbed = walk(stack.items[stack.n], _last_mark - 1, order, &stack)
    finally:
        PyMem_Free(stack.items)
    return 0


def topological_order(*roots):
    """Every node below the roots, parents before the nodes that use them, left parents first; a single root is last."""
    cdef Nodes order = Nodes(NULL, 0, 0)
    cdef Py_ssize_t i
    try:
        find_order(roots, &order)
        return [<object>order.items[i] for i in range(order.n)]
    finally:
        PyMem_Free(order.items)


cdef int find_adjoints(Value root, Nodes* order) except -1:
    """Fill ``order``, which the caller frees, and leave d(root)/d(node) in the adjoint of each of its nodes."""
    find_order((root,), order)
    while sweep(order):
        find_order((root,), order)
    return 0


cdef int sweep(Nodes* order) except -1:
    """`backward._sweep` over a fresh ``order``, step by step the same; 1 if disturbed."""
    cdef Py_ssize_t i, k, countdown = SIGNAL_INTERVAL
    cdef Value node
    cdef PyObject* item
    cdef double upstream
    cdef Edges* edges
    (<Value>order.items[order.n - 1]).adjoint = 1.0
    for i in range(order.n - 1, -1, -1):
        countdown -= 1
        if countdown == 0:
            if look_for_signals():
                return 1
            countdown = SIGNAL_INTERVAL
        item = order.items[i]
        upstream = (<Value>item).adjoint
        if upstream == 0.0 or (<Value>item).left is NULL:
            continue
        if (<Value>item).state & MANY:
            edges = <Edges*>(<Value>item).left
            for k in range(edges.filled):
                (<Value>edges.parents[k]).adjoint += upstream * edges.locals_[k]
        else:
            (<Value>(<Value>item).left).adjoint += upstream * (<Value>item).d_left
            if (<Value>item).right is not NULL:
                (<Value>(<Value>item).right).adjoint += upstream * (<Value>item).d_right
    return 0


cdef int complain(Nodes* order) except -1:
    """Raise for the sweep over ``order``, some of whose gradients are not finite, unless that is allowed."""
    cdef Py_ssize_t i
    if not nonfinite_allowed():
        raise errors.nonfinite_sweep([<object>order.items[i] for i in range(order.n)])
    return 0


def backward(Value root not None):
    """Give every node below ``root`` its gradient: fresh on interior nodes, added on leaves.

    Raises `NonFiniteError`, and changes no gradient, if one is not finite.
    """
    cdef Nodes order = Nodes(NULL, 0, 0)
    cdef Py_ssize_t i
    cdef PyObject* item
    cdef uint64_t code
    if _recording:
        guard(root, "backward")
    try:
        find_adjoints(root, &order)
        for i in range(order.n):
            item = order.items[i]
            if (<Value>item).left is NULL and not isfinite((<Value>item).adjoint):
                if (<Value>item).state & CODE_MASK == LEAF_CODE:
                    complain(&order)
                    break
        for i in range(order.n):
            item = order.items[i]
            code = (<Value>item).state & CODE_MASK
            if code == LEAF_CODE:
                (<Value>item)._grad += (<Value>item).adjoint
                (<Value>item).state |= HAS_GRAD
            elif code != CONSTANT_CODE:
                (<Value>item)._grad = (<Value>item).adjoint
                (<Value>item).state |= HAS_GRAD
    finally:
        PyMem_Free(order.items)


def gradient_numbers(Value root not None, targets):
    """d(root)/d(target) for each target, without touching any ``.grad``."""
    cdef Nodes order = Nodes(NULL, 0, 0)
    cdef Value target
    if _recording:
        guard(root, "gradients")
    try:
        for target in targets:
            target.adjoint = 0.0
        find_adjoints(root, &order)
        for target in targets:
            if not isfinite(target.adjoint):
                complain(&order)
                break
        return [(<Value>target).adjoint for target in targets]
    finally:
        PyMem_Free(order.items)
