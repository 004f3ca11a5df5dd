/*
 * Recorded traces: which pages were read and written how often, by interval. Two forms of the same content; the reader
 * goes through either, record by record, and trusts nothing.
 *
 * Text, ASCII, one record a line, fields one blank apart, numbers decimal:
 *
 *      tierlab-trace 1                 magic and version
 *      # whatever                      lines that begin with # are comments, anywhere after the first line
 *      INTERVAL PAGE r|w COUNT         in this interval the page was read or written so often
 *      end RECORDS                     how many records there were; nothing follows
 *
 * Binary, little-endian:
 *
 *      offset 0    8 bytes   magic     "TLTRACE" and a zero byte
 *             8    u32       version   1
 *            12    u32       zero
 *            16    u64       records   the file's length is 24 + 16 x records
 *      then, a record:
 *             0    u64       page x 2, + 1 for a write
 *             8    u32       interval
 *            12    u32       count
 *
 * In both: INTERVAL below 2^32, PAGE (the address divided by 4096) below 2^52, COUNT below 2^32; records ascend
 * strictly, by interval, then page, then reads before writes; so a record is there once. The counts of an interval sum
 * to less than 2^32. A COUNT of 0 only says that the page exists.
 */
#pragma once

#include "kernel/types.h"

#define TRACE_MAX_PAGE ((u64)1 << 52)

struct trace_record {
    u64 page;
    bool write;
    u32 interval, count;
};

struct trace {
    const u8 *bytes;
    size_t length, at; /* at: of the next byte to be read */
    bool binary;
    u64 line;    /* text: of the last one read, from 1 */
    u64 records; /* read so far */
    u64 total;   /* binary: that the header promises */
    struct trace_record last;
    u64 interval_sum; /* of the counts of the last record's interval */
};

/* Reads the head. Refuses the run, with the place, where the form is wrong; so does trace_next. */
void trace_open(struct trace *trace, const void *bytes, size_t length);

/* The next record; false after the last. */
bool trace_next(struct trace *trace, struct trace_record *record);

/* Refuses the run for what the last record says. */
__attribute__((noreturn)) void trace_refuse(const struct trace *trace, const char *why);
