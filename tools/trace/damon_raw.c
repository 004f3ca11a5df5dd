/*
 * The raw form of damo's report:
 *
 *      base_time_absolute: 8 m 59.809 s        a record: the snapshots of one target
 *      data source: unknown                    (since October 2025)
 *
 *      monitoring_start:                0 ns   a snapshot
 *      monitoring_end:            104.599 ms
 *      monitoring_duration:       104.599 ms
 *      target_id: 0
 *      nr_regions: 1
 *      # start_addr     end_addr        length  nr_accesses   age
 *      563ebaa00000-563ebaa03000 (  12.000 KiB)           5    -1
 *
 * Earlier versions have `):` and no age. Lines of the head that are not known are passed over: damo has added some
 * before.
 */
#include "tools/trace/trace.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static uint64_t regions, promised;
static bool record_begins = true, in_snapshot, has_target, has_promise;

static void end_snapshot(void)
{
    if (in_snapshot && !has_promise)
        refuse("the snapshot before has no nr_regions");
    if (in_snapshot && regions != promised)
        refuse("the snapshot before has %llu regions, but nr_regions: %llu", (unsigned long long)regions,
               (unsigned long long)promised);
    in_snapshot = has_target = has_promise = false;
    regions = promised = 0;
}

/* NAME: VALUE, the name made of letters, blanks and underscores. */
static char *field(char *line)
{
    char *colon = line;

    while (isalpha((unsigned char)*colon) || *colon == '_' || *colon == ' ')
        colon++;
    if (colon == line || *colon != ':')
        return NULL;
    *colon = 0;
    return skip_blanks(colon + 1);
}

/* START-END (LENGTH) NR_ACCESSES [AGE] */
static bool read_region(const char *line)
{
    uint64_t start, end, nr_accesses, age;
    const char *at = line;

    if (!parse_hex(&at, &start) || *at++ != '-' || !parse_hex(&at, &end))
        return false;
    at += strspn(at, " ");
    if (*at != '(' || !(at = strchr(at, ')')))
        return false;
    at += at[1] == ':' ? 2 : 1;
    if (*at != ' ' && *at != '\t')
        return false;
    at += strspn(at, " \t");
    if (!parse_decimal(&at, &nr_accesses))
        return false;
    at += strspn(at, " \t");
    at += *at == '-';
    if (*at && !parse_decimal(&at, &age))
        return false;
    if (at[strspn(at, " \t")])
        return false;
    if (++regions > promised)
        refuse("more regions than nr_regions: %llu", (unsigned long long)promised);
    damon_region(start, end, nr_accesses);
    return true;
}

static void read_target(const char *name)
{
    if (has_target)
        refuse("target_id twice in a snapshot");
    has_target = true;
    if (record_begins)
        damon_record(name);
    else
        damon_target(name);
    record_begins = false;
    damon_snapshot();
}

static void read_promise(const char *text)
{
    if (has_promise)
        refuse("nr_regions twice in a snapshot");
    if (!has_target)
        refuse("nr_regions before target_id");
    if (!parse_decimal(&text, &promised) || *text)
        refuse("expected a number of regions");
    has_promise = true;
}

void damon_read_raw(char *line)
{
    char shown[41], *value;

    if (!line) {
        end_snapshot();
        return;
    }
    if (!line[strspn(line, " \t")] || *line == '#')
        return;
    snprintf(shown, sizeof(shown), "%s", line);
    if (in_snapshot && read_region(line))
        return;
    if (!(value = field(line)))
        refuse(in_snapshot ? "not a line of damo's raw report: %s"
                           : "expected a snapshot, which begins with monitoring_start:, not: %s",
               shown);
    if (!strcmp(line, "base_time_absolute")) {
        end_snapshot();
        record_begins = true;
    } else if (!strcmp(line, "monitoring_start")) {
        end_snapshot();
        in_snapshot = true;
    } else if (!strcmp(line, "target_id") || !strcmp(line, "nr_regions")) {
        if (!in_snapshot)
            refuse("expected a snapshot, which begins with monitoring_start:");
        if (*line == 'n')
            read_promise(value);
        else
            read_target(value);
    }
}
