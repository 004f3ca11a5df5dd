/* Recordings of several processes, or ranges, have several targets, whose addresses have nothing to do with each other.
 */
#include "tools/trace/trace.h"

#include <stdio.h>
#include <string.h>

bool choose_target(const char *name)
{
    static char first[64]; /* without --target */

    if (options.target)
        return !strcmp(options.target, name);
    if (!*first)
        snprintf(first, sizeof(first), "%s", name);
    if (strcmp(first, name))
        refuse("target %s after target %s; --target says which to take", name, first);
    return true;
}
