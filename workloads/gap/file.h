/* Graphs from files, in the text forms that the GAP Benchmark Suite reads. */
#pragma once

#include "workloads/gap/generate.h"

#define GAP_FILE_VERTICES ((u32)1 << 26) /* at most: each takes some 40 bytes of the 2 GiB that a program may have */

struct gap_file {
    u32 vertices; /* highest number + 1 */
    u64 edges;    /* as they stand in the file, with loops and duplicates */
};

/*
 * Checks a file and counts; with `edges`, which has room for as many as an earlier call has counted, fills that, too.
 * Vertices count from 0 there, whatever the form. Refuses (EXIT_REFUSED) what is none of the forms, with the line; and
 * a graph without an edge between two vertices.
 */
struct gap_file gap_read(const char *text, size_t length, struct gap_edge *edges);
