#include "score/truth_sums.h"
#include "kernel/hooks.h"
#include "lib/keys.h"
#include "lib/record.h"
#include "lib/string.h"
#include "lab/lab.h"
#include "mm/memory.h"

static KEY_NUMBER(truth_kept, "truth", 0, 0, 1, "1: record every page's true counts over the measured phase");

#define PAGES_PER_RECORD 128

static struct page_truth *sums;

void truth_sums_begin(void)
{
    if (!truth_kept)
        return;
    if (!sums)
        sums = kmem_alloc(arena.nr_pages * sizeof(*sums));
    memset(sums, 0, arena.nr_pages * sizeof(*sums));
}

void truth_sums_add(const struct page_truth *epoch)
{
    if (!sums || !epoch)
        return;
    for (u32 page = 0; page < arena.nr_pages; page++) {
        sums[page].loads += epoch[page].loads;
        sums[page].stores += epoch[page].stores;
        sums[page].request_loads += epoch[page].request_loads;
        sums[page].request_stores += epoch[page].request_stores;
    }
    if (hook_is("miscount"))
        sums[0].loads++;
}

static void report_page(u32 page)
{
    const struct page_truth *t = &sums[page];

    record_array(NULL);
    record_u64(NULL, page);
    record_u64(NULL, t->loads);
    record_u64(NULL, t->stores);
    record_u64(NULL, t->request_loads);
    record_u64(NULL, t->request_stores);
    record_close();
}

void truth_sums_report(void)
{
    u32 page = 0;

    while (sums && page < arena.nr_pages) {
        record_begin("event");
        record_text("event", "truth");
        record_array("pages");
        for (u32 n = 0; page < arena.nr_pages && n < PAGES_PER_RECORD; page++) {
            if (!sums[page].loads && !sums[page].stores)
                continue;
            report_page(page);
            n++;
        }
        record_close();
        record_end();
    }
}
