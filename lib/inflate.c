#include "lib/inflate.h"
#include "kernel/err.h"

#define MAX_BITS     15 /* of a code */
#define NR_LITERALS  288
#define NR_DISTANCES 30
#define END_OF_BLOCK 256

struct stream {
    const u8 *from, *from_end;
    u8 *to, *to_start, *to_end;
    u32 bits, nr_bits; /* read and not used yet */
    bool bad;
};

/* A canonical Huffman code (RFC 1951, 3.2.2): how many codes each length has, and the symbols in the codes' order. */
struct code {
    u16 count[MAX_BITS + 1];
    u16 symbol[NR_LITERALS];
};

static u32 take(struct stream *s, u32 n)
{
    u32 value;

    while (s->nr_bits < n) {
        if (s->from < s->from_end)
            s->bits |= (u32)*s->from++ << s->nr_bits;
        else
            s->bad = true;
        s->nr_bits += 8;
    }
    value = s->bits & ((1u << n) - 1);
    s->bits >>= n;
    s->nr_bits -= n;
    return value;
}

static void put(struct stream *s, u8 byte)
{
    if (s->to < s->to_end)
        *s->to++ = byte;
    else
        s->bad = true;
}

static void make_code(struct code *code, const u8 *lengths, u32 nr)
{
    u16 next[MAX_BITS + 1] = {0};

    for (u32 length = 0; length <= MAX_BITS; length++)
        code->count[length] = 0;
    for (u32 i = 0; i < nr; i++)
        code->count[lengths[i]]++;
    code->count[0] = 0;
    for (u32 length = 1; length < MAX_BITS; length++)
        next[length + 1] = (u16)(next[length] + code->count[length]);
    for (u32 i = 0; i < nr; i++)
        if (lengths[i])
            code->symbol[next[lengths[i]]++] = (u16)i;
}

/* Codes of a length follow each other, and the first is twice the one behind the last of the length before. */
static u32 symbol(struct stream *s, const struct code *code)
{
    u32 value = 0, first = 0, index = 0;

    for (u32 length = 1; length <= MAX_BITS; length++) {
        value |= take(s, 1);
        if (value - first < code->count[length])
            return code->symbol[index + value - first];
        index += code->count[length];
        first = (first + code->count[length]) << 1;
        value <<= 1;
    }
    s->bad = true;
    return END_OF_BLOCK;
}

/* RFC 1951, 3.2.5: lengths 3 to 258 and distances 1 to 32768, by symbols with extra bits. */
static u32 copy_length(struct stream *s, u32 n)
{
    u32 extra = n < 4 ? 0 : n / 4 - 1;

    if (n >= 28)
        return 258;
    return n < 8 ? n + 3 : 3 + ((4 + n % 4) << extra) + take(s, extra);
}

static u32 copy_distance(struct stream *s, u32 n)
{
    u32 extra = n < 2 ? 0 : n / 2 - 1;

    if (n >= NR_DISTANCES)
        return UINT32_MAX;
    return n < 4 ? n + 1 : 1 + ((2 + n % 2) << extra) + take(s, extra);
}

static void coded_block(struct stream *s, const struct code *literals, const struct code *distances)
{
    while (!s->bad) {
        u32 n = symbol(s, literals), length, distance;

        if (n == END_OF_BLOCK)
            return;
        if (n < END_OF_BLOCK) {
            put(s, (u8)n);
            continue;
        }
        length = copy_length(s, n - END_OF_BLOCK - 1);
        distance = copy_distance(s, symbol(s, distances));
        if (distance > (size_t)(s->to - s->to_start)) {
            s->bad = true;
            return;
        }
        while (length--)
            put(s, s->to[-(ptrdiff_t)distance]);
    }
}

static void stored_block(struct stream *s)
{
    u32 length;

    take(s, s->nr_bits % 8);
    length = take(s, 16);
    s->bad |= (take(s, 16) ^ length) != 0xffff;
    while (length-- && !s->bad)
        put(s, (u8)take(s, 8));
}

static void fixed_block(struct stream *s)
{
    struct code literals, distances;
    u8 lengths[NR_LITERALS];

    for (u32 i = 0; i < NR_LITERALS; i++)
        lengths[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
    make_code(&literals, lengths, NR_LITERALS);
    for (u32 i = 0; i < NR_DISTANCES; i++)
        lengths[i] = 5;
    make_code(&distances, lengths, NR_DISTANCES);
    coded_block(s, &literals, &distances);
}

/* RFC 1951, 3.2.7: the codes' lengths come first, coded themselves. */
static void dynamic_block(struct stream *s)
{
    static const u8 order[19] = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
    struct code literals, distances;
    u8 lengths[NR_LITERALS + 32] = {0};
    u32 nr_literals = take(s, 5) + 257, nr_distances = take(s, 5) + 1, nr_lengths = take(s, 4) + 4, nr = 0;

    for (u32 i = 0; i < nr_lengths; i++)
        lengths[order[i]] = (u8)take(s, 3);
    make_code(&literals, lengths, 19);
    while (nr < nr_literals + nr_distances && !s->bad) {
        u32 n = symbol(s, &literals), repeat = 1;
        u8 value = (u8)n;

        if (n >= 16) {
            value = n == 16 && nr ? lengths[nr - 1] : 0;
            repeat = n == 16 ? 3 + take(s, 2) : n == 17 ? 3 + take(s, 3) : 11 + take(s, 7);
        }
        s->bad |= n > 18 || nr + repeat > nr_literals + nr_distances;
        while (repeat-- && !s->bad)
            lengths[nr++] = value;
    }
    s->bad |= nr_literals > NR_LITERALS || nr_distances > NR_DISTANCES;
    if (s->bad)
        return;
    make_code(&literals, lengths, nr_literals);
    make_code(&distances, lengths + nr_literals, nr_distances);
    coded_block(s, &literals, &distances);
}

#define HEAD_BYTES    10
#define TRAILER_BYTES 8

u32 gunzip_size(const u8 *packed, size_t bytes)
{
    u32 size;

    __builtin_memcpy(&size, packed + bytes - sizeof(size), sizeof(size));
    return size;
}

int gunzip(const u8 *packed, size_t bytes, u8 *to)
{
    struct stream s = {.to = to, .to_start = to};
    bool last = false;

    if (bytes < HEAD_BYTES + TRAILER_BYTES || packed[0] != 0x1f || packed[1] != 0x8b || packed[2] != 8 || packed[3])
        return ERR_INVAL;
    s.from = packed + HEAD_BYTES;
    s.from_end = packed + bytes - TRAILER_BYTES;
    s.to_end = to + gunzip_size(packed, bytes);
    while (!last && !s.bad) {
        last = take(&s, 1);
        switch (take(&s, 2)) {
        case 0: stored_block(&s); break;
        case 1: fixed_block(&s); break;
        case 2: dynamic_block(&s); break;
        default: s.bad = true;
        }
    }
    return s.bad || s.to != s.to_end ? ERR_INVAL : 0;
}
