/* sources: tests/host/host.c workloads/lib/fmath.c */
/* exp, log and pow against libm's, within the errors that fmath.h states. */
#include <math.h>

#include "tests/host/host.h"
#include "workloads/lib/fmath.h"

#define DRAWS 200000

static double uniform(double low, double high)
{
    return low + (high - low) * ((double)(host_random() >> 11) * 0x1p-53);
}

static bool near(double want, double got, double relative)
{
    return fabs(got - want) <= relative * fabs(want);
}

int main(void)
{
    host_case("fmath.exp");
    CHECK(fmath_exp(0) == 1);
    CHECK(near(M_E, fmath_exp(1), 4e-16));
    for (int i = 0; i < DRAWS; i++) {
        double x = uniform(-700, 700), small = uniform(-1, 1);
        CHECK(near(exp(x), fmath_exp(x), 4e-16));
        CHECK(near(exp(small), fmath_exp(small), 4e-16));
    }
    host_case("fmath.log");
    CHECK(fmath_log(1) == 0);
    CHECK(near(M_LN2, fmath_log(2), 5e-16));
    for (int i = 0; i < DRAWS; i++) {
        double x = exp(uniform(-700, 700)), close = uniform(0.5, 2);
        CHECK(near(log(x), fmath_log(x), 5e-16));
        CHECK(near(log(close), fmath_log(close), 5e-16) || fabs(log(close) - fmath_log(close)) <= 5e-16);
    }
    host_case("fmath.pow");
    for (int i = 0; i < DRAWS; i++) {
        double x = exp(uniform(-20, 20)), y = uniform(-30, 30), size = fabs(y * log(x));
        CHECK(near(pow(x, y), fmath_pow(x, y), 4e-16 + 5e-16 * size));
    }
    CHECK(near(1024, fmath_pow(2, 10), 4e-15));
    return host_done();
}
