/* sources: tests/host/host.c */
/* Page lists against arrays: several lists share the pages, and a page is on one at most. */
#include "lib/string.h"
#include "lib/list.h"
#include "tests/host/host.h"

#define NR_PAGES 40
#define NR_LISTS 3

static struct page pages[NR_PAGES + NR_LISTS]; /* the lists' own entries stand behind */
static struct page_list lists[NR_LISTS];
static u32 model[NR_LISTS][NR_PAGES], nr[NR_LISTS];
static int where[NR_PAGES]; /* list, or -1 */

static void model_insert(int list, u32 at, u32 page)
{
    memmove(&model[list][at + 1], &model[list][at], (nr[list] - at) * sizeof(u32));
    model[list][at] = page;
    nr[list]++;
    where[page] = list;
}

static void model_remove(u32 page)
{
    int list = where[page];
    u32 at = 0;

    while (model[list][at] != page)
        at++;
    nr[list]--;
    memmove(&model[list][at], &model[list][at + 1], (nr[list] - at) * sizeof(u32));
    where[page] = -1;
}

/* Both directions, both ends and the count. */
static void check_list(int list)
{
    const struct page_list *l = &lists[list];
    u32 page = list_head(l, pages), previous = l->end;

    CHECK_EQ(nr[list], l->count);
    for (u32 i = 0; i < nr[list]; i++) {
        CHECK_EQ(model[list][i], page);
        if (page >= NR_PAGES)
            return;
        CHECK_EQ(previous, pages[page].prev);
        previous = page;
        page = pages[page].next;
    }
    CHECK_EQ(l->end, page);
    CHECK_EQ(previous, list_tail(l, pages));
}

static void random_operations(void)
{
    for (int list = 0; list < NR_LISTS; list++) {
        list_init(&lists[list], pages, NR_PAGES + (u32)list);
        nr[list] = 0;
    }
    for (u32 page = 0; page < NR_PAGES; page++)
        where[page] = -1;
    for (int step = 0; step < 5000; step++) {
        u32 page = host_below(NR_PAGES);
        int to = (int)host_below(NR_LISTS);
        if (where[page] >= 0) {
            list_remove(&lists[where[page]], pages, page);
            model_remove(page);
        }
        switch (host_below(3)) {
        case 0:
            list_add_head(&lists[to], pages, page);
            model_insert(to, 0, page);
            break;
        case 1:
            list_add_tail(&lists[to], pages, page);
            model_insert(to, nr[to], page);
            break;
        }
        for (int list = 0; list < NR_LISTS; list++)
            check_list(list);
    }
}

int main(void)
{
    host_case("list.one_page");
    list_init(&lists[0], pages, NR_PAGES);
    CHECK_EQ(NR_PAGES, list_head(&lists[0], pages));
    CHECK_EQ(NR_PAGES, list_tail(&lists[0], pages));
    list_add_tail(&lists[0], pages, 7);
    CHECK_EQ(7, list_head(&lists[0], pages));
    CHECK_EQ(7, list_tail(&lists[0], pages));
    list_remove(&lists[0], pages, 7);
    CHECK_EQ(NR_PAGES, list_head(&lists[0], pages));
    CHECK_EQ(NR_PAGES, list_tail(&lists[0], pages));
    CHECK_EQ(0, lists[0].count);

    host_case("list.random");
    for (u64 seed = 1; seed <= 10; seed++) {
        host_seed(seed);
        random_operations();
    }
    return host_done();
}
