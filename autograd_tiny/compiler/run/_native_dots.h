/* out[i] = sum over k of a[i, k] times b[i, k], each row by one, the numbers of a row beside each other.
   Included once for each kind of processor, with AUTOGRAD_TINY_KIND(name). */
static void AUTOGRAD_TINY_KIND(row_dots)(const char *a, Py_ssize_t a_row, const char *b, Py_ssize_t b_row, char *out,
                                         Py_ssize_t out_step, Py_ssize_t rows, Py_ssize_t n) {
    for (Py_ssize_t i = 0; i < rows; i++, a += a_row, b += b_row, out += out_step) {
        const double *x = (const double *) a, *y = (const double *) b;
        autograd_tiny_doubles s = {0}, t = {0}, u = {0}, v = {0};
        double sum = 0.0;
        Py_ssize_t k = 0;
#define AUTOGRAD_TINY_BOTH(at) (*(const autograd_tiny_doubles *) (x + at) * *(const autograd_tiny_doubles *) (y + at))
        for (; k + 32 <= n; k += 32) {
            s += AUTOGRAD_TINY_BOTH(k), t += AUTOGRAD_TINY_BOTH(k + 8);
            u += AUTOGRAD_TINY_BOTH(k + 16), v += AUTOGRAD_TINY_BOTH(k + 24);
        }
        for (; k + 8 <= n; k += 8)
            s += AUTOGRAD_TINY_BOTH(k);
#undef AUTOGRAD_TINY_BOTH
        for (; k < n; k++)
            sum += x[k] * y[k];
        s = (s + t) + (u + v);
        *(double *) out = sum + (((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + (s[6] + s[7])));
    }
}
