/* Page tables and TLB: walk, tlb. */
#include "kernel/console.h"
#include "kernel/cpu.h"
#include "lib/string.h"
#include "lab/lab.h"
#include "machines/machines.h"
#include "lab/program.h"
#include "lab/policy.h"
#include "mm/bits.h"
#include "mm/tlb.h"
#include "vm/machine.h"
#include "shell/entries.h"
#include "shell/shell.h"

static const struct {
    u64 bit;
    const char *name;
} bits[] = {
    {PTE_PRESENT, "present"},
    {PTE_WRITE, "write"},
    {PTE_USER, "user"},
    {PTE_WRITE_THROUGH, "write_through"},
    {PTE_NO_CACHE, "no_cache"},
    {PTE_ACCESSED, "accessed"},
    {PTE_DIRTY, "dirty"},
    {PTE_LARGE, "large"},
    {PTE_EMPTY, "empty"},
    {PTE_MOVING, "moving"},
    {PTE_HINT, "hint"},
    {PTE_TRACKER_DIRTY, "tracker_dirty"},
    {PTE_LOG_WRITE, "log_write"},
    {PTE_GUARD_WRITE, "guard_write"},
    {PTE_MIGRATOR_LOOKS, "migrator_looks"},
    {PTE_MIGRATOR_DIRTY, "migrator_dirty"},
    {PTE_NO_EXECUTE, "no_execute"},
};

void entry_print(pte_t entry)
{
    if (!entry.bits) {
        kprintf("empty");
        return;
    }
    kprintf("frame 0x%x", pte_pfn((pte_t){entry.bits & PTE_ADDRESS}));
    for (unsigned i = 0; i < ARRAY_SIZE(bits); i++)
        if (entry.bits & bits[i].bit)
            kprintf(" %s", bits[i].name);
}

const char *entry_place(pfn_t pfn)
{
    return frame_pool_has(&frame_pools[TIER_FAST], pfn)   ? "fast tier"
           : frame_pool_has(&frame_pools[TIER_SLOW], pfn) ? "slow tier"
                                                          : "kernel memory";
}

extern const char *abit_flush, *region_flush;

static bool model_decides(void)
{
    const char *tracker = chosen.tracker ? chosen.tracker->part.name : "";

    return model_present() && ((!strcmp(tracker, "abit") && *abit_flush == 'n') || (!strcmp(tracker, "region") && *region_flush == 'n'));
}

pte_t entry_seen(u32 page)
{
    const pte_t *entry = space_entry(&arena, page);
    pte_t seen = entry ? *entry : (pte_t){0};

    if (model_decides() && pte_has_frame(seen))
        seen.bits = (seen.bits & ~PTE_ACCESSED) | (was_accessed(&arena, page) ? PTE_ACCESSED : 0);
    return seen;
}

/* Tables may name any memory: what the direct map does not have is not followed. */
static bool readable(pfn_t pfn)
{
    return paddr_of(pfn) + PAGE_SIZE <= memory_end();
}

static void walk(const pte_t *root, vaddr_t address, u32 page, const char *before)
{
    const pte_t *table = root;

    for (unsigned level = PT_LEVELS; level; level--) {
        pte_t entry = table[pt_index(address, level)];
        pfn_t pfn = pte_pfn((pte_t){entry.bits & PTE_ADDRESS});
        bool leaf = level == 1 || entry.bits & PTE_LARGE;

        if (level == 1 && page != NO_PAGE)
            entry = entry_seen(page);
        kprintf("%slevel %u  entry %3u  ", before, level, pt_index(address, level));
        entry_print(entry);
        if (entry.bits)
            kprintf(" (%s%s)", leaf ? "" : "a table in ", entry_place(pfn));
        kprintf("\n");
        if (!pte_present(entry) || leaf || !readable(pfn))
            break;
        table = pfn_to_virt(pfn);
    }
}

static bool parse_address(const char *word, vaddr_t *address)
{
    *address = 0;
    if (word[0] != '0' || word[1] != 'x' || !word[2] || strlen(word) > 18)
        return false;
    for (word += 2; *word; word++) {
        char c = *word;
        unsigned digit = c >= '0' && c <= '9' ? (unsigned)(c - '0') : (unsigned)((c | 0x20) - 'a' + 10);
        if (digit > 15)
            return false;
        *address = *address << 4 | digit;
    }
    return true;
}

static void walk_nested(u64 gpa, const char *before)
{
    u64 page = gpa >> PAGE_SHIFT;

    walk(arena.root, arena.root_base + (page << PAGE_SHIFT), page < arena.nr_pages ? (u32)page : NO_PAGE, before);
}

