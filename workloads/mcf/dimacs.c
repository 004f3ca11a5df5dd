/*
 * mcf: a reader of the DIMACS format for minimum-cost flow ("The First DIMACS International Algorithm Implementation
 * Challenge: Problem Definitions and Specifications", 1990). Lines, words separated by blanks:
 *
 *      c ...                                  comment, anywhere
 *      p min NODES ARCS                       once, before all others
 *      n NODE SUPPLY                          before the arcs, a node once; negative: demand; others: 0
 *      a TAIL HEAD LOWER UPPER COST           exactly ARCS of them; nodes count from 1
 *
 * UPPER is without limit when it is -1, as generators write it, or above 2^31 - 1. Such an arc gets a capacity that no
 * flow needs (mcf.h), since a sum over all arcs must fit 64 bits.
 *
 * It is strict, since what it lets through is trusted: besides the grammar, 0 <= lower <= upper, values within the
 * limits of mcf.h, supplies that add up to zero.
 */
#include "kernel/err.h"
#include "kernel/exit.h"
#include "workloads/mcf/mcf.h"

struct reader {
    const char *at, *end; /* the rest of the line */
    u64 line;
};

static bool blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static void skip_blanks(struct reader *r)
{
    while (r->at < r->end && blank(*r->at))
        r->at++;
}

/* The next word of the line as a whole number; one that does not fit is INT64_MAX or INT64_MIN. */
static s64 read_any(struct reader *r, const char *what)
{
    u64 value = 0;
    bool negative, any = false, huge = false;

    skip_blanks(r);
    negative = r->at < r->end && *r->at == '-';
    for (r->at += negative; r->at < r->end && *r->at >= '0' && *r->at <= '9'; r->at++) {
        any = true;
        huge = huge || value > (u64)INT64_MAX / 16;
        value = huge ? 0 : value * 10 + (u64)(*r->at - '0');
    }
    if (!any || (r->at < r->end && !blank(*r->at)))
        refuse("input: line %lu: no whole number where %s should be", r->line, what);
    if (huge)
        return negative ? INT64_MIN : INT64_MAX;
    return negative ? -(s64)value : (s64)value;
}

static s64 read_number(struct reader *r, const char *what, s64 least, s64 most)
{
    s64 value = read_any(r, what);

    if (value < least || value > most)
        refuse("input: line %lu: %s must be from %ld to %ld", r->line, what, least, most);
    return value;
}

static s64 read_upper(struct reader *r, s64 lower)
{
    s64 upper = read_any(r, "an arc's upper bound");

    if (upper == -1 || upper > MCF_MAX_VALUE)
        return MCF_NO_LIMIT;
    if (upper < lower)
        refuse("input: line %lu: an arc's upper bound must be %ld or more, or -1 for no limit", r->line, lower);
    return upper;
}

static void end_line(struct reader *r)
{
    skip_blanks(r);
    if (r->at < r->end)
        refuse("input: line %lu: more on the line than belongs there", r->line);
}

static struct mcf_size read_problem(struct reader *r)
{
    struct mcf_size size = {0};

    skip_blanks(r);
    if (r->end - r->at < 4 || r->at[0] != 'm' || r->at[1] != 'i' || r->at[2] != 'n' || !blank(r->at[3]))
        refuse("input: line %lu: not 'p min NODES ARCS'", r->line);
    r->at += 3;
    size.nodes = (u32)read_number(r, "the number of nodes", 2, MCF_MAX_NODES);
    size.arcs = (u32)read_number(r, "the number of arcs", 1, MCF_MAX_ARCS);
    return size;
}

static s64 read_supply(struct reader *r, const struct mcf_size *size, struct mcf *m)
{
    u32 v = (u32)read_number(r, "a node", 1, size->nodes) - 1;
    s64 supply = read_number(r, "a supply", -MCF_MAX_SUPPLY, MCF_MAX_SUPPLY);

    if (m) {
        struct mcf_node *n = &mcf_nodes(m)[v];
        if (n->up) /* a mark until the first basis is made */
            refuse("input: line %lu: a second supply of node %u", r->line, v + 1);
        n->up = 1;
        n->supply += supply;
    }
    return supply;
}

/* Sums over the arcs, of which mcf_size.no_limit is made. */
struct sums {
    s64 lower, upper; /* of arcs with a limit; below 2^25 x 2^31 each */
    bool negative;    /* is any cost? */
    bool any;         /* is any arc without limit? */
};

