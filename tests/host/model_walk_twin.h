/*
 * The naive twin of walks and overlap: it keeps every cache as a list and every time in a history, and knows neither rings nor
 * tricks of sets. A load costs twin_load(); what the guest does to entries and leaves, it is told by twin_clear(), twin_forget()
 * and twin_resize(). Its clock is twin.now, in picoseconds.
 */
#pragma once

#define SPACE_PAGES 8192u
#include "tests/host/model_naive.h"
#include "tests/host/model_rig.h"

#define MAX_HISTORY 400000

/* The machine of the twin: 4 KiB first level, 8 KiB second, 16 KiB last; as the keys below say. */
static const char keys[] = "l1=4096 l1_ways=8 l2=8192 l2_ways=16 llc=16384 llc_ways=16 tlb1=16 tlb1_ways=4 tlb2=32 "
                           "tlb2_ways=4 pde=3 pdpte=2 pml4e=1 prefetch=0 curve=0 insn_ps=1000 "
                           "preset=ddr4-clx+ddr4-clx-remote";

static struct {
    struct list l1[8], l2[8], llc[16], tlb[2][8], upper[3], nested;
    uint64_t fill[MAX_HISTORY], retire[MAX_HISTORY], walk[MAX_HISTORY], lane[2]; /* histories; when a lane is free */
    uint64_t fills, retired, walks, walk_loads, walk_misses, sets, walk_ps;
    bool accessed[SPACE_PAGES]; /* A bits of the entries; of a leaf of 2 MiB: its first page's */
    uint64_t frame[SPACE_PAGES];
    bool leaf[SPACE_PAGES / 512]; /* 512 pages are one leaf; of a machine: of its nested tables, whose bits are these: */
    bool nested_set[SPACE_PAGES / 512], nested_dirty[SPACE_PAGES / 512];
    uint64_t now, service[2];
    uint32_t mlp, nr_fills, nr_walkers; /* mlp in thousandths */
    bool two_dimensions, parts, machine; /* the space is a machine's memory, with its own tables in it */
} twin;

#define MACHINE_TABLES 700u /* their first page there: root, level 3, level 2, and 16 of level 1 */

