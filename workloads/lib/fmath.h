/*
 * exp, log and pow in SSE2 doubles, for programs that have no libm: the same bits on the host and in the guest, since
 * only +, -, *, / and conversions are used and nothing is contracted.
 *
 * Errors, relative, tested against libm (tests/host/fmath_test.c): fmath_exp 4e-16, fmath_log 5e-16 (absolute 5e-16
 * where the result is near zero), fmath_pow 4e-16 + 5e-16 x |y ln x|. Arguments outside the ranges below are the
 * caller's mistake: there is no NaN, infinity, subnormal number or error return.
 */
#pragma once

/* e^x for |x| up to 700. */
double fmath_exp(double x);

/* The natural logarithm of a normal number above 0. */
double fmath_log(double x);

/* x^y for a normal number x above 0 and |y ln x| up to 700. */
double fmath_pow(double x, double y);
