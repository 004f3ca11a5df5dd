/*
 * Redis's dictionary (its dict.c, as of version 7, from its documentation): chained hashing that grows without a pause.
 *
 *      entries of 24 bytes {key, value, next}, new ones at the head of their chain; keys are separate objects
 *      two tables of buckets, powers of two. When an insertion finds used >= size, the second table gets the first
 * power of two >= 2 x used; from then on every operation moves one chain from the first to the second (and looks at no
 *      more than 10 empty ones), and a search looks into both, until the second becomes the first
 *      a removal that leaves less than a tenth of a table starts the same towards the first power >= used
 *
 * Entries hold no hash: to move one, its key is read again. Differs: the hash is not SipHash; no timer moves chains;
 * a removal resizes at once, where Redis leaves it to a timer.
 */
#pragma once

#include "workloads/lib/heap.h"

#define KV_DICT_INITIAL   4
#define KV_DICT_MAX_SHIFT 32

/* The memory that the store lives in; `at` is its first byte as of now. */
struct kv_memory {
    u8 *at;
    struct heap heap;
};

/* A string as sds keeps it: its length, what fits, flags, then the bytes and a zero. */
struct kv_string {
    u8 length, room, flags;
    char text[];
};

struct kv_entry {
    u64 key, value, next; /* offsets; the value's meaning is the caller's */
};

struct kv_table {
    u64 buckets, size, used; /* size 0: there is none */
};

struct kv_dict {
    struct kv_table table[2];
    s64 moving;                      /* the next chain of the first table to be moved; -1: none is */
    u64 given_up[KV_DICT_MAX_SHIFT]; /* former tables by log2 of their size, for when one is wanted again; 0: none */
};

static inline void *kv_at(const struct kv_memory *memory, u64 offset)
{
    return memory->at + offset;
}

/* 64 bits of a text. */
u64 kv_hash(const char *text, u32 length);

/* An empty dictionary with a table of KV_DICT_INITIAL buckets; false when the heap is full. Fresh heap must be zero. */
bool kv_dict_init(struct kv_dict *dict, struct kv_memory *memory);

/* The entry of a key, or null. */
struct kv_entry *kv_dict_find(struct kv_dict *dict, struct kv_memory *memory, const char *text, u32 length);

/* Adds a key of at most 255 bytes that is not there; null when the heap is full. */
struct kv_entry *kv_dict_add(struct kv_dict *dict, struct kv_memory *memory, const char *text, u32 length, u64 value);

/* Takes a key out and gives its entry back; false when it is not there. Its value is the caller's to free. */
bool kv_dict_remove(struct kv_dict *dict, struct kv_memory *memory, const char *text, u32 length, u64 *value);

/* How large the table is after so many insertions into an empty dictionary, and none removed. */
u64 kv_dict_size_after(u64 insertions);

/* Bytes of a string object. */
static inline u64 kv_string_bytes(u32 length)
{
    return sizeof(struct kv_string) + length + 1;
}
