/* Numbers as users write them: 4096, 4K. */
#include "kernel/err.h"
#include "lib/keys.h"

int parse_number(const char *text, bool suffix, u64 *value)
{
    u64 number = 0;
    unsigned shift = 0;

    if (*text < '0' || *text > '9')
        return ERR_INVAL;
    for (; *text >= '0' && *text <= '9'; text++) {
        u64 digit = (u64)(*text - '0');
        if (number > (UINT64_MAX - digit) / 10)
            return ERR_RANGE;
        number = number * 10 + digit;
    }
    if (suffix && (*text == 'K' || *text == 'M' || *text == 'G')) {
        shift = *text == 'K' ? 10 : *text == 'M' ? 20 : 30;
        text++;
    }
    if (*text)
        return ERR_INVAL;
    if (number << shift >> shift != number)
        return ERR_RANGE;
    *value = number << shift;
    return 0;
}
