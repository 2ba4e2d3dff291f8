# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""`Value` and the reverse sweep once more, compiled: same names, same graphs, same numbers, same errors.

Read `value` and `backward` for what they mean; this file says the same in C. What differs is how a node is kept.
It is 88 bytes: its number, gradient and adjoint, two parents with their local derivatives (or a block of them), a
word with its operation, flags and mark, and a pointer to what few nodes have (label, source, plug-in row). The
garbage collector does not know it: a graph has no cycles, and tracking the nodes would cost more than all the rest.
Reference counts alone free it, over a list threaded through the dying nodes, so that no chain is too long.

The rules are not written here either: at build time `codegen` writes the table in C (``_engine_rules.h``) and the
methods that call it, which take the place of the line METHODS OF THE TABLE.
"""

cimport cython
from cpython.buffer cimport PyBUF_FORMAT, PyBUF_ND, PyBUF_STRIDES, PyBuffer_Release, PyObject_CheckBuffer, PyObject_GetBuffer
from cpython.exc cimport PyErr_CheckSignals
from cpython.float cimport PyFloat_AS_DOUBLE, PyFloat_CheckExact
from cpython.list cimport PyList_CheckExact
from cpython.long cimport PyLong_CheckExact
from cpython.mem cimport PyMem_Free, PyMem_Malloc, PyMem_Realloc
from cpython.object cimport PyObject
from cpython.tuple cimport PyTuple_CheckExact
from libc.math cimport NAN, isfinite
from libc.stdint cimport uint64_t
from libc.string cimport strcmp

import operator

from . import errors
from .modes import nonfinite_allowed
from .operands import Applier, finite_float, is_number
from .ops import ROWS, TABLE
from .primitive import CONSTANT, LEAF
from .sources import SWITCH, calling_source

include "_engine_rules.pxi"

cdef extern from "Python.h":
    void Py_INCREF_ "Py_INCREF"(PyObject*)
    void Py_DECREF_ "Py_DECREF"(PyObject*)
    Py_ssize_t Py_REFCNT_ "Py_REFCNT"(PyObject*)
    PyObject* Py_TYPE_ "(PyObject*)Py_TYPE"(PyObject*)
    Py_ssize_t PySequence_Fast_GET_SIZE(PyObject*)
    PyObject** PySequence_Fast_ITEMS(PyObject*)

cdef extern from *:
    """
    #include <string.h>
    /* A dying node keeps the next one to die where its adjoint was. */
    static inline void set_link(double *slot, void *next) { memcpy(slot, &next, sizeof next); }
    static inline void *get_link(const double *slot) { void *next; memcpy(&next, slot, sizeof next); return next; }
    """
    void set_link(double*, void*) noexcept nogil
    void* get_link(const double*) noexcept nogil

cdef enum:
    CODE_MASK = 0xFFF
    MANY = 0x1000        # `left` is an Edges block
    HAS_GRAD = 0x2000
    FILLED = 0x4000      # a dot whose second vector is plain numbers: they are its local derivatives
    OWN_ROW = 0x8000     # the row is in `extra`, not in the table
    FLAGS = 0xFFFF
    MARK = 16            # from this bit on
    LEAF_CODE = 0
    CONSTANT_CODE = 1
    SIGNAL_INTERVAL = 1 << 20   # nodes between two looks for Ctrl-C, a few milliseconds

cdef list _ROW_OF = [LEAF, CONSTANT, *ROWS]
cdef dict _CODE_OF = {row: code for code, row in enumerate(_ROW_OF)}
cdef uint64_t _last_mark = 0
cdef bint _tracking = False
cdef PyObject* _value_type = NULL

cdef struct Edges:
    Py_ssize_t filled       # how many parents are in place
    Py_ssize_t room
    PyObject** parents
    double* locals_
    Edges* next_spare

# A training step frees blocks of the sizes that the next step asks for; fresh memory from the system costs more
# than all that is done with it (some 2 microseconds a page), so up to SPARE_BYTES wait here.
cdef enum:
    SPARE_SIZES = 61
    SPARE_BYTES = 128 << 20
cdef Edges* _spare[SPARE_SIZES]
cdef Py_ssize_t _spare_bytes = 0


@cython.final
@cython.no_gc
@cython.freelist(131072)
cdef class Value:
    """One number in a computation graph. ``data`` is the number, ``grad`` the derivative of the last root with
    respect to it, ``op`` the primitive that made it ("" for a leaf), ``parents`` its operands in order.

    Raises ``TypeError`` for what is not a real number and ``ValueError`` for NaN and infinities.
    """

    cdef double _data, adjoint
    cdef uint64_t state
    cdef PyObject* left
    cdef PyObject* right
    cdef double d_left, d_right, _grad
    cdef PyObject* extra

    __array_priority__ = -1.0

    def __init__(self, data, label=""):
        if self.left is not NULL or self.state & CODE_MASK:
            raise TypeError("this Value is made already: write Value(...) for a new one")
        if PyFloat_CheckExact(data) and isfinite(PyFloat_AS_DOUBLE(data)):
            self._data = PyFloat_AS_DOUBLE(data)
        else:
            self._data = finite_float(data, "Value(data)")
        if label != "":
            self.label = label
        if _tracking:
            set_extra(self, 1, calling_source())

    def __dealloc__(self):
        free_graph(self)

    # What a node is

    @property
    def data(self):
        """The number. On a leaf it can be set, as a training step does; a computed node refuses."""
        return self._data

    @data.setter
    def data(self, number):
        if self.state & CODE_MASK != LEAF_CODE:
            raise errors.ComputedValueError(errors.not_settable(self))
        if PyFloat_CheckExact(number) and isfinite(PyFloat_AS_DOUBLE(number)):
            self._data = PyFloat_AS_DOUBLE(number)
        else:
            self._data = finite_float(number, "Value.data")

    @property
    def grad(self):
        """d(root)/d(this) as of the last `backward`; leaves add up over calls until set to 0."""
        return self._grad

    @grad.setter
    def grad(self, number):
        self._grad = float(number) if is_number(number) else finite_float(number, "Value.grad")
        self.state |= HAS_GRAD

    @property
    def label(self):
        """A name of your choice, shown in errors, steps and pictures."""
        return "" if self.extra is NULL else (<tuple>self.extra)[0]

    @label.setter
    def label(self, label):
        if not isinstance(label, str):
            raise TypeError(f"label got {errors.shorten(label)}, {errors.article(type(label).__name__)}: expected a str")
        set_extra(self, 0, label)

    @property
    def parents(self):
        """The operands, in order; empty for a leaf."""
        cdef Edges* edges
        cdef Py_ssize_t i
        if self.state & MANY:
            edges = <Edges*>self.left
            return tuple([<object>edges.parents[i] for i in range(edges.filled)])
        if self.right is not NULL:
            return (<object>self.left, <object>self.right)
        return () if self.left is NULL else (<object>self.left,)

    @property
    def local_derivatives(self):
        """d(this)/d(parent) for each parent, as computed when this node was made (0.0 towards a constant)."""
        cdef Edges* edges
        cdef Py_ssize_t i
        if self.state & MANY:
            edges = <Edges*>self.left
            return tuple([edges.locals_[i] for i in range(edges.filled)])
        if self.right is not NULL:
            return (self.d_left, self.d_right)
        return () if self.left is NULL else (self.d_left,)

    @property
    def primitive(self):
        """The row of the table that made this node."""
        if self.state & OWN_ROW:
            return (<tuple>self.extra)[2]
        row = _ROW_OF[self.state & CODE_MASK]
        return row.fill(self.local_derivatives) if self.state & FILLED else row

    @property
    def op(self):
        """The primitive's name: ``"mul"``, ``"tanh"``; ``""`` for a leaf, ``"constant"`` for a plain number."""
        return _ROW_OF[self.state & CODE_MASK].name if not self.state & OWN_ROW else self.primitive.name

    @property
    def source(self):
        """The line that made this node, if it was made under `track_sources`."""
        return None if self.extra is NULL else (<tuple>self.extra)[1]

    @property
    def is_leaf(self):
        """Whether this is a leaf: it collects a gradient and its data can be set."""
        return self.state & CODE_MASK == LEAF_CODE

    @property
    def is_constant(self):
        """Whether this was a plain number in an expression, and so takes no gradient."""
        return self.state & CODE_MASK == CONSTANT_CODE

    @property
    def backward_ran(self):
        """Whether any `backward` has reached this node (or its ``grad`` was set)."""
        return self.state & HAS_GRAD != 0

    @property
    def _adjoint(self):
        return self.adjoint

    @property
    def _prev(self):
        """micrograd's name for ``parents`` (in order, so that every traversal is the same)."""
        return self.parents

    @property
    def _op(self):
        """micrograd's name for the operation: ``+``, ``*``, ``**``, ``ReLU``."""
        row = self.primitive
        return "" if not row.partials else row.operator or row.symbol

    def detach(self):
        """A constant with this node's number: gradients stop here."""
        return constant(self._data)

    def backward(self):
        """Give every node below its gradient: interior nodes afresh, leaves added to what they have."""
        backward(self)

    # How a node shows, compares and is kept

    def __repr__(self):
        label = f", label={self.label!r}" if self.label else ""
        return f"Value(data={self._data!r}, grad={self._grad!r}{label})"

    def __format__(self, spec):
        return format(self._data, spec) if spec else repr(self)

    def __float__(self):
        raise TypeError(errors.dropped_gradient(self, TABLE))

    def __int__(self):
        raise TypeError(errors.dropped_gradient(self, TABLE))

    def __bool__(self):
        return self._data != 0.0

    def __eq__(self, other):
        if is_number(other):
            raise TypeError(errors.not_equal_to_number(other))
        return self is other

    def __ne__(self, other):
        return not self == other

    def __hash__(self):
        return <Py_hash_t>(<size_t><PyObject*>self >> 4)

    def __lt__(self, other):
        return compare(self, other, operator.lt)

    def __le__(self, other):
        return compare(self, other, operator.le)

    def __gt__(self, other):
        return compare(self, other, operator.gt)

    def __ge__(self, other):
        return compare(self, other, operator.ge)

    def __pos__(self):
        return self

    def __reduce__(self):
        if self.left is not NULL:
            raise TypeError(errors.not_copyable(self))
        grad = self._grad if self.state & HAS_GRAD else None
        return _restore, (self._data, self.label, grad, self.is_constant)

    def __getattr__(self, name):
        """A plug-in primitive's method (see `register`); only asked for names that the class has not."""
        row = TABLE.get(name)
        if row is None or row.variadic and len(row.arguments) > 1:
            raise AttributeError(f"'Value' object has no attribute {name!r}", name=name, obj=self)
        if row.variadic:
            return lambda *others: apply(row, ([self, *others],))
        return lambda *more, **named: apply(row, (self, *more), named)

    # METHODS OF THE TABLE


