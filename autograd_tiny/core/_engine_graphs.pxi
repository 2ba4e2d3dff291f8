# Derivatives that are graphs: `differentiate._gradient_graphs` once more. The rules make their nodes in C, written from
# the table (``_engine_partials.pxi``); a plug-in's, and those of many parents that are no matter of course, run on Values.
# Long, since most of it is one ``cdef class``, best read in one piece.

from .masks import zeros_of as _zeros_of

cdef enum:
    MOST_OPERANDS = 3
    NEEDED = 1
    REACHED = 2
    GIVEN = 4


cdef struct Stamp:
    # What nodes that are made here are the derivative of: borrowed, and what they share once there is one.
    PyObject* node
    PyObject* root
    Py_ssize_t edge
    PyObject* made


cdef inline Value stamped(Value node, Stamp* stamp):
    """Let a node made by differentiation know what it is the derivative of."""
    cdef DerivedFrom shared
    if stamp.node is NULL:
        return node
    if stamp.made is NULL:
        shared = derived_from(stamp.node, stamp.edge, stamp.root)
        Py_INCREF_(<PyObject*>shared)
        stamp.made = <PyObject*>shared
    if node.extra is NULL:
        Py_INCREF_(stamp.made)
        node.extra = stamp.made
    else:
        set_extra(node, 3, <object>stamp.made)
    return node


cdef inline void put_down(Stamp* stamp) noexcept:
    if stamp.made is not NULL:
        Py_DECREF_(stamp.made)
        stamp.made = NULL


cdef inline Value number_of_own(double number):
    return as_constant(number) if _tracking else bare(number, CONSTANT_CODE)


cdef int[3] PLACES
PLACES[0], PLACES[1], PLACES[2] = 0, 1, 2


cdef Value op1(int code, Stamp* stamp, Value a, double va, double* out):
    cdef double d = 0.0
    out[0] = fixed_rule(code, 0 if a is None else 1, &va, PLACES, &d)
    return None if a is None else stamped(node1(a, code, out[0], d), stamp)


cdef Value op2(int code, Stamp* stamp, Value a, double va, Value b, double vb, double* out):
    cdef double[2] x
    cdef double[2] d
    x[0], x[1] = va, vb
    d[0] = d[1] = 0.0
    if a is None:
        if b is None:
            out[0] = fixed_rule(code, 0, x, PLACES, d)
            return None
        out[0] = fixed_rule(code, 3, x, PLACES, d)
        return stamped(node2(number_of_own(va), b, code, out[0], 0.0, d[1]), stamp)
    if b is None:
        out[0] = fixed_rule(code, 2, x, PLACES, d)
        return stamped(node2(a, number_of_own(vb), code, out[0], d[0], 0.0), stamp)
    out[0] = fixed_rule(code, 1, x, PLACES, d)
    return stamped(node2(a, b, code, out[0], d[0], d[1]), stamp)


cdef Value op3(int code, Stamp* stamp, Value a, double va, Value b, double vb, Value c, double vc, double* out):
    cdef double[3] x
    x[0], x[1], x[2] = va, vb, vc
    if a is None and b is None and c is None:
        out[0] = fixed_rule(code, 0, x, PLACES, x)
        return None
    cdef Value node = apply(_ROW_OF[code], (va if a is None else a, vb if b is None else b, vc if c is None else c))
    out[0] = node._data
    return stamped(node, stamp)


cdef class Terms:
    """A vector of Values and numbers: the Value or None, and the number of each."""

    cdef list nodes
    cdef double* numbers

    def __dealloc__(self):
        PyMem_Free(self.numbers)

    cdef int put(self, Py_ssize_t i, Value node, double number) except -1:
        self.nodes[i] = node
        self.numbers[i] = number
        return 0


cdef Terms new_terms(Py_ssize_t n):
    cdef Terms made = Terms()
    made.nodes = [None] * n
    made.numbers = new_numbers(n)
    return made


cdef Value sum_of_terms(Stamp* stamp, Terms terms, double* out):
    """`Values.sum_of`."""
    cdef Py_ssize_t i, n = len(terms.nodes)
    cdef bint numbers = True
    cdef double total = 0.0
    for i in range(n):
        numbers = numbers and terms.nodes[i] is None
        total += terms.numbers[i]
    if numbers:
        out[0] = total
        return None
    items = [terms.numbers[i] if terms.nodes[i] is None else terms.nodes[i] for i in range(n)]
    row = _ROW_OF[ROW_sum]
    cdef Value node = variadic(row, (items,))
    if node is None:
        node = apply(row, (items,))
    out[0] = node._data
    return stamped(node, stamp)


