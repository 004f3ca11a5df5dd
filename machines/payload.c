#include "machines/payload.h"
#include "kernel/cpu.h"
#include "kernel/exit.h"
#include "kernel/hooks.h"
#include "kernel/panic.h"
#include "lib/string.h"
#include "machines/watchdog.h"
#include "mm/packed.h"

extern const u8 payload_image[], payload_image_end[];
static struct packed image = {.start = payload_image, .end = payload_image_end};

static const char *const function_names[NR_PAYLOAD_FUNCTIONS] = {"start",    "setup",   "run",      "verify", "measured", "work", "report",
                                                                  "deadline", "expired", "declared", "look",   "balloon"};
static const u8 endless[] = {0xeb, 0xfe}; /* jmp $ */

static u32 pages_of(u64 bytes)
{
    return (u32)(ALIGN_UP(bytes, PAGE_SIZE) >> PAGE_SHIFT);
}

/* Where the arena begins: behind image, tables and the page that tells what was seen, 2 MiB aligned. */
static u32 data_page(u32 nr_pages, bool looks)
{
    const struct payload_header *header = packed_contents(&image);

    return (u32)ALIGN_UP(PAYLOAD_IMAGE_PAGE + pages_of(header->bytes) + machine_tables(nr_pages) + looks, PT_ENTRIES);
}

#define HEAP_LEAST 256 /* pages: tables that workloads keep outside of the arena; arbitrary */

u32 payload_overhead(u32 nr_pages, bool looks)
{
    return data_page(nr_pages, looks) + HEAP_LEAST;
}

/* A copy from outside of the machine, page by page. */
static void write_pages(struct payload *payload, u32 page, const void *from, u64 bytes)
{
    for (u64 done = 0; done < bytes; done += PAGE_SIZE, page++) {
        if (space_populate(payload->machine.memory, page))
            unfit("no frame left for a machine's image: more fast= or slow=");
        memcpy(machine_bytes(&payload->machine, (u64)page << PAGE_SHIFT), (const u8 *)from + done,
               MIN(PAGE_SIZE, bytes - done));
    }
}

static vaddr_t address_of(u32 page)
{
    return MACHINE_LINEAR + ((vaddr_t)page << PAGE_SHIFT);
}


/* Where the arena ends and the heap begins is known when the payload has said how large its program is. */
static void lay_out(struct payload *payload)
{
    struct payload_boot *boot = machine_bytes(&payload->machine, 0);
    u32 nr_pages = payload->machine.memory->nr_pages;

    if (payload->program.pages > nr_pages - payload->data_page - HEAP_LEAST)
        unfit("workload=%s needs %lu KiB and a machine %lu KiB more; this one has %lu KiB", payload->program.workload,
              payload->program.pages * (PAGE_SIZE / KIB), payload_overhead(nr_pages, payload->looks) * (PAGE_SIZE / (u32)KIB),
              nr_pages * (PAGE_SIZE / (u32)KIB));
    payload->data_pages = (u32)payload->program.pages;
    payload->heap_page = payload->data_page + payload->data_pages;
    boot->data_pages = payload->data_pages;
    boot->heap = address_of(payload->heap_page);
}

/* The code that scans, and an empty page for what it sees. */
static void write_look(struct payload *payload, struct payload_boot *boot, u32 seen_page)
{
    size_t bytes = (size_t)(machine_look_code_end - machine_look_code);

    ASSERT(bytes <= sizeof(boot->look));
    memcpy(boot->look, machine_look_code, bytes);
    if (hook_is("look-silent"))
        memcpy(boot->look, endless, sizeof(endless));
    payload->seen_page = seen_page;
    if (space_populate(payload->machine.memory, seen_page))
        unfit("no frame left for what a machine's tracker sees: more fast= or slow=");
}

