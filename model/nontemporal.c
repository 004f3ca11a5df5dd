/*
 * Non-temporal stores and the instructions that serialise a core.
 */
#include "model/path.h"

/* Sends a gathered line to its tier and counts the request. */
static void send(struct wc_buffer *buffer, uint64_t insns)
{
    struct place place = {.line = buffer->line, .page = buffer->page, .tier = buffer->tier};

    uint64_t now_ps = model_now_ps(insns);

    path_request(&place, true, false);
    wc_send(&model.core->wc, buffer, path_writes(buffer->line, now_ps), now_ps);
}

/* The bytes of one line that a non-temporal store fills. The request counts for the account that completes it. */
static void gather(const struct place *place, unsigned offset, unsigned bytes, uint64_t insns)
{
    struct wc *wc = &model.core->wc;
    struct wc_buffer *buffer = wc_find(wc, place->line);

    if (!buffer) {
        path_drop(place->line, insns);
        buffer = wc_free(wc);
        if (!buffer) {
            buffer = wc_oldest(wc);
            send(buffer, insns);
        }
        uint64_t now_ps = model_now_ps(insns);
        path_stall(buffer->busy_ps > now_ps ? buffer->busy_ps - now_ps : 0);
        wc_open(wc, buffer, place->line, place->page, path_tier(place->line));
    }
    buffer->filled |= (bytes == 64 ? UINT64_MAX : (1ull << bytes) - 1) << offset;
    if (buffer->filled == UINT64_MAX) {
        send(buffer, insns);
    }
}

/* The store leaves when its address is translated. */
static void translated(const struct place *place, uint64_t insns)
{
    if (place->ready_ps) {
        path_load(place, place->ready_ps, true, insns);
    }
}

bool model_store_nontemporal(uint64_t va, uint32_t size, uint64_t insns)
{
    struct place place = path_translate(va, true, insns);
    unsigned offset = va & 63, first = size < 64 - offset ? size : 64 - offset;

    if (place.tier == MODEL_TIERS) {
        return false;
    }
    bool check = path_count(&place, true);
    translated(&place, insns);
    gather(&place, offset, first, insns);
    if (first < size) {
        place = path_translate(va + first, true, insns);
        if (place.tier != MODEL_TIERS) {
            translated(&place, insns);
            gather(&place, 0, size - first, insns);
        }
    }
    return check;
}

/* Sends all partly filled buffers; with `wait`, until everything has arrived. */
static void drain(bool wait, uint64_t insns)
{
    struct wc *wc = &model.core->wc;

    while (wc->gathering) {
        send(wc_oldest(wc), insns);
    }
    if (wait) {
        uint64_t now_ps = model_now_ps(insns), drained_ps = wc_drained_ps(wc);
        path_stall(drained_ps > now_ps ? drained_ps - now_ps : 0);
    }
}

static void serial(uint64_t ps)
{
    model.counters->serial_ps += ps;
    *model.core_ps += ps;
}

static void write_cr3(void)
{
    for (int i = 0; i < NR_MODEL_CORES; i++) {
        tlb_clear(&model.cores[i].tlb);
        upper_clear(&model.cores[i].upper);
    }
    model_forget();
    if (model.live && !model.shootdown_all) {
        serial(model.config->serial_cr3_ps);
    }
    model.shootdown_all = false;
}

/*
 * In a machine, which announces nothing. An interface of version 1 does not show the operand; but who changes an entry
 * invalidates its page next, so the page is that of the entry that was written with a lock just before. After anything
 * else it is as if all had been dropped. The nested TLB stays, which knows no virtual address (APM vol. 2, 15.16).
 */
static void machine_invlpg(void)
{
    uint32_t in = (model.space_in[model.machine_va >> 39 & 511] - 1u) % MODEL_SPACES;
    const struct model_space *space = &model.spaces[in];

    if (!model.taken_page) {
        write_cr3();
        return;
    }
    uint64_t number = (space->va >> 12) + model.taken_page - 1 - space->first_page;
    tlb_drop(&model.core->tlb, number, tlb_tag(number, false));
    upper_clear(&model.core->upper);
    model.taken_page = 0;
    model_forget();
    if (model.live) {
        serial(model.config->serial_invlpg_ps);
    }
}

/* An invlpg takes the announcement that came before it; one without is an error, since its page is unknown. */
static void invlpg(void)
{
    if (!model.header->ready) {
        return;
    }
    if (model.machine_va) {
        machine_invlpg();
        return;
    }
    if (!model.announced_pages) {
        model_error(MODEL_FLUSH_UNANNOUNCED, 0);
        return;
    }
    model.announced_pages--;
    if (model.announced_shootdowns) {
        model.announced_shootdowns--;
    } else if (model.live) {
        serial(model.config->serial_invlpg_ps);
    }
}

/* Waits for older loads, and sends what has been gathered. */
static void serialise(enum insn_kind kind, uint64_t insns)
{
    path_stall(flight_settle(&model.core->flight, model_now_ps(insns)));
    if (kind == INSN_LOCK) {
        serial(model.config->serial_lock_ps);
    } else if (kind == INSN_IRET) {
        serial(model.config->serial_iret_ps);
    } else if (kind == INSN_EXCEPTION) {
        serial(model.config->serial_exception_ps);
    }
    drain(kind == INSN_FENCE, insns);
}

/*
 * A block's instructions are counted when it begins, so a fault inside of it leaves the count ahead by the rest of it.
 * The guest's own count is exact: the handler's first booking tells it. Between the exception and the doorbell that
 * ended the interrupted account lie the stub's instructions, which no fault cuts short. So the exception's own time is
 * known, but for the few instructions of the booking itself, which are the same every time.
 */
uint64_t model_exception(uint64_t now_ps, uint64_t insns)
{
    struct exception *exception = &model.exception;
    uint64_t stub = (exception->left ? exception->left_insns : insns) - exception->began_insns;

    exception->began = false;
    model.live = true;
    model.counting = exception->account == ACCOUNT_WORKLOAD;
    model.core = &model.cores[CORE_WORKLOAD];
    model.core_ps = &model.header->core_ps[CORE_WORKLOAD];
    model.counters = &model.header->account[exception->account];
    uint64_t before = *model.core_ps;
    model.offset_ps = now_ps - (stub + insns) * model.insn_ps - before;
    serialise(INSN_EXCEPTION, insns);
    return now_ps + *model.core_ps - before;
}

void model_instruction(enum insn_kind kind, uint64_t insns)
{
    if (kind == INSN_INVLPG) {
        invlpg();
    } else if (kind == INSN_CR3) {
        write_cr3();
    }
    if (!model.live) {
        return;
    }
    if (kind == INSN_EXCEPTION && model.nr_core == CORE_WORKLOAD) {
        model.exception = (struct exception){.began = true, .account = model.nr_account, .began_insns = insns};
        return;
    }
    serialise(kind, insns);
}
