/* A file that the image carries packed by gzip, and its contents. */
#pragma once

#include "kernel/types.h"

struct packed {
    const u8 *start, *end;
    u8 *contents; /* null until somebody asked for them */
};

/* What it holds; unpacked into kernel memory by the first call. */
const void *packed_contents(struct packed *packed);
u32 packed_bytes(const struct packed *packed);
