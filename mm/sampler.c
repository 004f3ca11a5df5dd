#include "mm/sampler.h"
#include "mm/memory.h"

/* The device's, not a space's: there is one ring. */
static struct sampler_user *users;
static u64 tail;

void sampler_attach(struct sampler_user *user, const struct space *space)
{
    sampler_detach(user);
    user->space = space;
    user->samples = space_page_array(space, user->samples, sizeof(u64));
    user->sampled = space_page_array(space, user->sampled, sizeof(u32));
    user->nr_sampled = 0;
    if (!users) /* what came before, nobody wants */
        model_doorbells->ring_tail = tail = model_header()->ring_head;
    user->next = users;
    users = user;
}

void sampler_detach(struct sampler_user *user)
{
    struct sampler_user **link = &users;

    while (*link && *link != user)
        link = &(*link)->next;
    if (*link)
        *link = user->next;
}

u64 sampler_filled(void)
{
    return model_header()->ring_head - tail;
}

static inline struct sampler_user *user_of(u32 page)
{
    struct sampler_user *user = users;

    while (user && page - user->space->first_page >= user->space->nr_pages)
        user = user->next;
    return user;
}

u64 sampler_drain(void)
{
    const volatile struct model_header *header = model_header();
    const volatile struct model_sample *ring = (const void *)(MODEL_VA + header->ring_offset);
    u64 head = header->ring_head, mask = header->ring_entries - 1, n = head - tail;

    for (; tail != head; tail++) {
        const volatile struct model_sample *record = &ring[tail & mask];
        struct sampler_user *user = user_of(record->page);
        u32 page;
        if (!user)
            continue;
        page = record->page - user->space->first_page;
        if (!user->samples[page])
            user->sampled[user->nr_sampled++] = page;
        user->samples[page] += record->store ? SAMPLE_STORE : SAMPLE_LOAD;
    }
    model_doorbells->ring_tail = tail;
    return n;
}
