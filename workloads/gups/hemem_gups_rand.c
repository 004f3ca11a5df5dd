/*
 * The first rand() after srand(), as glibc makes it. HeMem's GUPS starts thread t's generator from srand(t); since 0 is
 * no state of Park and Miller's generator, glibc takes 1 for it, and so threads 0 and 1 draw the same numbers.
 */
#include "workloads/gups/hemem_gups_draw.h"

#define WORDS   31 /* x^31 + x^3 + 1 */
#define LAG     3
#define DROPPED 310 /* ten for each word */

u32 glibc_first_rand(u32 seed)
{
    u32 word[WORDS];
    s64 park_miller = (int32_t)(seed ? seed : 1);
    u32 at = 0;

    word[0] = (u32)park_miller;
    for (u32 i = 1; i < WORDS; i++) {
        park_miller = 16807 * park_miller % 2147483647; /* towards zero, so negative for a negative seed */
        if (park_miller < 0)
            park_miller += 2147483647;
        word[i] = (u32)park_miller;
    }
    for (u32 n = 0; n <= DROPPED; n++) {
        at = (n + LAG) % WORDS;
        word[at] += word[n % WORDS];
    }
    return word[at] >> 1;
}
