/*
 * YCSB's requests (Cooper et al., SoCC'10; github.com/brianfrankcooper/YCSB, its workloads/ and generator/): which
 * operation comes next, and on which item. Items are numbered from 0 in the order of their creation; what they mean
 * (where a popular item lies in memory) is the store's affair.
 *
 *      uniform     every item alike
 *      zipfian     rank r has nearly the share 1/(r+1)^theta / zeta(n): the formula of Gray et al. (SIGMOD'94, figure
 * 11) that YCSB uses. It is exact for ranks 0 and 1 only: of 1000 items, the first ten get 39.8 %, not 38.3 %
 *      zipf-exact  exactly that share, by rejection-inversion (Hoermann, Derflinger, ACM TOMACS 6(3), 1996)
 *      scrambled   a rank of `zipfian` over 10^10 items, hashed (FNV-1a) onto the items. The hottest gets 3.8 %,
 *                  whatever their number
 *      latest      `zipfian` by age over the items that exist now, the newest first
 *      hotspot     a share of the operations goes to the first part of the items, uniformly, the others to the rest
 */
#pragma once

#include "kernel/types.h"

enum kv_kind { KV_READ, KV_UPDATE, KV_INSERT, KV_SCAN, KV_RMW, KV_NR_KINDS };
enum kv_dist { KV_UNIFORM, KV_ZIPFIAN, KV_ZIPF_EXACT, KV_SCRAMBLED, KV_LATEST, KV_HOTSPOT, KV_NR_DISTS };

struct kv_mix {
    const char *name;
    u8 percent[KV_NR_KINDS];
    enum kv_dist dist;
    u32 value_bytes;
};

/* The mix of a name, or null. */
const struct kv_mix *kv_mix_of(const char *name);

/* The distribution of a name; KV_NR_DISTS when there is none. */
enum kv_dist kv_dist_of(const char *name);
const char *kv_dist_name(enum kv_dist dist);

/* Draws what operation comes next; one random number each. */
enum kv_kind kv_draw_kind(const struct kv_mix *mix, u64 *random);

/* Sum of 1/k^theta for k from 1 to n, relative error below 1e-13; 0 < theta < 1, n >= 1. */
double kv_zeta(u64 n, double theta);

struct kv_zipf {
    u64 n;
    double theta, head, two; /* zeta of the terms that are added one by one; zeta(2) */
    double zeta, eta, alpha;
    double x1, xn, accept; /* of rejection-inversion */
};

/* Over n items, 0 < theta < 1; and for another n later. */
void kv_zipf_init(struct kv_zipf *zipf, u64 n, double theta);
void kv_zipf_resize(struct kv_zipf *zipf, u64 n);

/* Ranks from 0 to n - 1. */
u64 kv_zipf_gray(const struct kv_zipf *zipf, u64 *random);
u64 kv_zipf_exact(const struct kv_zipf *zipf, u64 *random);

/* FNV-1a, 64 bits, over the eight bytes of a number, lowest first; absolute value as signed, as in YCSB. */
u64 kv_fnv(u64 number);

#define KV_SCRAMBLED_RANKS 10000000000ull

struct kv_draw {
    enum kv_dist dist;
    u32 loaded;   /* items that exist from the start */
    u32 expected; /* items that may exist at the end, at least */
    u32 hot;      /* hotspot: items of the hot part */
    u32 hot_ops;  /* hotspot: percent of the draws that go there */
    struct kv_zipf zipf;
    u64 random;
};

/*
 * Prepares draws over items that may become more. As in YCSB, uniform and hotspot stay with those that were loaded, and
 * the Zipf distributions are over those expected: a draw that does not exist yet is drawn again.
 */
void kv_draw_init(struct kv_draw *draw, enum kv_dist dist, u32 loaded, u32 expected, double theta, u64 seed);

/* The next item, below `present`, of which there is at least one. */
u32 kv_draw_item(struct kv_draw *draw, u32 present);
