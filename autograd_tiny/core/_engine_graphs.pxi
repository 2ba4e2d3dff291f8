# Derivatives that are graphs: `differentiate._gradient_graphs` once more. The rules make their nodes in C, written from
# the table (``_engine_partials.pxi``); a plug-in's, and those of many parents that are no matter of course, run on Values.
# Long, since most of it is one ``cdef class``, best read in one piece.

from .masks import zeros_of as _zeros_of

cdef enum:
    MOST_OPERANDS = 3
    NEEDED = 1
    REACHED = 2
    GIVEN = 4


cdef struct Making:
    # What one sweep makes nodes with. A node that is made belongs to the pool until the node at hand is done with:
    # all that goes from hand to hand here is borrowed.
    Nodes pool
    PyObject* root       # of what all nodes are a part; NULL: each of its own
    Origins* origins     # the block that is being filled


cdef struct Stamp:
    # What nodes that are made here are the derivative of: borrowed, and the slot that they share once there is one.
    Making* making
    PyObject* node       # NULL: of nothing
    Py_ssize_t edge
    Slot* slot


cdef int put_down(Stamp* stamp) except -1:
    """Give the stamp its slot."""
    cdef Making* making = stamp.making
    cdef Origins* origins = making.origins
    if origins is NULL or origins.filled == SLOTS:
        making.origins = new_origins(making.root)
        if origins is not NULL:
            free_doomed(drop_origins(origins, NULL))
        origins = making.origins
    stamp.slot = &origins.slots[origins.filled]
    stamp.slot.node, stamp.slot.edge = stamp.node, <int>stamp.edge
    stamp.slot.offset = <int>(<char*>stamp.slot - <char*>origins)
    if making.root is NULL:
        Py_INCREF_(stamp.node)
    origins.filled += 1
    return 0


cdef inline PyObject* stamped(PyObject* node, Stamp* stamp) except NULL:
    """A node made by differentiation, whose reference the caller owned: the pool's now, and it knows its origin."""
    push(&stamp.making.pool, node)
    if stamp.node is NULL:
        return node
    if (<Value>node).extra is not NULL:
        set_extra(<Value>node, 3, derived_from(
            stamp.node, stamp.edge, stamp.node if stamp.making.root is NULL else stamp.making.root))
        return node
    if stamp.slot is NULL:
        put_down(stamp)
    origins_of(stamp.slot).count += 1
    (<Value>node).extra = <PyObject*>(<size_t>stamp.slot | 1)
    return node


cdef inline PyObject* stamped_object(made, Stamp* stamp) except NULL:
    Py_INCREF_(<PyObject*>made)
    return stamped(<PyObject*>made, stamp)


cdef int release(Nodes* pool) noexcept:
    """Let go of what nobody kept."""
    while pool.n:
        pool.n -= 1
        Py_DECREF_(pool.items[pool.n])
    return 0


cdef PyObject* number_of_own(double number, Stamp* stamp) except NULL:
    if _tracking:
        made = as_constant(number)
        Py_INCREF_(<PyObject*>made)
        push(&stamp.making.pool, <PyObject*>made)
        return <PyObject*>made
    cdef PyObject* node = raw(number, CONSTANT_CODE)
    push(&stamp.making.pool, node)
    return node


cdef int[3] PLACES
PLACES[0], PLACES[1], PLACES[2] = 0, 1, 2


cdef PyObject* op1(int code, Stamp* stamp, PyObject* a, double va, double* out) except? NULL:
    cdef double d = 0.0
    out[0] = fixed_rule(code, 0 if a is NULL else 1, &va, PLACES, &d)
    if a is NULL:
        return NULL
    if not isfinite(out[0]) or _unusual:
        return stamped_object(node1(<Value>a, code, out[0], d), stamp)
    return stamped(raw1(a, code, out[0], d), stamp)