include "_engine_partials.pxi"


cdef Value product(Stamp* stamp, Value a, double va, Value b, double vb, double* out):
    """`differentiate.times`."""
    if a is None:
        if va == 1.0:
            out[0] = vb
            return b
        if va == 0.0:
            out[0] = 0.0 * vb
            return None
    if b is None:
        if vb == 1.0:
            out[0] = va
            return a
        if vb == 0.0:
            out[0] = 0.0 * va
            return None
    return op2(ROW_mul, stamp, a, va, b, vb, out)


cdef list _zero_kinds = []   # by code: whether a derivative of 0 is a mask, as `masks.zeros_of` says


cdef class Gradients:
    """One sweep that makes graphs, in reverse or ``ahead``: the nodes in topological order, and what is known of each.

    That is, by its place, its adjoint; or its tangent, in the order of the nodes.
    """

    cdef Nodes order
    cdef Py_ssize_t* starts      # where the parents of each node are
    cdef Py_ssize_t* parents     # by their places
    cdef double* numbers         # the adjoints
    cdef PyObject** graphs       # the same, where they are Values; owned
    cdef unsigned char* state    # NEEDED, REACHED
    cdef Py_ssize_t* targets     # their places, or -1
    cdef tuple roots
    cdef bint ahead
    cdef bint at_origin          # a length of 0 was met, whose derivatives `derivatives.lengths` knows
    cdef object general, goes, check

    def __cinit__(self, tuple roots, bint ahead, general, goes, check):
        self.roots, self.ahead, self.general, self.goes, self.check = roots, ahead, general, goes, check

    cdef inline PyObject* root_of(self, Value node) noexcept:
        """Of what a derivative towards or of the node is a part: going ahead, only of its own."""
        if self.ahead:
            return <PyObject*>node
        return PyTuple_GET_ITEM_(self.roots, 0)

    def __dealloc__(self):
        cdef Py_ssize_t i
        if self.graphs is not NULL:
            for i in range(self.order.n):
                if self.graphs[i] is not NULL:
                    Py_DECREF_(self.graphs[i])
        PyMem_Free(self.order.items)
        PyMem_Free(self.starts)
        PyMem_Free(self.parents)
        PyMem_Free(self.numbers)
        PyMem_Free(self.graphs)
        PyMem_Free(self.state)
        PyMem_Free(self.targets)

    cdef int look(self, tuple targets) except -1:
        """Put the graph down by places: from here on other walks may go over the same nodes."""
        cdef Py_ssize_t i, k, n, edges = 0, place = 0
        cdef PyObject* item
        cdef Edges* many_edges
        cdef Value target
        cdef unsigned char below
        find_order(self.roots, &self.order)
        n = self.order.n
        for i in range(n):
            item = self.order.items[i]
            (<Value>item).adjoint = <double>i
            edges += parent_count(item)
        self.starts = <Py_ssize_t*>PyMem_Malloc((n + 1) * sizeof(Py_ssize_t))
        self.parents = <Py_ssize_t*>PyMem_Malloc((edges + 1) * sizeof(Py_ssize_t))
        self.numbers = <double*>PyMem_Malloc((n + 1) * sizeof(double))
        self.state = <unsigned char*>PyMem_Malloc(n + 1)
        self.targets = <Py_ssize_t*>PyMem_Malloc((len(targets) + 1) * sizeof(Py_ssize_t))
        self.graphs = <PyObject**>PyMem_Malloc((n + 1) * sizeof(PyObject*))
        if not (self.starts and self.parents and self.numbers and self.state and self.graphs and self.targets):
            PyMem_Free(self.graphs)
            self.graphs = NULL
            raise MemoryError(f"no memory to differentiate a graph of {n} nodes")
        memset(self.state, 0, n)
        memset(self.graphs, 0, n * sizeof(PyObject*))
        for k in range(len(targets)):
            target = targets[k]
            i = self.place_of(target)
            self.targets[k] = i
            if i >= 0:
                self.state[i] = NEEDED
        for i in range(n):
            item = self.order.items[i]
            self.starts[i] = place
            below = self.state[i]
            if (<Value>item).state & MANY:
                many_edges = <Edges*>(<Value>item).left
                for k in range(many_edges.filled):
                    self.parents[place] = <Py_ssize_t>(<Value>many_edges.parents[k]).adjoint
                    below |= self.state[self.parents[place]]
                    place += 1
            elif (<Value>item).left is not NULL:
                self.parents[place] = <Py_ssize_t>(<Value>(<Value>item).left).adjoint
                below |= self.state[self.parents[place]]
                place += 1
                if (<Value>item).right is not NULL:
                    self.parents[place] = <Py_ssize_t>(<Value>(<Value>item).right).adjoint
                    below |= self.state[self.parents[place]]
                    place += 1
            self.state[i] = below
        self.starts[n] = place
        return 0

    cdef Py_ssize_t place_of(self, Value node) noexcept:
        """Right after `look` has numbered the nodes; -1 for one that the root does not depend on."""
        cdef double place = node.adjoint
        cdef Py_ssize_t i = <Py_ssize_t>place if 0.0 <= place < self.order.n else 0
        return i if self.order.items[i] is <PyObject*>node else -1

    cdef int add(self, Py_ssize_t i, Value graph, double number) except -1:
        """Add to the adjoint of the node at ``i``."""
        cdef Value known, total
        cdef PyObject* old
        cdef Stamp stamp
        if not self.state[i] & REACHED:
            self.state[i] |= REACHED
            total = graph
        else:
            old = self.graphs[i]
            known = None if old is NULL else <Value>old
            stamp = Stamp(self.order.items[i], self.root_of(None), TOTAL, NULL)
            if self.ahead:
                stamp.node = NULL
            try:
                total = op2(ROW_add, &stamp, known, self.numbers[i], graph, number, &number)
            finally:
                put_down(&stamp)
            if old is not NULL:
                self.graphs[i] = NULL
                Py_DECREF_(old)
        self.numbers[i] = number
        if total is not None:
            Py_INCREF_(<PyObject*>total)
            self.graphs[i] = <PyObject*>total
        return 0

    cdef int send(self, Py_ssize_t i, int k, double then, Value local, double now) except -1:
        """Send the adjoint of the node at ``i`` along its edge ``k``, whose derivative is ``local``, or ``now``.

        Going ahead, it gets the tangent that comes along that edge.
        """
        cdef Py_ssize_t parent = self.parents[self.starts[i] + k], source = parent if self.ahead else i
        cdef Value upstream, node = <Value>self.order.items[i]
        cdef double number
        if now != then:
            self.check(node, k, now, then)
        if then == 0.0 and self.is_mask(node, k, local):
            return 0
        if not self.state[source] & REACHED:
            return 0
        upstream = None if self.graphs[source] is NULL else <Value>self.graphs[source]
        cdef Stamp stamp = Stamp(<PyObject*>node, self.root_of(node), ~k, NULL)
        if self.ahead:
            stamp.node = NULL
        try:
            local = product(&stamp, upstream, self.numbers[source], local, now, &number)
        finally:
            put_down(&stamp)
        return self.add(i if self.ahead else parent, local, number)

    cdef bint is_mask(self, Value node, int k, Value local) except -1:
        """Whether a derivative of 0 stays 0 whatever its operands do."""
        cdef int kind
        if node.state & OWN_ROW:
            return not self.goes(node, k, local)
        if not _zero_kinds:
            for row in _ROW_OF:
                _zero_kinds.append(_zeros_of(row) if row.partials else ())
        kinds = <tuple>_zero_kinds[node.state & CODE_MASK]
        kind = kinds[0 if len(kinds) == 1 else k * len(kinds) // parent_count(<PyObject*>node)]
        if kind == 2:
            return not self.goes(node, k, local)
        return kind == 1

    cdef int visit(self, Py_ssize_t i) except -1:
        """Send the adjoint of the node at ``i`` to its parents."""
        cdef Value node = <Value>self.order.items[i]
        cdef int code = <int>(node.state & CODE_MASK)
        cdef Edges* edges = NULL
        cdef Py_ssize_t place
        if (code == ROW_norm or code == ROW_hypot) and node._data == 0.0 and not self.ahead:
            if self.graphs[i] is not NULL and self.numbers[i] == 0.0 and not node.state & OWN_ROW:
                for place in range(self.starts[i], self.starts[i + 1]):
                    self.at_origin = self.at_origin or self.state[self.parents[place]] & NEEDED
                if self.at_origin:
                    return 0
        if node.state & MANY:
            edges = <Edges*>node.left
        if node.state & OWN_ROW or VECTORS[code]:
            return self.visit_many(i, edges)
        return self.visit_few(i, node, code, <int>(self.starts[i + 1] - self.starts[i]), edges)

    cdef int visit_few(self, Py_ssize_t i, Value node, int code, int count, Edges* edges) except -1:
        cdef Value a, b = None, c = None, local
        cdef double va, vb = 0.0, vc = 0.0, now = 0.0
        cdef double[3] slopes
        cdef int k
        cdef Stamp stamp
        cdef Py_ssize_t* parents = self.parents + self.starts[i]
        a = <Value>self.order.items[parents[0]]
        va = a._data
        slopes[0] = node.d_left if edges is NULL else edges.locals_[0]
        if a.state & CODE_MASK == CONSTANT_CODE:
            a = None
        if count > 1:
            b = <Value>self.order.items[parents[1]]
            vb = b._data
            slopes[1] = node.d_right if edges is NULL else edges.locals_[1]
            if b.state & CODE_MASK == CONSTANT_CODE:
                b = None
        if count > 2:
            c = <Value>self.order.items[parents[2]]
            vc = c._data
            slopes[2] = edges.locals_[2]
            if c.state & CODE_MASK == CONSTANT_CODE:
                c = None
        for k in range(count):
            if self.state[parents[k]] & NEEDED:
                stamp = Stamp(<PyObject*>node, self.root_of(node), k, NULL)
                try:
                    local = local_graph(MOST_OPERANDS * code + k, &stamp, a, va, b, vb, c, vc, node, &now)
                finally:
                    put_down(&stamp)
                self.send(i, k, slopes[k], local, now)
        return 0

    cdef int visit_many(self, Py_ssize_t i, Edges* edges) except -1:
        cdef Value node = <Value>self.order.items[i], parent, local
        cdef int code = <int>(node.state & CODE_MASK)
        cdef Py_ssize_t k, count = self.starts[i + 1] - self.starts[i], half = count // 2
        cdef Py_ssize_t* parents = self.parents + self.starts[i]
        if edges is not NULL and not node.state & OWN_ROW:
            if node.state & FILLED or code == ROW_sum:
                for k in range(count):
                    if self.state[parents[k]] & NEEDED:
                        self.send(i, k, edges.locals_[k], None, edges.locals_[k])
                return 0
            if code == ROW_dot:
                for k in range(count):
                    if self.state[parents[k]] & NEEDED:
                        parent = <Value>self.order.items[parents[(k + half) % count]]
                        local = None if parent.state & CODE_MASK == CONSTANT_CODE else parent
                        self.send(i, k, edges.locals_[k], local, parent._data)
                return 0
        if not node.state & (OWN_ROW | FILLED) and self.visit_vectors(i, node, code, count):
            return 0
        wanted = [k for k in range(count) if self.state[parents[k]] & NEEDED]
        recorded = local_derivatives_of(node)
        for place, local_or_number in zip(wanted, self.general(node, wanted, <object>self.root_of(node))):
            if type(local_or_number) is Value:
                self.send(i, place, recorded[place], local_or_number, (<Value>local_or_number)._data)
            else:
                self.send(i, place, recorded[place], None, local_or_number)
        return 0


    cdef bint visit_vectors(self, Py_ssize_t i, Value node, int code, Py_ssize_t count) except -1:
        """The same where the row's rules for vectors are written in C; False where they are not."""
        cdef Py_ssize_t* parents = self.parents + self.starts[i]
        cdef Py_ssize_t k, j, place, vectors = VECTORS[code], n = count // vectors
        cdef Terms derived
        cdef Value parent
        given = [new_terms(n), None]
        if vectors > 1:
            given[1] = new_terms(n)
        for place in range(count):
            parent = <Value>self.order.items[parents[place]]
            (<Terms>given[place // n]).put(
                place % n, None if parent.state & CODE_MASK == CONSTANT_CODE else parent, parent._data)
        found = []
        for k in range(vectors):
            j = k * n
            while j < k * n + n and not self.state[parents[j]] & NEEDED:
                j += 1
            if j == k * n + n:
                continue
            derived = local_graphs(<int>(MOST_OPERANDS * code + k),
                                   Stamp(<PyObject*>node, self.root_of(node), j, NULL), given[0], given[1], node)
            if derived is None:
                return False
            found.append((k * n, derived))
        recorded = local_derivatives_of(node)
        for j, derived in found:
            for place in range(j, j + n):
                if self.state[parents[place]] & NEEDED:
                    self.send(i, <int>place, recorded[place], <Value>derived.nodes[place - j],
                              derived.numbers[place - j])
        return True


def gradient_graphs(root, targets, general, goes, check):
    """d(root)/d(target) for each target, as Values: see `differentiate._gradient_graphs`.

    ``general`` gives the local derivatives of a node that has no rule in C, ``goes`` whether one of 0 that may be a mask
    is taken, ``check`` raises if one is no longer what it was. None where a length of 0 takes more than its own rule.
    """
    cdef tuple nodes = nodes_of(targets, "gradients")
    cdef Gradients sweep_
    cdef Value target, answer
    cdef Py_ssize_t i, k, countdown = SIGNAL_INTERVAL
    if type(root) is not Value:
        raise errors.not_a_value("gradients", root)
    for target in nodes:
        target.adjoint = -1.0
    sweep_ = Gradients((root,), False, general, goes, check)
    sweep_.look(nodes)
    cdef uint64_t done = _last_mark
    i = sweep_.order.n - 1
    sweep_.numbers[i] = 1.0
    sweep_.state[i] |= REACHED
    for i in range(sweep_.order.n - 1, -1, -1):
        countdown -= 16
        if countdown <= 0:
            PyErr_CheckSignals()
            countdown = SIGNAL_INTERVAL
        if sweep_.state[i] == NEEDED | REACHED and (<Value>sweep_.order.items[i]).left is not NULL:
            sweep_.visit(i)
            if sweep_.at_origin:
                return None
    answers = []
    for k in range(len(nodes)):
        i = sweep_.targets[k]
        if i < 0 or not sweep_.state[i] & REACHED:
            answers.append(constant(0.0))
        elif sweep_.graphs[i] is NULL:
            answers.append(constant(sweep_.numbers[i]))
        else:
            answers.append(<object>sweep_.graphs[i])
    return own_answers((root,), answers, done, set())


def push_graphs(roots, seeds, tangents, general, goes, check):
    """The derivatives of the roots as the seeds move by the tangents, Values or numbers, as Values.

    See `differentiate.push_forward`; the rest is as in `gradient_graphs`.
    """
    cdef tuple nodes = nodes_of(roots, "push_graphs"), sources = nodes_of(seeds, "push_graphs")
    cdef Gradients sweep_ = Gradients(nodes, True, general, goes, check)
    cdef Value root, source, tangent
    cdef Py_ssize_t i, k, countdown = SIGNAL_INTERVAL
    if not nodes:
        return []
    for source in sources:
        source.adjoint = -1.0
    sweep_.look(sources)
    cdef uint64_t done = _last_mark
    given = {}
    for k in range(len(sources)):
        i = sweep_.targets[k]
        if i >= 0:
            sweep_.state[i] = NEEDED | GIVEN
            given[i] = tangents[k]
    for i, along in given.items():
        tangent = along if type(along) is Value else None
        sweep_.add(i, tangent, along if tangent is None else tangent._data)
    places = {<object>sweep_.order.items[i]: i for i in range(sweep_.order.n)} if len(nodes) > 1 else {}
    for i in range(sweep_.order.n):
        countdown -= 16
        if countdown <= 0:
            PyErr_CheckSignals()
            countdown = SIGNAL_INTERVAL
        if sweep_.state[i] == NEEDED and (<Value>sweep_.order.items[i]).left is not NULL:
            sweep_.visit(i)
    answers = []
    for root in nodes:
        i = places.get(root, sweep_.order.n - 1)
        if not sweep_.state[i] & REACHED:
            answers.append(constant(0.0))
        elif sweep_.graphs[i] is NULL:
            answers.append(constant(sweep_.numbers[i]))
        else:
            answers.append(<object>sweep_.graphs[i])
    return own_answers(nodes, answers, done, {x for x in tangents if type(x) is Value})


cdef list own_answers(tuple roots, list answers, uint64_t done, set seen):
    """`differentiate.own`: none of them ``seen``, nor a node of the graph, whose mark is ``done``, nor two the same."""
    cdef Nodes order = Nodes(NULL, 0, 0)
    cdef Value answer
    cdef Py_ssize_t i
    try:
        if done != _last_mark:  # somebody has walked since
            find_order(roots, &order)
            done = _last_mark
        foreign = [mark_of(<PyObject*>answer) == done for answer in answers]
    finally:
        PyMem_Free(order.items)
    for i in range(len(answers)):
        answer = answers[i]
        if foreign[i] or answer in seen:
            answers[i] = answer = apply(_ROW_OF[ROW_identity], (answer,))
        seen.add(answer)
    return answers
