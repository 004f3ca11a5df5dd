/*
 * Argument reduction by powers of two, then a series (e.g. Muller, Elementary Functions, 3rd edition, chapters 3 and
 * 11):
 *
 *      exp x:  x = k ln 2 + r, |r| <= ln 2 / 2;  e^x = 2^k (1 + r + r^2/2! + ... + r^13/13!);  next term below 4e-18
 *      log x:  x = 2^k m, m in [sqrt 1/2, sqrt 2);  f = (m - 1) / (m + 1);  log m = 2 (f + f^3/3 + ... + f^21/21);
 *              |f| < 0.1716, so the next term is below 3e-18 f
 *
 * ln 2 is held in two parts: the upper one has 20 zero bits at its end, so that k times it is exact.
 */
#include "workloads/lib/fmath.h"
#include "kernel/types.h"

#define LN2_HIGH 0x1.62e42fee00000p-1
#define LN2_LOW  0x1.a39ef35793c76p-33
#define INV_LN2  0x1.71547652b82fep+0
#define SQRT2    0x1.6a09e667f3bcdp+0

union bits {
    double value;
    u64 word;
};

/* 2^k for k from -1022 to 1023. */
static double power_of_two(s64 k)
{
    return (union bits){.word = (u64)(k + 1023) << 52}.value;
}

double fmath_exp(double x)
{
    double nearest = x * INV_LN2;
    s64 k = (s64)(nearest < 0 ? nearest - 0.5 : nearest + 0.5);
    double r = x - (double)k * LN2_HIGH - (double)k * LN2_LOW, sum = 0;

    for (int n = 13; n > 1; n--) /* (1 + (1 + (...) r/3) r/2) r */
        sum = (sum + 1) * r / n;
    return (1 + (r + sum * r)) * power_of_two(k);
}

double fmath_log(double x)
{
    union bits m = {x};
    s64 k = (s64)(m.word >> 52) - 1023;
    double f, square, sum = 0;

    m.word = (m.word & 0xfffffffffffff) | (u64)1023 << 52;
    if (m.value >= SQRT2) {
        m.value *= 0.5;
        k++;
    }
    f = (m.value - 1) / (m.value + 1);
    square = f * f;
    for (int n = 21; n > 1; n -= 2)
        sum = (sum + 1.0 / n) * square;
    return (double)k * LN2_HIGH + (2 * f + (2 * f * sum + (double)k * LN2_LOW));
}

double fmath_pow(double x, double y)
{
    return fmath_exp(y * fmath_log(x));
}
