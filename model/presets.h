/*
 * Presets: what is published about one tier of real memory, read from presets.tsv.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define CURVE_POINTS 5 /* multipliers of the idle latency at 25, 50, 75, 90 and 100 % utilisation */

#define MAX_WRITERS_POINTS 8

struct writers_point {
    uint64_t cores, milli;
};

struct preset {
    char name[40];
    uint64_t read_ps;  /* idle load-to-use latency of a random line */
    uint64_t seq_ps;   /* the mean over the lines of a media unit; equal to read_ps where the source has none */
    uint64_t write_ps; /* until the store path accepts a line */
    uint64_t read_Bps; /* whole tier, bytes a second; 0: unlimited */
    uint64_t write_Bps;
    uint64_t lanes;                                   /* 1: reads and writes share a bus; 2: each has its own */
    uint64_t unit_bytes;                              /* media unit */
    uint64_t cores;                                   /* of the socket that was measured */
    uint64_t fill;                                    /* fill buffers of one of its cores, */
    uint64_t walkers;                                 /* page walks that it does at once, */
    uint64_t ahead;                                   /* and lines that its stream prefetcher has under way */
    uint64_t curve[CURVE_POINTS];                     /* in 1/1000; 1000 throughout where the source has none */
    struct writers_point writers[MAX_WRITERS_POINTS]; /* share of write_Bps that so many writers get, rising cores */
    int nr_writers;                                   /* points; 0: the source has none */
    char interpolated[80]; /* names of the fields that are ours, not the source's; "-" none */
    char source[200];
    char date[16];
};

/* Reads the whole table in `path` and copies the row `name` to *out. 0, or -1 with one line in error[]. */
int preset_find(const char *path, const char *name, struct preset *out, char *error, size_t error_bytes);
