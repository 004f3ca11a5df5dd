#include "workloads/kv/draw.h"
#include "lib/string.h"
#include "workloads/lib/fmath.h"
#include "workloads/lib/random.h"

/* YCSB's workloads A to F: 10 fields of 100 bytes. `zipfian` in its files means the scrambled one. vtmm: the key-value
 * store of vTMM's evaluation (EuroSys'23), half reads, half updates, 80 % of them on 20 % of the data, pages as values.
 */
static const struct kv_mix mixes[] = {
    {"a", {[KV_READ] = 50, [KV_UPDATE] = 50}, KV_SCRAMBLED, 1000},
    {"b", {[KV_READ] = 95, [KV_UPDATE] = 5}, KV_SCRAMBLED, 1000},
    {"c", {[KV_READ] = 100}, KV_SCRAMBLED, 1000},
    {"d", {[KV_READ] = 95, [KV_INSERT] = 5}, KV_LATEST, 1000},
    {"e", {[KV_SCAN] = 95, [KV_INSERT] = 5}, KV_SCRAMBLED, 1000},
    {"f", {[KV_READ] = 50, [KV_RMW] = 50}, KV_SCRAMBLED, 1000},
    {"vtmm", {[KV_READ] = 50, [KV_UPDATE] = 50}, KV_HOTSPOT, 4096},
};

static const char *const dist_names[KV_NR_DISTS] = {"uniform",   "zipfian", "zipf-exact",
                                                    "scrambled", "latest",  "hotspot"};

const struct kv_mix *kv_mix_of(const char *name)
{
    for (u32 i = 0; i < ARRAY_SIZE(mixes); i++)
        if (!strcmp(mixes[i].name, name))
            return &mixes[i];
    return NULL;
}

enum kv_dist kv_dist_of(const char *name)
{
    enum kv_dist dist = 0;

    while (dist < KV_NR_DISTS && strcmp(dist_names[dist], name))
        dist++;
    return dist;
}

const char *kv_dist_name(enum kv_dist dist)
{
    return dist_names[dist];
}

enum kv_kind kv_draw_kind(const struct kv_mix *mix, u64 *random)
{
    u32 r = random_below((u32)(random_next(random) >> 32), 100);
    enum kv_kind kind = 0;

    for (; r >= mix->percent[kind]; kind++)
        r -= mix->percent[kind];
    return kind;
}

/* From 0 to 1 - 2^-53. */
static double random_unit(u64 *random)
{
    return (double)(s64)(random_next(random) >> 11) * 0x1p-53;
}

/* --- Zipf ------------------------------------------------------------------------------------------------------- */

/*
 * Terms up to HEAD are added, smallest first; the rest by the Euler-Maclaurin formula (e.g. NIST DLMF 2.10.1), of which
 * the first term left out is below theta (theta + 1) (theta + 2) / 720 HEAD^(-theta - 3) < 1e-11 / HEAD^theta.
 */
#define HEAD 1000

static double zeta_head(u64 n, double theta)
{
    double sum = 0;

    for (u64 k = n; k > 0; k--)
        sum += fmath_pow((double)(s64)k, -theta);
    return sum;
}

static double zeta_from_head(u64 n, double theta, double head)
{
    double m = HEAD, last = (double)(s64)n, pm, pn;

    if (n <= HEAD)
        return zeta_head(n, theta);
    pm = fmath_pow(m, -theta);
    pn = fmath_pow(last, -theta);
    return head + (last * pn - m * pm) / (1 - theta) + (pn - pm) / 2 + theta / 12 * (pm / m - pn / last);
}

double kv_zeta(u64 n, double theta)
{
    return zeta_from_head(n, theta, n > HEAD ? zeta_head(HEAD, theta) : 0);
}

/* The integral of x^-theta, and its inverse. */
static double integral(const struct kv_zipf *z, double x)
{
    return fmath_pow(x, 1 - z->theta) * z->alpha;
}

static double integral_inverse(const struct kv_zipf *z, double y)
{
    return fmath_pow(y * (1 - z->theta), z->alpha);
}

void kv_zipf_init(struct kv_zipf *zipf, u64 n, double theta)
{
    *zipf = (struct kv_zipf){.theta = theta, .head = zeta_head(HEAD, theta), .alpha = 1 / (1 - theta)};
    zipf->two = 1 + fmath_pow(0.5, theta);
    kv_zipf_resize(zipf, n);
}

