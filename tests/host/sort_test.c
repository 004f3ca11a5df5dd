/* sources: tests/host/host.c lib/sort.c */
/* sort_u64 against insertion sort: all small arrangements, then random arrays with few and many distinct values. */
#include "lib/string.h"
#include "lib/sort.h"
#include "tests/host/host.h"

#define MAX_VALUES 300

static void insertion_sort(u64 *values, u32 n)
{
    for (u32 i = 1; i < n; i++) {
        u64 value = values[i];
        u32 at = i;
        for (; at && values[at - 1] > value; at--)
            values[at] = values[at - 1];
        values[at] = value;
    }
}

static void compare(const u64 *values, u32 n)
{
    u64 want[MAX_VALUES], got[MAX_VALUES + 1];

    memcpy(want, values, n * sizeof(u64));
    memcpy(got, values, n * sizeof(u64));
    got[n] = 0x5ca1ab1e; /* must stay */
    insertion_sort(want, n);
    sort_u64(got, n);
    CHECK(!memcmp(want, got, n * sizeof(u64)));
    CHECK_EQ(0x5ca1ab1e, got[n]);
}

int main(void)
{
    u64 values[MAX_VALUES];

    host_case("sort.all_of_six");
    for (u32 n = 0; n <= 6; n++) {
        u32 arrangements = 1;
        for (u32 i = 0; i < n; i++)
            arrangements *= n;
        for (u32 a = 0; a < arrangements; a++) {
            u32 rest = a;
            for (u32 i = 0; i < n; i++, rest /= n)
                values[i] = rest % n;
            compare(values, n);
        }
    }

    host_case("sort.random");
    for (u64 seed = 1; seed <= 200; seed++) {
        host_seed(seed);
        u32 n = host_below(MAX_VALUES), kinds = 1 + host_below(seed % 2 ? 5 : 1u << 30);
        for (u32 i = 0; i < n; i++)
            values[i] = seed % 3 ? host_below(kinds) : UINT64_MAX - host_random() % kinds;
        compare(values, n);
    }

    host_case("sort.sorted_and_reversed");
    for (u32 i = 0; i < MAX_VALUES; i++)
        values[i] = i;
    compare(values, MAX_VALUES);
    for (u32 i = 0; i < MAX_VALUES; i++)
        values[i] = MAX_VALUES - i;
    compare(values, MAX_VALUES);
    return host_done();
}