static void write_balloon(const struct payload *payload, struct payload_boot *boot)
{
    size_t bytes = (size_t)(machine_balloon_code_end - machine_balloon_code);

    ASSERT(bytes <= sizeof(boot->balloon_code));
    boot->balloon.first = boot->balloon.hand = payload->data_page;
    boot->balloon.end = payload->machine.memory->nr_pages;
    memcpy(boot->balloon_code, machine_balloon_code, bytes);
    if (hook_is("balloon-silent"))
        memcpy(boot->balloon_code, endless, sizeof(endless));
}

void payload_load(struct payload *payload, const char *keys, const char *own)
{
    static struct payload_boot boot;
    struct machine *machine = &payload->machine;
    u32 nr_pages = machine->memory->nr_pages, tables;

    payload->header = *(const struct payload_header *)packed_contents(&image);
    tables = PAYLOAD_IMAGE_PAGE + pages_of(payload->header.bytes);
    payload->data_page = data_page(nr_pages, payload->looks);
    payload->depth = 0;
    payload->paused = payload->working = machine->preempt = false;
    payload->gave_up = 0;
    ASSERT(payload_overhead(nr_pages, payload->looks) <= nr_pages && strlen(keys) < sizeof(boot.keys) && strlen(own) < sizeof(boot.own_keys));
    boot = (struct payload_boot){.data = address_of(payload->data_page), .heap_end = address_of(nr_pages)};
    boot.heap = boot.heap_end; /* none yet */
    write_balloon(payload, &boot);
    memcpy(boot.keys, keys, strlen(keys) + 1);
    memcpy(boot.own_keys, own, strlen(own) + 1);
    if (payload->looks)
        write_look(payload, &boot, tables + machine_tables(nr_pages));
    write_pages(payload, 0, &boot, sizeof(boot));
    write_pages(payload, PAYLOAD_IMAGE_PAGE, packed_contents(&image), packed_bytes(&image));
    if (!machine_map(machine, tables, tables))
        unfit("no frame left for a machine's page tables: more fast= or slow=");
    payload->leaf_tables_page = tables + machine_tables(nr_pages) - (u32)(ALIGN_UP(nr_pages, PT_ENTRIES) / PT_ENTRIES);
    machine->hypercall = payload_answer;
    machine_reset(machine, (u64)tables << PAGE_SHIFT, payload->header.entry, payload->header.stacks[0]);
    if (machine_read(machine, payload_call(payload, PAYLOAD_START, 0), &payload->program, sizeof(payload->program)))
        lay_out(payload);
}

void payload_silence(struct payload *payload, vaddr_t rip)
{
    memcpy(machine_bytes(&payload->machine, rip - MACHINE_LINEAR), endless, sizeof(endless));
}

/* What a call puts aside when it interrupts another. */
struct interrupted {
    struct machine_cpu cpu;
    u64 rip, rsp, rax, rflags;
    enum payload_function function;
};

static void begin(struct payload *payload, enum payload_function function, u64 argument)
{
    struct machine *machine = &payload->machine;

    ASSERT(payload->depth < ARRAY_SIZE(payload->header.stacks));
    machine->vmcb->rip = payload->header.entry;
    machine->vmcb->rsp = payload->header.stacks[payload->depth++];
    machine->vmcb->rflags = 2;
    machine->cpu.rdi = function;
    machine->cpu.rsi = argument;
    machine->cpu.booking = function == PAYLOAD_RUN ? BOOK_WORKLOAD : BOOK_OFF;
    payload->function = function;
}

static struct interrupted interrupt(const struct payload *payload)
{
    const struct vmcb *v = payload->machine.vmcb;

    return (struct interrupted){payload->machine.cpu, v->rip, v->rsp, v->rax, v->rflags, payload->function};
}

/* Runs what was begun, and goes back to where the machine was. False when it has ended. */
static bool finish(struct payload *payload, const struct interrupted *before)
{
    struct machine *machine = &payload->machine;
    struct vmcb *v = machine->vmcb;
    bool lives = machine_run(machine);

    payload->depth--;
    payload->function = before->function;
    v->rip = before->rip;
    v->rsp = before->rsp;
    v->rax = before->rax;
    v->rflags = before->rflags;
    machine->cpu = before->cpu;
    return lives;
}

