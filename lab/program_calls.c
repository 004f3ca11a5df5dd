/* What lab/workload.h offers while a program runs, and when its results are told. */
#include "kernel/clock.h"
#include "kernel/cpu.h"
#include "kernel/exit.h"
#include "platform/fwcfg.h"
#include "lib/keys.h"
#include "lib/record.h"
#include "lib/string.h"
#include "report/report.h"
#include "lab/workload.h"
#include "mm/memory.h"

#define INPUT_FILE "opt/tierlab/input"

static KEY_TEXT(input_id, "input_id", "none", NULL, "hash of the input file; the launcher gives it with input=FILE");

void *workload_input(size_t *length)
{
    static void *bytes;
    static size_t size;

    if (!strcmp(input_id, "none"))
        return NULL;
    if (!bytes) {
        if (fwcfg_size(INPUT_FILE, &size))
            refuse("input_id=%s: no input file came with it; input=FILE hands one over", input_id);
        bytes = kmem_alloc(size + 1); /* so that text ends with a zero */
        if (fwcfg_read(INPUT_FILE, bytes, size, &size))
            unfit("the input file changed while it was read");
    }
    *length = size;
    return bytes;
}

void workload_pause(void)
{
    interrupts_off(); /* no tick between the two halves of a booking, and none before the program goes on */
    clock_book(BOOK_OFF);
}

void workload_resume(void)
{
    clock_book(BOOK_WORKLOAD);
    interrupts_on();
}

u64 workload_now_ps(void)
{
    return clock_now_ps();
}

void workload_phase(const char *name)
{
    workload_pause();
    report_phase(name);
    workload_resume();
}

void result_u64(const char *key, u64 value)
{
    record_u64(key, value);
}

void result_text(const char *key, const char *value)
{
    record_text(key, value);
}

void result_ratio(const char *key, s64 numerator, u64 denominator)
{
    record_ratio(key, numerator, denominator);
}