cdef PyObject* op2(int code, Stamp* stamp, PyObject* a, double va, PyObject* b, double vb, double* out) except? NULL:
    cdef double[2] x
    cdef double[2] d
    x[0], x[1] = va, vb
    d[0] = d[1] = 0.0
    if a is NULL:
        if b is NULL:
            out[0] = fixed_rule(code, 0, x, PLACES, d)
            return NULL
        out[0] = fixed_rule(code, 3, x, PLACES, d)
        a = number_of_own(va, stamp)
        d[0] = 0.0
    elif b is NULL:
        out[0] = fixed_rule(code, 2, x, PLACES, d)
        b = number_of_own(vb, stamp)
        d[1] = 0.0
    else:
        out[0] = fixed_rule(code, 1, x, PLACES, d)
    return new2(code, stamp, a, b, out[0], d[0], d[1])


cdef inline PyObject* new2(
    int code, Stamp* stamp, PyObject* a, PyObject* b, double y, double d_a, double d_b
) except NULL:
    if not isfinite(y) or _unusual:
        return stamped_object(node2(<Value>a, <Value>b, code, y, d_a, d_b), stamp)
    return stamped(raw2(a, b, code, y, d_a, d_b), stamp)


cdef PyObject* op3(
    int code, Stamp* stamp, PyObject* a, double va, PyObject* b, double vb, PyObject* c, double vc, double* out
) except? NULL:
    cdef double[3] x
    x[0], x[1], x[2] = va, vb, vc
    if a is NULL and b is NULL and c is NULL:
        out[0] = fixed_rule(code, 0, x, PLACES, x)
        return NULL
    cdef Value node = apply(_ROW_OF[code], (term(a, va), term(b, vb), term(c, vc)))
    out[0] = node._data
    return stamped_object(node, stamp)


cdef object term(PyObject* node, double number):
    """As Python has it: the Value, or the number."""
    return number if node is NULL else <object>node


@cython.final
cdef class Terms:
    """A vector of Values and numbers: the Value, borrowed, or NULL, and the number of each."""

    cdef Py_ssize_t n
    cdef PyObject** nodes
    cdef double* numbers

    def __dealloc__(self):
        PyMem_Free(self.nodes)
        PyMem_Free(self.numbers)

    cdef inline void put(self, Py_ssize_t i, PyObject* node, double number) noexcept:
        self.nodes[i] = node
        self.numbers[i] = number


cdef Terms new_terms(Py_ssize_t n):
    cdef Terms made = Terms()
    made.n = n
    made.numbers = new_numbers(n)
    made.nodes = <PyObject**>new_numbers(n)
    return made


cdef PyObject* sum_of_terms(Stamp* stamp, Terms terms, double* out) except? NULL:
    """`Values.sum_of`."""
    cdef Py_ssize_t i
    cdef bint numbers = True
    cdef double total = 0.0
    for i in range(terms.n):
        numbers = numbers and terms.nodes[i] is NULL
        total += terms.numbers[i]
    if numbers:
        out[0] = total
        return NULL
    items = [term(terms.nodes[i], terms.numbers[i]) for i in range(terms.n)]
    row = _ROW_OF[ROW_sum]
    cdef Value node = variadic(row, (items,))
    if node is None:
        node = apply(row, (items,))
    out[0] = node._data
    return stamped_object(node, stamp)


include "_engine_partials.pxi"


cdef inline PyObject* product(
    Stamp* stamp, PyObject* a, double va, PyObject* b, double vb, double* out
) except? NULL:
    """`differentiate.times`."""
    if a is NULL:
        if va == 1.0:
            out[0] = vb
            return b
        if va == 0.0:
            out[0] = 0.0 * vb
            return NULL
    if b is NULL:
        if vb == 1.0:
            out[0] = va
            return a
        if vb == 0.0:
            out[0] = 0.0 * va
            return NULL
    return op2(ROW_mul, stamp, a, va, b, vb, out)


