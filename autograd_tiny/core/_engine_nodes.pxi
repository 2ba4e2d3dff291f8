# How nodes come and go: making them, fast and in general, and freeing them without recursion.


cdef inline PyObject* reused() except NULL:
    """A retired node, of which there is one; the caller owns the reference."""
    global _spare_node_count
    _spare_node_count -= 1
    cdef PyObject* node = new_reference(_spare_nodes[_spare_node_count], _value_type)
    if _spare_node_count >= AHEAD:
        ask_for(_spare_nodes[_spare_node_count - AHEAD])
        ask_for(<char*>_spare_nodes[_spare_node_count - AHEAD] + 64)
    (<Value>node).adjoint = (<Value>node)._grad = 0.0
    return node


cdef inline PyObject* raw(double data, uint64_t code) except NULL:
    """A node without parents, in the place of a retired one if there is one; the caller owns the reference."""
    cdef PyObject* node
    if _spare_node_count:
        node = reused()
    else:
        made = Value.__new__(Value)
        node = <PyObject*>made
        Py_INCREF_(node)
    (<Value>node)._data = data
    (<Value>node).state = code
    return node


cdef object allocate(PyObject* type, Py_ssize_t n):
    """What the type does for the memory of a new Value: a leaf too takes the place of a retired node."""
    cdef PyObject* node
    if not _spare_node_count:
        return fresh_memory(type, n)
    node = reused()
    (<Value>node)._data = 0.0
    return handed_over(node)


cdef inline Value bare(double data, uint64_t code):
    return <Value>handed_over(raw(data, code))


cdef object general_way(uint64_t code, tuple operands):
    """The node of what is out of the ordinary: a non-finite result, or sources tracked."""
    return apply(_ROW_OF[code], operands)


cdef inline PyObject* raw1(PyObject* x, uint64_t code, double y, double d) except NULL:
    cdef PyObject* node = raw(y, code)
    Py_INCREF_(x)
    (<Value>node).left = x
    (<Value>node).d_left = d
    return node


cdef inline PyObject* raw2(PyObject* a, PyObject* b, uint64_t code, double y, double d_a, double d_b) except NULL:
    cdef PyObject* node = raw(y, code)
    Py_INCREF_(a)
    Py_INCREF_(b)
    (<Value>node).left = a
    (<Value>node).right = b
    (<Value>node).d_left = d_a
    (<Value>node).d_right = d_b
    return node


cdef inline void unflagged(double d) noexcept:
    """Without the flag of what was infinite on the way to a slope, as of sqrt at 0: numpy would take it for one of its own."""
    if (not isfinite(d) or d == 0.0) and fetestexcept(FE_DIVBYZERO | FE_OVERFLOW | FE_INVALID):
        feclearexcept(FE_DIVBYZERO | FE_OVERFLOW | FE_INVALID)


cdef inline object node1(Value x, uint64_t code, double y, double d):
    cdef PyObject* node
    unflagged(d)
    if not isfinite(y) or _unusual:
        if not isfinite(y) or _tracking:
            return general_way(code, (x,))
        node = raw1(<PyObject*>x, code, y, d)
        push_node(node)
        return handed_over(node)
    return handed_over(raw1(<PyObject*>x, code, y, d))


cdef inline object node2(Value a, Value b, uint64_t code, double y, double d_a, double d_b):
    cdef PyObject* node
    unflagged(d_a)
    unflagged(d_b)
    if not isfinite(y) or _unusual:
        if not isfinite(y) or _tracking:
            return general_way(code, (a, b))
        node = raw2(<PyObject*>a, <PyObject*>b, code, y, d_a, d_b)
        push_node(node)
        return handed_over(node)
    return handed_over(raw2(<PyObject*>a, <PyObject*>b, code, y, d_a, d_b))


cdef tuple nodes_of(nodes, str place):
    """`operands.checked_nodes`: a tuple of Values, which nobody can change while it is walked."""
    cdef tuple found = nodes if PyTuple_CheckExact(nodes) else checked_nodes(nodes, Value, place)
    for node in found:
        if type(node) is not Value:
            raise errors.not_a_value(place, node)
    return found


cdef Value number_node(x):
    """The constant node of a plain number; None for a foreign type."""
    cdef double number
    if PyFloat_CheckExact(x):
        number = PyFloat_AS_DOUBLE(x)
        if isfinite(number) and not _tracking:
            return bare(number, CONSTANT_CODE)
    elif PyLong_CheckExact(x) and not _tracking and -(1 << 53) <= x <= 1 << 53:
        return bare(<double>x, CONSTANT_CODE)
    return as_constant(x)


cdef Edges* new_edges(Py_ssize_t n) except NULL:
    """Room for n parents and their local derivatives, in one block, of which none is filled yet."""
    cdef int place = n % SPARE_SIZES
    cdef Edges* edges = _spare[place]
    if edges is not NULL and edges.room == n:
        _spare[place] = edges.next_spare
        global _spare_bytes
        _spare_bytes -= block_size(n)
    else:
        edges = <Edges*>PyMem_Malloc(block_size(n))
        if edges is NULL:
            raise MemoryError(f"no memory for a node with {n} parents")
        edges.room = n
        edges.locals_ = <double*>(edges + 1)
        edges.parents = <PyObject**>(edges.locals_ + n)
    edges.filled = 0
    return edges


cdef inline Py_ssize_t block_size(Py_ssize_t n) noexcept:
    return sizeof(Edges) + n * (sizeof(PyObject*) + sizeof(double))


