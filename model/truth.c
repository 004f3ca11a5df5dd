#include "model/truth.h"

#include <string.h>

void truth_init(struct truth *truth, struct page_truth *even, struct page_truth *odd, uint64_t pages)
{
    truth->copy[0] = even;
    truth->copy[1] = odd;
    truth->counting = even;
    truth->pages = pages;
    truth_clear(truth);
}

void truth_clear(struct truth *truth)
{
    truth_settle(truth);
    for (int i = 0; i < 2; i++) {
        memset(truth->copy[i], 0, truth->pages * sizeof(struct page_truth));
    }
}

void truth_close(struct truth *truth, uint64_t epoch)
{
    truth_settle(truth);
    truth->counting = truth->copy[epoch & 1];
    memset(truth->counting, 0, truth->pages * sizeof(struct page_truth));
}
