/*
 * Writing the trace. What the reader of traces limits is limited here, too, so that a recording that cannot be replayed
 * is refused with the line of the recording, and not after hundreds of megabytes.
 */
#include "tools/trace/trace.h"

#include <stdio.h>

#define COUNTS_LIMIT ((uint64_t)1 << 32) /* of an interval's counts, and of intervals */
#define TOTAL_LIMIT  ((uint64_t)1 << 40) /* of all counts */

static FILE *records; /* binary: the head has their number, so they wait in a temporary file */
static uint64_t nr_records, interval_now, interval_counts, interval_pages, last_page, total;

static void check_written(FILE *file)
{
    if (ferror(file))
        fail(STATUS_FILE, "%s cannot be written", file == stdout ? "standard output" : "a temporary file");
}

static void put_little_endian(FILE *file, uint64_t value, unsigned bytes)
{
    for (; bytes; bytes--, value >>= 8)
        putc_unlocked((int)(value & 0xff), file);
}

/* The comment says where the trace is from and how. */
void put_head(const char *source)
{
    if (options.binary) {
        records = tmpfile();
        if (!records)
            fail(STATUS_FILE, "there is no room for a temporary file in /tmp");
        return;
    }
    printf("tierlab-trace 1\n# from %s; pages to one: %llu; accesses a sample: %llu; taken for writes: %llu %%; idle "
           "pages: %s\n",
           source, (unsigned long long)options.scale, (unsigned long long)options.accesses,
           (unsigned long long)options.writes, options.idle ? "kept" : "left out");
}

void put_record(uint64_t interval, uint64_t page, bool write, uint64_t count)
{
    if (interval != interval_now || !nr_records) {
        interval_now = interval;
        interval_counts = interval_pages = 0;
    }
    if (!interval_pages || page != last_page)
        interval_pages++;
    last_page = page;
    interval_counts += count;
    total += count;
    if (interval_pages > PAGES_MAX)
        refuse("more than 2 GiB of pages in one interval, which replay cannot hold; -s makes fewer of them, "
               "--range takes a part");
    if (interval_counts >= COUNTS_LIMIT)
        refuse("the counts of this interval sum to 2^32 or more; a smaller -n makes them fewer");
    if (interval >= COUNTS_LIMIT || total > TOTAL_LIMIT)
        refuse("%s; replay cannot hold more", interval >= COUNTS_LIMIT ? "2^32 intervals" : "more than 2^40 accesses");
    nr_records++;
    if (options.binary) {
        put_little_endian(records, page << 1 | write, 8);
        put_little_endian(records, interval, 4);
        put_little_endian(records, count, 4);
        check_written(records);
    } else {
        printf("%llu %llu %c %llu\n", (unsigned long long)interval, (unsigned long long)page, write ? 'w' : 'r',
               (unsigned long long)count);
        check_written(stdout);
    }
}

void put_end(void)
{
    static char buffer[65536];
    size_t size;

    if (!total)
        fail(STATUS_REFUSED, "there is no access in it%s",
             options.target || options.low || options.high != UINT64_MAX ? " to the target and range chosen" : "");
    if (options.binary) {
        fwrite("TLTRACE", 8, 1, stdout);
        put_little_endian(stdout, 1, 4);
        put_little_endian(stdout, 0, 4);
        put_little_endian(stdout, nr_records, 8);
        if (fflush(records) || fseek(records, 0, SEEK_SET))
            fail(STATUS_FILE, "a temporary file cannot be written");
        while ((size = fread(buffer, 1, sizeof(buffer), records)) > 0)
            fwrite(buffer, 1, size, stdout);
        check_written(records);
    } else {
        printf("end %llu\n", (unsigned long long)nr_records);
    }
    fflush(stdout);
    check_written(stdout);
}
