/*
 * DAMON's recordings, as its user tool damo writes them (github.com/damonitor/damo): the text of `damo report access
 * --raw_form` (earlier `damo report raw`), the JSON of `damo report access --json` and of records in JSON, and the text
 * of `perf script` over DAMON's tracepoints, by perf itself or by damo. Which one it is shows in the input.
 *
 * The mapping. A snapshot is an interval. DAMON samples one page of each region, several times a snapshot, and counts
 * the samples in which it had been accessed: nr_accesses. Each page of the region gets that many accesses, times -n.
 *
 * What it cannot know: which pages of a region were accessed (DAMON takes them for alike), how often between two
 * samples (a page accessed once and one accessed a million times count the same), and which accesses wrote (-w
 * guesses). Regions that were never accessed leave no page, unless -i asks for them: then a program's idle memory takes
 * room, too.
 *
 * With -s a page of the trace stands for so many neighbouring ones, and has the accesses of the region in which the
 * first of them lies.
 */
#include "tools/trace/trace.h"

#include <string.h>

static bool target_chosen; /* what is being read belongs to the target that is wanted */
static bool record_seen;   /* of that target */
static uint64_t nr_snapshots;
static uint64_t region_end;     /* of the last region of this snapshot */
static uint64_t next_free_page; /* of the trace, in this snapshot */

void damon_target(const char *name)
{
    target_chosen = choose_target(name);
}

void damon_record(const char *name)
{
    damon_target(name);
    if (target_chosen && record_seen)
        refuse("a second record of target %s; one is right: cut the file before it", name);
    record_seen = record_seen || target_chosen;
}

void damon_snapshot(void)
{
    if (target_chosen)
        nr_snapshots++;
    region_end = next_free_page = 0;
}

void damon_region(uint64_t start, uint64_t end, uint64_t nr_accesses)
{
    uint64_t count, wrote, first, last;

    if (start % PAGE_SIZE || end % PAGE_SIZE)
        refuse("address %llx is not that of a page", (unsigned long long)(start % PAGE_SIZE ? start : end));
    if (start >= end)
        refuse("the region ends before it begins");
    if (start < region_end)
        refuse("the region begins before the end of the one before");
    if (nr_accesses >= ((uint64_t)1 << 32) / options.accesses)
        refuse("nr_accesses times -n is 2^32 or more");
    region_end = end;
    start = start > options.low ? start : options.low;
    end = end < options.high ? end : options.high;
    count = nr_accesses * options.accesses;
    if (!target_chosen || start >= end || (!count && !options.idle))
        return;
    wrote = (count * options.writes + 50) / 100;
    first = start / PAGE_SIZE / options.scale;
    first = first > next_free_page ? first : next_free_page;
    last = (end - 1) / PAGE_SIZE / options.scale;
    for (uint64_t page = first; page <= last; page++) {
        if (count > wrote || (!count && !pages_known(page)))
            put_record(nr_snapshots - 1, page, false, count - wrote);
        if (wrote)
            put_record(nr_snapshots - 1, page, true, wrote);
        if (options.idle)
            pages_find(page);
    }
    next_free_page = last + 1 > next_free_page ? last + 1 : next_free_page;
}

void convert_damon(void)
{
    int byte = next_byte();
    char *line;

    put_head("DAMON");
    if (byte == 0x78) /* zlib's head, which is no line of the texts' */
        refuse("compressed by damo; its text is wanted: damo report access --raw_form --input_file FILE");
    unread_byte(byte);
    if (byte == '[') {
        damon_read_json();
    } else if ((line = next_line())) {
        void (*read_line)(char *line) = strstr(line, " damon:") ? damon_read_perf : damon_read_raw;
        for (; line; line = next_line())
            read_line(line);
        read_line(NULL);
    }
    if (!nr_snapshots)
        refuse("no snapshot in it%s", options.target ? " of that target" : "");
    put_end();
}
