# What nodes made by differentiation are the derivative of (see `origins.Origin`), and the rest that few nodes have.
#
# A node points to what it has: a tuple with its label, source, row and origin, or, of most that have an origin, just a
# slot, which the nodes of one edge share. Slots are a few hundred to a block, which lives as long as one of its nodes.

cdef enum:
    SLOTS = 254          # to a block: it fills 4 KB
    TOTAL = -(1 << 30)   # no edge: the whole derivative of the root by the node


cdef struct Slot:
    PyObject* node
    int edge
    int offset           # from the beginning of its block


cdef struct Origins:
    Py_ssize_t count     # references: of nodes, and of the sweep that fills it
    PyObject* root       # keeps all nodes of the slots; NULL where each is its own root, which the block keeps
    Py_ssize_t filled
    Slot[SLOTS] slots


cdef inline bint is_slot(PyObject* extra) noexcept:
    return <size_t>extra & 1


cdef inline Slot* slot_of(PyObject* extra) noexcept:
    return <Slot*>(<size_t>extra - 1)


cdef inline Origins* origins_of(Slot* slot) noexcept:
    return <Origins*>(<char*>slot - slot.offset)


cdef Origins* new_origins(PyObject* root) except NULL:
    """An empty block, with one reference."""
    cdef Origins* made = <Origins*>PyMem_Malloc(sizeof(Origins))
    if made is NULL:
        raise MemoryError("no memory to remember what nodes are the derivative of")
    made.count, made.filled, made.root = 1, 0, root
    if root is not NULL:
        Py_INCREF_(root)
    return made


cdef inline PyObject* drop_origins(Origins* origins, PyObject* doomed) noexcept:
    """One reference less; what nobody else keeps then is put on the list of the doomed."""
    origins.count -= 1
    return doomed if origins.count else free_origins(origins, doomed)


cdef PyObject* free_origins(Origins* origins, PyObject* doomed) noexcept:
    cdef Py_ssize_t i
    if origins.root is not NULL:
        doomed = let_go(origins.root, doomed)
    else:
        for i in range(origins.filled):
            doomed = let_go(origins.slots[i].node, doomed)
    PyMem_Free(origins)
    return doomed


@cython.final
@cython.no_gc
cdef class DerivedFrom:
    """The same for a node that has more than that, such as a label."""

    cdef PyObject* node
    cdef PyObject* root
    cdef Py_ssize_t edge

    def __dealloc__(self):
        if self.node is not NULL:
            Py_DECREF_(self.node)
            Py_DECREF_(self.root)


cdef DerivedFrom derived_from(PyObject* node, Py_ssize_t edge, PyObject* root):
    cdef DerivedFrom made = DerivedFrom.__new__(DerivedFrom)
    Py_INCREF_(node)
    Py_INCREF_(root)
    made.node, made.edge, made.root = node, edge, root
    return made


cdef inline bint has_parts(Value node):
    """Whether ``extra`` is a label, source, row and origin; most nodes have nothing, or an origin alone."""
    return node.extra is not NULL and not is_slot(node.extra)


cdef int set_extra(Value node, int place, thing) except -1:
    """Put the label (0), source (1), row (2) or origin (3) of a node where such things are kept."""
    cdef PyObject* old = node.extra
    cdef PyObject* root
    cdef Slot* slot
    cdef list parts = list(<tuple>old) if has_parts(node) else ["", None, None, None]
    if is_slot(old):
        slot = slot_of(old)
        root = origins_of(slot).root
        parts[3] = derived_from(slot.node, slot.edge, slot.node if root is NULL else root)
    parts[place] = thing
    made = tuple(parts)
    Py_INCREF_(<PyObject*>made)
    node.extra = <PyObject*>made
    if is_slot(old):
        free_doomed(drop_origins(origins_of(slot_of(old)), NULL))
    elif old is not NULL:
        Py_DECREF_(old)
    return 0