_value_type = <PyObject*>Value


cdef compare(Value self, other, holds):
    if type(other) is Value:
        return holds(self._data, (<Value>other)._data)
    return bool(holds(self._data, other)) if is_number(other) else NotImplemented


cdef int set_extra(Value node, int place, thing) except -1:
    """Put the label (0), source (1) or row (2) of a node where such things are kept."""
    cdef list parts = ["", None, None] if node.extra is NULL else list(<tuple>node.extra)
    parts[place] = thing
    made = tuple(parts)
    cdef PyObject* old = node.extra
    Py_INCREF_(<PyObject*>made)
    node.extra = <PyObject*>made
    if old is not NULL:
        Py_DECREF_(old)
    return 0


# Freeing without recursion


cdef inline PyObject* let_go(PyObject* parent, PyObject* doomed) noexcept:
    """Drop one reference to ``parent``; if it was the last, put the node on the list of the doomed instead."""
    if Py_REFCNT_(parent) == 1:
        set_link(&(<Value>parent).adjoint, doomed)
        return parent
    Py_DECREF_(parent)
    return doomed


cdef PyObject* let_parents_go(Value node, PyObject* doomed) noexcept:
    cdef Edges* edges
    cdef Py_ssize_t i
    if node.state & MANY:
        edges = <Edges*>node.left
        node.left = NULL
        node.state &= ~<uint64_t>MANY
        for i in range(edges.filled):
            doomed = let_go(edges.parents[i], doomed)
        free_edges(edges)
        return doomed
    if node.left is not NULL:
        doomed = let_go(node.left, doomed)
        node.left = NULL
    if node.right is not NULL:
        doomed = let_go(node.right, doomed)
        node.right = NULL
    return doomed


