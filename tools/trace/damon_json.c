/*
 * damo's records in JSON: an array of records, one for each target, of which these keys are read:
 *
 *      [{"target_id": 0, "snapshots": [{"regions": [{"start": "94,907,863,040", "end": "...", "nr_accesses":
 * {"samples": 5}}]}]}]
 *
 * Addresses are numbers or text, with or without commas; in early versions nr_accesses was the number itself. target_id
 * comes before the snapshots.
 */
#include "tools/trace/trace.h"

#include <stdio.h>
#include <string.h>

#define KEY_BYTES 32

static void read_number(const char *what, uint64_t *value)
{
    char text[64], digits[64];
    const char *at = digits;
    size_t length = 0;

    json_scalar(text, sizeof(text));
    for (const char *c = text; *c; c++)
        if (*c != ',')
            digits[length++] = *c;
    digits[length] = 0;
    if (!parse_decimal(&at, value) || *at)
        refuse("%s is %s; a whole number is wanted%s", what, text,
               *what == 'n' ? "" : ", which damo's options --json --raw_number write");
}

static void read_nr_accesses(uint64_t *value)
{
    char key[KEY_BYTES];
    bool found = false;

    if (!json_is('{')) {
        read_number("nr_accesses", value);
        return;
    }
    json_begin('{');
    while (json_key(key, sizeof(key))) {
        if (!strcmp(key, "samples")) {
            read_number("nr_accesses", value);
            found = true;
        } else {
            json_skip();
        }
    }
    if (!found)
        refuse("nr_accesses without samples");
}

static void read_region(void)
{
    uint64_t start = 0, end = 0, nr_accesses = 0;
    unsigned found = 0;
    char key[KEY_BYTES];

    json_begin('{');
    while (json_key(key, sizeof(key))) {
        if (!strcmp(key, "start"))
            read_number("start", &start), found |= 1;
        else if (!strcmp(key, "end"))
            read_number("end", &end), found |= 2;
        else if (!strcmp(key, "nr_accesses"))
            read_nr_accesses(&nr_accesses), found |= 4;
        else
            json_skip();
    }
    if (found != 7)
        refuse("the region that ends here lacks one of start, end, nr_accesses");
    damon_region(start, end, nr_accesses);
}

static void read_snapshot(void)
{
    char key[KEY_BYTES];
    bool found = false;

    damon_snapshot();
    json_begin('{');
    while (json_key(key, sizeof(key))) {
        if (strcmp(key, "regions")) {
            json_skip();
            continue;
        }
        found = true;
        for (json_begin('['); json_item();)
            read_region();
    }
    if (!found)
        refuse("the snapshot that ends here has no regions");
}

static void read_record(void)
{
    char key[KEY_BYTES], target[64];
    bool known = false;

    json_begin('{');
    while (json_key(key, sizeof(key))) {
        if (!strcmp(key, "target_id")) {
            json_scalar(target, sizeof(target));
            damon_record(target);
            known = true;
        } else if (!strcmp(key, "snapshots")) {
            if (!known)
                refuse("snapshots before the record's target_id");
            for (json_begin('['); json_item();)
                read_snapshot();
        } else {
            json_skip();
        }
    }
    if (!known)
        refuse("the record that ends here has no target_id");
}

void damon_read_json(void)
{
    for (json_begin('['); json_item();)
        read_record();
    json_end();
}
