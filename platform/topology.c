#include "platform/topology.h"
#include "kernel/exit.h"
#include "platform/multiboot.h"
#include "lib/string.h"
#include "mm/direct.h"

struct topology topology;

struct node *topology_node(u32 domain)
{
    for (unsigned i = 0; i < topology.nr_nodes; i++)
        if (topology.node[i].domain == domain)
            return &topology.node[i];
    return NULL;
}

/* A new one goes where the order of domains wants it. */
static struct node *node_of_domain(u32 domain)
{
    struct node *node = topology_node(domain);
    unsigned at = topology.nr_nodes;

    if (node)
        return node;
    if (topology.nr_nodes == MAX_NODES)
        unfit("more than %d NUMA nodes with memory", MAX_NODES);
    while (at > 0 && topology.node[at - 1].domain > domain)
        at--;
    memmove(&topology.node[at + 1], &topology.node[at], (topology.nr_nodes - at) * sizeof(struct node));
    topology.nr_nodes++;
    topology.node[at] = (struct node){.domain = domain};
    return &topology.node[at];
}

/* The least range that holds all memory which the firmware reports inside of `r`; empty when there is none. */
static struct range present_part(struct range r)
{
    struct range part = {r.end, r.base};

    for (unsigned i = 0; i < boot_info.nr_ram; i++) {
        paddr_t base = MAX(r.base, boot_info.ram[i].base), end = MIN(r.end, boot_info.ram[i].end);
        if (base < end)
            part = (struct range){MIN(part.base, base), MAX(part.end, end)};
    }
    return part;
}

void topology_add_memory(u32 domain, paddr_t base, paddr_t end, bool hot_plug)
{
    struct range r = {base, MIN(end, DIRECT_MAP_BYTES)};
    struct node *node;

    if (hot_plug)
        r = present_part(r);
    if (r.base >= r.end)
        return;
    node = node_of_domain(domain);
    /* Takes in every piece that it touches. No two pieces touch each other, so one pass finds all. */
    for (unsigned i = 0; i < node->nr_ranges;) {
        struct range *other = &node->range[i];
        if (r.base <= other->end && other->base <= r.end) {
            r = (struct range){MIN(r.base, other->base), MAX(r.end, other->end)};
            *other = node->range[--node->nr_ranges];
        } else {
            i++;
        }
    }
    if (node->nr_ranges == MAX_NODE_RANGES)
        unfit("NUMA node %u has more than %d separate ranges of memory", domain, MAX_NODE_RANGES);
    node->range[node->nr_ranges++] = r;
}

static void check_pair(const struct node *a, const struct node *b)
{
    for (unsigned i = 0; i < a->nr_ranges; i++) {
        for (unsigned j = 0; j < b->nr_ranges; j++) {
            paddr_t base = MAX(a->range[i].base, b->range[j].base), end = MIN(a->range[i].end, b->range[j].end);
            if (base < end)
                unfit("ACPI table SRAT: NUMA nodes %u and %u both claim the memory from %lx to %lx", a->domain,
                      b->domain, base, end - 1);
        }
    }
}

void topology_check_disjoint(void)
{
    for (unsigned i = 0; i < topology.nr_nodes; i++)
        for (unsigned j = i + 1; j < topology.nr_nodes; j++)
            check_pair(&topology.node[i], &topology.node[j]);
}

static bool all_have_latency(void)
{
    for (unsigned i = 0; i < topology.nr_nodes; i++)
        if (!topology.node[i].latency_ps)
            return false;
    return true;
}

static bool nearer(const struct node *a, const struct node *b)
{
    if (all_have_latency() && a->latency_ps != b->latency_ps)
        return a->latency_ps < b->latency_ps;
    return a->distance && b->distance && a->distance < b->distance;
}

/* The nearest node for the fast tier, the farthest for the slow one, among all but `taken`. */
static const struct node *pick(enum tier tier, const struct node *taken)
{
    const struct node *best = NULL;

    for (unsigned i = 0; i < topology.nr_nodes; i++) {
        const struct node *n = &topology.node[i];
        if (n == taken)
            continue;
        if (topology.nr_nodes > 2 || !taken) /* else there is no choice */
            if (!n->distance && !all_have_latency())
                unfit("NUMA node %u: neither HMAT nor SLIT says how far it is; fast_node= and slow_node= choose",
                      n->domain);
        /* Of equal ones the first is the fastest, the last the slowest. */
        if (!best || (tier == TIER_FAST ? nearer(n, best) : !nearer(n, best)))
            best = n;
    }
    return best;
}

static const struct node *wanted_node(const char *key, u64 domain)
{
    const struct node *node;

    if (domain == NODE_ANY)
        return NULL;
    node = topology_node((u32)domain);
    if (!node)
        refuse("%s=%u: no NUMA node of this number has memory; `list` shows those that have", key, (u32)domain);
    return node;
}

void topology_rank(const u64 wanted[NR_TIERS])
{
    const struct node *fast = wanted_node("fast_node", wanted[TIER_FAST]);
    const struct node *slow = wanted_node("slow_node", wanted[TIER_SLOW]);

    if (fast && fast == slow)
        refuse("fast_node=%u and slow_node=%u: a tier each is needed", fast->domain, slow->domain);
    if (topology.nr_nodes < 2)
        unfit("two NUMA nodes with memory below 4 GiB are needed; ACPI (SRAT) describes %u", topology.nr_nodes);
    topology.ranked_by = fast || slow ? "key" : NULL;
    if (!fast)
        fast = pick(TIER_FAST, slow);
    if (!slow)
        slow = pick(TIER_SLOW, fast);
    topology.tier[TIER_FAST] = fast;
    topology.tier[TIER_SLOW] = slow;
    if (topology.ranked_by)
        return;
    if (!nearer(fast, slow))
        unfit(
            "NUMA nodes %u and %u are equally far (SLIT distance %u): fast_node= and slow_node= must say which is the "
            "fast one",
            fast->domain, slow->domain, fast->distance);
    topology.ranked_by = all_have_latency() && fast->latency_ps != slow->latency_ps ? "HMAT" : "SLIT";
}