cdef void free_graph(Value node) noexcept:
    """Let go of all that only ``node`` keeps alive, however long the chain: a node dies when its parents are off it."""
    cdef PyObject* doomed = let_parents_go(node, NULL)
    cdef PyObject* dying
    if node.extra is not NULL:
        Py_DECREF_(node.extra)
        node.extra = NULL
    while doomed is not NULL:
        dying = doomed
        doomed = <PyObject*>get_link(&(<Value>dying).adjoint)
        doomed = let_parents_go(<Value>dying, doomed)
        Py_DECREF_(dying)


# Making nodes


cdef inline Value bare(double data, uint64_t code):
    cdef Value node = Value.__new__(Value)
    node._data = data
    node.state = code
    return node


cdef inline object node1(Value x, uint64_t code, double y, double d):
    cdef Value node
    if not isfinite(y) or _tracking:
        return apply(_ROW_OF[code], (x,))
    node = bare(y, code)
    Py_INCREF_(<PyObject*>x)
    node.left = <PyObject*>x
    node.d_left = d
    return node


cdef inline object node2(Value a, Value b, uint64_t code, double y, double d_a, double d_b):
    cdef Value node
    if not isfinite(y) or _tracking:
        return apply(_ROW_OF[code], (a, b))
    node = bare(y, code)
    Py_INCREF_(<PyObject*>a)
    Py_INCREF_(<PyObject*>b)
    node.left = <PyObject*>a
    node.right = <PyObject*>b
    node.d_left = d_a
    node.d_right = d_b
    return node


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
    cdef Py_ssize_t i, n = len(parents)
    code = _CODE_OF.get(row)
    node = bare(data, OWN_ROW | CODE_MASK if code is None else code)
    if n > 2:
        edges = new_edges(n)
        node.left = <PyObject*>edges  # from here on the node frees it, whatever happens
        node.state |= MANY
        for i in range(n):
            edges.locals_[i] = local_derivatives[i]
            parent = parents[i]
            Py_INCREF_(<PyObject*>parent)
            edges.parents[i] = <PyObject*>parent
            edges.filled += 1
    elif n:
        parent = parents[0]
        node.d_left = local_derivatives[0]
        Py_INCREF_(<PyObject*>parent)
        node.left = <PyObject*>parent
        if n == 2:
            parent = parents[1]
            node.d_right = local_derivatives[1]
            Py_INCREF_(<PyObject*>parent)
            node.right = <PyObject*>parent
    if code is None:
        set_extra(node, 2, row)
    if _tracking:
        set_extra(node, 1, calling_source())
    return node