cdef void free_edges(Edges* edges) noexcept:
    """Keep the block for the next node of as many parents, or give it back."""
    global _spare_bytes
    cdef int place = edges.room % SPARE_SIZES
    cdef Edges* first = _spare[place]
    if (first is NULL or first.room == edges.room) and _spare_bytes < SPARE_BYTES:
        edges.next_spare = first
        _spare[place] = edges
        _spare_bytes += block_size(edges.room)
    else:
        PyMem_Free(edges)


def _make(row, double data, parents, local_derivatives):
    """A node of any row; what `Applier` makes nodes with."""
    cdef Value node
    cdef Edges* edges
    cdef tuple nodes = nodes_of(parents, "a node")
    cdef Py_ssize_t i, n = len(nodes)
    cdef Column slopes = Column(local_derivatives)
    if slopes.size != n:
        raise ValueError(f"a node of {n} parents got {slopes.size} local derivatives: expected one for each")
    code = _CODE_OF.get(row)
    node = bare(data, OWN_ROW | CODE_MASK if code is None else code)
    if n > 2:
        edges = new_edges(n)
        node.left = <PyObject*>edges  # from here on the node frees it, whatever happens
        node.state |= MANY
        for i in range(n):
            edges.locals_[i] = slopes.at[i]
            parent = nodes[i]
            Py_INCREF_(<PyObject*>parent)
            edges.parents[i] = <PyObject*>parent
            edges.filled += 1
    elif n:
        parent = nodes[0]
        node.d_left = slopes.at[0]
        Py_INCREF_(<PyObject*>parent)
        node.left = <PyObject*>parent
        if n == 2:
            parent = nodes[1]
            node.d_right = slopes.at[1]
            Py_INCREF_(<PyObject*>parent)
            node.right = <PyObject*>parent
    if code is None:
        set_extra(node, 2, row)
    if _tracking:
        set_extra(node, 1, calling_source())
    if _pushing:
        push_node(<PyObject*>node)
    return node


def _restore(data, label, grad, is_constant):
    """A leaf or constant out of a copy or pickle."""
    cdef Value node = restored(_make, data, label, is_constant)
    if grad is not None:
        node._grad = real_float(grad, "the gradient of a copied Value")
        node.state |= HAS_GRAD
    if _recording and not is_constant:
        note_leaf(node)
    return node


def set_constant(leaves, bint on):
    """Make plain numbers of leaves that have served, or leaves of them again."""
    cdef Value leaf
    for leaf in leaves:
        leaf.state = (leaf.state & ~(<uint64_t>CODE_MASK)) | <uint64_t>(CONSTANT_CODE if on else LEAF_CODE)


def _number_of(Value node):
    return node._data


make_node = _make
_applier = Applier(Value, _make, _number_of)
apply = _applier.apply
constant = _applier.constant
as_constant = _applier.as_constant


cdef dict _plugins = {}   # by the names of their methods


def equip(row):
    """Have `Value.__getattr__` find a plug-in."""
    _plugins.update(dict.fromkeys((row.name, *row.aliases), row))


def unequip(row):
    """Take a plug-in's methods away again."""
    for name in (row.name, *row.aliases):
        if _plugins.get(name) is row:
            del _plugins[name]


def _set_tracking(bint on):
    global _tracking, _unusual
    _tracking = on
    _unusual = on or _pushing


SWITCH.watch(_set_tracking)


def _set_recording(bint on):
    global _recording
    _recording = on


FLAG.watch(_set_recording)


# Freeing without recursion


cdef inline PyObject* let_go(PyObject* parent, PyObject* doomed) noexcept:
    """Drop one reference to ``parent``; if it was the last, put the node on the list of the doomed instead."""
    if Py_REFCNT_(parent) == 1:
        ask_for((<Value>parent).left)
        ask_for((<Value>parent).right)
        set_link(&(<Value>parent).adjoint, doomed)
        return parent
    Py_DECREF_(parent)
    return doomed


cdef PyObject* let_parents_go(PyObject* node, PyObject* doomed) noexcept:
    cdef Edges* edges
    cdef Py_ssize_t i
    if (<Value>node).state & MANY:
        edges = <Edges*>(<Value>node).left
        for i in range(edges.filled):
            doomed = let_go(edges.parents[i], doomed)
        free_edges(edges)
    else:
        if (<Value>node).left is not NULL:
            doomed = let_go((<Value>node).left, doomed)
        if (<Value>node).right is not NULL:
            doomed = let_go((<Value>node).right, doomed)
    (<Value>node).left = (<Value>node).right = NULL
    (<Value>node).state = LEAF_CODE
    return doomed


cdef void deallocate(PyObject* node) noexcept:
    """What the type does with a node that nobody refers to any more, and with all that only it keeps alive.

    Set in place of Cython's own, which would be called for each node and come here with errors saved and restored.
    """
    free_doomed(retire(node, let_parents_go(node, NULL)))


cdef void free_doomed(PyObject* doomed) noexcept:
    cdef PyObject* node
    while doomed is not NULL:
        node = doomed
        doomed = <PyObject*>get_link(&(<Value>node).adjoint)
        doomed = retire(node, let_parents_go(node, doomed))


cdef inline PyObject* retire(PyObject* node, PyObject* doomed) noexcept:
    """Keep a node without parents for `raw` to use again, or give its memory back; those that are doomed then."""
    global _spare_node_count
    cdef PyObject* extra = (<Value>node).extra
    if extra is not NULL:
        (<Value>node).extra = NULL
        if is_slot(extra):
            doomed = drop_origins(origins_of(slot_of(extra)), doomed)
        else:
            Py_DECREF_(extra)
    if _spare_node_count < SPARE_NODES:
        _spare_nodes[_spare_node_count] = node
        _spare_node_count += 1
        forget_type(node)
    else:
        free_object(node)
    return doomed


set_allocator(_value_type, allocate)
set_deallocator(_value_type, deallocate)
