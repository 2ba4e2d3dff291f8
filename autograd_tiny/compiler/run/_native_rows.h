/* out[i, j] = sum over k of a[i, k] times b[j, k], where the numbers of a row lie beside each other: four rows by four at
   a time, each read where it is. The steps from row to row are in bytes. */

static void AUTOGRAD_TINY_KIND(rows)(const char *a, Py_ssize_t a_row, const char *b, Py_ssize_t b_row,
                               char *out, Py_ssize_t out_i, Py_ssize_t out_j, Py_ssize_t m,
                               Py_ssize_t n, Py_ssize_t inner) {
    for (Py_ssize_t j = 0; j < n; j += 4)
        for (Py_ssize_t i = 0; i < m; i += 4) {
            autograd_tiny_doubles s00 = {0}, s01 = {0}, s02 = {0}, s03 = {0}, s10 = {0}, s11 = {0}, s12 = {0}, s13 = {0};
            autograd_tiny_doubles s20 = {0}, s21 = {0}, s22 = {0}, s23 = {0}, s30 = {0}, s31 = {0}, s32 = {0}, s33 = {0};
            /* Of rows that there are not, the last once more. */
#define AUTOGRAD_TINY_ROW(base, step, at, count) ((const double *) (base + ((at) < count ? (at) : count - 1) * step))
            const double *x0 = AUTOGRAD_TINY_ROW(a, a_row, i, m), *x1 = AUTOGRAD_TINY_ROW(a, a_row, i + 1, m);
            const double *x2 = AUTOGRAD_TINY_ROW(a, a_row, i + 2, m), *x3 = AUTOGRAD_TINY_ROW(a, a_row, i + 3, m);
            const double *y0 = AUTOGRAD_TINY_ROW(b, b_row, j, n), *y1 = AUTOGRAD_TINY_ROW(b, b_row, j + 1, n);
            const double *y2 = AUTOGRAD_TINY_ROW(b, b_row, j + 2, n), *y3 = AUTOGRAD_TINY_ROW(b, b_row, j + 3, n);
#undef AUTOGRAD_TINY_ROW
            Py_ssize_t k = 0;
            for (; k + 8 <= inner; k += 8) {
                autograd_tiny_doubles p, q0 = *(const autograd_tiny_doubles *) (y0 + k);
                autograd_tiny_doubles q1 = *(const autograd_tiny_doubles *) (y1 + k);
                autograd_tiny_doubles q2 = *(const autograd_tiny_doubles *) (y2 + k);
                autograd_tiny_doubles q3 = *(const autograd_tiny_doubles *) (y3 + k);
                p = *(const autograd_tiny_doubles *) (x0 + k);
                s00 += p * q0, s01 += p * q1, s02 += p * q2, s03 += p * q3;
                p = *(const autograd_tiny_doubles *) (x1 + k);
                s10 += p * q0, s11 += p * q1, s12 += p * q2, s13 += p * q3;
                p = *(const autograd_tiny_doubles *) (x2 + k);
                s20 += p * q0, s21 += p * q1, s22 += p * q2, s23 += p * q3;
                p = *(const autograd_tiny_doubles *) (x3 + k);
                s30 += p * q0, s31 += p * q1, s32 += p * q2, s33 += p * q3;
            }
            autograd_tiny_doubles sums[4][4] = {
                {s00, s01, s02, s03}, {s10, s11, s12, s13}, {s20, s21, s22, s23}, {s30, s31, s32, s33}};
            const double *x[4] = {x0, x1, x2, x3}, *y[4] = {y0, y1, y2, y3};
            for (int r = 0; r < 4 && i + r < m; r++)
                for (int t = 0; t < 4 && j + t < n; t++) {
                    double *each = (double *) &sums[r][t];
                    double sum = ((each[0] + each[1]) + (each[2] + each[3])) + ((each[4] + each[5]) + (each[6] + each[7]));
                    for (Py_ssize_t l = k; l < inner; l++)
                        sum += x[r][l] * y[t][l];
                    *(double *) (out + (i + r) * out_i + (j + t) * out_j) = sum;
                }
        }
}
