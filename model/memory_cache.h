/*
 * DRAM as a cache in front of the slow tier: Intel's memory mode of Optane.
 *
 * The memory controller keeps lines of the slow tier in the fast one, without any software's knowledge. The cache is
 * direct-mapped: a line has one slot, its address modulo the cache's size, and every access fills it. The tag lies with
 * the data (in its ECC bits), so each look reads DRAM once and has both. Accesses of the devices for one request of the
 * last level are those measured by Hildebrand and others (ISPASS'21, "A Case Against Hardware Managed DRAM Caches for
 * NVRAM Based Systems"): a read that hits 1 (DRAM), that misses 3 (DRAM, slow tier, fill of DRAM); a write that hits 2
 * (tag, data), that misses 4 (tag, slow tier, fill, data): writes fill, too. A dirty line that has to leave is one
 * more, a write to the slow tier; its data came with the tag. Direct mapping, lines of 64 bytes and no bypass are also in
 * Lepers and Zwaenepoel, OSDI'23 ("Johnny Cache").
 *
 * Left out: the controller's unpublished way to write without a look at the tag when it knows the line to be there.
 */
#pragma once

#include <stdint.h>

struct memory_cache {
    uint32_t *slots; /* the line that each holds, with LINE_DIRTY if the slow tier has an older one; LINE_NONE: none */
    uint32_t nr_slots; /* 0: the cache is off */
};

/* What has been asked for comes from memory. */
struct arrival {
    uint64_t lane_ps;    /* when the lanes have moved it */
    uint64_t latency_ps; /* how long it takes at least, from the request on */
};

/* Sets the size, 0 for none, and empties it. 0, or -1 without memory: then it is off. */
int memory_cache_size(uint64_t bytes);

/* Empties it; dirty lines are forgotten. */
void memory_cache_clear(void);

/* A line of the slow tier is read at now_ps, not to begin before earliest_ps (lane time since then may be used). */
struct arrival memory_cache_read(uint32_t line, uint64_t now_ps, uint64_t earliest_ps);

/* A line of the slow tier is about to be written, to its slot in the fast tier: looks at the tag, and makes the slot its own. */
void memory_cache_write(uint32_t line, uint64_t now_ps);
