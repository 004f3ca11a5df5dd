#include "mm/packed.h"
#include "lib/inflate.h"
#include "kernel/panic.h"
#include "mm/memory.h"

const void *packed_contents(struct packed *packed)
{
    if (!packed->contents) {
        packed->contents = kmem_alloc(packed_bytes(packed));
        ASSERT(!gunzip(packed->start, (size_t)(packed->end - packed->start), packed->contents));
    }
    return packed->contents;
}

u32 packed_bytes(const struct packed *packed)
{
    return gunzip_size(packed->start, (size_t)(packed->end - packed->start));
}
