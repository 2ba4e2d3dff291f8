/* e to each of n numbers, four at a time, to within 0.51 units in the last place: 2 to a whole number times the exponential of
   what is left, by its series. A number's result does not depend on where it is. Overflow is flagged, as the C library
   does. Included once for each kind of processor that can multiply and add in one, with AUTOGRAD_TINY_KIND(name). */

static inline __attribute__((always_inline)) autograd_tiny_four AUTOGRAD_TINY_KIND(exp_of)(autograd_tiny_four x) {
    const autograd_tiny_four least = {-746, -746, -746, -746}, most = {710, 710, 710, 710};
    autograd_tiny_places low = x < least, high = x > most;
    x = (autograd_tiny_four) ((low & (autograd_tiny_places) least) | (high & (autograd_tiny_places) most)
                              | (~(low | high) & (autograd_tiny_places) x));
    /* Added to 1.5 times 2 to the 52, a number is rounded, and its last bits are the whole number. */
    autograd_tiny_four shifted = x * 0x1.71547652b82fep0 + 0x1.8p52, whole = shifted - 0x1.8p52;
    /* What is left, and what is lost of it by rounding. */
    autograd_tiny_four near = x - whole * 0x1.62e42fefa3800p-1, c = whole * 0x1.ef35793c76730p-45, r = near - c;
    autograd_tiny_four lost = (near - r) - c;
    autograd_tiny_four q = r * 0x1.6124613a86d09p-33 + 0x1.1eed8eff8d898p-29;
    q = q * r + 0x1.ae64567f544e4p-26;
    q = q * r + 0x1.27e4fb7789f5cp-22;
    q = q * r + 0x1.71de3a556c734p-19;
    q = q * r + 0x1.a01a01a01a01ap-16;
    q = q * r + 0x1.a01a01a01a01ap-13;
    q = q * r + 0x1.6c16c16c16c17p-10;
    q = q * r + 0x1.1111111111111p-7;
    q = q * r + 0x1.5555555555555p-5;
    q = q * r + 0x1.5555555555555p-3;
    q = q * r + 0x1p-1;
    autograd_tiny_four sum = 1.0 + r;
    q = sum + ((1.0 - sum + r) + (lost + q * (r * r)));
    /* In two halves, so that what is too large overflows and what is too small fades. */
    autograd_tiny_places n = (autograd_tiny_places) shifted - 0x4338000000000000LL, half = n >> 1;
    return q * (autograd_tiny_four) ((half + 1023) << 52) * (autograd_tiny_four) ((n - half + 1023) << 52);
}

static void AUTOGRAD_TINY_KIND(exp)(const char *from, Py_ssize_t from_step, char *to, Py_ssize_t to_step, Py_ssize_t n) {
    Py_ssize_t i = 0;
    if (from_step == 8 && to_step == 8)
        for (; i + 4 <= n; i += 4)
            *(autograd_tiny_four *) (to + 8 * i) = AUTOGRAD_TINY_KIND(exp_of)(*(const autograd_tiny_four *) (from + 8 * i));
    for (; i < n; i += 4) {
        double some[4] = {0};
        Py_ssize_t left = n - i < 4 ? n - i : 4;
        for (Py_ssize_t j = 0; j < left; j++)
            some[j] = *(const double *) (from + (i + j) * from_step);
        *(autograd_tiny_four *) some = AUTOGRAD_TINY_KIND(exp_of)(*(const autograd_tiny_four *) some);
        for (Py_ssize_t j = 0; j < left; j++)
            *(double *) (to + (i + j) * to_step) = some[j];
    }
}
