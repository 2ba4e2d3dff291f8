/* A matrix whose columns lie in a row, copied so that its rows do; the sum of its numbers times 0, which is 0 if they are all
   finite. Four by four are turned in registers, of eight columns at a time, for which each row of the copy has a line of
   memory. The steps are in bytes. Included once for each kind of processor, with AUTOGRAD_TINY_KIND(name). */

/* Four columns from ``from`` on, of four rows each. */
static inline __attribute__((always_inline)) autograd_tiny_four AUTOGRAD_TINY_KIND(turn)(
    const char *from, Py_ssize_t column, char *to, Py_ssize_t row) {
    autograd_tiny_four x = *(const autograd_tiny_four *) from, y = *(const autograd_tiny_four *) (from + column);
    autograd_tiny_four z = *(const autograd_tiny_four *) (from + 2 * column), w = *(const autograd_tiny_four *) (from + 3 * column);
    autograd_tiny_four xy = __builtin_shuffle(x, y, (autograd_tiny_places) {0, 4, 2, 6});
    autograd_tiny_four yx = __builtin_shuffle(x, y, (autograd_tiny_places) {1, 5, 3, 7});
    autograd_tiny_four zw = __builtin_shuffle(z, w, (autograd_tiny_places) {0, 4, 2, 6});
    autograd_tiny_four wz = __builtin_shuffle(z, w, (autograd_tiny_places) {1, 5, 3, 7});
    *(autograd_tiny_four *) to = __builtin_shuffle(xy, zw, (autograd_tiny_places) {0, 1, 4, 5});
    *(autograd_tiny_four *) (to + row) = __builtin_shuffle(yx, wz, (autograd_tiny_places) {0, 1, 4, 5});
    *(autograd_tiny_four *) (to + 2 * row) = __builtin_shuffle(xy, zw, (autograd_tiny_places) {2, 3, 6, 7});
    *(autograd_tiny_four *) (to + 3 * row) = __builtin_shuffle(yx, wz, (autograd_tiny_places) {2, 3, 6, 7});
    const autograd_tiny_four zero = {0};
    return (zero * x + zero * y) + (zero * z + zero * w);
}

static double AUTOGRAD_TINY_KIND(turned)(const char *from, Py_ssize_t from_column, char *to, Py_ssize_t to_row,
                                         Py_ssize_t rows, Py_ssize_t columns) {
    autograd_tiny_four sums = {0};
    double sum = 0.0;
    Py_ssize_t j = 0;
    for (; j + 8 <= columns; j += 8) {
        Py_ssize_t i = 0;
        for (Py_ssize_t k = 0; from_column <= AUTOGRAD_TINY_AHEAD / 16 && k < 8 * from_column; k += 64)
            __builtin_prefetch(from + j * from_column + AUTOGRAD_TINY_AHEAD + k);
        for (; i + 4 <= rows; i += 4) {
            const char *a = from + 8 * i + j * from_column;
            char *b = to + i * to_row + 8 * j;
            sums += AUTOGRAD_TINY_KIND(turn)(a, from_column, b, to_row);
            sums += AUTOGRAD_TINY_KIND(turn)(a + 4 * from_column, from_column, b + 32, to_row);
        }
        for (; i < rows; i++)
            for (int k = 0; k < 8; k++) {
                double x = *(const double *) (from + 8 * i + (j + k) * from_column);
                ((double *) (to + i * to_row))[j + k] = x;
                sum += 0.0 * x;
            }
    }
    for (; j < columns; j++)
        for (Py_ssize_t i = 0; i < rows; i++) {
            double x = *(const double *) (from + 8 * i + j * from_column);
            ((double *) (to + i * to_row))[j] = x;
            sum += 0.0 * x;
        }
    return sum + ((sums[0] + sums[1]) + (sums[2] + sums[3]));
}
