# The reverse sweep: `backward`, the same walk step by step, over explicit stacks.
# Long, and whole: topological order, both sweeps and what is not finite in them are walks on the same stacks.


cdef enum:
    CERTAIN = 0
    DISTURBED = 1        # a signal's handler ran another walk: do it again
    DOUBTFUL = 2         # a zero met a derivative that is not finite


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


cdef int find_order(tuple roots, Nodes* order) except -1:
    """Fill ``order``, which the caller frees, with the nodes below the roots: Values, which the tuple keeps alive."""
    global _last_mark
    cdef Nodes stack = Nodes(NULL, 0, 0)
    cdef Py_ssize_t i
    cdef bint disturbed = True
    try:
        while disturbed:
            _last_mark += 2
            order.n = stack.n = 0
            for i in range(len(roots) - 1, -1, -1):
                push(&stack, <PyObject*>roots[i])
            if stack.n == 0:
                return 0
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
        find_order(nodes_of(roots, "topological_order"), &order)
        return [<object>order.items[i] for i in range(order.n)]
    finally:
        PyMem_Free(order.items)


def leaves_below(roots):
    """The leaves (and inputs, of a recording) that the roots depend on, in the order of `topological_order`."""
    cdef Nodes order = Nodes(NULL, 0, 0)
    cdef Py_ssize_t i
    try:
        find_order(nodes_of(roots, "leaves_below"), &order)
        return [<object>order.items[i] for i in range(order.n)
                if (<Value>order.items[i]).left is NULL and takes_gradient(order.items[i])]
    finally:
        PyMem_Free(order.items)


cdef int find_adjoints(Value root, Nodes* order, targets) except -1:
    """Fill ``order``, which the caller frees, and leave d(root)/d(node) in the adjoint of each of its nodes.

    Raises `NonFiniteError` if that of a target (of a leaf, if none is named) is not finite.
    """
    cdef int found
    find_order((root,), order)
    found = sweep(order)
    while found == DISTURBED:
        find_order((root,), order)
        found = sweep(order)
    if found == DOUBTFUL or not finite_at(order, targets):
        sweep_carefully(order, targets)
    return 0


cdef bint finite_at(Nodes* order, targets) except -1:
    """Whether the adjoints of the targets (of the leaves, if none is named) are finite."""
    cdef Py_ssize_t i
    cdef PyObject* item
    cdef Value target
    if targets is not None:
        for target in targets:
            if not isfinite(target.adjoint):
                return False
        return True
    for i in range(order.n):
        item = order.items[i]
        if (<Value>item).left is NULL and not isfinite((<Value>item).adjoint):
            if (<Value>item).state & CODE_MASK == LEAF_CODE:
                return False
    return True


cdef int sweep_carefully(Nodes* order, targets) except -1:
    """The sweep again, along the edges that are taken: where a zero met an infinity, or a gradient is not finite."""
    cdef Py_ssize_t i
    cdef Value node
    nodes = [<object>order.items[i] for i in range(order.n)]
    known = careful_adjoints(nodes)
    for node in nodes:
        node.adjoint = known.get(node, 0.0)
    if not finite_at(order, targets) and not nonfinite_allowed():
        raise nonfinite_sweep(nodes, known)
    return 0


cdef int sweep(Nodes* order) except -1:
    """`backward._sweep` over a fresh ``order``, step by step the same."""
    cdef Py_ssize_t i, k, countdown = SIGNAL_INTERVAL
    cdef Value node
    cdef PyObject* item
    cdef double upstream, doubt = 0.0
    cdef Edges* edges
    (<Value>order.items[order.n - 1]).adjoint = 1.0
    for i in range(order.n - 1, -1, -1):
        countdown -= 1
        if countdown == 0:
            if look_for_signals():
                return DISTURBED
            countdown = SIGNAL_INTERVAL
        item = order.items[i]
        upstream = (<Value>item).adjoint
        if (<Value>item).left is NULL:
            continue
        if upstream == 0.0:  # nothing to send; 0 times a derivative is 0, and not a number if that is not finite
            doubt += zero_times(item)
            continue
        if (<Value>item).state & MANY:
            edges = <Edges*>(<Value>item).left
            for k in range(edges.filled):
                (<Value>edges.parents[k]).adjoint += upstream * edges.locals_[k]
        else:
            (<Value>(<Value>item).left).adjoint += upstream * (<Value>item).d_left
            if (<Value>item).right is not NULL:
                (<Value>(<Value>item).right).adjoint += upstream * (<Value>item).d_right
    return CERTAIN if doubt == 0.0 else DOUBTFUL


cdef double zero_times(PyObject* node) noexcept:
    """0 times the local derivatives of a node: 0, or not a number if one is not finite (or their sum overflows)."""
    cdef Edges* edges
    if (<Value>node).state & MANY:
        edges = <Edges*>(<Value>node).left
        return 0.0 * total_of(edges.locals_, edges.filled)
    return 0.0 * (<Value>node).d_left + (0.0 * (<Value>node).d_right if (<Value>node).right is not NULL else 0.0)


cdef double total_of(const double* numbers, Py_ssize_t n) noexcept nogil:
    """Their sum, four at a time: it is only asked whether it is finite."""
    cdef double a = 0.0, b = 0.0, c = 0.0, d = 0.0
    cdef Py_ssize_t k = 0
    while k + 4 <= n:
        a += numbers[k]
        b += numbers[k + 1]
        c += numbers[k + 2]
        d += numbers[k + 3]
        k += 4
    while k < n:
        a += numbers[k]
        k += 1
    return a + b + c + d


cdef inline bint takes_gradient(PyObject* node) noexcept:
    return (<Value>node).state & CODE_MASK != CONSTANT_CODE


def backward(root):
    """Give every node below ``root`` its gradient: fresh on interior nodes, added on leaves.

    Raises `NonFiniteError`, and changes no gradient, if one is not finite.
    """
    cdef Nodes order = Nodes(NULL, 0, 0)
    cdef Py_ssize_t i
    cdef PyObject* item
    cdef uint64_t code
    if type(root) is not Value:
        raise errors.not_a_value("backward", root)
    if _recording:
        guard(root, "backward")
    try:
        find_adjoints(root, &order, None)
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


def gradient_numbers(root, targets):
    """d(root)/d(target) for each target, without touching any ``.grad``."""
    cdef Nodes order = Nodes(NULL, 0, 0)
    cdef Value target
    if type(root) is not Value:
        raise errors.not_a_value("gradient_numbers", root)
    if _recording:
        guard(root, "gradients")
    cdef tuple nodes = nodes_of(targets, "gradient_numbers")
    try:
        for target in nodes:
            target.adjoint = 0.0
        find_adjoints(root, &order, nodes)
        return [(<Value>target).adjoint for target in nodes]
    finally:
        PyMem_Free(order.items)
