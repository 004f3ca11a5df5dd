/*
 * Single accesses become a trace: so many of them (-a) are an interval, and an interval's pages are written when it is
 * full. Times are not used, since replay's intervals last as long as their accesses take.
 */
#include "tools/trace/trace.h"

#include <string.h>

static uint64_t gathered, interval;

void put_pages(uint64_t number)
{
    size_t nr_pages;
    const struct page_counts *pages = pages_sorted(&nr_pages);

    for (size_t i = 0; i < nr_pages; i++) {
        const uint64_t *counts = pages[i].counts;
        if (counts[0] || !counts[1]) /* neither: the page exists */
            put_record(number, pages[i].page - 1, false, counts[0]);
        if (counts[1])
            put_record(number, pages[i].page - 1, true, counts[1]);
    }
    pages_clear();
}

void access_to(uint64_t address, bool write, uint64_t count)
{
    if (address < options.low || address >= options.high)
        return;
    pages_find(address / PAGE_SIZE / options.scale)->counts[write] += count;
    gathered += count;
    if (gathered < options.interval)
        return;
    put_pages(interval++);
    gathered = 0;
}

void end_of_accesses(void)
{
    if (gathered)
        put_pages(interval);
    put_end();
}

/*
 * Valgrind's lackey, `valgrind --tool=lackey --trace-mem=yes --log-file=FILE PROGRAM`: an access a line, address and
 * size.
 *
 *      ==25954== Command: /bin/true        Valgrind's own
 *      I  0401ab70,3                       instruction fetch: passed over, since a trace has data only
 *       L 1fff000618,8                     load
 *       S 1fff000610,8                     store
 *       M 0421d5f8,1                       a load and a store by one instruction: a write, with which replay also loads
 *
 * An access that straddles two pages counts for the first, as in the model.
 */
void convert_lackey(void)
{
    char *line;

    put_head("lackey");
    while ((line = next_line())) {
        const char *at = line + 3;
        uint64_t address, size;

        if (!*line || !strncmp(line, "==", 2) || !strncmp(line, "--", 2) || !strncmp(line, "SB ", 3))
            continue;
        if ((strncmp(line, " L ", 3) && strncmp(line, " S ", 3) && strncmp(line, " M ", 3) &&
             strncmp(line, "I  ", 3)) ||
            !parse_hex(&at, &address) || *at++ != ',' || !parse_decimal(&at, &size) || *at)
            refuse("not a line of lackey's (valgrind's option --log-file=FILE keeps the program's own output apart): "
                   "%.40s",
                   line);
        if (*line != 'I')
            access_to(address, line[1] != 'L', 1);
    }
    end_of_accesses();
}

/*
 * Pin's example tool pinatrace, in both forms that come with Pin (ManualExamples and SimpleExamples): the instruction's
 * address, R or W, the address; then perhaps size and value. Comments begin with #, the last of which is #eof.
 *
 *      0x7f2b1c0a1b40: R 0x7ffd3c5e10a8
 *      0x7f2b1c0a1b44: W     0x7ffd3c5e10a0  8           0x1
 */
void convert_pinatrace(void)
{
    char *line;

    put_head("pinatrace");
    while ((line = next_line())) {
        char *rest = line, *instruction, *kind, *word;
        uint64_t address;

        if (!*line || *line == '#')
            continue;
        instruction = next_word(&rest);
        kind = next_word(&rest);
        word = next_word(&rest);
        if (!word || instruction[strlen(instruction) - 1] != ':' || (strcmp(kind, "R") && strcmp(kind, "W")) ||
            !parse_address(word, &address))
            refuse("not a line of pinatrace: expected INSTRUCTION: R|W ADDRESS");
        access_to(address, *kind == 'W', 1);
    }
    end_of_accesses();
}
