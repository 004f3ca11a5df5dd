/* What a payload asks of its host (vm/payload_abi.h), answered. It may ask anything, with any arguments, at any time. */
#include "kernel/hooks.h"
#include "machines/payload.h"
#include "machines/watchdog.h"

/* A text of the payload's, with anything odd in it made harmless. False, and the machine ended, when it is not readable. */
static bool take_text(struct machine *machine, vaddr_t gva, char text[PAYLOAD_TEXT_BYTES])
{
    size_t length = 0;

    for (; length < PAYLOAD_TEXT_BYTES - 1; length++) {
        if (!machine_read(machine, gva + length, &text[length], 1)) {
            machine_kill(machine, "a hypercall names a text at %lx that is not there", gva);
            return false;
        }
        if (!text[length])
            break;
        if (text[length] < ' ' || text[length] > '~')
            text[length] = '?';
    }
    text[length] = 0;
    return true;
}

/* Off the clock, where ticks are put off (payload_puts_off()), or back. Refused, and the machine ended, where lab/workload.h does not allow it. */
static void set_paused(struct payload *payload, bool pause)
{
    if (payload->function != PAYLOAD_RUN || payload->paused == pause) {
        machine_kill(&payload->machine, "a pause inside a pause or outside of its work");
        return;
    }
    payload->paused = pause;
    payload->machine.cpu.booking = pause ? BOOK_OFF : BOOK_WORKLOAD;
    if (watchdog_tick_due)
        watchdog_pause_over();
}

static u64 populate(struct payload *payload, u64 page, bool ask)
{
    struct space *memory = payload->machine.memory;

    if (page >= payload->data_pages) {
        if (!ask)
            machine_kill(&payload->machine, "a hypercall populates page %lu, which its arena lacks", page);
        return false;
    }
    page += payload->data_page;
    if (space_resident(memory, (u32)page))
        return true;
    if (!ask && space_populate(memory, (u32)page)) {
        payload->gave_up = HYPERCALL_UNFIT;
        machine_kill(&payload->machine, "no frame left in either tier: it needs more than fast= and slow= together");
    }
    return !ask;
}

static u64 in_fast_tier(const struct space *memory, u64 first)
{
    u64 bits = 0;

    for (u32 i = 0; i < 64 && first < memory->nr_pages - i; i++)
        if (space_resident(memory, (u32)first + i) && space_tier(memory, (u32)first + i) == TIER_FAST)
            bits |= (u64)1 << i;
    return bits;
}

static void take_result(struct payload *payload, enum hypercall number, u64 key, u64 b, u64 c)
{
    char name[PAYLOAD_TEXT_BYTES], text[PAYLOAD_TEXT_BYTES];

    if (payload->function != PAYLOAD_REPORT) {
        machine_kill(&payload->machine, "a result outside of its report");
        return;
    }
    if (!take_text(&payload->machine, key, name))
        return;
    if (number == HYPERCALL_RESULT_U64)
        payload->host->result_u64(name, b);
    else if (number == HYPERCALL_RESULT_RATIO)
        payload->host->result_ratio(name, (s64)b, c);
    else if (take_text(&payload->machine, b, text))
        payload->host->result_text(name, text);
}

/* It cannot go on, by its own word: whether that is the user's mistake is for the owner to judge. */
static void give_up(struct payload *payload, enum hypercall number, u64 text)
{
    char copy[PAYLOAD_TEXT_BYTES];

    if (!take_text(&payload->machine, text, copy))
        return;
    payload->gave_up = number == HYPERCALL_PANIC ? 0 : number;
    machine_kill(&payload->machine, "%s", copy);
}

bool payload_answer(struct machine *machine)
{
    struct payload *payload = (struct payload *)machine;
    u64 number = machine->vmcb->rax, a = machine->cpu.rdi, b = machine->cpu.rsi, c = machine->cpu.rdx, result = 0;
    char text[PAYLOAD_TEXT_BYTES];

    switch (number) {
    case HYPERCALL_DONE:
        if (payload->paused)
            machine_kill(machine, "its work ended in a pause");
        payload->working &= payload->function != PAYLOAD_RUN;
        payload->results[0] = a;
        payload->results[1] = b;
        return true;
    case HYPERCALL_POPULATE:
    case HYPERCALL_POPULATED:
        result = populate(payload, a, number == HYPERCALL_POPULATED);
        break;
    case HYPERCALL_PAUSE:
    case HYPERCALL_RESUME:
        set_paused(payload, number == HYPERCALL_PAUSE);
        if (hook_is("pause-silent"))
            payload_silence(payload, machine->vmcb->rip);
        break;
    case HYPERCALL_NOW:
        result = payload->host->now_ps();
        break;
    case HYPERCALL_PHASE:
        if (payload->function == PAYLOAD_RUN && !payload->paused && take_text(machine, a, text))
            payload->host->phase(text);
        break;
    case HYPERCALL_RESULT_U64:
    case HYPERCALL_RESULT_TEXT:
    case HYPERCALL_RESULT_RATIO:
        take_result(payload, (enum hypercall)number, a, b, c);
        break;
    case HYPERCALL_IN_FAST_TIER:
        result = in_fast_tier(payload->machine.memory, a);
        break;
    case HYPERCALL_REFUSE:
    case HYPERCALL_UNFIT:
    case HYPERCALL_PANIC:
        give_up(payload, (enum hypercall)number, a);
        break;
    default:
        machine_kill(machine, "hypercall %lu is unknown; 0 to %u are known", number, NR_HYPERCALLS - 1);
    }
    machine->vmcb->rax = result;
    return false;
}
