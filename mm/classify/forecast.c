#include "mm/classify/forecast.h"

#include "lib/string.h"

enum {
    ENOUGH = 8, /* pages that a bin must have seen before it is believed */
    KEPT = 1,   /* of a record a half is kept from cycle to cycle, so that it follows a program that changes */
};

/* A quarter of an octave each; below 4 each number has its own. */
static u32 bin_of(u32 mean)
{
    u32 octave;

    if (mean < 4)
        return mean;
    octave = 31 - (u32)__builtin_clz(mean);
    return (octave - 1) * 4 + (mean >> (octave - 2) & 3);
}

void forecast_start(struct forecast *f, u32 nr_pages, void *arrays)
{
    u32 *array = arrays;

    memset(f, 0, sizeof(*f));
    f->nr_pages = nr_pages;
    f->persists = FORECAST_SURE;
    f->before = array;
    for (u32 m = 0; m < FORECAST_MEMORIES; m++)
        f->memory[m].mean = array += nr_pages;
}

static u32 forecast_by(const struct memory *memory, u32 page)
{
    const struct bin *bin = &memory->bins[bin_of(memory->mean[page])];

    if (bin->pages < ENOUGH)
        return memory->mean[page];
    return (u32)((bin->requests << FORECAST_SHIFT) / bin->pages);
}

/* Judges what it would have told, before it learns what came: what fits the past is not yet good at the future. */
static void memory_judge(struct memory *memory, const u32 *counts, u32 nr_pages)
{
    memory->errors >>= KEPT;
    for (u32 page = 0; page < nr_pages; page++) {
        s64 error = (s64)(forecast_by(memory, page) >> FORECAST_SHIFT) - counts[page];
        memory->errors += (u64)(error * error);
    }
}

/* Enters what came of each mean into its bin, and lets the mean take in the new count. */
static void memory_learn(struct memory *memory, u32 speed, const u32 *counts, u32 nr_pages)
{
    for (u32 b = 0; b < FORECAST_BINS; b++) {
        struct bin *bin = &memory->bins[b];
        bin->pages >>= KEPT, bin->requests >>= KEPT;
    }
    for (u32 page = 0; page < nr_pages; page++) {
        u32 *mean = &memory->mean[page];
        struct bin *bin = &memory->bins[bin_of(*mean)];
        bin->pages++;
        bin->requests += counts[page];
        *mean = *mean - (*mean >> speed) + (counts[page] << FORECAST_SHIFT >> speed);
    }
}

/* The covariance of two cycles' counts, times their number; 0 for a negative one. */
static u64 covariance(const u32 *a, u32 shift, const u32 *b, u32 nr)
{
    u64 both = 0, sum_a = 0, sum_b = 0, apart;

    for (u32 i = 0; i < nr; i++) {
        both += (u64)(a[i] >> shift) * b[i];
        sum_a += a[i] >> shift;
        sum_b += b[i];
    }
    apart = sum_a * sum_b / nr;
    return both > apart ? both - apart : 0;
}

/* Chance weakens the likeness to the last cycle and to the one before it alike; what is weaker in the latter, change is. */
static void learn_persistence(struct forecast *f, const u32 *counts)
{
    f->with_last = (f->with_last >> KEPT) + covariance(f->memory[0].mean, FORECAST_SHIFT, counts, f->nr_pages);
    f->with_before = (f->with_before >> KEPT) + covariance(f->before, 0, counts, f->nr_pages);
    if (f->with_before < f->with_last)
        f->persists = (u32)(f->with_before * FORECAST_SURE / f->with_last);
    else
        f->persists = FORECAST_SURE;
}

/* There is nothing to judge yet: all means begin with what came. */
static void first_cycle(struct forecast *f, const u32 *counts)
{
    for (u32 m = 0; m < FORECAST_MEMORIES; m++)
        for (u32 page = 0; page < f->nr_pages; page++)
            f->memory[m].mean[page] = counts[page] << FORECAST_SHIFT;
}

void forecast_learn(struct forecast *f, const u32 *counts)
{
    if (!f->cycles++) {
        first_cycle(f, counts);
        return;
    }
    if (f->cycles > 2)
        learn_persistence(f, counts);
    for (u32 page = 0; page < f->nr_pages; page++)
        f->before[page] = f->memory[0].mean[page] >> FORECAST_SHIFT;
    f->best = 0;
    for (u32 m = 0; m < FORECAST_MEMORIES; m++) {
        memory_judge(&f->memory[m], counts, f->nr_pages);
        memory_learn(&f->memory[m], m, counts, f->nr_pages);
        if (f->memory[m].errors < f->memory[f->best].errors)
            f->best = m;
    }
}

u32 forecast_page(const struct forecast *f, u32 page)
{
    return forecast_by(&f->memory[f->best], page);
}

u64 forecast_lasts(const struct forecast *f, u32 cycles)
{
    u64 sum = 0, left = FORECAST_SURE;

    for (u32 c = 0; c < cycles && left; c++) {
        sum += left;
        left = left * f->persists / FORECAST_SURE;
    }
    return sum;
}