def _restore(data, label, grad, is_constant):
    """A leaf or constant out of a copy or pickle."""
    cdef Value node = bare(data, CONSTANT_CODE if is_constant else LEAF_CODE)
    if label:
        node.label = label
    if grad is not None:
        node.grad = grad
    return node


_applier = Applier(Value, _make)
apply = _applier.apply
constant = _applier.constant
as_constant = _applier.as_constant


def equip(row):
    """Nothing to do for a plug-in: `Value.__getattr__` finds it in the table."""


def unequip(row):
    """Nothing to do: see `equip`."""


def _set_tracking(bint on):
    global _tracking
    _tracking = on


SWITCH.watch(_set_tracking)


# Many parents


cdef struct Operand:
    # One vector of a many-parent primitive. No Python code runs between `look` and the end of `many`, so that the
    # items of a list or tuple can be borrowed from it.
    PyObject** items    # NULL where the vector came as a buffer of doubles
    double* numbers
    Py_ssize_t n
    Py_ssize_t values   # how many of the items are Values


cdef int look(Operand* operand, vector) except -1:
    """Take a vector in; 0 if it is not one that the fast way takes."""
    cdef Py_buffer view
    cdef Py_ssize_t i
    cdef PyObject* item
    operand.values = 0
    if PyList_CheckExact(vector) or PyTuple_CheckExact(vector):
        operand.n = PySequence_Fast_GET_SIZE(<PyObject*>vector)
        operand.items = PySequence_Fast_ITEMS(<PyObject*>vector)
        operand.numbers = <double*>PyMem_Malloc(operand.n * sizeof(double) + 1)
        if operand.numbers is NULL:
            raise MemoryError(f"no memory for a vector of {operand.n} operands")
        for i in range(operand.n):
            item = operand.items[i]
            if Py_TYPE_(item) is _value_type:
                operand.numbers[i] = (<Value>item)._data
                operand.values += 1
            elif PyFloat_CheckExact(<object>item):
                operand.numbers[i] = PyFloat_AS_DOUBLE(<object>item)
            else:
                return 0
        return 1
    if not PyObject_CheckBuffer(vector):
        return 0
    PyObject_GetBuffer(vector, &view, PyBUF_FORMAT | PyBUF_ND | PyBUF_STRIDES)
    try:
        if view.ndim != 1 or view.itemsize != sizeof(double) or view.format is NULL or strcmp(view.format, b"d"):
            return 0
        operand.n = view.shape[0]
        operand.items = NULL
        operand.numbers = <double*>PyMem_Malloc(operand.n * sizeof(double) + 1)
        if operand.numbers is NULL:
            raise MemoryError(f"no memory for a vector of {operand.n} numbers")
        for i in range(operand.n):
            operand.numbers[i] = (<double*>(<char*>view.buf + i * view.strides[0]))[0]
    finally:
        PyBuffer_Release(&view)
    return 1


