#include "workloads/replay/deck.h"
#include "workloads/lib/random.h"

void deck_open(struct deck *deck, u32 *sums)
{
    *deck = (struct deck){.sums = sums};
}

void deck_add(struct deck *deck, u32 count)
{
    deck->sums[++deck->kinds] = count;
    deck->left += count;
}

void deck_shuffle(struct deck *deck)
{
    for (u32 i = 1; i <= deck->kinds; i++) {
        u32 parent = i + (i & -i);
        if (parent <= deck->kinds)
            deck->sums[parent] += deck->sums[i];
    }
    for (deck->top = 1; deck->top * 2 <= deck->kinds;)
        deck->top *= 2;
}

u32 deck_draw(struct deck *deck, u32 bits)
{
    u32 card = random_below(bits, deck->left--), kind = 0;

    for (u32 step = deck->top; step; step /= 2) {
        u32 next = kind + step;
        if (next > deck->kinds)
            continue;
        if (deck->sums[next] <= card) {
            card -= deck->sums[next];
            kind = next;
        } else {
            deck->sums[next]--; /* the card's kind is among those that it sums */
        }
    }
    return kind;
}
