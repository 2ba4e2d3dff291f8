# cython: language_level=3, boundscheck=False, wraparound=False, binding=False
"""`Watch`: whether cells, globals, lists and dicts hold the very things that they held; asked in every call.

A list and a dict are walked where they are. So are the values of a dict: the view of them knows its dict, which is
in Python's headers (`_PyDictViewObject` in cpython/dictobject.h).
"""

from cpython.mem cimport PyMem_Free, PyMem_Malloc
from cpython.object cimport PyObject
from libc.string cimport memcmp

cdef extern from "Python.h":
    """
    #define autograd_tiny_dict_of(view) ((PyObject *) ((_PyDictViewObject *) (view))->dv_dict)
    #define autograd_tiny_elements_of(list) (((PyListObject *) (list))->ob_item)
    #define autograd_tiny_length_of(list) Py_SIZE(list)
    """
    PyObject *autograd_tiny_dict_of(PyObject *)
    PyObject **autograd_tiny_elements_of(PyObject *)
    Py_ssize_t autograd_tiny_length_of(PyObject *)
    int PyDict_Next(PyObject *, Py_ssize_t *, PyObject **, PyObject **)
    Py_ssize_t PyDict_Size(PyObject *) except -1
    PyObject *PyCell_GET(PyObject *)
    PyObject *PyDict_GetItemWithError(PyObject *, object) except? NULL

cdef type VALUES = type({}.values())

DEF LIST = 0
DEF KEYS = 1
DEF DICT_VALUES = 2
DEF OTHER = 3
DEF LONG = 4
"""A list of which only the length is asked for."""


cdef struct View:
    int kind
    Py_ssize_t length
    PyObject *where


cdef class Watch:
    """What was there: ``same`` says whether it still is."""

    cdef list kept
    cdef View *views
    cdef PyObject **elements
    cdef Py_ssize_t count, cell_count, global_count
    cdef PyObject **cells
    cdef PyObject **globals

    def __init__(self, list cells, list globals, list views, list lengths, list elements, list long, list long_lengths,
                 missing):
        """``cells`` and their contents, dicts with a name and what it stands for, and all elements of the views.

        Of ``long`` lists the length will do.
        """
        cdef Py_ssize_t i, total = sum(lengths)
        cdef PyObject *at
        if len(lengths) != len(views) or total != len(elements):
            raise ValueError("Watch: as many lengths as views, and all their elements, are expected")
        self.kept = [list(cells), list(globals), list(views), list(elements), missing, list(long)]
        self.count, self.cell_count, self.global_count = len(views) + len(long), len(cells), len(globals)
        self.views = <View *> room(self.count * sizeof(View))
        self.elements = <PyObject **> room(total * sizeof(PyObject *))
        self.cells = <PyObject **> room(2 * len(cells) * sizeof(PyObject *))
        self.globals = <PyObject **> room(3 * len(globals) * sizeof(PyObject *))
        for i in range(total):
            self.elements[i] = <PyObject *> elements[i]
        for i in range(self.cell_count):
            cell, seen = cells[i]
            self.cells[2 * i] = <PyObject *> cell
            self.cells[2 * i + 1] = NULL if seen is missing else <PyObject *> seen
        for i in range(self.global_count):
            space, name, seen = globals[i]
            self.globals[3 * i], self.globals[3 * i + 1] = <PyObject *> space, <PyObject *> name
            self.globals[3 * i + 2] = NULL if seen is missing else <PyObject *> seen
        for i in range(self.count):
            if i >= len(views):
                view = long[i - len(views)]
                self.views[i].length, self.views[i].where = long_lengths[i - len(views)], <PyObject *> view
                self.views[i].kind = LONG
                continue
            view = views[i]
            self.views[i].length, self.views[i].where = lengths[i], <PyObject *> view
            if type(view) is list:
                self.views[i].kind = LIST
            elif type(view) is dict:
                self.views[i].kind = KEYS
            elif type(view) is VALUES and type(<object> autograd_tiny_dict_of(<PyObject *> view)) is dict:
                self.views[i].kind, self.views[i].where = DICT_VALUES, autograd_tiny_dict_of(<PyObject *> view)
            else:
                self.views[i].kind = OTHER

    def __dealloc__(self):
        PyMem_Free(self.views)
        PyMem_Free(self.elements)
        PyMem_Free(self.cells)
        PyMem_Free(self.globals)

    def same(self):
        """Whether all is as it was."""
        cdef Py_ssize_t i, j, n, place
        cdef PyObject **seen = self.elements
        cdef PyObject *key
        cdef PyObject *value
        cdef View *view
        for i in range(self.cell_count):
            if PyCell_GET(self.cells[2 * i]) != self.cells[2 * i + 1]:
                return False
        for i in range(self.global_count):
            if type(<object> self.globals[3 * i]) is dict:
                value = PyDict_GetItemWithError(self.globals[3 * i], <object> self.globals[3 * i + 1])
            else:
                found = (<object> self.globals[3 * i]).get(<object> self.globals[3 * i + 1], self.kept[4])
                value = NULL if found is self.kept[4] else <PyObject *> found
            if value != self.globals[3 * i + 2]:
                return False
        for i in range(self.count):
            view = &self.views[i]
            n = view.length
            if view.kind == LIST:
                if autograd_tiny_length_of(view.where) != n:
                    return False
                if n and memcmp(autograd_tiny_elements_of(view.where), seen, n * sizeof(PyObject *)) != 0:
                    return False
            elif view.kind == LONG:
                if len(<object> view.where) != n:
                    return False
                continue
            elif view.kind == OTHER:
                if not same_elements(<object> view.where, n, seen):
                    return False
            else:
                if PyDict_Size(view.where) != n:
                    return False
                place = j = 0
                while j < n and PyDict_Next(view.where, &place, &key, &value):
                    if (key if view.kind == KEYS else value) != seen[j]:
                        return False
                    j += 1
                if j != n:
                    return False
            seen += n
        return True


cdef bint same_elements(object view, Py_ssize_t n, PyObject **seen) except -1:
    cdef Py_ssize_t j = 0
    if len(view) != n:
        return False
    for x in view:
        if j == n or <PyObject *> x != seen[j]:
            return False
        j += 1
    return j == n


cdef void *room(size_t size) except NULL:
    cdef void *made = PyMem_Malloc(size + 1)
    if made == NULL:
        raise MemoryError()
    return made


def slots_same(list slots, missing):
    """Whether each ``(thing, attribute, seen)`` is as it was seen, or ``missing``."""
    cdef tuple entry
    for entry in slots:
        if getattr(entry[0], entry[1], missing) is not entry[2]:
            return False
    return True