static void read_arc(struct reader *r, const struct mcf_size *size, struct sums *sums, struct mcf *m)
{
    u32 tail = (u32)read_number(r, "an arc's tail", 1, size->nodes) - 1;
    u32 head = (u32)read_number(r, "an arc's head", 1, size->nodes) - 1;
    s64 lower = read_number(r, "an arc's lower bound", 0, MCF_MAX_VALUE);
    s64 upper = read_upper(r, lower);
    s64 cost = read_number(r, "an arc's cost", -MCF_MAX_VALUE, MCF_MAX_VALUE);

    sums->lower += lower;
    sums->upper += upper == MCF_NO_LIMIT ? 0 : upper;
    sums->negative = sums->negative || cost < 0;
    sums->any = sums->any || upper == MCF_NO_LIMIT;
    if (m && mcf_add_arc(m, tail, head, lower, upper, cost))
        refuse("input: line %lu: costs and upper bounds so large that a flow's cost may not fit 63 bits", r->line);
}

/*
 * One more than any flow needs through an arc without limit. A flow is paths from supplies to demands, which carry no
 * more than supplies and lower bounds, and cycles. Those pay only when a cost is negative, and then each has an arc
 * with a limit, or else the problem is unbounded; one more, so that this shows (mcf_find_unbounded).
 */
static s64 no_limit(const struct reader *r, const struct mcf_size *size, s64 supply, const struct sums *sums)
{
    s64 flow = supply + sums->lower + (sums->negative ? sums->upper : 0) + 1;

    if (sums->any && flow > MCF_MAX_COST / size->arcs)
        refuse(
            "input: line %lu: the end, and supplies and bounds so large that flows through arcs without limit may not "
            "fit 63 bits",
            r->line);
    return flow;
}

struct mcf_size mcf_read(const char *text, size_t length, struct mcf *m)
{
    const char *end = text + length;
    struct reader r = {.line = 0};
    struct mcf_size size = {0};
    struct sums sums = {0};
    s64 balance = 0, supplies = 0;
    u32 arcs = 0;

    for (const char *start = text; start < end; start = r.end + 1) {
        char kind;
        r = (struct reader){.at = start, .end = start, .line = r.line + 1};
        while (r.end < end && *r.end != '\n')
            r.end++;
        skip_blanks(&r);
        kind = r.at < r.end ? *r.at++ : 'c';
        if (kind == 'c')
            continue;
        if ((kind != 'p' && kind != 'n' && kind != 'a') || r.at == r.end || !blank(*r.at))
            refuse("input: line %lu: begins with none of c, p, n, a", r.line);
        if ((kind == 'p') == (size.nodes != 0))
            refuse("input: line %lu: %s", r.line,
                   kind == 'p' ? "a second problem line" : "before the line 'p min NODES ARCS'");
        if (kind == 'p') {
            size = read_problem(&r);
        } else if (kind == 'n') {
            if (arcs)
                refuse("input: line %lu: a supply after the first arc", r.line);
            s64 supply = read_supply(&r, &size, m); /* sums: below 2^24 x 2^40, as far as nodes are not named again */
            balance += supply;
            supplies += MAX(supply, 0);
            if (supplies > MCF_MAX_COST || balance < -MCF_MAX_COST)
                refuse("input: line %lu: supplies do not fit 63 bits", r.line);
        } else {
            if (arcs == size.arcs)
                refuse("input: line %lu: more arcs than the problem line says", r.line);
            read_arc(&r, &size, &sums, m);
            arcs++;
        }
        end_line(&r);
    }
    if (!size.nodes)
        refuse("input: line %lu: the end, and no line 'p min NODES ARCS'", r.line);
    if (arcs < size.arcs)
        refuse("input: line %lu: the end, after %u of %u arcs", r.line, arcs, size.arcs);
    if (balance)
        refuse("input: line %lu: the end, and the supplies add up to %ld instead of 0", r.line, balance);
    size.no_limit = no_limit(&r, &size, supplies, &sums);
    return size;
}

u64 mcf_line_of(const char *text, size_t length, char kind, u32 number)
{
    const char *end = text + length;
    u64 line = 0;
    u32 arcs = 0;

    for (const char *start = text; start < end;) {
        struct reader r = {.at = start, .end = start, .line = ++line};
        while (r.end < end && *r.end != '\n')
            r.end++;
        start = r.end + 1;
        skip_blanks(&r);
        if (r.at == r.end || *r.at++ != kind)
            continue;
        if (kind == 'n' ? read_any(&r, "a node") == (s64)number + 1 : arcs++ == number)
            return line;
    }
    return 0;
}