void kv_zipf_resize(struct kv_zipf *zipf, u64 n)
{
    double theta = zipf->theta;

    if (zipf->n == n)
        return;
    zipf->n = n;
    zipf->zeta = zeta_from_head(n, theta, zipf->head);
    zipf->eta = n > 2 ? (1 - fmath_pow(2 / (double)(s64)n, 1 - theta)) / (1 - zipf->two / zipf->zeta) : 0;
    zipf->x1 = integral(zipf, 1.5) - 1;
    zipf->xn = integral(zipf, (double)(s64)n + 0.5);
    zipf->accept = 2 - integral_inverse(zipf, integral(zipf, 2.5) - fmath_pow(2, -theta));
}

u64 kv_zipf_gray(const struct kv_zipf *zipf, u64 *random)
{
    double u = random_unit(random), uz = u * zipf->zeta;
    u64 rank;

    if (uz < 1 || zipf->n == 1)
        return 0;
    if (uz < zipf->two || zipf->n == 2)
        return 1;
    rank = (u64)(s64)((double)(s64)zipf->n * fmath_pow(zipf->eta * u - zipf->eta + 1, zipf->alpha));
    return MIN(rank, zipf->n - 1);
}

/*
 * Draws x by inverting the integral and rounds it to k. That is right but for what the area under the curve from
 * k - 1/2 to k + 1/2 exceeds k^-theta, which is rejected; `accept` spares most draws the test.
 */
u64 kv_zipf_exact(const struct kv_zipf *zipf, u64 *random)
{
    for (;;) {
        double y = zipf->xn + random_unit(random) * (zipf->x1 - zipf->xn), x = integral_inverse(zipf, y);
        u64 k = (u64)(s64)(x + 0.5);
        double near;

        k = MIN(MAX(k, 1), zipf->n);
        near = (double)(s64)k;
        if (near - x <= zipf->accept || y >= integral(zipf, near + 0.5) - fmath_pow(near, -zipf->theta))
            return k - 1;
    }
}

u64 kv_fnv(u64 number)
{
    u64 hash = 0xcbf29ce484222325ull;

    for (int i = 0; i < 8; i++, number >>= 8)
        hash = (hash ^ (number & 0xff)) * 1099511628211ull;
    return hash >> 63 ? -hash : hash;
}

/* --- items ------------------------------------------------------------------------------------------------------ */

void kv_draw_init(struct kv_draw *draw, enum kv_dist dist, u32 loaded, u32 expected, double theta, u64 seed)
{
    u64 ranks = dist == KV_SCRAMBLED ? KV_SCRAMBLED_RANKS : dist == KV_LATEST ? loaded : expected;

    draw->dist = dist;
    draw->loaded = loaded;
    draw->expected = expected;
    draw->random = seed;
    if (dist != KV_UNIFORM && dist != KV_HOTSPOT)
        kv_zipf_init(&draw->zipf, ranks, theta);
}

static u32 draw_hotspot(struct kv_draw *d)
{
    u64 r = random_next(&d->random);
    u32 bits = (u32)(r >> 32), cold = d->loaded - d->hot;
    bool is_hot = !cold || (d->hot && random_below((u32)r, 100) < d->hot_ops);

    return is_hot ? random_below(bits, d->hot) : d->hot + random_below(bits, cold);
}

u32 kv_draw_item(struct kv_draw *draw, u32 present)
{
    u64 item;

    switch (draw->dist) {
    case KV_UNIFORM:
        return random_below((u32)(random_next(&draw->random) >> 32), draw->loaded);
    case KV_HOTSPOT:
        return draw_hotspot(draw);
    case KV_LATEST:
        kv_zipf_resize(&draw->zipf, present);
        return present - 1 - (u32)kv_zipf_gray(&draw->zipf, &draw->random);
    default:
        do
            item = draw->dist == KV_SCRAMBLED    ? kv_fnv(kv_zipf_gray(&draw->zipf, &draw->random)) % draw->expected
                   : draw->dist == KV_ZIPF_EXACT ? kv_zipf_exact(&draw->zipf, &draw->random)
                                                 : kv_zipf_gray(&draw->zipf, &draw->random);
        while (item >= present);
        return (u32)item;
    }
}