static uint64_t later(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* What lies `back` entries before the end of a history. */
static uint64_t before(const uint64_t *history, uint64_t length, uint64_t back)
{
    return back && length >= back ? history[length - back] : 0;
}

/* Finds or makes an entry of a cache of upper levels. */
static bool twin_upper(int nr, unsigned ways, uint64_t number)
{
    uint64_t victim;
    uint32_t dirty;
    int at = list_find(&twin.upper[nr], number);

    if (at >= 0) {
        list_remove(&twin.upper[nr], at);
    }
    list_push(&twin.upper[nr], ways, number, 0, &victim, &dirty);
    return at >= 0;
}

/* Latency of a line, which is then in the first level. `begin` is when it is asked for. */
static uint64_t twin_line(uint64_t line, uint64_t begin, uint64_t l1_ps, bool walk)
{
    struct list *l1 = &twin.l1[line % 8], *l2 = &twin.l2[line % 8], *llc;
    uint64_t victim, out, done;
    uint32_t dirty;
    int at = list_find(l1, line);

    if (at >= 0) {
        list_remove(l1, at);
        list_push(l1, 8, line, 0, &victim, &dirty);
        return begin + l1_ps;
    }
    at = list_find(l2, line);
    if (at >= 0) {
        list_remove(l2, at);
        list_push(l2, 16, line, 0, &victim, &dirty);
        done = begin + 6000;
    } else {
        llc = &twin.llc[line % 16];
        at = list_find(llc, line);
        if (at >= 0) {
            list_remove(llc, at);
            done = begin + 29000;
        } else {
            bool slow = line << 6 >= SLOW_BASE && line << 6 < SLOW_BASE + RANGE_BYTES;
            twin.walk_misses += walk;
            twin.lane[slow] = later(twin.lane[slow], twin.now) + twin.service[slow];
            done = later(begin, before(twin.fill, twin.fills, twin.nr_fills)) + (slow ? 141000 : 88000);
            done = later(done, twin.lane[slow]);
            twin.fill[twin.fills++] = done;
        }
        if (list_push(l2, 16, line, 0, &victim, &dirty)) {
            int above = list_find(&twin.l1[victim % 8], victim);
            if (above >= 0) {
                list_remove(&twin.l1[victim % 8], above);
            }
            list_push(&twin.llc[victim % 16], 16, victim, 0, &out, &dirty);
        }
    }
    list_push(l1, 8, line, 0, &victim, &dirty);
    return done;
}

static uint64_t entry_line(uint64_t frame, uint64_t index)
{
    return frame * 64 + index % 512 / 8;
}

/* When a guest-physical page is translated: a nested TLB of five entries, or one entry of 8 bytes a page from 64 GiB
 * on. */
static uint64_t twin_nested(uint64_t frame, uint64_t at_ps)
{
    uint64_t victim;
    uint32_t dirty;
    int at = list_find(&twin.nested, frame);

    if (!twin.two_dimensions) {
        return at_ps;
    }
    if (at >= 0) {
        list_remove(&twin.nested, at);
    } else {
        twin.walk_loads++;
        at_ps = twin_line((1ull << 36) / 64 + frame * 8 / 64, at_ps, 2000, true);
    }
    list_push(&twin.nested, 5, frame, 0, &victim, &dirty);
    return at_ps;
}

/* The same in a machine: one entry of the tables that map the space, with bits to be set or not. */
static uint64_t twin_machine_page(uint32_t page, bool set, uint64_t at_ps)
{
    bool large = twin.leaf[page / 512];
    uint64_t victim, name = large ? SPACE_PAGES + page / 512 : page;
    uint32_t dirty;
    int at = list_find(&twin.nested, name);

    if (at >= 0) {
        list_remove(&twin.nested, at);
    }
    if (at < 0 || set) {
        twin.walk_loads++;
        at_ps = twin_line(large ? entry_line(TABLE_FRAME + 2, page / 512) : entry_line(leaf_table(page / 512), page),
                          at_ps, 2000, true);
        twin.sets += set;
        at_ps += set ? 105000 : 0;
    }
    list_push(&twin.nested, 5, name, 0, &victim, &dirty);
    return at_ps;
}

/* Whether A, or with `write` A and D, of the nested leaf of 2 MiB over a page had to be set. */
static bool twin_nested_sets(uint32_t page, bool write)
{
    bool *accessed = &twin.nested_set[page / 512], *dirty = &twin.nested_dirty[page / 512];
    bool sets = !*accessed || (write && !*dirty);

    *accessed = true;
    *dirty |= write;
    return sets;
}

/* An entry of a machine's own table, which lies in its memory; with `set`, A is set in it. */
static uint64_t twin_machine_entry(uint32_t table, uint64_t index, bool set, uint64_t at_ps)
{
    uint32_t page = MACHINE_TABLES + table;

    if (twin.leaf[page / 512]) {
        at_ps = twin_machine_page(page, twin_nested_sets(page, true), at_ps);
    } else {
        at_ps = twin_machine_page(page, !twin.accessed[page], at_ps);
        twin.accessed[page] = true;
    }
    twin.walk_loads++;
    twin.sets += set;
    return twin_line(entry_line(twin.frame[page], index), at_ps, 2000, true) + (set ? 105000 : 0);
}

static uint64_t twin_machine(uint64_t va, uint64_t at_ps)
{
    uint32_t page = (uint32_t)((va - SPACE_VA) >> 12);
    bool set = !twin.accessed[page]; /* told before the walk, which may go through the page itself */
    bool pde = list_find(&twin.upper[0], va >> 21) >= 0;
    bool pdpte = !pde && list_find(&twin.upper[1], va >> 30) >= 0;
    bool pml4e = !pde && !pdpte && list_find(&twin.upper[2], va >> 39) >= 0;

    twin.accessed[page] = true;
    if (!pde && !pdpte && !pml4e) {
        at_ps = twin_machine_entry(0, 0, false, at_ps);
    }
    if (!pde && !pdpte) {
        at_ps = twin_machine_entry(1, va >> 30, false, at_ps);
        twin_upper(2, 1, va >> 39);
    }
    if (!pde) {
        at_ps = twin_machine_entry(2, va >> 21, false, at_ps);
        twin_upper(1, 2, va >> 30);
    }
    twin_upper(0, 3, va >> 21);
    bool large = twin.leaf[page / 512]; /* then its own entry and the nested one are told apart */
    at_ps = twin_machine_entry(3 + page / 512, page, large && set, at_ps);
    return twin_machine_page(page, large ? twin_nested_sets(page, false) : set, at_ps);
}

/* An entry of a page table, which lies at a guest-physical address. */
static uint64_t twin_entry(uint64_t table, uint64_t index, uint64_t at_ps)
{
    twin.walk_loads++;
    return twin_line(entry_line(table, index), twin_nested(table, at_ps), 2000, true);
}

/* A walk by the kernel's own tables, for a page or a large one in `frame`; from `at_ps` on. */
static uint64_t twin_native(uint64_t va, bool large, uint64_t frame, uint64_t at_ps)
{
    bool direct = va >= DIRECT_VA;
    bool pde = !large && list_find(&twin.upper[0], va >> 21) >= 0;
    bool pdpte = !pde && list_find(&twin.upper[1], va >> 30) >= 0;
    bool pml4e = !pde && !pdpte && list_find(&twin.upper[2], va >> 39) >= 0;
    if (!pde && !pdpte && !pml4e) {
        at_ps = twin_entry(TABLE_FRAME, va >> 39, at_ps);
    }
    if (!pde && !pdpte) {
        at_ps = twin_entry(direct ? TABLE_FRAME + 3 : TABLE_FRAME + 1, va >> 30, at_ps);
        twin_upper(2, 1, va >> 39);
    }
    if (!pde && !large) {
        at_ps = twin_entry(TABLE_FRAME + 2, va >> 21, at_ps);
    }
    if (!pde) {
        twin_upper(1, 2, va >> 30);
    }
    if (direct) {
        return twin_nested(frame, twin_entry(TABLE_FRAME + 4, va >> 21, at_ps));
    }
    uint64_t page = (va - SPACE_VA) >> 12;
    if (large) {
        page -= page % 512;
        at_ps = twin_entry(TABLE_FRAME + 2, va >> 21, at_ps);
    } else {
        twin_upper(0, 3, va >> 21);
        at_ps = twin_entry(leaf_table((uint32_t)(page / 512)), page, at_ps);
    }
    at_ps = twin_nested(frame, at_ps);
    if (!twin.accessed[page]) {
        twin.accessed[page] = true;
        twin.sets++;
        at_ps += 105000;
    }
    return at_ps;
}

/* When the translation of `va`, a page or a large one in `frame`, is known. */
static uint64_t twin_translate(uint64_t va, bool large, uint64_t frame)
{
    uint64_t number = va >> (large ? 21 : 12), tag = tlb_tag(number, large), victim, begin, at_ps;
    struct list *first = &twin.tlb[0][number % 4], *second = &twin.tlb[1][number % 8];
    uint32_t dirty;
    int at = list_find(first, tag);

    if (at >= 0) {
        list_remove(first, at);
        list_push(first, 4, tag, 0, &victim, &dirty);
        return twin.now;
    }
    begin = twin.now + 3000;
    at = list_find(second, tag);
    if (at >= 0) {
        list_remove(second, at);
    } else {
        begin = later(begin, before(twin.walk, twin.walks, twin.nr_walkers));
        at_ps = begin + 1000;
        at_ps = twin.machine && va < DIRECT_VA ? twin_machine(va, at_ps) : twin_native(va, large, frame, at_ps);
        twin.walk_ps += at_ps - begin;
        twin.walk[twin.walks++] = begin = at_ps;
    }
    list_push(second, 4, tag, 0, &victim, &dirty);
    list_push(first, 4, tag, 0, &victim, &dirty);
    return begin;
}

/* Parts of the space that overlap otherwise than the program, when the test has told them. */
static const struct {
    uint32_t first, pages, mlp;
} parts[] = {{0, 64, 1000}, {64, 4000, 10000}, {5000, 1, 2250}, {0, 8192, 3500}};

static uint32_t twin_mlp(uint64_t va)
{
    uint64_t page = (va - SPACE_VA) >> 12;

    for (size_t i = 0; twin.parts && i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (va < DIRECT_VA && page >= parts[i].first && page < parts[i].first + parts[i].pages) {
            return parts[i].mlp;
        }
    }
    return twin.mlp;
}

static void twin_load(uint64_t va, uint64_t line, bool large)
{
    uint32_t mlp = twin_mlp(va);
    uint64_t ready = twin_translate(va, large, line / 64), misses = twin.fills - twin.walk_misses;
    uint64_t done = twin_line(line, ready, 0, false), youngest = before(twin.retire, twin.retired, 1);
    bool counts = twin.fills - twin.walk_misses > misses || (done == ready && ready > twin.now);

    if (done == twin.now || (done <= youngest && !counts)) {
        return;
    }
    twin.retire[twin.retired++] = later(done, youngest);
    uint64_t until = before(twin.retire, twin.retired, mlp / 1000);
    until -= (until - before(twin.retire, twin.retired, mlp / 1000 + 1)) * (mlp % 1000) / 1000;
    twin.now = later(twin.now, until);
}

static void twin_forget(uint64_t number, bool large)
{
    for (int nr = 0; nr < 2; nr++) {
        struct list *set = &twin.tlb[nr][number % (nr ? 8 : 4)];
        int found = list_find(set, tlb_tag(number, large));
        if (found >= 0) {
            list_remove(set, found);
        }
    }
}

/* 512 pages become one leaf, elsewhere, or it is split where it is. A goes with them, as the guest writes it down. */
static void twin_resize(uint32_t block)
{
    uint8_t *walked = (uint8_t *)region + model.header->walked_offset;
    uint32_t first = block * 512, last = first + 511;
    uint64_t run = ((host_below(2) ? FAST_BASE : SLOW_BASE) >> 12) + 1024 + host_below(20) * 512;
    bool any = false;

    twin.leaf[block] = !twin.leaf[block];
    leaves()[block] = twin.leaf[block] ? MODEL_LEAF_LARGE : leaf_table(block) + 1;
    for (uint32_t page = first; page <= last; page++) {
        any |= twin.accessed[page];
        if (twin.leaf[block]) {
            twin.frame[page] = run + page - first;
        }
        frames()[page] = twin.leaf[block] ? 0 : (uint32_t)twin.frame[page] + 1;
    }
    frames()[first] = (uint32_t)twin.frame[first] + 1; /* of a leaf, the first one is all that there is */
    for (uint32_t page = first; page <= last; page++) {
        if (!twin.machine) {
            twin.accessed[page] = any && (page == first || !twin.leaf[block]);
        } else if (!twin.leaf[block]) { /* from now on one byte stands for both entries */
            twin.accessed[page] &= twin.nested_set[block];
        }
        walked[page] = twin.accessed[page] ? WALKED_SET : 0;
    }
    twin.nested_set[block] = any;
    twin.nested_dirty[block] = false;
    if (twin.machine && twin.leaf[block] && any) {
        walked[first] |= WALKED_SET << WALKED_NESTED;
    }
    RING(flush_page, page_va(first + host_below(512)));
}

/* What a tracker does to a page's entry; of a leaf, the entry of level 2. The table of level 1 then means nothing. */
static void twin_clear(uint32_t page, bool machine)
{
    bool own = machine && host_below(2); /* of the machine's tables, or of those that map its memory */
    uint64_t table = own ? twin.frame[MACHINE_TABLES + 3 + page / 512] : leaf_table(page / 512);
    uint64_t above = DIRECT_VA + (TABLE_FRAME + 2) * 4096ull + page / 512 * 8;

    model.machine_va = own && host_below(2) ? SPACE_VA : 0; /* by the machine itself, or by its host */
    if (model.machine_va) {
        model_locked(SPACE_VA + (MACHINE_TABLES + 3 + page / 512) * 4096ull + page % 512 * 8);
    } else {
        model_locked(DIRECT_VA + table * 4096 + page % 512 * 8);
    }
    model.machine_va = 0;
    if (own) {
        twin.accessed[page] = false;
    } else if (!twin.leaf[page / 512]) {
        model_locked(above); /* no leaf */
        twin.accessed[page] = false;
    } else if (host_below(2)) {
        model_locked(above);
        *(machine ? &twin.nested_set[page / 512] : &twin.accessed[page - page % 512]) = false;
    }
}