cdef inline PyObject* moving(PyObject* operand) noexcept:
    """The operand, or NULL where it is a number."""
    return operand if takes_gradient(operand) else <PyObject*>NULL


cdef list _zero_kinds = []   # by code: whether a derivative of 0 is a mask, as `masks.zeros_of` says


cdef struct Known:
    # What is known of the node at one place: its adjoint, or its tangent.
    PyObject* graph      # where it is a Value; owned
    double number
    Py_ssize_t start     # where its parents are


@cython.final
cdef class Gradients:
    """One sweep that makes graphs, in reverse or ``ahead``: the nodes in topological order, and what is known of each.

    That is, by its place, its adjoint; or its tangent, in the order of the nodes.
    """

    cdef Nodes order
    cdef Known* known
    cdef int* parents            # by their places
    cdef unsigned char* state    # NEEDED, REACHED
    cdef Py_ssize_t* targets     # their places, or -1
    cdef tuple roots
    cdef Making making
    cdef bint ahead
    cdef bint at_origin          # a length of 0 was met, whose derivatives `derivatives.lengths` knows
    cdef object general, goes, check

    def __cinit__(self, tuple roots, bint ahead, general, goes, check):
        self.roots, self.ahead, self.general, self.goes, self.check = roots, ahead, general, goes, check
        self.making = Making(Nodes(NULL, 0, 0), NULL, NULL)
        if not ahead:
            self.making.root = PyTuple_GET_ITEM_(roots, 0)

    cdef inline Stamp local(self, PyObject* node, Py_ssize_t edge) noexcept:
        """Of the local derivative by a parent."""
        return Stamp(&self.making, node, edge, NULL)

    cdef inline Stamp passing(self, PyObject* node, Py_ssize_t edge) noexcept:
        """Of what is sent on, and of its sum; going ahead, that is a derivative of the node's own."""
        if self.ahead:
            node = NULL
        return Stamp(&self.making, node, edge, NULL)

    def __dealloc__(self):
        cdef Py_ssize_t i
        if self.known is not NULL:
            for i in range(self.order.n):
                if self.known[i].graph is not NULL:
                    Py_DECREF_(self.known[i].graph)
        release(&self.making.pool)
        if self.making.origins is not NULL:
            free_doomed(drop_origins(self.making.origins, NULL))
        PyMem_Free(self.making.pool.items)
        PyMem_Free(self.order.items)
        PyMem_Free(self.known)
        PyMem_Free(self.parents)
        PyMem_Free(self.state)
        PyMem_Free(self.targets)

    cdef int look(self, tuple targets) except -1:
        """Put the graph down by places: from here on other walks may go over the same nodes."""
        cdef Py_ssize_t i, k, n, room, place = 0
        cdef PyObject* item
        cdef Edges* many_edges
        cdef int* moved
        cdef unsigned char below
        find_order(self.roots, &self.order)
        n = self.order.n
        if n > 0x7FFFFFFF:
            raise MemoryError(f"a graph of {n} nodes is too large to be differentiated as a graph")
        room = 2 * n
        for k in range(len(targets)):
            (<Value>targets[k]).adjoint = -1.0  # known by it below, where it is in the order
        self.known = <Known*>PyMem_Malloc((n + 1) * sizeof(Known))
        self.parents = <int*>PyMem_Malloc((room + 1) * sizeof(int))
        self.state = <unsigned char*>PyMem_Malloc(n + 1)
        self.targets = <Py_ssize_t*>PyMem_Malloc((len(targets) + 1) * sizeof(Py_ssize_t))
        if not (self.known and self.parents and self.state and self.targets):
            PyMem_Free(self.known)
            self.known = NULL
            raise MemoryError(f"no memory to differentiate a graph of {n} nodes")
        for i in range(n):
            self.known[i].graph = NULL
        for i in range(n):
            item = self.order.items[i]
            self.known[i].start = place
            below = NEEDED if (<Value>item).adjoint < 0.0 else 0
            if (<Value>item).state & MANY:
                many_edges = <Edges*>(<Value>item).left
                if place + many_edges.filled + 2 * (n - i) > room:
                    room = 2 * (place + many_edges.filled) + 2 * (n - i)
                    moved = <int*>PyMem_Realloc(self.parents, (room + 1) * sizeof(int))
                    if moved is NULL:
                        raise MemoryError(f"no memory to differentiate a graph of {n} nodes")
                    self.parents = moved
                for k in range(many_edges.filled):
                    self.parents[place] = <int>(<Value>many_edges.parents[k]).adjoint
                    below |= self.state[self.parents[place]]
                    place += 1
            elif (<Value>item).left is not NULL:
                self.parents[place] = <int>(<Value>(<Value>item).left).adjoint
                below |= self.state[self.parents[place]]
                place += 1
                if (<Value>item).right is not NULL:
                    self.parents[place] = <int>(<Value>(<Value>item).right).adjoint
                    below |= self.state[self.parents[place]]
                    place += 1
            self.state[i] = below
            (<Value>item).adjoint = <double>i
        self.known[n].start = place
        for k in range(len(targets)):
            self.targets[k] = self.place_of(<PyObject*>targets[k])
        return 0

    cdef Py_ssize_t place_of(self, PyObject* node) noexcept:
        """Right after `look` has numbered the nodes; -1 for one that the root does not depend on."""
        cdef double place = (<Value>node).adjoint
        cdef Py_ssize_t i = <Py_ssize_t>place if 0.0 <= place < self.order.n else 0
        return i if self.order.items[i] is node else -1

    cdef inline int add(self, Py_ssize_t i, PyObject* graph, double number) except -1:
        """Add to the adjoint of the node at ``i``."""
        cdef Known* known = self.known + i
        cdef PyObject* old
        cdef Stamp stamp
        cdef double d_a, d_b
        if not self.state[i] & REACHED:
            self.state[i] |= REACHED
        else:
            old = known.graph
            stamp = self.passing(self.order.items[i], TOTAL)
            if old is not NULL and graph is not NULL:
                number = rule_add(known.number, number, &d_a, &d_b)
                graph = new2(ROW_add, &stamp, old, graph, number, d_a, d_b)
            else:
                graph = op2(ROW_add, &stamp, old, known.number, graph, number, &number)
            if old is not NULL:
                known.graph = NULL
                Py_DECREF_(old)
        known.number = number
        if graph is not NULL:
            Py_INCREF_(graph)
            known.graph = graph
        return 0

    cdef inline int send(self, Py_ssize_t i, Py_ssize_t k, double then, PyObject* local, double now) except -1:
        """Send the adjoint of the node at ``i`` along its edge ``k``, whose derivative is ``local``, or ``now``.

        Going ahead, it gets the tangent that comes along that edge.
        """
        cdef Py_ssize_t parent = self.parents[self.known[i].start + k], source = parent if self.ahead else i
        cdef Known* upstream = self.known + source
        cdef PyObject* node = self.order.items[i]
        cdef double number, d_a, d_b
        cdef Stamp stamp
        if now != then:
            self.check(<object>node, k, now, then)
        if then == 0.0 and self.is_mask(<Value>node, k, local):
            return 0
        if not self.state[source] & REACHED:
            return 0
        stamp = self.passing(node, ~k)
        if upstream.graph is not NULL and local is not NULL:
            number = rule_mul(upstream.number, now, &d_a, &d_b)
            local = new2(ROW_mul, &stamp, upstream.graph, local, number, d_a, d_b)
        else:
            local = product(&stamp, upstream.graph, upstream.number, local, now, &number)
        return self.add(i if self.ahead else parent, local, number)

    cdef bint is_mask(self, Value node, Py_ssize_t k, PyObject* local) except -1:
        """Whether a derivative of 0 stays 0 whatever its operands do."""
        cdef int kind
        if node.state & OWN_ROW:
            return not self.goes(node, k, None if local is NULL else <object>local)
        if not _zero_kinds:
            for row in _ROW_OF:
                _zero_kinds.append(_zeros_of(row) if row.partials else ())
        kinds = <tuple>_zero_kinds[node.state & CODE_MASK]
        kind = kinds[0 if len(kinds) == 1 else k * len(kinds) // parent_count(<PyObject*>node)]
        if kind == 2:
            return not self.goes(node, k, None if local is NULL else <object>local)
        return kind == 1

    cdef int visit(self, Py_ssize_t i) except -1:
        """Send the adjoint of the node at ``i`` to its parents."""
        cdef PyObject* node = self.order.items[i]
        cdef int code = <int>((<Value>node).state & CODE_MASK)
        cdef Edges* edges = NULL
        cdef Py_ssize_t place
        if (code == ROW_norm or code == ROW_hypot) and (<Value>node)._data == 0.0 and not self.ahead:
            if self.known[i].graph is not NULL and self.known[i].number == 0.0 and not (<Value>node).state & OWN_ROW:
                for place in range(self.known[i].start, self.known[i + 1].start):
                    self.at_origin = self.at_origin or self.state[self.parents[place]] & NEEDED
                if self.at_origin:
                    return 0
        if (<Value>node).state & MANY:
            edges = <Edges*>(<Value>node).left
        if (<Value>node).state & OWN_ROW or VECTORS[code]:
            self.visit_many(i, edges)
        else:
            self.visit_few(i, node, code, <int>(self.known[i + 1].start - self.known[i].start), edges)
        release(&self.making.pool)
        return 0

    cdef int visit_few(self, Py_ssize_t i, PyObject* node, int code, int count, Edges* edges) except -1:
        cdef PyObject* operands[3]
        cdef double[3] numbers
        cdef double[3] slopes
        cdef double now = 0.0
        cdef PyObject* local
        cdef int k
        cdef Stamp stamp
        cdef int* parents = self.parents + self.known[i].start
        operands[1] = operands[2] = NULL
        numbers[1] = numbers[2] = 0.0
        for k in range(count):
            operands[k] = self.order.items[parents[k]]
            numbers[k] = (<Value>operands[k])._data
            slopes[k] = edges.locals_[k] if edges is not NULL else (<Value>node).d_right if k else (<Value>node).d_left
            operands[k] = moving(operands[k])
        for k in range(count):
            if self.state[parents[k]] & NEEDED:
                stamp = self.local(node, k)
                local = local_graph(MOST_OPERANDS * code + k, &stamp, operands[0], numbers[0], operands[1], numbers[1],
                                    operands[2], numbers[2], node, &now)
                self.send(i, k, slopes[k], local, now)
        return 0

    cdef int visit_many(self, Py_ssize_t i, Edges* edges) except -1:
        cdef Value node = <Value>self.order.items[i]
        cdef PyObject* parent
        cdef int code = <int>(node.state & CODE_MASK)
        cdef int* parents = self.parents + self.known[i].start
        cdef Py_ssize_t k, count = self.known[i + 1].start - self.known[i].start, half = count // 2
        if edges is not NULL and not node.state & OWN_ROW:
            if node.state & FILLED or code == ROW_sum:
                for k in range(count):
                    if self.state[parents[k]] & NEEDED:
                        self.send(i, k, edges.locals_[k], NULL, edges.locals_[k])
                return 0
            if code == ROW_dot:
                for k in range(count):
                    if self.state[parents[k]] & NEEDED:
                        parent = self.order.items[parents[(k + half) % count]]
                        self.send(i, k, edges.locals_[k], moving(parent), (<Value>parent)._data)
                return 0
        if not node.state & (OWN_ROW | FILLED) and self.visit_vectors(i, node, code, count):
            return 0
        wanted = [k for k in range(count) if self.state[parents[k]] & NEEDED]
        recorded = local_derivatives_of(node)
        derived = self.general(node, wanted, <object>(<PyObject*>node if self.ahead else self.making.root))
        for place, local in zip(wanted, derived):
            if type(local) is Value:
                self.send(i, place, recorded[place], <PyObject*>local, (<Value>local)._data)
            else:
                self.send(i, place, recorded[place], NULL, local)
        return 0

    cdef bint visit_vectors(self, Py_ssize_t i, Value node, int code, Py_ssize_t count) except -1:
        """The same where the row's rules for vectors are written in C; False where they are not."""
        cdef int* parents = self.parents + self.known[i].start
        cdef Py_ssize_t k, j, place, vectors = VECTORS[code], n = count // vectors
        cdef Terms derived
        cdef PyObject* parent
        given = [new_terms(n), None]
        if vectors > 1:
            given[1] = new_terms(n)
        for place in range(count):
            parent = self.order.items[parents[place]]
            (<Terms>given[place // n]).put(place % n, moving(parent), (<Value>parent)._data)
        found = []
        for k in range(vectors):
            j = k * n
            while j < k * n + n and not self.state[parents[j]] & NEEDED:
                j += 1
            if j == k * n + n:
                continue
            derived = local_graphs(<int>(MOST_OPERANDS * code + k), self.local(<PyObject*>node, j), given[0], given[1],
                                   <PyObject*>node)
            if derived is None:
                return False
            found.append((k * n, derived))
        recorded = local_derivatives_of(node)
        for j, derived in found:
            for place in range(j, j + n):
                if self.state[parents[place]] & NEEDED:
                    self.send(i, place, recorded[place], derived.nodes[place - j], derived.numbers[place - j])
        return True


def gradient_graphs(root, targets, general, goes, check):
    """d(root)/d(target) for each target, as Values: see `differentiate._gradient_graphs`.

    ``general`` gives the local derivatives of a node that has no rule in C, ``goes`` whether one of 0 that may be a mask
    is taken, ``check`` raises if one is no longer what it was. None where a length of 0 takes more than its own rule.
    """
    cdef tuple nodes = nodes_of(targets, "gradients")
    cdef Gradients sweep_
    cdef Py_ssize_t i, k, countdown = SIGNAL_INTERVAL
    if type(root) is not Value:
        raise errors.not_a_value("gradients", root)
    sweep_ = Gradients((root,), False, general, goes, check)
    sweep_.look(nodes)
    cdef uint64_t done = _last_mark
    i = sweep_.order.n - 1
    sweep_.known[i].number = 1.0
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
        elif sweep_.known[i].graph is NULL:
            answers.append(constant(sweep_.known[i].number))
        else:
            answers.append(<object>sweep_.known[i].graph)
    return own_answers((root,), answers, done, set())


def push_graphs(roots, seeds, tangents, general, goes, check):
    """The derivatives of the roots as the seeds move by the tangents, Values or numbers, as Values.

    See `differentiate.push_forward`; the rest is as in `gradient_graphs`.
    """
    cdef tuple nodes = nodes_of(roots, "push_graphs"), sources = nodes_of(seeds, "push_graphs")
    cdef Gradients sweep_ = Gradients(nodes, True, general, goes, check)
    cdef Value root
    cdef Py_ssize_t i, k, countdown = SIGNAL_INTERVAL
    if not nodes:
        return []
    sweep_.look(sources)
    cdef uint64_t done = _last_mark
    given = {}
    for k in range(len(sources)):
        i = sweep_.targets[k]
        if i >= 0:
            sweep_.state[i] = NEEDED | GIVEN
            given[i] = tangents[k]
    for i, along in given.items():
        if type(along) is Value:
            sweep_.add(i, <PyObject*>along, (<Value>along)._data)
        else:
            sweep_.add(i, NULL, along)
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
        elif sweep_.known[i].graph is NULL:
            answers.append(constant(sweep_.known[i].number))
        else:
            answers.append(<object>sweep_.known[i].graph)
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