/*
 * In two dimensions (APM 2, 15.25): each table of the machine's own lies at a guest-physical address, which the nested tables translate
 * before its entry can be read, and so does what the last one leads to: five walks of four entries, and four entries of the machine's.
 */
static void walk_machine(const struct machine *machine, vaddr_t gva)
{
    u64 table = machine->vmcb->cr3 & PTE_ADDRESS, gpa = 0;

    kprintf("address 0x%lx of machine 0\n", gva);
    for (unsigned level = PT_LEVELS; level; level--) {
        u64 at = table + pt_index(gva, level) * sizeof(pte_t), within = ((u64)1 << pt_level_shift(level)) - 1;
        const pte_t *entry = machine_bytes(machine, at);

        walk_nested(at, "      nested ");
        if (!entry) {
            kprintf("  level %u: nothing is at guest-physical 0x%lx\n", level, at);
            return;
        }
        kprintf("  level %u  entry %3u  guest-physical ", level, pt_index(gva, level));
        entry_print(*entry);
        kprintf("\n");
        if (!pte_present(*entry))
            return;
        table = entry->bits & PTE_ADDRESS;
        gpa = (table & ~within) | (gva & within);
        if (level < PT_LEVELS && entry->bits & PTE_LARGE)
            break;
    }
    walk_nested(gpa, "      nested ");
}

static bool walk_in_machine(const char *word)
{
    const struct machine *machine = machines_first();
    vaddr_t gva;
    u32 page;

    if (!machine)
        return shell_complain("walk vm:0: the program runs in no machine; vms=1 puts it into one");
    if (!parse_address(word, &gva)) {
        page = shell_page(word);
        if (page == NO_PAGE)
            return false;
        gva = MACHINE_LINEAR + ((u64)page << PAGE_SHIFT);
    }
    walk_machine(machine, gva);
    return false;
}

static bool walk_act(const char *const *words)
{
    const pte_t *root = pfn_to_virt(pfn_of(read_cr3() & PTE_ADDRESS));
    vaddr_t address;
    u32 page = NO_PAGE;

    if (words[1]) {
        if (strcmp(words[0], "vm:0"))
            return shell_complain_word("walk", words[0], "vm:0");
        return walk_in_machine(words[1]);
    }
    if (parse_address(words[0], &address)) {
        if ((address - arena.base) >> PAGE_SHIFT < arena.nr_pages)
            page = (u32)((address - arena.base) >> PAGE_SHIFT);
    } else {
        page = shell_page(words[0]);
        if (page == NO_PAGE)
            return false;
        address = space_va(&arena, page);
    }
    if (machines_wanted() && page != NO_PAGE) { /* nested tables: they translate guest-physical addresses */
        kprintf("guest-physical page %u, in the nested tables\n", page);
        walk_nested((u64)page << PAGE_SHIFT, "  ");
        return false;
    }
    kprintf("address 0x%lx\n", address);
    walk(root, address, page, "  ");
    return false;
}

static const struct command walk_command = {
    .name = "walk",
    .usage = "[vm:0] PAGE|0xADDRESS",
    .summary = "the entry of each level on the way there, with its bits and where it leads",
    .help = "  The bits are the processor's (present, write, accessed, dirty, ...) and ours (mm/pte.h): hint and log_write are\n"
            "  the tracker's reasons why an access faults, moving and guard_write the migrator's.\n"
            "  With vms=1 the nested tables are walked; vm:0 walks the machine's own as well, in two dimensions: each of its\n"
            "  entries is found by a nested walk.\n",
    .least = 1,
    .most = 2,
    .act = walk_act};
REGISTER_COMMAND(walk_command);

static bool tlb_act(const char *const *words)
{
    const volatile struct model_counters *w = &model_header()->account[ACCOUNT_WORKLOAD];

    (void)words;
    kprintf("flushes      %lu of the whole TLB, %lu of a page\n", tlb_counts.full, tlb_counts.page);
    if (!model_present())
        return false;
    kprintf("misses       %lu of the first level, %lu of the second too: as many walks\n", w->tlb1_misses, w->walks);
    kprintf("walks        %lu entries read, %lu of them from memory, %s in all\n", w->walk_loads, w->walk_misses, shell_ms(w->walk_ps));
    kprintf("bits         %lu accessed or dirty bits set by walks\n", w->entry_sets);
    kprintf("a shootdown  costs each core that receives it %lu ns\n", model_header()->shootdown_ps / 1000);
    return false;
}

static const struct command tlb_command = {.name = "tlb",
                                           .usage = "",
                                           .summary = "flushes, misses and walks of the program so far",
                                           .act = tlb_act};
REGISTER_COMMAND(tlb_command);