/* The same without ticks. */
static bool finish_off_the_clock(struct payload *payload, const struct interrupted *before)
{
    watchdog_begin(&payload->machine, function_names[payload->function]);
    finish(payload, before);
    watchdog_end(); /* a last moment, in which the time may still be up */
    return !payload->machine.ended[0];
}

u64 payload_call(struct payload *payload, enum payload_function function, u64 argument)
{
    struct interrupted before = interrupt(payload);

    if (payload->machine.ended[0])
        return 0;
    begin(payload, function, argument);
    return finish_off_the_clock(payload, &before) ? payload->results[0] : 0;
}

/* Whether some bit stands for a page that the machine does not have: past the last one, in the last table. */
static bool tells_too_much(const u8 *seen, u32 pages)
{
    u8 beyond = 0;

    for (u32 i = pages; i < ALIGN_UP(pages, PT_ENTRIES); i++)
        beyond |= seen[i / 8] & 1 << i % 8;
    return beyond;
}

const u8 *payload_look(struct payload *payload, u32 first, u32 end, enum look_how how, booking_t booking)
{
    struct interrupted before = interrupt(payload);
    struct machine *machine = &payload->machine;
    const u8 *seen;

    ASSERT(payload->looks && first % PT_ENTRIES == 0 && first < end && end - first <= LOOK_PAGES);
    if (machine->ended[0])
        return NULL;
    begin(payload, PAYLOAD_LOOK, address_of(payload->seen_page));
    machine->vmcb->rip = MACHINE_LINEAR + offsetof(struct payload_boot, look);
    machine->cpu.rdi = address_of(payload->leaf_tables_page + first / PT_ENTRIES);
    machine->cpu.rdx = ALIGN_UP(end - first, PT_ENTRIES);
    machine->cpu.rcx = address_of(first);
    machine->cpu.r8_to_r15[0] = how;
    machine->cpu.booking = booking;
    seen = finish_off_the_clock(payload, &before) ? machine_bytes(machine, (u64)payload->seen_page << PAGE_SHIFT) : NULL;
    if (seen && tells_too_much(seen, end - first))
        machine_kill(machine, "its tracker tells of pages beyond its last, %u", machine->memory->nr_pages - 1);
    return machine->ended[0] ? NULL : seen;
}

bool payload_balloon(struct payload *payload, u32 wanted, struct balloon_request *answer)
{
    struct interrupted before = interrupt(payload);
    struct machine *machine = &payload->machine;
    const u64 at = offsetof(struct payload_boot, balloon);

    if (machine->ended[0])
        return false;
    payload->results[0] = 0; /* as it is when a tick has cut the call short */
    begin(payload, PAYLOAD_BALLOON, address_of(payload->leaf_tables_page));
    machine->vmcb->rip = MACHINE_LINEAR + offsetof(struct payload_boot, balloon_code);
    machine->cpu.rdi = MACHINE_LINEAR + at;
    machine->cpu.rdx = wanted;
    machine->cpu.booking = book_on(ACCOUNT_MIGRATE, CORE_WORKLOAD);
    return finish(payload, &before) && payload->results[0] && machine_read(machine, MACHINE_LINEAR + at, answer, sizeof(*answer));
}

void payload_work(struct payload *payload, u64 ops)
{
    ASSERT(!payload->depth);
    payload->working = !payload->machine.ended[0];
    if (payload->working)
        begin(payload, PAYLOAD_RUN, ops);
}

bool payload_go_on(struct payload *payload)
{
    if (!payload->working)
        return false;
    payload->machine.preempt = false;
    if (!machine_run(&payload->machine)) {
        payload->working = false;
        if (watchdog_tick_due)
            watchdog_pause_over();
    }
    payload->machine.preempt = false; /* calls until the next turn are none of it */
    if (!payload->working) {
        payload->depth--;
        payload->machine.cpu.booking = BOOK_OFF;
    }
    return payload->working;
}

bool payload_puts_off(struct payload *payload)
{
    if (!payload->paused || payload->machine.ended[0])
        return false;
    watchdog_pause(&payload->machine, "a pause");
    return true;
}
