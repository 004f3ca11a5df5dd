/*
 * What perf has sampled with addresses (perf mem record; perf record -d). A sample is one access, times -n: a sampler
 * that takes one of 10007 loads is scaled by -n 10007. Whether it read or wrote tells the data source, where there is
 * one; else the event's name, if it has load or store in it; else -w guesses. Samples without an address and
 * instruction fetches are passed over.
 */
#include "tools/trace/trace.h"

#include <string.h>

enum op { OP_UNKNOWN, OP_READ, OP_WRITE, OP_NONE };

static void sample(uint64_t address, enum op op)
{
    static uint64_t guessed; /* how many samples' kinds were */

    if (!address || op == OP_NONE)
        return;
    if (op == OP_UNKNOWN) {
        op = guessed * options.writes / 100 < (guessed + 1) * options.writes / 100 ? OP_WRITE : OP_READ;
        guessed++;
    }
    access_to(address, op == OP_WRITE, options.accesses);
}

/* --- perf script
 * --------------------------------------------------------------------------------------------------------- */

/* SECONDS.FRACTION: */
static bool is_time(const char *word)
{
    size_t digits = strspn(word, "0123456789."), length = strlen(word);

    return digits && digits == length - 1 && word[digits] == ':';
}

static enum op op_of_source(const char *source)
{
    return !strncmp(source, "|OP STORE", 9)  ? OP_WRITE
           : !strncmp(source, "|OP LOAD", 8) ? OP_READ
           : !strncmp(source, "|OP EXEC", 8) ? OP_NONE
                                             : OP_UNKNOWN;
}

/*
 * `perf script -F time,event,addr`, or what it prints by itself for events of memory:
 *
 *      1063.614436: page-faults:     55c5213985c0
 *      ls 25944 [001] 1063.614436: 1 cpu/mem-loads,ldlat=30/P: 7ffdf1391b0c 10268100142 |OP LOAD|LVL L1 hit|SNP
 * None|... 5 7fad7c47425d ...
 *
 * The address follows the event's name. A line that goes on otherwise than with a data source is refused, since its
 * number could be the instruction's.
 */
void convert_perf_script(void)
{
    char *line;

    put_head("perf script");
    while ((line = next_line())) {
        char *rest = line, *word, *event = NULL, *source;
        uint64_t address, bits;
        enum op op = OP_UNKNOWN;

        if (!line[strspn(line, " \t")] || *line == '#')
            continue;
        while (!event && (word = next_word(&rest)))
            if (word[strlen(word) - 1] == ':' && !is_time(word))
                event = word;
        word = event ? next_word(&rest) : NULL;
        if (!word || !parse_address(word, &address))
            refuse("expected an event and an address; perf script -F time,event,addr prints them");
        source = next_word(&rest);
        if (source) {
            rest = skip_blanks(rest);
            if (!parse_address(source, &bits) || strncmp(rest, "|OP ", 4))
                refuse("more than an address, which may be the instruction's; perf script -F time,event,addr prints "
                       "what is right");
            op = op_of_source(rest);
        } else if (strstr(event, "store")) {
            op = OP_WRITE;
        } else if (strstr(event, "load")) {
            op = OP_READ;
        }
        sample(address, op);
    }
    end_of_accesses();
}

/* --- perf mem report
 * ----------------------------------------------------------------------------------------------------- */

/* The operation in a data source (perf_event_open(2), PERF_SAMPLE_DATA_SRC, mem_op). */
static enum op op_of_bits(uint64_t bits)
{
    return bits & 4 ? OP_WRITE : bits & (2 | 8) ? OP_READ : bits & 16 ? OP_NONE : OP_UNKNOWN; /* 8: prefetch */
}

/* perf (to 6.x) writes the first line's address as 0x016 and then its digits: a slip in its format. No address of a
 * process or the kernel begins so: 16 digits that did would be no canonical address, and fewer begin with no zero. */
static bool parse_sampled(const char *word, uint64_t *address)
{
    return parse_address(strncmp(word, "0x016", 5) ? word : word + 5, address);
}

/*
 * `perf mem -D report`, with blanks or -x, between the fields:
 *
 *      # PID, TID, IP, ADDR, LOCAL WEIGHT, DSRC, SYMBOL
 *      25944 25944 0xffffffff81775b9a 0x55c5213985c0 0 0x1e05080021 [kernel.kallsyms]:elf_load
 *
 * PHYS ADDR and DATA PAGE SIZE may come after ADDR, as the first line tells.
 */
void convert_perf_mem(void)
{
    char *line;
    unsigned source_field = 0; /* counted from 0; 0: the first line has not been read */

    put_head("perf mem");
    while ((line = next_line())) {
        char *rest = line, *fields[8];
        uint64_t address, bits;
        unsigned nr_fields = 0;

        if (!strncmp(line, "# PID, TID, IP, ADDR,", 21))
            source_field = 5 + !!strstr(line, "PHYS ADDR") + !!strstr(line, "DATA PAGE SIZE");
        if (!line[strspn(line, " \t")] || *line == '#')
            continue;
        if (!source_field)
            refuse("expected the line of perf mem -D report: # PID, TID, IP, ADDR, ...");
        for (char *c = line; *c; c++)
            if (*c == ',')
                *c = ' ';
        while (nr_fields <= source_field && (fields[nr_fields] = next_word(&rest)))
            nr_fields++;
        if (nr_fields <= source_field || !parse_sampled(fields[3], &address) ||
            !parse_address(fields[source_field], &bits))
            refuse("not a line of perf mem -D report");
        if (choose_target(fields[0]))
            sample(address, op_of_bits(bits));
    }
    end_of_accesses();
}
