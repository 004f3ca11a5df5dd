/*
 * Jumps in the sequences of RandomAccess, by squaring: the original's step n is x^n in a ring of polynomials, the
 * variant's is an affine map applied n times (Brown, "Random number generation with arbitrary strides", Trans. American
 * Nuclear Society 71, 1994).
 */
#include "workloads/gups/sequence.h"

/* The product of two polynomials over GF(2), by Horner's rule: what multiplies by x also reduces. */
static u64 multiply(u64 a, u64 b)
{
    u64 product = 0;

    for (int bit = 63; bit >= 0; bit--)
        product = gups_shift_next(product) ^ (b >> bit & 1 ? a : 0);
    return product;
}

u64 gups_shift_at(u64 n)
{
    u64 power = 1;

    for (int bit = 63; bit >= 0; bit--) {
        power = multiply(power, power);
        if (n >> bit & 1)
            power = gups_shift_next(power);
    }
    return power;
}

u64 gups_lcg_at(u64 n)
{
    u64 c = gups_lcg_next(0), m = gups_lcg_next(1) - c, value = 1; /* m a + c is 2^i steps */

    for (; n; n >>= 1) {
        if (n & 1)
            value = m * value + c;
        c = m * c + c;
        m *= m;
    }
    return value;
}