cdef int add_parents(Edges* edges, Py_ssize_t start, Operand* operand) except -1:
    """Make the operand's items parents from ``start`` on: Values as they are, numbers as constants."""
    cdef Py_ssize_t i
    cdef PyObject* item
    cdef Value number
    for i in range(operand.n):
        item = operand.items[i]
        if Py_TYPE_(item) is not _value_type:
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
    if found is None or _tracking or not 1 <= len(vectors) == len(row.arguments) <= 2:
        return None
    code = found
    a.numbers = b.numbers = NULL
    try:
        if not look(&a, vectors[0]) or a.n == 0:
            return None
        if len(vectors) == 1:
            return many(code, &a, NULL, False) if a.values else None
        if not look(&b, vectors[1]) or a.n != b.n:
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
    add_parents(edges, 0, a)
    if count > n:
        add_parents(edges, n, b)
    return node


# The reverse sweep


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


cdef int walk(PyObject* node, uint64_t opened, Nodes* order, Nodes* stack) except -1:
    """`backward.topological_order` from ``node`` and all of ``stack`` on, step by step the same."""
    cdef uint64_t mark, done = opened + 1
    cdef PyObject* left
    cdef PyObject* right
    cdef Edges* edges
    cdef Py_ssize_t i, countdown = SIGNAL_INTERVAL
    while True:
        countdown -= 1
        if countdown == 0:
            PyErr_CheckSignals()
            countdown = SIGNAL_INTERVAL
        mark = mark_of(node)
        if mark < opened:
            (<Value>node).adjoint = 0.0
            left = (<Value>node).left
            if left is NULL:
                set_mark(node, done)
                push(order, node)
            else:
                set_mark(node, opened)
                push(stack, node)
                if (<Value>node).state & MANY:
                    edges = <Edges*>left
                    grow(stack, edges.filled)
                    for i in range(edges.filled - 1, -1, -1):
                        if mark_of(edges.parents[i]) != done:
                            stack.items[stack.n] = edges.parents[i]
                            stack.n += 1
                else:
                    right = (<Value>node).right
                    if right is not NULL and mark_of(right) != done:
                        push(stack, right)
                    if mark_of(left) != done:
                        node = left
                        continue
        elif mark == opened:
            set_mark(node, done)
            push(order, node)
        if stack.n == 0:
            return 0
        stack.n -= 1
        node = stack.items[stack.n]


cdef int find_order(roots, Nodes* order) except -1:
    """Fill ``order``, which the caller frees, with the nodes below the roots."""
    global _last_mark
    cdef Nodes stack = Nodes(NULL, 0, 0)
    cdef uint64_t opened = _last_mark + 1
    cdef Value root
    _last_mark += 2
    try:
        for root in reversed(roots):
            push(&stack, <PyObject*>root)
        stack.n -= 1
        walk(stack.items[stack.n], opened, order, &stack)
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


cdef int sweep(Nodes* order) except -1:
    """`backward._sweep`: leave d(root)/d(node) in the adjoint of every node of a fresh ``order``."""
    cdef Py_ssize_t i, k, countdown = SIGNAL_INTERVAL
    cdef Value node
    cdef PyObject* item
    cdef double upstream
    cdef Edges* edges
    (<Value>order.items[order.n - 1]).adjoint = 1.0
    for i in range(order.n - 1, -1, -1):
        countdown -= 1
        if countdown == 0:
            PyErr_CheckSignals()
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
    try:
        find_order((root,), &order)
        sweep(&order)
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
    try:
        for target in targets:
            target.adjoint = 0.0
        find_order((root,), &order)
        sweep(&order)
        for target in targets:
            if not isfinite(target.adjoint):
                complain(&order)
                break
        return [(<Value>target).adjoint for target in targets]
    finally:
        PyMem_Free(order.items)
