# How nodes come and go: making them, fast and in general, and freeing them without recursion.


cdef inline Value bare(double data, uint64_t code):
    """A node without parents, in the place of a retired one if there is one."""
    global _spare_nodes, _spare_node_count
    cdef Value node
    cdef PyObject* spare = _spare_nodes
    if spare is NULL:
        node = Value.__new__(Value)
    else:
        _spare_nodes = <PyObject*>get_link(&(<Value>spare).adjoint)
        _spare_node_count -= 1
        node = <Value>new_reference(spare, _value_type)
        node.adjoint = node._grad = 0.0
    node._data = data
    node.state = code
    return node


cdef object general_way(uint64_t code, tuple operands):
    """The node of what is out of the ordinary: a non-finite result, or sources tracked."""
    return apply(_ROW_OF[code], operands)


cdef inline object node1(Value x, uint64_t code, double y, double d):
    cdef Value node
    if not isfinite(y) or _tracking:
        return general_way(code, (x,))
    node = bare(y, code)
    Py_INCREF_(<PyObject*>x)
    node.left = <PyObject*>x
    node.d_left = d
    return node


cdef inline object node2(Value a, Value b, uint64_t code, double y, double d_a, double d_b):
    cdef Value node
    if not isfinite(y) or _tracking:
        return general_way(code, (a, b))
    node = bare(y, code)
    Py_INCREF_(<PyObject*>a)
    Py_INCREF_(<PyObject*>b)
    node.left = <PyObject*>a
    node.right = <PyObject*>b
    node.d_left = d_a
    node.d_right = d_b
    return node


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
    global _tracking
    _tracking = on


SWITCH.watch(_set_tracking)


def _set_recording(bint on):
    global _recording
    _recording = on


FLAG.watch(_set_recording)


# Freeing without recursion


cdef inline PyObject* let_go(PyObject* parent, PyObject* doomed) noexcept:
    """Drop one reference to ``parent``; if it was the last, put the node on the list of the doomed instead."""
    if Py_REFCNT_(parent) == 1:
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
    cdef PyObject* doomed = let_parents_go(node, NULL)
    retire(node)
    while doomed is not NULL:
        node = doomed
        doomed = <PyObject*>get_link(&(<Value>node).adjoint)
        doomed = let_parents_go(node, doomed)
        retire(node)


cdef inline void retire(PyObject* node) noexcept:
    """Keep a node without parents for `bare` to use again, or give its memory back."""
    global _spare_nodes, _spare_node_count
    cdef PyObject* extra = (<Value>node).extra
    if extra is not NULL:
        (<Value>node).extra = NULL
        Py_DECREF_(extra)
    if _spare_node_count < SPARE_NODES:
        set_link(&(<Value>node).adjoint, _spare_nodes)
        _spare_nodes = node
        _spare_node_count += 1
        forget_type(node)
    else:
        free_object(node)


set_deallocator(_value_type, deallocate)
