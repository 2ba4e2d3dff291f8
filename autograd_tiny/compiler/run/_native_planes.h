/* Two numbers to one, or one copied, over rows that are short: numpy's loop takes 20 ns to enter, as long as 100 numbers
   take. The numbers of a row of out lie beside each other, those of an operand too, or it is one number for the row
   (its inner step is 0). Each result is rounded once, so the bits are numpy's. Included once for each kind of processor,
   with AUTOGRAD_TINY_KIND(name) and AUTOGRAD_TINY_LANES, the doubles of its registers.

   ``outer`` and ``inner`` are the steps in bytes of a, b and out. Rows go in their order: they may be added into one. */

#define AUTOGRAD_TINY_VECTOR AUTOGRAD_TINY_KIND(lanes)
typedef double AUTOGRAD_TINY_VECTOR __attribute__((vector_size(8 * AUTOGRAD_TINY_LANES), aligned(8), may_alias));

#define AUTOGRAD_TINY_ROWS(many, one)                                                                                  \
    for (Py_ssize_t i = 0; i < rows; i++, a += outer[0], b += outer[1], out += outer[2]) {                             \
        const double *x = (const double *) a, *y = (const double *) b;                                                 \
        double *z = (double *) out;                                                                                    \
        (void) y;                                                                                                      \
        Py_ssize_t j = 0;                                                                                              \
        for (; j + AUTOGRAD_TINY_LANES <= n; j += AUTOGRAD_TINY_LANES)                                                 \
            *(AUTOGRAD_TINY_VECTOR *) (z + j) = many;                                                                  \
        for (; j < n; j++)                                                                                             \
            z[j] = one;                                                                                                \
    }
#define AUTOGRAD_TINY_MANY(p) (*(const AUTOGRAD_TINY_VECTOR *) (p + j))
#define AUTOGRAD_TINY_SAME(p) (*p - (AUTOGRAD_TINY_VECTOR) {0})

/* Both operands in rows, or one of them a number for each row. */
#define AUTOGRAD_TINY_PLANE(name, sign)                                                                                \
    static void AUTOGRAD_TINY_KIND(name)(const char *a, const char *b, char *out, Py_ssize_t rows, Py_ssize_t n,       \
                                         const Py_ssize_t *outer, const Py_ssize_t *inner) {                           \
        if (inner[0] && inner[1])                                                                                      \
            AUTOGRAD_TINY_ROWS(AUTOGRAD_TINY_MANY(x) sign AUTOGRAD_TINY_MANY(y), x[j] sign y[j])                       \
        else if (inner[0])                                                                                             \
            AUTOGRAD_TINY_ROWS(AUTOGRAD_TINY_MANY(x) sign AUTOGRAD_TINY_SAME(y), x[j] sign *y)                         \
        else                                                                                                           \
            AUTOGRAD_TINY_ROWS(AUTOGRAD_TINY_SAME(x) sign AUTOGRAD_TINY_MANY(y), *x sign y[j])                         \
    }

AUTOGRAD_TINY_PLANE(sums, +)
AUTOGRAD_TINY_PLANE(differences, -)
AUTOGRAD_TINY_PLANE(multiples, *)
AUTOGRAD_TINY_PLANE(quotients, /)

/* ``b`` is not read. */
static void AUTOGRAD_TINY_KIND(copies)(const char *a, const char *b, char *out, Py_ssize_t rows, Py_ssize_t n,
                                       const Py_ssize_t *outer, const Py_ssize_t *inner) {
    if (inner[0])
        AUTOGRAD_TINY_ROWS(AUTOGRAD_TINY_MANY(x), x[j])
    else
        AUTOGRAD_TINY_ROWS(AUTOGRAD_TINY_SAME(x), *x)
}

#undef AUTOGRAD_TINY_PLANE
#undef AUTOGRAD_TINY_SAME
#undef AUTOGRAD_TINY_MANY
#undef AUTOGRAD_TINY_ROWS
#undef AUTOGRAD_TINY_VECTOR
