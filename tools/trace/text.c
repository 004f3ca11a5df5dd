/* Tierlab's own text form (workloads/replay/trace.h) once more: as binary, a part of it, or with pages joined. */
#include "tools/trace/trace.h"

#include <string.h>

static uint64_t number(char **rest, uint64_t limit)
{
    const char *word = next_word(rest);
    uint64_t value;

    if (!word || !parse_decimal(&word, &value) || *word || value >= limit)
        refuse("expected INTERVAL PAGE r|w COUNT, numbers below 2^32, 2^52 and 2^32");
    return value;
}

static uint64_t read_record(char *rest, uint64_t last_interval)
{
    uint64_t interval = number(&rest, (uint64_t)1 << 32), page = number(&rest, (uint64_t)1 << 52), count;
    const char *kind = next_word(&rest);

    if (!kind || (strcmp(kind, "r") && strcmp(kind, "w")))
        refuse("expected r or w after the page");
    count = number(&rest, (uint64_t)1 << 32);
    if (next_word(&rest))
        refuse("more on the line than INTERVAL PAGE r|w COUNT");
    if (interval < last_interval)
        refuse("an earlier interval than in the line before");
    if (interval != last_interval)
        put_pages(last_interval);
    if (page * PAGE_SIZE >= options.low && page * PAGE_SIZE < options.high)
        pages_find(page / options.scale)->counts[*kind == 'w'] += count;
    return interval;
}

void convert_text(void)
{
    uint64_t nr_records = 0, interval = 0, promised;
    char *line = next_line();
    const char *at;

    if (!line || strcmp(line, "tierlab-trace 1"))
        refuse("expected tierlab-trace 1");
    put_head("a trace");
    while ((line = next_line()) && strncmp(line, "end ", 4)) {
        if (*line == '#')
            continue;
        interval = read_record(line, interval);
        nr_records++;
    }
    if (!line)
        refuse("the file ends without its line 'end RECORDS': truncated?");
    at = line + 4;
    if (!parse_decimal(&at, &promised) || *at || promised != nr_records)
        refuse("not as many records as were read, %llu", (unsigned long long)nr_records);
    if (next_line())
        refuse("something follows the end");
    put_pages(interval);
    put_end();
}
