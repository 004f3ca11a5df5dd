#include "shell/nearest.h"
#include "lib/string.h"

#define LONGEST 39

static u32 distance(const char *a, u32 length_a, const char *b, u32 length_b)
{
    u32 row[LONGEST + 1]; /* of the matrix: distances from the beginning of a to each beginning of b */

    for (u32 j = 0; j <= length_b; j++)
        row[j] = j;
    for (u32 i = 1; i <= length_a; i++) {
        u32 corner = row[0];
        row[0] = i;
        for (u32 j = 1; j <= length_b; j++) {
            u32 above = row[j];
            row[j] = MIN(MIN(above, row[j - 1]) + 1, corner + (a[i - 1] != b[j - 1]));
            corner = above;
        }
    }
    return row[length_b];
}

void nearest_word(const char *word, const char *known, char *best, size_t size)
{
    u32 least = UINT32_MAX, length = (u32)MIN(strlen(word), LONGEST);

    best[0] = 0;
    while (*known) {
        u32 n = 0, d;
        while (known[n] && known[n] != '|')
            n++;
        d = distance(word, length, known, MIN(n, LONGEST));
        if (d < least && n < size) {
            least = d;
            memcpy(best, known, n);
            best[n] = 0;
        }
        known += n + (known[n] == '|');
    }
}
