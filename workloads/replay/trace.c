/* Reader of recorded traces; the forms are in the header. */
#include "workloads/replay/trace.h"
#include "kernel/exit.h"
#include "lib/string.h"

#define TEXT_MAGIC    "tierlab-trace "
#define BINARY_MAGIC  "TLTRACE" /* with its zero byte */
#define VERSION       1
#define HEAD_BYTES    24
#define RECORD_BYTES  16
#define COUNT_MAX     (((u64)1 << 32) - 1)
#define PAST_INTERVAL "the counts of this interval sum to 2^32 or more"

static u64 little_endian(const u8 *bytes, unsigned size)
{
    u64 value = 0;

    for (unsigned i = 0; i < size; i++)
        value |= (u64)bytes[i] << 8 * i;
    return value;
}

/* Where the last record was: its line, or its first byte. */
void trace_refuse(const struct trace *trace, const char *why)
{
    if (trace->binary)
        refuse("input: byte %lu: %s", trace->at - (trace->records ? RECORD_BYTES : 0), why);
    refuse("input: line %lu: %s", trace->line, why);
}

/* --- text ------------------------------------------------------------------------------------------------------- */

static bool skip_word(struct trace *t, const char *word)
{
    size_t size = strlen(word);

    if (t->length - t->at < size || memcmp(t->bytes + t->at, word, size))
        return false;
    t->at += size;
    return true;
}

static u64 number(struct trace *t, const char *what, u64 limit)
{
    u64 value = 0;
    size_t first = t->at;

    for (; t->at < t->length && t->bytes[t->at] >= '0' && t->bytes[t->at] <= '9'; t->at++) {
        value = value * 10 + (t->bytes[t->at] - '0');
        if (value >= limit)
            refuse("input: line %lu: the %s is too large; it must be below %lu", t->line, what, limit);
    }
    if (t->at == first)
        refuse("input: line %lu: expected the %s, a decimal number", t->line, what);
    return value;
}

static void blank(struct trace *t)
{
    if (!skip_word(t, " "))
        trace_refuse(t, "expected INTERVAL PAGE r|w COUNT, one blank apart");
}

static void end_of_line(struct trace *t)
{
    if (t->at == t->length)
        trace_refuse(t, "the file ends in this line: truncated?");
    if (!skip_word(t, "\n"))
        trace_refuse(t, t->bytes[t->at] == '\r' ? "ends with a carriage return; a newline alone is right"
                                                : "more on the line than belongs there");
}

static void open_text(struct trace *t)
{
    t->line = 1;
    if (number(t, "version", COUNT_MAX) != VERSION)
        trace_refuse(t, "another version than 1");
    end_of_line(t);
}

static bool next_text(struct trace *t, struct trace_record *r)
{
    for (;;) {
        t->line++;
        if (t->at == t->length)
            trace_refuse(t, "the file ends without its line 'end RECORDS': truncated?");
        if (t->bytes[t->at] != '#')
            break;
        while (t->at < t->length && t->bytes[t->at] != '\n')
            t->at++;
        end_of_line(t);
    }
    if (skip_word(t, "end ")) {
        if (number(t, "number of records", UINT64_MAX / 16) != t->records)
            refuse("input: line %lu: not as many records as were read, %lu", t->line, t->records);
        end_of_line(t);
        t->line++;
        if (t->at != t->length)
            trace_refuse(t, "something follows the end");
        return false;
    }
    r->interval = (u32)number(t, "interval", (u64)1 << 32);
    blank(t);
    r->page = number(t, "page", TRACE_MAX_PAGE);
    blank(t);
    r->write = skip_word(t, "w");
    if (!r->write && !skip_word(t, "r"))
        trace_refuse(t, "expected r or w after the page");
    blank(t);
    r->count = (u32)number(t, "count", (u64)1 << 32);
    end_of_line(t);
    return true;
}

/* --- binary ----------------------------------------------------------------------------------------------------- */

static void open_binary(struct trace *t)
{
    if (t->length < HEAD_BYTES)
        refuse("input: byte %lu: the file ends in the head, which has %d bytes", t->length, HEAD_BYTES);
    if (little_endian(t->bytes + 8, 4) != VERSION)
        refuse("input: byte 8: version %lu; 1 is right", little_endian(t->bytes + 8, 4));
    if (little_endian(t->bytes + 12, 4))
        refuse("input: byte 12: must be zero");
    t->total = little_endian(t->bytes + 16, 8);
    t->at = HEAD_BYTES;
    if (t->total > (t->length - HEAD_BYTES) / RECORD_BYTES)
        refuse("input: byte %lu: the file ends before its %lu records do: truncated?", t->length, t->total);
    if (t->total * RECORD_BYTES != t->length - HEAD_BYTES)
        refuse("input: byte %lu: something follows the %lu records", HEAD_BYTES + t->total * RECORD_BYTES, t->total);
}

static bool next_binary(struct trace *t, struct trace_record *r)
{
    const u8 *at = t->bytes + t->at;

    if (t->records == t->total)
        return false;
    r->page = little_endian(at, 8) >> 1;
    r->write = *at & 1;
    r->interval = (u32)little_endian(at + 8, 4);
    r->count = (u32)little_endian(at + 12, 4);
    if (r->page >= TRACE_MAX_PAGE)
        refuse("input: byte %lu: page %lu is too large; it must be below %lu", t->at, r->page, TRACE_MAX_PAGE);
    t->at += RECORD_BYTES;
    return true;
}

/* --- both ------------------------------------------------------------------------------------------------------- */

void trace_open(struct trace *t, const void *bytes, size_t length)
{
    *t = (struct trace){.bytes = bytes, .length = length};
    t->binary = length >= sizeof(BINARY_MAGIC) && !memcmp(bytes, BINARY_MAGIC, sizeof(BINARY_MAGIC));
    if (t->binary)
        open_binary(t);
    else if (skip_word(t, TEXT_MAGIC))
        open_text(t);
    else
        refuse("input: byte 0: no trace: it begins neither with 'tierlab-trace 1' nor with the binary form's magic");
}

static bool ascends(const struct trace_record *a, const struct trace_record *b)
{
    if (a->interval != b->interval)
        return a->interval < b->interval;
    return a->page != b->page ? a->page < b->page : a->write < b->write;
}

bool trace_next(struct trace *t, struct trace_record *r)
{
    if (!(t->binary ? next_binary(t, r) : next_text(t, r)))
        return false;
    t->records++;
    if (t->records > 1 && r->interval < t->last.interval)
        trace_refuse(t, "an earlier interval than the record before");
    if (t->records > 1 && !ascends(&t->last, r))
        trace_refuse(t, "out of order: in an interval, records ascend by page, then r before w, each once");
    if (t->records == 1 || r->interval != t->last.interval)
        t->interval_sum = 0;
    t->interval_sum += r->count;
    if (t->interval_sum > COUNT_MAX)
        trace_refuse(t, PAST_INTERVAL);
    t->last = *r;
    return true;
}
