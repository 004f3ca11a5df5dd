#include "machines/tenant.h"
#include "kernel/console.h"
#include "kernel/exit.h"
#include "kernel/hooks.h"
#include "kernel/panic.h"
#include "lib/record.h"
#include "lib/registry.h"
#include "lib/string.h"
#include "mm/huge.h"
#include "mm/tlb.h"

/* The keys of one tenant as text. */
struct key_text {
    const struct tenant *tenant;
    char text[sizeof(((struct payload_boot *)0)->keys)];
    size_t used;
};

/* Whether the tenant's own keys have that name. */
static bool has_own(const struct tenant *tenant, const char *name)
{
    size_t length = strlen(name);

    for (const char *own = tenant->own_keys; *own; own += *own == '+') {
        if (!strncmp(own, name, length) && own[length] == ':')
            return true;
        while (*own && *own != '+')
            own++;
    }
    return false;
}

static void add_key(const struct key *key, void *data)
{
    struct key_text *keys = data;
    char *at = keys->text + keys->used;
    size_t left = sizeof(keys->text) - keys->used;

    if (!*key->given || has_own(keys->tenant, key->name))
        return;
    ASSERT(left > 1);
    if (key->kind == KEY_IS_TEXT)
        keys->used += ksnprintf(at, left, "%s=%s ", key->name, *key->text);
    else
        keys->used += ksnprintf(at, left, "%s=%lu ", key->name, *key->number);
}

/* name:value+name:value as the words that keys_parse() takes: the first colon of each ends its name. */
static void write_own(const struct tenant *tenant, char *text, size_t bytes)
{
    bool value = false;

    if (strlen(tenant->own_keys) >= bytes)
        refuse("vm%u=: no more than %lu characters", tenant->number, bytes - 1);
    for (const char *own = tenant->own_keys; *own; own++) {
        *text++ = *own == '+' ? ' ' : *own == ':' && !value ? '=' : *own;
        value = *own != '+' && (value || *own == ':');
    }
    *text = 0;
}

void tenant_load(struct tenant *tenant)
{
    static struct key_text keys;
    static char own[sizeof(((struct payload_boot *)0)->own_keys)];
    struct payload *payload = &tenant->payload;

    keys.tenant = tenant;
    keys.used = 0;
    keys.text[0] = 0;
    keys_for_each(add_key, &keys);
    write_own(tenant, own, sizeof(own));
    tenant->told = false;
    payload_load(payload, keys.text, own);
    tenant_look(tenant);
    if (payload->machine.ended[0])
        PANIC("machine %u did not start: %s", tenant->number, payload->machine.ended);
    tenant->row = registry_need(&workload_registry, payload->program.workload);
    model_doorbells->table_va = payload->machine.memory->base;
    model_doorbells->machine_tables = payload->machine.vmcb->cr3 >> PAGE_SHIFT;
}

void tenant_look(struct tenant *tenant)
{
    const struct payload *payload = &tenant->payload;
    const char *ended = payload->machine.ended, *whose = "";
    char name[8];

    if (*tenant->own_keys) {
        ksnprintf(name, sizeof(name), "vm%u=: ", tenant->number);
        whose = name;
    }
    if (payload->gave_up == HYPERCALL_REFUSE)
        refuse("%s%s", whose, ended);
    if (payload->gave_up == HYPERCALL_UNFIT)
        unfit("%s%s", whose, ended);
    if (*ended && !tenant->told)
        kprintf("tierlab: machine %u has ended: %s\n", tenant->number, ended);
    tenant->told = *ended;
}

/* For the tests: the second machine's code is gone from then on. */
static void silence(struct tenant *tenant, enum payload_function function)
{
    if (tenant->number == 1 && ((function == PAYLOAD_VERIFY && hook_is("verify-silent")) || (function == PAYLOAD_EXPIRED && hook_is("expired-silent"))))
        payload_silence(&tenant->payload, tenant->payload.header.entry);
}

u64 tenant_call(struct tenant *tenant, enum payload_function function, u64 argument)
{
    u64 result;

    silence(tenant, function);
    result = payload_call(&tenant->payload, function, argument);
    tenant_look(tenant);
    return result;
}

void tenant_clear_bits(const struct tenant *tenant)
{
    const struct space *space = tenant->payload.machine.memory;

    for (u32 page = 0; page < space->nr_pages; page++)
        if (space_resident(space, page))
            pte_clear_bits(page % HUGE_PAGES || space_leaf_pages(space, page) == 1 ? space_entry(space, page)
                                                                                  : huge_entry(space, page),
                           PTE_ACCESSED | PTE_DIRTY);
    tlb_flush_all(FLUSH_LOCAL);
}

void tenant_report(struct tenant *tenant, const struct measures *measures)
{
    const struct machine_counts *counts = &tenant->payload.machine.counts;
    const struct table_log *log = &tenant->payload.machine.memory->table_log;

    if (tenant->row->report)
        tenant_call(tenant, PAYLOAD_REPORT, 0);
    record_u64("vm_system_observations", measures_left_out(measures));
    if (log->on) {
        record_u64("vm_log_entries", log->entries);
        record_u64("vm_log_full", log->full);
    }
    record_u64("vm_nested_faults", counts->nested_faults);
    record_u64("vm_interrupts", counts->interrupts);
    record_u64("vm_hypercalls", counts->hypercalls);
}

struct totals tenant_totals(const struct tenant *tenant)
{
    struct totals t = tenant->spent;

    totals_of_space(&tenant->watch, &t);
    return t;
}
