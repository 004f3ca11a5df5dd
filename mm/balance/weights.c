#include "mm/balance/balance.h"

void balance_by_weights(const u64 *weights, unsigned n, u32 frames, u32 *shares)
{
    u64 sum = 0;
    u32 left = frames;

    for (unsigned i = 0; i < n; i++)
        sum += weights[i];
    for (unsigned i = 0; i < n; i++) {
        shares[i] = (u32)(sum ? frames * weights[i] / sum : frames / n);
        left -= shares[i];
    }
    for (unsigned i = 0; left; i = (i + 1) % n)
        if (!sum || weights[i]) {
            shares[i]++;
            left--;
        }
}
